"""The two rings to evaluate in: real numbers, and residues in which exp and log are exact.

Each has pi, number, add, mul, power (by a rational), apply (exp, log, sign, erf, lgamma, psi0 and
its derivatives psi1, ...), largest (where the largest values stand) and truth (of a condition).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from mpmath.ctx_mp import MPContext

Real = Any  # int, Fraction or an mpf
Residues = tuple[int | None, ...]
LARGEST_EXPONENT, MOST_BITS = 1_000_000, 4000
PRIMES = (10589, 21179, 42359, 84719)
E, PI = 4, 3141  # a square stands for e, anything for π


class Undefined(Exception):
    """The expression has no value (or no derivative) at this point."""


class NotCovered(Exception):
    """This ring cannot evaluate such a node at all."""


@cache
def context(digits: int) -> Any:
    """An mpmath context of its own, so that nobody else's precision changes."""
    made = MPContext()
    made.dps = digits
    return made


def exact(x: Real) -> bool:
    """Whether a real number is rational."""
    return isinstance(x, (int, Fraction))


class Reals:
    """Real numbers, exact while they are rational, from the first exp, log or root on to 50 digits
    or more.

    sign(0) is undefined where `kinks` matter, otherwise 0; an inexact number below `tiny` may be a
    zero that rounding has hidden, so its sign is open.  `peak` is the binary exponent of the
    largest inexact term seen: nothing below `noise()` is believed.
    """

    def __init__(self, digits: int = 50, kinks: bool = False):
        self.ctx, self.digits, self.kinks, self.peak = context(digits), digits, kinks, -(10**9)
        self.pi, self.tiny = +self.ctx.pi, self.ctx.ldexp(1, -2 * digits)

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

    def apply(self, name: str, x: Real) -> Real:
        """A function; exp(0) and log(1) are exact."""
        if name == "sign":
            if (x == 0 and self.kinks) or (not exact(x) and abs(x) < self.tiny):
                raise Undefined("a kink")
            return int(x > 0) - int(x < 0)
        if (x <= 0 and name not in ("exp", "erf")) or (abs(x) > LARGEST_EXPONENT and name != "log"):
            raise Undefined("not positive, or too large to evaluate")
        if exact(x) and (name, x) in (("exp", 0), ("log", 1)):
            return 1 - x
        if name[:3] == "psi":
            return self.ctx.psi(int(name[3:]), self.ctx.convert(x))
        return getattr(self.ctx, name.replace("lgamma", "loggamma"))(self.ctx.convert(x))

    def power(self, base: Real, r: Fraction) -> Real:
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

    def largest(self, values: list[Real]) -> list[int]:
        """Inexact numbers tie when nearly equal."""
        if not all(map(exact, values)):
            values = [self.ctx.convert(v) for v in values]
        slack = 0 if exact(values[0]) else self.tiny * (1 + max(map(abs, values)))
        return [c for c, v in enumerate(values) if max(values) - v <= slack]

    def truth(self, x: Real) -> bool:
        if x not in (0, 1):
            raise Undefined("a condition that is neither 0 nor 1")
        return bool(x == 1)


@cache
def logs(level: int) -> dict[int, int]:
    """e^k ↦ k, for all squares at a level."""
    return {pow(E, k, PRIMES[level]): k for k in range(PRIMES[level - 1])} if level else {}


@lru_cache(100_000)
def residues(q: Fraction | int) -> Residues:
    """A rational number at every level."""
    fits = [(p, q.denominator % p != 0) for p in PRIMES]
    return tuple(q.numerator * pow(q.denominator, -1, p) % p if fit else None for p, fit in fits)


def each(function: Callable[..., int | None], *columns: Residues) -> Residues:
    """The function of the level and the residues there, None where one of them is."""
    rows = enumerate(zip(*columns, strict=True))
    return tuple(None if None in row else function(level, *row) for level, row in rows)


class Modular:
    """Residues in a chain of prime fields, in which exp and log are homomorphisms.

    In a Cunningham chain P[i+1] = 2 P[i] + 1 (OEIS A005602) the squares modulo P[i+1] are a cyclic
    group of prime order P[i].  So v ↦ e^v takes level i into it, e^(u+v) = e^u e^v exactly, and
    discrete logarithms bring squares back.  A scalar is a tuple of residues, one a level, None
    where undefined: exp undefines the lowest, log the highest.  "Positive" is "a square"; roots are
    squares; order, so max and sign, is not covered.  Many points make up for small primes.
    """

    pi, number = residues(PI), staticmethod(residues)

    def add(self, a: Residues, b: Residues) -> Residues:
        return each(lambda level, x, y: (x + y) % PRIMES[level], a, b)

    def mul(self, a: Residues, b: Residues) -> Residues:
        return each(lambda level, x, y: x * y % PRIMES[level], a, b)

    def power(self, base: Residues, r: Fraction) -> Residues:
        if r.denominator > 1:
            return self.apply("exp", self.mul(residues(r), self.apply("log", base)))
        return each(lambda i, b: pow(b, int(r), PRIMES[i]) if b or r >= 0 else None, base)

    def apply(self, name: str, x: Residues) -> Residues:
        if name == "exp":
            return each(lambda level, v: pow(E, v, PRIMES[level]), (None, *x[:-1]))
        if name == "log":
            return (*each(lambda level, v: logs(level).get(v), x)[1:], None)
        raise NotCovered(f"{name} is no homomorphism")

    def largest(self, values: Any) -> Any:
        raise NotCovered("the prime fields know no order")

    def truth(self, x: Residues) -> Any:
        return x == residues(1) or (x != residues(0) and self.largest(x))
