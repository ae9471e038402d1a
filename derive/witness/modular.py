"""Exact arithmetic in a chain of prime fields, in which exp and log are homomorphisms.

P[0], P[1] = 2 P[0] + 1, P[2] = 2 P[1] + 1, ... is a Cunningham chain (OEIS A005602).  The squares
modulo P[i+1] form a cyclic group whose order is the prime P[i].  So v ↦ g^v takes the residues at
level i into it, with g^(u+v) = g^u g^v exactly, and the discrete logarithm takes squares at level
i+1 back down.  A scalar is a tuple of residues, one a level, None where it is undefined: exp
undefines the lowest level, log the highest.  "Positive" is "a square": log and roots of anything
else are undefined (-1 is no square, as every P = 3 mod 4).  Order, and so max, abs, sign, is not
covered.  Primes of 25 bits keep the discrete logarithm cheap; many points make up for it.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache

from derive.witness.ring import NotCovered

PRIMES = (19099919, 38199839, 76399679, 152799359, 305598719, 611197439, 1222394879, 2444789759)
E, PI, BABY = 1234577**2, 31415926535, 1 << 15  # any square stands for e, anything for π
Residues = tuple[int | None, ...]


@lru_cache(maxsize=8)
def baby_steps(level: int) -> dict[int, int]:
    """E^k ↦ k for the small k."""
    found, value = {}, 1
    for k in range(BABY):
        found[value], value = k, value * E % PRIMES[level]
    return found


def discrete_log(value: int, level: int) -> int | None:
    """The k with E^k = value, modulo the order P[level-1]; None where value is no square."""
    p, order = PRIMES[level], PRIMES[level - 1]
    if pow(value, order, p) != 1:
        return None
    table, giant, steps = baby_steps(level), pow(E, order - BABY, p), 0
    while value not in table:
        value, steps = value * giant % p, steps + BABY
    return (table[value] + steps) % order


def root(b: int, r: Fraction, level: int) -> int | None:
    """b^r at one level; for a proper fraction the root that is a square, of a square."""
    p, order = PRIMES[level], PRIMES[level - 1]
    if r.denominator == 1:
        return pow(b, int(r), p) if b or r >= 0 else None
    if level == 0 or pow(b, order, p) != 1 or r.denominator % order == 0:
        return None
    return pow(b, r.numerator * pow(r.denominator, -1, order) % order, p)


class Modular:
    """The ring of residue tuples over the lowest levels of the chain."""

    def __init__(self, levels: int):
        self.primes = PRIMES[:levels]
        self.number = lru_cache(maxsize=None)(self.reduced)
        self.pi = self.reduced(PI)

    def reduced(self, q: Fraction | int) -> Residues:
        """A rational number at every level."""
        above, below = q.numerator, q.denominator
        return tuple(above * pow(below, -1, p) % p if below % p else None for p in self.primes)

    def add(self, a: Residues, b: Residues) -> Residues:
        """a + b."""
        both = zip(a, b, self.primes, strict=True)
        return tuple(None if x is None or y is None else (x + y) % p for x, y, p in both)

    def mul(self, a: Residues, b: Residues) -> Residues:
        """a b."""
        both = zip(a, b, self.primes, strict=True)
        return tuple(None if x is None or y is None else x * y % p for x, y, p in both)

    def power(self, base: Residues, r: Fraction) -> Residues:
        """base^r."""
        return tuple(None if b is None else root(b, r, level) for level, b in enumerate(base))

    def apply(self, name: str, x: Residues, order: int = 0) -> Residues:
        """exp, one level up, and log, one level down."""
        if name == "exp":
            up = zip((None, *x[:-1]), self.primes, strict=True)
            return tuple(None if v is None else pow(E, v, p) for v, p in up)
        if name == "log":
            down = enumerate(x[1:], 1)
            return (*(None if v is None else discrete_log(v, level) for level, v in down), None)
        raise NotCovered(f"{name} is no homomorphism")

    def largest(self, values: list[Residues]) -> list[int]:
        """Never: order means nothing here."""
        raise NotCovered("the prime fields know no order")

    def truth(self, x: Residues) -> bool:
        """Whether a condition holds."""
        if x not in (self.number(0), self.number(1)):
            raise NotCovered("a condition that is neither 0 nor 1")
        return x == self.number(1)
