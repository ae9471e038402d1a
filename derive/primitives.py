"""Unfolding to primitives: definitions, named functions, derivatives, cases and δ under a binder.

What is left is arithmetic over array elements, exp, log, sin, cos, sign, erf, log Γ and
binders over them, in which every δ stands between free positions (or inside a maximum).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sympy import Add, Expr, Integer, Mul, Rational

from derive.calculus import differentiate
from derive.errors import DeriveError
from derive.functions import BY_NODE
from derive.language import (
    Array,
    At,
    Binder,
    Cases,
    Delta,
    Deriv,
    Elementwise,
    Group,
    Index,
    Largest,
    Max,
    Maximum,
    Prod,
    Sign,
    Sum,
)  # fmt: skip
from derive.statement import Context, Definition
from derive.terms import all_indices, apart, arrays, rebuild, rename, replace

LARGEST_FIXED_SIZE = 16


@lru_cache(maxsize=20_000)
def primitives(expr: Expr, context: Context) -> Expr:
    """The expression over primitives, with every δ under a sum sifted out."""
    return sift(unfold(expr, context))


def unfold(expr: Expr, context: Context) -> Expr:
    """Definitions, functions, cases and derivatives carried out."""
    if not expr.args or isinstance(expr, Index):
        return expr
    if isinstance(expr, At):
        return _unfold_element(expr, context)
    if isinstance(expr, Deriv):
        return _unfold_derivative(expr, context)
    if isinstance(expr, Binder):
        return _expand_fixed(expr, lambda e: unfold(e, context))
    args = [unfold(a, context) for a in expr.args]
    if isinstance(expr, Group):
        return args[0]
    if isinstance(expr, Maximum):
        first, second = args
        return second + Rational(1, 2) * (first - second) * (1 + Sign(first - second))
    if isinstance(expr, Cases):
        return _unfold_cases(args)
    meaning = BY_NODE[type(expr)].meaning if isinstance(expr, Elementwise) else None
    return unfold(meaning(args[0]), context) if meaning else rebuild(expr, args)


def _unfold_element(expr: At, context: Context) -> Expr:
    definition: Definition | None = context.by_array.get(expr.array)
    return expr if definition is None else unfold(definition.at(expr.indices), context)


def _unfold_derivative(expr: Deriv, context: Context) -> Expr:
    """By an array that is given; by a defined one, in what is added to each of its elements.

    So whatever is defined by way of that array changes with it, and nothing that it is made of.
    """
    v = expr.variable
    if not isinstance(v, At):
        raise DeriveError(
            f"cannot differentiate with respect to {v}: name an array element such as z_j"
        )
    body = apart(expr.expr, all_indices(v))
    definition = context.by_array.get(v.array)
    if definition is None:
        return differentiate(unfold(body, context), v)
    shift = _shift(definition)
    moved = context.with_definition(definition.moved(At(shift, *definition.indices)))
    slope = differentiate(unfold(body, moved), At(shift, *v.indices))
    return replace(slope, lambda e: Integer(0) if _of(e, shift) else None)


def _shift(definition: Definition) -> Array:
    """An array like the one defined, with a name that nothing has."""
    name = f"{definition.array.name}°"
    while name in {a.name for a in arrays(definition.body)}:
        name += "°"
    return Array(name, definition.array.ranges)


def _of(e: Expr, array: Array) -> bool:
    return isinstance(e, At) and e.array == array


def _unfold_cases(args: list[Expr]) -> Expr:
    total, left = Integer(0), Integer(1)
    for value, condition in zip(args[0:-1:2], args[1:-1:2], strict=True):
        total, left = total + left * condition * value, left * (1 - condition)
    return total + left * args[-1]


def _expand_fixed(expr: Binder, go: Callable[[Expr], Expr]) -> Expr:
    """A sum over a range of fixed size is written out; others keep their binder."""
    if not expr.index.range.isdigit() or isinstance(expr, Largest):
        return rebuild(expr, (go(expr.args[0]), expr.args[1], *expr.args[2:]))
    count = int(expr.index.range)
    if count > LARGEST_FIXED_SIZE:
        raise DeriveError(
            f"a range of fixed size {count} is written out term by term; at most "
            f"{LARGEST_FIXED_SIZE} terms are taken, use a symbolic size"
        )
    places = [Integer(c) for c in range(1, count + 1)]
    terms = [go(rename(expr.body, {expr.index: p})) for p in places]
    guards = [Mul(*(1 - _delta(p, x) for x in expr.excluded)) for p in places]
    if isinstance(expr, Sum):
        return Add(*(g * t for g, t in zip(guards, terms, strict=True)))
    if isinstance(expr, Prod):
        return Mul(*(g * t + 1 - g for g, t in zip(guards, terms, strict=True)))
    total = terms[0]
    for term in terms[1:]:
        total = go(Maximum(total, term))
    return total


def _delta(first: Any, second: Any) -> Expr:
    if first == second:
        return Integer(1)
    return Integer(0) if first.is_Integer and second.is_Integer else Delta(first, second)


@lru_cache(maxsize=100_000)
def sift(expr: Expr) -> Expr:
    """Σ_k b = b[δ_ki=1, k:=i] − b[δ_ki=0, k:=i] + Σ_k b[δ_ki=0], innermost sums first."""
    if not expr.args or isinstance(expr, Index):
        return expr
    if isinstance(expr, Delta):
        return _delta(*expr.args)
    args = [sift(a) for a in expr.args]
    if not isinstance(expr, (Sum, Prod)):
        return _one_case(rebuild(expr, args))
    body, k, *excluded = args
    guard = Mul(*(1 - _delta(k, x) for x in excluded))
    if excluded:
        body = guard * body if isinstance(expr, Sum) else guard * body + 1 - guard
    return _sift_binder(type(expr), body, k)


def _one_case(expr: Expr) -> Expr:
    """Cases that all have one value are that value."""
    same = isinstance(expr, Cases) and len({*expr.args[0:-1:2], expr.otherwise}) == 1
    return expr.otherwise if same else expr


def _sift_binder(node: type[Binder], body: Expr, k: Index) -> Expr:
    if body == 0 and node is Sum:
        return Integer(0)
    partner = _partner(body, k)
    if partner is None:
        return node(body, k)
    on, off = (_set_delta(body, k, partner, value) for value in (1, 0))
    rest = _sift_binder(node, off, k)
    slope = _slope(body, k, partner) if node is Sum else None
    if slope is not None:
        return sift(rename(slope, {k: partner})) + rest
    on_at, off_at = (sift(rename(b, {k: partner})) for b in (on, off))
    return on_at - off_at + rest if node is Sum else on_at / off_at * rest


def _slope(body: Expr, k: Index, partner: Any) -> Expr | None:
    """a where body = a δ + b by sums and products alone, or None."""
    if isinstance(body, Delta):
        return Integer(set(body.args) == {k, partner})
    if _set_delta(body, k, partner, 0) == body:
        return Integer(0)
    if not isinstance(body, (Add, Mul)):
        return None
    found = [_slope(a, k, partner) for a in body.args]
    if None in found:
        return None
    if isinstance(body, Add):
        return Add(*found)
    inner = [(slope, a) for slope, a in zip(found, body.args, strict=True) if slope != 0]
    return inner[0][0] * (body / inner[0][1]) if len(inner) == 1 else None


def _partner(body: Expr, k: Index) -> Any:
    """The first position that k is compared with by a δ outside of inner maxima, or None."""
    if isinstance(body, Delta):
        return next((b for a, b in (body.args, body.args[::-1]) if a == k and b != k), None)
    if isinstance(body, (Max, Largest)):
        return None
    bound = body.args[1] if isinstance(body, Binder) else None
    found = (_partner(a, k) for a in body.args)
    return next((p for p in found if p is not None and p != bound), None)


def _set_delta(body: Expr, k: Index, partner: Any, value: int) -> Expr:
    if isinstance(body, Delta):
        return Integer(value) if set(body.args) == {k, partner} else body
    if not body.args or k not in all_indices(body):
        return body
    return _one_case(rebuild(body, (_set_delta(a, k, partner, value) for a in body.args)))
