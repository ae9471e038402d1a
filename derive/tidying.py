"""The shortest way found to write an expression: definitions folded, facts used, sums joined.

Everything here proposes; the prover decides.  Proposals are normal forms in which definitions are
read from right to left, written out in a few arrangements, of which the one with least to read wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import product

import sympy
from sympy import Add, Expr, Mul, Pow

from derive.language import BINDERS, At, Delta, Exp, Index, Log, Sum
from derive.normal import Field
from derive.primitives import primitives, sift
from derive.statement import Context, Definition, Fact
from derive.tactics import _divide, _on_the_diagonal, _turn, pretty, ungroup
from derive.terms import all_indices, arrays, free_indices, fresh, rebuild, rename

DELTA_UNDER_A_SUM = 12


def tidy(expr: Expr, definitions: Iterable[Definition] = (), facts: Iterable[Fact] = ()) -> Expr:
    """The arrangement of `expr` with least to read, by these definitions and facts."""
    return min(arrangements(expr, tuple(definitions), tuple(facts)), key=reading)


def arrangements(
    expr: Expr, definitions: tuple[Definition, ...], facts: tuple[Fact, ...]
) -> Iterator[Expr]:
    """Normal forms of `expr`: factored, expanded, with sums joined, with quotients folded."""
    field = folding_field(definitions, facts)
    form = field.ratio(field.form(sift(ungroup(expr))))
    factored = sympy.factor(form)
    forms = [_turn(factored), factored, form, sympy.factor_terms(form)]
    forms += [sympy.factor(f) for f in _on_the_diagonal(field, form)]
    for made in dict.fromkeys(forms):
        spelled = pretty(powers(field.spell(made)), expr)
        yield spelled
        joined = join_sums(spelled)
        yield pretty(joined, expr)
        for d in definitions:
            yield pretty(fold_quotients(joined, d), expr)


def folding_field(definitions: Iterable[Definition], facts: Iterable[Fact]) -> Field:
    """A field that knows the facts, and reads each definition from right to left."""
    field = Field()
    for fact in facts:
        field.take(fact.left, fact.right)
    for d in definitions:
        field.take(d.head, sift(ungroup(d.body)), folding=True)
    return field


def powers(expr: Expr) -> Expr:
    """e^{c log b} → b^c."""
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    e = rebuild(expr, (powers(a) for a in expr.args))
    if isinstance(e, Exp):
        logs = [a for a in Mul.make_args(e.arg) if isinstance(a, Log)]
        if len(logs) == 1:
            return Pow(logs[0].arg, e.arg / logs[0])
    return e


def join_sums(expr: Expr) -> Expr:
    """a Σ_k f_k + b Σ_k g_k → Σ_k (a f_k + b g_k), what is common to all terms in front."""
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    e = rebuild(expr, (join_sums(a) for a in expr.args))
    if not isinstance(e, Add):
        return e
    groups: dict[str, list[tuple[Expr, Sum]]] = {}
    rest: list[Expr] = []
    for term in e.args:
        sums = [a for a in Mul.make_args(term) if isinstance(a, Sum) and not a.excluded]
        if len(sums) == 1 and not isinstance(sums[0].body, Sum):
            groups.setdefault(sums[0].index.range, []).append((term / sums[0], sums[0]))
        else:
            rest.append(term)
    return Add(*rest, *(_joined(group) for group in groups.values()))


def _joined(group: list[tuple[Expr, Sum]]) -> Expr:
    if len(group) == 1:
        return Mul(*group[0])
    k = fresh(
        group[0][1].index, {i for f, total in group for i in all_indices(f) | all_indices(total)}
    )
    body = sympy.factor(Add(*(f * rename(s.body, {s.index: k}) for f, s in group)))
    front = Mul(*(a for a in Mul.make_args(body) if k not in free_indices(a)))
    return front * Sum(body / front, k)


def fold_quotients(expr: Expr, d: Definition) -> Expr:
    """Products that hold every factor of the definition's body → its head; factors in front of a sum help."""
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    e = rebuild(expr, (fold_quotients(a, d) for a in expr.args))
    if isinstance(e, Mul):
        sums = [a for a in e.args if isinstance(a, Sum)]
        if len(sums) == 1:
            return _fold_into(e / sums[0], sums[0], d)
        return _fold_product(e, d)
    return e


def _fold_into(front: Expr, total: Sum, d: Definition) -> Expr:
    k = fresh(total.index, all_indices(front) | all_indices(total))
    inner = front * rename(total.body, {total.index: k})
    folded = _fold_product(inner, d)
    return front * total if folded == inner else Sum(folded, k)


def _fold_product(e: Expr, d: Definition) -> Expr:
    spots = sorted(free_indices(e), key=str)
    choices = [[s for s in spots if s.range == i.range] for i in d.indices]
    for place in product(*choices):
        rest = _divide(e, d.at(place))
        if rest is not None:
            return rest * At(d.array, *place)
    return e


def reading(expr: Expr) -> tuple[int, bool, int]:
    """How much there is to read: symbols written, then a leading minus sign, then the length of the text."""
    minus = bool(expr.is_Mul and expr.could_extract_minus_sign())
    return weight(expr), minus, len(str(expr))


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


def concerns(fact: Fact, expr: Expr) -> bool:
    """Whether the arrays of the fact's left side all occur in the expression."""
    return arrays(fact.left) <= arrays(expr)


@lru_cache(maxsize=2_000)
def totals(context: Context) -> tuple[tuple[Definition, Fact], ...]:
    """Σ_i p_i = number, for each definition p and index i where the normal form finds one."""
    return tuple((d, fact) for d in context.definitions for fact in _totals(d, context))


def _totals(d: Definition, context: Context) -> Iterator[Fact]:
    for i in d.indices:
        field = Field()
        for fact in context.facts:
            field.take(primitives(fact.left, context), primitives(fact.right, context))
        value = field.ratio(field.form(primitives(Sum(d.body, i), context)))
        if value.is_Number:
            yield Fact(f"sum-of-{d.array.name}", Sum(d.head, i), value)
