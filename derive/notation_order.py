"""The order in which a person writes terms and factors, and what goes under a fraction bar."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational

from derive.language import (
    At,
    Binder,
    Cases,
    Delta,
    Deriv,
    Elementwise,
    Exp,
    Group,
    Index,
    Largest,
    Log,
    Max,
    Maximum,
)  # fmt: skip

NUMBER, SCALAR, DELTA, ELEMENT, EXPONENTIAL, CALL, BRACKET, FUNCTION, OPERATOR = range(9)


@dataclass(frozen=True)
class Fraction:
    """A product as it is written: sign, numerator over denominator, then the factors that trail."""

    negative: bool
    above: tuple[Expr, ...]
    below: tuple[Expr, ...]
    after: tuple[Expr, ...]


def rank(factor: Expr) -> int:
    """Numbers, scalars, δ, elements, exponentials, f(x), brackets, log x; sums and ∂ come last."""
    if isinstance(factor, Pow):
        return rank(factor.base)
    if factor.is_number:
        return NUMBER
    if isinstance(factor, At):
        return ELEMENT if factor.indices else SCALAR
    if isinstance(factor, Delta):
        return DELTA
    if isinstance(factor, (Binder, Cases, Deriv)) and not isinstance(factor, Max):
        return OPERATOR
    if isinstance(factor, Exp):
        return EXPONENTIAL
    if isinstance(factor, (Log, Max)):
        return FUNCTION
    return CALL if isinstance(factor, (Elementwise, Maximum, Largest)) else BRACKET


def signature(expr: Expr) -> tuple[Any, ...]:
    """A total order on expressions that does not depend on SymPy's hash or on construction."""
    if expr.is_Rational:
        return ("", int(expr.p), int(expr.q))
    if isinstance(expr, Index) or not expr.args:
        return (str(expr),)
    args = [repr(signature(a)) for a in expr.args]
    return (type(expr).__name__, *(sorted(args) if isinstance(expr, (Add, Mul)) else args))


def is_negative(term: Expr) -> bool:
    """Whether a person would write a minus sign in front of the term."""
    coefficient = term.as_coeff_Mul()[0]
    return bool(coefficient.is_Rational and coefficient < 0)


def _weight(expr: Expr) -> tuple[int, int]:
    worst = max(rank(f) for f in Mul.make_args(expr))
    return worst, len(repr(signature(expr)))


def terms(expr: Expr) -> list[Expr]:
    """The terms of a sum: positive ones first, simple ones before involved ones."""
    return sorted(
        Add.make_args(expr), key=lambda t: (is_negative(t), *_weight(t), repr(signature(t)))
    )


def factors(parts: list[Expr]) -> tuple[Expr, ...]:
    """Factors in the order of `rank`, alphabetical within one rank."""
    return tuple(sorted(parts, key=lambda f: (rank(f), repr(signature(f)))))


def inverse(factor: Expr) -> Expr | None:
    """b^a for a factor b^(-a) with a visible minus sign in the exponent, else None."""
    if not isinstance(factor, Pow) or factor.base.is_Rational or not is_negative(factor.exp):
        return None
    return Pow(factor.base, -factor.exp)


def fraction(expr: Expr) -> Fraction:
    """Sort the factors of a product over and under the bar.

    Sums, products over an index, derivatives and cases trail behind the bar when there is one.
    """
    coefficient, rest = (
        expr.as_coeff_Mul() if expr.as_coeff_Mul()[0].is_Rational else (Integer(1), expr)
    )
    above, below = [], []
    for factor in Mul.make_args(rest):
        under = inverse(factor)
        if under is not None:
            below.append(under)
        elif factor != 1:
            above.append(factor)
    number = abs(Rational(coefficient))
    if decimal(number):
        above.append(number)
    else:
        above += [Integer(number.p)] if number.p != 1 else []
        below += [Integer(number.q)] if number.q != 1 else []
    bulky = OPERATOR if any(not b.is_Integer for b in below) else BRACKET
    after = [f for f in above if below and _trails(f, bulky)]
    return Fraction(
        bool(coefficient < 0),
        factors([f for f in above if f not in after]),
        factors(below),
        factors(after),
    )


def decimal(number: Rational) -> str:
    """0.044715 rather than 8943/200000: the decimals of a number that has them, where they are
    shorter than its fraction; else nothing."""
    places = 0
    while 10**places % number.q and places <= len(str(number.q)):
        places += 1
    digits = f"{abs(number.p) * 10**places // number.q:0{places + 1}}"
    is_short = len(digits) < len(f"{abs(number.p)}{number.q}")
    if number.q == 1 or 10**places % number.q or not is_short:
        return ""
    return f"{'-' if number < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _trails(factor: Expr, least: int) -> bool:
    """Over a mere number, brackets and functions trail too: ½(a + b), not (a + b)/2."""
    return rank(factor) >= least or isinstance(factor, Group)


def shows(expr: Expr, index: Index) -> bool:
    """Whether an element in the expression has this index."""
    if isinstance(expr, At):
        return index in expr.indices
    return any(shows(a, index) for a in expr.args)
