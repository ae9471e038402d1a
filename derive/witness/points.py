"""The question whether two trees are equal, and points at which to ask it.

A fact whose one side is an element over distinct indices (`y_i = δ_it`) gives that array its
elements; its other indices (t) keep one value for the whole point.  Any other fact holds for all
values of its indices: it is solved for elements it is affine in, and then everything is verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from math import prod
from random import Random
from typing import Any

from derive.witness.dual import NotCovered, Undefined
from derive.witness.evaluate import MOST_TERMS, Element, Env, Machine, Point
from derive.witness.real import Reals, exact
from derive.witness.record import DOMAINS, Fact, Given, Node, Rule, reach, read

Sizes = dict[str, int]
TRIES, SIMPLE, TIES, SIGNED, SMALL = 40, "simple", "ties", "signed", "small"
PIECES = {"max", "largest", "maximum", "sign", "step", "abs", "relu", "cases"}


def grid(spans: Iterable[range]) -> Iterator[tuple[int, ...]]:
    """All tuples, if there are not too many."""
    spans = list(spans)
    if prod(map(len, spans)) > MOST_TERMS:
        raise NotCovered(f"more than {MOST_TERMS} values of the indices to evaluate")
    return product(*spans)


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
        trees = [self.left, self.right, *(t for f in self.given.facts for t in f[1:])]
        used = sorted(reach(trees, self.rules) & self.rules.keys())
        return [n for t in (*trees, *(self.rules[a].body for a in used)) for n in t.walk()]

    @cached_property
    def arrays(self) -> list[str]:
        """The arrays in use."""
        return sorted({n.name for n in self.nodes if n.head == "at"})

    @cached_property
    def heads(self) -> set[str]:
        """The names of the nodes that occur."""
        return {n.head for n in self.nodes}

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

    def sizes(self, largest: int = 3) -> list[Sizes]:
        """Every choice of sizes, in increasing total."""
        spans = {self.given.indices[i]: range(1, largest + 1) for i in self.free}
        for r, n in sorted(span for node in self.nodes for span in node.spans):
            spans[r] = range(n, max(n, largest) + 1)
        spans |= {r: range(int(r), int(r) + 1) for r in spans if r.isdecimal()}
        made = [dict(zip(spans, choice, strict=True)) for choice in grid(spans.values())]
        return sorted(made, key=lambda sizes: sum(sizes.values()))

    def every(self, names: Iterable[str], sizes: Sizes) -> list[Env]:
        """Every value of these indices."""
        spans = {i: range(1, sizes[self.given.indices[i]] + 1) for i in sorted(names)}
        return [dict(zip(spans, choice, strict=True)) for choice in grid(spans.values())]

    def assignments(self, sizes: Sizes) -> list[Env]:
        """Every value of the free indices that `equal` and `distinct` allow."""
        pairs = [(a, b, True) for a, b in self.given.equal]
        pairs += [(a, b, False) for a, b in self.given.distinct]
        every = self.every(self.free, sizes)
        return [e for e in every if all((e.get(a, a) == e.get(b, b)) is s for a, b, s in pairs)]

    def elements(self, sizes: Sizes) -> list[tuple[Element, str]]:
        """Every element that is given or pinned, with its domain."""
        names = [a for a in self.arrays if a not in self.rules or self.rules[a].pinned]
        arrays = [(name, self.given.arrays[name]) for name in names]
        spans = {name: [range(1, sizes[r] + 1) for r in array.ranges] for name, array in arrays}
        return [((a, spot), array.domain) for a, array in arrays for spot in grid(spans[a])]

    def machine(self, point: Point, digits: int = 50) -> Machine:
        """The real evaluator at a point."""
        kinks = not self.heads.isdisjoint(("deriv", "sign", "step"))
        return Machine(Reals(digits, kinks), self.rules, point)


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


def points(
    problem: Problem, sizes: Sizes, fixed: Env, rng: Random, modes: Iterable[str]
) -> Iterator[Point]:
    """Random points where all facts hold, one for each mode if it can be found."""
    slots = [slot for slot in problem.elements(sizes) if slot[0][0] not in problem.rules]
    for mode in modes:
        for _ in range(TRIES if problem.given.facts else 1):
            shrink = rng.choice((1, max([1, *sizes.values()])))
            values = {element: sample(domain, rng, mode, shrink) for element, domain in slots}
            point = satisfied(problem, Point(sizes, fixed, values))
            if point:
                yield point
                break


def sample(domain: str, rng: Random, mode: str, shrink: int) -> Fraction:
    """A random element: simple, with many ties, of either sign, or between 0 and 1."""
    if mode == SIMPLE or domain in ("sign", "binary", "integer"):
        return Fraction(rng.choice(DOMAINS[domain][0].split()))
    if domain == "unit" or mode == SMALL:
        return Fraction(rng.randint(1, 199), 200 * shrink)
    if domain in ("positive", "nonnegative"):
        return Fraction(rng.randint(2, 16), 8) ** 2  # squares, for the prime fields
    return Fraction(rng.choice((-1, 1)) if mode == TIES else rng.randint(-600, 600), 200)


def satisfied(problem: Problem, point: Point) -> Point | None:
    """The point, changed so that the facts hold; None if it cannot be."""
    sizes, solved = dict(point.sizes), set[Element]()
    facts = [(f, problem.every(f.left.free | f.right.free, sizes)) for f in problem.equations]
    instances = [(fact, env) for fact, every in facts for env in every]
    try:
        for fact, env in instances:
            point = solve(problem, fact, env, point, solved)
        at = problem.machine(point)
        good = all(DOMAINS[d][1](at.element(e)) for e, d in problem.elements(sizes))
        good = good and all(abs(miss(fact, env, at)) < 1e-30 for fact, env in instances)
        return point if good else None
    except (Undefined, OverflowError):
        return None


def miss(fact: Fact, env: Env, at: Machine) -> Any:
    """left - right of a fact."""
    return at.ring.add(at.value(fact.left, env), at.ring.mul(-1, at.value(fact.right, env)))


def solve(
    problem: Problem, fact: Fact, env: Env, point: Point, solved: set[Element]
) -> Point:
    """The point with one instance of a fact solved for the last element it is affine in."""
    at = problem.machine(point)
    gap = miss(fact, env, at)
    for element in sorted(at.read - solved, reverse=True) if abs(gap) > 1e-30 else ():
        here = point.elements[element]
        up = point._replace(elements={**point.elements, element: here + 1})
        slope = miss(fact, env, problem.machine(up)) - gap
        if exact(slope) and slope:
            better = {**point.elements, element: here - gap / Fraction(slope)}
            up = point._replace(elements=better)
            if miss(fact, env, problem.machine(up)) == 0:
                solved.add(element)
                return up
    return point
