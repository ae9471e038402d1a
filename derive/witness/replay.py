"""Replaying a certificate: each step by evaluation, and the joins between them as written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from derive.witness.points import Problem, pose
from derive.witness.record import Given, Node, demand, entry, read, read_given
from derive.witness.verdict import Verdict, judge

FORMAT = "lossmith-certificate/1"
COMMUTING = ("add", "mul", "maximum", "delta", "sum", "prod", "max")


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
    where, given = "certificate", read_given(certificate)
    kind = entry(certificate, "format", where)
    demand(kind == FORMAT, where, f"format {kind!r} is unknown: expected {FORMAT!r}")
    name, steps = entry(certificate, "name", where, str), entry(certificate, "steps", where, list)
    start, end = (read(entry(certificate, k, where), given, k) for k in ("statement", "result"))
    asked = [claim(step, f"step {c}", given) for c, step in enumerate(steps, 1)]
    names = ["the statement", *(f"step {c}" for c in range(1, len(steps) + 1)), "the result"]
    ends, starts = [start, *(p.right for _, p in asked)], [*(p.left for _, p in asked), end]
    broken = [
        f"{after} does not start where {before} ends"
        for before, after, a, b in zip(names, names[1:], ends, starts, strict=False)
        if canonical(a, {}) != canonical(b, {})
    ]
    made = [StepReport(c, rule, judge(p)) for c, (rule, p) in enumerate(asked, 1)]
    return Report(name, tuple(made), tuple(broken))


def claim(step: Any, where: str, given: Given) -> tuple[str, Problem]:
    """The rule of a step, and what it claims, from the facts it names and no others."""
    names, known = entry(step, "facts", where, list, []), [f[0] for f in given.facts]
    for name in names:
        demand(name in known, where, f"names the fact {name!r}, which is not among {known}")
    named = replace(given, facts=tuple(f for f in given.facts if f[0] in names))
    sides = entry(step, "before", where), entry(step, "after", where)
    return entry(step, "rule", where, str), pose(*sides, named, f"{where}, ")


def canonical(tree: Node, names: Mapping[Any, Any], depth: int = 0) -> Any:
    """Equal for trees that are the same up to bound names and the order of terms, and only then."""
    places = [names.get(p, p) for p in tree.places]
    inner = {**names, tree.bound: (depth,)} if tree.bound else names
    children = [canonical(child, inner, depth + 1) for child in tree.trees]
    if tree.head in COMMUTING:
        places, children = sorted(places, key=repr), sorted(children, key=repr)
    return tree.head, tree.name, places, children
