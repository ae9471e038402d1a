"""The one notion of equality: proved for every n, every pattern of equal indices, from named facts.

A proof is a zero normal form (derive.normal) in each case of the free indices.  No proof found is not
a refutation: refutations are the witness's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from sympy import Expr, Integer

from derive.language import At, Delta, Index, Max
from derive.normal import Field
from derive.primitives import primitives, sift
from derive.statement import Context, Definition, Fact, Parametric
from derive.terms import rename
from derive.terms import replace as rewrite

Partition = tuple[tuple[Any, ...], ...]
LARGEST_SIGN_SPLIT = 4


@dataclass(frozen=True)
class Proof:
    """That left = right in this context: the cases of the free indices, and the facts that were needed.

    `cases` holds one partition of the compared positions for each case ((i, j),) for i = j,
    ((i,), (j,)) for i ≠ j; a single empty case says that no comparison occurs.
    """

    cases: tuple[Partition, ...]
    facts: tuple[str, ...]


def prove(left: Expr, right: Expr, context: Context = Context()) -> Proof | None:
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
    context, sums = _substituting(context)
    difference = primitives(_merge(left - right, context.equal), context)
    cases = tuple(_cases(difference, context))
    for case in cases:
        if not _vanishes(difference, case, sums, context):
            return None
    return cases


def _merge(expr: Expr, equal: Iterable[tuple[Any, Any]]) -> Expr:
    for first, second in equal:
        keep, drop = (second, first) if isinstance(first, Index) else (first, second)
        expr = rename(expr, {drop: keep})
    return expr


def _substituting(context: Context) -> tuple[Context, tuple[Fact, ...]]:
    """A fact about one element of an array over plain indices (one-hot) acts as a definition of it."""
    made, rest = [], []
    for fact in context.facts:
        element = fact.left
        if (
            isinstance(element, At)
            and element.indices
            and all(isinstance(i, Index) for i in element.indices)
        ):
            made.append(_as_definition(element, fact.right))
        else:
            rest.append(fact)
    return replace(context, definitions=context.definitions + tuple(made), facts=()), tuple(rest)


def _as_definition(element: At, right: Expr) -> Definition:
    """The right-hand side may name further free indices (the label t): they are parameters of the proof."""
    return Parametric(element.array, element.indices, right)


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
        inner = bound | {e.args[1]} if len(e.args) > 1 and isinstance(e, Max) else bound
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


def _vanishes(difference: Expr, case: Partition, facts: tuple[Fact, ...], context: Context) -> bool:
    expr = settle(difference, case)
    sides = [tuple(primitives(side, context) for side in (f.left, f.right)) for f in facts]
    return _vanishes_by_signs(expr, sides, {})


def _vanishes_by_signs(
    expr: Expr, facts: list[tuple[Expr, ...]], assumed: dict[Expr, Expr]
) -> bool:
    """Zero as it stands, or zero for either sign of something whose sign occurs (off its zeros)."""
    field = Field(assumed)
    if not all(field.take(*fact) for fact in facts):
        return False
    if field.is_zero(expr):
        return True
    signs = field.open_signs() if len(assumed) < LARGEST_SIGN_SPLIT else []
    return any(
        all(_vanishes_by_signs(expr, facts, {**assumed, sign: Integer(v)}) for v in (1, -1))
        for sign in signs[:1]
    )


def settle(expr: Expr, case: Partition) -> Expr:
    """Equal positions become one; a δ between different ones becomes 0."""
    names: Mapping[Any, Any] = {
        p: representative(block) for block in case for p in block if isinstance(p, Index)
    }
    merged = sift(rename(expr, {a: b for a, b in names.items() if a != b}))
    chosen = {representative(block) for block in case}
    return _drop_deltas(merged, chosen)


def representative(block: tuple[Any, ...]) -> Any:
    return next((p for p in block if not isinstance(p, Index)), block[0])


def _drop_deltas(expr: Expr, chosen: set[Any]) -> Expr:
    return rewrite(
        expr, lambda e: Integer(0) if isinstance(e, Delta) and set(e.args) <= chosen else None
    )
