"""Evaluating a tree at a point, in any ring, with exact derivatives.

A `deriv` evaluates its body in a ring of dual numbers, where one element has an ε.  The element's
position is evaluated outside, so that a bound index of the same name in the body means nothing to
it; elements read by way of definitions have their ε as well.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache, reduce
from typing import Any, NamedTuple

from derive.witness.dual import Dual, NotCovered, Scalar, Undefined, call
from derive.witness.real import Reals
from derive.witness.record import Node, Rule

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

    def __init__(self, ring: Any, rules: Mapping[str, Rule], point: Point, outer: Any = None):
        self.ring, self.rules, self.point, self.outer = ring, rules, point, outer
        self.order: int = outer.order + 1 if outer else 0
        self.terms = outer.terms if outer else iter(range(MOST_TERMS))
        self.read: set[Element] = outer.read if outer else set()
        self.known: dict[Any, Any] = {}
        self.seed: Element | None = None

    def value(self, tree: Node, env: Env) -> Scalar:
        """The value of a tree where its free indices have the values of env."""
        node = NODES.get(tree.head)
        if node is None:
            return call(self.ring, tree.head, self.value(tree.trees[0], env))
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
            eps = self.outer.ring.number(1) if spot == self.seed else None
            if self.outer and (rule is None or rule.pinned):
                self.known[spot] = self.outer.element(spot), eps
            elif rule is None:
                self.read.add(spot)
                self.known[spot] = self.ring.number(self.point.elements[spot])
            else:
                env = {**self.point.fixed, **dict(zip(rule.indices, spot[1], strict=True))}
                made = self.value(rule.body, env)
                self.known[spot] = (made[0], self.ring.plus(made[1], eps)) if eps else made
        return self.known[spot]

    def pow(self, tree: Node, env: Env) -> Scalar:
        """A power: constant where the exponent is made of numbers and sizes, else e^(x log b)."""
        base, exponent = self.value(tree.trees[0], env), tree.trees[1]
        if exponent.constant:
            exact = Machine(Reals(), {}, self.point).value(exponent, env)
            return self.ring.power(base, Fraction(exact))
        product = self.ring.mul(self.value(exponent, env), self.ring.apply("log", base))
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
        if ("by", seed) not in self.known:
            self.known["by", seed] = Machine(Dual(self.ring), self.rules, self.point, self)
            self.known["by", seed].seed = seed
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

    def weights(self, values: dict[int, Scalar], order: int) -> dict[int, Fraction]:
        """Convex weights of those that tie, arbitrary; they have no derivative of that order."""
        if not values:
            raise Undefined("a maximum over nothing")
        places = list(values)
        tied = tuple(places[c] for c in self.ring.largest(list(values.values())))
        if len(tied) > 1 and self.order >= order:
            raise Undefined("a tie")
        return {k: Fraction(k * k + 1, sum(m * m + 1 for m in tied)) for k in tied}

    def peak(self, values: dict[int, Scalar], order: int) -> Scalar:
        """The largest value, as a mean of those that tie."""
        weights = self.weights(values, order).items()
        return reduce(self.ring.add, [self.ring.mul(self.ring.number(w), values[k]) for k, w in weights])

    def largest(self, tree: Node, env: Env) -> Scalar:
        """The subgradient weight of a position in a maximum."""
        weights = self.weights(self.over(tree, env), 1)
        return self.ring.number(weights.get(self.spot(tree, env)[1][-1], 0))


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
    "pow": Machine.pow, "cases": Machine.cases, "deriv": Machine.deriv, "largest": Machine.largest,
}  # fmt: skip
