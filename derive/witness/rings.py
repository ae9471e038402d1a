"""What to calculate in: real numbers, exact while they are rational, and dual numbers over them.

A ring has pi, number, add, mul, power (by a rational), apply (exp, log, sign, erf, and psi0, psi1,
...; psi-1 is log Γ), largest (where the largest values stand) and truth (of a condition).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

from mpmath.ctx_mp import MPContext

Scalar = Any  # a ring's own number; of the reals an int, a Fraction or an mpf
LARGEST_EXPONENT, MOST_BITS = 1_000_000, 4000
HALF = Fraction(1, 2)


class Undefined(Exception):
    """The expression has no value (or no derivative) at this point."""


class NotCovered(Exception):
    """This is too much to evaluate."""


@cache
def context(digits: int) -> Any:
    """An mpmath context of its own, so that nobody else's precision changes."""
    made = MPContext()
    made.dps = digits
    return made


def exact(x: Scalar) -> bool:
    """Whether a real number is rational."""
    return isinstance(x, (int, Fraction))


class Reals:
    """Real numbers, inexact from the first exp, log or root on, to 50 digits or more.

    sign(0) is undefined where `kinks` matter, otherwise 0; an inexact number below `tiny` may be a
    zero that rounding has hidden, so its sign is open.  `peak` is the binary exponent of the
    largest inexact term seen: nothing below `noise()` is believed.
    """

    def __init__(self, digits: int = 50, kinks: bool = False):
        self.ctx, self.digits, self.kinks, self.peak = context(digits), digits, kinks, -(10**9)
        self.pi, self.tiny = +self.ctx.pi, self.ctx.ldexp(1, -2 * digits)

    def noise(self, *values: Scalar) -> Any:
        """What rounding can make of terms as large as those seen, or as these."""
        largest = max([self.peak, *(self.ctx.mag(v) for v in values if v)])
        return self.ctx.ldexp(1, largest - 3 * self.digits)

    def number(self, q: Fraction | int) -> Scalar:
        return q.numerator if q.denominator == 1 else q

    def add(self, a: Scalar, b: Scalar) -> Scalar:
        if exact(a) and exact(b):
            return a + b
        a, b = self.ctx.convert(a), self.ctx.convert(b)
        self.peak = max([self.peak, *(self.ctx.mag(x) for x in (a, b) if x)])
        return a + b

    def mul(self, a: Scalar, b: Scalar) -> Scalar:
        return a * b if exact(a) and exact(b) else self.ctx.convert(a) * self.ctx.convert(b)

    def apply(self, name: str, x: Scalar) -> Scalar:
        """A function; exp(0) and log(1) are exact."""
        if name == "sign":
            if (x == 0 and self.kinks) or (not exact(x) and abs(x) < self.tiny):
                raise Undefined("a kink")
            return int(x > 0) - int(x < 0)
        if (x <= 0 and name not in ("exp", "erf")) or (abs(x) > LARGEST_EXPONENT and name != "log"):
            raise Undefined("not positive, or too large to evaluate")
        if exact(x) and (name, x) in (("exp", 0), ("log", 1)):
            return 1 - x
        if name == "psi-1":
            return self.ctx.loggamma(self.ctx.convert(x))
        if name.startswith("psi"):
            return self.ctx.psi(int(name[3:]), self.ctx.convert(x))
        return getattr(self.ctx, name)(self.ctx.convert(x))

    def power(self, base: Scalar, r: Fraction) -> Scalar:
        """base^r, exact where base is, r is whole, and the result is short."""
        if r < 0 and (base == 0 or (not exact(base) and abs(base) < self.noise())):
            raise Undefined("division by what may be zero")
        if base == 0:
            return int(r == 0)
        whole = r.denominator == 1
        bits = base.numerator.bit_length() + base.denominator.bit_length() if exact(base) else 64
        if whole and abs(r) * bits <= MOST_BITS:
            return self.number(Fraction(base) ** int(r)) if exact(base) else base ** int(r)
        root = self.apply("exp", self.mul(r, self.apply("log", abs(base) if whole else base)))
        return -root if base < 0 and r % 2 else root

    def largest(self, values: list[Scalar]) -> list[int]:
        """Inexact numbers tie when nearly equal."""
        if not all(map(exact, values)):
            values = [self.ctx.convert(v) for v in values]
        slack = 0 if exact(values[0]) else self.tiny * (1 + max(map(abs, values)))
        return [c for c, v in enumerate(values) if max(values) - v <= slack]

    def truth(self, x: Scalar) -> bool:
        if x not in (0, 1):
            raise Undefined("a condition that is neither 0 nor 1")
        return bool(x == 1)


class Dual:
    """a + b·ε over another ring with ε² = 0, as a pair (a, b); b is None where it is 0.

    Each nested derivative has a ring of its own over the one outside it, so that no ε is confused.
    """

    def __init__(self, ring: Any):
        self.ring, self.pi, self.truth = ring, (ring.pi, None), lambda x: ring.truth(x[0])
        self.number = lambda q: (ring.number(q), None)
        self.largest = lambda values: ring.largest([v[0] for v in values])

    def plus(self, a: Scalar, b: Scalar) -> Scalar:
        return b if a is None else a if b is None else self.ring.add(a, b)

    def times(self, a: Scalar, b: Scalar) -> Scalar:
        return None if a is None or b is None else self.ring.mul(a, b)

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

    def apply(self, name: str, x: Scalar) -> Scalar:
        value = self.ring.apply(name, x[0])
        slope = SLOPES.get(name, polygamma(name)) if x[1] is not None else None
        return value, self.times(slope and slope(self.ring, x[0], value), x[1])


def polygamma(name: str) -> Slope:
    """The derivative of psi_k is psi_(k+1)."""
    return lambda c, x, value: c.apply(f"psi{int(name[3:]) + 1}", x)


def sigmoid(c: Any, x: Scalar) -> Scalar:
    """1 / (1 + e^(-x))."""
    return c.power(c.add(c.number(1), c.apply("exp", c.mul(c.number(-1), x))), Fraction(-1))


def step(c: Any, x: Scalar) -> Scalar:
    """(1 + sign x) / 2."""
    return c.mul(c.number(HALF), c.add(c.number(1), c.apply("sign", x)))


def bell(c: Any, x: Scalar, erf: Scalar) -> Scalar:
    """The derivative 2 e^(-x²) / √π of erf."""
    square = c.mul(c.number(-1), c.mul(x, x))
    return c.mul(c.mul(c.number(2), c.power(c.pi, -HALF)), c.apply("exp", square))


Slope = Callable[[Any, Scalar, Scalar], Scalar]
SLOPES: dict[str, Slope] = {
    "exp": lambda c, x, value: value, "log": lambda c, x, value: c.power(x, Fraction(-1)),
    "sign": lambda c, x, value: None, "erf": bell,
}  # fmt: skip
FUNCTIONS: dict[str, Callable[[Any, Scalar], Scalar]] = {
    "group": lambda c, x: x, "step": step, "sigmoid": sigmoid,
    "lgamma": lambda c, x: c.apply("psi-1", x),
    "abs": lambda c, x: c.mul(x, c.apply("sign", x)),
    "relu": lambda c, x: c.mul(x, step(c, x)),
    "tanh": lambda c, x: c.add(c.mul(c.number(2), sigmoid(c, c.add(x, x))), c.number(-1)),
    "softplus": lambda c, x: c.apply("log", c.add(c.number(1), c.apply("exp", x))),
}  # fmt: skip
