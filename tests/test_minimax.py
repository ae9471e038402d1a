"""The Remez exchange: known answers, alternation, rounding that keeps the bound, planted errors."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import mpmath
import pytest

from codegen.errors import CodegenError
from codegen.minimax import minimax
from codegen.minimax_functions import Table, exp_target, tables
from codegen.minimax_remez import (
    CONTEXT,
    FLOAT32,
    FLOAT64,
    Format,
    Function,
    Polynomial,
    Target,
    as_fraction,
    fit,
    real,
    remez,
    rounded,
    tabulate,
)

UNIT = (Fraction(-1), Fraction(1))
NAMED = [(t, name) for t in tables() for name in t.polynomials]
IDS = [f"{name}-{t.machine.name}" for t, name in NAMED]


def plain(value: Function, degree: int) -> Polynomial:
    return minimax(Target(value, lambda x: CONTEXT.one, UNIT, degree))


@pytest.mark.parametrize("n", [2, 3, 4, 7, 10])
def test_powers_have_chebyshevs_error(n: int) -> None:
    """x^n is best approximated below degree n with the error of T_n/2^(n−1)."""
    assert plain(lambda x: x**n, n - 1).error == pytest.approx(2.0 ** (1 - n), rel=0.002)


@pytest.mark.parametrize("degree", [1, 3, 6])
@pytest.mark.parametrize("pole", [Fraction(5, 4), Fraction(3)])
def test_reciprocal_has_chebyshevs_error(degree: int, pole: Fraction) -> None:
    """1/(x − a) on [−1, 1] has the error (a − √(a²−1))^n/(a² − 1) (Chebyshev)."""
    a = real(pole)
    expected = (a - CONTEXT.sqrt(a**2 - 1)) ** degree / (a**2 - 1)
    assert plain(lambda x: 1 / (x - a), degree).error == pytest.approx(float(expected), rel=0.01)


@pytest.mark.parametrize("degree", range(1, 8))
def test_error_alternates_degree_plus_two_times(degree: int) -> None:
    polynomial = plain(CONTEXT.exp, degree)
    assert polynomial.alternations() == degree + 2
    # Bernstein: f^(n+1)(ξ)/(2^n (n+1)!) for some ξ in [−1, 1].
    middle = 1 / (2**degree * mpmath.factorial(degree + 1))
    assert middle / mpmath.e < polynomial.error < middle * mpmath.e


def test_weight_that_vanishes_at_zero_still_alternates() -> None:
    target = exp_target(4)
    assert minimax(target).alternations() == target.degree + 2


def test_truncated_taylor_series_is_caught() -> None:
    target = exp_target(4)
    taylor = tuple(Fraction(1, int(mpmath.factorial(i + 2))) for i in range(5))
    polynomial = Polynomial(taylor, target.interval, 0.0, target)
    assert polynomial.alternations() < target.degree + 2
    assert polynomial.error_bound() > 5 * minimax(target).error


@pytest.mark.parametrize(("table", "name"), NAMED, ids=IDS)
def test_bound_holds_on_another_scan(table: Table, name: str) -> None:
    """And it is below a fifteenth of the ulp of a result just below a power of two, 2^-24 of it."""
    polynomial = table.polynomials[name]
    assert polynomial.error_bound(777) <= polynomial.error * 1.001
    assert polynomial.error < 2.0**-table.machine.precision / 15


@pytest.mark.parametrize(("table", "name"), NAMED, ids=IDS)
def test_coefficients_are_in_the_format(table: Table, name: str) -> None:
    for c in table.polynomials[name].coefficients:
        assert rounded(real(c), table.machine) == c


@pytest.mark.parametrize("place", range(4))
@pytest.mark.parametrize(("table", "name"), NAMED, ids=IDS)
def test_a_changed_coefficient_breaks_the_bound(table: Table, name: str, place: int) -> None:
    polynomial = table.polynomials[name]
    coefficients = list(polynomial.coefficients)
    place = min(place, len(coefficients) - 1)
    coefficients[place] *= Fraction(101, 100)
    wrong = replace(polynomial, coefficients=tuple(coefficients))
    assert wrong.error_bound(60) > polynomial.error * 1.5


@pytest.mark.parametrize("degree", [3, 4, 5])
def test_rounding_one_by_one_beats_rounding_at_the_end(degree: int) -> None:
    target = exp_target(degree)
    free, careful = minimax(target), fit(target, FLOAT32)
    naive = tuple(rounded(real(c), FLOAT32) for c in free.coefficients)
    assert free.error <= careful.error * 1.0001
    assert careful.error <= replace(free, coefficients=naive).error_bound() * 1.0001
    assert careful.error <= free.error * 2


def test_bound_agrees_with_plain_mpmath() -> None:
    """e^r against 1 + r + r²q(r), from scratch: nothing of ours but the coefficients."""
    polynomial = tables()[1].polynomials["exp"]
    worst = mpmath.mpf(0)
    with mpmath.workdps(40):
        coefficients = [mpmath.mpf(c.numerator) / c.denominator for c in polynomial.coefficients]
        for i in range(-1000, 1001):
            r = mpmath.mpf(i) / 1000 * mpmath.mpf("0.3467")
            value = 1 + r + r * r * mpmath.polyval(coefficients[::-1], r)
            worst = max(worst, abs(value / mpmath.exp(r) - 1))
    assert polynomial.error * 0.98 <= float(worst) <= polynomial.error * 1.0001


@pytest.mark.parametrize("machine", [FLOAT32, FLOAT64], ids=["float", "double"])
def test_rounding_is_that_of_the_format(machine: Format) -> None:
    """1/3 has its first bit at 2^-2."""
    unit = 2 ** (machine.precision + 1)
    assert rounded(CONTEXT.one / 3, machine) == Fraction(round(Fraction(unit, 3)), unit)
    assert as_fraction(CONTEXT.mpf(-0.75)) == Fraction(-3, 4)


def test_weight_that_vanishes_everywhere_is_refused() -> None:
    target = Target(CONTEXT.exp, lambda x: CONTEXT.zero, UNIT, 3)
    with pytest.raises(CodegenError, match="weight"):
        remez(tabulate(target), 3)


@pytest.mark.parametrize("table", tables(), ids=["float", "double"])
def test_the_parts_of_ln2_add_up_and_multiply_exactly(table: Table) -> None:
    """k·ln2_high has no more bits than the format for |k| < 2^8 (float) or 2^11 (double)."""
    c = {name: constant.value for name, constant in table.constants.items()}
    for parts in (("ln2_high", "ln2_low"), ("ln2_first", "ln2_second", "ln2_third")):
        gap = abs(sum(c[p] for p in parts) - as_fraction(CONTEXT.ln2))
        assert gap < abs(c[parts[-1]]) * Fraction(2) ** -table.machine.precision
    largest = 255 if table.machine is FLOAT32 else 2047
    for k in (largest, largest - 2, 3):
        assert rounded(real(k * c["ln2_high"]), table.machine) == k * c["ln2_high"]
