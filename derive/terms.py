"""Free and bound indices, renaming and substitution that never capture (law 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

from sympy import Expr
from sympy.core.sympify import _sympify as exact

from derive.language import BINDERS, Array, At, Index

Renaming = Mapping[Any, Any]


def rebuild(expr: Expr, args: Iterable[Any]) -> Expr:
    """The same node over other arguments; unchanged arguments give back the same object."""
    new = tuple(args)
    return expr if all(a is b for a, b in zip(new, expr.args, strict=True)) else expr.func(*new)


@lru_cache(maxsize=200_000)
def free_indices(expr: Expr) -> frozenset[Index]:
    """The indices that occur unbound."""
    if isinstance(expr, Index):
        return frozenset([expr])
    if not expr.args:
        return frozenset()
    inner = frozenset().union(*(free_indices(a) for a in expr.args))
    if isinstance(expr, BINDERS):
        outside = frozenset().union(*(free_indices(a) for a in expr.args[2:]))
        return (free_indices(expr.args[0]) - {expr.args[1]}) | outside
    return inner


@lru_cache(maxsize=200_000)
def all_indices(expr: Expr) -> frozenset[Index]:
    """Every index that occurs, bound or free."""
    if isinstance(expr, Index):
        return frozenset([expr])
    return frozenset().union(*(all_indices(a) for a in expr.args)) if expr.args else frozenset()


@lru_cache(maxsize=200_000)
def arrays(expr: Expr) -> frozenset[Array]:
    """Every array that occurs, sizes included."""
    if isinstance(expr, Array):
        return frozenset([expr])
    return frozenset().union(*(arrays(a) for a in expr.args)) if expr.args else frozenset()


USUAL = {"n": "kljimuv", "N": "rsqrst", "d": "abcegh"}


def fresh(like: Index, avoid: Iterable[Any]) -> Index:
    """An index over the same range with the first unused name among the usual letters of the
    range."""
    taken = {str(a) for a in avoid}
    usual = USUAL.get(like.range, "kljirsuvqm")
    letters = [like.name, *usual, *(f"{usual[0]}{c}" for c in range(1, 100))]
    return Index(next(name for name in letters if name not in taken), like.range)


def rename(expr: Expr, mapping: Renaming) -> Expr:
    """Replace free indices by positions; a bound index that would capture is renamed first."""
    free = free_indices(expr)
    live = tuple((a, exact(b)) for a, b in mapping.items() if a in free and a != b)
    return _rename(expr, live) if live else expr


@lru_cache(maxsize=200_000)
def _rename(expr: Expr, moves: tuple[tuple[Index, Any], ...]) -> Expr:
    live = dict(moves)
    if isinstance(expr, Index):
        return live[expr]
    if not isinstance(expr, BINDERS):
        return rebuild(expr, (rename(a, live) for a in expr.args))
    body, bound, *rest = expr.args
    inner = {a: b for a, b in live.items() if a != bound}
    if bound in inner.values():
        other = fresh(bound, {*all_indices(expr), *inner.values(), *inner})
        body, bound = rename(body, {bound: other}), other
    return expr.func(rename(body, inner), bound, *(rename(a, live) for a in rest))


def replace(expr: Expr, change: Callable[[Expr], Expr | None]) -> Expr:
    """Rewrite top down: where `change` gives an expression it stands, and is not entered again.

    `change` must not put indices into the replacement that an enclosing binder could capture:
    pass expressions through `apart` first.
    """
    new = change(expr)
    if new is not None:
        return new
    if not expr.args or isinstance(expr, Index):
        return expr
    return rebuild(expr, (replace(a, change) for a in expr.args))


@lru_cache(maxsize=200_000)
def binds(expr: Expr) -> bool:
    """Whether a binder stands in it."""
    return isinstance(expr, BINDERS) or any(map(binds, expr.args))


def apart(expr: Expr, avoid: Iterable[Any]) -> Expr:
    """Rename every bound index that is in `avoid`, or bound twice on one path, to a fresh one."""
    return _apart(expr, frozenset(avoid) | free_indices(expr))


@lru_cache(maxsize=200_000)
def _apart(expr: Expr, taken: frozenset[Any]) -> Expr:
    if not binds(expr):
        return expr
    if not isinstance(expr, BINDERS):
        return rebuild(expr, (_apart(a, taken) for a in expr.args))
    body, bound, *rest = expr.args
    if bound.name in {str(t) for t in taken}:
        other = fresh(bound, taken | all_indices(body))
        body, bound = rename(body, {bound: other}), other
    return rebuild(expr, (_apart(body, taken | {bound}), bound, *(_apart(a, taken) for a in rest)))


def unused(mark: str, bound: Index, binder: Expr, start: int) -> Index:
    """The first of mark0, mark1, ... from `start` on that is not free in the binder."""
    free = {i.name for i in free_indices(binder)}
    while f"{mark}{start}" in free:
        start += 1
    return Index(f"{mark}{start}", bound.range)


@lru_cache(maxsize=100_000)
def canonical(expr: Expr, depth: int = 0) -> Expr:
    """Bound indices named by depth, so that equality up to renaming is equality."""
    if not expr.args:
        return expr
    if not isinstance(expr, BINDERS):
        return rebuild(expr, (canonical(a, depth) for a in expr.args))
    body, bound, *rest = expr.args
    name = unused("·", bound, expr, depth)
    depth = int(name.name[1:])
    return expr.func(
        canonical(rename(body, {bound: name}), depth + 1),
        name,
        *(canonical(a, depth) for a in rest),
    )


def same(left: Expr, right: Expr) -> bool:
    """Equal up to the names of bound indices, as written."""
    return bool(canonical(left) == canonical(right))


def elements(expr: Expr, array: Array) -> frozenset[At]:
    """The elements of `array` that occur in the expression."""
    if isinstance(expr, At):
        return frozenset([expr]) if expr.array == array else frozenset()
    return frozenset().union(*(elements(a, array) for a in expr.args)) if expr.args else frozenset()
