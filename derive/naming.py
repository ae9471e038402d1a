"""Letters for bound indices: one letter, one range, in everything that is read together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sympy import Expr

from derive.language import BINDERS, Index
from derive.terms import all_indices, free_indices, rebuild, rename

LETTERS = {"n": "klmuvwhgij", "N": "rsqeoxyrst", "d": "abceogh"}
OTHERS = "ghoewuvklmabc"


def letters(like: Expr, range: str, foreign: Mapping[str, str]) -> list[str]:
    """Names for an index over `range`: those that `like` binds, then the usual ones; none of
    another range."""
    used = sorted({i.name for i in all_indices(like) - free_indices(like) if i.range == range})
    usual = [*used, *LETTERS.get(range, OTHERS), *(f"{c}_{range}" for c in "klmuvwgh")]
    return [n for n in usual if n.isidentifier() and foreign.get(n, range) == range]


def pretty(expr: Expr, like: Expr, others: Iterable[Expr] = ()) -> Expr:
    """Bound indices get letters again, those of `like` first; no letter stands for two ranges."""
    known = {i.name: i.range for e in (*others, like) for i in all_indices(e)}
    names = {r: letters(like, r, known) for r in {i.range for i in all_indices(expr)}}
    return _lettered(expr, names, frozenset())


def _lettered(e: Expr, names: Mapping[str, list[str]], taken: frozenset[str]) -> Expr:
    if not e.args or isinstance(e, Index):
        return e
    if not isinstance(e, BINDERS):
        return rebuild(e, (_lettered(a, names, taken) for a in e.args))
    body, bound, *rest = e.args
    used = taken | {i.name for i in free_indices(e)}
    letter = Index(next(n for n in names[bound.range] if n not in used), bound.range)
    body = rename(body, {bound: letter})
    return e.func(_lettered(body, names, taken | {letter.name}), letter, *rest)
