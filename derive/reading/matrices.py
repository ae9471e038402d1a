"""Matrix products, read as sums over elements: X W, X^T (P - Y), w^T x, p p^T, A x ⊙ b."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Mul

from derive.errors import DeriveError
from derive.language import Sum
from derive.reading.environment import Env
from derive.reading.kinds import SCALAR, Kind, Unit, grouped, joined
from derive.reading.row import Row
from derive.reading.scripts import is_transposed, untransposed
from derive.reading.tokens import Place


@dataclass(frozen=True)
class Factor:
    """A factor of a product: its kind, and its element at a row and a column position."""

    kind: Kind
    place: Place
    at: Callable[[Env, Any, Any], Expr]


def is_product(made: Sequence[Unit]) -> bool:
    """Whether the units multiply as matrices: two are more than numbers, or one is transposed."""
    whole = [u for u in made if u.kind.rank]
    return (
        len(whole) > 1
        or any(u.kind.cols and not u.kind.rows for u in whole)
        or any(len(u.items) == 1 and is_transposed(u.items[0]) for u in whole)
    )


def product(row: Row, made: Sequence[Unit]) -> None:
    """Append the factors of a row whose units multiply as matrices."""
    for group in grouped(made):
        scalars = [u for u in group if u.kind == SCALAR]
        factors = [f for unit in scalars for f in row.part(unit.items, row.env)]
        whole = _folded(row, [u for u in group if u.kind != SCALAR])
        factors += [placed(row, whole)] if whole is not None else []
        if group[0].sign == "oslash":
            factors = [row.reader.power(f, Integer(-1), group[0].items[0].place) for f in factors]
        row.factors += factors


def placed(row: Row, made: Factor) -> Expr:
    """The product at the positions that its surroundings give it."""
    env, rank = row.env, made.kind.rank
    if rank == 0:
        return made.at(env, None, None)
    if len(env.places) != rank:
        what = "matrix" if rank == 2 else "vector"
        raise DeriveError(
            f"a {what} stands here; write its indices, or make both sides of one shape", made.place
        )
    first, last = env.places[0], env.places[-1]
    return made.at(env, first, last)


def _folded(row: Row, made: Sequence[Unit]) -> Factor | None:
    left: Factor | None = None
    for count, unit in enumerate(made):
        right = _leaf(row, unit)
        left = right if left is None else _times(row, left, right, unit.sign, count == 1)
    return left


def _leaf(row: Row, unit: Unit) -> Factor:
    """One unit as a factor; the positions of A^T are exchanged."""
    item, place = unit.items[0], unit.items[0].place
    turned = len(unit.items) == 1 and is_transposed(item)
    items = (untransposed(item),) if turned else unit.items

    def at(env: Env, r: Any, c: Any) -> Expr:
        places = (c, r) if turned and unit.kind.rank == 2 else (r, c)
        used = tuple(p for p, has in zip(places, _positions(unit.kind), strict=True) if has)
        return Mul(*row.part(items, env.at(used, place)))

    return Factor(unit.kind, place, at)


def _positions(kind: Kind) -> tuple[bool, bool]:
    return kind.rows, kind.cols


def _times(row: Row, left: Factor, right: Factor, sign: str, first: bool) -> Factor:
    kind = None if sign == "times" else joined(left.kind, right.kind, sign == "cdot", first)
    if kind is None:
        raise DeriveError(_misfit(left, right), right.place)
    if SCALAR in (left.kind, right.kind) or (left.kind.rank == right.kind.rank == 1 == kind.rows):
        return Factor(kind, left.place, lambda e, r, c: left.at(e, r, c) * right.at(e, r, c))
    as_row = not left.kind.cols

    def at(env: Env, r: Any, c: Any) -> Expr:
        k = row.reader.fresh(right.place, env, "product")
        inner = env.binding(k)
        before = left.at(inner, k, None) if as_row else left.at(inner, r, k)
        return Sum(before * right.at(inner, k, c), k)

    return Factor(kind, left.place, at)


def _misfit(left: Factor, right: Factor) -> str:
    if left.kind.rank == right.kind.rank == 1:
        return "two vectors side by side; write a^\\top b, a \\odot b, or indices"
    return "these shapes do not fit a matrix product; transpose one, or write the indices"
