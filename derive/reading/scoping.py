"""Scope: indices that are captured, unbound or on one side only, bounds that do not fit, letters
with two meanings.

A remark says nothing of right or wrong; it stands beside the verdicts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sympy import Add, Expr

from derive.errors import DeriveError
from derive.language import BINDERS, Array, Sum
from derive.reading.introduced import mentioned
from derive.reading.lines import Side
from derive.reading.prose import anew, labelled
from derive.reading.together import Reading
from derive.statement import Definition
from derive.terms import arrays, free_indices

KINDS = ("captured", "unbound", "one-sided", "bound", "two-meanings")
_LEADING_SUM = re.compile(r"[\s&{(\\left]*\\sum")
_BOUND = re.compile(r"(?:runs?|would run) over .*mend")
_MEANINGS = re.compile(
    r"(?P<name>\S+) (?:is an index here and a number elsewhere|is the size of a range, and an index"
    r"|may be a number or|has \d+ indices here and \d+ elsewhere|is bound here by a sign)"
)


@dataclass(frozen=True)
class Remark:
    """One remark on scope; `names` are the letters that it is about."""

    kind: str
    line: int
    column: int
    names: tuple[str, ...]
    cell: int | None = None


def extended(head: Expr, body: Expr, side: Side) -> Expr | None:
    """The body of a definition whose leading sum ends too early: Σ_i a_i + b_i is Σ_i (a_i + b_i).

    None if an index of a sum stands outside it and what is meant is not certain.
    """
    loose = free_indices(body) - free_indices(head)
    sums = [t for t in Add.make_args(body) if _bound(t) & {i.name for i in loose}]
    if not sums:
        return body
    if len(sums) > 1 or not isinstance(sums[0], Sum) or not _LEADING_SUM.match(side.text):
        return None
    first = sums[0]
    tail = [t for t in Add.make_args(body) if t is not first]
    if any(first.index not in free_indices(t) for t in tail) or first.excluded:
        return None
    return Sum(Add(first.body, *tail), first.index)


def _bound(expr: Expr) -> set[str]:
    """The names that binders in it bind."""
    inner = set().union(*(_bound(a) for a in expr.args)) if expr.args else set()
    return inner | {expr.args[1].name} if isinstance(expr, BINDERS) else inner


def _captured(expr: Expr, around: frozenset[str] = frozenset()) -> set[str]:
    """The names that are bound again inside their own scope."""
    if isinstance(expr, BINDERS):
        name = expr.args[1].name
        own = {name} if name in around else set()
        return own | _captured(expr.args[0], around | {name})
    return set().union(*(_captured(a, around) for a in expr.args)) if expr.args else set()


def remarks(reading: Reading) -> Iterator[Remark]:
    """What is to be said of the sides of one formula."""
    cell = reading.formula.piece.cell
    if reading.clash is not None and reading.errors:
        yield from _of_error(reading, reading.formula.sides[0], reading.clash)
    frees = [
        {i.name for i in free_indices(s)} if isinstance(s, Expr) else set[str]()
        for s in reading.sides
    ]
    for k, (shown, side) in enumerate(zip(reading.formula.sides, reading.sides, strict=False)):
        if isinstance(side, DeriveError):
            yield from _of_error(reading, shown, side)
            continue
        twice = (_bound(side) & frees[k]) - _meant(reading, k)
        elsewhere = set[str]().union(*(f for n, f in enumerate(frees) if n != k))
        yield from _remark(shown, cell, "captured", _captured(side) | (twice & elsewhere))
        yield from _remark(shown, cell, "unbound", twice - elsewhere)


def _meant(reading: Reading, k: int) -> set[str]:
    """The indices of a definition's leading sum that plainly goes on behind its first term."""
    head, body = reading.sides[0], reading.sides[k]
    whole = None
    if k == 1 and reading.head and isinstance(head, Expr) and isinstance(body, Expr):
        whole = extended(head, body, reading.formula.sides[1])
    return _bound(whole) if isinstance(whole, Sum) else set()


def one_sided(left: Expr, right: Expr, side: Side, cell: int | None) -> Iterator[Remark]:
    """The free indices that only one side has, where a number cannot be meant; the label y_i of an
    example i stands for both."""
    if left.is_number or right.is_number:
        return
    names = {i.name for i in free_indices(left) ^ free_indices(right)}
    names -= _bound(left) | _bound(right)
    labels = {n for n in names if "_" in n}
    yield from _remark(side, cell, "one-sided", names - labels - {n[-1] for n in labels})


def redefined(
    definitions: Mapping[Array, Sequence[tuple[int, Definition]]],
    readings: Mapping[int, Reading],
) -> Iterator[Remark]:
    """Names that are defined again as something else, where no word or heading says so."""
    for array, events in definitions.items():
        first = readings[events[0][0]].formula
        for number, made in events[1:]:
            formula = readings[number].formula
            if all(a.domain == "size" for a in arrays(made.body)):
                continue  # a value for a case: "with all scores equal, p_k = 1/K"
            told = labelled(formula) or anew(formula) or formula.section != first.section
            if not told:
                yield from _remark(formula.sides[0], formula.piece.cell, "two-meanings",
                                   {array.name}, written=False)  # fmt: skip


def _of_error(reading: Reading, side: Side, error: DeriveError) -> Iterator[Remark]:
    line, column = side.at(error.place)
    reason = str(error)
    cell = reading.formula.piece.cell
    meanings = _MEANINGS.search(reason)
    if _BOUND.search(reason):
        yield Remark("bound", line, column, (), cell)
    elif meanings:
        yield Remark("two-meanings", line, column, (meanings["name"],), cell)


def _remark(
    side: Side, cell: int | None, kind: str, names: Iterable[str], written: bool = True
) -> Iterator[Remark]:
    """A remark on those of the names that the author has written."""
    found = tuple(sorted({*names} & mentioned(side.text) if written else names))
    if found:
        yield Remark(kind, side.line, side.column, found, cell)
