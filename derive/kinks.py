"""Points where a derivative does not exist, stated; and that the choice made there is a
subgradient."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr, Integer

from derive.deciding import PROVED, Decision, decide
from derive.functions import BY_NODE
from derive.language import (
    Array,
    Deriv,
    Elementwise,
    Exp,
    Index,
    Largest,
    Log,
    Max,
    Maximum,
    Relu,
    Sum,
    index,
)
from derive.positivity import never_negative
from derive.primitives import unfold
from derive.statement import NOTHING_GIVEN, Context, Definition, Statement
from derive.terms import arrays


@dataclass(frozen=True)
class Kink:
    """The derivative does not exist where `where` is 0 (for "max": where the maximum is reached
    twice)."""

    kind: str
    where: Expr


@dataclass(frozen=True)
class Claim:
    """A statement about subgradients: left = right, and left ≥ 0 where `nonnegative`."""

    name: str
    left: Expr
    right: Expr
    context: Context = NOTHING_GIVEN
    nonnegative: bool = False

    @property
    def decision(self) -> Decision:
        """Whether left = right, for every n."""
        return decide(self.left, self.right, self.context)

    @property
    def proved(self) -> bool:
        """Whether the equation holds and, where that is claimed, its right side is not negative."""
        sign = not self.nonnegative or never_negative(unfold(self.right, self.context))
        return self.decision.verdict == PROVED and sign


def kinks(statement: Statement) -> tuple[Kink, ...]:
    """Every kink of the statement in the variable it is differentiated by, in order of
    appearance."""
    bodies = {d.array: d.body for d in statement.definitions}
    variable = statement.wrt.array if statement.wrt else None
    found = (k for e in (statement.body, *bodies.values()) for k in _kinks(e))
    return tuple(dict.fromkeys(k for k in found if variable in _below(k.where, bodies)))


def _kinks(e: Expr) -> Iterator[Kink]:
    if isinstance(e, Elementwise) and BY_NODE[type(e)].kink:
        yield Kink(BY_NODE[type(e)].name, e.arg)
    elif isinstance(e, Maximum):
        yield Kink("maximum", e.args[0] - e.args[1])
    elif isinstance(e, Max):
        yield Kink("max", e.body)
    for a in e.args:
        if not isinstance(a, Index):
            yield from _kinks(a)


def _below(e: Expr, bodies: dict[Array, Expr]) -> set[Array]:
    found = set(arrays(e))
    for array in arrays(e):
        if array in bodies:
            found |= _below(bodies[array], bodies)
    return found


i, j, k = index("i j k")
z, p = Array("z", ("n",)), Array("p", ("n",))
x, g = Array("x")(), Array("g", (), "unit")()
TOP = Max(z[k], k)
SOFTMAX = Context((Definition(p, (i,), Exp(z[i]) / Sum(Exp(z[k]), k)),))
SHIFTED: Expr = TOP + Log(Sum(Exp(z[k] - TOP), k))
WEIGHT: Expr = Largest(z[k], k, j)

CLAIMS: tuple[Claim, ...] = (
    Claim("subgradient of max", Deriv(TOP, z[j]), WEIGHT),
    Claim("the weights sum to 1, at a tie of any number too", Sum(WEIGHT, j), Integer(1)),
    Claim("the weights are not negative", WEIGHT, WEIGHT, nonnegative=True),
    Claim("a shift of all moves the maximum along", Sum(Deriv(TOP, z[j]), j), Integer(1)),
    Claim(
        "log-sum-exp by the maximum has the gradient p, whatever weights",
        Deriv(SHIFTED, z[j]),
        p[j],
        SOFTMAX,
    ),
    Claim(
        "relu: every g in [0, 1] is a subgradient at 0",
        Relu(x) - g * x,
        (1 - g) * Relu(x) + g * Relu(-x),
        nonnegative=True,
    ),
    Claim(
        "abs: every 2g - 1 in [-1, 1] is a subgradient at 0",
        Relu(x) + Relu(-x) - (2 * g - 1) * x,
        2 * (1 - g) * Relu(x) + 2 * g * Relu(-x),
        nonnegative=True,
    ),
)
