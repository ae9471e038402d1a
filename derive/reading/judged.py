"""The equalities of one chain with their verdicts: what is taken as given, what is claimed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sympy import Expr

from derive.errors import DeriveError
from derive.language import At, Cases, Delta, Deriv, Elementwise, Index, Max
from derive.notation import text as shown
from derive.reading.explain import Explanation
from derive.reading.finder import Finder, Judge
from derive.reading.ledger import Ledger, builds_on, made_definition
from derive.reading.lines import EQUAL, Side, is_law, lists
from derive.reading.opaque import has_derivative
from derive.reading.prose import anew, chosen, concludes, follows, labelled, sets
from derive.reading.scoping import extended
from derive.reading.suggested import as_written
from derive.reading.suppositions import solved, supposed
from derive.reading.together import Reading
from derive.reading.verdicts import Finding, Question
from derive.statement import Fact
from derive.terms import arrays

NOT_EXPLAINED = Explanation()
UNDEFINED = "nothing in the document defines the left side"
ENDS_EARLY = "an index stands outside the sum over it; put brackets around what is summed"


@dataclass(frozen=True)
class Equality:
    """One equality of a document and what was found: its sides as written and as read."""

    line: int
    column: int
    lhs: Side
    rhs: Side
    finding: Finding
    verdict: str
    question: Question | None = None
    cell: int | None = None
    chain: int = 0
    why: Explanation = NOT_EXPLAINED


class Judged(Finder):
    """Goes along one chain."""

    def __init__(self, ledger: Ledger, reading: Reading, number: int, judge: Judge):
        super().__init__(ledger, reading, number, judge)
        self.sound = True
        self.reference: Expr | None = None

    def run(self) -> Iterator[Equality]:
        """The equalities of the chain with their verdicts."""
        sides, formula = self.reading.sides, self.reading.formula
        if formula.piece.kind == "refused":
            yield self._equality(0, 0, self._unread(sides[0]), "unread")
        elif formula.piece.kind != "implied" and not supposed(formula) and not lists(formula):
            yield from self._along(sides, formula.relations)

    def _along(
        self, sides: tuple[Expr | DeriveError, ...], relations: list[str]
    ) -> Iterator[Equality]:
        last: int | None = None
        for k, side in enumerate(sides):
            if k and relations[k - 1] not in EQUAL:
                last = None
            if isinstance(side, DeriveError):
                if is_law(self.reading.formula.sides[k]):
                    continue
                if not {*relations[max(k - 1, 0) : k + 1]}.isdisjoint(EQUAL):
                    yield self._equality(max(k - 1, 0), k, self._unread(side), "unread")
                continue
            if k == len(sides) - 1 > 1 and solved(self.reading.formula):
                continue
            if last is not None and not self._given(last, k):
                yield from self._step(last, k)
            if last is None or self.reference is None:
                self.reference = side
            last = k

    def failed(self, reason: str) -> Equality:
        """The formula as a whole, not decided."""
        last = len(self.reading.formula.sides) - 1
        return self._equality(0, last, Finding("not decided", reason=reason), "not decided")

    def _unread(self, error: Expr | DeriveError) -> Finding:
        return Finding("unread", reason=str(error))

    def _given(self, last: int, k: int) -> bool:
        """Whether this equality is the definition itself, or the choice of a size: let n = 3."""
        if k == 1 and (self.reading.functional or self._sizes()):
            return True
        if k == 1 and any(at == self.number for at, _ in self.ledger.facts):
            return True
        return k == last + 1 and (self.number, last) in self.ledger.defining

    def _sizes(self) -> bool:
        left, right = self.reading.sides[:2]
        sized = isinstance(left, At) and left.array.domain == "size"
        given = isinstance(right, Expr) and right.is_number
        return sized and given and not follows(self.reading.formula)

    def _step(self, last: int, k: int) -> Iterator[Equality]:
        left, right = self.reading.sides[last], self.reading.sides[k]
        if last == 0 and self._ends_early(left, right, k):
            yield self._equality(last, k, Finding("unread", reason=ENDS_EARLY), "unread")
            return
        self.right = self.reading.formula.sides[k].text
        finding, asked = self._finding(left, right)
        unstated = finding.verdict == "conditional" and not all(
            c.stated for c in finding.conditions
        )
        doubted = unstated or finding.verdict in ("wrong", "not decided")
        if doubted and (last, k) == (0, 1):
            if self._assumed(left, right) or self._names_anew(left, right, asked):
                return
            if self._loose(left, right):
                finding = Finding("not decided", reason=UNDEFINED)
        verdict = finding.verdict
        if verdict == "wrong" and not self.sound and self.reference is not None:
            back, _ = self._finding(self.reference, right)
            if back.verdict in ("proved", "conditional"):
                verdict, self.sound = "compensated", True
        elif verdict == "wrong":
            self.sound = False
        yield self._equality(last, k, finding, verdict, asked)

    def _ends_early(self, left: Expr, right: Expr, k: int) -> bool:
        """Whether this would define something with an index that stands outside its sum."""
        new = self.reading.head and isinstance(left, At) and left.array not in self.known
        return new and extended(left, right, self.reading.formula.sides[k]) is None

    def _assumed(self, left: Expr, right: Expr) -> bool:
        """An equation between given things is taken as given, a new definition likewise."""
        if isinstance(left, Deriv) or has_derivative(left):
            return False
        if self.reading.head and isinstance(left, At) and left.array in self.known:
            return False
        if not self._loose(left, right):
            return False
        new = sets(self.reading.formula) and not follows(self.reading.formula)
        given = right.is_number or isinstance(right, Delta) or new
        if given:
            self._take(left, right)
        return given

    def _loose(self, left: Expr, right: Expr) -> bool:
        """Whether the left side is made of given things alone, none of which the right side has."""
        ours = {a for a in arrays(left) if a.domain != "size"}
        theirs = builds_on(right, self.known)
        if isinstance(left, At) and not (ours | arrays(right)) & self.known.keys():
            return True
        apart = not ours & (self.known.keys() | theirs) and not _has_function(left)
        return apart and bool(ours or theirs) and not has_derivative(left)

    def _names_anew(self, left: Expr, right: Expr, asked: Question) -> bool:
        """Whether a name gets another meaning here, or words choose a value."""
        if chosen(self.reading.formula) and not (
            arrays(left) & self.known.keys() or has_derivative(left)
        ):
            return True
        named = self.reading.head and isinstance(left, At) and left.array in self.known
        if not named or not isinstance(left, At) or not self._may_redefine(left, right):
            return False
        if not anew(self.reading.formula) and self.judge.slips(asked):
            return False  # what was defined before is meant, and a mistake was made
        self.ledger.define(self.number, made_definition(left, right))
        self.known = {d.array: d for d in self.ledger.at(self.number)}
        return True

    def _may_redefine(self, left: At, right: Expr) -> bool:
        """Whether an equation for a name that has a definition may be another definition."""
        formula, events = self.reading.formula, self.ledger.definitions.get(left.array, [])
        elsewhere = [at for at, _ in events if at != self.number]
        if not elsewhere or not all(isinstance(i, Index) for i in left.indices):
            return False
        if follows(formula) or left.array in builds_on(right, self.known):
            return False
        apart = all(self.ledger.sections.get(at) != formula.section for at in elsewhere)
        section = apart and not concludes(formula.heading)
        said = labelled(formula) or sets(formula) or anew(formula)
        return section or said or self._of_other_things(left, right)

    def _of_other_things(self, left: At, right: Expr) -> bool:
        """Whether an equation by itself makes a name of other given things than its definition
        does, each of some that the other has not: that is no restatement, whatever stands
        between."""
        ours, theirs = (
            {a for a in builds_on(e, self.known) - self.known.keys() if a.domain != "size"}
            for e in (left, right)
        )
        return len(self.reading.sides) == 2 and bool(ours - theirs) and bool(theirs - ours)

    def _take(self, left: Expr, right: Expr) -> None:
        plain = isinstance(left, At) and any(isinstance(i, Index) for i in left.indices)
        if isinstance(left, At) and plain and right.is_number:
            self.ledger.hot.add(left.array.name)
        else:
            name = f"{shown(left)} = {shown(right)}"
            if all(fact.name != name for _, fact in self.ledger.facts):
                self.ledger.facts.append((self.number, Fact(name, left, right)))

    def _equality(
        self, last: int, k: int, finding: Finding, verdict: str, asked: Question | None = None
    ) -> Equality:
        formula = self.reading.formula
        lhs, rhs = formula.sides[last], formula.sides[k]
        line, column = rhs.line, rhs.column
        error = self.reading.sides[k]
        if isinstance(error, DeriveError) and error.place:
            line, column = rhs.at(error.place)
        why = NOT_EXPLAINED
        if asked and verdict == "wrong":
            why = self.judge.explain(replace(asked, imposed=finding.conditions))
        cell = formula.piece.cell
        finding = as_written(finding)
        return Equality(line, column, lhs, rhs, finding, verdict, asked, cell, self.number, why)


def gives_a_value(reading: Reading) -> bool:
    """Whether a formula may set a value of what is given, which counts from there on: y_1 = 0."""
    right = reading.sides[-1]
    number = isinstance(right, Expr) and right.is_number
    return len(reading.sides) == 2 and (number or isinstance(right, Delta))


def _has_function(expr: Expr) -> bool:
    """Whether it is more than sums and products of what is given: then it has a value to claim."""
    made = isinstance(expr, (Elementwise, Cases, Delta, Max)) and bool(arrays(expr))
    return made or any(_has_function(a) for a in expr.args)
