"""Random expressions of the language, for the property tests of printing and reading."""

from __future__ import annotations

import random
from collections.abc import Callable

import sympy
from sympy import Expr, Integer, Rational

from derive.language import (
    Abs,
    Array,
    Cases,
    Cos,
    Delta,
    Deriv,
    Erf,
    Exp,
    Group,
    Index,
    Largest,
    Log,
    LogGamma,
    Max,
    Maximum,
    Prod,
    Relu,
    Sigmoid,
    Sign,
    Sin,
    Softplus,
    Step,
    Sum,
    Tan,
    Tanh,
    size,
)

z, p, yhat = (Array(name, ("n",)) for name in ("z", "p", "yhat"))
Y = Array("Y", ("N", "n"))
SCALARS = tuple(Array(n) for n in ("tau", "epsilon", "sigma", "L_CE", "w_0", "mu_", "delta", "L1"))
INDICES = {"i": "n", "j": "n", "k": "n", "l": "n", "r": "N", "s": "N"}
FUNCTIONS = (Exp, Exp, Log, Log, Sigmoid, Tanh, Softplus, Abs, Relu, Sign, Step, Erf, LogGamma)
FUNCTIONS += (Sin, Cos, Tan)


class Maker:
    """Grows one expression from a seed."""

    def __init__(self, seed: int):
        self.r = random.Random(seed)

    def index(self, range_: str = "n") -> Index:
        return Index(self.r.choice([i for i, over in INDICES.items() if over == range_]), range_)

    def position(self, range_: str = "n") -> Index | Integer:
        return Integer(self.r.choice([1, 2])) if self.r.random() < 0.15 else self.index(range_)

    def leaf(self) -> Expr:
        kinds: list[Callable[[], Expr]] = [
            lambda: Integer(self.r.choice([1, 2, 3, -1, 10])),
            lambda: Rational(self.r.choice([1, -1, 3]), 2),
            lambda: self.r.choice(SCALARS)(),
            lambda: Y[self.position("N"), self.position()],
            lambda: Delta(self.index(), self.position()),
            lambda: self.r.choice([z, p, yhat])[self.position()],
            lambda: self.r.choice([z, p, yhat])[self.position()],
            lambda: size(self.r.choice(["n", "N"])),
        ]
        return self.r.choice(kinds)()

    def binder(self, depth: int) -> Expr:
        range_ = self.r.choice(["n", "n", "N", "2"])
        bound = Index("a", "2") if range_ == "2" else self.index(range_)
        excluded = (self.position(range_),) if range_ != "2" and self.r.random() < 0.3 else ()
        node = self.r.choice([Sum, Sum, Prod, Max])
        return node(self.make(depth), bound, *(e for e in excluded if e != bound))

    def power(self, depth: int) -> Expr:
        base = self.make(depth)
        exponents = [
            Integer(2),
            Integer(3),
            Rational(1, 2),
            Integer(-1),
            SCALARS[0](),
            -SCALARS[0](),
            p[self.index()],
        ]
        return base if base.is_number else base ** self.r.choice(exponents)

    def cases(self, depth: int) -> Expr:
        i, j, k = Index("i"), Index("j"), Index("k")
        tests = [Delta(i, j), 1 - Delta(i, j), Step(self.make(depth)), 1 - Step(self.make(depth))]
        branches = [self.make(depth), self.r.choice(tests)]
        if self.r.random() < 0.3:
            branches += [self.make(depth), Delta(k, j)]
        return Cases(*branches, self.make(depth))

    def make(self, depth: int) -> Expr:
        if depth <= 0 or self.r.random() < 0.12:
            return self.leaf()
        sub = lambda: self.make(depth - 1)  # noqa: E731
        kinds: list[Callable[[], Expr]] = [
            lambda: sub() + sub(),
            lambda: sub() - sub(),
            lambda: sub() * sub(),
            lambda: sub() * sub(),
            lambda: sub() / self.divisor(depth - 1),
            lambda: self.r.choice(FUNCTIONS)(sub()),
            lambda: self.r.choice(FUNCTIONS)(sub()),
            lambda: Maximum(sub(), sub()),
            lambda: self.binder(depth - 1),
            lambda: self.binder(depth - 1),
            lambda: self.power(depth - 1),
            lambda: self.cases(depth - 1),
            lambda: Group(sub()),
            lambda: Deriv(
                sub(),
                self.r.choice([z[self.index()], SCALARS[0](), Y[self.index("N"), self.index()]]),
            ),
            lambda: Largest(sub(), Index("k"), Index(self.r.choice("ij"))),
        ]
        return self.r.choice(kinds)()

    def divisor(self, depth: int) -> Expr:
        made = self.make(depth)
        return made if made != 0 else Integer(2)


def random_expression(seed: int, depth: int = 4) -> Expr | None:
    """An expression, or None where SymPy's arithmetic fell out of the language (a division by
    zero)."""
    made = Maker(seed).make(depth)
    outside = (sympy.zoo, sympy.nan, sympy.oo, sympy.I)
    return None if made.has(*outside) or ungrouped(made).has(*outside) else made


def ungrouped(expr: Expr) -> Expr:
    """The expression without its lasting parentheses."""
    if isinstance(expr, Group):
        return ungrouped(expr.arg)
    return expr.func(*map(ungrouped, expr.args)) if expr.args else expr
