"""Softmax, log-softmax and log-sum-exp of vectors, matrices and elements."""

from __future__ import annotations

from typing import Any

from sympy import Expr

from derive.errors import DeriveError
from derive.language import Exp, Index, Log, Sum
from derive.reading.inference import inferred
from derive.reading.row import Row
from derive.reading.syntax import Bracket, Chain, Name, Scripted, chain_of, sole
from derive.reading.tokens import Place
from derive.reading.vectors import rank
from derive.terms import free_indices, rename

SOFT = frozenset({"softmax", "logsoftmax", "logsumexp"})


def soft(row: Row, script: Scripted, name: str) -> Expr:
    """softmax(v)_i, softmax_i(v), softmax(v) along the axis, softmax(z_i) for an element."""
    item = row.take()
    base = item.base if isinstance(item, Scripted) else item
    if isinstance(base, Name) and not isinstance(item, Scripted):
        base = Bracket(base.place, "(", (chain_of(base),))
    if (
        not isinstance(base, Bracket)
        or base.kind == "norm"
        or len(base.items) != 1
        or script.sup
        or script.primes
    ):
        raise DeriveError(f"expected one vector in parentheses after {name}", item.place)
    _mark_whole(row, base.items[0])
    sub = script.sub or (item.sub if isinstance(item, Scripted) else ())
    places = row.reader.positions(sub, row.env) if sub else row.env.places
    value = _soft(row, base, places, name)
    power = item.sup if isinstance(item, Scripted) else ()
    return row.reader.power(value, row.argument(power), item.place) if power else value


def _mark_whole(row: Row, inner: Chain) -> None:
    """softmax(z) of a bare name says that z is a vector; softmax(XW + b) is read as a product."""
    for _, items in inner.exprs[0].parts:
        inferred(row.names, items, max(1, len(row.env.places)))
    name = sole(inner)
    if isinstance(name, Name):
        resolved = row.names.resolve(name.key, name.place)
        if not row.names.rank(resolved) and not row.names.is_declared(name.key):
            row.names.whole.add(resolved)


def _soft(row: Row, base: Bracket, places: tuple[Any, ...], name: str) -> Expr:
    """Along the last axis of what stands in the bracket, at the places given."""
    reader, env, inner = row.reader, row.env.deeper(base.place), base.items[0]
    axes = rank(row.names, inner)
    if not axes:
        return _of_element(row, base, name)
    index = reader.fresh(base.place, env, name)
    wanted = axes - (name == "logsumexp")
    if len(places) < wanted and not reader.final:
        places = (*places, *[index] * (wanted - len(places)))  # not known yet what this stands in
    if len(places) != wanted and not (name == "logsumexp" and axes == 1):
        what = "a vector" if wanted == 1 else "a matrix"
        raise DeriveError(f"{name}(...) is {what}; write its index, {name}(...)_i", base.place)
    rows = places[: axes - 1]
    summed = Sum(Exp(reader.expr(inner, env.binding(index).at((*rows, index), base.place))), index)
    if name == "logsumexp":
        return Log(summed)
    _join(row, index, places[-1], base.place, name)
    value = reader.expr(inner, env.at(places, base.place))
    return value - Log(summed) if name == "logsoftmax" else Exp(value) / summed


def _join(row: Row, index: Index, at: Any, place: Place, name: str) -> None:
    if isinstance(at, Index):
        row.names.ranges.same(
            row.reader.key_of(index), row.reader.key_of(at), f"the index of {name}", place
        )


def _of_element(row: Row, base: Bracket, name: str) -> Expr:
    """softmax(z_i) is softmax(z)_i: the one free index runs in the sum."""
    value = row.reader.expr(base.items[0], row.env.deeper(base.place))
    loose = sorted(free_indices(value), key=str)
    if len(loose) != 1 or name == "logsumexp":
        raise DeriveError(
            f"which index {name} runs over can be read in several ways; write {name}(z)_i",
            base.place,
        )
    index = row.reader.fresh(base.place, row.env, name)
    _join(row, index, loose[0], base.place, name)
    summed = Sum(Exp(rename(value, {loose[0]: index})), index)
    return value - Log(summed) if name == "logsoftmax" else Exp(value) / summed
