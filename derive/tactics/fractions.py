"""Products and quotients: factored, split and multiplied out."""

from __future__ import annotations

import sympy
from sympy import Add, Expr, Integer, Mul, Pow

from derive.language import At, Delta, Group, Index
from derive.matching import quotient_parts
from derive.statement import NOTHING_GIVEN, Context
from derive.tactics.folding import element_nodes
from derive.terms import rebuild, replace


def common_factor(expr: Expr, context: Context, name: str) -> Expr:
    """a u + a v → a (u + v), at every sum of terms."""

    def change(e: Expr) -> Expr:
        if not e.args or isinstance(e, (At, Index, Delta)):
            return e
        e = rebuild(e, (change(a) for a in e.args))
        return in_front(e) if isinstance(e, Add) else e

    return change(expr)


def in_front(e: Add) -> Expr:
    """The factors that all terms have, times what is left of them."""
    shared: list[Expr] = []
    first, *others = [list(_repeated(t)) for t in e.args]
    for factor in first:
        if factor.is_Number or not all(factor in other for other in others):
            continue
        shared.append(factor)
        for other in others:
            other.remove(factor)
    common = Mul(*shared)
    return common * Add(*(t / common for t in e.args)) if shared else e


def _repeated(term: Expr) -> list[Expr]:
    """The factors of a term, integer powers written out; small powers only."""
    made: list[Expr] = []
    for factor in Mul.make_args(term):
        base, exponent = factor.as_base_exp()
        if exponent.is_Integer and 0 < abs(exponent) <= 8:
            made += [Pow(base, sympy.sign(exponent))] * int(abs(exponent))
        else:
            made.append(factor)
    return made


def split_product(expr: Expr, context: Context, name: str) -> Expr:
    """a b / c² → (a/c) (b/c): the two factors of the top over one factor of the bottom each."""

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Mul):
            return None
        top, bottom = quotient_parts(e)
        sign, top = top.as_coeff_Mul()
        tops, bottoms = _repeated(top), _repeated(bottom)
        tops = [Integer(1)] * (len(bottoms) - len(tops)) + tops
        if len(tops) != len(bottoms) or len(tops) < 2:
            return None
        return sign * Mul(*(Group(a / b) for a, b in zip(tops, bottoms, strict=True)))

    return replace(expr, change)


def split_fraction(expr: Expr, context: Context, name: str) -> Expr:
    """(a + b) / c → a/c + b/c."""

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Mul):
            return None
        top, bottom = quotient_parts(e)
        if bottom == 1 or not isinstance(top, Add):
            return None
        return Add(*(t / bottom for t in top.args))

    return replace(expr, change)


def divide_by_the_top(expr: Expr, context: Context, name: str) -> Expr:
    """a / (a + b) → 1 / (1 + b/a)."""

    def change(e: Expr) -> Expr | None:
        number, rest = e.as_coeff_Mul()
        top, bottom = quotient_parts(rest)
        if not isinstance(bottom, Add) or top == 1 or top not in bottom.args:
            return None
        return number / Add(*(t / top for t in bottom.args))

    return replace(expr, change)


def complete_the_top(expr: Expr, context: Context, name: str) -> Expr:
    """b / (a + b) → 1 − a / (a + b)."""

    def change(e: Expr) -> Expr | None:
        top, bottom = quotient_parts(e)
        if not isinstance(bottom, Add) or top == 1 or top not in bottom.args:
            return None
        return 1 - (bottom - top) / bottom

    return replace(expr, change)


def ungroup(expr: Expr, context: Context = NOTHING_GIVEN, name: str = "") -> Expr:
    """Parentheses dropped."""
    if not expr.args or isinstance(expr, Index):
        return expr
    args = [ungroup(a) for a in expr.args]
    return args[0] if isinstance(expr, Group) else rebuild(expr, args)


def distribute(expr: Expr, context: Context, name: str) -> Expr:
    """a (u + v) → a u + a v, everywhere."""
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    args = [distribute(a, context, name) for a in expr.args]
    return sympy.expand_mul(rebuild(expr, args), deep=False)


def collect(expr: Expr, context: Context, name: str) -> Expr:
    """a u + b u → (a + b) u for the elements u of one array."""
    chosen = [e for e in element_nodes(expr) if e.array.name == name]
    return sympy.collect(expr, sorted(chosen, key=str))
