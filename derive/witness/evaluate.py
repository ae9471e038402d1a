"""Evaluating a tree at a point.

A `deriv` is a difference quotient of its body, with a step so small that its error is not seen: no
rule of differentiation is known here.  The element's position is evaluated outside, so that a bound
index of the same name in the body means nothing to it; what is defined by way of it moves along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from functools import cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

from mpmath.ctx_mp import MPContext

from derive.witness.record import Node

Scalar = Any  # an int, a Fraction or an mpf; Python's own + and * work on any two of them
Element = tuple[str, tuple[int, ...]]
Env = Mapping[Any, int]
Sides = tuple[Node, Node]
DIGITS, HUGE, TINY = 200, 10**150, Fraction(1, 10**30)
MOST_TERMS, MOST_BITS, LARGEST_ARGUMENT = 20_000, 4000, 1_000_000
numeral = cache(lambda written: Fraction(written) if "/" in written else int(written))


class NotCovered(Exception):
    """This is too much to evaluate."""


class Undefined(Exception):
    """The expression has no value (or no derivative) at this point."""


@cache
def context(digits: int) -> Any:
    """An mpmath context of its own, so that nobody else's precision changes."""
    made = MPContext()
    made.dps = digits
    return made


def exact(x: Scalar) -> bool:
    """Whether a number is rational: it is until the first exp, log or root."""
    return isinstance(x, (int, Fraction))


def total(terms: Iterable[Scalar]) -> Scalar:
    """A sum in which no term is so large that another is lost."""
    found = list(terms)
    if any(abs(term) > HUGE for term in found):
        raise Undefined("too large to see what is added to it")
    return sum(found)


def grid(spans: dict[Any, range]) -> list[Env]:
    """All choices, if there are not too many."""
    if prod(map(len, spans.values())) > MOST_TERMS:
        raise NotCovered(f"more than {MOST_TERMS} values of the indices to evaluate")
    return [dict(zip(spans, choice, strict=True)) for choice in product(*spans.values())]


class Point(NamedTuple):
    """Sizes, values of the free indices, exact elements of the given arrays."""

    sizes: Mapping[str, int]
    indices: Env
    elements: Mapping[Element, Fraction]


class Rule(NamedTuple):
    """What an array's elements are; `pinned` by a fact, they are no function to differentiate."""

    indices: tuple[Any, ...]
    body: Node
    pinned: bool


class Machine:
    """Evaluates trees at one point, remembers what it can, and notes what it has `read`; `shifts`
    are the steps that the derivatives around take, `plain` is the machine without them."""

    def __init__(
        self, rules: Mapping[str, Rule], point: Point, digits: int = DIGITS,
        shifts: Mapping[Element, Fraction] | None = None, plain: Machine | None = None,
    ):  # fmt: skip
        self.rules, self.point, self.shifts, self.plain = rules, point, shifts or {}, plain or self
        self.ctx, self.known, self.read = context(digits), dict[Any, Any](), set[Element]()
        self.inexact, self.step = self.ctx.convert, Fraction(1, 10 ** (digits // 5))
        self.terms = MOST_TERMS

    def shifted(self, spot: Element, by: Fraction) -> Machine:
        """The machine where this element is larger by so much."""
        found: Machine | None = self.known.get((spot, by))
        if found is None:
            shifts = {**self.shifts, spot: self.shifts.get(spot, Fraction(0)) + by}
            found = Machine(self.rules, self.point, self.ctx.dps, shifts, self.plain)
            self.known[spot, by] = found
        return found

    def solved(self, sides: Sides, env: Env, done: set[Element]) -> Machine:
        """The machine where this holds, if it is affine in an element: the last is moved."""
        miss = self.gap(sides, env)
        for e in () if self.open(miss) else sorted(self.read - done, reverse=True):
            slope = self.shifted(e, Fraction(1)).gap(sides, env) + -1 * miss
            if exact(slope) and slope != 0:
                moved = {**self.point.elements, e: self.point.elements[e] - Fraction(miss) / slope}
                there = Machine(self.rules, self.point._replace(elements=moved))
                if there.gap(sides, env) == 0:
                    done.add(e)
                    return there
        return self

    def value(self, tree: Node, env: Env) -> Scalar:
        """The value of a tree where its free indices have the values of env."""
        node = NODES.get(tree.head)
        if node is None:
            return self.apply(tree.head, self.value(tree.trees[0], env))
        if not tree.bound:
            return node(self, tree, env)
        key = tree, *[env[i] for i in tree.free]
        if key not in self.known:
            self.known[key] = node(self, tree, env)
        return self.known[key]

    def gap(self, sides: Sides, env: Env) -> Scalar:
        """left - right."""
        self.plain.terms = MOST_TERMS
        left, right = (self.value(side, env) for side in sides)
        return left + -1 * right

    def all(self, tree: Node, env: Env) -> list[Scalar]:
        """The values of all that a node is made of."""
        return [self.value(part, env) for part in tree.trees]

    def spot(self, tree: Node, env: Env) -> Element:
        """The array and the positions that a node names."""
        return tree.name, tuple([env[p] if isinstance(p, str) else p for p in tree.places])

    def element(self, spot: Element) -> Scalar:
        """An element, given or by a rule, with the steps of the derivatives by it."""
        if spot not in self.known:
            rule = self.rules.get(spot[0])
            if rule is None:
                self.plain.read.add(spot)
                made: Scalar = self.point.elements[spot]
            elif rule.pinned and self.shifts:
                made = self.plain.element(spot)
            else:
                bound = dict(zip(rule.indices, spot[1], strict=True))
                made = self.value(rule.body, {**self.point.indices, **bound})
            self.known[spot] = made + self.shifts[spot] if spot in self.shifts else made
        return self.known[spot]

    def power(self, tree: Node, env: Env) -> Scalar:
        """A power: exact where that is short; with an inexact exponent e^(x log b)."""
        base, exponent = self.all(tree, env)
        if not exact(exponent):
            return self.apply("exp", exponent * self.apply("log", base))
        r, whole = exponent, exponent.denominator == 1
        if (r < 0 and self.open(base)) or (base < 0 and not whole) or abs(r) > LARGEST_ARGUMENT:
            raise Undefined("division by what may be zero, a root, or too large to evaluate")
        if base == 0 or r == 0:
            return int(r == 0)
        bits = (base.numerator * base.denominator).bit_length() if exact(base) and whole else HUGE
        if abs(r) * bits <= MOST_BITS:
            return Fraction(base) ** int(r)
        return self.inexact(base) ** (int(r) if whole else self.inexact(r))

    def cases(self, tree: Node, env: Env) -> Scalar:
        """The first value whose condition holds; the others are not evaluated."""
        for value, condition in zip(tree.trees[:-1:2], tree.trees[1::2], strict=True):
            holds = self.value(condition, env)
            if holds not in (0, 1):
                raise Undefined("a condition that is neither 0 nor 1")
            if holds:
                return self.value(value, env)
        return self.value(tree.trees[-1], env)

    def deriv(self, tree: Node, env: Env) -> Scalar:
        """The difference quotient, to both sides."""
        body, spot, h = tree.trees[0], self.spot(tree.trees[1], env), self.step
        ahead, behind = (self.shifted(spot, by).value(body, env) for by in (h, -h))
        return self.inexact((ahead + -1 * behind) * (1 / (2 * h)))

    def over(self, tree: Node, env: Env) -> dict[int, Scalar]:
        """The body's value for each position that the bound index takes."""
        outside = self.spot(tree, env)[1][: -1 if tree.head == "largest" else None]
        inside = [k for k in range(1, self.point.sizes[tree.name] + 1) if k not in outside]
        self.plain.terms -= len(inside)
        if self.plain.terms < 0:
            raise NotCovered(f"more than {MOST_TERMS} terms to evaluate at one point")
        return {k: self.value(tree.trees[0], {**env, tree.bound: k}) for k in inside}

    def top(self, values: Mapping[int, Scalar]) -> Scalar:
        """The largest of these."""
        return values[self.tied(values)[0]]

    def tied(self, values: Mapping[int, Scalar]) -> list[int]:
        """Where the largest values stand; where there are several, nothing is differentiated."""
        near = {k: self.inexact(v) for k, v in values.items()}
        found = [k for k, v in near.items() if self.open(v - max(near.values()))]
        if not found or (len(found) > 1 and self.shifts):
            raise Undefined("a tie, or a maximum over nothing")
        return found

    def largest(self, tree: Node, env: Env) -> Scalar:
        """The subgradient weight of a position: any convex weights of those that tie."""
        found, place = self.tied(self.over(tree, env)), self.spot(tree, env)[1][-1]
        return Fraction((place in found) * (place**2 + 1), sum(k * k + 1 for k in found))

    def text(self, x: Scalar, digits: int) -> str:
        """A rational number as it is, any other to so many digits."""
        return str(x) if exact(x) else str(self.ctx.nstr(x, digits)).removesuffix(".0")

    def open(self, x: Scalar) -> bool:
        """Whether a number is 0, or may be: what rounding or a step has made of 0 has no sign."""
        return bool(abs(x) < (TINY if exact(x) else self.inexact(TINY)))

    def apply(self, name: str, x: Scalar) -> Scalar:
        """exp, log, sign, abs, erf, lgamma, sin, cos and tan, once for each argument."""
        if (name, x) in self.plain.known:
            return self.plain.known[name, x]
        if name == "abs":
            return abs(x)
        if self.open(x) and name in ("sign", "log", "lgamma"):
            raise Undefined("a kink or a pole, or what may be one")
        if name == "sign":
            return 1 if x > 0 else -1
        if abs(x) > LARGEST_ARGUMENT or (x < 0 and name in ("log", "lgamma")):
            raise Undefined("not positive, or too large to evaluate")
        found = getattr(self.ctx, "loggamma" if name == "lgamma" else name)(self.inexact(x))
        return self.plain.known.setdefault((name, x), found)


NODES: dict[str, Callable[[Machine, Node, Env], Scalar]] = {
    "at": lambda m, t, env: m.element(m.spot(t, env)),
    "number": lambda m, t, env: numeral(t.name),
    "size": lambda m, t, env: m.point.sizes[t.name],
    "pi": lambda m, t, env: +m.ctx.pi,
    "delta": lambda m, t, env: int(len(set(m.spot(t, env)[1])) == 1),
    "group": lambda m, t, env: m.value(t.trees[0], env),
    "add": lambda m, t, env: total(m.all(t, env)),
    "mul": lambda m, t, env: prod(m.all(t, env)),
    "sum": lambda m, t, env: total(m.over(t, env).values()),
    "prod": lambda m, t, env: prod(m.over(t, env).values()),
    "max": lambda m, t, env: m.top(m.over(t, env)),
    "maximum": lambda m, t, env: m.top(dict(enumerate(m.all(t, env)))),
    "pow": Machine.power, "cases": Machine.cases, "deriv": Machine.deriv,
    "largest": Machine.largest,
}  # fmt: skip
