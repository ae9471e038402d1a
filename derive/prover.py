"""The one notion of equality: proved for every n, every pattern of equal indices, from named facts.

A proof is a zero normal form (derive.normal) in each case of the free indices.  No proof found
is not
a refutation: refutations are the witness's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from sympy import Expr, Integer

from derive.domains import needs, positive_elements, together
from derive.errors import DeriveError
from derive.language import Array, At, Delta, Index, Largest, Max
from derive.normal import Field
from derive.primitives import primitives, sift
from derive.statement import NOTHING_GIVEN, Context, Definition, Fact, Parametric
from derive.terms import apart, arrays, free_indices, rename
from derive.terms import replace as rewrite

Partition = tuple[tuple[Any, ...], ...]
Given = tuple[list[tuple[Expr, ...]], frozenset[Array]]
"""Facts over primitives, and the arrays whose elements are all positive where both sides are
defined."""
LARGEST_SIGN_SPLIT = 4
NOWHERE = (
    "no point defines both sides: what stands under a logarithm or a real power on one side has "
    "the other sign than on the other side, so the equation says nothing"
)


@dataclass(frozen=True)
class Proof:
    """That left = right in this context: the cases of the free indices, and the facts that were
    needed.

    `cases` holds one partition of the compared positions for each case ((i, j),) for i = j,
    ((i,), (j,)) for i ≠ j; a single empty case says that no comparison occurs.
    """

    cases: tuple[Partition, ...]
    facts: tuple[str, ...]


def prove(left: Expr, right: Expr, context: Context = NOTHING_GIVEN) -> Proof | None:
    """Prove left = right for every n; None when no proof was found.

    Facts are tried in sets of growing size, so the facts of the proof are those it needs.
    """
    for count in range(len(context.facts) + 1):
        for facts in combinations(context.facts, count):
            cases = _prove_with(left, right, replace(context, facts=facts))
            if cases is not None:
                return Proof(cases, tuple(f.name for f in facts))
    return None


def _prove_with(left: Expr, right: Expr, context: Context) -> tuple[Partition, ...] | None:
    """The cases, when the difference vanishes in each."""
    labels = _labels(context)
    context = _reserve(context, labels)
    difference = rename(_merge(left - right, context.equal), labels)
    assumed, rest = _substituting(context)
    wanted = [
        primitives(need, assumed)
        for side in (left, right)
        for need in needs(rename(_merge(side, context.equal), labels), context)
    ]
    difference = primitives(primitives(difference, context), assumed)
    difference = apart(difference, ())
    cases = tuple(_cases(difference, context))
    facts = [
        tuple(primitives(primitives(side, context), assumed) for side in (f.left, f.right))
        for f in rest
    ]
    given = facts, positive_elements(wanted)
    if not all(_vanishes(settle(difference, case), given, {}) for case in cases):
        return None
    if not any(_meet(wanted, case, given) for case in cases):
        raise DeriveError(NOWHERE)
    names = {b: a for a, b in labels.items()}
    return tuple(tuple(tuple(names.get(p, p) for p in block) for block in case) for case in cases)


def _labels(context: Context) -> dict[Index, Index]:
    """Indices that stand only on the right of a fact about an element (the label t of y_i = δ_it).

    They are fixed through the proof, so inside it they get names that no binder has.
    """
    sides = [(f.left, f.right) for f in context.facts if isinstance(f.left, At)]
    sides += [(d.head, d.body) for d in context.definitions]
    loose = {i for left, right in sides for i in free_indices(right) - free_indices(left)}
    return {i: Index(f"{i.name}°", i.range) for i in loose}


def _reserve(context: Context, labels: Mapping[Index, Index]) -> Context:
    """The context with labels called by their reserved names."""
    if not labels:
        return context

    def position(p: Any) -> Any:
        return labels.get(p, p)

    return Context(
        tuple(_relabelled(d, labels) for d in context.definitions),
        tuple(
            replace(f, right=rename(f.right, labels)) if isinstance(f.left, At) else f
            for f in context.facts
        ),
        tuple((position(a), position(b)) for a, b in context.equal),
        tuple((position(a), position(b)) for a, b in context.distinct),
    )


def _relabelled(d: Definition, labels: Mapping[Index, Index]) -> Definition:
    loose = free_indices(d.body) - set(d.indices)
    return Parametric(d.array, d.indices, rename(d.body, labels)) if loose else d


def _merge(expr: Expr, equal: Iterable[tuple[Any, Any]]) -> Expr:
    for first, second in equal:
        keep, drop = (second, first) if isinstance(first, Index) else (first, second)
        expr = rename(expr, {drop: keep})
    return expr


def _substituting(context: Context) -> tuple[Context, tuple[Fact, ...]]:
    """A fact about any one element (one-hot: y_i = δ_it) is put in for it, once derivatives are
    carried out.

    It must be an element of an array that is given, at indices that differ, and its right side must
    not lead back to such elements; other facts are left to the normal form.
    """
    given = [f for f in context.facts if _about_any_element(f.left, context)]
    heads = {f.left.array for f in given}
    made = {
        f: Parametric(f.left.array, f.left.indices, primitives(f.right, context)) for f in given
    }
    usable = {f: d for f, d in made.items() if not heads & arrays(d.body)}
    rest = tuple(f for f in context.facts if f not in usable)
    return Context(tuple(usable.values())), rest


def _about_any_element(left: Expr, context: Context) -> bool:
    """Whether the left side of a fact is z_ij with plain indices that differ, z being given."""
    if not isinstance(left, At) or not left.indices or left.array in context.by_array:
        return False
    plain = all(isinstance(i, Index) for i in left.indices)
    return plain and len(set(left.indices)) == len(left.indices)


def _cases(difference: Expr, context: Context) -> Iterator[Partition]:
    positions = _compared(difference)
    apart = {frozenset(pair) for pair in context.distinct}
    for partition in _partitions(positions):
        if not any(_clash(block, apart) for block in partition):
            yield partition


def _compared(expr: Expr) -> tuple[Any, ...]:
    """The free positions that some δ compares, in order of name."""
    found: set[Any] = set()
    stack: list[tuple[Expr, frozenset[Any]]] = [(expr, frozenset())]
    while stack:
        e, bound = stack.pop()
        if isinstance(e, Delta):
            if not set(e.args) & bound:
                found |= set(e.args)
            continue
        inner = bound | {e.args[1]} if isinstance(e, (Max, Largest)) else bound
        stack.extend((a, inner) for a in e.args)
    return tuple(sorted(found, key=str))


def _partitions(items: tuple[Any, ...]) -> Iterator[Partition]:
    """All set partitions, coarsest comparisons first; positions of different ranges never meet."""
    if not items:
        yield ()
        return
    head, *tail = items
    for partition in _partitions(tuple(tail)):
        for c, block in enumerate(partition):
            if _range(head) in (None, _range(block[0])) or _range(block[0]) is None:
                yield (*partition[:c], (head, *block), *partition[c + 1 :])
        yield ((head,), *partition)


def _range(position: Any) -> str | None:
    return position.range if isinstance(position, Index) else None


def _clash(block: tuple[Any, ...], apart: set[frozenset[Any]]) -> bool:
    numerals = {p for p in block if not isinstance(p, Index)}
    pairs = (frozenset(pair) for pair in combinations(block, 2))
    return len(numerals) > 1 or any(pair in apart for pair in pairs)


def _meet(wanted: list[Expr], case: Partition, given: Given) -> bool:
    """Whether, in this case, the signs allow a point that defines both sides."""
    return not wanted or together([settle(need, case) for need in wanted], _field(given, {})[0])


def _field(given: Given, assumed: dict[Expr, Expr]) -> tuple[Field, bool]:
    """A field that knows what is given, and whether every fact could be solved."""
    facts, positive = given
    field = Field(assumed)
    field.positives = positive
    return field, all(field.take(*fact) for fact in facts)


def _vanishes(expr: Expr, given: Given, assumed: dict[Expr, Expr]) -> bool:
    """Zero as it stands, or zero for either sign of something whose sign occurs (off its zeros)."""
    field, solved = _field(given, assumed)
    if not solved:
        return False
    if field.is_zero(expr):
        return True
    signs = field.open_signs() if len(assumed) < LARGEST_SIGN_SPLIT else []
    return any(
        all(_vanishes(expr, given, {**assumed, sign: Integer(v)}) for v in (1, -1))
        for sign in signs[:1]
    )


def settle(expr: Expr, case: Partition) -> Expr:
    """Equal positions become one; a δ between different ones becomes 0."""
    names: Mapping[Any, Any] = {
        p: representative(block) for block in case for p in block if isinstance(p, Index)
    }
    merged = sift(rename(expr, {a: b for a, b in names.items() if a != b}))
    chosen = {representative(block) for block in case}
    return _drop_deltas(apart(merged, chosen), chosen)


def representative(block: tuple[Any, ...]) -> Any:
    """The position that stands for a block of equal ones: its numeral, if it has one."""
    return next((p for p in block if not isinstance(p, Index)), block[0])


def _drop_deltas(expr: Expr, chosen: set[Any]) -> Expr:
    return rewrite(
        expr, lambda e: Integer(0) if isinstance(e, Delta) and set(e.args) <= chosen else None
    )
