"""Exact arithmetic in a chain of prime fields, in which exp and log are homomorphisms.

In a Cunningham chain P[i+1] = 2 P[i] + 1 (OEIS A005602) the squares modulo P[i+1] are a cyclic
group of prime order P[i].  So v ↦ e^v takes residues at level i into it, e^(u+v) = e^u e^v exactly,
and discrete logarithms bring squares back down.  A scalar is a tuple of residues, one a level, None
where undefined: exp undefines the lowest, log the highest.  "Positive" is "a square": log and roots
of anything else are undefined (-1 is no square).  Order, so max and sign, is not covered.  The
primes are small enough for tables of logarithms; many points make up for it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derive.witness.dual import NotCovered

PRIMES = (10589, 21179, 42359, 84719)
E, PI = 4, 3141  # a square stands for e, anything for π
Residues = tuple[int | None, ...]


@lru_cache(maxsize=8)
def logs(level: int) -> dict[int, int]:
    """e^k ↦ k, for all squares at a level."""
    return {pow(E, k, PRIMES[level]): k for k in range(PRIMES[level - 1])} if level else {}


def each(function: Callable[..., int | None], *columns: Residues) -> Residues:
    """The function of the level and the residues there, None where one of them is."""
    rows = enumerate(zip(*columns, strict=True))
    return tuple(None if None in row else function(level, *row) for level, row in rows)


@lru_cache(maxsize=100_000)
def reduced(q: Fraction | int) -> Residues:
    """A rational number at every level."""
    return tuple(
        q.numerator * pow(q.denominator, -1, p) % p if q.denominator % p else None for p in PRIMES
    )


class Modular:
    """The ring of residue tuples."""

    pi, number = reduced(PI), staticmethod(reduced)

    def add(self, a: Residues, b: Residues) -> Residues:
        return each(lambda level, x, y: (x + y) % PRIMES[level], a, b)

    def mul(self, a: Residues, b: Residues) -> Residues:
        return each(lambda level, x, y: x * y % PRIMES[level], a, b)

    def power(self, base: Residues, r: Fraction) -> Residues:
        """base^r; for a proper fraction the root that is a square, of a square."""

        def root(level: int, b: int) -> int | None:
            if r.denominator == 1:
                return pow(b, int(r), PRIMES[level]) if b or r >= 0 else None
            order = PRIMES[level - 1]
            if b not in logs(level) or r.denominator % order == 0:
                return None
            return pow(b, r.numerator * pow(r.denominator, -1, order) % order, PRIMES[level])

        return each(root, base)

    def apply(self, name: str, x: Residues, order: int = 0) -> Residues:
        """exp takes residues one level up, and log one level down."""
        if name == "exp":
            return each(lambda level, v: pow(E, v, PRIMES[level]), (None, *x[:-1]))
        if name == "log":
            return (*each(lambda level, v: logs(level).get(v), x)[1:], None)
        raise NotCovered(f"{name} is no homomorphism")

    def largest(self, values: Any) -> Any:
        raise NotCovered("the prime fields know no order")

    def truth(self, x: Residues) -> Any:
        return x == reduced(1) or (x != reduced(0) and self.largest(x))
