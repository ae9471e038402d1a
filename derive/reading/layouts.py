"""Whose the rows of a matrix ∂a/∂x are, a's or x's: authors differ, and none says so.

What does not hold with the rows of a is read with the rows of x too, by the whole document; wrong
is only what is refuted either way.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

from derive.reading.body import HOLDS, REFUTED, Body
from derive.reading.finder import Judge
from derive.reading.judged import Equality
from derive.reading.verdicts import Condition

TURNED = Condition("the rows of a matrix ∂a/∂x belong to x (denominator layout)", stated=False)
UNSETTLED = "whether the rows of ∂a/∂x belong to a or to x is not said"
CLASHES = "would run over"


class Layouts:
    """A document, and the same document in the other layout."""

    def __init__(self, whole: Body):
        self.whole = whole

    @cached_property
    def _turned(self) -> Body:
        whole = self.whole
        return Body(whole.formulas, whole.shapes, whole.pieces, "denominator")

    def second(self, number: int, found: list[Equality], judge: Judge) -> list[Equality]:
        """What was found of a formula, where it depends on the layout what it says."""
        laid_out = self.whole.readings[number].laid_out
        if not laid_out or all(e.verdict in HOLDS for e in found):
            return found
        again = self._turned.settled(number, judge)
        clash = any(e.verdict == "unread" and CLASHES in e.finding.reason for e in found)
        if clash and all(e.verdict != "unread" for e in again):
            return [_conditional(e) for e in again]
        turned = {(e.line, e.column, e.rhs): e for e in again}
        return [_either(e, turned.get((e.line, e.column, e.rhs))) for e in found]


def _either(e: Equality, turned: Equality | None) -> Equality:
    if e.verdict in HOLDS or turned is None:
        return e
    if turned.verdict in HOLDS:
        return _conditional(turned)
    if e.verdict in REFUTED and turned.verdict not in REFUTED:
        finding = replace(e.finding, verdict="not decided", reason=UNSETTLED)
        return replace(e, verdict="not decided", finding=finding)
    return e


def _conditional(e: Equality) -> Equality:
    """What holds in the other layout holds if that is meant."""
    if e.verdict not in HOLDS:
        return e
    finding = replace(e.finding, verdict="conditional", conditions=(*e.finding.conditions, TURNED))
    return replace(e, verdict="conditional", finding=finding)
