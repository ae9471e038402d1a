"""Real numbers: exact while they are rational, mpmath floats from the first exp, log or root on."""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any

from mpmath.ctx_mp import MPContext

from derive.witness.dual import Undefined

Real = Any  # int, Fraction or an mpf
LARGEST_EXPONENT = 1_000_000


@lru_cache(maxsize=8)
def context(digits: int) -> Any:
    """An mpmath context of its own, so that nobody else's precision changes."""
    made = MPContext()
    made.dps = digits
    return made


def inexact(x: Real) -> bool:
    """Whether a number is an mpf."""
    return not isinstance(x, (int, Fraction))


class Reals:
    """The ring of real numbers to so many digits.

    A number below 10^(-2/3 digits) may be a zero that rounding has hidden: its sign is open.
    sign(0) is undefined if `kinks_matter`, otherwise 0.  `peak` is the largest exp or power seen,
    and with `watch` the largest term: nothing below peak · `noise` is believed.
    """

    def __init__(self, digits: int, kinks_matter: bool, watch: bool = False):
        self.ctx, self.kinks_matter, self.watch = context(digits), kinks_matter, watch
        self.tiny, self.peak = self.ctx.mpf(10) ** (-2 * digits // 3), self.ctx.mpf(0)
        self.noise = self.ctx.mpf(10) ** (20 - digits)

    def lift(self, x: Real) -> Any:
        """The number as an mpf."""
        whole = not isinstance(x, Fraction)
        return self.ctx.mpf(x) if whole else self.ctx.mpf(x.numerator) / x.denominator

    def seen(self, x: Real) -> Real:
        """x, after `peak` has taken note of it."""
        self.peak = max(self.peak, abs(self.lift(x)))
        return x

    def number(self, value: Fraction | int) -> Real:
        """An exact number, as an int where it is one."""
        return value.numerator if value.denominator == 1 else value

    def alike(self, a: Real, b: Real) -> tuple[Real, Real]:
        """A Fraction beside an mpf becomes one."""
        if a.__class__ is Fraction and inexact(b):
            return self.lift(a), b
        return (a, self.lift(b)) if b.__class__ is Fraction and inexact(a) else (a, b)

    def add(self, a: Real, b: Real) -> Real:
        """a + b."""
        a, b = self.alike(a, b)
        if self.watch and (inexact(a) or inexact(b)):
            self.seen(a), self.seen(b)
        return a + b

    def mul(self, a: Real, b: Real) -> Real:
        """a b."""
        a, b = self.alike(a, b)
        return a * b

    def bounded(self, x: Real) -> Any:
        """x as an mpf, if e^x has a size that can be computed with."""
        if abs(x) > LARGEST_EXPONENT:
            raise Undefined("too large to evaluate")
        return self.lift(x)

    def positive(self, x: Real) -> Any:
        """x as an mpf, if it is positive."""
        if x <= 0:
            raise Undefined("not positive")
        return self.lift(x)

    def exp(self, x: Real) -> Real:
        """e^x."""
        return 1 if x == 0 and not inexact(x) else self.seen(self.ctx.exp(self.bounded(x)))

    def log(self, x: Real) -> Real:
        """The logarithm of a positive number."""
        return 0 if x == 1 and not inexact(x) else self.ctx.log(self.positive(x))

    def sign(self, x: Real) -> int:
        """-1, 0 or 1."""
        if (x == 0 and self.kinks_matter) or (inexact(x) and abs(x) < self.tiny):
            raise Undefined("a kink")
        return int(x > 0) - int(x < 0)

    def erf(self, x: Real) -> Any:
        """The error function."""
        return self.ctx.erf(self.bounded(x))

    def lgamma(self, x: Real) -> Any:
        """log Γ of a positive number."""
        return self.ctx.loggamma(self.bounded(self.positive(x)))

    def polygamma(self, order: int, x: Real) -> Any:
        """The derivatives of log Γ, order 0 the first."""
        return self.ctx.psi(order, self.bounded(self.positive(x)))

    def pi(self) -> Any:
        """π."""
        return +self.ctx.pi

    def rational_power(self, base: Real, r: Fraction) -> Real:
        """base^r, exact for whole powers and square roots of squares."""
        if base == 0 and r < 0:
            raise Undefined("division by zero")
        if base == 0 or r == 1:
            return base if r else 1
        if r < 0 and inexact(base) and abs(base) < self.peak * self.noise:
            raise Undefined("division by what may be a zero")
        root = self.exact_root(base) if r.denominator == 2 else base
        if root is None or r.denominator > 2:
            return self.power(self.positive(base), r)
        return self.whole_power(root, r.numerator)

    def whole_power(self, base: Real, n: int) -> Real:
        """base^n for base ≠ 0, exact where base is and the result is short."""
        bits = 0 if inexact(base) else base.numerator.bit_length() + base.denominator.bit_length()
        if abs(n) > 64 or bits * abs(n) > 4000:
            return (-1 if base < 0 and n % 2 else 1) * self.power(abs(base), n)
        return self.seen(base**n) if inexact(base) else self.number(Fraction(base) ** n)

    def exact_root(self, base: Real) -> Fraction | None:
        """The square root of the square of a rational, otherwise None."""
        if inexact(base) or base < 0:
            return None
        root = Fraction(isqrt(base.numerator), isqrt(base.denominator))
        return root if root * root == base else None

    def power(self, base: Real, exponent: Real) -> Any:
        """A power of a positive number."""
        return self.exp(self.mul(exponent, self.ctx.log(self.positive(base))))

    def maximisers(self, values: list[Real]) -> list[int]:
        """Where the largest value stands; inexact numbers tie when nearly equal."""
        if any(map(inexact, values)):
            values = [self.lift(v) for v in values]
        best = max(values)
        slack = self.tiny * (1 + abs(best)) if inexact(best) else 0
        return [c for c, v in enumerate(values) if best - v <= slack]

    def truth(self, x: Real) -> bool:
        """Whether a condition holds."""
        if x not in (0, 1):
            raise Undefined("a condition that is neither 0 nor 1")
        return bool(x == 1)
