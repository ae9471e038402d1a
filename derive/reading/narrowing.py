"""Conditions that change what a name stands for: x > 0, n = 2, y = 1, an n that counts the terms.

A pair (old, new) is put in everywhere: an array of another domain for an array, a value for a
scalar, the numeral of a range ("2") for its name ("n"); (o, u) leaves position o out of the sums
over elements of u; what a definition says of an array for its elements; a number times what a
function is applied to for the function.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace as changed
from functools import partial
from typing import Any

from sympy import Expr, Integer

from derive.language import Array, At, Index, Sigmoid, Sum
from derive.statement import Definition, Fact
from derive.terms import elements, rename, replace

Pair = tuple[Any, Any]
HALF = "^half"  # S = A + Aᵀ: the name of A


def put(expr: Any, pairs: Iterable[Pair]) -> Any:
    """The expression, index or numeral with every pair put in, one after the other."""
    for old, new in pairs:
        if isinstance(expr, Expr):
            expr = replace(expr, partial(_instead, old, new))
    return expr


def _instead(old: Any, new: Any, e: Expr) -> Expr | None:
    if isinstance(old, str):
        return _ranged(e, old, new)
    if isinstance(old, Index):
        return _without(e, old, new)
    if old is Sigmoid:
        return new * put(e.args[0], [(old, new)]) if isinstance(e, Sigmoid) else None
    if isinstance(new, Array):
        return new if e == old else None
    if isinstance(new, Definition):
        return _unfolded(e, new) if isinstance(e, At) and e.array == old else None
    return new if isinstance(e, At) and old in (e, e.array) else None


def _unfolded(e: At, made: Definition) -> Expr:
    return rename(made.body, dict(zip(made.indices, e.indices, strict=True)))


def _without(e: Expr, left_out: Index, array: Array) -> Expr | None:
    """A sum over elements of the array without one position."""
    if not isinstance(e, Sum) or e.excluded or e.index.range != left_out.range:
        return None
    summed = any(e.index in a.indices for a in elements(e.body, array))
    return Sum(e.body, e.index, left_out) if summed else None


def _ranged(e: Expr, old: str, new: str) -> Expr | None:
    """The same name over the range `new`; the size of the range is then the numeral."""
    if isinstance(e, At) and e.array.domain == "size" and e.array.name == old:
        return Integer(new)
    if isinstance(e, Index):
        return Index(e.name, new) if e.range == old else None
    if isinstance(e, Array) and old in e.ranges:
        ranges = tuple(new if r == old else r for r in e.ranges)
        return Array(e.name, ranges, e.domain)
    return None


def put_in_definition(made: Definition, pairs: tuple[Pair, ...]) -> Definition:
    """A definition with every pair put in."""
    if not pairs:
        return made
    indices = tuple(put(i, pairs) for i in made.indices)
    body = put(made.body, pairs)
    array = made.array
    for old, new in pairs:
        array = _ranged(array, old, new) or array if isinstance(old, str) else array
        array = new if old == array and isinstance(new, Array) else array
    return type(made)(array, indices, body)


def put_in_fact(fact: Fact, pairs: tuple[Pair, ...]) -> Fact:
    """A fact with every pair put in."""
    return changed(fact, left=put(fact.left, pairs), right=put(fact.right, pairs))
