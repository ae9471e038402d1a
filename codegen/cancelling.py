"""Sums that may cancel, lowered so that what their rounding loses is made good.

Three of them: the exponent of e^{f_k - f_a}, a difference of quotients or of sums, and
f_a + log Σ e^{f_k - f_a} where it crosses 0.
"""

from __future__ import annotations

from sympy import Add, Expr, Mul, Pow

from codegen.collecting import Collector
from codegen.kernel import Let, Number, Op, Row, Value
from codegen.matching import MARK, Binding, fill, matches
from codegen.reserved import safe
from codegen.shapes import is_difference, split_sign
from codegen.stability import (
    DIFFERENCE_OF_QUOTIENTS,
    DIFFERENCE_OF_SUMS,
    LOG_NEAR_ONE,
    a,
    f,
    rest,
)  # fmt: skip
from derive.language import At, Exp, Group, Index, Log


def exponential(to: Collector, e: Exp, here: Index | None) -> Value | None:
    """e^(x - m), e^((x - m) / c) or e^(x - m + what rounding x and m lost); None for another e."""
    if not is_difference(e.arg):
        return None
    plus, minus = _operands(e.arg)
    quotient = _quotient(to, plus, minus, here)
    if quotient is not None:
        return Op("exp_quotient", quotient)
    operands = (to.value(plus, here), to.value(minus, here))
    low = _lost(to, plus, minus, here)
    return Op("exp_difference", operands) if low is None else Op("exp_sum", (*operands, low))


def difference(to: Collector, e: Add, here: Index | None) -> Value | None:
    """x/c - m/c as (x - m)/c, and (z_i + b_i) - (z_a + b_a) as (z_i - z_a) + (b_i - b_a)."""
    if not is_difference(e):
        return None
    plus, minus = _operands(e)
    parts = _quotient(to, plus, minus, here)
    if parts is not None:
        return Op("div", (Op("sub", parts[:2]), parts[2]))
    if not _are_sums(plus, minus):
        return None
    to.rewriter.used[DIFFERENCE_OF_SUMS.name] = DIFFERENCE_OF_SUMS
    pairs = zip(sorted(plus.args, key=str), sorted(minus.args, key=str), strict=True)
    each = [Op("sub", (to.value(x, here), to.value(m, here))) for x, m in pairs]
    return Op("add", tuple(each))


def log_sum(to: Collector, e: Add) -> Value | None:
    """z_a + log s where a is the place of a largest z; None for another sum."""
    for found in matches(f[a] + Log(1 + rest), e, Binding()):
        if found.places[a] in to.rewriter.choices and found.arrays[f] == to.given[MARK]:
            to.rewriter.used[LOG_NEAR_ONE.name] = LOG_NEAR_ONE
            parts = (fill(f[a], found), fill(Log(1 + rest), found))
            return Op("log_sum", (*(to.value(p, None) for p in parts), Row(safe(to.given.name))))
    return None


def _operands(difference: Expr) -> tuple[Expr, Expr]:
    """What is added and what is taken away, without their parentheses."""
    terms = sorted((split_sign(t) for t in difference.args), key=lambda s: -s[0])
    plus, minus = (t.arg if isinstance(t, Group) else t for _, t in terms)
    return plus, minus


def _quotient(
    to: Collector, plus: Expr, minus: Expr, here: Index | None
) -> tuple[Value, Value, Value] | None:
    """The parts of x/c - m/c for a parameter c."""
    common = [u for u in Mul.make_args(plus) if u in Mul.make_args(minus) and _is_inverse(u)]
    if not common:
        return None
    to.rewriter.used[DIFFERENCE_OF_QUOTIENTS.name] = DIFFERENCE_OF_QUOTIENTS
    by = 1 / common[0]
    return to.value(plus * by, here), to.value(minus * by, here), to.value(by, here)


def _is_inverse(e: Expr) -> bool:
    if not isinstance(e, Pow) or e.args[1] != -1:
        return False
    return isinstance(e.args[0], At) and not e.args[0].indices


def _lost(to: Collector, plus: Expr, minus: Expr, here: Index | None) -> Value | None:
    """What rounding two sums of two elements loses, the one less the other."""
    if not _are_sums(plus, minus):
        return None
    name = to.fresh("m_lost")
    to.passes.append(Let(name, _error(to, minus, None), "what the rounding of m loses"))
    return Op("sub", (_error(to, plus, here), Number(name)))


def _are_sums(*totals: Expr) -> bool:
    """Whether each is the sum of an element of one array and an element of another."""
    terms = [t.args if isinstance(t, Add) else () for t in totals]
    if not all(len(own) == 2 and all(isinstance(t, At) for t in own) for own in terms):
        return False
    names = {tuple(sorted(t.array.name for t in own)) for own in terms}
    return len(names) == 1 and len(set(*names)) == 2


def _error(to: Collector, total: Add, here: Index | None) -> Value:
    return Op("lost", tuple(to.value(t, here) for t in sorted(total.args, key=str)))
