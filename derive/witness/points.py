"""The question whether two trees are equal, and points at which to ask it.

A fact whose one side is an element over distinct indices (`y_i = δ_it`) gives that array its
elements; its other indices (t) keep one value for the whole point.  Any other fact holds for all
values of its indices: it is solved for elements it is affine in, and then everything is verified.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from random import Random
from typing import Any

from derive.witness.evaluate import MOST_TERMS, Element, Env, Machine, Point
from derive.witness.real import Reals, exact
from derive.witness.record import DOMAINS, Fact, Given, Node, Rule, reach, read
from derive.witness.ring import NotCovered, Undefined

Sizes = dict[str, int]
TRIES, FEW, SIMPLE, TIES, SIGNED, SMALL = 40, 6, "simple", "ties", "signed", "small"


def grid(choices: list[range]) -> Iterator[tuple[int, ...]]:
    """All tuples, if there are not too many."""
    if prod(map(len, choices)) > MOST_TERMS:
        raise NotCovered(f"more than {MOST_TERMS} values of the indices to evaluate")
    return product(*choices)


@dataclass(frozen=True)
class Problem:
    """left = right, from what is given; `rules` and `equations` are what its facts amount to."""

    left: Node
    right: Node
    given: Given
    rules: dict[str, Rule]
    equations: list[Fact]

    @cached_property
    def nodes(self) -> list[Node]:
        """All nodes of the sides, the facts, and every body they reach."""
        trees = [self.left, self.right, *(t for f in self.given.facts for t in (f.left, f.right))]
        used = reach(trees, self.rules) & self.rules.keys()
        return [n for t in (*trees, *(self.rules[a].body for a in used)) for n in t.walk()]

    @cached_property
    def arrays(self) -> list[str]:
        """The arrays of all nodes."""
        return sorted({n.name for n in self.nodes if n.head == "at"})

    @cached_property
    def fixed(self) -> list[str]:
        """The indices that a rule leaves open, as t in L := -log p_t."""
        rules = [self.rules[a] for a in self.arrays if a in self.rules]
        return sorted({i for r in rules for i in r.body.free - set(r.indices)})

    @cached_property
    def free(self) -> list[str]:
        """Every index that an assignment gives a value."""
        named = {p for pair in (*self.given.equal, *self.given.distinct) for p in pair}
        loose = self.left.free | self.right.free | set(self.fixed)
        return sorted(loose | {p for p in named if isinstance(p, str)})

    def has(self, *heads: str) -> bool:
        """Whether any of these nodes occurs."""
        return any(n.head in heads for n in self.nodes)

    @cached_property
    def kinks(self) -> bool:
        """Whether a point where sign is 0 is no point to compare at."""
        return self.has("deriv", "sign", "step")

    def sizes(self, largest: int = 3) -> list[Sizes]:
        """Every choice of sizes, in increasing total."""
        least = {self.given.indices[i]: 1 for i in self.free}
        for r, n in (span for node in self.nodes for span in node.spans):
            least[r] = max(least.get(r, 1), n)
        spans = [
            range(int(r), int(r) + 1) if r.isdecimal() else range(n, max(n, largest) + 1)
            for r, n in sorted(least.items())
        ]
        made = [dict(zip(sorted(least), choice, strict=True)) for choice in grid(spans)]
        return sorted(made, key=lambda sizes: sum(sizes.values()))

    def every(self, names: list[str], sizes: Sizes) -> list[Env]:
        """Every value of these indices."""
        spans = [range(1, sizes[self.given.indices[i]] + 1) for i in names]
        return [dict(zip(names, choice, strict=True)) for choice in grid(spans)]

    def assignments(self, sizes: Sizes) -> list[Env]:
        """Every value of the free indices that `equal` and `distinct` allow."""
        equal, distinct = self.given.equal, self.given.distinct
        return [
            env
            for env in self.every(self.free, sizes)
            if all(env.get(a, a) == env.get(b, b) for a, b in equal)
            and all(env.get(a, a) != env.get(b, b) for a, b in distinct)
        ]

    def elements(self, sizes: Sizes) -> dict[Element, str]:
        """Every element that is given or pinned, with its domain."""
        names = [a for a in self.arrays if a not in self.rules or self.rules[a].pinned]
        arrays = {a: self.given.arrays[a] for a in names}
        return {
            (name, places): array.domain
            for name, array in arrays.items()
            for places in grid([range(1, sizes[r] + 1) for r in array.ranges])
        }

    def machine(self, point: Point, digits: int = 50) -> Machine:
        """The real evaluator at a point."""
        return Machine(Reals(digits, self.kinks), self.rules, point)


def pose(left: Any, right: Any, given: Given, where: str = "") -> Problem:
    """The question whether two JSON trees are equal."""
    rules, equations = dict(given.rules), []
    for fact in given.facts:
        for head, body in ((fact.left, fact.right), (fact.right, fact.left)):
            if head.plain and head.name not in rules.keys() | reach([body], rules):
                rules[head.name] = Rule(head.places, body, True)
                break
        else:
            equations.append(fact)
    sides = read(left, given, f"{where}left"), read(right, given, f"{where}right")
    return Problem(*sides, given, rules, equations)


def candidates(problem: Problem, sizes: Sizes, fixed: Env, rng: Random) -> Iterator[Point]:
    """Points to look for a counterexample at, the simplest first."""
    slots = {e: d for e, d in problem.elements(sizes).items() if e[0] not in problem.rules}
    simple = [DOMAINS[d][0].split()[:2] for d in slots.values()]
    first = product(*simple) if len(simple) <= FEW else ()
    for choice in sorted(first, key=lambda c: sum(map(Fraction, c))):
        values = dict(zip(slots, map(Fraction, choice), strict=True))
        yield from satisfy(problem, Point(sizes, fixed, values))
    for mode in [SIMPLE] * 48 + [SIGNED, TIES, SMALL, TIES] * 4 if slots else ():
        yield from draw(problem, sizes, fixed, rng, mode)


def draw(problem: Problem, sizes: Sizes, fixed: Env, rng: Random, mode: str) -> list[Point]:
    """A random point where all facts hold, or none."""
    slots = [(e, d) for e, d in problem.elements(sizes).items() if e[0] not in problem.rules]
    for _ in range(TRIES if problem.given.facts else 1):
        shrink = rng.choice((1, max([1, *sizes.values()])))
        values = {element: sample(domain, rng, mode, shrink) for element, domain in slots}
        found = satisfy(problem, Point(sizes, fixed, values))
        if found:
            return found
    return []


def sample(domain: str, rng: Random, mode: str, shrink: int) -> Fraction:
    """A random element: simple, with many ties, of either sign, or between 0 and 1."""
    if mode == SIMPLE or domain in ("sign", "binary", "integer"):
        return Fraction(rng.choice(DOMAINS[domain][0].split()))
    if domain == "unit" or mode == SMALL:
        return Fraction(rng.randint(1, 199), 200 * shrink)
    if domain in ("positive", "nonnegative"):
        return Fraction(rng.randint(2, 16), 8) ** 2  # squares, for the prime fields
    return Fraction(rng.choice((-1, 1)) if mode == TIES else rng.randint(-600, 600), 200)


def satisfy(problem: Problem, point: Point) -> list[Point]:
    """The point, changed so that the facts hold; none if it cannot be."""
    sizes, solved = dict(point.sizes), set[Element]()
    names = [(f, sorted(f.left.free | f.right.free)) for f in problem.equations]
    instances = [(f, env) for f, free in names for env in problem.every(free, sizes)]
    try:
        for fact, env in instances:
            point = solve(problem, fact, env, point, solved)
        at, elements = problem.machine(point), problem.elements(sizes).items()
        good = all(DOMAINS[domain][1](at.element(e, ())) for e, domain in elements)
        return [point] if good and all(abs(miss(f, at, env)) < 1e-30 for f, env in instances) else []
    except (Undefined, OverflowError):
        return []


def miss(fact: Fact, at: Machine, env: Env) -> Any:
    """left - right of a fact."""
    return at.ring.add(at.value(fact.left, env), at.ring.mul(-1, at.value(fact.right, env)))


def solve(
    problem: Problem, fact: Fact, env: Env, point: Point, solved: set[Element]
) -> Point:
    """The point with one instance of a fact solved for the last element it is affine in."""
    at = problem.machine(point)
    gap = miss(fact, at, env)
    for element in sorted(at.read - solved, reverse=True) if abs(gap) > 1e-30 else ():
        def moved(by: Any, element: Element = element) -> Point:
            value = point.elements[element] + by
            return replace(point, elements={**point.elements, element: value})

        slope = miss(fact, problem.machine(moved(1)), env) - gap
        if exact(slope) and slope:
            better = moved(-gap / Fraction(slope))
            if miss(fact, problem.machine(better), env) == 0:
                solved.add(element)
                return better
    return point
