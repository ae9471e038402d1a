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
from derive.reading.lines import Side
from derive.reading.together import Reading
from derive.statement import Definition
from derive.terms import free_indices

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
    if reading.clash is not None:
        yield from _of_error(reading, reading.formula.sides[0], reading.clash)
    frees = [
        {i.name for i in free_indices(s)} if isinstance(s, Expr) else set[str]()
        for s in reading.sides
    ]
    for k, (shown, side) in enumerate(zip(reading.formula.sides, reading.sides, strict=False)):
        if isinstance(side, DeriveError):
            yield from _of_error(reading, shown, side)
            continue
        twice = _bound(side) & frees[k]
        elsewhere = set[str]().union(*(f for n, f in enumerate(frees) if n != k))
        yield from _remark(shown, cell, "captured", _captured(side) | (twice & elsewhere))
        yield from _remark(shown, cell, "unbound", twice - elsewhere)


def one_sided(left: Expr, right: Expr, side: Side, cell: int | None) -> Iterator[Remark]:
    """The free indices that only one side has."""
    names = {i.name for i in free_indices(left) ^ free_indices(right)}
    yield from _remark(side, cell, "one-sided", names)


def redefined(
    definitions: Mapping[Array, Sequence[tuple[int, Definition]]],
    readings: Mapping[int, Reading],
) -> Iterator[Remark]:
    """Names that are defined again as something else."""
    for array, events in definitions.items():
        for number, _ in events[1:]:
            reading = readings[number]
            cell = reading.formula.piece.cell
            yield from _remark(reading.formula.sides[0], cell, "two-meanings", {array.name})


def _of_error(reading: Reading, side: Side, error: DeriveError) -> Iterator[Remark]:
    line, column = side.at(error.place)
    reason = str(error)
    cell = reading.formula.piece.cell
    meanings = _MEANINGS.search(reason)
    if _BOUND.search(reason):
        yield Remark("bound", line, column, (), cell)
    elif meanings:
        yield Remark("two-meanings", line, column, (meanings["name"],), cell)


def _remark(side: Side, cell: int | None, kind: str, names: Iterable[str]) -> Iterator[Remark]:
    found = tuple(sorted(names))
    if found:
        yield Remark(kind, side.line, side.column, found, cell)
