"""Norms ‖v‖, ‖v‖_1, ‖v‖_p, ‖v‖_∞, ‖A‖_F and inner products ⟨a, b⟩, as sums over elements."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Integer, Pow, Rational

from derive.errors import DeriveError
from derive.language import Abs, Max, Sum
from derive.reading.environment import Env
from derive.reading.inference import inferred, whole_element, whole_parts
from derive.reading.row import Reads, Row
from derive.reading.scope import MATRICES, Names
from derive.reading.scripts import counted
from derive.reading.syntax import Bracket, Chain, Mark, Name, Number, Scripted, Syntax, sole
from derive.reading.tokens import Place
from derive.reading.vectors import rank

HALF = Rational(1, 2)


def normed(row: Row, item: Scripted, base: Bracket) -> Expr:
    """A norm with its order below and its power above."""
    order = sole(item.sub[0]) if len(item.sub) == 1 else None
    if item.primes or (item.sub and order is None):
        raise DeriveError("which norm is meant is not said; write the sum out", item.place)
    power = row.argument(item.sup) if item.sup else Integer(1)
    return _norm(row.reader, base, order, power, row.env, item.place)


def norm(reader: Reads, node: Bracket, env: Env) -> Expr:
    """‖v‖, the Euclidean norm of a vector."""
    return _norm(reader, node, None, Integer(1), env, node.place)


def _norm(
    reader: Reads, node: Bracket, order: Syntax | None, power: Expr, env: Env, place: Place
) -> Expr:
    inner, frobenius = node.items[0], isinstance(order, Name) and order.key in ("F", "Fro")
    _note(reader, inner, frobenius)
    axes = rank(reader.names, inner)
    if axes == 0:
        raise DeriveError(
            "a norm of something that is not a vector; use |x|, or write the sum", node.place
        )
    if axes == 2 and not frobenius:
        raise DeriveError(
            "which norm of a matrix is meant is not said; write \\|A\\|_F, or the sum", node.place
        )
    if frobenius or order is None or (isinstance(order, Number) and order.written == "2"):
        squares = _summed(reader, inner, env, lambda x: x**2)
        return reader.power(squares, power * HALF, place)
    return reader.power(_other(reader, inner, order, env), power, place)


def _other(reader: Reads, inner: Chain, order: Syntax, env: Env) -> Expr:
    """The norms of order 1, p and ∞."""
    if isinstance(order, Mark) and order.kind == "infinity":
        index = reader.fresh(inner.place, env, "norm")
        return Max(Abs(reader.expr(inner, env.along(index).binding(index))), index)
    if isinstance(order, Number) and order.written == "1":
        return _summed(reader, inner, env, Abs)
    lone = isinstance(order, Name) and len(order.key) == 1 and order.key in "pqr"
    if not lone and not isinstance(order, Number):
        raise DeriveError("this norm is not read; write the sum out", order.place)
    p = reader.atom(order, env.at((), order.place))
    sums = _summed(reader, inner, env, lambda x: Pow(Abs(x), p))
    return Pow(sums, reader.power(p, Integer(-1), order.place))


def _summed(reader: Reads, inner: Chain, env: Env, of: Callable[[Expr], Expr]) -> Expr:
    """The sum over all elements of a vector or a matrix."""
    bound = []
    for at in range(rank(reader.names, inner)):
        index = reader.fresh(inner.place, env, f"norm{at}")
        env = env.binding(index)
        bound.append(index)
    made = of(reader.expr(inner, env.at(tuple(bound), inner.place)))
    for index in reversed(bound):
        made = Sum(made, index)
    return made


def _note(reader: Reads, inner: Chain, frobenius: bool) -> None:
    """What stands in a norm is a vector: for numbers one writes |a - b|."""
    names = reader.names
    _rows(names, inner)
    for _, items in inner.exprs[0].parts:
        inferred(names, items, 1 + frobenius)
        name = items[0]
        lone = len(items) == 1 and isinstance(name, Name) and rank(names, name) == 0
        if lone and isinstance(name, Name) and not frobenius and name.key in MATRICES:
            raise DeriveError(
                f"{name.key} may be a vector or a matrix here; write \\|{name.key}\\|_F for a "
                f"matrix, \\mathbf for a vector",
                name.place,
            )
        if lone and isinstance(name, Name) and frobenius and not names.is_declared(name.key):
            names.matrices.add(names.known(name.key))
    whole_parts(names, inner)


def _rows(names: Names, inner: Chain) -> None:
    """In ‖x_r - c_r‖ all are rows of matrices, if one is known to have two indices elsewhere."""
    lone = [items[0] for _, items in inner.exprs[0].parts if len(items) == 1]
    parts = [item for item in lone if isinstance(item, Scripted) and isinstance(item.base, Name)]
    keys = {item: names.known(item.base.key) for item in parts if isinstance(item.base, Name)}
    if any(names.arity.get(key) == counted(item.sub) + 1 for item, key in keys.items()):
        for item in parts:
            whole_element(names, item)
        names.rows.update(keys.values())


def inner_product(reader: Reads, node: Bracket, env: Env) -> Expr:
    """⟨a, b⟩ = Σ a_k b_k, and ⟨A, B⟩ = Σ A_ij B_ij."""
    axes = {rank(reader.names, i) for i in node.items}
    if len(node.items) != 2 or axes not in ({1}, {2}):
        raise DeriveError("expected two vectors between the angle brackets", node.place)
    a, b = node.items
    bound = []
    for at in range(axes.pop()):
        index = reader.fresh(node.place, env, f"inner{at}")
        env = env.binding(index)
        bound.append(index)
    inner = env.at(tuple(bound), node.place)
    made = reader.expr(a, inner) * reader.expr(b, inner)
    for index in reversed(bound):
        made = Sum(made, index)
    return made
