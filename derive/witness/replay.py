"""Replaying a certificate: each step by evaluation, and the joins between them as written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from derive.witness.points import Problem
from derive.witness.record import Given, WitnessError, check_tree, field, joined, read_given, same
from derive.witness.verdict import Verdict, judge

FORMAT = "lossmith-certificate/1"


@dataclass(frozen=True)
class StepReport:
    """The verdict on one step, counted from 1."""

    number: int
    rule: str
    verdict: Verdict


@dataclass(frozen=True)
class Report:
    """The verdicts on all steps, and `problems`: what is wrong with how the steps hang together."""

    name: str
    steps: tuple[StepReport, ...]
    problems: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """The worst of all: "refuted" before "not covered" before "agrees"."""
        found = {s.verdict.verdict for s in self.steps} | ({"refuted"} if self.problems else set())
        return next((v for v in ("refuted", "not covered") if v in found), "agrees")


def replay(certificate: Mapping[str, Any]) -> Report:
    """The second opinion on a certificate (format: docs/design.md).

    Raises WitnessError where it is malformed, or names what it does not declare.
    """
    given = read_given(certificate)
    if field(certificate, "format", "certificate") != FORMAT:
        raise WitnessError(f"format {certificate['format']!r} is unknown: expected {FORMAT!r}")
    name, steps = field(certificate, "name", "certificate"), field(certificate, "steps", "certificate")
    if not isinstance(steps, list):
        raise WitnessError(f"the steps of {name} are not a list")
    for key in ("statement", "result"):
        check_tree(field(certificate, key, "certificate"), given, key)
    problems = [Problem(s["before"], s["after"], narrowed(s, c, given)) for c, s in enumerate(steps, 1)]
    made = [StepReport(c, s["rule"], judge(p)) for c, (s, p) in enumerate(zip(steps, problems, strict=True), 1)]
    return Report(str(name), tuple(made), tuple(chain(certificate)))


def narrowed(step: Any, number: int, given: Given) -> Given:
    """What is given to one step: the facts it names and no others."""
    where = f"step {number}"
    for key in ("rule", "before", "after"):
        field(step, key, where)
    for key in ("before", "after"):
        check_tree(step[key], given, f"{where}, {key}")
    names = step.get("facts", [])
    known = {f.name: f for f in given.facts}
    for name in names:
        if name not in known:
            raise WitnessError(f"{where} names the fact {name!r}, which is not among {sorted(known)}")
    return replace(given, facts=tuple(known[name] for name in names))


def chain(certificate: Mapping[str, Any]) -> list[str]:
    """Where the steps do not lead from the statement to the result."""
    statement, result, steps = (certificate[key] for key in ("statement", "result", "steps"))
    if not steps:
        return [] if same(statement, result) else ["without steps, the result must be the statement"]
    found = []
    if not same(statement, steps[0]["before"]):
        found.append("step 1 does not start at the statement")
    for c, (step, after) in enumerate(zip(steps, steps[1:], strict=False), 1):
        if not same(step["after"], after["before"]):
            found.append(f"step {c + 1} does not start where step {c} ends")
    if not same(steps[-1]["after"], result):
        found.append(f"step {len(steps)} does not end at the result")
    return found
