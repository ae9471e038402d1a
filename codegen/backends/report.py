"""Reports of checked documents: for a terminal, as JSON, HTML, SARIF and GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from codegen.backends.report_ci import github, sarif
from codegen.backends.report_html import html
from codegen.backends.report_words import (
    MARKS,
    TITLES,
    VERDICTS,
    condition_words,
    derivation_words,
    message,
    place_words,
    remark_words,
)
from codegen.errors import CodegenError
from derive.reading.check import Equality, Remark, Report

WIDTH = 88
LANGUAGES = tuple(VERDICTS)


def render(reports: Sequence[Report], form: str = "text") -> str:
    """All reports in one format: text, json, html, sarif or github.

    Raises CodegenError for another format.
    """
    if form not in FORMATS:
        raise CodegenError(f"no format {form!r}: choose one of {', '.join(FORMATS)}")
    return FORMATS[form](reports)


def exit_status(reports: Sequence[Report]) -> int:
    """0 nothing wrong, 1 something wrong, 2 a document could not be read at all."""
    if any(r.error for r in reports):
        return 2
    return 1 if any(r.wrong for r in reports) else 0


def record(report: Report, e: Equality, lint: Sequence[Remark] = ()) -> dict[str, Any]:
    """One equality as the documented JSON object (docs/check.md)."""
    found = e.finding.counterexample
    shown = {
        "sizes": dict(found.sizes), "indices": dict(found.indices), "arrays": dict(found.arrays),
        "left": found.left, "right": found.right,
    } if found else None  # fmt: skip
    made: dict[str, Any] = {
        "file": report.file, "line": e.line, "column": e.column, "lhs": e.lhs.text,
        "rhs": e.rhs.text, "verdict": e.verdict, "condition": condition_words(e.finding),
        "counterexample": shown, "mistake": e.why.mistake.name if e.why.mistake else None,
        "message": message(e, report.lang), "lint": [_lint(r, report.lang) for r in lint],
    }  # fmt: skip
    return made | ({"cell": e.cell} if e.cell is not None else {})


def _lint(remark: Remark, lang: str) -> dict[str, Any]:
    return {
        "kind": remark.kind, "line": remark.line, "column": remark.column,
        "names": list(remark.names), "message": remark_words(remark, lang),
    }  # fmt: skip


def _noted(report: Report) -> dict[int, list[Remark]]:
    """Each remark with the equality that it stands at or ahead of, else with the last one."""
    places = [(e.cell or 0, e.line) for e in report.equalities]
    made: dict[int, list[Remark]] = {}
    for remark in report.remarks:
        here = (remark.cell or 0, remark.line)
        at = next((k for k, place in enumerate(places) if place >= here), len(places) - 1)
        made.setdefault(at, []).append(remark)
    return made


def as_json(reports: Sequence[Report]) -> str:
    """The list of all equalities."""
    noted = [_noted(r) for r in reports]
    rows = [
        record(r, e, lint.get(k, ()))
        for r, lint in zip(reports, noted, strict=True)
        for k, e in enumerate(r.equalities)
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def as_text(reports: Sequence[Report]) -> str:
    """The document's own lines with a mark each, and what was found under those that need it."""
    return "\n".join("\n".join(_text(r)) for r in reports) + "\n"


def _text(report: Report) -> list[str]:
    if report.error:
        return [f"{report.file}: {report.error}"]
    made = [f"{report.file}"]
    first_wrong = next(iter(report.wrong), None)
    for e in report.equalities:
        made += _line(report, e)
        if e is first_wrong:
            made += [f"{'':>12} {row}" for row in derivation_words(e, report.lang)]
    made += [f"{place_words(r):>9} · {remark_words(r, report.lang)}" for r in report.remarks]
    return [*made, _counts(report)]


def _line(report: Report, e: Equality) -> list[str]:
    """The equality as the document has it, and what was found if it is not proved."""
    source = report.source.split("\n")
    written = source[e.line - 1].strip() if e.cell is None else e.rhs.text
    shown = written if len(written) <= WIDTH else f"= {' '.join(e.rhs.text.split())}"
    shown = shown if len(shown) <= WIDTH else shown[: WIDTH - 1] + "…"
    name = VERDICTS[report.lang][e.verdict]
    made = [f"{place_words(e):>9} {MARKS[e.verdict]} {_padded(name, 11)} {shown}"]
    return made if e.verdict == "proved" else [*made, f"{'':>11} {message(e, report.lang)}"]


def _padded(words: str, width: int) -> str:
    """Filled up with blanks; a Chinese character is two wide."""
    return words + " " * (width - sum(1 + (ord(c) > 0x2E80) for c in words))


def _counts(report: Report) -> str:
    names = VERDICTS[report.lang]
    counts = {v: sum(e.verdict == v for e in report.equalities) for v in MARKS}
    found = [f"{names[v]}: {n}" for v, n in counts.items() if n]
    return "  ".join(found) or TITLES[report.lang]["none"]


FORMATS: dict[str, Callable[[Sequence[Report]], str]] = {
    "text": as_text, "json": as_json, "html": html, "sarif": sarif, "github": github,
}  # fmt: skip
