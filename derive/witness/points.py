"""The question whether two trees are equal, made ready, and points at which to ask it.

A fact whose one side is an element over distinct indices (`y_i = δ_it`) gives that array its
elements; its other indices (t) keep one value for the whole point.  Any other fact holds for all
values of its indices: it is solved for elements it is affine in, in exact arithmetic, and then
everything is verified, domains included.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from random import Random
from typing import Any

from derive.witness.evaluate import Element, Env, Machine, Point, Undefined, World, grid, primal
from derive.witness.real import Reals
from derive.witness.record import (
    BIGGEST, Definition, Fact, Given, Position, Tree, WitnessError, arrays_of, check_tree,
    free_indices, parts, reachable, subtrees,
)  # fmt: skip

SIMPLE = {
    "real": "0 1 -1 2 1/2", "integer": "0 1 -1 2 3", "positive": "1 2 1/2 3", "unit": "0 1 1/2 1/4",
    "nonnegative": "0 1 2 1/2", "sign": "1 -1", "binary": "0 1",
}  # fmt: skip
ORDERED = frozenset(("deriv", "sign", "step"))


def in_domain(x: Any, domain: str) -> bool:
    """Whether a real number lies in the domain."""
    if domain in ("real", "positive", "nonnegative"):
        return bool(domain == "real" or x > 0 or (x == 0 and domain == "nonnegative"))
    if domain == "unit":
        return bool(0 <= x <= 1)
    return bool(x == int(x) if domain == "integer" else x in ((0, 1) if domain == "binary" else (-1, 1)))


@dataclass(frozen=True)
class Problem:
    """left = right, and all that is given, checked."""

    left: Tree
    right: Tree
    given: Given

    def __post_init__(self) -> None:
        for side, tree in (("left", self.left), ("right", self.right)):
            check_tree(tree, self.given, side)

    @cached_property
    def heads(self) -> dict[str, tuple[Fact, Definition]]:
        """The facts that say what the elements of an array are."""
        found: dict[str, tuple[Fact, Definition]] = {}
        needs = {d.array: arrays_of(d.body) for d in self.given.definitions.values()}
        for fact in self.given.facts:
            for head, body in ((fact.left, fact.right), (fact.right, fact.left)):
                if head[0] != "at" or head[1] in needs:
                    continue
                places = tuple(p for p in head[2:] if isinstance(p, str))
                circle = head[1] in reachable(arrays_of(body), needs)
                if not circle and len(set(places)) == len(head) - 2:
                    found[head[1]] = fact, Definition(head[1], places, body)
                    needs[head[1]] = arrays_of(body)
                    break
        return found

    @cached_property
    def equations(self) -> list[Fact]:
        defining = [fact for fact, _ in self.heads.values()]
        return [f for f in self.given.facts if f not in defining]

    @cached_property
    def trees(self) -> list[Tree]:
        """The sides, the facts, and every body they reach."""
        sides = [t for f in self.given.facts for t in (f.left, f.right)]
        rules = self.given.definitions
        needs = {d.array: arrays_of(d.body) for d in rules.values()}
        start = frozenset[str]().union(*map(arrays_of, [self.left, self.right, *sides]))
        bodies = [rules[a].body for a in sorted(reachable(start, needs)) if a in rules]
        return [self.left, self.right, *sides, *bodies]

    @cached_property
    def world(self) -> World:
        pinned = {name: rule for name, (_, rule) in self.heads.items()}
        inside = [t for t in self.trees if t is self.left or t is self.right] + [
            d.body for d in self.given.definitions.values()
        ]
        kinks = any(t[0] in ORDERED for tree in inside for t in subtrees(tree))
        return World(self.given.indices, self.given.definitions, pinned, kinks)

    @cached_property
    def inputs(self) -> list[str]:
        """The arrays that a point must give."""
        used = frozenset[str]().union(*map(arrays_of, self.trees))
        return sorted(used - self.given.definitions.keys() - self.heads.keys())

    @cached_property
    def fixed(self) -> list[str]:
        """The indices that a defining fact leaves open."""
        rules = self.world.pinned.values()
        return sorted({i for r in rules for i in free_indices(r.body) - set(r.indices)})

    @cached_property
    def free(self) -> list[str]:
        """Every index that a point's assignment gives a value."""
        pairs = [p for pair in self.given.equal + self.given.distinct for p in pair]
        named = {p for p in pairs if isinstance(p, str)}
        return sorted(named | set(self.fixed) | free_indices(self.left) | free_indices(self.right))

    @cached_property
    def least(self) -> dict[str, int]:
        """The ranges in use, each with the smallest size that its literal positions allow."""
        used = {self.given.indices[i]: 1 for i in self.free}
        for tree in (t for top in self.trees for t in subtrees(top)):
            for r, p in self.places(tree):
                used[r] = max(used.get(r, 1), p if isinstance(p, int) else 1)
        for name in self.inputs + sorted(self.heads):
            for r in self.given.arrays[name].ranges:
                used.setdefault(r, 1)
        if max(used.values(), default=1) > BIGGEST:
            raise WitnessError(f"a position is larger than {BIGGEST}: too large to evaluate")
        return {r: least for r, least in sorted(used.items()) if not r.isdigit()}

    def places(self, tree: Tree) -> list[tuple[str, Position]]:
        """The positions of a node with the ranges they run over."""
        if tree[0] == "at":
            return list(zip(self.given.arrays[tree[1]].ranges, tree[2:], strict=True))
        if tree[0] == "size":
            return [(tree[1], 1)]
        inner = parts(tree)
        names = [*(p for p in inner.positions if isinstance(p, str)), *([inner.bound] * (inner.bound is not None))]
        here = [self.given.indices[i] for i in names]
        return [(r, p) for r in here for p in inner.positions or (1,)]

    def all_sizes(self, largest: int = 3) -> list[dict[str, int]]:
        """Every choice of sizes, in increasing total."""
        options = [range(low, max(low, largest) + 1) for low in self.least.values()]
        made = [dict(zip(self.least, choice, strict=True)) for choice in product(*options)]
        return sorted(made, key=lambda sizes: sum(sizes.values()))

    def length(self, name: str, sizes: dict[str, int]) -> int:
        return int(name) if name.isdigit() else sizes[name]

    def assignments(self, sizes: dict[str, int]) -> list[Env]:
        """Every value of the free indices that `equal` and `distinct` allow."""
        lengths = [self.length(self.given.indices[i], sizes) for i in self.free]
        every = (dict(zip(self.free, places, strict=True)) for places in grid(lengths))
        return [env for env in every if self.allowed(env)]

    def allowed(self, env: Env) -> bool:
        at = lambda p: env[p] if isinstance(p, str) else p  # noqa: E731
        return all(at(a) == at(b) for a, b in self.given.equal) and all(
            at(a) != at(b) for a, b in self.given.distinct
        )

    def slots(self, sizes: dict[str, int]) -> list[Element]:
        """Every element that a point must give."""
        made = []
        for name in self.inputs:
            lengths = [self.length(r, sizes) for r in self.given.arrays[name].ranges]
            made += [(name, places) for places in grid(lengths)]
        return made

    def domain(self, element: Element) -> str:
        return self.given.arrays[element[0]].domain


def simple_points(problem: Problem, sizes: dict[str, int], fixed: Env, rng: Random) -> Iterator[Point]:
    """Points of simple exact elements: the two simplest values everywhere first."""
    slots = problem.slots(sizes)
    options = [SIMPLE[problem.domain(s)].split() for s in slots]
    if len(slots) <= 6:
        firsts = sorted(product(*(range(min(2, len(o))) for o in options)), key=sum)
    else:
        firsts = [tuple(rng.randrange(2) for _ in slots) for _ in range(48)]
    later = [tuple(rng.randrange(len(o)) for o in options) for _ in range(48 if slots else 0)]
    for choice in (*firsts, *later):
        values = [Fraction(o[c]) for o, c in zip(options, choice, strict=True)]
        point = satisfy(problem, Point(sizes, fixed, dict(zip(slots, values, strict=True))))
        if point is not None:
            yield point


def draw(problem: Problem, sizes: dict[str, int], fixed: Env, rng: Random, mode: int) -> Point | None:
    """A random point where all facts hold, or None."""
    slots = problem.slots(sizes)
    for _ in range(40 if problem.equations or problem.heads else 1):
        shrink = rng.choice((1, max([1, *sizes.values()])))
        values = {s: sample(problem.domain(s), rng, mode, shrink) for s in slots}
        point = satisfy(problem, Point(sizes, fixed, values))
        if point is not None:
            return point
    return None


def sample(domain: str, rng: Random, mode: int, shrink: int) -> Fraction:
    """A random element: mode 0 many ties, 1 of either sign, 2 between 0 and 1."""
    if domain in ("sign", "binary", "integer"):
        return Fraction(rng.choice(SIMPLE[domain].split()))
    if domain == "unit" or mode == 2:
        return Fraction(rng.randint(1, 199), 200 * shrink)
    if domain in ("positive", "nonnegative"):
        return Fraction(rng.randint(2, 40), 16 if mode else 8) ** 2
    return Fraction(rng.choice((-2, -1, -1, 1, 1, 2, 3)), 2) if mode == 0 else Fraction(rng.randint(-600, 600), 200)


def satisfy(problem: Problem, point: Point) -> Point | None:
    """The point changed so that the facts hold, or None."""
    try:
        solved: set[Element] = set()
        for fact in problem.equations:
            for env in fact_instances(problem, fact, point):
                found = solve(problem, fact, env, point, solved)
                if found is None:
                    return None
                point = found
        return point if holds(problem, point) else None
    except Undefined:
        return None


def fact_instances(problem: Problem, fact: Fact, point: Point) -> list[Env]:
    names = sorted(free_indices(fact.left) | free_indices(fact.right))
    lengths = [problem.length(problem.given.indices[i], dict(point.sizes)) for i in names]
    return [dict(zip(names, places, strict=True)) for places in grid(lengths)]


def machine(problem: Problem, point: Point, digits: int = 50, ties: bool = True) -> Machine:
    """The real evaluator at a point."""
    world = problem.world if ties else replace(problem.world, ties=False)
    return Machine(Reals(digits, world.kinks_matter), world, point)


def gap(problem: Problem, fact: Fact, env: Env, point: Point) -> tuple[Any, set[Element]]:
    """left - right of a fact, and the elements that it read."""
    at = machine(problem, point)
    left, right = at.value(fact.left, dict(env)), at.value(fact.right, dict(env))
    return at.add(primal(left), at.mul(-1, primal(right))), at.read


def solve(problem: Problem, fact: Fact, env: Env, point: Point, solved: set[Element]) -> Point | None:
    """One instance of a fact, solved for the last element in which it is affine."""
    miss, read = gap(problem, fact, env, point)
    if abs(miss) < 1e-30:
        return point
    for element in sorted(read - solved, reverse=True):
        here = point.elements[element]
        tries = [replace(point, elements={**point.elements, element: here + d}) for d in (1, 2)]
        one, two = (gap(problem, fact, env, t)[0] for t in tries)
        slope = one - miss
        if isinstance(slope, (int, Fraction)) and slope and two - one == slope:
            solved.add(element)
            return replace(point, elements={**point.elements, element: here - miss / Fraction(slope)})
    return point


def holds(problem: Problem, point: Point) -> bool:
    """Whether every fact holds and every element lies in its domain."""
    at = machine(problem, point)
    sizes = dict(point.sizes)
    if not all(in_domain(v, problem.domain(e)) for e, v in point.elements.items()):
        return False
    for name in problem.heads:
        array = problem.given.arrays[name]
        elements = grid([problem.length(r, sizes) for r in array.ranges])
        if not all(in_domain(at.element(name, e), array.domain) for e in elements):
            return False
    every = ((f, env) for f in problem.equations for env in fact_instances(problem, f, point))
    return all(abs(gap(problem, f, env, point)[0]) < 1e-30 for f, env in every)
