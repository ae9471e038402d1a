"""Exact arithmetic in a chain of prime fields, in which exp and log are homomorphisms.

P[0], P[1] = 2 P[0] + 1, P[2] = 2 P[1] + 1, ... is a Cunningham chain (OEIS A005602).  The squares
modulo P[i+1] form a cyclic group whose order is the prime P[i].  So v ↦ e^v takes the residues at
level i into it, with e^(u+v) = e^u e^v exactly, and the discrete logarithm takes squares at level
i+1 back down.  A scalar is a tuple of residues, one a level, None where it is undefined: exp
undefines the lowest level, log the highest.  "Positive" is "a square": log and roots of anything
else are undefined (-1 is no square, as every P = 3 mod 4).  Order, and so max, abs, sign, is not
covered.  The primes are small enough for tables of logarithms; many points make up for it.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derive.witness.dual import NotCovered

PRIMES = (10589, 21179, 42359, 84719)
E, PI = 4, 3141  # a square other than 1 stands for e, anything for π
Residues = tuple[int | None, ...]


@lru_cache(maxsize=8)
def logs(level: int) -> dict[int, int]:
    """e^k ↦ k, for all squares at a level."""
    return {pow(E, k, PRIMES[level]): k for k in range(PRIMES[level - 1])} if level else {}


def each(function: Callable[..., int | None], *columns: Residues) -> Residues:
    """The function of the level and the residues there, None where one of them is."""
    rows = enumerate(zip(*columns, strict=True))
    return tuple(None if None in row else function(level, *row) for level, row in rows)


class Modular:
    """The ring of residue tuples."""

    def __init__(self) -> None:
        self.number = lru_cache(maxsize=None)(self.reduced)
        self.pi = self.reduced(PI)

    def reduced(self, q: Fraction | int) -> Residues:
        above, below = q.numerator, q.denominator
        return tuple(above * pow(below, -1, p) % p if below % p else None for p in PRIMES)

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

    def largest(self, values: Any) -> list[int]:
        raise NotCovered("the prime fields know no order")

    def truth(self, x: Residues) -> bool:
        if x not in (self.number(0), self.number(1)):
            raise NotCovered("a condition that is neither 0 nor 1")
        return x == self.number(1)
