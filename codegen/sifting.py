"""Sums brought into form: no δ of the own index, no constant factors, split where that helps.

With b₁ and b₀ the body for δ_kj = 1 and 0, Σ_k b = (b₁ - b₀)[k := j] + Σ_k b₀.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Integer, Mul, expand

from codegen.stability import CONSTANT_FACTOR, SIFTING, SUM_OF_TERMS, SUMS_SWAP, Rewrite
from derive.language import Binder, Delta, Index, Sum
from derive.terms import all_indices, free_indices, rebuild, rename, replace

Used = dict[str, Rewrite]


def sift(expr: Expr, used: Used, spread: bool = False) -> Expr:
    """Every sum in form; the rules that were needed are noted in `used`.

    With `spread` only those that depend on another class: a share is unfolded then, and its
    numerator must not be parted from its denominator.
    """
    if not expr.args or isinstance(expr, (Index, Delta)):
        return expr
    made = rebuild(expr, (sift(a, used, spread) for a in expr.args))
    if not isinstance(made, Sum) or (spread and not _others(made)):
        return made
    return _form(made, used)


def _others(total: Sum) -> set[Index]:
    """The class indices that a sum depends on."""
    inside = free_indices(total.body) - {total.index}
    return {i for i in inside if i.range == total.index.range}


def _form(total: Expr, used: Used) -> Expr:
    """Over several ranges what does not depend on the index comes first: a table has fewer indices
    without it.  In a row a share is sifted whole."""
    if not isinstance(total, Sum):
        return total
    several = len({i.range for i in free_indices(total.body)}) > 1
    ways = (_swap, _draw_out, _sift) if several else (_sift, _swap, _draw_out)
    made = (way(total, used) for way in (*ways, _split))
    return next(e for e in made if e is not None)


def _sift(total: Sum, used: Used) -> Expr | None:
    partner = None if total.excluded else _partner(total.body, total.index)
    if partner is None:
        return None
    used[SIFTING.name] = SIFTING
    return _sift_one(total, partner, used)


def _swap(total: Sum, used: Used) -> Expr | None:
    swapped = _swapped(total)
    if swapped is None:
        return None
    used[SUMS_SWAP.name] = SUMS_SWAP
    return sift(swapped, used)


def _draw_out(total: Sum, used: Used) -> Expr | None:
    constant, varying = _factors(total.body, total.index)
    if not constant:
        return None
    used[CONSTANT_FACTOR.name] = CONSTANT_FACTOR
    return Mul(*constant, _form(Sum(Mul(*varying), *total.args[1:]), used))


def _swapped(total: Sum) -> Expr | None:
    """Σ_k f Σ_r g h as Σ_r g Σ_k f h for a g that does not depend on k: alone, or where a table of
    the inner sum would have more indices than one of f h."""
    factors = Mul.make_args(total.body)
    inner = next((f for f in factors if isinstance(f, Sum)), None)
    if inner is None or total.excluded or inner.excluded:
        return None
    f = Mul(*(x for x in factors if x is not inner))
    if inner.index in all_indices(f):
        return None
    constant, varying = _factors(inner.body, total.index)
    fewer = len(free_indices(f * Mul(*varying))) < len(free_indices(inner.body))
    if not constant or (f != 1 and not fewer):
        return None
    return Sum(Sum(f * inner.body, total.index), inner.index)


def _factors(body: Expr, k: Index) -> tuple[list[Expr], list[Expr]]:
    factors = Mul.make_args(body)
    varying = [f for f in factors if k in free_indices(f)]
    return (
        ([], list(factors)) if not varying else ([f for f in factors if f not in varying], varying)
    )


def _split(total: Sum, used: Used) -> Expr:
    """A sum that depends on another class is split, so that no part does; and one over products
    that are products of matrices only where they are multiplied out."""
    apart = _others(total) or _made_of_matrices(total.body)
    body = expand(total.body) if apart else total.body
    if not apart or not isinstance(body, Add):
        return total
    used[SUM_OF_TERMS.name] = SUM_OF_TERMS
    return Add(*(_form(Sum(term, *total.args[1:]), used) for term in body.args))


def _made_of_matrices(body: Expr) -> bool:
    """Y_sk (W_bk - f_sb): a table over all three indices, where each term has two of them."""
    every = free_indices(body)
    sums = [f for f in Mul.make_args(body) if isinstance(f, Add) and free_indices(f) == every]
    return len(every) > 2 and any(free_indices(t) < every for f in sums for t in f.args)


def _sift_one(total: Sum, partner: Any, used: Used) -> Expr:
    on, off = (_set(total.body, Delta(total.index, partner), value) for value in (1, 0))
    taken = rename(expand(on - off), {total.index: partner})
    return taken + (_form(Sum(off, total.index), used) if off != 0 else 0)


def _partner(body: Expr, k: Index) -> Any:
    """What k is compared with outside of inner binders, or None."""
    if isinstance(body, Delta):
        return next((b for a, b in (body.args, body.args[::-1]) if a == k), None)
    if isinstance(body, (Binder, Index)):
        return None
    return next((p for a in body.args if (p := _partner(a, k)) is not None), None)


def _set(body: Expr, delta: Delta, value: int) -> Expr:
    return replace(body, lambda e: Integer(value) if e == delta else None)
