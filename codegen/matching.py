"""Matching an expression against the left side of a rule, up to the order of sums and products.

In a pattern an array with one index stands for any expression in that index, an array without
indices for any expression, and an index for any position.  Bound indices match bound indices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as replace_fields
from typing import Any

from sympy import Add, Expr, Mul

from derive.language import Array, At, Binder, Index
from derive.terms import (
    all_indices,
    apart,
    arrays,
    free_indices,
    fresh,
    rebuild,
    rename,
    replace,
    same,
)  # fmt: skip

MARK = Index("_here")


@dataclass(frozen=True)
class Binding:
    """What the holes of a pattern stand for: bodies in the index `MARK`, positions, and ranges."""

    arrays: dict[Array, Expr] = field(default_factory=dict)
    places: dict[Any, Any] = field(default_factory=dict)
    ranges: dict[str, str] = field(default_factory=dict)

    def with_array(self, array: Array, body: Expr) -> Binding:
        return replace_fields(self, arrays={**self.arrays, array: body})

    def with_place(self, index: Any, place: Any) -> Binding:
        return replace_fields(self, places={**self.places, index: place})

    def with_range(self, range: str, given: str) -> Binding:
        return replace_fields(self, ranges={**self.ranges, range: given})


def fill(pattern: Expr, b: Binding) -> Expr:
    """The pattern with its holes filled; unbound indices stay as they are.

    Positions come first: what fills a hole may use an index that has a meaning in the pattern too.
    """

    def hole(e: Expr) -> Expr | None:
        if isinstance(e, At) and e.array in b.arrays:
            body = b.arrays[e.array]
            if not e.indices:
                return body
            return rename(apart(body, all_indices(e)), {MARK: e.indices[0]})
        return None

    taken = frozenset().union(*(all_indices(x) for x in b.arrays.values()), b.places.values())
    placed = rename(apart(_ranged(pattern, b.ranges), taken), b.places)
    return replace(placed, hole)


def _ranged(pattern: Expr, ranges: Mapping[str, str]) -> Expr:
    """The pattern with its bound indices over the ranges that they stand for."""
    if not pattern.args or isinstance(pattern, Index):
        return pattern
    if isinstance(pattern, Binder):
        own = pattern.index
        over = Index(own.name, ranges.get(own.range, own.range))
        body = rename(pattern.body, {own: over})
        return pattern.func(_ranged(body, ranges), over, *pattern.excluded)
    return rebuild(pattern, (_ranged(p, ranges) for p in pattern.args))


def matches(pattern: Expr, expr: Expr, b: Binding) -> Iterator[Binding]:
    """Every way to fill the holes so that the pattern is the expression."""
    if _closed(pattern, b):
        yield from _solve(pattern, expr, b)
    elif isinstance(pattern, At):
        yield from _match_hole(pattern, expr, b)
    elif isinstance(pattern, Binder):
        yield from _match_binder(pattern, expr, b)
    elif isinstance(pattern, (Add, Mul)):
        if isinstance(expr, pattern.func):
            parts = sorted(pattern.args, key=lambda p: _readiness(p, b))
            yield from _match_every(tuple(parts), tuple(expr.args), expr.func, b)
    elif type(pattern) is type(expr) and len(pattern.args) == len(expr.args):
        yield from _match_all(pattern.args, expr.args, b)


def partial_matches(
    pattern: Expr, expr: Expr, b: Binding
) -> Iterator[tuple[Binding, tuple[Expr, ...]]]:
    """Ways to match a sum or product with some of the operands; the others are left over."""
    if isinstance(pattern, (Add, Mul)) and isinstance(expr, pattern.func):
        parts = sorted(pattern.args, key=lambda p: _readiness(p, b))
        yield from _match_some(tuple(parts), tuple(expr.args), b)
    elif not isinstance(pattern, (Add, Mul)):
        yield from ((m, ()) for m in matches(pattern, expr, b))


def _readiness(pattern: Expr, b: Binding) -> tuple[bool, int, bool]:
    """Operands that fix holes come first: binders, then what stands at known positions."""
    unknown = [i for i in free_indices(pattern) if i not in b.places]
    bare = isinstance(pattern, At) and not pattern.indices
    return (not pattern.has(Binder), len(unknown), bare)


def _closed(pattern: Expr, b: Binding) -> bool:
    return all(a in b.arrays for a in arrays(pattern))


def _solve(pattern: Expr, expr: Expr, b: Binding) -> Iterator[Binding]:
    """All arrays are known: try the positions of the expression for the indices still open."""
    open_places = [i for i in free_indices(pattern) if i not in b.places]
    if not open_places:
        if same(fill(pattern, b), expr):
            yield b
        return
    first = min(open_places, key=str)
    for place in sorted(free_indices(expr), key=str):
        yield from _solve(pattern, expr, b.with_place(first, place))


def _match_hole(pattern: At, expr: Expr, b: Binding) -> Iterator[Binding]:
    if not pattern.indices:
        if not any(str(i).startswith("_b") for i in free_indices(expr)):
            yield b.with_array(pattern.array, expr)
        return
    place = b.places.get(pattern.indices[0])
    if place is not None and len(pattern.indices) == 1:
        yield b.with_array(pattern.array, rename(expr, {place: MARK}))


def _match_binder(pattern: Binder, expr: Expr, b: Binding) -> Iterator[Binding]:
    if type(pattern) is not type(expr) or len(pattern.args) != len(expr.args):
        return
    given = expr.index.range
    if b.ranges.get(pattern.index.range, given) != given:
        return
    bound = fresh(Index(f"_b{len(b.places)}", given), b.places.values())
    inner = b.with_place(pattern.index, bound).with_range(pattern.index.range, given)
    for m in matches(pattern.body, rename(expr.body, {expr.index: bound}), inner):
        if any(bound in free_indices(body) for body in m.arrays.values()):
            continue
        places = {i: p for i, p in m.places.items() if i != pattern.index}
        outer = replace_fields(m, places=places)
        yield from _match_all(pattern.excluded, expr.excluded, outer)


def _match_all(patterns: tuple[Any, ...], exprs: tuple[Any, ...], b: Binding) -> Iterator[Binding]:
    if not patterns:
        yield b
        return
    for m in _match_one(patterns[0], exprs[0], b):
        yield from _match_all(patterns[1:], exprs[1:], m)


def _match_one(pattern: Any, expr: Any, b: Binding) -> Iterator[Binding]:
    if not isinstance(pattern, Index):
        yield from matches(pattern, expr, b)
    elif b.places.get(pattern, expr) == expr:
        yield b.with_place(pattern, expr)


def _match_some(
    patterns: tuple[Expr, ...], operands: tuple[Expr, ...], b: Binding
) -> Iterator[tuple[Binding, tuple[Expr, ...]]]:
    if not patterns:
        yield b, operands
        return
    for c, operand in enumerate(operands):
        for m in matches(patterns[0], operand, b):
            yield from _match_some(patterns[1:], operands[:c] + operands[c + 1 :], m)


def _match_every(
    patterns: tuple[Expr, ...], operands: tuple[Expr, ...], func: Any, b: Binding
) -> Iterator[Binding]:
    """As `_match_some` with nothing left over: an open hole at the end takes all that remains."""
    if len(patterns) == 1:
        if len(operands) == 1 or (operands and isinstance(patterns[0], At)):
            yield from matches(patterns[0], func(*operands), b)
        return
    for c, operand in enumerate(operands):
        for m in matches(patterns[0], operand, b):
            yield from _match_every(patterns[1:], operands[:c] + operands[c + 1 :], func, m)
