"""Comparing two trees at points: agreement, or the smallest counterexample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from random import Random
from typing import Any

from derive.witness.evaluate import (
    Env, Machine, NotCovered, Point, Undefined, grid, primal,
)  # fmt: skip
from derive.witness.modular import Modular, levels_needed
from derive.witness.points import Problem, draw, machine, simple_points
from derive.witness.record import Tree, WitnessError, read_given

ENOUGH, ROUNDS, PER_POINT, MOST_SIZES, EXACT_PER_POINT = 8, 9, 8, 6, 2


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
        parts = {**self.sizes, **self.indices, **self.arrays}
        at = ", ".join(f"{k} = {str(v).replace(chr(39), '')}" for k, v in parts.items())
        return f"at {at}: left is {self.left}, right is {self.right}"


@dataclass(frozen=True)
class Verdict:
    """`verdict` is "agrees" (at `points` points), "refuted" or "not covered" (for a `reason`)."""

    verdict: str
    points: int = 0
    method: str = ""
    counterexample: Counterexample | None = None
    reason: str = ""


def equal(left: Tree, right: Tree, given: Mapping[str, Any], seed: int = 0) -> Verdict:
    """Whether left = right from the facts in `given`, at points spread over sizes 1..3.

    `given` has the declarations of a certificate: indices, arrays, definitions, facts, equal,
    distinct; all its facts are imposed.
    """
    return judge(Problem(left, right, read_given(given)), seed)


@dataclass
class Tally:
    """What the points have said so far."""

    usable: int = 0
    exact: int = 0
    drawn: int = 0
    covered: bool = True
    largest: bool = False


def judge(problem: Problem, seed: int = 0) -> Verdict:
    """`equal` for a problem that is made ready."""
    rng, tally = Random(seed), Tally()
    sizes = schedule(problem)
    for turn in range(ROUNDS):
        if turn >= 2 and tally.usable >= ENOUGH and tally.largest:
            break
        for size in sizes:
            found = ask(problem, size, rng, turn, tally)
            if found is not None:
                at, env = found
                small = search(problem, 3)
                return Verdict("refuted", counterexample=small or shown(problem, at, env))
    return conclusion(problem, tally)


def conclusion(problem: Problem, tally: Tally) -> Verdict:
    if not tally.drawn:
        names = ", ".join(f.name for f in problem.given.facts)
        why = f"cannot find points where fact {names} holds" if names else "no index values are allowed"
        return Verdict("not covered", reason=why)
    if tally.usable < ENOUGH or not tally.largest:
        why = f"both sides are defined at only {tally.usable} of the points tried"
        return Verdict("not covered", tally.usable, reason=why)
    method = f"reals at {tally.usable} points"
    if tally.covered and tally.exact:
        method += f", exactly modulo primes at {tally.exact}"
    return Verdict("agrees", tally.usable, method)


def schedule(problem: Problem) -> list[dict[str, int]]:
    """The sizes to try: all, or where ranges are many the smallest, the mixed and the largest."""
    every = [s for s in problem.all_sizes() if problem.assignments(s)]
    if len(every) <= MOST_SIZES:
        return every
    step = (len(every) - 1) / (MOST_SIZES - 1)
    return [every[round(k * step)] for k in range(MOST_SIZES)]


def ask(
    problem: Problem, sizes: dict[str, int], rng: Random, turn: int, tally: Tally
) -> tuple[Point, Env] | None:
    """Compare at one more point of these sizes; gives the place where the sides differ."""
    every = problem.assignments(sizes)
    leader = rng.choice(every)
    fixed = {i: leader[i] for i in problem.fixed}
    point = draw(problem, sizes, fixed, rng, (1, 0, 2)[turn % 3])
    if point is None:
        return None
    tally.drawn += 1
    envs = spread([e for e in every if fixed.items() <= e.items()], rng)
    at = machine(problem, point)
    for env in envs:
        agreed = compare(problem, at, env)
        if agreed is False:
            return point, env
        tally.usable += agreed is True
        tally.largest |= agreed is True and sizes == schedule_end(problem)
    if turn < 2 and tally.covered:
        confirm(problem, point, envs[:EXACT_PER_POINT], tally)
    return None


def schedule_end(problem: Problem) -> dict[str, int]:
    return problem.all_sizes()[-1]


def spread(envs: list[Env], rng: Random) -> list[Env]:
    """At most PER_POINT assignments, every pattern of equal indices first."""
    rng.shuffle(envs)
    kinds: dict[tuple[int, ...], int] = {}
    ranked = []
    for env in envs:
        places = list(env.values())
        kind = tuple(places.index(p) for p in places)
        kinds[kind] = kinds.get(kind, -1) + 1
        ranked.append((kinds[kind], len(ranked), env))
    return [env for _, _, env in sorted(ranked, key=lambda r: r[:2])[:PER_POINT]]


def sides(problem: Problem, at: Machine, env: Env) -> tuple[Any, Any]:
    return primal(at.value(problem.left, dict(env))), primal(at.value(problem.right, dict(env)))


def compare(problem: Problem, at: Machine, env: Env) -> bool | None:
    """Whether the sides agree; None where one is undefined or rounding leaves it open."""
    try:
        gap, scale = difference(problem, at, env)
        if gap <= 1e-35 * scale:
            return True
        sharp = machine(problem, at.point, 110, at.world.ties)
        finer, scale = difference(problem, sharp, env)
    except (Undefined, OverflowError, ZeroDivisionError):
        return None
    if finer <= max(1e-30 * gap, 1e-70 * scale):
        return True
    return False if abs(finer - gap) <= 1e-6 * finer else None


def difference(problem: Problem, at: Machine, env: Env) -> tuple[float, float]:
    left, right = sides(problem, at, env)
    ctx = at.ring.ctx  # type: ignore[attr-defined]  # machine() always has the reals
    gap = abs(at.add(left, at.mul(-1, right)))
    return ctx.mpf(at.ring.lift(gap)), max(abs(at.ring.lift(left)), abs(at.ring.lift(right)))


def confirm(problem: Problem, point: Point, envs: list[Env], tally: Tally) -> None:
    """Compare in the prime fields; a node they lack, or a sign they lose, leaves it to the reals."""
    rules = {**problem.given.definitions, **problem.world.pinned}
    levels = max(levels_needed(t, rules) for t in (problem.left, problem.right))
    at = Machine(Modular(levels), problem.world, point)
    for env in envs:
        try:
            left, right = sides(problem, at, env)
        except NotCovered:
            tally.covered = False
            return
        both = [a == b for a, b in zip(left, right, strict=True) if None not in (a, b)]
        tally.covered &= all(both)
        tally.exact += bool(both)


def counterexample(
    left: Tree, right: Tree, given: Mapping[str, Any], largest: int = 3
) -> Counterexample | None:
    """The smallest place, sizes up to `largest`, at which the sides differ; None if none is found."""
    return search(Problem(left, right, read_given(given)), largest)


def search(problem: Problem, largest: int) -> Counterexample | None:
    rng = Random(1)
    for sizes in problem.all_sizes(largest):
        every = problem.assignments(sizes)
        for point in candidates(problem, sizes, every, rng):
            at = machine(problem, point, ties=False)
            for env in every:
                if point.fixed.items() <= env.items() and compare(problem, at, env) is False:
                    return shown(problem, point, env)
    return None


def candidates(
    problem: Problem, sizes: dict[str, int], envs: list[Env], rng: Random
) -> Iterator[Point]:
    """Simple points, then random ones, for every value of the indices that facts fix."""
    kinds = {tuple(env[i] for i in problem.fixed) for env in envs}
    for kind in sorted(kinds):
        fixed = dict(zip(problem.fixed, kind, strict=True))
        yield from simple_points(problem, sizes, fixed, rng)
        drawn = (draw(problem, sizes, fixed, rng, mode) for mode in (0, 1, 2))
        yield from (point for point in drawn if point is not None)


def text(at: Machine, value: Any) -> str:
    """An exact number as it is, any other to 15 digits."""
    if isinstance(value, (int, Fraction)):
        return str(value)
    return str(at.ring.ctx.nstr(value, 15))  # type: ignore[attr-defined]  # as above


def nested(lengths: list[int], pick: Any, places: tuple[int, ...] = ()) -> Any:
    """Lists nested as an array is indexed, of pick(places)."""
    if not lengths:
        return pick(places)
    return [nested(lengths[1:], pick, (*places, k)) for k in range(1, lengths[0] + 1)]


def shown(problem: Problem, point: Point, env: Env) -> Counterexample:
    """The counterexample as plain data."""
    at, sizes = machine(problem, point), dict(point.sizes)
    arrays = {}
    for name in sorted([*problem.inputs, *problem.heads]):
        lengths = [problem.length(r, sizes) for r in problem.given.arrays[name].ranges]
        arrays[name] = nested(lengths, lambda places, name=name: text(at, at.element(name, places)))
    left, right = sides(problem, at, env)
    return Counterexample(sizes, dict(env), arrays, text(at, left), text(at, right))


def values(
    left: Tree, right: Tree, given: Mapping[str, Any], at: Counterexample, digits: int = 50
) -> tuple[str, str]:
    """Both sides evaluated anew at the exact elements that a counterexample states."""
    problem = Problem(left, right, read_given(given))
    elements = {}
    for name in problem.inputs:
        lengths = [problem.length(r, dict(at.sizes)) for r in problem.given.arrays[name].ranges]
        for places in grid(lengths):
            entry = at.arrays[name]
            for p in places:
                entry = entry[p - 1]
            elements[name, places] = Fraction(entry)
    fixed = {i: at.indices[i] for i in problem.fixed}
    engine = machine(problem, Point(at.sizes, fixed, elements), digits)
    try:
        pair = sides(problem, engine, dict(at.indices))
    except Undefined as why:
        raise WitnessError(f"a side is not defined {at}: {why}") from why
    return text(engine, pair[0]), text(engine, pair[1])


__all__ = ["Counterexample", "Verdict", "counterexample", "equal", "replace", "values"]
