"""Reading JSON: trees become Nodes over declared names, or one WitnessError says what is wrong.

The format is that of docs/design.md and derive/interchange.py.  All is read before any evaluation.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
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

    `name` is an array, a number, or a range (of a size, or of the index bound); `ranges` are all
    those spoken of.
    """

    head: str
    name: str
    places: tuple[Position, ...] = ()
    trees: tuple[Node, ...] = ()
    bound: str = ""
    ranges: tuple[str, ...] = ()

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


class Rule(NamedTuple):
    """What an array's elements are; `pinned` by a fact, they are no function to differentiate."""

    indices: tuple[Any, ...]
    body: Node
    pinned: bool


Fact = tuple[str, Node, Node]  # its name, left = right for all values of its free indices


@dataclass(frozen=True)
class Given:
    """What is declared (arrays by ranges and domain), and what is assumed beside an equation."""

    indices: dict[str, str]
    arrays: dict[str, tuple[tuple[str, ...], str]]
    rules: dict[str, Rule]
    facts: tuple[Fact, ...] = ()
    pairs: tuple[tuple[Position, Position, bool], ...] = ()  # positions equal (True) or distinct


def demand(condition: object, where: str, *text: Any) -> None:
    """Raise WitnessError unless the condition holds; what is no string is shown shortened."""
    if not condition:
        said = (t if isinstance(t, str) else reprlib.repr(*t) for t in text)
        raise WitnessError(f"{where}: {' '.join(said)}")


def reach(trees: Iterable[Node], rules: Mapping[str, Rule]) -> set[str]:
    """The arrays that the trees name, and all that the rules of these need."""
    found, ahead = set[str](), list(trees)
    while ahead:
        new = {n.name for n in ahead.pop().walk() if n.head == "at"} - found
        found |= new
        ahead += [rules[name].body for name in new & rules.keys()]
    return found


def read(raw: Any, given: Given, where: str, depth: int = 0) -> Node:
    """The Node of a JSON tree."""
    demand(depth < DEEPEST, where, f"nested deeper than {DEEPEST} nodes; split the expression up")
    if isinstance(raw, str):
        demand(NUMBER.fullmatch(raw), where, (raw,), "is not a number such as 3/4")
        return Node("number", raw)
    called = isinstance(raw, list) and raw and isinstance(raw[0], str)
    demand(called, where, (raw,), "is neither a number nor a list that begins with a name")
    head, *values = raw
    demand(head in SHAPES, where, "unknown node", (head,))
    shape = SHAPES[head]
    if shape[-1:].isupper():
        shape = shape[:-1] + shape[-1].lower() * (len(raw) - len(shape))
    pairs: list[tuple[str, Any]] = list(zip(shape, values, strict=False))
    fits = len(shape) == len(values) and all(isinstance(v, KINDS.get(k, object)) for k, v in pairs)
    branches = [branch for kind, value in pairs if kind == "c" for branch in value] if fits else []
    fits = fits and all(isinstance(branch, list) and len(branch) == 2 for branch in branches)
    demand(fits, where, (raw,), f"is not how {head!r} is written")
    part = {kind: [v for k, v in pairs if k == kind] for kind in "tplin"}
    places = (*(p for some in part["l"] for p in some), *part["p"])
    ranges = ranges_of(head, "".join(part["n"]), (*places, *part["i"]), given, where)
    inner = [tree for branch in branches for tree in branch] + part["t"]
    trees = tuple(read(t, given, where, depth + 1) for t in inner)
    variable = head != "deriv" or trees[1].head == "at"
    demand(variable, where, "only an array element can be differentiated by")
    name = "".join([*part["n"], *(given.indices[i] for i in part["i"])])
    return Node(head, name, places, trees, "".join(part["i"]), ranges)


def ranges_of(head: str, name: str, places: Any, given: Given, where: str) -> tuple[str, ...]:
    """The `ranges` of a Node, after all names and positions have been checked."""
    for p in places:
        good = p in given.indices if isinstance(p, str) else type(p) is int and 1 <= p <= BIGGEST
        demand(good, where, (p,), f"is not declared, and not a position from 1 to {BIGGEST}")
    if head != "at":
        ranges = tuple(given.indices[p] for p in places if isinstance(p, str))
        return (*ranges, name) if name else ranges
    demand(name in given.arrays, where, f"array {name!r} is not declared")
    ranges = given.arrays[name][0]
    fits = len(ranges) == len(places)
    demand(fits, where, f"{name} has {len(ranges)} indices, not {len(places)}")
    for p, r in zip(places, ranges, strict=True):
        fits = given.indices[p] == r if isinstance(p, str) else not r.isdecimal() or p <= int(r)
        demand(fits, where, f"{p!r} does not run over the range {r} of {name}")
    return ranges


def entry(table: Any, key: str, where: str, kind: type = object, default: Any = None) -> Any:
    """table[key] of that kind, or a WitnessError that says what is missing."""
    demand(isinstance(table, dict), where, (table,), "is not an object")
    demand(key in table or default is not None, where, f"has no {key!r}")
    value = table.get(key, default)
    demand(isinstance(value, kind), where, f"{key} =", (value,), f"is not a {kind.__name__}")
    return value


def read_given(raw: Any) -> Given:
    """The declarations of a certificate (or of a call), checked; absent parts are empty."""
    given = Given(entry(raw, "indices", "given", dict, {}), {}, {})
    for name, a in entry(raw, "arrays", "given", dict, {}).items():
        ranges, domain = entry(a, "ranges", name, list), entry(a, "domain", name, str, "real")
        demand(domain in DOMAINS, name, f"unknown domain {domain!r}")
        given.arrays[name] = tuple(ranges), domain
    for r in [*given.indices.values(), *(r for a in given.arrays.values() for r in a[0])]:
        good = isinstance(r, str) and (not r.isdecimal() or r in [*"12345678"])
        demand(good, "given", "the range", (r,), f"is no name, or too large (over {BIGGEST})")
    for d in entry(raw, "definitions", "given", list, []):
        define(given, d)
    facts, pairs = list[Fact](), list[tuple[Position, Position, bool]]()
    for f in entry(raw, "facts", "given", list, []):
        name = entry(f, "name", "fact", str)
        facts.append((name, *(read(entry(f, k, name), given, name) for k in ("left", "right"))))
    for key in ("equal", "distinct"):
        for pair in entry(raw, key, "given", list, []):
            good = isinstance(pair, (list, tuple)) and len(pair) == 2
            demand(good, "given", (pair,), "is not a pair")
            ranges_of("delta", "", pair, given, "given")
            pairs.append((*pair, key == "equal"))
    return replace(given, facts=tuple(facts), pairs=tuple(pairs))


def define(given: Given, raw: Any) -> None:
    """Read one more definition."""
    name, places = (entry(raw, k, "definition", t) for k, t in (("array", str), ("indices", list)))
    head, body = (read(t, given, name) for t in (["at", name, *places], entry(raw, "body", name)))
    good = len(head.free) == len(places) and name not in given.rules
    demand(good, name, "is defined twice, or by different indices")
    given.rules[name] = Rule(head.places, body, False)
    circle = any(a in reach([rule.body], given.rules) for a, rule in given.rules.items())
    demand(not circle, name, "is defined by way of itself")
