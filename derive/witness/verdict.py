"""Comparing two trees at points: agreement, or the smallest counterexample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from random import Random
from typing import Any

from derive.witness.dual import NotCovered, Undefined
from derive.witness.evaluate import Env, Machine, Point
from derive.witness.modular import Modular
from derive.witness.points import SIGNED, SIMPLE, SMALL, TIES, Problem, Sizes, points, pose
from derive.witness.real import text
from derive.witness.record import WitnessError, read_given

ENOUGH, ROUNDS, PER_POINT, MOST_SIZES, EXACT_PER_POINT, MOST_EXACT = 8, 24, 8, 6, 2, 8
SMOOTH, PIECEWISE = (12, (SIGNED, SMALL)), (24, (SIGNED, TIES, SMALL, TIES))
PIECES = ("max", "largest", "maximum", "sign", "step", "abs", "relu", "cases")
DIGITS, NOWHERE = (50, 230, 470), "no index values are allowed"


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
    method: str = ""
    counterexample: Counterexample | None = None
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.verdict}: {self.counterexample or self.method or self.reason}"


class Trial:
    """What the points say; those made for ties agree or refute, but do not count."""

    def __init__(self, problem: Problem):
        self.problem, self.rng = problem, Random(0)
        self.different: set[Any] = set()
        self.drawn = self.usable = self.last = self.exact = 0
        self.every = [s for s in problem.sizes() if problem.assignments(s)]

    def verdict(self) -> Verdict:
        """Compare until enough different points agree at enough sizes."""
        step = max(1, (len(self.every) - 1) / (MOST_SIZES - 1))
        chosen = [self.every[round(k * step)] for k in range(min(len(self.every), MOST_SIZES))]
        wanted, modes = SMOOTH if self.problem.heads.isdisjoint(PIECES) else PIECEWISE
        for turn in range(ROUNDS):
            if turn >= len(modes) and self.last and len(self.different) >= wanted:
                break
            for sizes in chosen:
                found = self.ask(sizes, modes[turn % len(modes)])
                if found:
                    small = search(self.problem) or shown(self.problem, *found)
                    return Verdict("refuted", self.usable + 1, "", small)
        if self.usable >= ENOUGH and self.last:
            exactly = f", exactly modulo primes at {self.exact}" if self.exact > 0 else ""
            return Verdict("agrees", self.usable, f"in the reals at {self.usable} points{exactly}")
        why = f"both sides are defined at only {self.usable} of the points tried"
        if not self.drawn:
            why = f"cannot find points where {[f.name for f in self.problem.given.facts]} hold"
        return Verdict("not covered", self.usable, "", None, why if self.every else NOWHERE)

    def ask(self, sizes: Sizes, mode: str) -> tuple[Point, Env] | None:
        """Compare at one more point of these sizes; gives the place where the sides differ."""
        every = self.problem.assignments(sizes)
        self.rng.shuffle(every)
        fixed = {i: every[0][i] for i in self.problem.fixed}
        envs = [env for env in every if fixed.items() <= env.items()][:PER_POINT]
        for point in points(self.problem, sizes, fixed, self.rng, [mode]):
            self.drawn += 1
            at = self.problem.machine(point)
            for env in envs:
                agreed = compare(self.problem, at, env)
                if agreed is False:
                    return point, env
                if agreed and mode != TIES:
                    self.different.add((*point.elements.values(), *env.values()))
                    self.usable, self.last = self.usable + 1, self.last + (sizes == self.every[-1])
            if 0 <= self.exact < MOST_EXACT:
                self.confirm(point, envs[:EXACT_PER_POINT])
        return None

    def confirm(self, point: Point, envs: list[Env]) -> None:
        """Compare in the prime fields; if they lack a node, or lose a sign, the reals decide."""
        at = Machine(Modular(), self.problem.rules, point)
        try:
            for env in envs:
                both = zip(*sides(self.problem, at, env), strict=True)
                same = [a == b for a, b in both if None not in (a, b)]
                self.exact = self.exact + bool(same) if all(same) else -len(envs)
        except (NotCovered, Undefined):
            self.exact = -1


def judge(problem: Problem) -> Verdict:
    """`equal` for a problem that is made ready."""
    try:
        return Trial(problem).verdict()
    except NotCovered as why:
        return Verdict("not covered", reason=str(why))


def equal(left: Any, right: Any, given: Mapping[str, Any]) -> Verdict:
    """Whether left = right from the facts in `given`, at points spread over sizes 1..3.

    `given` has the declarations of a certificate: indices, arrays, definitions, facts, equal,
    distinct; all its facts are imposed.
    """
    return judge(pose(left, right, read_given(given)))


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


def simplicity(point: Point) -> Any:
    """A key to sort points by: small numbers first."""
    values = [Fraction(v) for v in point.elements.values()]
    return sum(abs(v) + v.denominator + (v < 0) for v in values), values


def search(problem: Problem, largest: int = 3) -> Counterexample | None:
    """`counterexample` for a problem that is made ready."""
    for sizes in problem.sizes(largest):
        every, rng = problem.assignments(sizes), Random(1)
        for kind in sorted({tuple(env[i] for i in problem.fixed) for env in every}):
            fixed = dict(zip(problem.fixed, kind, strict=True))
            simple = sorted(points(problem, sizes, fixed, rng, [SIMPLE] * 64), key=simplicity)
            for point in (*simple, *points(problem, sizes, fixed, rng, PIECEWISE[1] * 9)):
                at = problem.machine(point)
                for env in every:
                    if fixed.items() <= env.items() and compare(problem, at, env) is False:
                        return shown(problem, point, env)
    return None


def told_apart(problem: Problem, point: Point, env: Env, digits: int = 50) -> tuple[str, str]:
    """Both sides as text, to 15 digits or as many as it takes to see a difference."""
    left, right = sides(problem, problem.machine(point, max(digits, DIGITS[-1])), env)
    shown = [(text(left, printed), text(right, printed)) for printed in (15, 100, 200, 400)]
    return next((pair for pair in shown if pair[0] != pair[1]), shown[-1])


def shown(problem: Problem, point: Point, env: Env) -> Counterexample:
    """The counterexample as plain data."""
    at, sizes, arrays = problem.machine(point), dict(point.sizes), dict[str, Any]()
    for (name, places), _ in problem.elements(sizes):
        table: Any = arrays
        for key, deeper in zip((name, *places), (*places, None), strict=True):
            new = text(at.element((name, places))) if deeper is None else []
            if isinstance(table, list):
                table += [new] * (key > len(table))
            else:
                table.setdefault(key, new)
            table = table[key - 1 if isinstance(table, list) else key]
    return Counterexample(sizes, dict(env), arrays, *told_apart(problem, point, env))


def values(
    left: Any, right: Any, given: Mapping[str, Any], at: Counterexample, digits: int = 50
) -> tuple[str, str]:
    """Both sides evaluated anew at the exact elements that a counterexample states."""
    problem, elements = pose(left, right, read_given(given)), {}
    for (name, places), _ in problem.elements(dict(at.sizes)):
        if name not in problem.rules:
            entry = reduce(lambda nested, p: nested[p - 1], places, at.arrays[name])
            elements[name, places] = Fraction(entry)
    fixed = {i: at.indices[i] for i in problem.fixed}
    try:
        return told_apart(problem, Point(at.sizes, fixed, elements), dict(at.indices), digits)
    except Undefined as why:
        raise WitnessError(f"a side is not defined {at}: {why}") from why
