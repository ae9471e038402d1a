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

from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from typing import Any

from derive.witness.dual import NotCovered
from derive.witness.record import Definition, Tree, parts

PRIMES = (19099919, 38199839, 76399679, 152799359, 305598719, 611197439, 1222394879, 2444789759)
E, PI, BABY = 1234577**2, 31415926535, 1 << 15  # any square stands for e, anything for π
DEPTH = {"exp": 1, "log": 1, "sigmoid": 1, "tanh": 1, "softplus": 2, "pow": 2}
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


def levels_needed(tree: Tree, rules: Mapping[str, Definition], known: dict[str, int]) -> int:
    """One more than the exps, logs and roots that stand inside each other."""
    if tree[0] == "at" and tree[1] in rules:
        if tree[1] not in known:
            known[tree[1]] = levels_needed(rules[tree[1]].body, rules, known)
        return known[tree[1]]
    deepest = max((levels_needed(c, rules, known) for c in parts(tree)[0]), default=1)
    whole = tree[0] == "pow" and isinstance(tree[2], str) and "/" not in tree[2]
    return deepest + (0 if whole else DEPTH.get(tree[0], 0))


class Modular:
    """The ring of residue tuples over the lowest levels of the chain."""

    def __init__(self, levels: int):
        self.primes = PRIMES[:levels]
        self.number = lru_cache(maxsize=None)(self.reduced)

    def reduced(self, value: Fraction | int) -> Residues:
        """A rational number at every level."""
        return tuple(
            value.numerator * pow(value.denominator, -1, p) % p if value.denominator % p else None
            for p in self.primes
        )

    def add(self, a: Residues, b: Residues) -> Residues:
        """a + b."""
        both = zip(a, b, self.primes, strict=True)
        return tuple(None if x is None or y is None else (x + y) % p for x, y, p in both)

    def mul(self, a: Residues, b: Residues) -> Residues:
        """a b."""
        both = zip(a, b, self.primes, strict=True)
        return tuple(None if x is None or y is None else x * y % p for x, y, p in both)

    def rational_power(self, base: Residues, r: Fraction) -> Residues:
        """base^r; for a proper fraction the root that is a square, of a square."""
        return tuple(None if b is None else self.root(b, r, c) for c, b in enumerate(base))

    def root(self, b: int, r: Fraction, level: int) -> int | None:
        """`rational_power` at one level."""
        p = self.primes[level]
        if r.denominator == 1:
            return pow(b, int(r), p) if b or r >= 0 else None
        order = PRIMES[level - 1]
        if level == 0 or pow(b, order, p) != 1 or r.denominator % order == 0:
            return None
        return pow(b, r.numerator * pow(r.denominator, -1, order) % order, p)

    def power(self, base: Residues, exponent: Residues) -> Residues:
        """base^exponent = exp(exponent · log base)."""
        return self.exp(self.mul(exponent, self.log(base)))

    def exp(self, x: Residues) -> Residues:
        """The homomorphism one level up."""
        up = zip((None, *x[:-1]), self.primes, strict=True)
        return tuple(None if v is None else pow(E, v, p) for v, p in up)

    def log(self, x: Residues) -> Residues:
        """The homomorphism one level down."""
        down = (None if v is None else discrete_log(v, c) for c, v in enumerate(x[1:], 1))
        return (*down, None)

    def pi(self) -> Residues:
        """A number without properties."""
        return self.number(PI)

    def lacking(self, *arguments: Any) -> Any:
        """Whatever needs order, or is no homomorphism."""
        raise NotCovered("the prime fields know no order")

    sign = erf = lgamma = polygamma = maximisers = lacking

    def truth(self, x: Residues) -> bool:
        """Whether a condition holds."""
        return x == self.number(1) or (x != self.number(0) and bool(self.lacking()))
