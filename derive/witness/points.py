"""The question whether two trees are equal, and points at which to ask it.

A fact whose one side is an element over distinct indices (`y_i = δ_it`) gives that array its
elements; its other indices (t) keep one value for the whole point.  Any other fact holds for all
values of its indices: it is solved for elements it is affine in, and then everything is verified.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from math import prod
from random import Random
from typing import Any

from derive.witness.evaluate import MOST_TERMS, Element, Env, Machine, Point
from derive.witness.record import DOMAINS, Fact, Given, Node, Rule, reach, read
from derive.witness.rings import NotCovered, Reals, Undefined, exact

Sizes = dict[str, int]
TRIES, SIMPLE, TIES, SIGNED, SMALL = 40, "simple", "ties", "signed", "small"


def grid(spans: dict[Any, range]) -> list[dict[Any, int]]:
    """All choices, if there are not too many."""
    if prod(map(len, spans.values())) > MOST_TERMS:
        raise NotCovered(f"more than {MOST_TERMS} values of the indices to evaluate")
    return [dict(zip(spans, choice, strict=True)) for choice in product(*spans.values())]


def sample(domain: str, rng: Random, mode: str, shrink: int) -> Fraction:
    """A random element: simple, with many ties, of either sign, or between 0 and 1."""
    if mode == SIMPLE or domain in ("sign", "binary", "integer"):
        return Fraction(rng.choice(DOMAINS[domain][0].split()))
    if domain == "unit" or mode == SMALL:
        return Fraction(rng.randint(1, 199), 200 * shrink)
    if domain in ("positive", "nonnegative"):
        return Fraction(rng.randint(2, 16), 8) ** 2
    return Fraction(rng.choice((-1, 1)) if mode == TIES else rng.randint(-600, 600), 200)


@dataclass(frozen=True)
class Problem:
    """left = right, from what is given; `rules` and `equations` are what its facts amount to.

    `nodes` are those of the sides, the facts and every body they reach, `arrays` are named there.
    A rule leaves the `fixed` indices open, as t in L := -log p_t.
    """

    left: Node
    right: Node
    given: Given
    rules: dict[str, Rule]
    equations: list[Fact]
    nodes: list[Node]
    arrays: list[str]
    fixed: list[str]

    def has(self, *heads: str) -> bool:
        """Whether there is one of these nodes."""
        return any(n.head in heads for n in self.nodes)

    def machine(self, point: Point, digits: int = 50) -> Machine:
        """The real evaluator at a point."""
        return Machine(Reals(digits, self.has("deriv", "sign", "step")), self.rules, point)

    def free(self) -> set[str]:
        """Every index that an assignment gives a value."""
        named = {p for a, b, _ in self.given.pairs for p in (a, b) if isinstance(p, str)}
        return named.union(self.left.free, self.right.free, self.fixed)

    def sizes(self, largest: int = 3) -> list[Sizes]:
        """Every choice of sizes that leaves index values, in increasing total."""
        least = {self.given.indices[i]: 1 for i in self.free()}
        for n in self.nodes:
            most = max([1, *(p for p in n.places if isinstance(p, int))])
            least |= {r: max(most, least.get(r, 1)) for r in n.ranges}
        spans = {r: range(n, max(n, largest) + 1) for r, n in sorted(least.items())}
        spans |= {r: range(int(r), int(r) + 1) for r in spans if r.isdecimal()}
        return sorted(filter(self.assignments, grid(spans)), key=lambda s: sum(s.values()))

    def every(self, names: Iterable[str], sizes: Sizes) -> list[Env]:
        """Every value of these indices."""
        return grid({i: range(1, sizes[self.given.indices[i]] + 1) for i in sorted(names)})

    def assignments(self, sizes: Sizes) -> list[Env]:
        """Every value of the free indices that `equal` and `distinct` allow."""
        every, pairs = self.every(self.free(), sizes), self.given.pairs
        return [e for e in every if all((e.get(a, a) == e.get(b, b)) is s for a, b, s in pairs)]

    def elements(self, sizes: Sizes, pinned: bool) -> Iterator[tuple[Element, str]]:
        """Every element that is given, or pinned too, with its domain."""
        for name in self.arrays:
            if name not in self.rules or (pinned and self.rules[name].pinned):
                ranges, domain = self.given.arrays[name]
                spans = {c: range(1, sizes[r] + 1) for c, r in enumerate(ranges)}
                yield from (((name, tuple(spot.values())), domain) for spot in grid(spans))

    def trials(self, sizes: Sizes, rng: Random, mode: str) -> Iterator[tuple[Point, list[Env]]]:
        """A random point for each value of the `fixed` indices, if all facts can be made to hold
        there, with the assignments it is made for."""
        kinds = dict[tuple[int, ...], list[Env]]()
        for env in self.assignments(sizes):
            kinds.setdefault(tuple(env[i] for i in self.fixed), []).append(env)
        for kind, envs in kinds.items():
            fixed = dict(zip(self.fixed, kind, strict=True))
            for _ in range(TRIES if self.given.facts else 1):
                shrink = rng.choice((1, max([1, *sizes.values()])))
                slots = self.elements(sizes, False)
                values = {e: sample(domain, rng, mode, shrink) for e, domain in slots}
                point = self.satisfied(Point(sizes, fixed, values))
                if point:
                    yield point, envs
                    break

    def satisfied(self, point: Point) -> Point | None:
        """The point, changed so that the facts hold; None if it cannot be."""
        sizes, solved = dict(point.sizes), set[Element]()
        free = [(fact, fact[1].free | fact[2].free) for fact in self.equations]
        held = [(fact, env) for fact, names in free for env in self.every(names, sizes)]
        try:
            for fact, env in held:
                point = self.solve(fact, env, point, solved)
            at = self.machine(point)
            good = all(DOMAINS[d][1](at.element(e)) for e, d in self.elements(sizes, True))
            good = good and all(abs(miss(fact, env, at)) < 1e-30 for fact, env in held)
            return point if good else None
        except (Undefined, OverflowError):
            return None

    def solve(self, fact: Fact, env: Env, point: Point, solved: set[Element]) -> Point:
        """The point with one instance of a fact solved for the last element it is affine in."""
        at = self.machine(point)
        gap = miss(fact, env, at)
        for element in sorted(at.read - solved, reverse=True) if abs(gap) > 1e-30 else ():
            here, step = point.elements[element], Fraction(1)
            for _ in range(2):  # a step of 1 gives the slope, and that the step to the solution
                moved = point._replace(elements={**point.elements, element: here + step})
                after = miss(fact, env, self.machine(moved))
                if after == 0:
                    solved.add(element)
                    return moved
                if not (exact(after) and exact(gap)) or after == gap:
                    break
                step *= Fraction(gap) / (gap - after)
        return point


def miss(fact: Fact, env: Env, at: Machine) -> Any:
    """left - right of a fact."""
    return at.ring.add(at.value(fact[1], env), at.ring.mul(-1, at.value(fact[2], env)))


def pose(left: Any, right: Any, given: Given, where: str = "") -> Problem:
    """The question whether two JSON trees are equal."""
    rules, equations = dict(given.rules), []
    for fact in given.facts:
        for head, body in (fact[1:], fact[:0:-1]):
            plain = head.head == "at" and len(head.free) == len(head.places)
            if plain and head.name not in rules.keys() | reach([body], rules):
                rules[head.name] = Rule(head.places, body, True)
                break
        else:
            equations.append(fact)
    sides = read(left, given, f"{where}left"), read(right, given, f"{where}right")
    trees = [*sides, *(side for f in given.facts for side in f[1:])]
    arrays = sorted(reach(trees, rules))
    used = [rules[a] for a in arrays if a in rules]
    nodes = [n for t in (*trees, *(r.body for r in used)) for n in t.walk()]
    fixed = sorted({i for r in used for i in r.body.free - set(r.indices)})
    return Problem(*sides, given, rules, equations, nodes, arrays, fixed)
