"""A report as one HTML page that asks no other host for anything: formulas as MathML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from codegen.backends.mathml import mathml
from codegen.backends.rendering import render
from codegen.backends.report_words import (
    MARKS,
    TITLES,
    VERDICT_ORDER,
    VERDICTS,
    message,
    place_words,
    remark_words,
)
from codegen.errors import CodegenError
from codegen.notes.difference import changed
from codegen.notes.formula import Row
from codegen.notes.formula_reader import read
from derive.reading.check import Equality, Report
from derive.reading.painting import painted


@dataclass(frozen=True)
class Shown:
    """One equality as the page shows it; `lhs` is empty where the chain goes on."""

    place: str
    kind: str
    mark: str
    verdict: str
    lhs: str
    rhs: str
    message: str
    should: str
    steps: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Page:
    """One document: its name, its equalities, how many there are of each verdict, remarks on scope
    with their places, an error."""

    file: str
    rows: tuple[Shown, ...]
    counts: tuple[tuple[str, str, int], ...]
    remarks: tuple[tuple[str, str], ...]
    error: str


def html(reports: Sequence[Report]) -> str:
    """The page of all reports."""
    lang = reports[0].lang if reports else "en"
    pages = [_page(r) for r in reports]
    return render("report/page.html.j2", pages=pages, lang=lang, words=TITLES[lang])


def _page(report: Report) -> Page:
    verdicts = [e.verdict for e in report.equalities]
    names = VERDICTS[report.lang]
    counts = ((v, names[v], verdicts.count(v)) for v in VERDICT_ORDER if v in verdicts)
    noted = tuple((place_words(r), remark_words(r, report.lang)) for r in report.remarks)
    shown = tuple((_kind(v), name, n) for v, name, n in counts)
    return Page(report.file, tuple(_rows(report)), shown, noted, report.error)


def _kind(verdict: str) -> str:
    return verdict.replace(" ", "-")


def _rows(report: Report) -> Iterator[Shown]:
    before: Equality | None = None
    for e in report.equalities:
        goes_on = before is not None and before.chain == e.chain and before.rhs == e.lhs
        yield _row(e, report.lang, goes_on)
        before = e


def _row(e: Equality, lang: str, goes_on: bool) -> Shown:
    why = e.why
    steps = ((drawn(formula), en if lang == "en" else zh) for formula, en, zh in why.steps)
    return Shown(
        place_words(e), _kind(e.verdict), MARKS[e.verdict], VERDICTS[lang][e.verdict],
        "" if goes_on else drawn(e.lhs.text), _right(e), message(e, lang, should=False),
        drawn(why.should) if why.should else "", tuple(steps),
    )  # fmt: skip


def _right(e: Equality) -> str:
    """The right-hand side; where it should have been another, what differs is marked."""
    if not e.why.should:
        return drawn(e.rhs.text)
    try:
        _, marked = changed(read(_plain(e.why.should)), read(_plain(e.rhs.text)))
    except (CodegenError, RecursionError):
        return drawn(e.rhs.text)
    return _mathml(marked, e.rhs.text)


_PLAIN = (
    (re.compile(r"\\[dtc]frac(?![A-Za-z])"), r"\\frac"),
    (re.compile(r"\\frac\s*(\d)\s*(\d)"), r"\\frac{\1}{\2}"),
    (re.compile(r"\\(?:boldsymbol|bm|math[a-z]+)\s*\{\s*(\\[A-Za-z]+)\s*\}"), r"\1"),
    (re.compile(r"\\(?:boldsymbol|bm|mathsf|mathit)(?![A-Za-z])"), r"\\mathbf"),
    (re.compile(r"\\(?:mathcal|mathscr)\s*\{?\s*([A-Za-z])\s*\}?"), r" \1"),
    (re.compile(r"\\wide(hat|tilde)(?![A-Za-z])"), r"\\\1"),
    (re.compile(r"\\overline(?![A-Za-z])"), r"\\bar"),
    (re.compile(r"\\(hat|tilde|bar|vec)\s*\{\s*\\math[a-z]+\s*\{?\s*(\w)\s*\}?\s*\}"), r"\\\1{\2}"),
    (re.compile(r"\\[bB]igg?[lrm]?(?![A-Za-z])|\\(?:no)?limits(?![A-Za-z])"), ""),
    (re.compile(r"\\[lr]?vert(?![A-Za-z])|\\mid(?![A-Za-z])"), "|"),
    (re.compile(r"(?:\\(?:left|right)\s*)?\\(?:\||[lr]?Vert(?![A-Za-z]))"), r"\\mathrm{‖}"),
    (re.compile(r"\\(n|l|g)eq(?:slant)?(?![A-Za-z])"), r"\\\1e"),
    (re.compile(r"\\ln(?![A-Za-z])"), r"\\operatorname{ln}"),
    (re.compile(r"\\nabla(?![A-Za-z])"), r"\\operatorname{∇}"),
    (re.compile(r"\\ell(?![A-Za-z])"), r"\\mathrm{ℓ}"),
    (re.compile(r"(?<!\\left)(?<!\\right)\\\{"), r"\\left\\{"),
    (re.compile(r"(?<!\\left)(?<!\\right)\\\}"), r"\\right\\}"),
    (re.compile(r"\\(?:nonumber|notag|textstyle|scriptstyle|[lL]arge|middle)(?![A-Za-z])"), ""),
    (re.compile(r"\\(?:qquad|hspace\s*\{[^{}]*\})"), r"\\quad "),
    (re.compile(r"\\(?:ast|circ)(?![A-Za-z])"), r"\\cdot "),
    (re.compile(r"\\odot(?![A-Za-z])"), r"\\mathrm{⊙}"),
    (re.compile(r"\\var(epsilon|theta|phi|sigma|rho)(?![A-Za-z])"), r"\\\1"),
    (re.compile(r"\{\s*(\{[^{}]*\})\s*\}"), r"\1"),
)


def _plain(latex: str) -> str:
    """A formula of a person in the commands that the notes draw: sizes and faces of letters go."""
    made = painted(latex)
    for written, drawn_as in _PLAIN:
        made = written.sub(drawn_as, made)
    return made


def drawn(latex: str) -> str:
    """A formula as MathML; its LaTeX as it stands where the formula reader does not know it."""
    try:
        return _mathml(read(_plain(latex)), latex)
    except (CodegenError, RecursionError):
        return f"<code>{escape(latex)}</code>"


def _mathml(made: Row, latex: str) -> str:
    try:
        return mathml(made, latex=latex)
    except (CodegenError, KeyError, RecursionError):
        return f"<code>{escape(latex)}</code>"
