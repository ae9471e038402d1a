"""The arithmetic of the normal form: SymPy's answers, whichever library finds them."""

import random

import pytest
import sympy
from sympy import Expr, Integer, Rational, symbols

from derive.errors import DeriveError
from derive.normal import polynomials
from derive.normal.polynomials import Ring, expand, factor, factor_list, fraction

a, b, c = symbols("a0 a1 a10")
HARD = (
    (a - b) / (2 * b - 2 * a * b),
    (a**2 - b**2) / (3 * a - 3 * b) - Rational(1, 2),
    (a - b) / (b - a),
    1 / (1 / a + 1 / b) + c,
    (a + b) ** -2 * (a**2 + 2 * a * b + b**2),
    6 * a * b - 4 * a,
    Rational(2, 3) * a - Rational(1, 3) * b,
    a - a + Integer(2),
    -a * (b - c) ** 3 / c,
)


def drawn(seed: int, depth: int = 3) -> Expr:
    """A random rational expression."""
    rng = random.Random(seed)

    def made(deep: int) -> Expr:
        if deep == 0:
            return rng.choice([a, b, c, Integer(rng.randint(-3, 3)), Rational(1, 2)])
        left, right = made(deep - 1), made(deep - 1)
        kind = rng.randrange(4)
        if kind == 0 and right != 0:
            return left / right
        return left - right if kind == 1 else left + right if kind == 2 else left * right

    return made(depth)


EXPRESSIONS = [e for e in (*HARD, *map(drawn, range(60))) if e.is_finite is not False]


@pytest.mark.parametrize("e", EXPRESSIONS, ids=str)
def test_a_fraction_is_in_lowest_terms_and_equal(e: Expr) -> None:
    top, bottom = fraction(e)
    assert sympy.cancel(top / bottom - e) == 0
    assert sympy.gcd(top, bottom) in (1, -1)
    assert top == sympy.expand(top)


@pytest.mark.parametrize("e", EXPRESSIONS, ids=str)
def test_factors_are_those_of_sympy(e: Expr) -> None:
    assert sympy.cancel(factor(e) - e) == 0
    top, _ = fraction(e)
    if top.free_symbols:
        content, found = factor_list(top)
        expected, factors = sympy.factor_list(top)
        assert (content, set(found)) == (expected, {(f.as_expr(), n) for f, n in factors})


@pytest.mark.skipif(polynomials.flint is None, reason="python-flint is not installed")
@pytest.mark.parametrize("e", EXPRESSIONS, ids=str)
def test_both_libraries_agree(e: Expr) -> None:
    names = tuple(sorted(e.free_symbols, key=lambda s: (len(s.name), s.name)))
    if not names:
        return
    fast, plain = Ring(names, True), Ring(names, False)
    one, other = fast.quotient(e), plain.quotient(e)
    assert [fast.spell(p) for p in one] == [plain.spell(p) for p in other]
    if one[0] != 0:
        ours, theirs = fast.factors(one[0]), plain.factors(other[0])
        assert (ours[0], set(ours[1])) == (theirs[0], set(theirs[1]))


def test_a_polynomial_is_expanded() -> None:
    assert expand((a + b) ** 2 / 2) == a**2 / 2 + a * b + b**2 / 2
    assert expand(a * b) == a * b


@pytest.mark.parametrize("e", [sympy.zoo, sympy.zoo * a, sympy.zoo + a, sympy.nan])
def test_what_divides_by_zero_is_no_fraction(e: Expr) -> None:
    with pytest.raises(DeriveError, match="divides by zero"):
        fraction(e)
