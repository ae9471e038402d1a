"""max and min: over an index, of a list, of a whole vector."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import Index, Max, Maximum
from derive.reading.binders import Bound, bind, bounds_of
from derive.reading.ellipsis import listed
from derive.reading.row import Row
from derive.reading.syntax import Bracket, Name, Scripted, Syntax
from derive.terms import free_indices, rename


def extreme(row: Row, script: Scripted, name: str) -> Expr:
    """max_k z_k, max(a, b), max{z_k}, max(z) of a whole vector; min likewise."""
    if name in ("arg", "argmax", "argmin"):
        raise DeriveError(
            "arg max stands only in an indicator: 1[j = arg max_k z_k]; it has no derivative",
            script.place,
        )
    if script.sup or script.primes:
        raise DeriveError(
            f"a power of {name} can be read in two ways; add parentheses", script.place
        )
    sign = Integer(1) if name == "max" else Integer(-1)
    if script.sub:
        bounds = bounds_of(script.sub, ())
        return bind(row, Max if name == "max" else _least, bounds, script.place)
    return _listed(row, script, sign, name)


def clipped(row: Row, script: Scripted) -> Expr:
    """clip(x, a, b): x, but no smaller than a and no larger than b."""
    item = row.take()
    if not isinstance(item, Bracket) or len(item.items) != 3 or script.sub or script.sup:
        raise DeriveError("expected clip(x, a, b)", item.place)
    env = row.env.deeper(item.place)
    value, least, most = (row.reader.expr(c, env) for c in item.items)
    return -Maximum(-Maximum(value, least), -most)


def _least(body: Expr, index: Index, *excluded: Any) -> Expr:
    """min is -max of the opposite."""
    return -Max(-body, index, *excluded)


def _listed(row: Row, script: Scripted, sign: Integer, name: str) -> Expr:
    item = row.take()
    base = item.base if isinstance(item, Scripted) else item
    if isinstance(base, Name) and row.reader.rank(base) and item is base:
        return _whole(row, base, sign)
    if not isinstance(base, Bracket) or base.kind not in ("(", "{", "["):
        raise DeriveError(f"expected {name}_k, or a list in parentheses after {name}", item.place)
    env = row.env.deeper(base.place)
    found = listed(base.items, base.place)
    if found is not None:
        made = Max if name == "max" else _least
        bound = Bound(found.letter, base.place, found.size)
        value = bind(type(row)(row.reader, found.member, row.env), made, [bound], base.place)
    elif len(base.items) == 1:
        value = _set(row, base, sign, name)
    else:
        values = [sign * row.reader.expr(c, env) for c in base.items]
        made = values[0]
        for other in values[1:]:
            made = Maximum(made, other)
        value = sign * made
    if isinstance(item, Scripted):
        return row.reader.power(value, row.argument(item.sup), item.place)
    return value


def _whole(row: Row, node: Syntax, sign: Integer) -> Expr:
    index = row.reader.fresh(node.place, row.env, "max")
    body = row.reader.atom(node, row.env.along(index).binding(index))
    return sign * Max(sign * body, index)


def _set(row: Row, base: Bracket, sign: Integer, name: str) -> Expr:
    """max{z_k} runs over k; max(z) over a vector; max(z_k) says nothing."""
    if row.reader.rank(base.items[0]):
        return _whole(row, base, sign)
    value = row.reader.expr(base.items[0], row.env.deeper(base.place))
    loose = free_indices(value) - set(row.env.bound.values())
    if base.kind != "{" or len(loose) != 1:
        raise DeriveError(f"which index {name} runs over is not said; write {name}_k", base.place)
    (old,) = loose
    index = row.reader.bind(old.name, ("set", row.reader.formula, base.place))
    row.names.ranges.same(row.reader.key_of(index), row.reader.key_of(old), name, base.place)
    row.reader.bare_sums[old.name] = base.place
    return sign * Max(sign * rename(value, {old: index}), index)
