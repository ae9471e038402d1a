"""Sines and cosines: derived, proved, replayed, printed, read back, and computed."""

from __future__ import annotations

import math

import numpy as np
import pytest
from sympy import Expr, Integer, Rational, pi

import lossmith
from derive.deciding import trees
from derive.functions import BY_NAME
from derive.language import Abs, Array, Cos, Deriv, Index, Log, Sin, Sum, Tan, size, sqrt
from derive.notation import text
from derive.prover import prove
from derive.statement import NOTHING_GIVEN
from derive.witness import equal, replay

x, y = Array("x")(), Array("y")()
i, z = Index("i"), Array("z", ("n",))
HALF = Rational(1, 2)

TRUE: dict[str, tuple[Expr, Expr]] = {
    "squares": (Sin(x) ** 2 + Cos(x) ** 2, Integer(1)),
    "sine of a sum": (Sin(x + y), Sin(x) * Cos(y) + Cos(x) * Sin(y)),
    "cosine of a difference": (Cos(x - y), Cos(x) * Cos(y) + Sin(x) * Sin(y)),
    "even and odd": (Cos(-x) * Sin(-x), -Cos(x) * Sin(x)),
    "three times": (Sin(3 * x), 3 * Sin(x) - 4 * Sin(x) ** 3),
    "a quarter turn": (Sin(x + pi / 2), Cos(x)),
    "half turns": (Cos(x + 3 * pi), -Cos(x)),
    "tangent": (1 + Tan(x) ** 2, Cos(x) ** -2),
    "under a sum": (Sum(Sin(z[i]) ** 2, i), size("n") - Sum(Cos(z[i]) ** 2, i)),
    "derivative of a product": (Deriv(Sin(x) * Cos(x), x), Cos(2 * x)),
    "derivative of the tangent": (Deriv(Tan(x), x), 1 + Tan(x) ** 2),
    "logarithm": (Log(Sin(x) ** 2), 2 * Log(Sin(x))),
}
FALSE: dict[str, tuple[Expr, Expr]] = {
    "the sign of a sine is open": (sqrt(1 - Cos(x) ** 2), Sin(x)),
    "an absolute value": (Abs(Sin(x)), Sin(x)),
    "additive": (Sin(x + y), Sin(x) + Sin(y)),
    "wrong sign": (Deriv(Cos(x), x), Sin(x)),
    "wrong square": (Sin(x) ** 2, 1 + Cos(x) ** 2),
    "positive": (Abs(Cos(x) * Sin(x)), Cos(x) * Sin(x)),
}


@pytest.mark.parametrize("name", TRUE)
def test_what_is_true_of_angles_is_proved(name: str) -> None:
    assert prove(*TRUE[name]) is not None
    assert equal(*trees(*TRUE[name], NOTHING_GIVEN)).verdict == "agrees"


@pytest.mark.parametrize("name", FALSE)
def test_what_is_false_of_angles_is_refuted(name: str) -> None:
    assert prove(*FALSE[name]) is None
    assert equal(*trees(*FALSE[name], NOTHING_GIVEN)).verdict == "refuted"


def test_every_slope_is_the_derivative() -> None:
    for name in ("sin", "cos", "tan"):
        row = BY_NAME[name]
        assert row.derivative is not None
        assert prove(Deriv(row.node(x), x), row.derivative(x)) is not None


def test_a_loss_of_angles_is_derived_proved_and_replayed() -> None:
    made = lossmith.derive(r"L = \sum_i (1 - \cos(\theta_i - y_i))", wrt=r"\theta_j")
    assert text(made.result) == "sin(θ_j - y_j)"
    assert replay(made.certificate).verdict == "agrees"


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_a_kernel_of_angles(target: str) -> None:
    loss = lossmith.loss(r"L = \sum_i (1 - \cos(z_i - y_i))", wrt="z_j")
    kernel = lossmith.compile(loss, target=target, dtype="float64")
    logits, targets = np.array([[0.5, -2.0, 30.0]]), np.array([[0.25, 1.0, 0.0]])
    value, grad = kernel.value_and_grad(logits, targets, reduction="none")
    gaps = [0.25, -3.0, 30.0]
    assert value[0] == pytest.approx(sum(1 - math.cos(g) for g in gaps), rel=1e-14)
    assert grad[0] == pytest.approx([math.sin(g) for g in gaps], rel=1e-14)
