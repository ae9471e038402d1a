"""The question whether two trees are equal, and points at which to ask it.

A fact whose one side is an element over distinct indices (`y_i = δ_it`) gives that array its
elements; its other indices (t) have the value they have at the point.  Any other fact holds for all
values of its indices: it is solved for elements it is affine in, and then everything is verified.
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import compress
from random import Random
from typing import Any

from derive.witness.evaluate import Element, Env, Machine, Point, Rule, Sides, Undefined, grid
from derive.witness.record import DOMAINS, Declared, Node, demand, entry

Space = tuple[Mapping[str, int], list[Env]]  # sizes, and the values of the free indices there
TRIES, SIMPLE, TIES, SIGNED, SMALL = 40, "simple", "ties", "signed", "small"


def sample(domain: str, rng: Random, mode: str, shrink: int) -> Fraction:
    """A random element: simple, with many ties, of either sign, or between 0 and 1."""
    if mode == SIMPLE or domain in ("sign", "binary", "integer"):
        return Fraction(rng.choice(DOMAINS[domain][0].split()))
    if domain == "unit" or mode == SMALL:
        return Fraction(rng.randint(1, 199), 200 * shrink)
    if domain in ("positive", "nonnegative"):
        return Fraction(rng.randint(2, 16), 8) ** 2
    return Fraction(rng.choice((-1, 1)) if mode == TIES else rng.randint(-600, 600), 200)


class Problem:
    """left = right, from what a certificate declares: `rules` and `equations` are what definitions
    and facts amount to; `nodes` are those of the sides and of all that they reach, `arrays` are
    named there.  `free` indices have one value at a point."""

    def __init__(self, left: Any, right: Any, raw: Any, where: str = "", given: Any = None):
        self.given, self.rules = given or Declared(raw), dict[str, Rule]()
        for definition in entry(raw, "definitions", "given", list, []):
            self.define(definition)
        read = self.given.read
        self.sides = read(left, f"{where}left"), read(right, f"{where}right")
        self.facts, self.equations, trees = list[str](), list[Sides](), [*self.sides]
        for fact in entry(raw, "facts", "given", list, []):
            trees += self.assume(fact)
        self.pairs = [
            (read(["delta", *pair] if isinstance(pair, list) else pair, key), key == "equal")
            for key in ("equal", "distinct")
            for pair in entry(raw, key, "given", list, [])
        ]
        self.arrays = sorted(self.reach(trees))
        used = [self.rules[a] for a in self.arrays if a in self.rules]
        self.nodes = [n for t in (*trees, *(r.body for r in used)) for n in t.walk()]
        fixed = (r.body.free - set(r.indices) for r in used)  # as t in L := -log p_t
        asked = (n.free for n in (*self.sides, *(pair for pair, _ in self.pairs)))
        self.free = frozenset[str]().union(*asked, *fixed)

    def define(self, raw: Any) -> None:
        """Read one more definition."""
        kinds = {"array": str, "indices": list}
        name, indices = (entry(raw, key, "definition", kind) for key, kind in kinds.items())
        head = self.given.read(["at", name, *indices], name)
        good = len(head.free) == len(indices) and name not in self.rules
        demand(good, name, "is defined twice, or by different indices")
        body = self.given.read(entry(raw, "body", name), name)
        self.rules[name] = Rule(head.places, body, False)
        circle = any(a in self.reach([rule.body]) for a, rule in self.rules.items())
        demand(not circle, name, "is defined by way of itself")

    def assume(self, raw: Any) -> Sides:
        """Read one more fact: a rule for an element, or else an equation."""
        name = entry(raw, "name", "fact", str)
        left, right = (self.given.read(entry(raw, k, name), name) for k in ("left", "right"))
        self.facts.append(name)
        for head, body in ((left, right), (right, left)):
            plain = head.head == "at" and len(head.free) == len(head.places)
            if plain and head.name not in self.rules.keys() | self.reach([body]):
                self.rules[head.name] = Rule(head.places, body, True)
                return left, right
        self.equations.append((left, right))
        return left, right

    def reach(self, trees: Iterable[Node]) -> set[str]:
        """The arrays that the trees name, and all that the rules of these need."""
        found, ahead = set[str](), list(trees)
        while ahead:
            new = {n.name for n in ahead.pop().walk() if n.head == "at"} - found
            found |= new
            ahead += [self.rules[name].body for name in new & self.rules.keys()]
        return found

    def spaces(self, largest: int) -> list[Space]:
        """Every choice of sizes in increasing total, with the index values that pairs allow."""
        least = {self.given.indices[i]: 1 for i in self.free}
        for n in self.nodes:
            most = max([1, *(p for p in n.places if isinstance(p, int))])
            least |= {r: max(most, least.get(r, 1)) for r in n.ranges}
        spans = {r: range(n, max(n, largest) + 1) for r, n in sorted(least.items())}
        spans |= {r: range(int(r), int(r) + 1) for r in spans if r.isdecimal()}
        at, found = Machine({}, Point({}, {}, {})), list[Space]()
        for sizes in sorted(grid(spans), key=lambda sizes: sum(sizes.values())):
            every = self.every(self.free, sizes)
            allowed = [all(at.value(pair, e) == same for pair, same in self.pairs) for e in every]
            found += [(sizes, list(compress(every, allowed)))] if any(allowed) else []
        return found

    def every(self, names: Iterable[str], sizes: Mapping[str, int]) -> list[Env]:
        """Every value of these indices."""
        return grid({i: range(1, sizes[self.given.indices[i]] + 1) for i in sorted(names)})

    def elements(self, sizes: Mapping[str, int], pinned: bool) -> Iterator[tuple[Element, str]]:
        """Every element that is given, or pinned too, with its domain."""
        for name in self.arrays:
            if name not in self.rules or (pinned and self.rules[name].pinned):
                ranges, domain = self.given.arrays[name]
                spans = {c: range(1, sizes[r] + 1) for c, r in enumerate(ranges)}
                yield from (((name, tuple(spot.values())), domain) for spot in grid(spans))

    def trial(self, space: Space, rng: Random, mode: str) -> Iterator[Machine]:
        """The evaluator at a random point where all facts hold; nothing if none is found."""
        sizes, indices = space[0], rng.choice(space[1])
        facts = [(f, e) for f in self.equations for e in self.every(f[0].free | f[1].free, sizes)]
        for _ in range(TRIES if self.facts else 1):
            shrink, done = rng.choice((1, max([1, *sizes.values()]))), set[Element]()
            slots = self.elements(sizes, False)
            values = {e: sample(domain, rng, mode, shrink) for e, domain in slots}
            at = Machine(self.rules, Point(sizes, indices, values))
            try:
                for fact in facts:
                    at = at.solved(*fact, done)
                inside = (DOMAINS[d][1](at.element(e)) for e, d in self.elements(sizes, True))
                if all(inside) and all(at.open(at.gap(*fact)) for fact in facts):
                    key = *self.rules.items(), *(tuple(part.items()) for part in at.point)
                    yield self.given.machines.setdefault(key, at)
                    return
            except Undefined:
                pass
