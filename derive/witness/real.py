"""Real numbers: exact while they are rational, mpmath floats from the first exp, log or root on."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from math import isqrt
from typing import Any

from mpmath.ctx_mp import MPContext

from derive.witness.evaluate import Undefined

Real = Any  # int, Fraction or an mpf
LARGEST_EXPONENT = 1_000_000


@lru_cache(maxsize=8)
def context(digits: int) -> Any:
    """An mpmath context of its own, so that nobody else's precision changes."""
    made = MPContext()
    made.dps = digits
    return made


def _simple(value: Fraction | int) -> Fraction | int:
    return value.numerator if value.denominator == 1 else value


class Reals:
    """The ring of real numbers to so many digits.

    An inexact number smaller than 10^(-2/3 digits) may be a zero that rounding has hidden, so order
    is not decided there.  With `kinks_matter`, abs and relu are undefined at 0; sign and step, being
    there only to be differentiated or compared off the kink, always are.
    """

    def __init__(self, digits: int, kinks_matter: bool):
        self.ctx, self.kinks_matter = context(digits), kinks_matter
        self.tiny = self.ctx.mpf(10) ** (-2 * digits // 3)
        self.functions: dict[str, Callable[[Real], Real]] = {
            "exp": self.exp, "log": self.log, "sign": self.sign, "abs": self.abs,
            "step": lambda x: (1 + self.sign(x)) // 2,
            "relu": lambda x: (self.abs(x) + x) / 2 if self.inexact(x) else max(x, self.abs(x) * 0),
            "sigmoid": lambda x: 1 / (1 + self.ctx.exp(-self.bounded(x))),
            "tanh": lambda x: self.ctx.tanh(self.bounded(x)),
            "softplus": lambda x: self.ctx.log1p(self.ctx.exp(self.bounded(x))),
            "erf": lambda x: self.ctx.erf(self.bounded(x)),
            "lgamma": lambda x: self.ctx.loggamma(self.bounded(self.positive(x))),
        }  # fmt: skip

    def inexact(self, x: Real) -> bool:
        return not isinstance(x, (int, Fraction))

    def lift(self, x: Real) -> Any:
        return self.ctx.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else self.ctx.mpf(x)

    def number(self, value: Fraction | int) -> Real:
        return _simple(value)

    def add(self, a: Real, b: Real) -> Real:
        if a.__class__ is Fraction and self.inexact(b):
            a = self.lift(a)
        elif b.__class__ is Fraction and self.inexact(a):
            b = self.lift(b)
        return a + b

    def mul(self, a: Real, b: Real) -> Real:
        if a.__class__ is Fraction and self.inexact(b):
            a = self.lift(a)
        elif b.__class__ is Fraction and self.inexact(a):
            b = self.lift(b)
        return a * b

    def bounded(self, x: Real) -> Any:
        if abs(x) > LARGEST_EXPONENT:
            raise Undefined("too large to evaluate")
        return self.lift(x)

    def positive(self, x: Real) -> Real:
        if x <= 0:
            raise Undefined("not positive")
        return x

    def exp(self, x: Real) -> Real:
        return 1 if x == 0 and not self.inexact(x) else self.ctx.exp(self.bounded(x))

    def log(self, x: Real) -> Real:
        return 0 if x == 1 and not self.inexact(x) else self.ctx.log(self.lift(self.positive(x)))

    def sign(self, x: Real) -> int:
        if x == 0 or (self.inexact(x) and abs(x) < self.tiny):
            raise Undefined("a kink")
        return 1 if x > 0 else -1

    def abs(self, x: Real) -> Real:
        if self.kinks_matter:
            self.sign(x)
        return abs(x)

    def apply(self, name: str, x: Real) -> Real:
        return self.functions[name](x)

    def polygamma(self, order: int, x: Real) -> Real:
        return self.ctx.psi(order, self.bounded(self.positive(x)))

    def pi(self) -> Any:
        return +self.ctx.pi

    def rational_power(self, base: Real, exponent: Fraction) -> Real:
        if exponent == 1:
            return base
        if base == 0:
            if exponent < 0:
                raise Undefined("division by zero")
            return 0 if exponent else 1
        if exponent.denominator == 1:
            return self.whole_power(base, int(exponent))
        exact = self.exact_root(base) if exponent.denominator == 2 else None
        if exact is not None:
            return self.whole_power(exact, exponent.numerator)
        return self.power(self.positive(base), exponent)

    def whole_power(self, base: Real, exponent: int) -> Real:
        if abs(exponent) > 64:
            sign = -1 if base < 0 and exponent % 2 else 1
            return sign * self.power(abs(base), exponent)
        if self.inexact(base):
            return base**exponent
        return _simple(Fraction(base) ** exponent)

    def exact_root(self, base: Real) -> Fraction | None:
        if self.inexact(base) or base < 0:
            return None
        top, below = isqrt(base.numerator), isqrt(base.denominator)
        root = Fraction(top, below)
        return root if root * root == base else None

    def power(self, base: Real, exponent: Real) -> Any:
        return self.ctx.exp(self.bounded(self.mul(exponent, self.ctx.log(self.lift(self.positive(base))))))

    def maximisers(self, values: list[Real]) -> list[int]:
        if not any(self.inexact(v) for v in values):
            best = max(values)
            return [c for c, v in enumerate(values) if v == best]
        lifted = [self.lift(v) for v in values]
        best = max(lifted)
        return [c for c, v in enumerate(lifted) if best - v <= self.tiny * (1 + abs(best))]

    def truth(self, x: Real) -> bool:
        if x not in (0, 1):
            raise Undefined("a condition that is neither 0 nor 1")
        return bool(x == 1)
