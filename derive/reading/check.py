"""A document checked: every equality of every chain gets its verdict.

`lossmith check FILE... --format F --lang L` is

    from derive.reading.check import check_file
    reports = [check_file(path, lang) for path in files]     # "-" is standard input
    text = codegen.backends.report.render(reports, form)     # text, json, html, sarif, github
    status = codegen.backends.report.exit_status(reports)    # 0, 1 or 2
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sympy import Expr

from derive.errors import DeriveError
from derive.language import At, Cases, Delta, Deriv, Elementwise, Index, Max
from derive.notation import text as shown
from derive.reading.documents import Piece, pieces
from derive.reading.explain import Explanation
from derive.reading.ledger import (
    Ledger,
    builds_on,
    gather,
    made_definition,
    opaque,
    question,
)
from derive.reading.limits import Bounded
from derive.reading.lines import EQUAL, Side, chains
from derive.reading.prose import follows, sets
from derive.reading.together import Reading, read_together
from derive.reading.verdicts import Finding, Question
from derive.statement import Fact
from derive.terms import arrays
from derive.witness import WitnessError

NOT_EXPLAINED = Explanation()


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


@dataclass(frozen=True)
class Report:
    """A document, and its equalities in order."""

    file: str
    source: str
    lang: str
    equalities: tuple[Equality, ...]
    error: str = ""

    @property
    def wrong(self) -> tuple[Equality, ...]:
        return tuple(e for e in self.equalities if e.verdict in ("wrong", "compensated"))


def check(
    document: str | Path, lang: str = "en", name: str | None = None, explaining: bool = True
) -> Report:
    """The report on a document: a path, or its text (if it holds a line end or a formula)."""
    file, source, kind = load(document) if name is None else (name, str(document), _kind(name))
    found = pieces(source, kind)
    formulas = chains(found)
    readings = read_together(formulas)
    prose = "".join(_words(p) for p in found)
    ledger = gather(readings, prose)
    made: list[Equality] = []
    with Bounded(source.count("\n") + 1, explaining=explaining) as judged:
        for number, reading in enumerate(readings):
            local = _local(ledger, reading, number, prose)
            made += _safely(Judged(local, reading, number, judged))
    return Report(file, source, lang, tuple(made))


def _safely(judged: Judged) -> Iterator[Equality]:
    """One formula that cannot be worked out never stops the rest."""
    try:
        yield from judged.run()
    except (DeriveError, WitnessError, RecursionError) as error:
        yield judged.failed(str(error) or "too deeply nested")


def _local(ledger: Ledger, reading: Reading, number: int, prose: str) -> Ledger:
    """What is set for a formula: by the document, or by the formulas it was read with."""
    if not reading.others and not reading.apart:
        return ledger
    numbers = [n for n, _ in reading.others] + [number]
    return gather([r for _, r in reading.others] + [reading], prose, numbers)


def load(document: str | Path) -> tuple[str, str, str]:
    """(name, text, kind) of a path; a string with a line end, $ or backslash is the text itself."""
    if isinstance(document, str) and any(c in document for c in "\n$\\"):
        return "<text>", document, "md"
    path = Path(document)
    try:
        return str(path), _decoded(path.read_bytes(), path), _kind(str(path))
    except OSError as error:
        raise DeriveError(
            f"cannot read {path}: {error.strerror}; give a .tex, .md or .ipynb file"
        ) from None


def check_file(path: str | Path, lang: str = "en") -> Report:
    """As `check` of a path ("-" is standard input); what cannot be read is the report's error."""
    try:
        if str(path) == "-":
            return check(sys.stdin.read(), lang, "<stdin>")
        return check(Path(path), lang)
    except (DeriveError, UnicodeDecodeError) as error:
        return Report(str(path), "", lang, (), str(error))


def _decoded(data: bytes, path: Path) -> str:
    """UTF-8 text, or GB 18030 for older Chinese files."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise DeriveError(f"{path} is not a text file; give a .tex, .md or .ipynb file")


def _kind(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return ending if ending in ("tex", "ipynb") else "md"


def _words(piece: Piece) -> str:
    return (
        f"${piece.text}$"
        if piece.kind == "inline"
        else piece.text
        if piece.kind != "display"
        else "\n\n"
    )


class Judged:
    """Goes along one chain."""

    def __init__(self, ledger: Ledger, reading: Reading, number: int, judge: Bounded):
        self.judge = judge
        self.ledger, self.reading, self.number = ledger, reading, number
        self.known = {d.array: d for d in ledger.at(number)}
        self.sound = True
        self.reference: Expr | None = None

    def run(self) -> Iterator[Equality]:
        """The equalities of the chain with their verdicts."""
        sides, formula = self.reading.sides, self.reading.formula
        if formula.piece.kind == "refused":
            yield self._equality(0, 0, self._unread(sides[0]), "unread")
            return
        last: int | None = None
        for k in range(len(sides)):
            if k and formula.relations[k - 1] not in EQUAL:
                last = None
            side = sides[k]
            if isinstance(side, DeriveError):
                if k or len(sides) > 1:
                    yield self._equality(max(k - 1, 0), k, self._unread(side), "unread")
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
        """Whether this equality is the definition itself."""
        if k == 1 and any(at == self.number for at, _ in self.ledger.facts):
            return True
        if not self.reading.head or (last and not self._given(last - 1, last)) or k != last + 1:
            return False
        head, body = self.reading.sides[last], self.reading.sides[k]
        if not isinstance(head, At) or isinstance(body, DeriveError):
            return False
        events = self.ledger.definitions.get(head.array, [])
        shown = (self.number, tuple(head.indices), body)
        return any(shown == (at, d.indices, d.body) for at, d in events)

    def _step(self, last: int, k: int) -> Iterator[Equality]:
        left, right = self.reading.sides[last], self.reading.sides[k]
        if (last, k) == (0, 1) and self._said_anew(left, right):
            return
        finding, asked = self._finding(left, right)
        unstated = finding.verdict == "conditional" and not all(
            c.stated for c in finding.conditions
        )
        doubted = unstated or finding.verdict in ("wrong", "not decided")
        if doubted and (last, k) == (0, 1):
            if self._assumed(left, right):
                return
            if self._loose(left, right):
                reason = "nothing in the document defines the left side"
                finding = Finding("not decided", reason=reason)
        verdict = finding.verdict
        if verdict == "wrong" and not self.sound and self.reference is not None:
            back, _ = self._finding(self.reference, right)
            if back.verdict in ("proved", "conditional"):
                verdict, self.sound = "compensated", True
        elif verdict == "wrong":
            self.sound = False
        yield self._equality(last, k, finding, verdict, asked)

    def _finding(self, left: Expr, right: Expr) -> tuple[Finding, Question]:
        first, missing = opaque(left, self.known)
        second, more = opaque(right, self.known)
        asked = question(self.ledger, self.reading, self.number, first, second)
        finding = self.judge(asked)
        if self.reading.apart and finding.verdict == "wrong":
            finding = Finding("not decided", reason="one letter has two meanings in the document")
        unknown = sorted(missing | more)
        if unknown and finding.verdict in ("wrong", "not decided"):
            names = ", ".join(unknown)
            reason = f"{names} is not defined in the document"
            finding = Finding("not decided", reason=reason)
        return finding, asked

    def _assumed(self, left: Expr, right: Expr) -> bool:
        """An equation between given things is taken as given, a new definition likewise."""
        if isinstance(left, Deriv) or _has_derivative(left):
            return False
        if self.reading.head and isinstance(left, At) and left.array in self.known:
            return self._redefines(left, right)
        if not self._loose(left, right):
            return False
        given = right.is_number or isinstance(right, Delta) or sets(self.reading.formula)
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
        return apart and bool(ours or theirs) and not _has_derivative(left)

    def _said_anew(self, left: Expr | DeriveError, right: Expr | DeriveError) -> bool:
        """Whether this defines a name that had another meaning before."""
        if isinstance(right, DeriveError) or not isinstance(left, At) or not self.reading.head:
            return False
        return left.array in self.known and self._redefines(left, right)

    def _redefines(self, left: At, right: Expr) -> bool:
        formula = self.reading.formula
        if not all(isinstance(i, Index) for i in left.indices):
            return False
        other = any(d[0] != self.number for d in self.ledger.definitions.get(left.array, []))
        new = sets(formula) or ":=" in formula.relations
        if not other or not new or follows(formula) or left.array in builds_on(right, self.known):
            return False
        self.ledger.define(self.number, made_definition(left, right))
        self.known = {d.array: d for d in self.ledger.at(self.number)}
        return True

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
        why = self.judge.explain(asked) if asked and verdict == "wrong" else Explanation()
        cell = formula.piece.cell
        return Equality(line, column, lhs, rhs, finding, verdict, asked, cell, self.number, why)


def _has_function(expr: Expr) -> bool:
    """Whether it is more than sums and products of what is given: then it has a value to claim."""
    made = isinstance(expr, (Elementwise, Cases, Delta, Max)) and bool(arrays(expr))
    return made or any(_has_function(a) for a in expr.args)


def _has_derivative(expr: Expr) -> bool:
    return isinstance(expr, Deriv) or any(_has_derivative(a) for a in expr.args)
