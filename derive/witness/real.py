"""Real numbers: exact while they are rational, mpmath floats from the first exp, log or root on."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from mpmath.ctx_mp import MPContext

from derive.witness.dual import Undefined

Real = Any  # int, Fraction or an mpf
LARGEST_EXPONENT, MOST_BITS = 1_000_000, 4000


@lru_cache(maxsize=8)
def context(digits: int) -> Any:
    """An mpmath context of its own, so that nobody else's precision changes."""
    made = MPContext()
    made.dps = digits
    return made


def exact(x: Real) -> bool:
    """Whether a number is rational."""
    return isinstance(x, (int, Fraction))


def text(x: Real, digits: int = 15) -> str:
    """A rational number as it is, any other to so many digits."""
    return str(x) if exact(x) else str(x.context.nstr(x, digits))


class Reals:
    """The ring of real numbers to so many digits.

    sign(0) is undefined where `kinks` matter, otherwise 0; an inexact number below `tiny` may be a
    zero that rounding has hidden, so its sign is open.  `peak` is the binary exponent of the
    largest inexact term seen: nothing below `noise()` is believed.
    """

    def __init__(self, digits: int = 50, kinks: bool = False):
        self.ctx, self.digits, self.kinks = context(digits), digits, kinks
        self.pi, self.tiny, self.peak = +self.ctx.pi, self.ctx.ldexp(1, -2 * digits), -(10**9)

    def noise(self, *values: Real) -> Any:
        """What rounding can make of terms as large as those seen, or as these."""
        largest = max([self.peak, *(self.ctx.mag(v) for v in values if v)])
        return self.ctx.ldexp(1, largest - 3 * self.digits)

    def number(self, q: Fraction | int) -> Real:
        return q.numerator if q.denominator == 1 else q

    def add(self, a: Real, b: Real) -> Real:
        if exact(a) and exact(b):
            return a + b
        a, b = self.ctx.convert(a), self.ctx.convert(b)
        self.peak = max([self.peak, *(self.ctx.mag(x) for x in (a, b) if x)])
        return a + b

    def mul(self, a: Real, b: Real) -> Real:
        return a * b if exact(a) and exact(b) else self.ctx.convert(a) * self.ctx.convert(b)

    def apply(self, name: str, x: Real, order: int = 0) -> Real:
        """A function, exact at the places 0 and 1 where exp and log are."""
        if name == "sign":
            if (x == 0 and self.kinks) or (not exact(x) and abs(x) < self.tiny):
                raise Undefined("a kink")
            return int(x > 0) - int(x < 0)
        if name in ("log", "lgamma", "polygamma") and x <= 0:
            raise Undefined("not positive")
        if name != "log" and abs(x) > LARGEST_EXPONENT:
            raise Undefined("too large to evaluate")
        if exact(x) and (name, x) in (("exp", 0), ("log", 1)):
            return 1 - x
        if name == "polygamma":
            return self.ctx.psi(order, self.ctx.convert(x))
        return getattr(self.ctx, "loggamma" if name == "lgamma" else name)(self.ctx.convert(x))

    def power(self, base: Real, r: Fraction) -> Real:
        """base^r, exact where base is, r is whole, and the result is short."""
        if base == 0 and r < 0:
            raise Undefined("division by zero")
        if base == 0:
            return int(r == 0)
        if r < 0 and not exact(base) and abs(base) < self.noise():
            raise Undefined("division by what may be a zero")
        whole = r.denominator == 1
        if whole and exact(base):
            bits = base.numerator.bit_length() + base.denominator.bit_length()
            if bits * abs(r) <= MOST_BITS:
                return self.number(Fraction(base) ** int(r))
        elif whole and abs(r) <= 64:
            return base ** int(r)
        root = self.apply("exp", self.mul(r, self.apply("log", abs(base) if whole else base)))
        return -root if base < 0 and r % 2 else root

    def largest(self, values: list[Real]) -> list[int]:
        """Inexact numbers tie when nearly equal."""
        if not all(map(exact, values)):
            values = [self.ctx.convert(v) for v in values]
        best = max(values)
        slack = 0 if exact(best) else self.tiny * (1 + abs(best))
        return [c for c, v in enumerate(values) if best - v <= slack]

    def truth(self, x: Real) -> bool:
        if x not in (0, 1):
            raise Undefined("a condition that is neither 0 nor 1")
        return bool(x == 1)
