"""Definitions unfolded, so that only inputs are left."""

from __future__ import annotations

from sympy import Expr

from derive.language import At
from derive.statement import Context
from derive.terms import all_indices, apart, replace


def unfold_definitions(expr: Expr, context: Context) -> Expr:
    """Every element of a defined array replaced by its body."""

    def unfold(e: Expr) -> Expr | None:
        definition = context.by_array.get(e.array) if isinstance(e, At) else None
        if definition is None:
            return None
        return unfold_definitions(definition.at(e.indices, all_indices(expr)), context)

    return apart(replace(expr, unfold), ())
