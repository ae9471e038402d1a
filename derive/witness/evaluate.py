"""Evaluating a tree at a point, with exact derivatives.

A `deriv` evaluates its body in a ring of dual numbers, where one element has an ε.  The element's
position is evaluated outside, so that a bound index of the same name in the body means nothing to
it; elements read by way of definitions have their ε as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, reduce
from typing import Any, NamedTuple

from derive.witness.record import Node, Rule
from derive.witness.rings import FUNCTIONS, Dual, NotCovered, Scalar, Undefined

Element = tuple[str, tuple[int, ...]]
Env = dict[Any, int]
MOST_TERMS = 20_000
numeral = cache(Fraction)


class Point(NamedTuple):
    """Sizes, indices that a fact fixes (t of y_i = δ_it), exact elements of the given arrays."""

    sizes: Mapping[str, int]
    fixed: Mapping[str, int]
    elements: Mapping[Element, Fraction]


class Machine:
    """Evaluates trees at one point, remembers elements and sums, and notes what it has `read`.

    Machines nest as derivatives do: one with an `outer` differentiates by the element `seed`.
    """

    def __init__(
        self, ring: Any, rules: Mapping[str, Rule], at: Point, outer: Any = None, seed: Any = None
    ):
        self.ring, self.rules, self.point, self.outer, self.seed = ring, rules, at, outer, seed
        self.order: int = outer.order + 1 if outer else 0
        self.terms = outer.terms if outer else iter(range(MOST_TERMS))
        self.read: set[Element] = outer.read if outer else set()
        self.known: dict[Any, Any] = {}

    def value(self, tree: Node, env: Env) -> Scalar:
        """The value of a tree where its free indices have the values of env."""
        node = NODES.get(tree.head)
        if node is None:
            x = self.value(tree.trees[0], env)
            made = FUNCTIONS.get(tree.head)
            return made(self.ring, x) if made else self.ring.apply(tree.head, x)
        if not tree.bound:
            return node(self, tree, env)
        key = tree, tuple(env[i] for i in tree.free)
        if key not in self.known:
            self.known[key] = node(self, tree, env)
        return self.known[key]

    def spot(self, tree: Node, env: Env) -> Element:
        """The array and the positions that a node names."""
        return tree.name, tuple(env[p] if isinstance(p, str) else p for p in tree.places)

    def element(self, spot: Element) -> Scalar:
        """An element: given, or by a rule; with an ε where it is differentiated by."""
        if spot not in self.known:
            rule = self.rules.get(spot[0])
            if self.outer and (rule is None or rule.pinned):
                made = self.outer.element(spot), self.shift(spot)[1]
            elif rule is None:
                self.read.add(spot)
                made = self.ring.number(self.point.elements[spot])
            else:
                env = {**self.point.fixed, **dict(zip(rule.indices, spot[1], strict=True))}
                made = self.value(rule.body, env)
                made = self.ring.add(made, self.shift(spot)) if self.outer else made
            self.known[spot] = made
        return self.known[spot]

    def shift(self, spot: Element) -> Scalar:
        """What the derivatives around add to an element: the ε of each that is by it."""
        if self.outer is None:
            return self.ring.number(0)
        return self.outer.shift(spot), self.outer.ring.number(1) if spot == self.seed else None

    def power(self, tree: Node, env: Env) -> Scalar:
        """A power: by a rational number that does not vary, or else e^(x log b)."""
        base, exponent = (self.value(s, env) for s in tree.trees)
        fixed = exponent
        while isinstance(fixed, tuple) and fixed[1] is None:
            fixed = fixed[0]
        if isinstance(fixed, (int, Fraction)):
            return self.ring.power(base, Fraction(fixed))
        return self.ring.apply("exp", self.ring.mul(exponent, self.ring.apply("log", base)))

    def cases(self, tree: Node, env: Env) -> Scalar:
        """The first value whose condition holds; the others are not evaluated."""
        for value, condition in zip(tree.trees[:-1:2], tree.trees[1::2], strict=True):
            if self.ring.truth(self.value(condition, env)):
                return self.value(value, env)
        return self.value(tree.trees[-1], env)

    def deriv(self, tree: Node, env: Env) -> Scalar:
        """The ε part of the body with one more element seeded."""
        seed = self.spot(tree.trees[1], env)
        if ("by", seed) not in self.known:
            inner = Machine(Dual(self.ring), self.rules, self.point, self, seed)
            self.known["by", seed] = inner
        eps = self.known["by", seed].value(tree.trees[0], env)[1]
        return self.ring.number(0) if eps is None else eps

    def over(self, tree: Node, env: Env) -> dict[int, Scalar]:
        """The body's value for each position that the bound index takes."""
        places = self.spot(tree, env)[1]
        outside = places[:-1] if tree.head == "largest" else places
        inside = [k for k in range(1, self.point.sizes[tree.name] + 1) if k not in outside]
        if any(next(self.terms, None) is None for _ in inside):
            raise NotCovered(f"more than {MOST_TERMS} terms to evaluate at one point")
        return {k: self.value(tree.trees[0], {**env, tree.bound: k}) for k in inside}

    def weights(self, values: dict[int, Scalar], order: int) -> dict[int, Scalar]:
        """Arbitrary convex weights of those that tie; they have no derivative of that order."""
        if not values:
            raise Undefined("a maximum over nothing")
        places = list(values)
        tied = [places[c] for c in self.ring.largest(list(values.values()))]
        if len(tied) > 1 and self.order >= order:
            raise Undefined("a tie")
        whole = sum(k * k + 1 for k in tied)
        return {k: self.ring.number(Fraction(k * k + 1, whole)) for k in tied}

    def peak(self, values: dict[int, Scalar], order: int) -> Scalar:
        """The largest value, as a mean of those that tie."""
        weights = self.weights(values, order).items()
        return reduce(self.ring.add, [self.ring.mul(w, values[k]) for k, w in weights])

    def largest(self, tree: Node, env: Env) -> Scalar:
        """The subgradient weight of a position in a maximum."""
        weights = self.weights(self.over(tree, env), 1)
        return weights.get(self.spot(tree, env)[1][-1], self.ring.number(0))


NODES: dict[str, Callable[[Machine, Node, Env], Scalar]] = {
    "at": lambda m, t, env: m.element(m.spot(t, env)),
    "number": lambda m, t, env: m.ring.number(numeral(t.name)),
    "size": lambda m, t, env: m.ring.number(m.point.sizes[t.name]),
    "pi": lambda m, t, env: m.ring.pi,
    "delta": lambda m, t, env: m.ring.number(len(set(m.spot(t, env)[1])) == 1),
    "add": lambda m, t, env: reduce(m.ring.add, [m.value(s, env) for s in t.trees]),
    "mul": lambda m, t, env: reduce(m.ring.mul, [m.value(s, env) for s in t.trees]),
    "sum": lambda m, t, env: reduce(m.ring.add, m.over(t, env).values(), m.ring.number(0)),
    "prod": lambda m, t, env: reduce(m.ring.mul, m.over(t, env).values(), m.ring.number(1)),
    "max": lambda m, t, env: m.peak(m.over(t, env), 2),
    "maximum": lambda m, t, env: m.peak({k: m.value(s, env) for k, s in enumerate(t.trees)}, 1),
    "pow": Machine.power, "cases": Machine.cases, "deriv": Machine.deriv,
    "largest": Machine.largest,
}  # fmt: skip
