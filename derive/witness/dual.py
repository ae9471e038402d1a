"""Functions in any ring, and the dual numbers over it, which differentiate exactly.

A ring has pi, number, add, mul, power (by a rational), apply (a function that is not composite;
`order` is that of polygamma), largest (where the largest values stand) and truth (of a condition).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

Scalar = Any  # a ring's own number


class Undefined(Exception):
    """The expression has no value (or no derivative) at this point."""


class NotCovered(Exception):
    """This ring cannot evaluate such a node at all."""


class Dual:
    """a + b·ε over another ring with ε² = 0, as a pair (a, b); b is None where it is 0.

    Each nested derivative has a ring of its own over the one outside it, so that no ε is confused.
    """

    def __init__(self, ring: Any):
        self.ring, self.pi = ring, (ring.pi, None)

    def plus(self, a: Scalar, b: Scalar) -> Scalar:
        return b if a is None else a if b is None else self.ring.add(a, b)

    def times(self, a: Scalar, b: Scalar) -> Scalar:
        return None if a is None or b is None else self.ring.mul(a, b)

    def number(self, q: Fraction | int) -> Scalar:
        return self.ring.number(q), None

    def add(self, a: Scalar, b: Scalar) -> Scalar:
        return self.ring.add(a[0], b[0]), self.plus(a[1], b[1])

    def mul(self, a: Scalar, b: Scalar) -> Scalar:
        eps = self.plus(self.times(a[0], b[1]), self.times(a[1], b[0]))
        return self.ring.mul(a[0], b[0]), eps

    def power(self, base: Scalar, r: Fraction) -> Scalar:
        slope = None
        if base[1] is not None and r != 0:
            slope = self.ring.mul(self.ring.number(r), self.ring.power(base[0], r - 1))
        return self.ring.power(base[0], r), self.times(slope, base[1])

    def apply(self, name: str, x: Scalar, order: int = 0) -> Scalar:
        value, slope = self.ring.apply(name, x[0], order), None
        if x[1] is not None:
            slope = value if name == "exp" else SLOPES[name](self.ring, x[0], order)
        return value, self.times(slope, x[1])

    def largest(self, values: list[Scalar]) -> Any:
        return self.ring.largest([v[0] for v in values])

    def truth(self, x: Scalar) -> Any:
        return self.ring.truth(x[0])


def call(ring: Any, name: str, x: Scalar) -> Scalar:
    """Any elementwise function of the language."""
    return COMPOSITE[name](ring, x) if name in COMPOSITE else ring.apply(name, x)


def bell(c: Any, x: Scalar, order: int) -> Scalar:
    """The derivative 2 e^(-x²) / √π of erf."""
    root = c.mul(c.number(2), c.power(c.pi, Fraction(-1, 2)))
    return c.mul(root, c.apply("exp", c.mul(c.number(-1), c.mul(x, x))))


def sigmoid(c: Any, x: Scalar) -> Scalar:
    """1 / (1 + e^(-x))."""
    return c.power(c.add(c.number(1), c.apply("exp", c.mul(c.number(-1), x))), Fraction(-1))


SLOPES: dict[str, Callable[[Any, Scalar, int], Scalar]] = {
    "log": lambda c, x, order: c.power(x, Fraction(-1)),
    "sign": lambda c, x, order: None,
    "erf": bell,
    "lgamma": lambda c, x, order: c.apply("polygamma", x, 0),
    "polygamma": lambda c, x, order: c.apply("polygamma", x, order + 1),
}
COMPOSITE: dict[str, Callable[[Any, Scalar], Scalar]] = {
    "group": lambda c, x: x,
    "step": lambda c, x: c.mul(c.number(Fraction(1, 2)), c.add(c.number(1), c.apply("sign", x))),
    "abs": lambda c, x: c.mul(x, c.apply("sign", x)),
    "relu": lambda c, x: c.mul(x, call(c, "step", x)),
    "sigmoid": sigmoid,
    "tanh": lambda c, x: c.add(c.mul(c.number(2), sigmoid(c, c.add(x, x))), c.number(-1)),
    "softplus": lambda c, x: c.apply("log", c.add(c.number(1), c.apply("exp", x))),
}
