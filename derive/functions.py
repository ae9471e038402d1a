"""The elementwise functions, one row each: how it is written, what it stands for, its derivative.

The prover unfolds a function by `meaning` and never reads `derivative`; the rules use `derivative`
and never read `meaning`.  So each derivative is a claim that the prover checks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Integer, Rational, pi

from derive.language import (
    Abs,
    Cos,
    Elementwise,
    Erf,
    Exp,
    Log,
    LogGamma,
    Relu,
    Sigmoid,
    Sign,
    Sin,
    Softplus,
    Step,
    Tan,
    Tanh,
    sqrt,
)  # fmt: skip

Unary = Callable[[Expr], Expr]
ONE, TWO, HALF = Integer(1), Integer(2), Rational(1, 2)


@dataclass(frozen=True)
class Function:
    """One elementwise function.

    `meaning` is None for the primitives (exp, log, sin, cos, sign, erf, log Γ); `derivative` is
    None where the derivative leaves the language.  `kink` says that the function is not
    differentiable at 0.
    """

    node: type[Elementwise]
    name: str
    latex: str
    meaning: Unary | None
    derivative: Unary | None
    kink: bool = False


FUNCTIONS: tuple[Function, ...] = (
    Function(Exp, "exp", r"\exp", None, Exp),
    Function(Log, "log", r"\log", None, lambda x: 1 / x),
    Function(Sign, "sign", r"\operatorname{sign}", None, lambda x: Integer(0), kink=True),
    Function(Erf, "erf", r"\operatorname{erf}", None, lambda x: 2 / sqrt(pi) * Exp(-(x**2))),
    Function(Sin, "sin", r"\sin", None, Cos),
    Function(Cos, "cos", r"\cos", None, lambda x: -Sin(x)),
    Function(Tan, "tan", r"\tan", lambda x: Sin(x) / Cos(x), lambda x: 1 + Tan(x) ** 2),
    Function(LogGamma, "lgamma", r"\log\Gamma", None, None),
    Function(
        Step, "step", r"\mathbb{1}", lambda x: HALF * (1 + Sign(x)), lambda x: Integer(0), kink=True
    ),
    Function(Abs, "abs", r"\operatorname{abs}", lambda x: x * Sign(x), Sign, kink=True),
    Function(
        Relu, "relu", r"\operatorname{relu}", lambda x: HALF * x * (1 + Sign(x)), Step, kink=True
    ),
    Function(
        Sigmoid,
        "sigmoid",
        r"\sigma",
        lambda x: 1 / (1 + Exp(-x)),
        lambda x: Sigmoid(x) * (1 - Sigmoid(x)),
    ),
    Function(
        Tanh, "tanh", r"\tanh", lambda x: 1 - 2 / (1 + Exp(2 * x)), lambda x: 1 - Tanh(x) ** 2
    ),
    Function(Softplus, "softplus", r"\operatorname{softplus}", lambda x: Log(1 + Exp(x)), Sigmoid),
)

BY_NODE: dict[type[Elementwise], Function] = {f.node: f for f in FUNCTIONS}
BY_NAME: dict[str, Function] = {f.name: f for f in FUNCTIONS}
