"""Differentiation in index notation, on primitives (see `derive.primitives`): the prover's own.

The rules that make the steps of a derivation stand in `derive.rules` and are not read here.
"""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Pow, pi

from derive.errors import DeriveError
from derive.language import (
    At,
    Cos,
    Delta,
    Erf,
    Exp,
    Index,
    Largest,
    Log,
    LogGamma,
    Max,
    Prod,
    Sign,
    Sin,
    Sum,
    sqrt,
)  # fmt: skip
from derive.terms import all_indices, apart, arrays, fresh, rename


def differentiate(expr: Expr, variable: At) -> Expr:
    """∂ expr / ∂ variable, where nothing in `expr` binds an index of `variable`."""
    return _diff(apart(expr, all_indices(variable)), variable)


def _diff(e: Expr, v: At) -> Expr:
    if v.array not in arrays(e):
        return Integer(0)
    if isinstance(e, At):
        return Mul(
            *(_equal(a, b, r) for a, b, r in zip(e.indices, v.indices, e.array.ranges, strict=True))
        )
    if isinstance(e, Add):
        return Add(*(_diff(a, v) for a in e.args))
    if isinstance(e, Mul):
        return Add(*(Mul(*e.args[:c], _diff(a, v), *e.args[c + 1 :]) for c, a in enumerate(e.args)))
    if isinstance(e, Pow):
        base, exponent = e.args
        power = exponent * Pow(base, exponent - 1) * _diff(base, v)
        return power + e * Log(base) * _diff(exponent, v)
    if isinstance(e, Sum):
        return Sum(_diff(e.body, v), *e.args[1:])
    if isinstance(e, Prod):
        return e * Sum(_diff(e.body, v) / e.body, *e.args[1:])
    if isinstance(e, Max):
        return _diff_max(e, v)
    if isinstance(e, Exp):
        return e * _diff(e.arg, v)
    if isinstance(e, Log):
        return _diff(e.arg, v) / e.arg
    if isinstance(e, Erf):
        return 2 / sqrt(pi) * Exp(-(e.arg**2)) * _diff(e.arg, v)
    if isinstance(e, Sin):
        return Cos(e.arg) * _diff(e.arg, v)
    if isinstance(e, Cos):
        return -Sin(e.arg) * _diff(e.arg, v)
    if isinstance(e, (Sign, Largest)):
        return Integer(0)
    if isinstance(e, LogGamma):
        raise DeriveError(
            f"the derivative of log Γ in {v} is outside the language; differentiate with respect "
            f"to another array"
        )
    raise DeriveError(f"{type(e).__name__} is not a primitive: unfold it first")


def _equal(first: object, second: object, range: str) -> Expr:
    return Integer(1) if first == second else Delta(first, second)


def _diff_max(e: Max, v: At) -> Expr:
    """Danskin: any weights on the maximisers give a subgradient, Σ_l w_l ∂f_l."""
    at: Index = fresh(e.index, all_indices(e) | all_indices(v))
    inner = rename(_diff(e.body, v), {e.index: at})
    return Sum(Largest(*e.args, at) * inner, at, *e.excluded)
