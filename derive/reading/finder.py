"""What is found of one equality: the question put with what the document defines, and what keeps
its refutation from counting."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from sympy import Expr

from derive.language import Array
from derive.reading.explain import Explanation
from derive.reading.introduced import strangers
from derive.reading.ledger import Ledger, builds_on, derivatives
from derive.reading.moments import carried, held
from derive.reading.opaque import (
    beside,
    closed,
    has_derivative,
    is_abstract,
    named,
    opaque,
    through,
)
from derive.reading.questions import question
from derive.reading.refolded import folded
from derive.reading.reparametrised import by_the_source
from derive.reading.surroundings import surroundings
from derive.reading.together import Reading
from derive.reading.unsaid import coincidences
from derive.reading.verdicts import Condition, Finding, Question
from derive.statement import Definition
from derive.terms import arrays

SET_TO_ZERO = "this sets a derivative to zero: an equation to be solved, not an identity"
FROM_ZERO = "it follows from setting a derivative to zero, and is no identity"
_DECIMAL = re.compile(r"[-−+]?\s*\d*\.(\d+)")
TWO_MEANINGS = "one letter has two meanings in the document"


class Judge(Protocol):
    """Answers a question, says why a wrong equality is wrong, and whether it is one named mistake
    away from a right one."""

    def __call__(self, question: Question) -> Finding: ...

    def explain(self, question: Question) -> Explanation: ...

    def slips(self, question: Question) -> bool: ...


class Finder:
    """Answers for the equalities of one chain."""

    def __init__(self, ledger: Ledger, reading: Reading, number: int, judge: Judge):
        self.judge = judge
        self.ledger, self.reading, self.number = ledger, reading, number
        self.known = {d.array: d for d in ledger.at(number)}
        self.right = ""

    def _finding(self, left: Expr, right: Expr) -> tuple[Finding, Question]:
        left, right = (by_the_source(e, self.known) for e in (left, right))
        given = self.known | {d.array: d for d in carried(left, right, self.known)}
        by = self._hidden(left, right)
        used = builds_on(left, given) | builds_on(right, given)
        known, hidden = closed({d.array: d for d in folded(tuple(given.values()), by)}, used)
        first, missing = opaque(named(left, given, by), known)
        second, more = opaque(named(right, given, by), known)
        asked = question(self.ledger, self.reading, first, second, tuple(known.values()))
        finding = self.judge(asked)
        if (missing | more | hidden) and finding.verdict in ("wrong", "not decided"):
            finding, asked = self._abstract(finding, asked, known)
            if finding.verdict != "not decided":
                missing, more = set(), set()
        finding = self._supposing(finding, left, right, given)
        if finding.verdict == "wrong" and (doubt := self._doubt(left, right)):
            finding = Finding("not decided", reason=doubt)
        unknown = sorted(missing | more) or (
            self._strangers(left, right) if finding.verdict == "wrong" else []
        )
        unknown = unknown or sorted(a.name for a in (used & self.ledger.unread) - known.keys())
        if unknown and finding.verdict in ("wrong", "not decided"):
            reason = f"{', '.join(map(as_written, unknown))} is not defined in the document"
            finding = Finding("not decided", reason=reason)
        return finding, asked

    def _supposing(
        self, finding: Finding, left: Expr, right: Expr, given: dict[Array, Definition]
    ) -> Finding:
        """The finding with what the reading itself supposes: something is held fixed, values are
        nowhere equal, a number is rounded."""
        fixed = dict.fromkeys(held(left, right, given))
        aside = [Condition(words, stated=False) for words in fixed]
        aside += coincidences(surroundings(left, right, tuple(self.known.values())))
        if aside and finding.verdict in ("proved", "conditional"):
            aside += finding.conditions
            return replace(finding, verdict="conditional", conditions=tuple(aside))
        digits = rounded(finding, self.right) if finding.verdict == "wrong" else 0
        if not digits:
            return finding
        rounding = Condition(f"rounded to {digits} decimals", stated=False)
        return replace(finding, verdict="conditional", conditions=(rounding,))

    def _abstract(
        self, finding: Finding, asked: Question, known: dict[Array, Definition]
    ) -> tuple[Finding, Question]:
        """With derivatives of a C that stays abstract: the chain rule holds for them if C depends
        on one variable through the other alone; those that stand on both sides may be anything."""
        abstract = is_abstract(asked.left, asked.right, known)
        for words, made in through(asked.left, asked.right, known):
            own = Condition(words, stated=False)
            definitions = (*known.values(), made)
            more = question(self.ledger, self.reading, asked.left, asked.right, definitions)
            found = self.judge(more)
            if found.verdict in ("proved", "conditional"):
                given = (own, *found.conditions)
                return replace(found, verdict="conditional", conditions=given), more
            if found.verdict == "wrong" and abstract:
                return found, more
        if abstract and beside(asked.left, known) == beside(asked.right, known):
            return finding, asked
        return replace(finding, verdict="not decided"), asked

    def _hidden(self, *sides: Expr) -> list[Array]:
        """What is differentiated by and was written out where it is differentiated."""
        by = {e.variable.array: e for s in sides for e in derivatives(s)}
        return [a for a, e in by.items()
                if a in self.known and a not in builds_on(e.expr, self.known)]  # fmt: skip

    def _strangers(self, left: Expr, right: Expr) -> list[str]:
        """The names on one side only that nothing in the document has introduced so far."""
        alone = builds_on(left, self.known) ^ builds_on(right, self.known)
        facts = {a for _, f in self.ledger.facts for e in (f.left, f.right) for a in arrays(e)}
        meant = facts.union(*(arrays(d.body) for d in self.known.values())) | self.known.keys()
        named = {a.name for a in alone - meant if a.domain != "size" and "∂" not in a.name}
        free = named - {n for x in self.ledger.rowed for n in (x, x.lower())}
        return strangers(free, self.ledger.introduced.get(self.number, frozenset()))

    def _doubt(self, left: Expr, right: Expr) -> str:
        """Why a refutation says nothing of what the author claims."""
        if self.reading.apart:
            return TWO_MEANINGS
        if self.number in self.ledger.solved and right == 0:
            return SET_TO_ZERO
        solved = self.number in self.ledger.solved and not has_derivative(left)
        return FROM_ZERO if solved else ""


def as_written(name: str) -> str:
    """v_{··} for the v that has two indices beside a v with another number of them."""
    letter, _, count = name.partition("@")
    return f"{letter}_{{{'·' * int(count)}}}" if count.isdigit() else letter


def rounded(finding: Finding, written: str) -> int:
    """How many decimals a number is given with that differs by less than one in the last; else 0.

    0.659 is meant to be near e²/(e² + e), not to be equal.
    """
    shown, found = _DECIMAL.fullmatch(written.strip()), finding.counterexample
    if shown is None or found is None or found.arrays or found.indices:
        return 0
    try:
        apart = abs(Fraction(found.left) - Fraction(found.right))
    except ValueError:
        return 0
    digits = len(shown[1])
    return digits if apart < Fraction(1, 10**digits) else 0
