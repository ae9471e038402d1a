"""Reading JSON: trees become Nodes over declared names, or one WitnessError says what is wrong.

The format is that of docs/design.md and derive/interchange.py.  All is read before any evaluation.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple

Position = str | int
# What follows a node's name: t tree, p position, l list of positions, i the index it binds in its
# tree, n name, c list of pairs of trees; a capital repeats to the end.
SHAPES = {
    "at": "nP", "size": "n", "pi": "", "add": "tT", "mul": "tT", "pow": "tt", "maximum": "tt",
    "sum": "itl", "prod": "itl", "max": "itl", "largest": "itlp", "delta": "pp", "cases": "ct",
    "deriv": "tt", "exp": "t", "log": "t", "sign": "t", "step": "t", "abs": "t", "relu": "t",
    "sigmoid": "t", "tanh": "t", "softplus": "t", "erf": "t", "lgamma": "t", "group": "t",
}  # fmt: skip
KINDS: dict[str, type] = {"l": list, "c": list, "i": str, "n": str}
DEEPEST, BIGGEST = 120, 8
NUMBER = re.compile(r"-?[0-9]{1,400}(/0*[1-9][0-9]{0,400})?")
DOMAINS: dict[str, tuple[str, Callable[[Any], bool]]] = {  # simple elements, and what is one
    "real": ("0 1 -1 2 1/2", lambda x: True),
    "integer": ("0 1 -1 2 3", lambda x: bool(x == int(x))),
    "positive": ("1 2 1/2 3", lambda x: bool(x > 0)),
    "nonnegative": ("0 1 2 1/2", lambda x: bool(x >= 0)),
    "unit": ("0 1 1/2 1/4", lambda x: bool(0 <= x <= 1)),
    "sign": ("1 -1", lambda x: x in (1, -1)),
    "binary": ("0 1", lambda x: x in (0, 1)),
}


class WitnessError(ValueError):
    """A certificate, tree or declaration that cannot be read, and what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Node:
    """A node of an expression; `bound` is the index that it binds in its only tree.

    `name` is an array, a number, or a range: of a size, or of the index bound.  `spans` are the
    ranges spoken of, each with the smallest size that the positions here allow.
    """

    head: str
    name: str
    places: tuple[Position, ...] = ()
    trees: tuple[Node, ...] = ()
    bound: str = ""
    spans: tuple[tuple[str, int], ...] = ()

    def walk(self) -> Iterator[Node]:
        """This node and every one inside it."""
        yield self
        for tree in self.trees:
            yield from tree.walk()

    @cached_property
    def free(self) -> frozenset[str]:
        """The indices that occur unbound."""
        inside = frozenset[str]().union(*(t.free for t in self.trees)) - {self.bound}
        return inside | {p for p in self.places if isinstance(p, str)}

    @cached_property
    def constant(self) -> bool:
        """Whether it is made of numbers and sizes only."""
        return all(n.head in ("number", "size", "add", "mul", "group") for n in self.walk())

    @cached_property
    def number(self) -> Fraction:
        """The value of a "number"."""
        return Fraction(self.name)

    @property
    def plain(self) -> bool:
        """Whether it is an element over different indices, as the left side of a definition."""
        return self.head == "at" and len(self.free) == len(self.places)


class Array(NamedTuple):
    """One range for each index, and the domain of the elements."""

    ranges: tuple[str, ...]
    domain: str


class Rule(NamedTuple):
    """What an array's elements are; `pinned` by a fact, they are no function to differentiate."""

    indices: tuple[Any, ...]
    body: Node
    pinned: bool


class Fact(NamedTuple):
    """left = right for all values of its free indices."""

    name: str
    left: Node
    right: Node


@dataclass(frozen=True)
class Given:
    """All that is declared or assumed beside an equation."""

    indices: Mapping[str, str]
    arrays: Mapping[str, Array]
    rules: Mapping[str, Rule]
    facts: tuple[Fact, ...] = ()
    equal: tuple[tuple[Position, Position], ...] = ()
    distinct: tuple[tuple[Position, Position], ...] = ()


def demand(condition: object, where: str, *text: Any) -> None:
    """Raise WitnessError unless the condition holds; what is no string is shown shortened."""
    if not condition:
        said = (t if isinstance(t, str) else reprlib.repr(*t) for t in text)
        raise WitnessError(f"{where}: {' '.join(said)}")


def reach(trees: Iterable[Node], rules: Mapping[str, Rule]) -> frozenset[str]:
    """The arrays that the trees name, and all that the rules of these need."""
    found, ahead = set[str](), list(trees)
    while ahead:
        new = {n.name for n in ahead.pop().walk() if n.head == "at"} - found
        found |= new
        ahead += [rules[name].body for name in new & rules.keys()]
    return frozenset(found)


def read(raw: Any, given: Given, where: str, depth: int = 0) -> Node:
    """The Node of a JSON tree."""
    demand(depth < DEEPEST, where, f"nested deeper than {DEEPEST} nodes; split the expression up")
    if isinstance(raw, str):
        demand(NUMBER.fullmatch(raw), where, (raw,), "is not a number such as 3/4")
        return Node("number", raw)
    called = isinstance(raw, list) and raw and isinstance(raw[0], str)
    demand(called, where, (raw,), "is neither a number nor a list that begins with a name")
    demand(raw[0] in SHAPES, where, "unknown node", (raw[0],))
    head, *values = raw
    shape = SHAPES[head]
    if shape[-1:].isupper():
        shape = shape[:-1] + shape[-1].lower() * (len(raw) - len(shape))
    pairs = [*zip(shape, values, strict=False)]
    branches = [b for kind, value in pairs if kind == "c" for b in value if isinstance(value, list)]
    fits = len(shape) == len(values) and all(isinstance(v, KINDS.get(k, object)) for k, v in pairs)
    fits &= all(isinstance(branch, list) and len(branch) == 2 for branch in branches)
    demand(fits, where, (raw,), f"is not how {head!r} is written")
    part = {kind: [v for k, v in pairs if k == kind] for kind in "tplin"}
    name, bound = "".join(part["n"]), "".join(part["i"])
    places = (*(p for some in part["l"] for p in some), *part["p"])
    spans = spans_of(head, name, (*places, *part["i"]), given, where)
    inner = [tree for branch in branches for tree in branch] + part["t"]
    trees = tuple(read(t, given, where, depth + 1) for t in inner)
    good = head != "deriv" or trees[1].head == "at"
    demand(good, where, "only an array element can be differentiated by")
    return Node(head, given.indices[bound] if bound else name, places, trees, bound, spans)


def spans_of(
    head: str, name: str, places: tuple[Any, ...], given: Given, where: str
) -> tuple[tuple[str, int], ...]:
    """The `spans` of a Node, after all names and positions have been checked."""
    for p in places:
        named = isinstance(p, str) and p in given.indices
        good = named or (type(p) is int and 1 <= p <= BIGGEST)
        demand(good, where, (p,), f"is not declared, and not a position from 1 to {BIGGEST}")
    least = [1 if isinstance(p, str) else p for p in places]
    if head != "at":
        ranges = {given.indices[p] for p in places if isinstance(p, str)}
        return tuple((r, max([1, *least])) for r in ranges | ({name} - {""}))
    demand(name in given.arrays, where, f"array {name!r} is not declared")
    wanted = given.arrays[name].ranges
    text = f"{name} has {len(wanted)} indices, not {len(places)}"
    demand(len(wanted) == len(places), where, text)
    for p, r in zip(places, wanted, strict=True):
        fits = given.indices[p] == r if isinstance(p, str) else not r.isdecimal() or p <= int(r)
        demand(fits, where, f"{p!r} does not run over the range {r} of {name}")
    return tuple(zip(wanted, least, strict=True))


def entry(table: Any, key: str, where: str, kind: type = object, default: Any = None) -> Any:
    """table[key] of that kind, or a WitnessError that says what is missing."""
    demand(isinstance(table, dict), where, (table,), "is not an object")
    demand(key in table or default is not None, where, f"has no {key!r}")
    value = table.get(key, default)
    demand(isinstance(value, kind), where, f"{key} =", (value,), f"is not a {kind.__name__}")
    return value


def read_given(raw: Any) -> Given:
    """The declarations of a certificate (or of a call), checked; absent parts are empty."""
    indices, arrays = entry(raw, "indices", "given", dict, {}), {}
    for name, a in entry(raw, "arrays", "given", dict, {}).items():
        ranges, domain = entry(a, "ranges", name, list), entry(a, "domain", name, str, "real")
        demand(domain in DOMAINS, name, f"unknown domain {domain!r}")
        arrays[name] = Array(tuple(ranges), domain)
    for r in [*indices.values(), *(r for a in arrays.values() for r in a.ranges)]:
        good = isinstance(r, str) and (not r.isdecimal() or r in map(str, range(1, BIGGEST + 1)))
        demand(good, "given", "the range", (r,), f"is no name, or too large (over {BIGGEST})")
    rules, facts = {}, []
    given = Given(indices, arrays, rules)
    for d in entry(raw, "definitions", "given", list, []):
        name, places = entry(d, "array", "definition", str), entry(d, "indices", "definition", list)
        head, body = read(["at", name, *places], given, name), read(entry(d, "body", name), given, name)
        demand(head.plain and name not in rules, name, "is defined twice, or by different indices")
        rules[name] = Rule(head.places, body, False)
        circle = any(a in reach([rules[a].body], rules) for a in rules)
        demand(not circle, name, "is defined by way of itself")
    for f in entry(raw, "facts", "given", list, []):
        name = entry(f, "name", "fact", str)
        facts.append(Fact(name, *(read(entry(f, k, name), given, name) for k in ("left", "right"))))
    pairs = {key: tuple(entry(raw, key, "given", list, [])) for key in ("equal", "distinct")}
    for pair in pairs["equal"] + pairs["distinct"]:
        demand(isinstance(pair, (list, tuple)) and len(pair) == 2, "given", (pair,), "is not a pair")
        spans_of("delta", "", tuple(pair), given, "given")
    return replace(given, facts=tuple(facts), **pairs)
