"""Reports for continuous integration: SARIF 2.1.0 and GitHub's workflow commands."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from codegen.backends.report_words import message, remark_words
from derive.mistakes import MISTAKES
from derive.reading.check import Equality, Remark, Report
from derive.reading.scoping import KINDS

LEVELS = {
    "wrong": "error", "compensated": "warning", "not decided": "note", "unread": "note",
    "conditional": "note",
}  # fmt: skip
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def sarif(reports: Sequence[Report]) -> str:
    """One SARIF run with a result for every equality that is not proved."""
    rules = [{"id": v.replace(" ", "-"), "shortDescription": {"text": v}} for v in LEVELS]
    rules += [{"id": f"scope-{k}", "shortDescription": {"text": f"scope: {k}"}} for k in KINDS]
    results = [_result(r, e) for r in reports for e in r.equalities if e.verdict in LEVELS]
    results += [_noted(r, remark) for r in reports for remark in r.remarks]
    driver = {"name": "lossmith", "rules": rules, "properties": {"mistakes": _mistakes()}}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    failed = [{"level": "error", "message": {"text": r.error}} for r in reports if r.error]
    if failed:
        run["invocations"] = [{"executionSuccessful": False, "toolExecutionNotifications": failed}]
    made = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _mistakes() -> list[str]:
    return list(dict.fromkeys(m.name for m in MISTAKES))


def _result(report: Report, e: Equality) -> dict[str, Any]:
    return {
        "ruleId": e.verdict.replace(" ", "-"),
        "level": LEVELS[e.verdict],
        "message": {"text": message(e, report.lang)},
        "locations": [_location(report, e)],
        "properties": {"mistake": e.why.mistake.name if e.why.mistake else None},
    }


def _noted(report: Report, remark: Remark) -> dict[str, Any]:
    return {
        "ruleId": f"scope-{remark.kind}",
        "level": "note",
        "message": {"text": remark_words(remark, report.lang)},
        "locations": [_location(report, remark)],
    }


def _location(report: Report, at: Equality | Remark) -> dict[str, Any]:
    region = {"startLine": at.line, "startColumn": at.column}
    artifact = {"uri": quote(report.file.replace("\\", "/"))}
    return {"physicalLocation": {"artifactLocation": artifact, "region": region}}


def github(reports: Sequence[Report]) -> str:
    """::error file=...,line=...,col=...::message for every equality that is not proved."""
    rows = [_annotation(r, e) for r in reports for e in r.equalities if e.verdict in LEVELS]
    rows += [_notice(r, remark) for r in reports for remark in r.remarks]
    rows += [f"::error file={_value(r.file)}::{_text(r.error)}" for r in reports if r.error]
    return "".join(f"{row}\n" for row in rows)


def _annotation(report: Report, e: Equality) -> str:
    return _command(report, COMMANDS[LEVELS[e.verdict]], e, e.verdict, message(e, report.lang))


def _notice(report: Report, remark: Remark) -> str:
    return _command(report, "notice", remark, "scope", remark_words(remark, report.lang))


def _command(report: Report, command: str, at: Equality | Remark, title: str, said: str) -> str:
    place = f"file={_value(report.file)},line={at.line},col={at.column}"
    return f"::{command} {place},title={_value(title)}::{_text(said)}"


def _text(words: str) -> str:
    """The characters that a workflow command treats specially, written for it."""
    return words.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _value(words: str) -> str:
    return _text(words).replace(":", "%3A").replace(",", "%2C")
