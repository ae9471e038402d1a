"""Where the world disagrees: each meaning named, and what is exact, a bound, or neither, decided.

A bound is proved by writing the difference as something seen not to be negative (`gap`); what is
neither is refuted by a counterexample.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr, Integer, Rational

from derive.deciding import PROVED, Decision, decide
from derive.language import Array, Delta, Deriv, Exp, Log, Step, Sum, index, size
from derive.positivity import never_negative
from derive.primitives import unfold
from derive.statement import Context, Definition, Fact

i, j, k, t = index("i j k t")
n = size("n")
z, v, p = Array("z", ("n",)), Array("v", ("n",)), Array("p", ("n",), "unit")
y = Array("y", ("n",), "nonnegative")
eps = Array("epsilon", (), "unit")()
DEFINED = (Definition(p, (i,), Exp(z[i]) / Sum(Exp(z[k]), k)),)
FREE = Context(DEFINED)
GIVEN = Context(DEFINED, (Fact("targets-sum-to-one", Sum(y[k], k), Integer(1)),))
CROSS_ENTROPY = -Sum(y[k] * Log(p[k]), k)
CURVATURE = Deriv(Deriv(CROSS_ENTROPY, z[j]), z[j])
SMOOTH = -Sum(((1 - eps) * y[k] + eps / n) * Log(p[k]), k)
SMOOTH_OTHERS = -Sum(((1 - eps) * y[k] + eps / (n - 1) * (1 - y[k])) * Log(p[k]), k)


@dataclass(frozen=True)
class Claim:
    """left = right ("exact"), or left - right = gap ≥ 0 ("bound"); `expect` says what is the
    case."""

    name: str
    kind: str
    left: Expr
    right: Expr
    expect: str
    context: Context = FREE
    gap: Expr | None = None
    say: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    @property
    def decision(self) -> Decision:
        """Whether left = right, or left - right = gap ≥ 0 where there is a gap."""
        if self.gap is None:
            return decide(self.left, self.right, self.context)
        made = decide(self.left - self.right, self.gap, self.context)
        if made.verdict == PROVED and not never_negative(unfold(self.gap, self.context)):
            return Decision("not decided", reason=f"{self.gap} is not seen to be nonnegative")
        return made


def quadratic(diagonal: Expr) -> Expr:
    """Σ_j d_j v_j² - vᵀHv for the exact H: not negative if diag(d) bounds H."""
    exact = Rational(1, 2) * Sum(Sum(p[i] * p[k] * (v[i] - v[k]) ** 2, k), i)
    return Sum(diagonal * v[j] ** 2, j) - exact


DIAGONAL = p[j] * (1 - p[j])
HALF_SQUARES = Rational(1, 2) * Sum(Sum(p[i] * p[k] * (v[i] + v[k]) ** 2, k, i), i)

CLAIMS: tuple[Claim, ...] = (
    Claim(
        "smoothing ε/n",
        "exact",
        Deriv(SMOOTH, z[j]),
        p[j] - (1 - eps) * y[j] - eps / n,
        "proved",
        GIVEN,
    ),
    Claim(
        "smoothing ε/(n−1)",
        "exact",
        Deriv(SMOOTH_OTHERS, z[j]),
        p[j] - (1 - eps) * y[j] - eps / (n - 1) * (1 - y[j]),
        "proved",
        GIVEN,
    ),
    Claim("the two smoothings are one", "exact", SMOOTH, SMOOTH_OTHERS, "refuted", GIVEN),
    Claim(
        "smoothing ε/n is smoothing ε(n−1)/n of the other kind",
        "exact",
        (1 - eps) * y[j] + eps / n,
        (1 - eps * (n - 1) / n) * y[j] + eps / n * (1 - y[j]),
        "proved",
        GIVEN,
    ),
    Claim(
        "unnormalised targets: (Σy) p − y",
        "exact",
        Deriv(CROSS_ENTROPY, z[j]),
        p[j] * Sum(y[k], k) - y[j],
        "proved",
    ),
    Claim(
        "unnormalised targets: p − y", "exact", Deriv(CROSS_ENTROPY, z[j]), p[j] - y[j], "refuted"
    ),
    Claim("curvature p(1−p)", "exact", CURVATURE, DIAGONAL, "proved", GIVEN),
    Claim("curvature 2p(1−p)", "exact", CURVATURE, 2 * DIAGONAL, "refuted", GIVEN),
    Claim("curvature K/(K−1) p(1−p)", "exact", CURVATURE, n / (n - 1) * DIAGONAL, "refuted", GIVEN),
    Claim(
        "curvature |p−y|",
        "exact",
        CURVATURE,
        y[j] * (1 - p[j]) + (1 - y[j]) * p[j],
        "refuted",
        GIVEN,
    ),
    Claim(
        "2p(1−p) bounds the diagonal",
        "bound",
        2 * DIAGONAL,
        DIAGONAL,
        "proved",
        FREE,
        p[j] * Sum(p[k], k, j),
    ),
    Claim(
        "2p(1−p) bounds the Hessian",
        "bound",
        quadratic(2 * DIAGONAL),
        Integer(0),
        "proved",
        FREE,
        HALF_SQUARES,
    ),
    Claim(
        "K/(K−1) p(1−p) bounds the diagonal",
        "bound",
        n / (n - 1) * DIAGONAL,
        DIAGONAL,
        "proved",
        FREE,
        p[j] * Sum(p[k], k, j) / (n - 1),
    ),
    Claim(
        "K/(K−1) p(1−p) bounds the Hessian",
        "bound",
        Step(quadratic(n / (n - 1) * DIAGONAL)),
        Integer(1),
        "refuted",
    ),
    Claim("p(1−p) bounds the Hessian", "bound", Step(quadratic(DIAGONAL)), Integer(1), "refuted"),
    Claim(
        "|p−y| bounds the diagonal at the true class",
        "bound",
        1 - p[t],
        p[t] * (1 - p[t]),
        "proved",
        FREE,
        (1 - p[t]) ** 2,
    ),
    Claim(
        "|p−y| bounds the diagonal at another class",
        "bound",
        p[j],
        DIAGONAL,
        "proved",
        FREE,
        p[j] ** 2,
    ),
    Claim(
        "|p−y| bounds the Hessian",
        "bound",
        Step(quadratic(Delta(j, t) * (1 - p[j]) + (1 - Delta(j, t)) * p[j])),
        Integer(1),
        "refuted",
    ),
)
