"""Numbers as unevaluated sums of two doubles (Dekker 1971): the constants that e^x needs in them.

    x = k ln 2 + 256 s,  e^s - 1 = s (1 + s/2! + s²/3! + ...),  e^(2 s) - 1 = 2 t + t² eight times

for t = e^s - 1.  The first terms of the series are taken in two doubles, the others in one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from mpmath import mp

HALVINGS = 8
"""So |s| <= ln 2 / 512."""
TWOFOLD_TERMS = 6
"""s^6/7! is below 2^-69: what a double loses of it is below 2^-122 of the sum."""
PLAIN_TERMS = 4
"""s^10/11! is below 2^-120."""
HEAD_BITS = 44
"""k ln2_high and k ln2_middle are exact for |k| < 2^9."""
FAR = -80
"""Below, e^x is less than 2^-115 and one double holds enough of it."""


@dataclass(frozen=True)
class Constants:
    """ln 2 in three doubles, the first two short; 1/(c + 1)! in two doubles, then in one."""

    inverse_ln2: float
    ln2: tuple[float, float, float]
    twofold: tuple[tuple[float, float], ...]
    plain: tuple[float, ...]
    halvings: int
    far: int


def constants() -> Constants:
    """The constants, rounded from 60 digits."""
    with mp.workdps(60):
        log = Fraction(int(mp.floor(mp.ln2 * 2**190)), 2**190)
    high = _head(log)
    middle = _head(log - high)
    parts = (float(high), float(middle), float(log - high - middle))
    terms = [Fraction(1, math.factorial(c + 1)) for c in range(TWOFOLD_TERMS + PLAIN_TERMS)]
    pairs = tuple(_pair(t) for t in terms[:TWOFOLD_TERMS])
    plain = tuple(float(t) for t in terms[TWOFOLD_TERMS:])
    return Constants(float(1 / log), parts, pairs, plain, HALVINGS, FAR)


def _head(number: Fraction) -> Fraction:
    """The number cut after HEAD_BITS bits."""
    unit = Fraction(2) ** (math.frexp(float(number))[1] - HEAD_BITS)
    return math.floor(number / unit) * unit


def _pair(number: Fraction) -> tuple[float, float]:
    high = float(number)
    return high, float(number - Fraction(high))
