"""Moves that a pattern cannot say: folding, splitting a sum, collecting.  They propose; the prover
decides.

Each takes the whole expression, the context and an argument, and gives the new expression (the same
one when it has nothing to do).
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr

from derive.statement import Context
from derive.tactics.collecting import cancel, fold_definitions, positive
from derive.tactics.folding import fold, unfold, use_fact
from derive.tactics.fractions import (
    collect,
    common_factor,
    complete_the_top,
    distribute,
    divide_by_the_top,
    split_fraction,
    split_product,
    ungroup,
)
from derive.tactics.sums import join_sum, settle_deltas, split_sum, write_out

Tactic = Callable[[Expr, Context, str], Expr]

TACTICS: dict[str, Tactic] = {
    "write-out-the-sum": write_out,
    "divide-by-the-top": divide_by_the_top,
    "complete-the-top": complete_the_top,
    "collect": collect,
    "positive": positive,
    "fold-definitions": fold_definitions,
    "cancel": cancel,
    "unfold": unfold,
    "fold": fold,
    "common-factor": common_factor,
    "split-into-fractions": split_product,
    "split-the-fraction": split_fraction,
    "remove-parentheses": ungroup,
    "distribute": distribute,
    "split-the-sum": split_sum,
    "join-the-sum": join_sum,
    "collect-terms": cancel,
    "use-fact": use_fact,
    "settle-deltas": settle_deltas,
}
