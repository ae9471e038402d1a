"""Sums that compare their index with another are carried out: Σ_k b = (b₁ - b₀)[k := j] + Σ_k b₀.

Here b₁ and b₀ are the body with δ_kj set to 1 and to 0.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer, expand

from codegen.stability import SIFTING, Rewrite
from derive.language import Binder, Delta, Index, Sum
from derive.terms import rebuild, rename, replace


def sift(expr: Expr, used: dict[str, Rewrite]) -> Expr:
    """Every sum without a δ of its own index; the rule is noted in `used` where it was needed."""
    if not expr.args or isinstance(expr, (Index, Delta)):
        return expr
    made = rebuild(expr, (sift(a, used) for a in expr.args))
    if not isinstance(made, Sum) or made.excluded:
        return made
    partner = _partner(made.body, made.index)
    if partner is None:
        return made
    used[SIFTING.name] = SIFTING
    return _sift_one(made, partner, used)


def _sift_one(total: Sum, partner: Any, used: dict[str, Rewrite]) -> Expr:
    on, off = (_set(total.body, Delta(total.index, partner), value) for value in (1, 0))
    taken = rename(expand(on - off), {total.index: partner})
    return taken + (sift(Sum(off, total.index), used) if off != 0 else 0)


def _partner(body: Expr, k: Index) -> Any:
    """What k is compared with outside of inner binders, or None."""
    if isinstance(body, Delta):
        return next((b for a, b in (body.args, body.args[::-1]) if a == k), None)
    if isinstance(body, (Binder, Index)):
        return None
    return next((p for a in body.args if (p := _partner(a, k)) is not None), None)


def _set(body: Expr, delta: Delta, value: int) -> Expr:
    return replace(body, lambda e: Integer(value) if e == delta else None)
