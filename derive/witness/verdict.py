"""Comparing two trees at points: agreement, or the smallest counterexample."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import chain
from random import Random
from typing import Any

from derive.witness.evaluate import Env, Machine, Point
from derive.witness.points import SIGNED, SIMPLE, SMALL, TIES, Problem, pose
from derive.witness.record import WitnessError, read_given
from derive.witness.rings import NotCovered, Undefined, exact

ENOUGH, ROUNDS, PER_POINT, MOST_SIZES = 8, 48, 8, 6
SMOOTH, PIECEWISE = (12, (SIGNED, SMALL)), (24, (SIGNED, TIES, SMALL, TIES))
PIECES = ("max", "largest", "maximum", "sign", "step", "abs", "relu", "cases")
DIGITS, PRINTED = (50, 230, 470), (15, 100, 200, 400)


@dataclass(frozen=True)
class Counterexample:
    """Sizes, indices and exact elements at which the sides differ, and what they are there.

    `arrays` holds lists nested as the array is indexed, of numbers as strings ("-1/2"); a scalar is
    one string.  Arrays that a fact defines are shown too.
    """

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


@dataclass(frozen=True)
class Verdict:
    """`verdict` is "agrees" (at `points` points), "refuted" or "not covered" (for a `reason`)."""

    verdict: str
    points: int = 0
    reason: str = ""
    counterexample: Counterexample | None = None

    def __str__(self) -> str:
        return f"{self.verdict}: {self.counterexample or self.reason}"


def equal(left: Any, right: Any, given: Mapping[str, Any]) -> Verdict:
    """Whether left = right from the facts in `given`, at points spread over sizes 1..3.

    `given` has the declarations of a certificate: indices, arrays, definitions, facts, equal,
    distinct; all its facts are imposed.
    """
    return judge(pose(left, right, read_given(given)))


def judge(problem: Problem) -> Verdict:
    """`equal` for a problem that is posed."""
    try:
        every = problem.sizes()
        return tried(problem, every) if every else uncovered("no index values are allowed")
    except NotCovered as why:
        return uncovered(str(why))


def uncovered(why: str) -> Verdict:
    """The verdict where there was nothing to compare."""
    return Verdict("not covered", reason=why)


def tried(problem: Problem, every: list[dict[str, int]]) -> Verdict:
    """Compare until enough different points agree; those made for ties do not count."""
    rng, seen = Random(0), list[Any]()
    wanted, modes = PIECEWISE if problem.has(*PIECES) else SMOOTH
    chosen = every[:: -1 - (len(every) - 1) // MOST_SIZES]
    for turn in range(ROUNDS):
        if turn >= len(modes) and len(set(seen)) >= wanted:
            break
        mode = modes[turn % len(modes)]
        trials = (trial for sizes in chosen for trial in problem.trials(sizes, rng, mode))
        some = ((point, rng.sample(e, min(PER_POINT, len(e)))) for point, e in trials)
        for point, env, agreed in compared(problem, some):
            if agreed is False:
                small = search(problem) or shown(problem, point, env)
                return Verdict("refuted", len(seen) + 1, "", small)
            if agreed and mode != TIES:
                total = sum(point.sizes.values())
                seen.append((total, *point.elements.values(), *env.values()))
    if len(seen) >= ENOUGH and sum(every[-1].values()) in {s[0] for s in seen}:
        return Verdict("agrees", len(seen), f"in the reals at {len(seen)} points")
    facts = " and ".join(f[0] for f in problem.given.facts)
    where = f" where {facts} hold" if facts else ""
    return uncovered(f"both sides are defined at only {len(seen)} points{where}")


def compared(
    problem: Problem, trials: Iterable[tuple[Point, list[Env]]]
) -> Iterator[tuple[Point, Env, bool | None]]:
    """`compare` at each point, for the assignments there."""
    for point, envs in trials:
        at = problem.machine(point)
        yield from ((point, env, compare(problem, at, env)) for env in envs)


def sides(problem: Problem, at: Machine, env: Env) -> tuple[Any, Any]:
    """Both values."""
    return at.value(problem.left, env), at.value(problem.right, env)


def compare(problem: Problem, at: Machine, env: Env) -> bool | None:
    """Whether the sides agree; None where one is undefined or rounding leaves it open.

    A difference counts if it exceeds what rounding can do and stays the same with more digits.
    """
    before = None
    try:
        for digits in DIGITS:
            at = at if before is None else problem.machine(at.point, digits)
            left, right = (at.ring.ctx.convert(side) for side in sides(problem, at, env))
            gap, noise = abs(left - right), at.ring.noise(left, right)
            if gap <= noise <= 1e-37:
                return True
            if before is not None and gap > noise and abs(gap - before) <= gap * 1e-6:
                return False
            before = gap
    except (Undefined, OverflowError, ZeroDivisionError):
        return None
    return None


def counterexample(
    left: Any, right: Any, given: Mapping[str, Any], largest: int = 3
) -> Counterexample | None:
    """The smallest place, sizes up to `largest`, where the sides differ; None if none is found."""
    try:
        return search(pose(left, right, read_given(given)), largest)
    except NotCovered as why:
        raise WitnessError(str(why)) from why


def search(problem: Problem, largest: int = 3) -> Counterexample | None:
    """`counterexample` for a problem that is posed."""
    for sizes in problem.sizes(largest):
        rng = Random(1)
        simple = [t for _ in range(64) for t in problem.trials(sizes, rng, SIMPLE)]
        others = (t for mode in PIECEWISE[1] * 9 for t in problem.trials(sizes, rng, mode))
        found = compared(problem, chain(sorted(simple, key=simplicity), others))
        different = ((point, env) for point, env, agreed in found if agreed is False)
        for point, env in different:
            return shown(problem, point, env)
    return None


def simplicity(trial: tuple[Point, list[Env]]) -> Any:
    """A key to sort points by: small numbers first."""
    values = list(trial[0].elements.values())
    return sum(abs(v) + v.denominator + (v < 0) for v in values), values


def text(at: Machine, x: Any, digits: int = 15) -> str:
    """A rational number as it is, any other to so many digits."""
    return str(x) if exact(x) else str(at.ring.ctx.nstr(x, digits))


def told_apart(problem: Problem, point: Point, env: Env, digits: int = 50) -> tuple[str, str]:
    """Both sides as text, to 15 digits or as many as it takes to see a difference."""
    at = problem.machine(point, max(digits, DIGITS[-1]))
    left, right = sides(problem, at, env)
    pairs = [(text(at, left, printed), text(at, right, printed)) for printed in PRINTED]
    return next((pair for pair in pairs if pair[0] != pair[1]), pairs[-1])


def shown(problem: Problem, point: Point, env: Env) -> Counterexample:
    """The counterexample as plain data."""
    at, rules = problem.machine(point), problem.rules

    def nested(name: str, *spot: int) -> Any:
        ahead = problem.given.arrays[name][0][len(spot) :]
        if not ahead:
            return text(at, at.element((name, spot)))
        return [nested(name, *spot, k) for k in range(1, point.sizes[ahead[0]] + 1)]

    names = [name for name in problem.arrays if name not in rules or rules[name].pinned]
    arrays = {name: nested(name) for name in names}
    return Counterexample(point.sizes, dict(env), arrays, *told_apart(problem, point, env))


def values(
    left: Any, right: Any, given: Mapping[str, Any], at: Counterexample, digits: int = 50
) -> tuple[str, str]:
    """Both sides evaluated anew at the exact elements that a counterexample states."""
    problem = pose(left, right, read_given(given))
    spots = [spot for spot, _ in problem.elements(dict(at.sizes), False)]
    entries = [reduce(lambda row, p: row[p - 1], e[1], at.arrays[e[0]]) for e in spots]
    fixed = {i: at.indices[i] for i in problem.fixed}
    point = Point(at.sizes, fixed, dict(zip(spots, map(Fraction, entries), strict=True)))
    try:
        return told_apart(problem, point, dict(at.indices), digits)
    except Undefined as why:
        raise WitnessError(f"a side is not defined {at}: {why}") from why
