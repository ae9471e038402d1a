"""Comparing two trees at points: agreement, or the smallest counterexample."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from random import Random
from typing import Any

from derive.witness.evaluate import Env, Machine, Point
from derive.witness.modular import Modular
from derive.witness.points import (
    SIGNED, SMALL, TIES, Problem, Sizes, candidates, draw, pose,
)  # fmt: skip
from derive.witness.real import exact
from derive.witness.record import WitnessError, read_given
from derive.witness.ring import NotCovered, Undefined

ENOUGH, ROUNDS, PER_POINT, MOST_SIZES, EXACT_PER_POINT, MOST_EXACT = 8, 24, 8, 6, 2, 8
SMOOTH, PIECEWISE = (12, (SIGNED, SMALL)), (24, (SIGNED, TIES, SMALL, TIES))
PIECES = ("max", "largest", "maximum", "sign", "step", "abs", "relu", "cases")
DIGITS, LEVELS = (50, 230, 470), (2, 4, 8)


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
        self.levels: list[int] = list(LEVELS)
        self.every = [s for s in problem.sizes() if problem.assignments(s)]

    def verdict(self) -> Verdict:
        """Compare until enough different points agree at enough sizes."""
        step = max(1, (len(self.every) - 1) / (MOST_SIZES - 1))
        chosen = [self.every[round(k * step)] for k in range(min(len(self.every), MOST_SIZES))]
        wanted, modes = PIECEWISE if self.problem.has(*PIECES) else SMOOTH
        for turn in range(ROUNDS):
            if turn >= len(modes) and self.last and len(self.different) >= wanted:
                break
            for sizes in chosen:
                found = self.ask(sizes, modes[turn % len(modes)])
                if found:
                    small = search(self.problem) or shown(self.problem, *found)
                    return Verdict("refuted", self.usable + 1, "", small)
        return self.conclusion()

    def ask(self, sizes: Sizes, mode: str) -> tuple[Point, Env] | None:
        """Compare at one more point of these sizes; gives the place where the sides differ."""
        every = self.problem.assignments(sizes)
        self.rng.shuffle(every)
        fixed = {i: every[0][i] for i in self.problem.fixed}
        for point in draw(self.problem, sizes, fixed, self.rng, mode):
            self.drawn += 1
            envs = [env for env in every if fixed.items() <= env.items()][:PER_POINT]
            at = self.problem.machine(point)
            for env in envs:
                agreed = compare(self.problem, at, env)
                if agreed is False:
                    return point, env
                if agreed and mode != TIES:
                    self.different.add((*point.elements.values(), *env.values()))
                    self.usable, self.last = self.usable + 1, self.last + (sizes == self.every[-1])
            if self.exact < MOST_EXACT:
                self.confirm(point, envs[:EXACT_PER_POINT])
        return None

    def confirm(self, point: Point, envs: list[Env]) -> None:
        """Compare in the prime fields, in as few levels as it takes; where they lack a node or
        lose a sign, they are given up, and the reals have the word."""
        while self.levels:
            at, pairs = Machine(Modular(self.levels[0]), self.problem.rules, point), []
            try:
                for env in envs:
                    both = zip(*sides(self.problem, at, env), strict=True)
                    pairs.append([a == b for a, b in both if None not in (a, b)])
            except (NotCovered, Undefined):
                pairs = [[False]]
            self.exact += sum(map(bool, pairs))
            if not all(map(all, pairs)):
                self.levels = []
            if any(pairs):
                return
            self.levels = self.levels[1:]

    def conclusion(self) -> Verdict:
        """The verdict where nothing differed."""
        if self.usable >= ENOUGH and self.last:
            exactly = f", exactly modulo primes at {self.exact}" if self.levels else ""
            method = f"in the reals at {self.usable} points{exactly}"
            return Verdict("agrees", self.usable, method)
        why = f"both sides are defined at only {self.usable} of the points tried"
        if not self.drawn:
            why = f"cannot find points where {[f.name for f in self.problem.given.facts]} hold"
        if not self.every:
            why = "no index values are allowed"
        return Verdict("not covered", self.usable, reason=why)


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


def search(problem: Problem, largest: int = 3) -> Counterexample | None:
    """`counterexample` for a problem that is made ready."""
    for sizes in problem.sizes(largest):
        every = problem.assignments(sizes)
        for kind in sorted({tuple(env[i] for i in problem.fixed) for env in every}):
            fixed = dict(zip(problem.fixed, kind, strict=True))
            for point in candidates(problem, sizes, fixed, Random(1)):
                at = problem.machine(point)
                for env in every:
                    if fixed.items() <= env.items() and compare(problem, at, env) is False:
                        return shown(problem, point, env)
    return None


def text(at: Machine, value: Any, digits: int = 15) -> str:
    """An exact number as it is, any other to so many digits."""
    return str(value) if exact(value) else str(at.ring.ctx.nstr(value, digits))


def told_apart(problem: Problem, point: Point, env: Env, digits: int = 50) -> tuple[str, str]:
    """Both sides as text, to 15 digits or as many as it takes to see a difference."""
    for working, printed in ((digits, 15), *((d, d // 2) for d in DIGITS[1:])):
        at = problem.machine(point, working)
        made = sides(problem, at, env)
        left, right = (text(at, side, printed) for side in made)
        gap = at.ring.ctx.convert(made[0]) - at.ring.ctx.convert(made[1])
        if left != right and abs(gap) > at.ring.noise():
            break
    return left, right


def shown(problem: Problem, point: Point, env: Env) -> Counterexample:
    """The counterexample as plain data."""
    at, sizes, arrays = problem.machine(point), dict(point.sizes), dict[str, Any]()
    for (name, places), _ in sorted(problem.elements(sizes).items()):
        value = text(at, at.element((name, places), ()))
        if not places:
            arrays[name] = value
        table = arrays.setdefault(name, [])
        for place in places[:-1]:
            table += [[]] * (place > len(table))
            table = table[place - 1]
        if places:
            table.append(value)
    return Counterexample(sizes, dict(env), arrays, *told_apart(problem, point, env))


def values(
    left: Any, right: Any, given: Mapping[str, Any], at: Counterexample, digits: int = 50
) -> tuple[str, str]:
    """Both sides evaluated anew at the exact elements that a counterexample states."""
    problem, elements = pose(left, right, read_given(given)), {}
    for name, places in problem.elements(dict(at.sizes)):
        entry = at.arrays[name]
        for p in places:
            entry = entry[p - 1]
        if name not in problem.rules:
            elements[name, places] = Fraction(entry)
    fixed = {i: at.indices[i] for i in problem.fixed}
    try:
        return told_apart(problem, Point(at.sizes, fixed, elements), dict(at.indices), digits)
    except Undefined as why:
        raise WitnessError(f"a side is not defined {at}: {why}") from why
