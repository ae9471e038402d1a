"""Moves that a pattern cannot say: folding, splitting a sum, collecting.  They propose; the
prover decides.

Each takes the whole expression, the context and an argument, and gives the new expression (the same
one when it has nothing to do).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import sympy
from sympy import Add, Expr, Integer, Mul, Pow

from derive.language import BINDERS, Array, At, Delta, Group, Index, Max, Prod, Step, Sum
from derive.matching import quotient_parts
from derive.normal import Field
from derive.primitives import sift
from derive.statement import NOTHING_GIVEN, Context, Definition
from derive.terms import (
    all_indices,
    canonical,
    free_indices,
    rebuild,
    rename,
    replace,
    same,
)

Tactic = Callable[[Expr, Context, str], Expr]


def definition(context: Context, name: str) -> Definition:
    """The definition of an array, by name."""
    return next(d for d in context.definitions if d.array.name == name)


def unfold(expr: Expr, context: Context, name: str) -> Expr:
    """p_i → its definition, everywhere."""
    d = definition(context, name)
    taken = all_indices(expr)

    def change(e: Expr) -> Expr | None:
        return d.at(e.indices, taken) if isinstance(e, At) and e.array == d.array else None

    return replace(expr, change)


def fold(expr: Expr, context: Context, name: str) -> Expr:
    """Every quotient that is the definition of p_i → p_i, innermost first."""
    d = definition(context, name)

    def change(e: Expr) -> Expr:
        if not e.args or isinstance(e, (Index, Array)):
            return e
        e = rebuild(e, (change(a) for a in e.args))
        return e if isinstance(e, At) else _fold_here(e, d)

    return change(expr)


def _fold_here(e: Expr, d: Definition) -> Expr:
    """Divide the body of d out of the product e as often as it goes, for each place it may stand
    at."""
    for place in _places(e, d):
        body = d.at(place)
        while True:
            rest = _divide(e, body)
            if rest is None:
                break
            e = rest * At(d.array, *place)
    return e


def _places(e: Expr, d: Definition) -> list[tuple[Expr, ...]]:
    """Positions that occur in e where elements of the definition's arrays do."""
    if len(d.indices) != 1:
        return [d.indices] if set(d.indices) <= free_indices(e) or not d.indices else []
    found = {
        i
        for a in _element_nodes(e)
        for i in a.indices
        if getattr(i, "range", None) in (d.indices[0].range, None)
    }
    return [
        (i,)
        for i in sorted(found & (free_indices(e) | {i for i in found if i.is_Integer}), key=str)
    ]


def _element_nodes(e: Expr) -> set[At]:
    return (
        {e}
        if isinstance(e, At)
        else set().union(*(_element_nodes(a) for a in e.args))
        if e.args
        else set()
    )


def _divide(e: Expr, body: Expr) -> Expr | None:
    """e / body when each factor of body stands in e, up to bound names."""
    if same(e, body):
        return Integer(1)
    have = _exponents(e)
    for base, exponent in _exponents(body).items():
        if have.get(base, 0) * exponent < exponent * exponent:
            return None
        have[base] -= exponent
    return Mul(*(base**exponent for base, exponent in have.items()))


def _exponents(e: Expr) -> dict[Expr, Expr]:
    made: dict[Expr, Expr] = {}
    for factor in Mul.make_args(e):
        base, exponent = factor.as_base_exp()
        if not exponent.is_Integer:
            base, exponent = factor, Integer(1)
        made[canonical(base)] = made.get(canonical(base), Integer(0)) + exponent
    return made


def common_factor(expr: Expr, context: Context, name: str) -> Expr:
    """a u + a v → a (u + v), at every sum of terms."""

    def change(e: Expr) -> Expr:
        if not e.args or isinstance(e, (At, Index, Delta)):
            return e
        e = rebuild(e, (change(a) for a in e.args))
        return _common_factor(e) if isinstance(e, Add) else e

    return change(expr)


def _common_factor(e: Add) -> Expr:
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


def cancel(expr: Expr, context: Context, name: str) -> Expr:
    """Terms and factors brought to normal form, definitions and functions left closed."""
    return tidy(expr, NOTHING_GIVEN)


def fold_definitions(expr: Expr, context: Context, name: str) -> Expr:
    """The normal form in which what a definition says is read from right to left."""
    return tidy(expr, context)


def tidy(expr: Expr, context: Context) -> Expr:
    """The shorter of the expanded and the factored normal form; definitions of `context` folded."""
    field = Field()
    for d in context.definitions:
        field.take(d.head, sift(ungroup(d.body)), folding=True)
    form = field.ratio(field.form(sift(ungroup(expr))))
    forms = [_turn(sympy.factor(form)), sympy.factor(form), form, sympy.factor_terms(form)]
    forms += [sympy.factor(f) for f in _on_the_diagonal(field, form)]
    return min((pretty(field.spell(f), expr) for f in forms), key=cost)


def _turn(form: Expr) -> Expr:
    """-a (b - c) → a (c - b), at the first difference."""
    number, factors = form.as_coeff_mul()
    for c, factor in enumerate(factors):
        if number < 0 and isinstance(factor, Add):
            turned = Add(*(-t for t in factor.args))
            return -number * Mul(*factors[:c], turned, *factors[c + 1 :])
    return form


def _on_the_diagonal(field: Field, form: Expr) -> list[Expr]:
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
    top, bottom = sympy.fraction(sympy.together(form))
    terms = []
    for term in Add.make_args(sympy.expand(top)):
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


def use_fact(expr: Expr, context: Context, name: str) -> Expr:
    """The left side of a fact → its right side, for whatever its free indices are called."""
    fact = next(f for f in context.facts if f.name == name)
    loose = tuple(sorted(free_indices(fact.left), key=str))

    def change(e: Expr) -> Expr | None:
        if type(e) is not type(fact.left):
            return None
        spots = sorted(all_indices(e), key=str) if loose else []
        for renaming in _renamings(loose, spots):
            if same(rename(fact.left, renaming), e):
                return rename(fact.right, renaming)
        return None

    return replace(expr, change)


def _renamings(loose: tuple[Index, ...], spots: list[Index]) -> list[dict[Index, Index]]:
    made: list[dict[Index, Index]] = [{}]
    for i in loose:
        made = [{**m, i: s} for m in made for s in spots if s.range == i.range]
    return made


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


def collect(expr: Expr, context: Context, name: str) -> Expr:
    """a u + b u → (a + b) u for the elements u of one array."""
    chosen = [e for e in _element_nodes(expr) if e.array.name == name]
    return sympy.collect(expr, sorted(chosen, key=str))


def positive(expr: Expr, context: Context, name: str) -> Expr:
    """1[x > 0] → 1 where x is a sum of products of positive things."""

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Step):
            return None
        field = Field()
        parts = sympy.fraction(sympy.together(field.form(e.arg)))
        return Integer(1) if all(field.positive(part) for part in parts) else None

    return replace(expr, change)


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
