"""The rules, as data: one visible `left → right` each.  The prover proves every use of every rule.

Sentences for each rule stand in derive/phrases/<language>.toml under the rule's name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Integer

from derive.functions import FUNCTIONS
from derive.language import (
    Cases,
    Delta,
    Deriv,
    Exp,
    Index,
    Largest,
    Log,
    Max,
    Maximum,
    Prod,
    Sigmoid,
    Step,
    Sum,
)
from derive.matching import Slot, Subst

Guard = str


@dataclass(frozen=True)
class Rule:
    """left → right wherever left matches and every guard (named in derive.engine) holds."""

    name: str
    section: str
    left: Expr
    right: Expr
    when: tuple[Guard, ...] = ()


u, v, w, f = (Slot(name) for name in "uvwf")
k, l, i, j = (Index(f"?{name}") for name in "klij")
x = Slot("x")
c = Slot("c", constant=True)
b = Slot("b", free_of=(k,))
d = Slot("d", free_of=(k,))


def D(expr: Expr) -> Expr:
    """∂ expr / ∂ x."""
    return Deriv(expr, x)


def _function_rule(name: str, node: Callable[[Expr], Expr], slope: Callable[[Expr], Expr]) -> Rule:
    return Rule(f"derivative-of-{name}", "derivative", D(node(u)), slope(u) * D(u))


DERIVATIVE: tuple[Rule, ...] = (
    Rule("derivative-of-a-constant", "derivative", D(c), Integer(0)),
    Rule("derivative-of-the-variable", "derivative", D(x), Integer(1)),
    Rule("derivative-of-a-sum", "derivative", D(u + v), D(u) + D(v)),
    Rule("constant-factor", "derivative", D(c * u), c * D(u)),
    Rule("quotient-rule", "derivative", D(u / v), (D(u) * v - u * D(v)) / v**2, ("both-vary",)),
    Rule("derivative-under-the-sum", "derivative", D(Sum(f, k)), Sum(D(f), k)),
    Rule("derivative-of-a-power", "derivative", D(u**c), c * u ** (c - 1) * D(u)),
    Rule("derivative-of-an-exponential", "derivative", D(c**u), c**u * Log(c) * D(u)),
    Rule("product-rule", "derivative", D(u * v), D(u) * v + u * D(v)),
    Rule(
        "derivative-of-a-product-over-k",
        "derivative",
        D(Prod(f, k)),
        Prod(f, k) * Sum(D(f) / f, k),
    ),
    Rule(
        "derivative-of-the-larger",
        "derivative",
        D(Maximum(u, v)),
        Step(u - v) * D(u) + Step(v - u) * D(v),
    ),
    Rule("derivative-of-the-largest", "derivative", D(Max(f, k)), Sum(Largest(f, k, k) * D(f), k)),
    Rule("derivative-of-cases", "derivative", D(Cases(u, w, v)), Cases(D(u), w, D(v))),
    *(_function_rule(row.name, row.node, row.derivative) for row in FUNCTIONS if row.derivative),
)  # fmt: skip

SUMS: tuple[Rule, ...] = (
    Rule("sum-of-zeros", "sums", Sum(Integer(0), k), Integer(0)),
    Rule("pull-out-of-the-sum", "sums", Sum(b * f, k), b * Sum(f, k)),
    Rule("split-the-sum-of-terms", "sums", Sum(u + v, k), Sum(u, k) + Sum(v, k)),
    Rule("sifting", "sums", Sum(Delta(k, i) * f, k), Subst(f, k, i), ("nothing-excluded",)),
    Rule("sifting-alone", "sums", Sum(Delta(k, i), k), Integer(1), ("nothing-excluded",)),
)

EXPONENTIALS: tuple[Rule, ...] = (
    Rule("exp-of-a-sum", "exponentials", Exp(u + v), Exp(u) * Exp(v)),
    Rule("log-of-a-quotient", "exponentials", Log(u / v), Log(u) - Log(v)),
    Rule("log-of-a-product", "exponentials", Log(u * v), Log(u) + Log(v)),
    Rule("log-of-exp", "exponentials", Log(Exp(u)), u),
    Rule("exp-of-log", "exponentials", Exp(Log(u)), u),
    Rule("log-of-a-power", "exponentials", Log(u**w), w * Log(u)),
    Rule("quotient-of-exponentials", "exponentials", Exp(u) / Exp(v), Exp(u - v)),
    Rule(
        "shift-the-log-sum",
        "exponentials",
        Log(Sum(Exp(f), k)),
        Max(f, k) + Log(Sum(Exp(f - Max(f, k)), k)),
    ),
    Rule("definition-of-sigmoid", "exponentials", 1 / (1 + Exp(u)), Sigmoid(-u)),
    Rule("sigmoid-unfolded", "exponentials", Sigmoid(u), 1 / (1 + Exp(-u))),
    Rule("one-minus-sigmoid", "exponentials", Exp(-u) / (1 + Exp(-u)), 1 - Sigmoid(u)),
    Rule("log-of-one", "exponentials", Log(Integer(1)), Integer(0)),
)

EXTREMA: tuple[Rule, ...] = (Rule("max-of-a-shift", "extrema", Max(f + b, k), Max(f, k) + b),)

CASES: tuple[Rule, ...] = (
    Rule(
        "cases-of-delta", "cases", Cases(u, Delta(i, j), v), Delta(i, j) * u + (1 - Delta(i, j)) * v
    ),
)

SECTIONS: tuple[tuple[Rule, ...], ...] = (DERIVATIVE, SUMS, EXPONENTIALS, EXTREMA, CASES)
RULES: dict[str, Rule] = {rule.name: rule for section in SECTIONS for rule in section}
