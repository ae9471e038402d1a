"""Exact arithmetic in a chain of prime fields, in which exp and log are homomorphisms.

P[0], P[1] = 2 P[0] + 1, P[2] = 2 P[1] + 1, ... is a Cunningham chain.  The squares modulo P[i+1] form
a cyclic group whose order is the prime P[i].  So v ↦ g^v takes the residues at level i into that
group, with g^(u+v) = g^u g^v exactly, and the discrete logarithm takes squares at level i+1 back down.
A scalar is a tuple of residues, one a level, None where it is undefined: exp undefines the lowest
level, log the highest.  "Positive" is "a square": log and roots of anything else are undefined there
(-1 is no square, as every P = 3 mod 4).  Order, and so max, abs, sign, is not covered.

Small primes (25 bits and more) keep the discrete logarithm cheap; many points make up for it.
Chain: the least of eight primes, see OEIS A005602.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from derive.witness.evaluate import NotCovered
from derive.witness.record import Tree, parts

PRIMES = (19099919, 38199839, 76399679, 152799359, 305598719, 611197439, 1222394879, 2444789759)
BASE, PI, BABY = 1234577, 31415926535, 1 << 15
Residues = tuple[int | None, ...]


@lru_cache(maxsize=8)
def generator(level: int) -> int:
    """A square other than 1, so a generator of the squares; it stands for e."""
    return pow(BASE, 2, PRIMES[level])


@lru_cache(maxsize=8)
def baby_steps(level: int) -> dict[int, int]:
    """g^k ↦ k for the small k."""
    found, value = {}, 1
    for k in range(BABY):
        found[value] = k
        value = value * generator(level) % PRIMES[level]
    return found


def discrete_log(value: int, level: int) -> int | None:
    """The k with g^k = value, modulo the order P[level-1]; None where value is no square."""
    p, order = PRIMES[level], PRIMES[level - 1]
    if pow(value, order, p) != 1:
        return None
    table, giant = baby_steps(level), pow(generator(level), order - BABY, p)
    steps = 0
    while value not in table:
        value, steps = value * giant % p, steps + BABY
    return (table[value] + steps) % order


def levels_needed(tree: Tree, definitions: Any) -> int:
    """One more than the exps, logs and roots that stand inside each other."""
    if isinstance(tree, str) or tree[0] in ("size", "pi", "delta"):
        return 1
    head, inner = tree[0], parts(tree)
    children = [*inner.trees, *(() if inner.bound is None else (inner.body,))]
    if head == "at" and tree[1] in definitions:
        children.append(definitions[tree[1]].body)
    deepest = max((levels_needed(c, definitions) for c in children), default=1)
    symbolic = head == "pow" and not isinstance(tree[2], str)
    root = head == "pow" and isinstance(tree[2], str) and "/" in tree[2]
    extra = {"exp": 1, "log": 1, "sigmoid": 1, "tanh": 1, "softplus": 2}.get(head, 0)
    return int(deepest + extra + 2 * symbolic + root)


class Modular:
    """The ring of residue tuples over the lowest levels of the chain."""

    def __init__(self, levels: int):
        self.primes = PRIMES[: min(levels, len(PRIMES))]
        self.cache: dict[Fraction | int, Residues] = {}

    def number(self, value: Fraction | int) -> Residues:
        if value not in self.cache:
            self.cache[value] = tuple(self.reduce(value, p) for p in self.primes)
        return self.cache[value]

    def reduce(self, value: Fraction | int, p: int) -> int | None:
        below = value.denominator % p
        return value.numerator * pow(below, -1, p) % p if below else None

    def add(self, a: Residues, b: Residues) -> Residues:
        return tuple(
            None if x is None or y is None else (x + y) % p
            for x, y, p in zip(a, b, self.primes, strict=True)
        )

    def mul(self, a: Residues, b: Residues) -> Residues:
        return tuple(
            None if x is None or y is None else x * y % p
            for x, y, p in zip(a, b, self.primes, strict=True)
        )

    def rational_power(self, base: Residues, exponent: Fraction) -> Residues:
        return tuple(
            None if b is None else self.root(b, exponent, level) for level, b in enumerate(base)
        )

    def root(self, b: int, exponent: Fraction, level: int) -> int | None:
        """b^exponent; for a proper fraction the root that is a square, of a square."""
        p = self.primes[level]
        if exponent.denominator == 1:
            return pow(b, int(exponent), p) if b or exponent >= 0 else None
        order = PRIMES[level - 1]
        if level == 0 or pow(b, order, p) != 1 or exponent.denominator % order == 0:
            return None
        return pow(b, exponent.numerator * pow(exponent.denominator, -1, order) % order, p)

    def power(self, base: Residues, exponent: Residues) -> Residues:
        return self.exp(self.mul(exponent, self.log(base)))

    def exp(self, x: Residues) -> Residues:
        up = zip_longest((None, *x[:-1]), self.primes)
        return tuple(None if v is None else pow(generator(c), v, p) for c, (v, p) in enumerate(up))

    def log(self, x: Residues) -> Residues:
        down = (None if v is None else discrete_log(v, c + 1) for c, v in enumerate(x[1:]))
        return (*down, None)

    def apply(self, name: str, x: Residues) -> Residues:
        if name in ("exp", "log"):
            return self.exp(x) if name == "exp" else self.log(x)
        one, minus = self.number(1), self.number(-1)
        if name == "softplus":
            return self.log(self.add(one, self.exp(x)))
        if name == "sigmoid":
            below = self.add(one, self.exp(self.mul(minus, x)))
            return self.rational_power(below, Fraction(-1))
        if name == "tanh":
            below = self.add(one, self.exp(self.mul(self.number(2), x)))
            part = self.mul(self.number(-2), self.rational_power(below, Fraction(-1)))
            return self.add(one, part)
        raise NotCovered(name)

    def polygamma(self, order: int, x: Residues) -> Residues:
        raise NotCovered("lgamma")

    def maximisers(self, values: list[Residues]) -> list[int]:
        raise NotCovered("max")

    def truth(self, x: Residues) -> bool:
        if x not in (self.number(0), self.number(1)):
            raise NotCovered("a condition")
        return x == self.number(1)

    def pi(self) -> Residues:
        return self.number(PI)
