"""Sums taken apart and joined, δ settled."""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul

from derive.language import Delta, Index, Max, Prod, Sum
from derive.statement import Context
from derive.terms import free_indices, rebuild, rename, replace


def split_sum(expr: Expr, context: Context, name: str) -> Expr:
    """Σ_k f → f at k = j, and Σ over k ≠ j; `name` is j."""
    j = next(i for i in free_indices(expr) if i.name == name)

    def change(e: Expr) -> Expr | None:
        if isinstance(e, Sum) and e.index.range == j.range and j not in e.excluded and _meets(e, j):
            return rename(e.body, {e.index: j}) + Sum(e.body, e.index, *e.excluded, j)
        return None

    return replace(expr, change)


def _meets(e: Sum, j: Index) -> bool:
    return j in free_indices(e.body)


def join_sum(expr: Expr, context: Context, name: str) -> Expr:
    """f at k = j, plus Σ over k ≠ j → Σ_k f."""

    def change(e: Expr) -> Expr:
        if not e.args or isinstance(e, Index):
            return e
        e = rebuild(e, (change(a) for a in e.args))
        return _join_terms(e) if isinstance(e, Add) else e

    return change(expr)


def _join_terms(e: Add) -> Expr:
    for term in e.args:
        factor, total = next(
            ((term / a, a) for a in Mul.make_args(term) if isinstance(a, Sum)), (None, None)
        )
        if total is None or len(total.excluded) != 1:
            continue
        missing = factor * rename(total.body, {total.index: total.excluded[0]})
        if missing in e.args:
            return e - term - missing + factor * Sum(total.body, total.index)
    return e


def settle_deltas(expr: Expr, context: Context, name: str = "") -> Expr:
    """δ of one position with itself is 1; of positions that differ, 0."""
    apart_pairs = {frozenset(p) for p in context.distinct}

    def change(e: Expr, known: set[frozenset[Expr]]) -> Expr:
        if isinstance(e, Delta):
            first, second = e.args
            if first == second:
                return Integer(1)
            return (
                Integer(0)
                if {first, second} in known or (first.is_Integer and second.is_Integer)
                else e
            )
        if not e.args or isinstance(e, Index):
            return e
        if isinstance(e, (Sum, Prod, Max)):
            known = known | {frozenset((e.index, x)) for x in e.excluded}
        return rebuild(e, (change(a, known) for a in e.args))

    return change(expr, apart_pairs)


def write_out(expr: Expr, context: Context, name: str) -> Expr:
    """A sum over a range of fixed size, term by term."""

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Sum) or not e.index.range.isdigit():
            return None
        places = [Integer(c) for c in range(1, int(e.index.range) + 1)]
        return Add(*(rename(e.body, {e.index: p}) for p in places if p not in e.excluded))

    return replace(expr, change)
