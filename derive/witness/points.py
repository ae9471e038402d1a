"""The question whether two trees are equal, made ready, and points at which to ask it.

A fact whose one side is an element over distinct indices (`y_i = δ_it`) gives that array its
elements; its other indices (t) keep one value for the whole point.  Any other fact holds for all
values of its indices: it is solved for elements it is affine in, in exact arithmetic, and then
everything is verified, domains included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from random import Random
from typing import Any

from derive.witness.dual import NotCovered, Undefined, primal
from derive.witness.evaluate import MOST_TERMS, Element, Env, Machine, Point, World
from derive.witness.modular import levels_needed
from derive.witness.real import Reals
from derive.witness.record import (
    BIGGEST,
    Definition,
    Fact,
    Given,
    Tree,
    arrays_of,
    check_tree,
    demand,
    free_indices,
    parts,
    reachable,
    subtrees,
)  # fmt: skip

Sizes = dict[str, int]
SIMPLE = {
    "real": "0 1 -1 2 1/2", "integer": "0 1 -1 2 3", "positive": "1 2 1/2 3", "unit": "0 1 1/2 1/4",
    "nonnegative": "0 1 2 1/2", "sign": "1 -1", "binary": "0 1",
}  # fmt: skip
WITHIN: dict[str, Callable[[Any], bool]] = {
    "real": lambda x: True, "positive": lambda x: x > 0, "nonnegative": lambda x: x >= 0,
    "unit": lambda x: 0 <= x <= 1, "sign": lambda x: x in (-1, 1), "binary": lambda x: x in (0, 1),
    "integer": lambda x: x == int(x),
}  # fmt: skip
TRIES, FIRST, LATER = 40, 64, 24


def grid(lengths: list[int]) -> Iterator[tuple[int, ...]]:
    """All tuples of positions."""
    if prod(lengths) > MOST_TERMS:
        raise NotCovered(f"more than {MOST_TERMS} values of the indices to evaluate")
    return product(*(range(1, n + 1) for n in lengths))


@dataclass(frozen=True)
class Problem:
    """left = right, and all that is given, checked."""

    left: Tree
    right: Tree
    given: Given
    sides: tuple[str, str] = ("left", "right")

    def __post_init__(self) -> None:
        check_tree(self.left, self.given, self.sides[0])
        check_tree(self.right, self.given, self.sides[1])
        largest = max(self.least.values(), default=1)
        demand(largest <= BIGGEST, "sizes", f"{largest} is too large to evaluate (over {BIGGEST})")

    @cached_property
    def heads(self) -> dict[str, Definition]:
        """The facts that say what the elements of an array are, by their names."""
        found: dict[str, Definition] = {}
        needs = {d.array: arrays_of(d.body) for d in self.given.definitions.values()}
        for fact in self.given.facts:
            for head, body in ((fact.left, fact.right), (fact.right, fact.left)):
                places = tuple(p for p in head[2:] if isinstance(p, str))
                plain = head[0] == "at" and len(set(places)) == len(head) - 2
                if plain and head[1] not in needs.keys() | reachable(arrays_of(body), needs):
                    found[fact.name] = Definition(head[1], places, body)
                    needs[head[1]] = arrays_of(body)
                    break
        return found

    @cached_property
    def equations(self) -> list[Fact]:
        """The other facts."""
        return [f for f in self.given.facts if f.name not in self.heads]

    @cached_property
    def trees(self) -> list[Tree]:
        """The sides, the facts, and every body they reach."""
        made = [self.left, self.right, *(t for f in self.given.facts for t in (f.left, f.right))]
        rules = self.given.definitions
        needs = {name: arrays_of(d.body) for name, d in rules.items()}
        used = reachable(frozenset[str]().union(*map(arrays_of, made)), needs)
        return made + [rules[name].body for name in sorted(used & rules.keys())]

    @cached_property
    def world(self) -> World:
        """What the evaluator needs to know."""
        rules, pinned = self.given.definitions, {d.array: d for d in self.heads.values()}
        asked = [self.left, self.right, *(d.body for d in rules.values())]
        kinks = any(t[0] in ("deriv", "sign", "step") for tree in asked for t in subtrees(tree))
        return World(self.given.indices, rules, pinned, kinks)

    @cached_property
    def piecewise(self) -> bool:
        """Whether agreement in one region says nothing about another."""
        pieces = ("max", "largest", "maximum", "sign", "step", "abs", "relu", "cases")
        return any(t[0] in pieces for tree in self.trees for t in subtrees(tree))

    @cached_property
    def ties(self) -> tuple[bool, ...]:
        """How to look for a counterexample: without ties of a maximum first, if there is one."""
        peaks = ("max", "largest", "maximum")
        tied = any(t[0] in peaks for tree in self.trees for t in subtrees(tree))
        return (False, True) if tied else (True,)

    @cached_property
    def inputs(self) -> list[str]:
        """The arrays that a point must give."""
        used = frozenset[str]().union(*map(arrays_of, self.trees))
        return sorted(used - self.given.definitions.keys() - self.world.pinned.keys())

    @cached_property
    def fixed(self) -> list[str]:
        """The indices that a definition or a defining fact leaves open, as t in L := -log p_t."""
        used = frozenset[str]().union(*map(arrays_of, self.trees))
        rules = [r for r in self.given.definitions.values() if r.array in used]
        every = [*rules, *self.heads.values()]
        return sorted({i for r in every for i in free_indices(r.body) - set(r.indices)})

    @cached_property
    def free(self) -> list[str]:
        """Every index that an assignment gives a value."""
        named = {p for pair in self.given.equal + self.given.distinct for p in pair}
        loose = free_indices(self.left) | free_indices(self.right)
        return sorted({p for p in named if isinstance(p, str)} | set(self.fixed) | loose)

    @cached_property
    def least(self) -> Sizes:
        """The ranges in use, each with the smallest size that the positions in it allow."""
        low = {self.given.indices[i]: 1 for i in self.free}
        for tree in (t for top in self.trees for t in subtrees(top)):
            _, positions, bound = parts(tree)
            named = [*positions, *([] if bound is None else [bound])]
            ranges = {self.given.indices[p] for p in named if isinstance(p, str)}
            pairs = [(r, p) for r in ranges for p in positions or (1,)]
            if tree[0] == "at":
                pairs = list(zip(self.given.arrays[tree[1]].ranges, positions, strict=True))
            for r, p in [*pairs, *([(tree[1], 1)] if tree[0] == "size" else [])]:
                low[r] = max(low.get(r, 1), p if isinstance(p, int) else 1)
        return {r: max(n, int(r)) if r.isdigit() else n for r, n in sorted(low.items())}

    @cached_property
    def levels(self) -> int:
        """How many levels of the prime fields the sides need."""
        known: dict[str, int] = {}
        rules = {**self.given.definitions, **self.world.pinned}
        return max(levels_needed(side, rules, known) for side in (self.left, self.right))

    def all_sizes(self, largest: int = 3) -> list[Sizes]:
        """Every choice of sizes, in increasing total."""
        tops = [n if r.isdigit() else max(n, largest) for r, n in self.least.items()]
        low = self.least.values()
        choices = grid([top + 1 - n for n, top in zip(low, tops, strict=True)])
        made = [
            {r: n + c - 1 for (r, n), c in zip(self.least.items(), choice, strict=True)}
            for choice in choices
        ]
        return sorted(made, key=lambda sizes: sum(sizes.values()))

    def assignments(self, sizes: Sizes, names: list[str] | None = None) -> list[Env]:
        """Every value of the free indices that `equal` and `distinct` allow, or of those named."""
        keys = self.free if names is None else names
        every = grid([sizes[self.given.indices[i]] for i in keys])
        envs = [dict(zip(keys, places, strict=True)) for places in every]
        return [env for env in envs if names is not None or self.allowed(env)]

    def allowed(self, env: dict[Any, int]) -> bool:
        """Whether an assignment respects `equal` and `distinct`."""
        equal = all(env.get(a, a) == env.get(b, b) for a, b in self.given.equal)
        return equal and all(env.get(a, a) != env.get(b, b) for a, b in self.given.distinct)

    def elements(self, names: list[str], sizes: Sizes) -> list[Element]:
        """Every element of the arrays named."""
        ranges = {name: self.given.arrays[name].ranges for name in names}
        return [(a, e) for a in names for e in grid([sizes.get(r) or int(r) for r in ranges[a]])]

    def domain(self, element: Element) -> str:
        """The domain an element lies in."""
        return self.given.arrays[element[0]].domain


def simple_points(problem: Problem, sizes: Sizes, fixed: Env, rng: Random) -> Iterator[Point]:
    """Points of simple exact elements: the two simplest values everywhere first."""
    slots = problem.elements(problem.inputs, sizes)
    options = [SIMPLE[problem.domain(s)].split() for s in slots]
    if 2 ** len(slots) <= FIRST:
        first = sorted(product(*(o[:2] for o in options)), key=lambda c: sum(map(Fraction, c)))
    else:
        first = [tuple(rng.choice(o[:2]) for o in options) for _ in range(LATER)]
    later = [tuple(map(rng.choice, options)) for _ in range(LATER if slots else 0)]
    for choice in (*first, *later):
        values = dict(zip(slots, map(Fraction, choice), strict=True))
        point = satisfy(problem, Point(sizes, fixed, values))
        if point is not None:
            yield point


def draw(problem: Problem, sizes: Sizes, fixed: Env, rng: Random, mode: int) -> Point | None:
    """A random point where all facts hold, or None."""
    slots = problem.elements(problem.inputs, sizes)
    for _ in range(TRIES if problem.given.facts else 1):
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
        return Fraction(rng.randint(2, 16), 8) ** 2  # squares, for the prime fields
    return Fraction(rng.choice((-200, 200)) if mode == 0 else rng.randint(-600, 600), 200)


def machine(problem: Problem, point: Point, digits: int = 50, ties: bool = True) -> Machine:
    """The real evaluator at a point; with more than 50 digits it watches for cancellation."""
    ring = Reals(digits, problem.world.kinks_matter, digits > 50)
    return Machine(ring, problem.world if ties else replace(problem.world, ties=False), point)


def satisfy(problem: Problem, point: Point) -> Point | None:
    """The point changed so that the facts hold, or None."""
    try:
        solved: set[Element] = set()
        for fact, env in instances(problem, point):
            point = solve(problem, fact, env, point, solved)
        return point if holds(problem, point) else None
    except (Undefined, OverflowError):
        return None


def instances(problem: Problem, point: Point) -> list[tuple[Fact, Env]]:
    """Every equation with every value of its indices."""
    made = []
    for fact in problem.equations:
        names = sorted(free_indices(fact.left) | free_indices(fact.right))
        made += [(fact, env) for env in problem.assignments(dict(point.sizes), names)]
    return made


def gap(problem: Problem, fact: Fact, env: Env, point: Point) -> tuple[Any, set[Element]]:
    """left - right of a fact, and the elements that it read."""
    at = machine(problem, point)
    return primal(at.sub(at.value(fact.left, env), at.value(fact.right, env))), at.read


def solve(problem: Problem, fact: Fact, env: Env, point: Point, solved: set[Element]) -> Point:
    """The point with one instance of a fact solved for the last element it is affine in."""
    miss, read = gap(problem, fact, env, point)
    for element in sorted(read - solved, reverse=True) if abs(miss) > 1e-30 else ():
        here = point.elements[element]
        tries = [replace(point, elements={**point.elements, element: here + d}) for d in (1, 2)]
        one, two = (gap(problem, fact, env, t)[0] for t in tries)
        slope = one - miss
        if isinstance(slope, (int, Fraction)) and slope and two - one == slope:
            solved.add(element)
            better = here - miss / Fraction(slope)
            return replace(point, elements={**point.elements, element: better})
    return point


def holds(problem: Problem, point: Point) -> bool:
    """Whether every fact holds and every element lies in its domain."""
    at = machine(problem, point)
    every = problem.elements([*problem.inputs, *problem.world.pinned], dict(point.sizes))
    if not all(WITHIN[problem.domain(e)](at.element(*e)) for e in every):
        return False
    return all(abs(gap(problem, f, env, point)[0]) < 1e-30 for f, env in instances(problem, point))
