"""Evaluating a tree at a point, over any ring of scalars, with exact derivatives.

Derivatives are carried along as dual numbers re + eps·ε_tag.  Nested derivatives get distinct tags,
the outermost differentiation the lowest, so that they are never confused.  A `deriv` seeds one
element; its position is evaluated before the body is entered, so a bound index of the same name in
the body means nothing to it, and elements read by way of definitions are seeded as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import product
from typing import Any, Protocol

from derive.witness.record import Definition, Position, Tree, free_indices

Scalar = Any  # a ring's own numbers, or a Dual over them
Element = tuple[str, tuple[int, ...]]
Env = dict[str, int]


class Undefined(Exception):
    """The expression has no value (or no derivative) at this point."""


class NotCovered(Exception):
    """This ring cannot evaluate such a node at all."""


class Ring(Protocol):
    """Scalars with the operations that an evaluator needs; each may raise Undefined or NotCovered."""

    def number(self, value: Fraction | int) -> Scalar: ...
    def add(self, a: Scalar, b: Scalar) -> Scalar: ...
    def mul(self, a: Scalar, b: Scalar) -> Scalar: ...
    def rational_power(self, base: Scalar, exponent: Fraction) -> Scalar: ...
    def power(self, base: Scalar, exponent: Scalar) -> Scalar: ...
    def apply(self, name: str, x: Scalar) -> Scalar: ...
    def polygamma(self, order: int, x: Scalar) -> Scalar: ...
    def maximisers(self, values: list[Scalar]) -> list[int]: ...
    def truth(self, x: Scalar) -> bool: ...
    def pi(self) -> Scalar: ...


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
    """Sizes, the indices that a fact fixes (t of y_i = δ_it), exact elements of the given arrays."""

    sizes: Mapping[str, int]
    fixed: Mapping[str, int]
    elements: Mapping[Element, Fraction]


class Dual:
    """re + eps·ε with ε² = 0, for one tag; re and eps hold only lower tags."""

    __slots__ = ("eps", "re", "tag")

    def __init__(self, tag: int, re: Scalar, eps: Scalar):
        self.tag, self.re, self.eps = tag, re, eps


def primal(x: Scalar) -> Scalar:
    """The value without its derivatives."""
    while isinstance(x, Dual):
        x = x.re
    return x


class Calculus:
    """Arithmetic of a ring, extended to dual numbers."""

    def __init__(self, ring: Ring):
        self.ring = ring
        self.zero, self.one = ring.number(0), ring.number(1)

    def split(self, tag: int, x: Scalar) -> tuple[Scalar, Scalar]:
        return (x.re, x.eps) if isinstance(x, Dual) and x.tag == tag else (x, None)

    def pair(self, a: Scalar, b: Scalar) -> tuple[int, Scalar, Scalar, Scalar, Scalar]:
        tag = max(x.tag for x in (a, b) if isinstance(x, Dual))
        return (tag, *self.split(tag, a), *self.split(tag, b))

    def total(self, a: Scalar, b: Scalar) -> Scalar:
        """a + b, where None is a zero."""
        return b if a is None else a if b is None else self.add(a, b)

    def add(self, a: Scalar, b: Scalar) -> Scalar:
        if a.__class__ is not Dual and b.__class__ is not Dual:
            return self.ring.add(a, b)
        tag, a0, a1, b0, b1 = self.pair(a, b)
        return Dual(tag, self.add(a0, b0), self.total(a1, b1))

    def mul(self, a: Scalar, b: Scalar) -> Scalar:
        if a.__class__ is not Dual and b.__class__ is not Dual:
            return self.ring.mul(a, b)
        tag, a0, a1, b0, b1 = self.pair(a, b)
        left = None if b1 is None else self.mul(a0, b1)
        right = None if a1 is None else self.mul(a1, b0)
        return Dual(tag, self.mul(a0, b0), self.total(left, right))

    def number(self, value: Fraction | int) -> Scalar:
        return self.ring.number(value)

    def rational_power(self, base: Scalar, r: Fraction) -> Scalar:
        if base.__class__ is not Dual:
            return self.ring.rational_power(base, r)
        if r in (0, 1):
            return base if r == 1 else self.one
        slope = self.mul(self.number(r), self.rational_power(base.re, r - 1))
        return Dual(base.tag, self.rational_power(base.re, r), self.mul(slope, base.eps))

    def power(self, base: Scalar, exponent: Scalar) -> Scalar:
        """base^exponent for an exponent that is not a constant: base > 0 unless it happens to be rational."""
        if isinstance(exponent, (int, Fraction)):
            return self.rational_power(base, Fraction(exponent))
        if base.__class__ is not Dual and exponent.__class__ is not Dual:
            return self.ring.power(base, exponent)
        tag, b0, b1, e0, e1 = self.pair(base, exponent)
        value = self.power(b0, e0)
        by_base = by_exponent = None
        if b1 is not None:
            below = self.power(b0, self.add(e0, self.number(-1)))
            by_base = self.mul(self.mul(e0, below), b1)
        if e1 is not None:
            by_exponent = self.mul(self.mul(value, self.apply("log", b0)), e1)
        return Dual(tag, value, self.total(by_base, by_exponent))

    def apply(self, name: str, x: Scalar) -> Scalar:
        if x.__class__ is not Dual:
            return self.ring.apply(name, x)
        value = self.apply(name, x.re)
        return Dual(x.tag, value, self.mul(self.slope(name, x.re, value), x.eps))

    def polygamma(self, order: int, x: Scalar) -> Scalar:
        if x.__class__ is not Dual:
            return self.ring.polygamma(order, x)
        slope = self.polygamma(order + 1, x.re)
        return Dual(x.tag, self.polygamma(order, x.re), self.mul(slope, x.eps))

    def slope(self, name: str, x: Scalar, value: Scalar) -> Scalar:
        """The derivative at x of the function, whose value there is given."""
        if name == "erf":
            bell = self.apply("exp", self.mul(self.number(-1), self.mul(x, x)))
            root = self.rational_power(self.ring.pi(), Fraction(-1, 2))
            return self.mul(self.mul(self.number(2), root), bell)
        if name in ("sigmoid", "tanh"):
            square = self.mul(self.number(-1), self.mul(value, value))
            return self.add(value if name == "sigmoid" else self.one, square)
        if name in ("sign", "step"):
            return self.zero
        if name == "lgamma":
            return self.polygamma(0, x)
        if name == "log":
            return self.rational_power(x, Fraction(-1))
        other = {"exp": "exp", "abs": "sign", "relu": "step", "softplus": "sigmoid"}
        return value if name == "exp" else self.apply(other[name], x)


@lru_cache(maxsize=10_000)
def tie_weights(maximisers: tuple[int, ...]) -> tuple[Fraction, ...]:
    """Arbitrary convex weights for a tie, the same wherever the same positions tie."""
    rng = random.Random(repr(maximisers))
    raw = [rng.randint(1, 9) for _ in maximisers]
    return tuple(Fraction(w, sum(raw)) for w in raw)


class Machine(Calculus):
    """Evaluates trees at one point, and remembers sums and elements that come again."""

    def __init__(self, ring: Ring, world: World, point: Point):
        super().__init__(ring)
        self.world, self.point = world, point
        self.active: tuple[Element, ...] = ()
        self.known: dict[Any, Scalar] = {}
        self.loose: dict[int, tuple[Tree, tuple[str, ...]]] = {}
        self.read: set[Element] = set()
        self.table: dict[str, Callable[[Tree, Env], Scalar]] = {
            "at": self.at, "add": self.sum_of, "mul": self.product_of, "pow": self.pow,
            "delta": self.delta, "cases": self.cases, "deriv": self.deriv,
            "maximum": self.maximum, "size": self.size, "largest": self.largest,
        }  # fmt: skip
        self.table |= dict.fromkeys(("sum", "prod", "max"), self.binder)

    def value(self, tree: Tree, env: Env) -> Scalar:
        """The value of the tree where the free indices have the values of env."""
        if tree.__class__ is str:
            made = self.known.get(tree)
            if made is None:
                made = self.known[tree] = self.number(Fraction(tree))
            return made
        head = tree[0]
        handler = self.table.get(head)
        if handler is not None:
            return handler(tree, env)
        if head == "pi":
            return self.ring.pi()
        inner = self.value(tree[1], env)
        return inner if head == "group" else self.apply(head, inner)

    def place(self, position: Position, env: Env) -> int:
        return env[position] if isinstance(position, str) else position

    def length(self, name: str) -> int:
        return int(name) if name.isdigit() else self.point.sizes[name]

    def size(self, tree: Tree, env: Env) -> Scalar:
        return self.number(self.length(tree[1]))

    def at(self, tree: Tree, env: Env) -> Scalar:
        name, places = tree[1], tuple(self.place(p, env) for p in tree[2:])
        value = self.element(name, places)
        for tag, seed in enumerate(self.active, 1):
            if seed == (name, places):
                value = self.add(value, Dual(tag, self.zero, self.one))
        return value

    def element(self, name: str, places: tuple[int, ...]) -> Scalar:
        key = (name, places, self.active if name in self.world.definitions else ())
        if key not in self.known:
            self.known[key] = self.look_up(name, places)
        return self.known[key]

    def look_up(self, name: str, places: tuple[int, ...]) -> Scalar:
        rule = self.world.definitions.get(name) or self.world.pinned.get(name)
        if rule is None:
            self.read.add((name, places))
            return self.number(self.point.elements[name, places])
        held = self.active
        if name in self.world.pinned:
            self.active = ()
        try:
            env = {**self.point.fixed, **dict(zip(rule.indices, places, strict=True))}
            return self.value(rule.body, env)
        finally:
            self.active = held

    def sum_of(self, tree: Tree, env: Env) -> Scalar:
        total = self.value(tree[1], env)
        for term in tree[2:]:
            total = self.add(total, self.value(term, env))
        return total

    def product_of(self, tree: Tree, env: Env) -> Scalar:
        total = self.value(tree[1], env)
        for term in tree[2:]:
            total = self.mul(total, self.value(term, env))
        return total

    def rational(self, tree: Tree) -> Fraction | None:
        """The value of a constant exponent (sizes are constant), or None."""
        if isinstance(tree, str):
            return Fraction(tree)
        if tree[0] == "size":
            return Fraction(self.length(tree[1]))
        if tree[0] not in ("add", "mul", "group"):
            return None
        inner = [self.rational(t) for t in tree[1:]]
        found = Fraction(int(tree[0] != "add"))
        for r in inner:
            if r is None:
                return None
            found = found + r if tree[0] == "add" else found * r
        return found

    def pow(self, tree: Tree, env: Env) -> Scalar:
        base, constant = self.value(tree[1], env), self.rational(tree[2])
        if constant is not None:
            return self.rational_power(base, constant)
        return self.power(base, self.value(tree[2], env))

    def delta(self, tree: Tree, env: Env) -> Scalar:
        return self.one if self.place(tree[1], env) == self.place(tree[2], env) else self.zero

    def cases(self, tree: Tree, env: Env) -> Scalar:
        for value, condition in tree[1]:
            if self.ring.truth(primal(self.value(condition, env))):
                return self.value(value, env)
        return self.value(tree[2], env)

    def deriv(self, tree: Tree, env: Env) -> Scalar:
        _, expr, (_, name, *positions) = tree
        held, tag = self.active, len(self.active) + 1
        self.active = (*held, (name, tuple(self.place(p, env) for p in positions)))
        try:
            made = self.value(expr, env)
        finally:
            self.active = held
        eps = self.split(tag, made)[1]
        return self.zero if eps is None else eps

    def binder(self, tree: Tree, env: Env) -> Scalar:
        if id(tree) not in self.loose:
            self.loose[id(tree)] = tree, tuple(sorted(free_indices(tree)))
        key = (id(tree), tuple(env[i] for i in self.loose[id(tree)][1]), self.active)
        if key not in self.known:
            self.known[key] = self.bound(tree, env)
        return self.known[key]

    def over(self, tree: Tree, env: Env) -> tuple[list[int], list[Scalar]]:
        """The positions the bound index takes, and the body's value at each."""
        name, outside = tree[1], {self.place(p, env) for p in tree[3]}
        places = [k for k in range(1, self.length(self.world.ranges[name]) + 1) if k not in outside]
        inner = dict(env)
        values = []
        for inner[name] in places:
            values.append(self.value(tree[2], inner))
        return places, values

    def bound(self, tree: Tree, env: Env) -> Scalar:
        places, values = self.over(tree, env)
        if tree[0] == "max":
            best = self.best(places, values, 2)
            parts = [
                value if best[k] == 1 else self.mul(self.number(best[k]), value)
                for k, value in zip(places, values, strict=True) if k in best
            ]  # fmt: skip
            return self.fold(self.add, parts, self.zero)
        if tree[0] == "sum":
            return self.fold(self.add, values, self.zero)
        return self.fold(self.mul, values, self.one)

    def fold(self, join: Callable[[Scalar, Scalar], Scalar], values: list[Scalar], empty: Scalar) -> Scalar:
        if not values:
            return empty
        total = values[0]
        for value in values[1:]:
            total = join(total, value)
        return total

    def best(self, places: list[int], values: list[Scalar], smooth: int) -> dict[int, Fraction]:
        """The weights of the maximisers; at a tie there is no derivative of order `smooth`."""
        if not places:
            raise Undefined("a maximum over nothing")
        tied = tuple(places[c] for c in self.ring.maximisers([primal(v) for v in values]))
        if len(tied) > 1 and (not self.world.ties or len(self.active) >= smooth):
            raise Undefined("a tie")
        return dict(zip(tied, tie_weights(tied), strict=True))

    def largest(self, tree: Tree, env: Env) -> Scalar:
        weight = self.best(*self.over(tree, env), 1).get(self.place(tree[4], env), Fraction(0))
        return self.number(weight)

    def maximum(self, tree: Tree, env: Env) -> Scalar:
        a, b = self.value(tree[1], env), self.value(tree[2], env)
        found = self.ring.maximisers([primal(a), primal(b)])
        if len(found) > 1 and (not self.world.ties or self.world.kinks_matter):
            raise Undefined("a kink")
        return (a, b)[found[0]]


def grid(lengths: list[int]) -> list[tuple[int, ...]]:
    """All tuples of positions of an array."""
    return list(product(*(range(1, n + 1) for n in lengths)))
