"""The shortest way found to write an expression: definitions folded, facts used, sums joined.

Everything here proposes; the prover decides.  Proposals are normal forms in which definitions are
read from right to left, written out in a few arrangements, of which the one with least to read
wins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import product

import sympy
from sympy import Add, Expr, Mul

from derive.arranging import arrangements, deeper
from derive.language import Array, At, Index, Sum
from derive.naming import pretty
from derive.normal import Field
from derive.notation import text
from derive.primitives import primitives, sift
from derive.spelling import powers, squares
from derive.statement import Context, Definition, Fact
from derive.tactics.folding import divide
from derive.tactics.fractions import in_front, ungroup
from derive.terms import all_indices, arrays, free_indices, fresh, rebuild, rename
from derive.weighing import reading, weight

LONGEST = 250
READABLE = 28  # letters: shorter is not sought for what anybody reads at a glance


def tidy(
    expr: Expr,
    definitions: Iterable[Definition] = (),
    facts: Iterable[Fact] = (),
    positive: frozenset[Array] = frozenset(),
) -> Expr:
    """The arrangement of `expr` with least to read, by these definitions, facts, positive
    arrays."""
    definitions, facts = tuple(definitions), tuple(facts)
    plain = drawn_out(sift(ungroup(expr)))
    if weight(plain) > LONGEST:
        return plain
    found: dict[Expr, tuple[Field, Expr]] = {}
    for known in folding_fields(definitions, facts, positive):
        field = known.copied()  # the names of atoms order terms: what was tidied before must not
        form = field.ratio(field.form(plain))
        found.setdefault(field.spell(form), (field, form))
    bodies = [d.body for d in definitions]
    forms = arranged(found.values(), arrangements) | {plain: None}
    made = pretty(best(forms, definitions), expr, bodies)
    if len(text(made)) <= READABLE:
        return made
    forms |= arranged(found.values(), deeper)
    return min(made, pretty(best(forms, definitions), expr, bodies), key=lambda e: len(text(e)))


def drawn_out(expr: Expr) -> Expr:
    """a f_k + a g_k → a (f_k + g_k), and what is the same in all terms of a sum in front of it."""
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    e = rebuild(expr, map(drawn_out, expr.args))
    if isinstance(e, Add):
        return in_front(e)
    if not isinstance(e, Sum) or e.excluded:
        return e
    if e.body == 0:
        return e.body
    front = Mul(*(a for a in Mul.make_args(e.body) if e.index not in free_indices(a)))
    return front * Sum(e.body / front, e.index)


def arranged(
    found: Iterable[tuple[Field, Expr]], ways: Callable[[Field, Expr], Iterable[Expr]]
) -> dict[Expr, None]:
    """Each normal form written out in these ways, once each."""
    return {field.spell(e): None for field, form in found for e in ways(field, form)}


def best(forms: Iterable[Expr], definitions: tuple[Definition, ...]) -> Expr:
    """The form with least to read, or what becomes of it."""
    spelled = shortest(map(powers, forms), 2)
    made = [e for start in spelled for e in (start, *rearranged(start, definitions))]
    return shortest(made, 1)[0]


def shortest(exprs: Iterable[Expr], count: int) -> list[Expr]:
    """Those with least to read, as `reading` says; only what weighs little enough is spelled."""
    found = list(exprs)
    limit = sorted(map(weight, found))[:count][-1]
    return sorted((e for e in found if weight(e) <= limit), key=reading)[:count]


def rearranged(expr: Expr, definitions: tuple[Definition, ...]) -> Iterator[Expr]:
    """Sums joined, squares completed, and quotients that are definitions folded."""
    joined = join_sums(expr)
    yield joined
    yield squares(joined)
    for d in definitions:
        yield fold_quotients(joined, d)


@lru_cache(maxsize=64)
def folding_fields(
    definitions: tuple[Definition, ...], facts: tuple[Fact, ...], positive: frozenset[Array]
) -> tuple[Field, ...]:
    """Fields that know the facts and read definitions from right to left.

    Where a definition replaces elements (z_i by μ + σ h_i), a second field leaves those under a sum
    alone, and a third does without such definitions; a last one does without the statement's own.
    """
    field, through = folding_field(definitions, facts, positive)
    made = [field]
    if through:
        careful, _ = folding_field(definitions, facts, positive)
        careful.outside = True
        firm = tuple(d for d in definitions if d not in through)
        made += [careful, folding_field(firm, facts, positive)[0]]
    if len(definitions) > 1:
        fewer = [definitions[:-1], *((d,) for d in definitions if len(definitions) > 2)]
        made += [folding_field(some, facts, positive)[0] for some in fewer]
    return tuple(made)


def folding_field(
    definitions: tuple[Definition, ...], facts: tuple[Fact, ...], positive: frozenset[Array]
) -> tuple[Field, tuple[Definition, ...]]:
    """A field that knows the facts and the definitions; and those that replace elements."""
    field, through = Field(), []
    field.whole_angles = True
    field.defined = frozenset(d.array for d in definitions)
    field.positives = positive
    for fact in facts:
        field.take(fact.left, fact.right)
    for d in definitions:
        taken = field.take(d.head, sift(ungroup(d.body)), folding=True)
        if taken and isinstance(field.facts[-1][0], At):
            through.append(d)
    return field, tuple(through)


@lru_cache(maxsize=20_000)
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
    """Products that hold every factor of the definition's body → its head; factors in front of a
    sum help."""
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
        rest = divide(e, d.at(place))
        if rest is not None:
            return rest * At(d.array, *place)
    return e


def concerns(fact: Fact, expr: Expr) -> bool:
    """Whether something like the fact's left side occurs: for a sum, a sum over its arrays."""
    if not isinstance(fact.left, Sum):
        return arrays(fact.left) <= arrays(expr)
    if isinstance(expr, Sum) and arrays(fact.left) <= arrays(expr):
        return True
    return any(concerns(fact, a) for a in expr.args)


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
