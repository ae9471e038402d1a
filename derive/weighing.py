"""How much there is to read in an expression."""

from __future__ import annotations

from functools import lru_cache

from sympy import Add, Basic, Expr, Mul

from derive.language import BINDERS, At, Delta, Index, Sum

DELTA_UNDER_A_SUM = 12


@lru_cache(maxsize=20_000)
def reading(expr: Expr) -> tuple[int, int, int, int]:
    """How much there is to read: symbols written, then minus signs (one in front counted double),
    then the length of the text, then numbers taken away (1 - s before s - 1)."""
    written = str(expr)
    front = int(bool(expr.could_extract_minus_sign())) if isinstance(expr, Mul) else 0
    taken = sum(e.args[0].is_negative is True for e in expr.atoms(Add) if e.args[0].is_Number)
    return weight(expr), front + written.count("-"), len(written), taken


@lru_cache(maxsize=20_000)
def weight(e: Expr, bound: frozenset[Basic] = frozenset()) -> int:
    """Symbols written; a δ that a sum around it could sift weighs more."""
    if isinstance(e, At):
        return 2
    if isinstance(e, Delta):
        return 1 + (not bound.isdisjoint(e.args)) * DELTA_UNDER_A_SUM
    if not e.args:
        return 0 if isinstance(e, Index) else 1
    if isinstance(e, Mul) and e.args[0] == -1:
        return weight(-e, bound)
    own = 3 if isinstance(e, BINDERS) else 1
    inner = bound | {e.index} if isinstance(e, Sum) else bound
    return own + sum(weight(a, inner) for a in e.args)
