"""Formulas that are read together, with the words around them, and the verdicts on them; a section
by itself is such a body too.

Where a document has several sections, one letter may have another meaning in each.  What is found
against a line in the document as a whole stands only if it is found against it in its own section
as well, which is read with the nearest definitions of what it uses and does not define.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from derive.errors import DeriveError
from derive.reading.documents import Piece
from derive.reading.finder import TWO_MEANINGS, Judge
from derive.reading.introduced import introduced
from derive.reading.judged import Equality, Judged, gives_a_value
from derive.reading.ledger import Ledger, gather
from derive.reading.lines import Formula
from derive.reading.prose import breaks, concludes, follows, sets
from derive.reading.scripts import base_of
from derive.reading.scripts import counted as counted_in
from derive.reading.shapes import Shape
from derive.reading.shaping import rows
from derive.reading.spaces import declared
from derive.reading.suppositions import counted
from derive.reading.syntax import Bracket, Name, Number, Scripted, Terms, sole
from derive.reading.together import Reading, Said, head_key, read_together
from derive.reading.verdicts import Finding
from derive.terms import arrays
from derive.witness import WitnessError

DOUBTFUL = ("wrong", "compensated", "not decided", "unread")
REFUTED = ("wrong", "compensated")
HOLDS = ("proved", "conditional")
CALLED = -1


@dataclass
class Body:
    """Formulas with the shapes of their sides, and the pieces that they stand among."""

    formulas: Sequence[Formula]
    shapes: Sequence[list[Shape]]
    pieces: Sequence[Piece]
    layout: str = "numerator"
    met: set[int] = field(default_factory=set)

    @cached_property
    def prose(self) -> str:
        """The words of the document, with its inline formulas."""
        return "".join(map(_words, self.pieces))

    @cached_property
    def readings(self) -> list[Reading]:
        """A reading for every formula, in order."""
        spaces = declared([p.text for p in self.pieces])
        said = Said(frozenset(counted(self.prose)), spaces, self.layout)
        return read_together(self.formulas, self.shapes, said)

    @cached_property
    def ledger(self) -> Ledger:
        """What all of it sets."""
        made = gather(self.readings, self.prose)
        made.introduced = dict(enumerate(introduced(self.formulas)))
        return made

    def judged(self, number: int, judge: Judge) -> list[Equality]:
        """The equalities of one formula; one that cannot be worked out never stops the rest."""
        reading = self.readings[number]
        one = Judged(self._local(reading, number, judge), reading, number, judge)
        made: list[Equality] = []
        try:
            made.extend(one.run())
        except (DeriveError, WitnessError, RecursionError) as error:
            made.append(one.failed(str(error) or "too deeply nested"))
        return made

    def settled(self, number: int, judge: Judge) -> list[Equality]:
        """As `judged`, when all ahead of it has been judged that may give a letter a new
        meaning or a value."""
        met = set[str]()
        for n in range(number):
            head = head_key(self.shapes[n])
            if (head in met or gives_a_value(self.readings[n])) and n not in self.met:
                self.judged(n, judge)
                self.met.add(n)
            met |= {head} - {""}
        return self.judged(number, judge)

    def _local(self, reading: Reading, number: int, judge: Judge) -> Ledger:
        """What is set for a formula: by all, or by the formulas it was read with."""
        if not reading.others and not reading.apart:
            return self.ledger
        numbers = [n for n, _ in reading.others] + [number]
        made = gather([r for _, r in reading.others] + [reading], self.prose, numbers)
        made.introduced = self.ledger.introduced
        for n, one in reading.others:
            if n < number and gives_a_value(one):
                list(Judged(made, one, n, judge).run())
        return made


class Sections:
    """The sections of a document, each as a body of its own."""

    def __init__(self, whole: Body):
        self.whole = whole
        self.used = [_valued(s) for s in whole.shapes]
        self.heads = [head_key(s) for s in whole.shapes]
        self.breaks = {s for p, s in self._placed() if p.kind == "heading" and breaks(p.text)}
        self.several = len({f.section for f in whole.formulas}) > 1
        self.made: dict[tuple[int, bool], tuple[list[int], Body]] = {}

    def second(self, number: int, found: list[Equality], judge: Judge) -> list[Equality]:
        """What was found of a formula, with what its section by itself says against it."""
        if not self.several or all(e.verdict not in DOUBTFUL for e in found):
            return found
        numbers, body = self._alone(self.whole.formulas[number].section)
        if len(numbers) == len(self.whole.formulas):
            return found
        again = {(e.line, e.column, e.rhs): e for e in body.settled(numbers.index(number), judge)}
        claims = self._claims(number)
        made = (_weighed(e, again.get((e.line, e.column, e.rhs)), claims) for e in found)
        left = [e for e in made if e is not None]
        if all(e.verdict not in REFUTED for e in left):
            return left
        numbers, body = self._alone(self.whole.formulas[number].section, strictly=True)
        again = {(e.line, e.column, e.rhs): e for e in body.settled(numbers.index(number), judge)}
        return [_cleared(e, again.get((e.line, e.column, e.rhs)), claims) for e in left]

    def _claims(self, number: int) -> bool:
        """Whether heading or words say that a formula follows from what its own problem says of
        the name at its head; without one, whether it speaks only of what that defines and sets
        nothing."""
        formulas, formula = self.whole.formulas, self.whole.formulas[number]
        start = max((s for s in self.breaks if s <= formula.section), default=0)
        ahead = [n for n in range(number) if formulas[n].section >= start]
        own = _head(self.whole.shapes[number])
        concluded = concludes(formula.heading) or follows(formula)
        if own[0]:
            return concluded and any(_head(self.whole.shapes[n]) == own for n in ahead)
        defined = self.used[number].keys() & {*self.heads}
        known = bool(defined) and defined <= {self.heads[n] for n in ahead}
        return known and (concluded or not sets(formula))

    def _alone(self, section: int, strictly: bool = False) -> tuple[list[int], Body]:
        """The formulas of a section and, unless `strictly`, those that define what it uses, by
        their numbers."""
        if (section, strictly) not in self.made:
            own = [n for n, f in enumerate(self.whole.formulas) if f.section == section]
            numbers = own if strictly else self._needed(own, section)
            near = {self.whole.formulas[n].section for n in numbers}
            pieces = [p for p, at in self._placed() if at in near]
            formulas = [self.whole.formulas[n] for n in numbers]
            shapes = [self.whole.shapes[n] for n in numbers]
            self.made[section, strictly] = numbers, Body(formulas, shapes, pieces)
        return self.made[section, strictly]

    def _placed(self) -> Iterator[tuple[Piece, int]]:
        """Every piece with its section."""
        section = 0
        for piece in self.whole.pieces:
            section += piece.kind == "heading"
            yield piece, section

    def _needed(self, own: Sequence[int], section: int) -> list[int]:
        """A section with the nearest definitions of all that it builds on, and what is said of
        them."""
        formulas = self.whole.formulas
        chosen, met = {*own}, {self.heads[n] for n in own}
        waiting = list(own)
        while waiting:
            for name, counts in sorted(self.used[waiting.pop()].items()):
                site = None if name in met else self._nearest(name, counts, section)
                met.add(name)
                if site is not None:
                    chosen.add(site)
                    waiting.append(site)
        said = ((n, f) for n, f in self.whole.ledger.facts if formulas[n].section <= section)
        facts = {n for n, f in said if {a.name for a in arrays(f.left) | arrays(f.right)} <= met}
        return sorted(chosen | facts)

    def _nearest(self, name: str, counts: set[int], section: int) -> int | None:
        """The first definition of a name in the nearest section ahead, else behind; one with
        another number of indices defines something else."""
        formulas = self.whole.formulas

        def far(n: int) -> tuple[bool, bool, int, int]:
            at = formulas[n].section
            return self._claims(n), at > section, abs(section - at), n

        def fits(n: int) -> bool:
            own = max(self.used[n].get(name, {0}))
            return counts != {CALLED} and (own < 1 or bool(counts & {0, own}))

        sites = (n for n, head in enumerate(self.heads) if head == name and fits(n))
        return min(sites, key=far, default=None)


def _weighed(whole: Equality, alone: Equality | None, claims: bool) -> Equality | None:
    """What counts of two findings on one equality: in the document, and in its section, where it
    may be a definition (None) unless it `claims` something."""
    if alone is not None and alone.verdict in HOLDS:
        return alone
    if whole.verdict not in REFUTED:
        refuted = alone is not None and alone.verdict in REFUTED and _open(whole.finding)
        return alone if refuted else whole
    if claims if alone is None else alone.verdict in REFUTED:
        return whole
    return None if alone is None else _doubted(whole)


def _cleared(e: Equality, strictly: Equality | None, claims: bool) -> Equality:
    """A line that holds, or is taken as given, where nothing elsewhere gives its letters a meaning
    is not wrong."""
    holds = not claims if strictly is None else strictly.verdict in HOLDS
    return _doubted(e) if holds and e.verdict in REFUTED else e


def _open(finding: Finding) -> bool:
    return finding.verdict == "unread" or finding.reason == TWO_MEANINGS


def _doubted(whole: Equality) -> Equality:
    finding = replace(whole.finding, verdict="not decided", reason=TWO_MEANINGS)
    return replace(whole, finding=finding, verdict="not decided")


def _head(shapes: Sequence[Shape]) -> tuple[str, int, str]:
    """The name that stands alone ahead of an equality, how many indices it has there, and the
    numeral that is one: p_1 and p_2 are two."""
    key = head_key(shapes)
    item = sole(shapes[0]) if key and isinstance(shapes[0], Terms) else None
    sub = item.sub if isinstance(item, Scripted) else ()
    numeral = sole(sub[0]) if len(sub) == 1 else None
    return key, counted_in(sub), numeral.written if isinstance(numeral, Number) else ""


def _valued(shapes: Sequence[Shape]) -> dict[str, set[int]]:
    """The names that stand for a value somewhere, and do not only count, each with the numbers of
    its indices; a σ(...) is the function that it always is."""
    made: dict[str, set[int]] = {}
    for row in rows(tuple(shapes), scripts=False):
        for item, after in zip(row, (*row[1:], None), strict=True):
            if isinstance(base := base_of(item), Name):
                sub = item.sub if isinstance(item, Scripted) else ()
                called = base.key == "sigma" and item is base and isinstance(after, Bracket)
                made.setdefault(base.key, set()).add(CALLED if called else counted_in(sub))
    return made


def _words(piece: Piece) -> str:
    if piece.kind == "inline":
        return f"${piece.text}$"
    return piece.text if piece.kind != "display" else "\n\n"
