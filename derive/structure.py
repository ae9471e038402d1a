"""What a Hessian is made of: a diagonal and a few products, so that H v costs O(n); and its
signs, proved."""

from __future__ import annotations

from dataclasses import dataclass

import sympy
from sympy import Add, Expr, Integer, Mul, Rational

from derive.deciding import PROVED, Decision, decide
from derive.derivation import Derivation
from derive.errors import DeriveError
from derive.language import Array, Delta, Deriv, Index, Sum
from derive.positivity import never_negative
from derive.primitives import unfold
from derive.statement import Context
from derive.tactics.sums import settle_deltas
from derive.terms import apart, free_indices, rename


@dataclass(frozen=True)
class Claim:
    """An equation about a structure and what was found of it; `nonnegative` adds that it is ≥ 0."""

    name: str
    left: Expr
    right: Expr
    decision: Decision
    nonnegative: bool = False

    @property
    def proved(self) -> bool:
        """Whether the equation was proved for every n."""
        return self.decision.verdict == PROVED


@dataclass(frozen=True)
class Structure:
    """H_jk = δ_jk diagonal_j + Σ left_j right_k over `products`; every claim is about this H."""

    rows: Index
    columns: Index
    diagonal: Expr
    products: tuple[tuple[Expr, Expr], ...]
    context: Context

    @property
    def matrix(self) -> Expr:
        """H_jk, put together again."""
        outer = Add(*(left * right for left, right in self.products))
        return Delta(self.rows, self.columns) * self.diagonal + outer

    @property
    def rank(self) -> int:
        """The rank of what is beside the diagonal, at most."""
        return len(self.products)

    def times(self, v: Array) -> Expr:
        """H v in O(n): diagonal ∘ v + Σ left (right · v)."""
        inner = (left * Sum(right * v[self.columns], self.columns) for left, right in self.products)
        return self.diagonal * v[self.rows] + Add(*inner)

    def claims(self, v: Array) -> tuple[Claim, ...]:
        """H v in O(n); H·1 = 0; vᵀHv as a sum of squares, and its sign: each proved or refuted."""
        j, k = self.rows, self.columns
        weights = Add(*(-left * right for left, right in self.products))
        quadratic = Sum(Sum(v[j] * self.matrix * v[k], k), j)
        squares = Rational(1, 2) * Sum(Sum(weights * (v[j] - v[k]) ** 2, k), j)
        return (
            self._claim("product", Sum(self.matrix * v[k], k), self.times(v)),
            self._claim("constants", Sum(self.matrix, k), Integer(0)),
            self._claim("variance", quadratic, squares, signed=True),
        )

    def _claim(self, name: str, left: Expr, right: Expr, signed: bool = False) -> Claim:
        left, right = apart(left, ()), apart(right, ())
        decision = decide(left, right, self.context)
        sign = signed and decision.verdict == PROVED and never_negative(unfold(right, self.context))
        return Claim(name, left, right, decision, sign)


def structure(hessian: Derivation) -> Structure:
    """The diagonal and the products of a Hessian over one index.

    Raises DeriveError where it is none of that form; the form found is proved equal to the Hessian.
    """
    rows, columns = _places(hessian)
    inside, outside = _by_delta(hessian.result, rows, columns)
    products = tuple(_separated(t, rows, columns) for t in outside)
    found = Structure(rows, columns, inside, products, hessian.context)
    if decide(hessian.result, found.matrix, hessian.context).verdict != PROVED:
        raise DeriveError(f"{hessian.name} is no diagonal plus products: {hessian.result}")
    return found


def _places(hessian: Derivation) -> tuple[Index, Index]:
    """j and k of a derivation that starts at ∂²/∂z_j∂z_k."""
    start = hessian.start
    if not isinstance(start, Deriv) or not isinstance(start.expr, Deriv):
        raise DeriveError(f"{hessian.name} is no Hessian: it starts at {start}")
    first, then = start.expr.variable.indices, start.variable.indices
    if len(first) != 1:
        raise DeriveError(f"{hessian.name} is over {len(first)} indices; a structure is over one")
    return first[0], then[0]


def _by_delta(expr: Expr, rows: Index, columns: Index) -> tuple[Expr, tuple[Expr, ...]]:
    """(what multiplies δ_jk, at k = j; the other terms)."""
    delta = Delta(rows, columns)
    terms = Add.make_args(sympy.expand(expr))
    inside = Add(*(t / delta for t in terms if t.has(delta)))
    diagonal = settle_deltas(rename(inside, {columns: rows}), Context())
    return sympy.factor(diagonal), tuple(t for t in terms if not t.has(delta))


def _separated(term: Expr, rows: Index, columns: Index) -> tuple[Expr, Expr]:
    """A product as (what may depend on j) * (what depends on k only)."""
    right = [f for f in Mul.make_args(term) if columns in free_indices(f)]
    if any(rows in free_indices(f) for f in right):
        raise DeriveError(f"{term} is no product of a part in {rows} and a part in {columns}")
    return term / Mul(*right), Mul(*right)


def direction(structure: Structure) -> Array:
    """A real vector over the rows."""
    return Array("v", (structure.rows.range,))
