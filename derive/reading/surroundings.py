"""Both sides of an equality with what they build on, and what is free in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr

from derive.language import Array, Deriv, Index
from derive.reading.ledger import builds_on
from derive.statement import Definition
from derive.terms import free_indices


@dataclass(frozen=True)
class Surroundings:
    """Both sides of an equality, what they build on, and what is free in them."""

    left: Expr
    right: Expr
    known: dict[Array, Definition]
    used: frozenset[Array]
    free: frozenset[Index]
    varied: frozenset[Array]

    @property
    def given(self) -> list[Array]:
        """What the sides build on and no definition makes, in a fixed order."""
        return sorted(self.used - self.known.keys(), key=str)

    @property
    def bodies(self) -> list[Expr]:
        """Everything that is written of it: both sides and the definitions that they use."""
        return [self.left, self.right, *(d.body for a, d in self.known.items() if a in self.used)]


def surroundings(left: Expr, right: Expr, definitions: Sequence[Definition]) -> Surroundings:
    """What there is to know of two sides under some definitions."""
    known = {d.array: d for d in definitions}
    used = frozenset(builds_on(left, known) | builds_on(right, known))
    loose = (free_indices(d.body) - set(d.indices) for a, d in known.items() if a in used)
    free = (free_indices(left) | free_indices(right)).union(*loose)
    varied = frozenset(variables(left) | variables(right))
    return Surroundings(left, right, known, used, free, varied)


def variables(expr: Expr) -> set[Array]:
    """What an expression is differentiated by."""
    if isinstance(expr, Deriv):
        return {expr.variable.array} | variables(expr.expr)
    return set().union(*(variables(a) for a in expr.args)) if expr.args else set()
