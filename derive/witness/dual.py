"""Dual numbers over any ring of scalars: arithmetic and functions with their exact derivatives.

A Dual is re + eps·ε_tag with ε² = 0.  Nested derivatives get distinct tags, the outermost
differentiation the lowest, so that they are never confused.

A ring offers number, add, mul, rational_power, power (of a positive base), exp, log, sign, erf,
lgamma, polygamma, pi, maximisers and truth, each of which may raise Undefined or NotCovered.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

Scalar = Any  # a ring's own number, or a Dual over them


class Undefined(Exception):
    """The expression has no value (or no derivative) at this point."""


class NotCovered(Exception):
    """This ring cannot evaluate such a node at all."""


class Dual:
    """re + eps·ε with ε² = 0, for one tag; re and eps hold only lower tags."""

    __slots__ = ("eps", "re", "tag")

    def __init__(self, tag: int, re: Scalar, eps: Scalar):
        self.tag, self.re, self.eps = tag, re, eps


def primal(x: Scalar) -> Scalar:
    """The value without its derivatives."""
    while isinstance(x, Dual):
        x = x.re
    return x


def split(tag: int, x: Scalar) -> tuple[Scalar, Scalar]:
    """re and eps for the tag, None for an eps of zero."""
    return (x.re, x.eps) if isinstance(x, Dual) and x.tag == tag else (x, None)


def pair(a: Scalar, b: Scalar) -> tuple[int, Scalar, Scalar, Scalar, Scalar]:
    """Both operands split by their highest tag."""
    tag = max(x.tag for x in (a, b) if isinstance(x, Dual))
    return (tag, *split(tag, a), *split(tag, b))


class Calculus:
    """Arithmetic and the elementwise functions of a ring, extended to dual numbers."""

    def __init__(self, ring: Any):
        self.ring, self.number = ring, ring.number
        self.zero, self.one, self.minus = (ring.number(c) for c in (0, 1, -1))
        self.half = ring.number(Fraction(1, 2))

    def total(self, a: Scalar, b: Scalar) -> Scalar:
        """a + b, where None is a zero."""
        return b if a is None else a if b is None else self.add(a, b)

    def add(self, a: Scalar, b: Scalar) -> Scalar:
        """a + b."""
        if a.__class__ is not Dual and b.__class__ is not Dual:
            return self.ring.add(a, b)
        tag, a0, a1, b0, b1 = pair(a, b)
        return Dual(tag, self.add(a0, b0), self.total(a1, b1))

    def mul(self, a: Scalar, b: Scalar) -> Scalar:
        """a b."""
        if a.__class__ is not Dual and b.__class__ is not Dual:
            return self.ring.mul(a, b)
        tag, a0, a1, b0, b1 = pair(a, b)
        left = None if b1 is None else self.mul(a0, b1)
        right = None if a1 is None else self.mul(a1, b0)
        return Dual(tag, self.mul(a0, b0), self.total(left, right))

    def sub(self, a: Scalar, b: Scalar) -> Scalar:
        """a - b."""
        return self.add(a, self.mul(self.minus, b))

    def rational_power(self, base: Scalar, r: Fraction) -> Scalar:
        """base^r for a constant r."""
        if base.__class__ is not Dual:
            return self.ring.rational_power(base, r)
        if r in (0, 1):
            return base if r == 1 else self.one
        slope = self.mul(self.number(r), self.rational_power(base.re, r - 1))
        return Dual(base.tag, self.rational_power(base.re, r), self.mul(slope, base.eps))

    def power(self, base: Scalar, exponent: Scalar) -> Scalar:
        """base^exponent for an exponent that varies: base > 0 unless it happens to be rational."""
        if isinstance(exponent, (int, Fraction)):
            return self.rational_power(base, Fraction(exponent))
        if base.__class__ is not Dual and exponent.__class__ is not Dual:
            return self.ring.power(base, exponent)
        tag, b0, b1, e0, e1 = pair(base, exponent)
        value, below = self.power(b0, e0), self.sub(e0, self.one)
        left = None if b1 is None else self.mul(self.mul(e0, self.power(b0, below)), b1)
        right = None if e1 is None else self.mul(self.mul(value, self.apply("log", b0)), e1)
        return Dual(tag, value, self.total(left, right))

    def apply(self, name: str, x: Scalar, order: int = 0) -> Scalar:
        """An elementwise function; `order` is that of polygamma."""
        if name in COMPOSITE:
            return COMPOSITE[name](self, x)
        if x.__class__ is not Dual:
            function = getattr(self.ring, name)
            return function(order, x) if name == "polygamma" else function(x)
        value = self.apply(name, x.re, order)
        slope = value if name == "exp" else SLOPES[name](self, x.re, order)
        return Dual(x.tag, value, self.mul(slope, x.eps))

    def inverse(self, x: Scalar) -> Scalar:
        """1 / x."""
        return self.rational_power(x, Fraction(-1))

    def bell(self, x: Scalar) -> Scalar:
        """2 e^(-x²) / √π."""
        square = self.mul(self.minus, self.mul(x, x))
        root = self.rational_power(self.ring.pi(), Fraction(-1, 2))
        return self.mul(self.mul(self.number(2), root), self.apply("exp", square))


COMPOSITE: dict[str, Callable[[Calculus, Scalar], Scalar]] = {
    "group": lambda c, x: x,
    "step": lambda c, x: c.mul(c.half, c.add(c.one, c.apply("sign", x))),
    "abs": lambda c, x: c.mul(x, c.apply("sign", x)),
    "relu": lambda c, x: c.mul(x, c.apply("step", x)),
    "sigmoid": lambda c, x: c.inverse(c.add(c.one, c.apply("exp", c.mul(c.minus, x)))),
    "tanh": lambda c, x: c.sub(c.mul(c.number(2), c.apply("sigmoid", c.add(x, x))), c.one),
    "softplus": lambda c, x: c.apply("log", c.add(c.one, c.apply("exp", x))),
}
SLOPES: dict[str, Callable[[Calculus, Scalar, int], Scalar]] = {
    "log": lambda c, x, order: c.inverse(x),
    "sign": lambda c, x, order: c.zero,
    "erf": lambda c, x, order: c.bell(x),
    "lgamma": lambda c, x, order: c.apply("polygamma", x, 0),
    "polygamma": lambda c, x, order: c.apply("polygamma", x, order + 1),
}
