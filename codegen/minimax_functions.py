"""What the C header needs: the polynomials and constants of each format, as data.

Every number is computed here from its definition; none is typed in.  The degrees are the least
whose error stays below a fifteenth of an ulp.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from codegen.minimax_remez import (
    CONTEXT,
    FLOAT32,
    FLOAT64,
    Format,
    Polynomial,
    Real,
    Target,
    as_fraction,
    fit,
    rounded,
)

# |r| ≤ ln 2/2 = 0.34657… after the reduction, and a little more: k is rounded in floating point.
HALF_STEP = Fraction(3467, 10000)
# The same where k counts sixteenths: ln 2/32 = 0.02166….
SIXTEENTHS = 16
HALF_SIXTEENTH = Fraction(218, 10000)
# s = f/(2 + f) for 1 + f in [√½, √2): s² ≤ (√2 − 1)⁴ = 0.029437….
ATANH_END = Fraction(29438, 1000000)
# Quotients of z = s² begin here instead of at 0, to avoid 0/0.
ORIGIN = Fraction(1, 2**40)
# tanh is a polynomial up to here; tanh 0.5625 = 0.5098… > ½.
TANH_JOINT = Fraction(9, 16)


def exp_quotient(r: Real) -> Real:
    """(e^r − 1 − r)/r²."""
    return (CONTEXT.exp(r) - 1 - r) / r**2


def atanh_quotient(z: Real) -> Real:
    """(2·atanh(s)/s − 2)/s² for z = s²."""
    s = CONTEXT.sqrt(z)
    return (2 * CONTEXT.atanh(s) / s - 2) / z


def tanh_quotient(z: Real) -> Real:
    """(tanh(s)/s − 1)/s² for z = s²."""
    s = CONTEXT.sqrt(z)
    return (CONTEXT.tanh(s) / s - 1) / z


def exp_target(degree: int, end: Fraction = HALF_STEP) -> Target:
    """e^r = 1 + r + r²·q(r) for |r| ≤ end; the error counts in units of e^r."""
    return Target(exp_quotient, lambda r: r**2 / CONTEXT.exp(r), (-end, end), degree)


def expm1_target(degree: int) -> Target:
    """e^r − 1 = r + r²·q(r); the error counts in units of e^r − 1."""
    weight = lambda r: r**2 / CONTEXT.expm1(r)  # noqa: E731 — one line beside its use
    return Target(exp_quotient, weight, (-HALF_STEP, HALF_STEP), degree)


def log_target(degree: int) -> Target:
    """log(1 + f) = s·(2 + z·q(z)), z = s²; the error counts in units of log(1 + f)."""

    def weight(z: Real) -> Real:
        s = CONTEXT.sqrt(z)
        return z * s / (2 * CONTEXT.atanh(s))

    return Target(atanh_quotient, weight, (ORIGIN, ATANH_END), degree)


def tanh_target(degree: int) -> Target:
    """tanh(s) = s·(1 + z·q(z)), z = s²; the error counts in units of tanh(s)."""

    def weight(z: Real) -> Real:
        s = CONTEXT.sqrt(z)
        return z * s / CONTEXT.tanh(s)

    return Target(tanh_quotient, weight, (ORIGIN, TANH_JOINT**2), degree)


@dataclass(frozen=True)
class Constant:
    """A named constant of the C text: its exact value and what it equals, or the limit it sets."""

    name: str
    value: Fraction
    origin: str
    limit: bool = False


@dataclass(frozen=True)
class Table:
    """Everything that differs between the float and the double functions."""

    machine: Format
    polynomials: dict[str, Polynomial]
    constants: dict[str, Constant]

    @property
    def suffix(self) -> str:
        return self.machine.suffix


def truncated(number: Real, bits: int) -> Fraction:
    """The number rounded to so many bits, that its product with a short integer is exact."""
    return rounded(number, Format("", "", bits, 0))


def ln2_parts(machine: Format, *widths: int) -> list[Fraction]:
    """ln 2 as a sum of parts: each of so many bits, a last one rounded to the format."""
    rest, parts = as_fraction(CONTEXT.ln2), list[Fraction]()
    for bits in widths:
        parts.append(truncated(CONTEXT.mpf(rest.numerator) / rest.denominator, bits))
        rest -= parts[-1]
    parts.append(rounded(CONTEXT.mpf(rest.numerator) / rest.denominator, machine))
    return parts


def reduction_constants(machine: Format) -> list[Constant]:
    """The constants of x = k·ln 2 + r: for |k| < 2^w, k·ln2_high is exact (w = 8 or 11)."""
    k_bits = 8 if machine is FLOAT32 else 11
    split_bits = 12 if machine is FLOAT32 else 32
    high, low = ln2_parts(machine, machine.precision - k_bits)
    first, second, third = ln2_parts(machine, split_bits, split_bits)
    magic = 3 * Fraction(2) ** (machine.precision - 2)
    return [
        Constant("inv_ln2", rounded(1 / CONTEXT.ln2, machine), "1/ln 2"),
        Constant("ln2_high", high, f"ln 2 to {machine.precision - k_bits} bits"),
        Constant("ln2_low", low, "ln 2 - ln2_high"),
        Constant("ln2_first", first, f"ln 2 to {split_bits} bits"),
        Constant("ln2_second", second, f"the next {split_bits} bits"),
        Constant("ln2_third", third, "the rest of ln 2"),
        Constant("magic", magic, f"3*2^{machine.precision - 2}; the sum is an integer"),
        Constant("magic_biased", magic + 2 * machine.emax, f"magic + {2 * machine.emax}"),
    ]


def range_constants(machine: Format) -> list[Constant]:
    """Beyond these arguments the result is settled (0, infinity or -1)."""
    wide = machine is FLOAT64
    tiny = CONTEXT.ldexp(1, 1 - machine.emax)
    edge = CONTEXT.log(tiny)
    top = CONTEXT.ldexp(2 - CONTEXT.ldexp(1, 1 - machine.precision), machine.emax)
    last = CONTEXT.log(top + CONTEXT.ldexp(1, machine.emax - machine.precision))
    limits = (
        ("lowest", Fraction(-746 if wide else -104), "below, e^x rounds to 0"),
        ("highest", Fraction(710 if wide else 89), "above, e^x overflows"),
        ("normal_from", upward(edge, machine), "above, e^x normal"),
        ("finite_to", -upward(-last, machine), "below, e^x is finite"),
        ("largest", as_fraction(top), "the largest"),
        ("minus_one", Fraction(-38 if wide else -18), "below, e^x - 1 rounds to -1"),
    )
    return [Constant(*limit, limit=True) for limit in limits]


def upward(number: Real, machine: Format) -> Fraction:
    """The least number of the format that is not less."""
    near = rounded(number, machine)
    exact = as_fraction(number)
    step = Fraction(2) ** (int(CONTEXT.frexp(number)[1]) - machine.precision)
    return near if near >= exact else near + step


@dataclass(frozen=True)
class Powers:
    """e^offset·2^{i/16} for i = 0, …, 15 in a format, and the worst rounding among them in ulp.

    In a table of 2^{i/16} alone some power is always near the middle of two numbers.  A common
    factor moves all of them; one of the factors tried moves them all near numbers of the format
    (the idea of Gal's accurate tables: ACM TOMS 17, 1991).
    """

    offset: Fraction  # a double
    values: tuple[Fraction, ...]
    error: float


POWERS_TRIED = 4096


@cache
def powers(machine: Format) -> Powers:
    """The best of the offsets (a/4096)·ln 2/16: the least worst rounding of the sixteen powers.

    The rounding counts in ulp of the least result that is made of the power.
    """
    root = CONTEXT.root(2, SIXTEENTHS)
    steps = [root**i for i in range(SIXTEENTHS)]

    def at(a: int) -> Powers:
        offset = rounded(CONTEXT.ln2 * a / (SIXTEENTHS * POWERS_TRIED), FLOAT64)
        factor = CONTEXT.exp(CONTEXT.mpf(offset.numerator) / offset.denominator)
        exact = [factor * step for step in steps]
        near = [rounded(x, machine) for x in exact]
        ulp = Fraction(2) ** (1 - machine.precision)
        below = [2 if i == 0 and 2 * a < POWERS_TRIED else 1 for i in range(SIXTEENTHS)]
        errors = (
            times * abs(as_fraction(x) - y) / ulp
            for x, y, times in zip(exact, near, below, strict=True)
        )
        return Powers(offset, tuple(near), float(max(errors)))

    return min((at(a) for a in range(POWERS_TRIED)), key=lambda p: p.error)


@cache
def table(machine: Format) -> Table:
    """The polynomials and constants of one format (a second or so of high-precision arithmetic)."""
    exp, expm1, log, tanh = (4, 5, 2, 4) if machine is FLOAT32 else (9, 10, 6, 10)
    targets = {
        "exp": exp_target(exp),
        "expm1": expm1_target(expm1),
        "log": log_target(log),
        "tanh": tanh_target(tanh),
    }
    if machine is FLOAT32:
        targets["exp_sixteenth"] = exp_target(1, HALF_SIXTEENTH)
    constants = (*reduction_constants(machine), *range_constants(machine))
    fitted = {name: fit(target, machine) for name, target in targets.items()}
    return Table(machine, fitted, {c.name: c for c in constants})


def tables() -> tuple[Table, Table]:
    return table(FLOAT32), table(FLOAT64)
