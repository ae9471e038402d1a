"""Displays and inline formulas as chains: sides, the relations between them, what is said beside
them.

A chain goes on over rows, over `\\Rightarrow` and from one display to the next where a row starts
with a relation or with + or -.  Every side keeps its place in the document.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from derive.reading.documents import Piece
from derive.reading.painting import painted
from derive.reading.segments import Segment, segments
from derive.reading.tokens import Place

MAX_DISPLAY = 30_000
EQUAL = ("=", ":=", "=:")


@dataclass(frozen=True)
class Side:
    """One member of a chain, as written, and the place of its first character."""

    text: str
    line: int
    column: int

    def at(self, place: Place | None) -> Place:
        """The place in the document of a place in this side."""
        line, column = place or (1, 1)
        return self.line + line - 1, column + (self.column - 1 if line == 1 else 0)


@dataclass
class Formula:
    """A chain of sides; `relations[k]` stands between sides k and k + 1.

    `said` holds what stands with it as words or conditions ("i = j"), `before` the prose ahead of
    it since the last display, `after` the prose behind it.
    """

    piece: Piece
    sides: list[Side]
    relations: list[str]
    said: list[str] = field(default_factory=list)
    before: str = ""
    after: str = ""
    follows: bool = False
    section: int = 0
    heading: str = ""


_CONTINUES = re.compile(r"\s*(?:[+\-−*·×]|\\(?:cdot|times|pm)(?![A-Za-z]))")
_LETTER = r"[c-dg-nq-vyC-DG-NQ-VY](?:'|_\{?\d\}?)?"
_SIDE = rf"{_LETTER}|[ytcl]_\{{?[a-z]\}}?"
_AROUND = r"(?:[\s(（)）]|\\[;,!:> ])*"
_CONDITION = re.compile(
    rf"{_AROUND}({_SIDE})\s*(=|\\neq?(?![a-z])|≠|\\not\s*=)\s*({_SIDE}){_AROUND}"
)
_TAIL_CONDITION = re.compile(
    rf"[(（]\s*{_LETTER}\s*(?:=|\\neq?(?![a-z])|≠)\s*{_LETTER}\s*[)）]\s*$"
)
_INDICATES = re.compile(
    r"(?:\\(?:mathbb|mathbf|mathds|mathbbm|bm|boldsymbol)\s*\{?\s*[1I]\s*\}?|[1I]|\\(?:delta|chi)|δ|𝟙"
    r"|\\(?:left|[bB]igg?l?))\s*$"
)  # 1(i = j) is no condition on what stands ahead of it
_ENDED = re.compile(r"[.!?。！？；][*_]*\s*\n[ \t]*\n\s*$")  # an inline formula opens a paragraph
_JOINED = re.compile(r"\s*(?:and|while|as well as|but|以及|及|和|且|而)\s*[,，]?\s*")
_NAMED = re.compile(
    r"(?P<where>\b(?:where|here|with|let)|其中|这里|此处|记)?\s*\$(?P<name>\s*\\?[A-Za-z]+\s*"
    r"(?:_\{?[a-z]\}?\s*)?)\$\s*(?:(?P<denotes>stands for|denotes|is short for|is shorthand for"
    r"|is defined (?:as|to be)|abbreviates|表示|代表|记作|定义为|指)|is|为|是|即)\s*$",
    re.IGNORECASE,
)
_VALUE = re.compile(r"\^|\\(?:sum|frac|dfrac|exp|log|ln|max|prod|sigma|text|operatorname)(?![a-z])")
_DOTS = re.compile(r"\\(?:ldots|dots|cdots|dotsc|forall)|…|\.\.\.")


def is_condition(text: str) -> bool:
    """Whether a text only compares two indices: i = j, i \\ne j."""
    return _CONDITION.fullmatch(text) is not None


def chains(pieces: Sequence[Piece]) -> list[Formula]:
    """The formulas of a document in order, each with the prose around it."""
    return _Reader().read(pieces)


class _Reader:
    """Walks over the pieces; `last` is the formula of a display that may still go on."""

    def __init__(self) -> None:
        self.made: list[Formula] = []
        self.last: Formula | None = None
        self.prose = ""
        self.section = 0
        self.heading = ""

    def read(self, pieces: Sequence[Piece]) -> list[Formula]:
        """All formulas; see `chains`."""
        cell = pieces[0].cell if pieces else None
        for piece in pieces:
            if piece.cell != cell:
                cell, self.last, self.prose = piece.cell, None, self.prose + "\n\n"
            if piece.kind == "heading":
                self.section, self.heading = self.section + 1, piece.text
                self.last, self.prose = None, piece.text
            elif piece.kind == "prose":
                self._said(piece.text)
            elif piece.kind == "refused" or len(piece.text) > MAX_DISPLAY:
                self._refused(piece)
            elif piece.kind == "inline":
                self._inline(piece)
            else:
                self._display(piece)
        return [f for f in self.made if f.relations or f.piece.kind == "refused"]

    def _said(self, text: str) -> None:
        if self.made and not self.made[-1].after:
            self.made[-1].after = text
        self.prose += text

    def _refused(self, piece: Piece) -> None:
        reason = piece.reason or f"a formula of more than {MAX_DISPLAY} characters; split it"
        side = Side(piece.text[:80], piece.line, piece.column)
        refused = Piece("refused", piece.text[:80], piece.line, piece.column, piece.cell, reason)
        self.made.append(Formula(refused, [side], [], section=self.section))

    def _inline(self, piece: Piece) -> None:
        """An inline formula is part of the sentence, and a chain of its own."""
        text = painted(piece.text)
        last = self.made[-1] if self.made else None
        plain = not any(s.relations for s in segments(text))
        named = _NAMED.search(self.prose[-200:]) if plain and _VALUE.search(text) else None
        if named and (named["where"] or named["denotes"]):
            self._named(piece, text, named["name"].strip())
        elif not is_condition(text):
            self._segments(piece, text, None)
        now = self.made[-1] if self.made else None
        claims = now is not None and now is not last and any(r in EQUAL for r in now.relations)
        if last is not None and not claims:
            last.after += f"${piece.text}$"
        self.prose += f"${piece.text}$"

    def _named(self, piece: Piece, text: str, name: str) -> None:
        """Where $S$ stands for $\\sum_k e^{a_k}$: a definition in words."""
        sides = [Side(name, piece.line, piece.column), Side(text.strip(), piece.line, piece.column)]
        self.made.append(Formula(piece, sides, ["="], [], self.prose, section=self.section))

    def _display(self, piece: Piece) -> None:
        self.last = self._segments(piece, painted(piece.text), self.last)
        self.prose = ""

    def _segments(self, piece: Piece, text: str, last: Formula | None) -> Formula | None:
        current, waiting, follows, fresh = last, list[str](), False, True
        for segment in segments(text):
            fresh |= segment.separator == "row"
            if segment.words:
                waiting.append(segment.words)
            body = text[segment.start : segment.end]
            if not body.strip():
                follows |= segment.separator == "arrow"
                continue
            if _is_aside(body, segment, waiting):
                self._aside(body, waiting, None if fresh else current)
                continue
            if current is not None and _goes_on(segment, body, current, piece):
                _extend(current, piece, text, segment)
                current.said += waiting
            else:
                current = self._start(piece, text, segment, waiting)
                current.follows = follows or segment.separator == "arrow"
            waiting, fresh = [], False
        if current is not None and waiting and current.piece is piece:
            current.said += waiting
        return current

    def _aside(self, body: str, waiting: list[str], current: Formula | None) -> None:
        """A condition belongs to the formula ahead of it in the row, else to the next one."""
        if current is not None:
            current.said += [*waiting, body]
            waiting.clear()
        else:
            waiting.append(body)

    def _start(self, piece: Piece, text: str, segment: Segment, waiting: list[str]) -> Formula:
        before = "" if piece.kind == "inline" and _ENDED.search(self.prose) else self.prose
        if self.made and _JOINED.fullmatch(before):
            before = self.made[-1].before
        formula = Formula(piece, [], [], list(waiting), before, section=self.section)
        formula.heading = self.heading
        _extend(formula, piece, text, segment)
        self.made.append(formula)
        return formula


def _is_aside(body: str, segment: Segment, waiting: list[str]) -> bool:
    """i = j, i = 1, \\dots, n: conditions and quantifiers, which are not chains."""
    if is_condition(body):
        return True
    if segment.separator != "row" and _DOTS.match(body.strip()):
        return True
    quantifies = re.fullmatch(r"\s*[a-z]\s*=\s*[01]\s*", body) is not None
    return quantifies and segment.separator in ("comma", "text", "wide")


def _goes_on(segment: Segment, body: str, current: Formula, piece: Piece) -> bool:
    starts = segment.relations and not body[: segment.relations[0][1] - segment.start].strip()
    if starts:
        return True
    if current.piece is not piece:
        return False
    open_ended = not current.sides[-1].text.strip() and len(current.sides) > 1
    signed = _CONTINUES.match(body) is not None and segment.separator in ("row", "wide")
    return (
        open_ended
        or (signed and not segment.relations)
        or (segment.separator == "wide" and not segment.relations and not current.said)
    )


def _extend(formula: Formula, piece: Piece, text: str, segment: Segment) -> None:
    """Take up the sides of a segment; a first part without relation lengthens the last side."""
    at = segment.start
    cuts = [*segment.relations, ("", segment.end, segment.end)]
    for number, (relation, start, end) in enumerate(cuts):
        part = text[at:start]
        tail = _TAIL_CONDITION.search(part)
        if tail and tail.start() > 0 and not _INDICATES.search(part[: tail.start()]):
            formula.said.append(tail[0])
            part = part[: tail.start()]
        _put(formula, piece, text, at, part, first=number == 0)
        if relation:
            formula.relations.append(relation)
        at = end


def _put(formula: Formula, piece: Piece, text: str, at: int, part: str, first: bool) -> None:
    grows = first and formula.sides
    if grows and not part.strip():
        return
    blanks = len(part) - len(part.lstrip())
    made = _side(piece, text, at + blanks, part.strip().rstrip(".,;。，；").rstrip())
    if grows and len(formula.relations) == len(formula.sides) - 1:
        old = formula.sides[-1]
        joined = f"{old.text} {made.text}" if old.text else made.text
        formula.sides[-1] = Side(joined, old.line, old.column) if old.text else made
    else:
        formula.sides.append(made)


def _side(piece: Piece, text: str, at: int, part: str) -> Side:
    before = text[:at]
    line = before.count("\n")
    column = at - (before.rfind("\n") + 1) + 1
    return Side(part, piece.line + line, column if line else column + piece.column - 1)


_NAME = r"\\?[A-Za-z]+(?:\s*\{\s*\\?[A-Za-z]+\s*\})?"
_LISTED = re.compile(
    rf"(?:\\left)?\s*[(\[]\s*(?P<first>{_NAME})\s*_.*,.*(?:\\right)?[)\]]\s*(?:\^.{{1,20}})?",
    re.DOTALL,
)


_PART = rf"(?:{_NAME}\s*(?:\^\s*(?:\\top|T|\{{\s*(?:\\top|T)\s*\}}))?|[01])"
_STACK = re.compile(rf"(?:\\(?:tilde|hat|bar|vec|mathbf|boldsymbol|bm)\s*)?\{{?{_NAME}\}}?")
_STACKED = re.compile(
    rf"(?:\\left)?\s*[(\[]\s*{_PART}(?:\s*[;,]\s*{_PART})+\s*(?:\\right)?[)\]]"
    r"\s*(?:\^\s*(?:\\top|T|\{\s*(?:\\top|T)\s*\}))?"
)


_LAW = re.compile(
    r"(?:\\(?:mathcal|mathrm|text|textrm|textsf|mathsf|operatorname|mathscr)\s*\{?\s*)?"
    r"(?:N|Normal|Bern|Ber|Bernoulli|Cat|Categorical|Multinomial|Mult|Binomial|Bin|Pois|Poisson"
    r"|Dir|Dirichlet|Laplace|Unif|Uniform|Gumbel)\s*\}?\s*(?:\\left|\\[bB]igg?l?)?\s*\(.*\)\s*",
    re.DOTALL,
)


def is_law(side: Side) -> bool:
    """Whether a side names a distribution, as in q = N(μ, σ²): it has no value to compare."""
    return _LAW.fullmatch(side.text) is not None


def lists(formula: Formula) -> bool:
    """z = [z_1, ..., z_K] names the elements, θ = (w; b) the parts, and claims nothing."""
    if len(formula.sides) != 2:
        return False
    head, body = (s.text.strip() for s in formula.sides)
    if _STACK.fullmatch(head) and _STACKED.fullmatch(body):
        return re.search(r"[A-Za-z]", body) is not None
    found = _LISTED.fullmatch(body)
    bare = re.findall(r"[A-Za-z]+", head)[-1:]
    return found is not None and re.findall(r"[A-Za-z]+", found["first"])[-1:] == bare
