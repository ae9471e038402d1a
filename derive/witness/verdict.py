"""Comparing two trees at points, and so the steps of a certificate."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import pairwise
from random import Random
from typing import Any, NamedTuple

from derive.witness.evaluate import DIGITS, Machine, NotCovered, Point, Undefined
from derive.witness.points import SIGNED, SIMPLE, SMALL, TIES, Problem, Space
from derive.witness.record import Declared, Node, WitnessError, demand, entry

FORMAT = "lossmith-certificate/1"
COMMUTING = ("add", "mul", "maximum", "delta", "sum", "prod", "max")
ENOUGH, WANTED, ROUNDS, MOST_SPACES = 8, 36, 60, 6
MODES, SMOOTH, SIMPLEST = (SIGNED, TIES, SMALL), (SIGNED, SMALL), 64
KINKED = {"max", "maximum", "largest", "abs", "sign", "cases"}


@dataclass(frozen=True)
class Counterexample:
    """Where the sides differ, and what they are there; `arrays` are nested lists of numbers as
    strings ("-1/2"), a scalar one string, and those that a fact defines are shown too."""

    sizes: Mapping[str, int]
    indices: Mapping[str, int]
    arrays: Mapping[str, Any]
    left: str
    right: str

    def __str__(self) -> str:
        named = {r: n for r, n in self.sizes.items() if not r.isdecimal()}
        parts = {**named, **self.indices, **self.arrays}.items()
        at = ", ".join(f"{k} = {str(v).replace(chr(39), '')}" for k, v in parts)
        return f"at {at or 'once'}: left is {self.left}, right is {self.right}"


class Verdict(NamedTuple):
    """`verdict` is "agrees" (at `points` points), "refuted" or "not covered" (for a `reason`)."""

    verdict: str
    points: int = 0
    reason: str = ""
    counterexample: Counterexample | None = None

    def __str__(self) -> str:
        return f"{self.verdict}: {self.counterexample or self.reason}"


def equal(left: Any, right: Any, given: Mapping[str, Any], largest: int = 3) -> Verdict:
    """Whether left = right at points spread over sizes 1..`largest`, with all that is declared in
    `given` as in a certificate: indices, arrays, definitions, facts, equal, distinct.  A
    counterexample is the smallest that is found."""
    return judge(Problem(left, right, given), largest)


def judge(problem: Problem, largest: int = 3) -> Verdict:
    """`equal` for a problem that is posed."""
    try:
        return tried(problem, problem.spaces(largest))
    except NotCovered as why:
        return Verdict("not covered", reason=str(why))


def tried(problem: Problem, spaces: list[Space]) -> Verdict:
    """Compare until enough different points agree; those made for ties do not count."""
    if not spaces:
        raise NotCovered("no index values are allowed")
    rng, seen = Random(0), list[Any]()
    chosen = spaces[:: -1 - (len(spaces) - 1) // MOST_SPACES]
    modes = MODES if any(node.head in KINKED for node in problem.nodes) else SMOOTH
    for turn in range(ROUNDS):
        mode = modes[turn % len(modes)]
        if turn >= len(modes) and len(set(seen)) >= WANTED:
            break
        for at in (at for space in chosen for at in problem.trial(space, rng, mode)):
            agreed = agree(problem, at)
            if agreed is False:
                return Verdict("refuted", len(seen) + 1, "", simplest(problem, spaces, at))
            if agreed and mode != TIES:
                total = sum(at.point.sizes.values())
                seen.append((total, *at.point.indices.values(), *at.point.elements.values()))
    if len(seen) >= ENOUGH and sum(spaces[-1][0].values()) in {total for total, *_ in seen}:
        return Verdict("agrees", len(seen), f"in the reals at {len(seen)} points")
    where = f" where {' and '.join(problem.facts)} hold" if problem.facts else ""
    raise NotCovered(f"both sides are defined at only {len(seen)} points{where}")


def agree(problem: Problem, at: Machine) -> bool | None:
    """Whether the sides agree at a point; None where that is open: one is undefined, or the
    difference does not stay the same with twice the digits."""
    try:
        first = at.gap(problem.sides, at.point.indices)
        if at.open(first):
            return True
        again = Machine(at.rules, at.point, 2 * DIGITS).gap(problem.sides, at.point.indices)
        return False if abs(first - again) <= abs(again) / 10**6 else None
    except Undefined:
        return None


def simplest(problem: Problem, spaces: list[Space], known: Machine) -> Counterexample:
    """Where the sides differ: small sizes first, then small numbers; at worst where it is known."""
    for space in spaces:
        rng = Random(1)
        simple = [at for _ in range(SIMPLEST) for at in problem.trial(space, rng, SIMPLE)]
        for at in sorted(simple, key=weight):
            if agree(problem, at) is False:
                return shown(problem, at)
    return shown(problem, known)


def weight(at: Machine) -> Any:
    """A key to sort points by: small numbers first."""
    values = list(at.point.elements.values())
    return sum(abs(v) + v.denominator + (v < 0) for v in values), values


def shown(problem: Problem, at: Machine) -> Counterexample:
    """The counterexample as plain data."""

    def nested(name: str, *spot: int) -> Any:
        ahead = problem.given.arrays[name][0][len(spot) :]
        if not ahead:
            return at.text(at.element((name, spot)), 15)
        return [nested(name, *spot, k) for k in range(1, at.point.sizes[ahead[0]] + 1)]

    free = [a for a in problem.arrays if a not in problem.rules or problem.rules[a].pinned]
    arrays = {name: nested(name) for name in free}
    return Counterexample(at.point.sizes, at.point.indices, arrays, *told(problem, at.point))


def told(problem: Problem, point: Point) -> tuple[str, str]:
    """Both sides as text, to as many digits as it takes to see a difference."""
    at = Machine(problem.rules, point, 2 * DIGITS)
    left, right = (at.value(side, point.indices) for side in problem.sides)
    short, long = ((at.text(left, n), at.text(right, n)) for n in (15, DIGITS))
    return long if short[0] == short[1] else short


def values(left: Any, right: Any, given: Mapping[str, Any], at: Counterexample) -> tuple[str, str]:
    """Both sides evaluated anew at the exact elements that a counterexample states."""
    problem = Problem(left, right, given)
    spots = [spot for spot, _ in problem.elements(at.sizes, False)]
    entries = [reduce(lambda row, p: row[p - 1], spot, at.arrays[name]) for name, spot in spots]
    point = Point(at.sizes, at.indices, dict(zip(spots, map(Fraction, entries), strict=True)))
    try:
        return told(problem, point)
    except Undefined as why:
        raise WitnessError(f"a side is not defined {at}: {why}") from why


class StepReport(NamedTuple):
    """The verdict on one step, counted from 1."""

    number: int
    rule: str
    verdict: Verdict


class Report(NamedTuple):
    """The verdicts on all steps, and `problems`: what is wrong with how the steps hang together."""

    name: str
    steps: tuple[StepReport, ...]
    problems: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """The worst of all: "refuted" before "not covered" before "agrees"."""
        found = [s.verdict.verdict for s in self.steps] + ["refuted" for _ in self.problems]
        return max(found, key=("agrees", "not covered", "refuted").index, default="agrees")

    def __str__(self) -> str:
        steps = (f"step {s.number} {s.rule}: {s.verdict}" for s in self.steps)
        lines = (*steps, *(f"refuted: {problem}" for problem in self.problems))
        return "\n".join(f"{self.name} {line}" for line in lines)


def replay(certificate: Mapping[str, Any]) -> Report:
    """The second opinion on a certificate (format: docs/design.md).

    Raises WitnessError where it is malformed, or names what it does not declare.
    """
    where = "certificate"
    kind = entry(certificate, "format", where)
    demand(kind == FORMAT, where, f"format {kind!r} is unknown: expected {FORMAT!r}")
    name, steps = entry(certificate, "name", where, str), entry(certificate, "steps", where, list)
    start, end = (entry(certificate, key, where) for key in ("statement", "result"))
    ends = Problem(start, end, certificate)
    asked = [claim(step, f"step {c}", certificate, ends.given) for c, step in enumerate(steps, 1)]
    links = [(f"step {c}", problem.sides) for c, (_, problem) in enumerate(asked, 1)]
    chain = [("the statement", ends.sides[:1]), *links, ("the result", ends.sides[1:])]
    broken = [
        f"{after} does not start where {before} ends"
        for (before, a), (after, b) in pairwise(chain)
        if canonical(a[-1], {}) != canonical(b[0], {})
    ]
    made = [StepReport(c, rule, judge(problem)) for c, (rule, problem) in enumerate(asked, 1)]
    return Report(name, tuple(made), tuple(broken))


def claim(step: Any, where: str, raw: Mapping[str, Any], given: Declared) -> tuple[str, Problem]:
    """The rule of a step, and what it claims, from the facts it names and no others."""
    named, facts = entry(step, "facts", where, list, []), raw.get("facts", [])
    strange = [name for name in named if name not in [f["name"] for f in facts]]
    demand(not strange, where, "names facts that are not stated:", (strange,))
    used = {**raw, "facts": [f for f in facts if f["name"] in named]}
    before, after, rule = (entry(step, key, where) for key in ("before", "after", "rule"))
    return str(rule), Problem(before, after, used, f"{where}, ", given)


def canonical(tree: Node, names: Mapping[Any, Any], depth: int = 0) -> Any:
    """Equal for trees that are the same up to bound names and the order of terms, and only then."""
    places = [names.get(p, p) for p in tree.places]
    inner = {**names, tree.bound: (depth,)} if tree.bound else names
    children = [canonical(child, inner, depth + 1) for child in tree.trees]
    if tree.head in COMMUTING:
        places, children = sorted(places, key=repr), sorted(children, key=repr)
    return tree.head, tree.name, places, children
