"""Patterns over the language: slots, matching modulo the order of sums and products, and filling
in.

A `Slot` stands for any expression, an index whose name starts with "?" for any position.  A
binder in
a pattern matches whatever positions it excludes and keeps them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sympy import Add, Expr, Mul, Pow, Symbol

from derive.language import Binder, Delta, Index, Node
from derive.terms import free_indices, rename, same

Bindings = Mapping[str, Any]
Constant = Callable[[Expr], bool]


class Slot(Symbol):  # type: ignore[misc]  # sympy ships no types
    """Any expression; `constant` asks that it does not depend on the variable of the derivative
    around
    it, `free_of` that these pattern indices are not free in it."""

    __slots__ = ("constant", "free_of")
    constant: bool
    free_of: tuple[Index, ...]

    def __new__(cls, name: str, constant: bool = False, free_of: tuple[Index, ...] = ()) -> Slot:
        self: Slot = Symbol.__xnew__(cls, name)
        self.constant, self.free_of = constant, free_of
        return self

    def _hashable_content(self) -> tuple[Any, ...]:
        return (*Symbol._hashable_content(self), self.constant, self.free_of)


class Subst(Node):
    """args = (expression, index, position): filled in as the expression at that position."""


def match(
    pattern: Expr, expr: Expr, constant: Constant, got: Bindings | None = None
) -> Iterator[Bindings]:
    """All ways in which the pattern fits; `constant` decides for slots marked constant."""
    got = got or {}
    if isinstance(pattern, Slot):
        yield from _match_slot(pattern, expr, constant, got)
    elif isinstance(pattern, Index) and pattern.name.startswith("?"):
        yield from _bind(pattern.name, expr, got)
    elif isinstance(pattern, (Add, Mul)):
        yield from _match_many(pattern, expr, constant, got)
    elif isinstance(pattern, Binder) and type(expr) is type(pattern):
        yield from _match_binder(pattern, expr, constant, got)
    elif not pattern.args:
        if pattern == expr:
            yield got
    elif expr.func == pattern.func and len(expr.args) == len(pattern.args):
        orders = [expr.args, expr.args[::-1]] if isinstance(expr, Delta) else [expr.args]
        for args in orders:
            yield from _match_args(pattern.args, args, constant, got)


def _bind(name: str, value: Any, got: Bindings) -> Iterator[Bindings]:
    if name not in got:
        yield {**got, name: value}
    elif got[name] == value or (isinstance(value, Expr) and same(got[name], value)):
        yield got


def _match_slot(slot: Slot, expr: Expr, constant: Constant, got: Bindings) -> Iterator[Bindings]:
    if slot.constant and not constant(expr):
        return
    bound = {got[i.name] for i in slot.free_of if i.name in got}
    if not bound & free_indices(expr):
        yield from _bind(slot.name, expr, got)


def _match_args(patterns: Any, exprs: Any, constant: Constant, got: Bindings) -> Iterator[Bindings]:
    if not patterns:
        yield got
        return
    for more in match(patterns[0], exprs[0], constant, got):
        yield from _match_args(patterns[1:], exprs[1:], constant, more)


def _match_binder(
    pattern: Binder, expr: Any, constant: Constant, got: Bindings
) -> Iterator[Bindings]:
    name = pattern.index.name
    start = {**got, name: expr.index, f"excluded {name}": expr.excluded}
    yield from match(pattern.body, expr.body, constant, start)


def _match_many(pattern: Expr, expr: Expr, constant: Constant, got: Bindings) -> Iterator[Bindings]:
    quotient = _quotient_slots(pattern)
    if quotient:
        top, bottom = quotient_parts(expr)
        if bottom != 1:
            yield from _match_args(quotient, (top, bottom), constant, got)
        return
    if expr.func != pattern.func:
        return
    slots = [a for a in pattern.args if isinstance(a, Slot)]
    fixed = [a for a in pattern.args if not isinstance(a, Slot)]
    for rest, more in _match_fixed(fixed, list(expr.args), constant, got):
        yield from _share(slots, rest, expr.func, constant, more)


def _quotient_slots(pattern: Expr) -> tuple[Expr, ...]:
    """(u, v) when the pattern is u/v over two slots."""
    if not isinstance(pattern, Mul) or len(pattern.args) != 2:
        return ()
    bottoms = [a.base for a in pattern.args if isinstance(a, Pow) and a.exp == -1]
    tops = [a for a in pattern.args if isinstance(a, Slot)]
    return (tops[0], bottoms[0]) if len(bottoms) == len(tops) == 1 else ()


def quotient_parts(expr: Expr) -> tuple[Expr, Expr]:
    """A product as top and bottom, by the sign of its integer exponents; numbers stay on top."""
    top, bottom = [], []
    for factor in Mul.make_args(expr):
        if isinstance(factor, Pow) and factor.exp.is_Integer and factor.exp < 0:
            bottom.append(factor.base**-factor.exp)
        else:
            top.append(factor)
    return Mul(*top), Mul(*bottom)


def _match_fixed(
    fixed: list[Expr], args: list[Expr], constant: Constant, got: Bindings
) -> Iterator[tuple[list[Expr], Bindings]]:
    if not fixed:
        yield args, got
        return
    for c, arg in enumerate(args):
        for more in match(fixed[0], arg, constant, got):
            yield from _match_fixed(fixed[1:], args[:c] + args[c + 1 :], constant, more)


def _share(
    slots: list[Slot], args: list[Expr], func: Any, constant: Constant, got: Bindings
) -> Iterator[Bindings]:
    """Share the arguments out: a restricted slot takes all that it may, a free one the rest."""
    if not slots:
        if not args:
            yield got
        return
    if len(slots) == 1:
        yield from match(slots[0], func(*args), constant, got)
        return
    picky = [s for s in slots if s.constant or s.free_of]
    first = picky[0] if picky else slots[0]
    others = [s for s in slots if s is not first]
    if picky:
        taken = [a for a in args if any(True for _ in match(first, a, constant, got))]
    else:
        taken = args[:1]
    left = [a for a in args if a not in taken]
    if taken and left:
        for more in match(first, func(*taken), constant, got):
            yield from _share(others, left, func, constant, more)


def fill(pattern: Expr, got: Bindings) -> Expr:
    """The pattern with its slots filled in; binders keep the positions they excluded."""
    if isinstance(pattern, Slot) or (isinstance(pattern, Index) and pattern.name in got):
        return got[pattern.name]
    if isinstance(pattern, Subst):
        body, index, position = (fill(a, got) for a in pattern.args)
        return rename(body, {index: position})
    if not pattern.args:
        return pattern
    args = [fill(a, got) for a in pattern.args]
    if isinstance(pattern, Binder) and not pattern.excluded:
        args += got.get(f"excluded {pattern.index.name}", ())
    return pattern.func(*args)
