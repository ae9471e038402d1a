"""A report as one HTML page that asks no other host for anything: formulas as MathML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from codegen.backends.mathml import mathml
from codegen.backends.rendering import render
from codegen.backends.report_words import derivation_words, message, place_words
from codegen.errors import CodegenError
from codegen.notes.difference import changed
from codegen.notes.formula import Row
from codegen.notes.formula_reader import read
from derive.reading.check import Equality, Report
from derive.reading.painting import painted

TITLES = {"en": "Derivations checked", "zh": "推导检查结果"}


@dataclass(frozen=True)
class Shown:
    """One equality as the page shows it; `lhs` is empty where the chain goes on."""

    place: str
    verdict: str
    lhs: str
    rhs: str
    message: str
    derivation: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """One document: its name, its equalities, how many there are of each verdict, an error."""

    file: str
    rows: tuple[Shown, ...]
    counts: tuple[tuple[str, int], ...]
    error: str


def html(reports: Sequence[Report]) -> str:
    """The page of all reports."""
    lang = reports[0].lang if reports else "en"
    pages = [_page(r) for r in reports]
    return render("report/page.html.j2", pages=pages, lang=lang, title=TITLES[lang])


def _page(report: Report) -> Page:
    verdicts = [e.verdict for e in report.equalities]
    counts = tuple((v, verdicts.count(v)) for v in dict.fromkeys(verdicts))
    return Page(report.file, tuple(_rows(report)), counts, report.error)


def _rows(report: Report) -> Iterator[Shown]:
    before: Equality | None = None
    for e in report.equalities:
        goes_on = before is not None and before.chain == e.chain and before.rhs == e.lhs
        yield Shown(
            place_words(e),
            e.verdict.replace(" ", "-"),
            "" if goes_on else drawn(e.lhs.text),
            _right(e),
            message(e, report.lang),
            tuple(derivation_words(e, report.lang)[1:]) if e.verdict == "wrong" else (),
        )
        before = e


def _right(e: Equality) -> str:
    """The right-hand side; where it should have been another, what differs is marked."""
    if not e.why.should:
        return drawn(e.rhs.text)
    try:
        _, marked = changed(read(painted(e.why.should)), read(painted(e.rhs.text)))
    except (CodegenError, RecursionError):
        return drawn(e.rhs.text)
    return _mathml(marked, e.rhs.text)


def drawn(latex: str) -> str:
    """A formula as MathML; its LaTeX as it stands where the formula reader does not know it."""
    try:
        return _mathml(read(painted(latex)), latex)
    except (CodegenError, RecursionError):
        return f"<code>{escape(latex)}</code>"


def _mathml(made: Row, latex: str) -> str:
    try:
        return mathml(made, latex=latex)
    except (CodegenError, KeyError, RecursionError):
        return f"<code>{escape(latex)}</code>"
