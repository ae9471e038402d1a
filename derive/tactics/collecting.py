"""Terms collected: the shorter of a few arrangements of the normal form."""

from __future__ import annotations

from itertools import permutations

import sympy
from sympy import Add, Expr, Integer, Mul

from derive.language import BINDERS, At, Delta, Index, Step
from derive.normal import Field
from derive.normal.polynomials import factor, fraction
from derive.primitives import sift
from derive.statement import NOTHING_GIVEN, Context
from derive.tactics.fractions import ungroup
from derive.terms import all_indices, free_indices, rebuild, rename, replace


def cancel(expr: Expr, context: Context, name: str) -> Expr:
    """Terms and factors brought to normal form, definitions and functions left closed."""
    return tidy(expr, NOTHING_GIVEN)


def fold_definitions(expr: Expr, context: Context, name: str) -> Expr:
    """The normal form in which what a definition says is read from right to left."""
    return tidy(expr, context)


def tidy(expr: Expr, context: Context) -> Expr:
    """The shorter of the expanded and the factored normal form; definitions of `context` folded."""
    field = Field()
    field.whole_angles = True
    for d in context.definitions:
        field.take(d.head, sift(ungroup(d.body)), folding=True)
    form = field.ratio(field.form(sift(ungroup(expr))))
    forms = [_turn(factor(form)), factor(form), form, sympy.factor_terms(form)]
    forms += [factor(f) for f in on_the_diagonal(field, form)]
    return min((pretty(field.spell(f), expr) for f in forms), key=cost)


def _turn(form: Expr) -> Expr:
    """-a (b - c) → a (c - b), at the first difference."""
    number, factors = form.as_coeff_mul()
    for c, part in enumerate(factors):
        if number < 0 and isinstance(part, Add):
            turned = Add(*(-t for t in part.args))
            return -number * Mul(*factors[:c], turned, *factors[c + 1 :])
    return form


def on_the_diagonal(field: Field, form: Expr) -> list[Expr]:
    """δ_ij f_j = δ_ij f_i: the form with every δ term written in the one index, and in the
    other."""
    made = []
    deltas = [s for s in form.free_symbols if isinstance(field.meanings[s], Delta)]
    for delta in sorted(deltas, key=str):
        for keep, drop in permutations(field.meanings[delta].args):
            if isinstance(drop, Index):
                made.append(_merge_in_terms(field, form, delta, {drop: keep}))
    return made


def _merge_in_terms(field: Field, form: Expr, delta: Expr, renaming: dict[Index, Expr]) -> Expr:
    top, bottom = fraction(form)
    terms = []
    for term in Add.make_args(top):
        if delta in term.free_symbols:
            term = delta * field.form(rename(field.spell(term / delta), renaming))
        terms.append(term)
    return field.ratio(Add(*terms) / bottom)


def cost(expr: Expr) -> tuple[int, bool]:
    """How much there is to read: symbols written, then a leading minus sign."""
    return _weight(expr), bool(expr.is_Mul and expr.could_extract_minus_sign())


def _weight(e: Expr) -> int:
    if isinstance(e, (At, Delta)):
        return 2 if isinstance(e, At) else 3
    if not e.args:
        return 0 if isinstance(e, Index) else 1
    if isinstance(e, Mul) and e.args[0] == -1:
        return _weight(-e)
    return (3 if isinstance(e, BINDERS) else 1) + sum(_weight(a) for a in e.args)


LETTERS = tuple("klmquvwghabcdijrst")


def pretty(expr: Expr, like: Expr) -> Expr:
    """Bound indices get letters again: those of `like` first."""
    usual = sorted({i.name for i in all_indices(like) - free_indices(like)} - {"·"})
    return _letters(expr, tuple(n for n in (*usual, *LETTERS) if n.isalpha()), frozenset())


def _letters(e: Expr, names: tuple[str, ...], taken: frozenset[str]) -> Expr:
    if not e.args or isinstance(e, Index):
        return e
    if not isinstance(e, BINDERS):
        return rebuild(e, (_letters(a, names, taken) for a in e.args))
    body, bound, *rest = e.args
    used = taken | {i.name for i in free_indices(e)}
    letter = Index(next(n for n in (*names, *LETTERS) if n not in used), bound.range)
    body = rename(body, {bound: letter})
    return e.func(_letters(body, names, taken | {letter.name}), letter, *rest)


def positive(expr: Expr, context: Context, name: str) -> Expr:
    """1[x > 0] → 1 where x is a sum of products of positive things."""

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Step):
            return None
        field = Field()
        parts = fraction(field.form(e.arg))
        return Integer(1) if all(field.positive(part) for part in parts) else None

    return replace(expr, change)
