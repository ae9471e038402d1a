"""Expressions that cannot be negative, seen from how they are built (a sum of squares, a product
of x and sign x).

The normal form expands Σ(z_k − μ)² and no longer shows that it is not negative; the expression
does.
"""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Pow, pi

from derive.language import At, Delta, Exp, Largest, Max, Prod, Sign, Sum

POSITIVE_DOMAINS = ("positive", "size")
NONNEGATIVE_DOMAINS = (*POSITIVE_DOMAINS, "nonnegative", "unit", "binary")


def never_negative(e: Expr, strict: bool = False) -> bool:
    """Whether e ≥ 0 (e > 0 when `strict`) wherever e is defined, for every size n ≥ 1; False:
    not seen."""
    if e.is_Rational:
        return bool(e > 0 or (e == 0 and not strict))
    if e == pi or isinstance(e, Exp):
        return True
    if isinstance(e, At):
        return e.array.domain in (POSITIVE_DOMAINS if strict else NONNEGATIVE_DOMAINS)
    if isinstance(e, (Delta, Largest)):
        return not strict
    if isinstance(e, Pow):
        return _power(e.base, e.exp, strict)
    if isinstance(e, Add):
        return _sum_of_terms(e, strict)
    if isinstance(e, Mul):
        return _product(e, strict)
    if isinstance(e, (Sum, Prod, Max)):
        filled = isinstance(e, Prod) or not e.excluded
        return (
            never_negative(e.body, strict)
            and (filled or not strict)
            and (filled or isinstance(e, Sum))
        )
    return False


def _power(base: Expr, exponent: Expr, strict: bool) -> bool:
    """Even powers, and real powers (of absolute values), are not negative; where defined, 1/x is
    not 0."""
    even = exponent.is_Integer and exponent % 2 == 0
    whole = bool(exponent.is_Integer)
    never_zero = bool(exponent.is_Rational and exponent < 0)
    if even or not whole:
        return not strict or never_zero or never_negative(base, strict=True)
    return never_negative(base, strict and not never_zero)


def _sum_of_terms(e: Add, strict: bool) -> bool:
    """1 ± sign x, and a size less 1, are not negative."""
    first, *others = e.args
    if len(others) == 1 and first.is_Rational:
        number, inner = others[0].as_coeff_Mul()
        if isinstance(inner, Sign):
            return bool(first >= abs(number) and (not strict or first > abs(number)))
        if _unit(inner):
            ends = (first, first + number)
            return bool(min(ends) > 0 or (min(ends) == 0 and not strict))
        if isinstance(inner, At) and inner.array.domain == "size" and number > 0:
            return bool(first + number > 0 or (first + number == 0 and not strict))
    terms = all(never_negative(t) for t in e.args)
    return terms and (not strict or any(never_negative(t, True) for t in e.args))


def _unit(e: Expr) -> bool:
    """An element of [0, 1]."""
    return isinstance(e, At) and e.array.domain in ("unit", "binary")


def _product(e: Mul, strict: bool) -> bool:
    """x sign x, and x (1 + sign x), are not negative."""
    left, paired = list(e.args), False
    for factor in e.args:
        marks = list(factor.args) if isinstance(factor, Add) and factor.args[0] == 1 else [factor]
        for arg in (m.arg for m in marks if isinstance(m, Sign) and len(marks) <= 2):
            owner = next((o for o in (arg, -arg) if o in left), None)
            if owner is not None and factor in left:
                left = [a for a in left if a not in (owner, factor)]
                left += [Integer(1) if owner == arg else Integer(-1)]
                paired = True
    number = Mul(*(a for a in left if a.is_Rational))
    others = [a for a in left if not a.is_Rational]
    return (
        not (strict and paired)
        and bool(number > 0)
        and all(never_negative(f, strict) for f in others)
    )
