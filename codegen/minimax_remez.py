"""Minimax polynomials by the exchange algorithm of Remez, with coefficients in a machine format.

The best approximation of degree d is the one whose weighted error takes its largest size at d + 2
points with alternating signs (Chebyshev, 1854).  The exchange (Remez, 1934) solves for a polynomial
that alternates on d + 2 chosen points, moves each to the worst point of its sign, and repeats.

Rounding every coefficient at the end would spoil the optimum.  Instead the lowest coefficient,
which carries most of the value, is rounded first, and the exchange is run again for the others:
with c rounded, w·(g − c − x·q) = (w·|x|)·((g − c)/x − q) up to sign, a problem of the same kind.

Everything is computed in a private mpmath context of fixed precision, so that the result is the
same on each machine.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from mpmath.ctx_mp import MPContext

from codegen.errors import CodegenError

CONTEXT = MPContext()
CONTEXT.dps = 50
SAMPLES = 360
SCAN = 2500
ROUNDS = 40

Real = Any  # mpmath publishes no types; every Real is a number of CONTEXT
Function = Callable[[Real], Real]


@dataclass(frozen=True)
class Format:
    """A binary floating-point format: C name and suffix, bits of precision, largest exponent."""

    name: str
    suffix: str
    precision: int
    emax: int


FLOAT32 = Format("float", "f", 24, 127)
FLOAT64 = Format("double", "", 53, 1023)


@dataclass(frozen=True)
class Target:
    """What to approximate: min over q of max |weight(x)·(value(x) − q(x))| on the interval.

    `weight` turns the error of q into the error that matters (its size, or its ratio to the
    function); it may vanish at 0 and nowhere else.
    """

    value: Function
    weight: Function
    interval: tuple[Fraction, Fraction]
    degree: int


@dataclass(frozen=True)
class Polynomial:
    """q(x) = Σ coefficients[i]·x^i with the largest weighted error the exchange ended with."""

    coefficients: tuple[Fraction, ...]
    interval: tuple[Fraction, Fraction]
    error: float
    target: Target

    def __call__(self, x: Real) -> Real:
        return horner([real(c) for c in self.coefficients], x)

    def error_bound(self, points: int = SCAN) -> float:
        """The largest weighted error again, from the function itself, on a denser scan.

        Each local maximum of the scan is raised to the vertex of the parabola through it and its
        neighbours.
        """
        size = [abs(e) for e in self.errors(points)]
        inner = (vertex(*size[i - 1 : i + 2]) for i in range(1, len(size) - 1))
        return float(max(size[0], size[-1], *inner))

    def errors(self, points: int = SCAN) -> list[Real]:
        """The weighted error, with the sign of value − q, on Chebyshev points of the interval."""
        exact = [real(c) for c in self.coefficients]
        value, weight = self.target.value, self.target.weight
        x = grid(self.interval, points)
        return [abs(weight(p)) * (value(p) - horner(exact, p)) for p in x]

    def alternations(self, points: int = SCAN, share: float = 0.97) -> int:
        """In how many runs of one sign the error comes within `share` of its largest size."""
        errors = self.errors(points)
        worst = max(abs(e) for e in errors)
        return sum(max(abs(errors[i]) for i in run) >= share * worst for run in sign_runs(errors))


def real(number: Fraction | int) -> Real:
    """The number in CONTEXT (exact for every coefficient of a machine format)."""
    ratio = Fraction(number)
    return CONTEXT.mpf(ratio.numerator) / ratio.denominator


def horner(coefficients: Sequence[Real], x: Real) -> Real:
    total = CONTEXT.zero
    for c in reversed(coefficients):
        total = total * x + c
    return total


def vertex(left: Real, middle: Real, right: Real) -> Real:
    """The height of the parabola through three equidistant values, the middle one the largest."""
    bend = left - 2 * middle + right
    if middle < left or middle < right or bend == 0:
        return middle
    return middle - (right - left) ** 2 / (8 * bend)


def grid(interval: tuple[Fraction, Fraction], points: int) -> list[Real]:
    """Chebyshev points with both ends, an even number: 0 is not met in a symmetric interval."""
    low, high = map(real, interval)
    count = points + points % 2
    middle, half = (low + high) / 2, (high - low) / 2
    turns = (CONTEXT.mpf(i) / (count - 1) for i in range(1, count - 1))
    return [low, *(middle - half * CONTEXT.cospi(turn) for turn in turns), high]


def sign_runs(errors: Sequence[Real]) -> list[list[int]]:
    """The positions cut into stretches on which the error keeps its sign."""
    runs: list[list[int]] = []
    for i, e in enumerate(errors):
        if runs and (errors[runs[-1][0]] > 0) == (e > 0):
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def exchange(errors: Sequence[Real], size: int, reached: Real) -> list[int]:
    """The worst point of each run of one sign that is no better than `reached`, `size` of them.

    A run below `reached` (there is one where the weight vanishes) goes, and its neighbours, of one
    sign, become one; so the alternating error of the next round cannot be less than `reached`.
    Runs beyond `size` leave at the end with less error.
    """
    worst: list[int] = []
    for run in sign_runs(errors):
        here = max(run, key=lambda i: abs(errors[i]))
        if abs(errors[here]) < reached:
            continue
        if worst and (errors[worst[-1]] > 0) == (errors[here] > 0):
            worst[-1] = max(worst[-1], here, key=lambda i: abs(errors[i]))
        else:
            worst.append(here)
    while len(worst) > size:
        worst.pop(0 if abs(errors[worst[0]]) < abs(errors[worst[-1]]) else -1)
    return worst


@dataclass(frozen=True)
class Samples:
    """A target tabulated once on its grid: points, values and the sizes of the weights."""

    x: list[Real]
    value: list[Real]
    weight: list[Real]

    def errors(self, coefficients: Sequence[Real]) -> list[Real]:
        rows = zip(self.x, self.value, self.weight, strict=True)
        return [w * (v - horner(coefficients, x)) for x, v, w in rows]

    def without(self, constant: Real) -> Samples:
        """The problem left for (q − constant)/x once the constant coefficient is settled."""
        value = [(v - constant) / x for x, v in zip(self.x, self.value, strict=True)]
        weight = [w * abs(x) for x, w in zip(self.x, self.weight, strict=True)]
        return Samples(self.x, value, weight)


def tabulate(target: Target, points: int = SAMPLES) -> Samples:
    """The target on its grid.  Raises CodegenError where the weight vanishes."""
    x = [p for p in grid(target.interval, points) if p != 0]
    weight = [abs(target.weight(p)) for p in x]
    if 0 in weight:
        zero = float(x[weight.index(0)])
        raise CodegenError(f"the weight vanishes at {zero:g}: it may only do so at 0")
    return Samples(x, [target.value(p) for p in x], weight)


def alternating(samples: Samples, chosen: Sequence[int]) -> list[Real]:
    """The coefficients with w·(v − q) = ±E, signs alternating, on the chosen points."""
    n = len(chosen)
    matrix = CONTEXT.matrix(n, n)
    right = CONTEXT.matrix(n, 1)
    for row, i in enumerate(chosen):
        power = samples.weight[i]
        for column in range(n - 1):
            matrix[row, column] = power
            power *= samples.x[i]
        matrix[row, n - 1] = (-1) ** row
        right[row] = samples.value[i] * samples.weight[i]
    return list(CONTEXT.lu_solve(matrix, right))[:-1]


def remez(samples: Samples, degree: int) -> list[Real]:
    """The coefficients of the minimax polynomial of this degree on the tabulated points.

    Ends when no point is worse than the chosen ones by more than a millionth.
    Raises CodegenError if the exchange does not settle.
    """
    last = len(samples.x) - 1
    spread = (CONTEXT.cospi(CONTEXT.mpf(i) / (degree + 1)) for i in range(degree + 2))
    chosen = [int(CONTEXT.nint(last * (1 - c) / 2)) for c in spread]
    chosen = [min(max(i, k), last - (degree + 1 - k)) for k, i in enumerate(chosen)]
    for _ in range(ROUNDS):
        coefficients = alternating(samples, chosen)
        errors = samples.errors(coefficients)
        reached = min(abs(errors[i]) for i in chosen)
        chosen = exchange(errors, degree + 2, reached * (1 - CONTEXT.mpf("1e-20")))
        if max(map(abs, errors)) <= reached * (1 + CONTEXT.mpf("1e-6")):
            return coefficients
        if len(chosen) < degree + 2:
            break
    raise CodegenError(
        f"the Remez exchange for degree {degree} does not settle on {last + 1} points: "
        "use a lower degree or more points"
    )


def rounded(number: Real, target: Format) -> Fraction:
    """The nearest number of the format, ties to even, its exponent unbounded."""
    mantissa, exponent = CONTEXT.frexp(number)
    scaled = int(CONTEXT.nint(CONTEXT.ldexp(mantissa, target.precision)))
    return Fraction(scaled) * Fraction(2) ** (int(exponent) - target.precision)


def minimax(target: Target) -> Polynomial:
    """The minimax polynomial with coefficients to full precision."""
    exact = [as_fraction(c) for c in remez(tabulate(target), target.degree)]
    return measured(exact, target)


def fit(target: Target, machine: Format) -> Polynomial:
    """The minimax polynomial with coefficients in the format: each is rounded, lowest first, and
    the ones above it are optimised again.
    """
    samples, settled = tabulate(target), list[Fraction]()
    for degree in range(target.degree, -1, -1):
        settled.append(rounded(remez(samples, degree)[0], machine))
        samples = samples.without(real(settled[-1]))
    return measured(settled, target)


def measured(coefficients: Sequence[Fraction], target: Target) -> Polynomial:
    """The polynomial of these coefficients, with its error."""
    unknown = Polynomial(tuple(coefficients), target.interval, 0.0, target)
    return replace(unknown, error=unknown.error_bound(SAMPLES * 3))


def as_fraction(number: Real) -> Fraction:
    """The exact value of a number of CONTEXT."""
    sign, mantissa, exponent, _ = number._mpf_
    size = Fraction(int(mantissa)) * Fraction(2) ** int(exponent)
    return -size if sign else size
