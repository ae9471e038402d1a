"""Evaluating a tree at a point, in any ring, with exact derivatives.

A `deriv` seeds one element in a ring of dual numbers; its position is evaluated before the body is
entered, so that a bound index of the same name there means nothing to it, and elements read by way
of definitions are seeded as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any

from derive.witness.real import Reals
from derive.witness.record import Node, Rule
from derive.witness.ring import Dual, NotCovered, Scalar, Undefined, call

Element = tuple[str, tuple[int, ...]]
Env = dict[Any, int]
MOST_TERMS = 20_000


@dataclass(frozen=True)
class Point:
    """Sizes, indices that a fact fixes (t of y_i = δ_it), exact elements of the given arrays."""

    sizes: Mapping[str, int]
    fixed: Mapping[str, int]
    elements: Mapping[Element, Fraction]


@lru_cache(maxsize=10_000)
def tie_weights(tied: tuple[int, ...]) -> dict[int, Fraction]:
    """Arbitrary convex weights for a tie, the same wherever the same positions tie."""
    rng = random.Random(repr(tied))
    raw = {k: rng.randint(1, 9) for k in tied}
    return {k: Fraction(w, sum(raw.values())) for k, w in raw.items()}


class Machine:
    """Evaluates trees at one point; remembers elements and sums, and notes what it has read."""

    def __init__(self, ring: Any, rules: Mapping[str, Rule], point: Point):
        self.rings, self.ring, self.rules, self.point = [ring], ring, rules, point
        self.seeds: tuple[Element, ...] = ()
        self.known: dict[Any, Scalar] = {}
        self.read: set[Element] = set()
        self.spent = 0

    def value(self, tree: Node, env: Env) -> Scalar:
        """The value of a tree where its free indices have the values of env."""
        if not tree.bound:
            node = NODES.get(tree.head)
            value = None if node else self.value(tree.trees[0], env)
            return node(self, tree, env) if node else call(self.ring, tree.head, value)
        key = tree, tuple(env[i] for i in tree.free), self.seeds
        if key not in self.known:
            self.known[key] = NODES[tree.head](self, tree, env)
        return self.known[key]

    def under(self, seeds: tuple[Element, ...], tree: Node, env: Env) -> Scalar:
        """The value in the ring with an ε for each seed."""
        held = self.seeds, self.ring
        while len(self.rings) <= len(seeds):
            self.rings.append(Dual(self.rings[-1]))
        self.seeds, self.ring = seeds, self.rings[len(seeds)]
        try:
            return self.value(tree, env)
        finally:
            self.seeds, self.ring = held

    def spot(self, tree: Node, env: Env) -> Element:
        """The array and the positions that a node names."""
        return tree.name, tuple(env[p] if p.__class__ is str else int(p) for p in tree.places)

    def at(self, tree: Node, env: Env) -> Scalar:
        """An element, plus ε where it is differentiated by."""
        spot, rule = self.spot(tree, env), self.rules.get(tree.name)
        seeds = self.seeds if rule and not rule.pinned else ()
        if (spot, seeds) not in self.known:
            self.known[spot, seeds] = self.element(spot, seeds)
        value = self.known[spot, seeds]
        if seeds and spot not in seeds:
            return value
        whole = self.rings[0].number(0) if seeds else value
        for ring, seed in zip(self.rings, self.seeds, strict=False):
            whole = whole, ring.number(1) if seed == spot else None
        return self.ring.add(value, whole) if seeds else whole

    def element(self, spot: Element, seeds: tuple[Element, ...]) -> Scalar:
        """An element without its own ε: given, or by a rule."""
        rule = self.rules.get(spot[0])
        if rule is None:
            self.read.add(spot)
            return self.rings[0].number(self.point.elements[spot])
        env = {**self.point.fixed, **dict(zip(rule.indices, spot[1], strict=True))}
        return self.under(seeds, rule.body, env)

    def pow(self, tree: Node, env: Env) -> Scalar:
        """A power: constant where the exponent is made of numbers and sizes, else exp(e log b)."""
        base, exponent = (t for t in tree.trees)
        below = self.value(base, env)
        if all(n.head in ("number", "size", "add", "mul", "group") for n in exponent.walk()):
            constant = Machine(Reals(), {}, self.point).value(exponent, env)
            return self.ring.power(below, Fraction(constant))
        product = self.ring.mul(self.value(exponent, env), self.ring.apply("log", below))
        return self.ring.apply("exp", product)

    def cases(self, tree: Node, env: Env) -> Scalar:
        """The first value whose condition holds; the others are not evaluated."""
        for value, condition in zip(tree.trees[:-1:2], tree.trees[1::2], strict=True):
            if self.ring.truth(self.value(condition, env)):
                return self.value(value, env)
        return self.value(tree.trees[-1], env)

    def deriv(self, tree: Node, env: Env) -> Scalar:
        """The ε part of the body with one more element seeded."""
        seed = self.spot(tree.trees[1], env)
        eps = self.under((*self.seeds, seed), tree.trees[0], env)[1]
        return self.ring.number(0) if eps is None else eps

    def over(self, tree: Node, env: Env) -> dict[int, Scalar]:
        """The body's value for each position that the bound index takes."""
        outside = [env[p] if isinstance(p, str) else p for p in tree.places]
        outside = outside[:-1] if tree.head == "largest" else outside
        inside = [k for k in range(1, self.point.sizes[tree.name] + 1) if k not in outside]
        self.spent += len(inside)
        if self.spent > MOST_TERMS:
            raise NotCovered(f"more than {MOST_TERMS} terms to evaluate at one point")
        return {k: self.value(tree.trees[0], {**env, tree.bound: k}) for k in inside}

    def weights(self, values: dict[int, Scalar], order: int) -> dict[int, Fraction]:
        """The weights of the maximisers; at a tie there is no derivative of that order."""
        if not values:
            raise Undefined("a maximum over nothing")
        places = list(values)
        tied = tuple(places[c] for c in self.ring.largest(list(values.values())))
        if len(tied) > 1 and len(self.seeds) >= order:
            raise Undefined("a tie")
        return tie_weights(tied)

    def peak(self, values: dict[int, Scalar], order: int) -> Scalar:
        """The largest value, as a mean of those that tie."""
        weights = self.weights(values, order)
        terms = (self.ring.mul(self.ring.number(w), values[k]) for k, w in weights.items())
        return reduce(self.ring.add, terms)

    def largest(self, tree: Node, env: Env) -> Scalar:
        """The subgradient weight of a position in a maximum."""
        weights = self.weights(self.over(tree, env), 1)
        return self.ring.number(weights.get(self.spot(tree, env)[1][-1], 0))


NODES: dict[str, Callable[[Machine, Node, Env], Scalar]] = {
    "at": Machine.at, "pow": Machine.pow, "cases": Machine.cases, "deriv": Machine.deriv,
    "largest": Machine.largest,
    "number": lambda m, t, env: m.ring.number(Fraction(t.name)),
    "size": lambda m, t, env: m.ring.number(m.point.sizes[t.name]),
    "pi": lambda m, t, env: m.ring.pi,
    "delta": lambda m, t, env: m.ring.number(len(set(m.spot(t, env)[1])) == 1),
    "add": lambda m, t, env: reduce(m.ring.add, [m.value(s, env) for s in t.trees]),
    "mul": lambda m, t, env: reduce(m.ring.mul, [m.value(s, env) for s in t.trees]),
    "sum": lambda m, t, env: reduce(m.ring.add, m.over(t, env).values(), m.ring.number(0)),
    "prod": lambda m, t, env: reduce(m.ring.mul, m.over(t, env).values(), m.ring.number(1)),
    "max": lambda m, t, env: m.peak(m.over(t, env), 2),
    "maximum": lambda m, t, env: m.peak({k: m.value(s, env) for k, s in enumerate(t.trees)}, 1),
}  # fmt: skip
