"""Replaying a certificate: each step by evaluation, and the joins between them as written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from derive.witness.points import Problem
from derive.witness.record import Given, canonical, check_tree, demand, entry, read_given
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
    where = "certificate"
    given, kind = read_given(certificate), entry(certificate, "format", where)
    demand(kind == FORMAT, where, f"format {kind!r} is unknown: expected {FORMAT!r}")
    name, steps = entry(certificate, "name", where, str), entry(certificate, "steps", where, list)
    ends = [entry(certificate, key, where) for key in ("statement", "result")]
    for key, tree in zip(("statement", "result"), ends, strict=True):
        check_tree(tree, given, key)
    asked = [problem(step, f"step {c}", given) for c, step in enumerate(steps, 1)]
    made = [
        StepReport(c, entry(step, "rule", f"step {c}", str), judge(p))
        for c, (step, p) in enumerate(zip(steps, asked, strict=True), 1)
    ]
    return Report(name, tuple(made), tuple(broken(ends[0], asked, ends[1], given)))


def problem(step: Any, where: str, given: Given) -> Problem:
    """What a step claims, from the facts it names and no others."""
    entry(step, "rule", where, str)
    before, after = entry(step, "before", where), entry(step, "after", where)
    known = {f.name: f for f in given.facts}
    names = entry(step, "facts", where, list, [])
    for name in names:
        demand(name in known, where, f"names the fact {name!r}, which is not among {sorted(known)}")
    named = replace(given, facts=tuple(f for f in given.facts if f.name in names))
    return Problem(before, after, named, (f"{where}, before", f"{where}, after"))


def broken(statement: Any, steps: list[Problem], result: Any, given: Given) -> list[str]:
    """Where the steps do not lead from the statement to the result."""
    ends = [("the statement", statement), *((f"step {c}", p.right) for c, p in enumerate(steps, 1))]
    starts = [*((f"step {c}", p.left) for c, p in enumerate(steps, 1)), ("the result", result)]
    return [
        f"{start} does not start where {end} ends"
        for (end, a), (start, b) in zip(ends, starts, strict=True)
        if canonical(a, given) != canonical(b, given)
    ]
