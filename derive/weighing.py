"""How much there is to read in an expression."""

from __future__ import annotations

from functools import lru_cache

from sympy import Expr, Mul

from derive.language import BINDERS, At, Delta, Index, Sum

DELTA_UNDER_A_SUM = 12


@lru_cache(maxsize=20_000)
def reading(expr: Expr) -> tuple[int, int, int]:
    """How much there is to read: symbols written, then minus signs (one in front counted double),
    then the length of the text."""
    written = str(expr)
    front = int(bool(expr.could_extract_minus_sign())) if isinstance(expr, Mul) else 0
    return weight(expr), front + written.count("-"), len(written)


@lru_cache(maxsize=20_000)
def weight(e: Expr, under: bool = False) -> int:
    """Symbols written; a δ that a sum could sift weighs more."""
    if isinstance(e, At):
        return 2
    if isinstance(e, Delta):
        return 1 + under * DELTA_UNDER_A_SUM
    if not e.args:
        return 0 if isinstance(e, Index) else 1
    if isinstance(e, Mul) and e.args[0] == -1:
        return weight(-e, under)
    own = 3 if isinstance(e, BINDERS) else 1
    return own + sum(weight(a, under or isinstance(e, Sum)) for a in e.args)
