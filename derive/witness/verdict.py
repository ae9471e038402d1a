"""Comparing two trees at points: agreement, or the smallest counterexample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from random import Random
from typing import Any

from derive.witness.dual import NotCovered, Undefined, primal
from derive.witness.evaluate import Env, Machine, Point
from derive.witness.modular import Modular
from derive.witness.points import Problem, Sizes, draw, machine, simple_points
from derive.witness.record import Tree, WitnessError, read_given

ENOUGH, ROUNDS, PER_POINT, MOST_SIZES, EXACT_PER_POINT = 8, 24, 8, 6, 2
SMOOTH, PIECEWISE = (12, (1, 1, 2)), (24, (1, 0, 0, 1, 2, 1))  # different points, modes
SHARPER, EXACT = (110, 230, 470), 8


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
        named = {r: n for r, n in self.sizes.items() if not r.isdigit()}
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


@dataclass
class Tally:
    """What the points have said so far; those made for ties agree or refute, but do not count."""

    final: Sizes
    different: set[Any]
    drawn: int = 0
    usable: int = 0
    last: int = 0
    exact: int = 0
    covered: bool = True

    @property
    def enough(self) -> bool:
        """Whether so much agreement counts."""
        return self.usable >= ENOUGH and self.last > 0


def equal(left: Tree, right: Tree, given: Mapping[str, Any]) -> Verdict:
    """Whether left = right from the facts in `given`, at points spread over sizes 1..3.

    `given` has the declarations of a certificate: indices, arrays, definitions, facts, equal,
    distinct; all its facts are imposed.
    """
    return judge(Problem(left, right, read_given(given)))


def judge(problem: Problem) -> Verdict:
    """`equal` for a problem that is made ready."""
    try:
        return decided(problem)
    except NotCovered as why:
        return Verdict("not covered", reason=str(why))


def decided(problem: Problem) -> Verdict:
    """`judge`, if nothing is too large to evaluate."""
    every = [s for s in problem.all_sizes() if problem.assignments(s)]
    rng, tally = Random(0), Tally(every[-1] if every else {}, set())
    step = max(1, (len(every) - 1) / (MOST_SIZES - 1))
    chosen = [every[round(k * step)] for k in range(min(len(every), MOST_SIZES))]
    wanted, modes = PIECEWISE if problem.piecewise else SMOOTH
    for turn in range(ROUNDS):
        if turn > len(problem.ties) and tally.enough and len(tally.different) >= wanted:
            break
        for sizes in chosen:
            found = ask(problem, sizes, rng, modes[turn % len(modes)], tally)
            if found is not None:
                small = search(problem, 3) or shown(problem, *found)
                return Verdict("refuted", tally.usable + 1, "", small)
    return conclusion(problem, tally)


def ask(problem: Problem, sizes: Sizes, rng: Random, mode: int, tally: Tally) -> Any:
    """Compare at one more point of these sizes; gives the place where the sides differ, or None."""
    every = problem.assignments(sizes)
    rng.shuffle(every)
    fixed = {i: every[0][i] for i in problem.fixed}
    point = draw(problem, sizes, fixed, rng, mode)
    if point is None:
        return None
    tally.drawn += 1
    envs = [env for env in every if fixed.items() <= env.items()][:PER_POINT]
    at = machine(problem, point)
    for env in envs:
        agreed = compare(problem, at, env)
        if agreed is False:
            return point, env
        if agreed and mode:
            tally.different.add((*point.elements.values(), *env.values()))
            tally.usable, tally.last = tally.usable + 1, tally.last + (sizes == tally.final)
    if tally.exact < EXACT and tally.covered:
        confirm(problem, point, envs[:EXACT_PER_POINT], tally)
    return None


def conclusion(problem: Problem, tally: Tally) -> Verdict:
    """The verdict where nothing differed."""
    if tally.enough:
        exact = f", exactly modulo primes at {tally.exact}" if tally.covered and tally.exact else ""
        return Verdict("agrees", tally.usable, f"in the reals at {tally.usable} points{exact}")
    why = f"both sides are defined at only {tally.usable} of the points tried"
    if not tally.drawn:
        names = ", ".join(f.name for f in problem.given.facts)
        why = f"cannot find points where fact {names} holds"
    if not tally.final and problem.least:
        why = "no index values are allowed"
    return Verdict("not covered", tally.usable, reason=why)


def sides(problem: Problem, at: Machine, env: Env) -> tuple[Any, Any]:
    """Both values."""
    return primal(at.value(problem.left, env)), primal(at.value(problem.right, env))


def compare(problem: Problem, at: Machine, env: Env) -> bool | None:
    """Whether the sides agree; None where one is undefined or rounding leaves it open.

    A difference counts if it exceeds what rounding can do and stays the same with more digits.
    """
    try:
        gap, scale = difference(problem, at, env)
        if gap <= 1e-45 * scale and at.ring.peak < 1e8:
            return True
        for digits in SHARPER:
            sharp = machine(problem, at.point, digits, at.world.ties)
            finer, scale = difference(problem, sharp, env)
            noise = max(sharp.ring.peak, scale) * sharp.ring.noise
            if finer > noise and abs(finer - gap) <= 1e-6 * finer:
                return False
            if finer <= noise <= 1e-60:
                return True
            gap = finer
    except (Undefined, OverflowError, ZeroDivisionError):
        return None
    return None


def difference(problem: Problem, at: Machine, env: Env) -> tuple[Any, Any]:
    """|left - right|, and the larger of |left|, |right|."""
    left, right = (at.ring.lift(side) for side in sides(problem, at, env))
    return abs(left - right), max(abs(left), abs(right))


def confirm(problem: Problem, point: Point, envs: list[Env], tally: Tally) -> None:
    """Compare in the prime fields; a node they lack, or a sign they lose, is left to the reals."""
    at = Machine(Modular(problem.levels), problem.world, point)
    try:
        for env in envs:
            levels = zip(*sides(problem, at, env), strict=True)
            both = [a == b for a, b in levels if None not in (a, b)]
            tally.covered &= all(both)
            tally.exact += bool(both)
    except NotCovered:
        tally.covered = False
    except Undefined:
        return


def counterexample(
    left: Tree, right: Tree, given: Mapping[str, Any], largest: int = 3
) -> Counterexample | None:
    """The smallest place, sizes up to `largest`, where the sides differ; None if none is found."""
    try:
        return search(Problem(left, right, read_given(given)), largest)
    except NotCovered as why:
        raise WitnessError(str(why)) from why


def search(problem: Problem, largest: int) -> Counterexample | None:
    """`counterexample` for a problem that is made ready."""
    for ties, sizes in product(problem.ties, problem.all_sizes(largest)):
        every = problem.assignments(sizes)
        for point in candidates(problem, sizes, every, Random(1)):
            at = machine(problem, point, ties=ties)
            for env in every:
                if point.fixed.items() <= env.items() and compare(problem, at, env) is False:
                    return shown(problem, point, env)
    return None


def candidates(problem: Problem, sizes: Sizes, envs: list[Env], rng: Random) -> Iterator[Point]:
    """Simple points, then random ones, for every value of the indices that facts fix."""
    for kind in sorted({tuple(env[i] for i in problem.fixed) for env in envs}):
        fixed = dict(zip(problem.fixed, kind, strict=True))
        yield from simple_points(problem, sizes, fixed, rng)
        modes = PIECEWISE[1] * 6 if problem.piecewise else SMOOTH[1]
        drawn = (draw(problem, sizes, fixed, rng, mode) for mode in modes)
        yield from (point for point in drawn if point is not None)


def text(at: Machine, value: Any, digits: int = 15) -> str:
    """An exact number as it is, any other to so many digits."""
    exact = isinstance(value, (int, Fraction))
    return str(value) if exact else str(at.ring.ctx.nstr(value, digits))


def told_apart(problem: Problem, point: Point, env: Env, digits: int = 50) -> tuple[str, str]:
    """Both sides as text, to 15 digits or as many as it takes to see a difference."""
    for working, printed in ((digits, 15), *((d, d // 2) for d in SHARPER)):
        at = machine(problem, point, working)
        gap, _ = difference(problem, at, env)
        left, right = (text(at, side, printed) for side in sides(problem, at, env))
        if left != right and gap > at.ring.peak * at.ring.noise:
            break
    return left, right


def nested(flat: Mapping[tuple[int, ...], str]) -> Any:
    """Lists nested as an array is indexed."""
    if () in flat:
        return flat[()]
    firsts = sorted({places[0] for places in flat})
    return [nested({e[1:]: v for e, v in flat.items() if e[0] == first}) for first in firsts]


def shown(problem: Problem, point: Point, env: Env) -> Counterexample:
    """The counterexample as plain data."""
    at, sizes = machine(problem, point), dict(point.sizes)
    arrays = {}
    for name in sorted([*problem.inputs, *problem.world.pinned]):
        places = [e for _, e in problem.elements([name], sizes)]
        arrays[name] = nested({e: text(at, at.element(name, e)) for e in places})
    return Counterexample(sizes, dict(env), arrays, *told_apart(problem, point, env))


def values(
    left: Tree, right: Tree, given: Mapping[str, Any], at: Counterexample, digits: int = 50
) -> tuple[str, str]:
    """Both sides evaluated anew at the exact elements that a counterexample states."""
    problem = Problem(left, right, read_given(given))
    elements = {}
    for name, places in problem.elements(problem.inputs, dict(at.sizes)):
        entry = at.arrays[name]
        for p in places:
            entry = entry[p - 1]
        elements[name, places] = Fraction(entry)
    fixed = {i: at.indices[i] for i in problem.fixed}
    try:
        return told_apart(problem, Point(at.sizes, fixed, elements), dict(at.indices), digits)
    except Undefined as why:
        raise WitnessError(f"a side is not defined {at}: {why}") from why
