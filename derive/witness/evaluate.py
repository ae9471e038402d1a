"""Evaluating a tree at a point, over any ring of scalars, with exact derivatives.

A `deriv` seeds one element with a dual number; its position is evaluated before the body is
entered, so a bound index of the same name in the body means nothing to it, and elements read by way
of definitions are seeded as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from typing import Any

from derive.witness.dual import Calculus, Dual, NotCovered, Scalar, Undefined, primal, split
from derive.witness.record import Definition, Position, Tree, free_indices

Element = tuple[str, tuple[int, ...]]
Env = dict[str, int]
MOST_TERMS = 20_000


@dataclass(frozen=True)
class World:
    """What does not change from point to point.

    `definitions` unfold; `pinned` arrays have their elements from a fact, which holds at the point
    and is no function to be differentiated.  `ranges` are those of the indices.  Where a side has a
    derivative, sign or step, `kinks_matter`; without `ties`, a tie of a maximum is undefined.
    """

    ranges: Mapping[str, str]
    definitions: Mapping[str, Definition]
    pinned: Mapping[str, Definition]
    kinks_matter: bool
    ties: bool = True


@dataclass(frozen=True)
class Point:
    """Sizes, indices that a fact fixes (t of y_i = δ_it), exact elements of the given arrays."""

    sizes: Mapping[str, int]
    fixed: Mapping[str, int]
    elements: Mapping[Element, Fraction]


@lru_cache(maxsize=10_000)
def numeral(text: str) -> Fraction:
    """A number of a tree."""
    return Fraction(text)


@lru_cache(maxsize=10_000)
def tie_weights(maximisers: tuple[int, ...]) -> tuple[Fraction, ...]:
    """Arbitrary convex weights for a tie, the same wherever the same positions tie."""
    rng = random.Random(repr(maximisers))
    raw = [rng.randint(1, 9) for _ in maximisers]
    return tuple(Fraction(w, sum(raw)) for w in raw)


class Machine(Calculus):
    """Evaluates trees at one point, and remembers sums and elements that come again."""

    def __init__(self, ring: Any, world: World, point: Point):
        super().__init__(ring)
        self.world, self.point = world, point
        self.active: tuple[Element, ...] = ()
        self.known: dict[Any, Scalar] = {}
        self.loose: dict[int, tuple[Tree, tuple[str, ...]]] = {}
        self.read: set[Element] = set()
        self.spent = 0

    def value(self, tree: Tree, env: Env) -> Scalar:
        """The value of the tree where the free indices have the values of env."""
        if tree.__class__ is str:
            return self.number(numeral(tree))
        node = NODES.get(tree[0])
        return node(self, tree, env) if node else self.apply(tree[0], self.value(tree[1], env))

    def place(self, position: Position, env: Env) -> int:
        """The number that a position stands for."""
        return env[position] if isinstance(position, str) else position

    def length(self, name: str) -> int:
        """The size of a range."""
        return int(name) if name.isdigit() else self.point.sizes[name]

    def at(self, tree: Tree, env: Env) -> Scalar:
        """An element, seeded where it is differentiated by."""
        name, places = tree[1], tuple(self.place(p, env) for p in tree[2:])
        value = self.element(name, places)
        for tag, seed in enumerate(self.active, 1):
            if seed == (name, places):
                value = self.add(value, Dual(tag, self.zero, self.one))
        return value

    def element(self, name: str, places: tuple[int, ...]) -> Scalar:
        """An element, given, pinned or defined."""
        key = (name, places, self.active if name in self.world.definitions else ())
        if key not in self.known:
            self.known[key] = self.look_up(name, places)
        return self.known[key]

    def look_up(self, name: str, places: tuple[int, ...]) -> Scalar:
        """`element`, not remembered."""
        rule = self.world.definitions.get(name) or self.world.pinned.get(name)
        if rule is None:
            self.read.add((name, places))
            return self.number(self.point.elements[name, places])
        held, pinned = self.active, name in self.world.pinned
        self.active = () if pinned else held
        env = {**self.point.fixed, **dict(zip(rule.indices, places, strict=True))}
        made = self.value(rule.body, env)
        self.active = held
        return made

    def constant(self, tree: Tree) -> Fraction | None:
        """The value of a constant exponent (sizes are constant), or None."""
        if isinstance(tree, str) or tree[0] == "size":
            return Fraction(tree if isinstance(tree, str) else self.length(tree[1]))
        plain = tree[0] in ("add", "mul", "group")
        inner = [self.constant(t) for t in tree[1:]] if plain else [None]
        known = [r for r in inner if r is not None]
        if len(known) < len(inner):
            return None
        return reduce(lambda a, b: a * b if tree[0] == "mul" else a + b, known)

    def pow(self, tree: Tree, env: Env) -> Scalar:
        """A power, by a constant wherever the exponent is one."""
        base, constant = self.value(tree[1], env), self.constant(tree[2])
        if constant is not None:
            return self.rational_power(base, constant)
        return self.power(base, self.value(tree[2], env))

    def cases(self, tree: Tree, env: Env) -> Scalar:
        """The first value whose condition holds; the others are not evaluated."""
        for value, condition in tree[1]:
            if self.ring.truth(primal(self.value(condition, env))):
                return self.value(value, env)
        return self.value(tree[2], env)

    def deriv(self, tree: Tree, env: Env) -> Scalar:
        """The eps of the body with one more element seeded."""
        _, body, (_, name, *positions) = tree
        held = self.active
        self.active = (*held, (name, tuple(self.place(p, env) for p in positions)))
        eps = split(len(self.active), self.value(body, env))[1]
        self.active = held
        return self.zero if eps is None else eps

    def binder(self, tree: Tree, env: Env) -> Scalar:
        """Σ, Π or max, remembered for each value of the indices it depends on."""
        if id(tree) not in self.loose:
            self.loose[id(tree)] = tree, tuple(free_indices(tree))
        key = (id(tree), tuple(env[i] for i in self.loose[id(tree)][1]), self.active)
        if key not in self.known:
            over = self.over(tree, env)
            if tree[0] == "max":
                best = self.best(over, 2)
                over = {k: self.mul(self.number(w), over[k]) for k, w in best.items()}
            start, join = (self.one, self.mul) if tree[0] == "prod" else (self.zero, self.add)
            self.known[key] = reduce(join, over.values(), start)
        return self.known[key]

    def over(self, tree: Tree, env: Env) -> dict[int, Scalar]:
        """The body's value for each position that the bound index takes."""
        outside = {self.place(p, env) for p in tree[3]}
        places = range(1, self.length(self.world.ranges[tree[1]]) + 1)
        self.spent += len(places)
        if self.spent > MOST_TERMS:
            raise NotCovered(f"more than {MOST_TERMS} terms to evaluate at one point")
        return {k: self.value(tree[2], {**env, tree[1]: k}) for k in places if k not in outside}

    def best(self, over: dict[int, Scalar], smooth: int) -> dict[int, Fraction]:
        """The weights of the maximisers; at a tie there is no derivative of order `smooth`."""
        if not over:
            raise Undefined("a maximum over nothing")
        places = list(over)
        tied = tuple(places[c] for c in self.ring.maximisers([primal(v) for v in over.values()]))
        if len(tied) > 1 and (not self.world.ties or len(self.active) >= smooth):
            raise Undefined("a tie")
        return dict(zip(tied, tie_weights(tied), strict=True))

    def largest(self, tree: Tree, env: Env) -> Scalar:
        """The subgradient weight of a position in a maximum."""
        weights = self.best(self.over(tree, env), 1)
        return self.number(weights.get(self.place(tree[4], env), Fraction(0)))

    def maximum(self, tree: Tree, env: Env) -> Scalar:
        """The larger of two."""
        two = [self.value(side, env) for side in tree[1:]]
        found = self.ring.maximisers([primal(v) for v in two])
        if len(found) > 1 and (not self.world.ties or self.world.kinks_matter):
            raise Undefined("a kink")
        return two[found[0]]


def _join(join: str) -> Callable[[Machine, Tree, Env], Scalar]:
    return lambda m, t, env: reduce(getattr(m, join), (m.value(term, env) for term in t[1:]))


NODES: dict[str, Callable[[Machine, Tree, Env], Scalar]] = {
    "at": Machine.at, "pow": Machine.pow, "cases": Machine.cases, "deriv": Machine.deriv,
    "maximum": Machine.maximum, "largest": Machine.largest, "add": _join("add"),
    "mul": _join("mul"), "size": lambda m, t, env: m.number(m.length(t[1])),
    "pi": lambda m, t, env: m.ring.pi(),
    "delta": lambda m, t, env: m.one if m.place(t[1], env) == m.place(t[2], env) else m.zero,
} | dict.fromkeys(("sum", "prod", "max"), Machine.binder)  # fmt: skip
