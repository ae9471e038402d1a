"""Reports of checked documents: for a terminal, as JSON, HTML, SARIF and GitHub annotations."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from codegen.backends.report_ci import github, sarif
from codegen.backends.report_html import html
from codegen.backends.report_words import condition_words, derivation_words, message, place_words
from codegen.errors import CodegenError
from derive.reading.check import Equality, Report

MARKS = {
    "proved": "✓", "conditional": "✓?", "wrong": "✗", "compensated": "✗", "not decided": "?",
    "unread": "…",
}  # fmt: skip


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


def record(report: Report, e: Equality) -> dict[str, Any]:
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
        "message": message(e, report.lang),
    }  # fmt: skip
    return made | ({"cell": e.cell} if e.cell is not None else {})


def as_json(reports: Sequence[Report]) -> str:
    """The list of all equalities."""
    rows = [record(r, e) for r in reports for e in r.equalities]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def as_text(reports: Sequence[Report]) -> str:
    """The document's own lines with a mark each, and what was found under those that need it."""
    return "\n".join("\n".join(_text(r)) for r in reports) + "\n"


def _text(report: Report) -> list[str]:
    if report.error:
        return [f"{report.file}: {report.error}"]
    made = [f"{report.file}"]
    source = report.source.split("\n")
    first_wrong = next(iter(report.wrong), None)
    for e in report.equalities:
        where = place_words(e)
        line = source[e.rhs.line - 1].strip() if e.cell is None else e.rhs.text
        made.append(f"{where:>8} {MARKS[e.verdict]:<2} {e.verdict:<11} {line[:100]}")
        if e.verdict != "proved":
            made.append(f"{'':>11} {message(e, report.lang)}")
        if e is first_wrong:
            made += [f"{'':>11} {row}" for row in derivation_words(e, report.lang)]
    counts = {v: sum(e.verdict == v for e in report.equalities) for v in MARKS}
    made.append("  ".join(f"{v}: {n}" for v, n in counts.items() if n) or "no equalities found")
    return made


FORMATS: dict[str, Callable[[Sequence[Report]], str]] = {
    "text": as_text, "json": as_json, "html": html, "sarif": sarif, "github": github,
}  # fmt: skip
