"""Reading JSON: trees become Nodes over declared names, or one WitnessError says what is wrong.

The format is that of docs/design.md and derive/interchange.py.  All is read before any evaluation.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

FUNCTIONS = {"exp", "log", "sin", "cos", "tan", "sign", "abs", "erf", "lgamma", "group"}
MEANING: dict[str, Callable[[Any], Any]] = {  # functions that are read as what they stand for
    "sigmoid": lambda x: ["pow", ["add", "1", ["exp", ["mul", "-1", x]]], "-1"],
    "tanh": lambda x: ["add", ["mul", "2", ["sigmoid", ["mul", "2", x]]], "-1"],
    "softplus": lambda x: ["log", ["add", "1", ["exp", x]]],
    "step": lambda x: ["mul", "1/2", ["add", "1", ["sign", x]]],
    "relu": lambda x: ["maximum", x, "0"],
}
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


def demand(condition: object, where: str, *text: Any) -> None:
    """Raise WitnessError unless the condition holds; what is no string is shown shortened."""
    if not condition:
        said = (t if isinstance(t, str) else reprlib.repr(*t) for t in text)
        raise WitnessError(f"{where}: {' '.join(said)}")


def entry(table: Any, key: str, where: str, kind: type = object, default: Any = None) -> Any:
    """table[key] of that kind, or a WitnessError that says what is missing."""
    demand(isinstance(table, dict), where, (table,), "is not an object")
    demand(key in table or default is not None, where, f"has no {key!r}")
    value = table.get(key, default)
    demand(isinstance(value, kind), where, f"{key} =", (value,), f"is not a {kind.__name__}")
    return value


@dataclass(frozen=True, eq=False)
class Node:
    """`bound` is the index that a node binds in its only tree, `name` an array, a number, or the
    range of a size or of that index, `ranges` are all those spoken of."""

    head: str
    name: str
    places: tuple[str | int, ...] = ()
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


class Declared:
    """The indices by the range of each, the arrays by their ranges and domain; each Node that is
    read, and each evaluator at a point, is there once."""

    def __init__(self, raw: Any):
        self.nodes, self.machines = dict[Any, Node](), dict[Any, Any]()
        self.indices: dict[str, str] = entry(raw, "indices", "given", dict, {})
        self.arrays: dict[str, tuple[tuple[str, ...], str]] = {}
        for name, a in entry(raw, "arrays", "given", dict, {}).items():
            ranges, domain = entry(a, "ranges", name, list), entry(a, "domain", name, str, "real")
            demand(domain in DOMAINS, name, f"unknown domain {domain!r}")
            self.arrays[name] = tuple(ranges), domain
        for r in [*self.indices.values(), *(r for a in self.arrays.values() for r in a[0])]:
            good = isinstance(r, str) and (not r.isdecimal() or r in [*"12345678"])
            demand(good, "given", "the range", (r,), f"is no name, or too large (over {BIGGEST})")

    def read(self, raw: Any, where: str, depth: int = 0) -> Node:
        """The Node of a JSON tree."""
        demand(depth < DEEPEST, where, f"nested deeper than {DEEPEST} nodes; split it up")
        if isinstance(raw, str):
            demand(NUMBER.fullmatch(raw), where, (raw,), "is not a number such as 3/4")
            return self.nodes.setdefault(raw, Node("number", raw))
        called = isinstance(raw, list) and raw and isinstance(raw[0], str)
        demand(called, where, (raw,), "is neither a number nor a list that begins with a name")
        if raw[0] in MEANING and len(raw) == 2:
            return self.read(MEANING[raw[0]](raw[1]), where, depth + 1)
        found = parts(raw)
        demand(found, where, (raw,), f"is not how {raw[0]!r} is written, if there is such a node")
        name, bound, places, inner = found
        ranges = self.ranges(raw[0], name, [*places, *([bound] if bound else [])], where)
        trees = tuple(self.read(tree, where, depth + 1) for tree in inner)
        variable = raw[0] != "deriv" or trees[1].head == "at"
        demand(variable, where, "only an array element can be differentiated by")
        key = raw[0], self.indices.get(bound, name), tuple(places), trees, bound, ranges
        return self.nodes.setdefault(key, Node(*key))

    def ranges(self, head: str, name: str, places: list[Any], where: str) -> tuple[str, ...]:
        """The `ranges` of a Node, after all names and positions have been checked."""
        for p in places:
            good = p in self.indices if isinstance(p, str) else type(p) is int and 1 <= p <= BIGGEST
            demand(good, where, (p,), f"is not declared, and not a position from 1 to {BIGGEST}")
        if head != "at":
            return (*(self.indices[p] for p in places if isinstance(p, str)), *[name] * bool(name))
        demand(name in self.arrays, where, f"array {name!r} is not declared")
        ranges = self.arrays[name][0]
        fits = len(ranges) == len(places)
        demand(fits, where, f"{name} has {len(ranges)} indices, not {len(places)}")
        for p, r in zip(places, ranges, strict=True):
            fits = self.indices[p] == r if isinstance(p, str) else not r.isdecimal() or p <= int(r)
            demand(fits, where, f"{p!r} does not run over the range {r} of {name}")
        return ranges


def parts(raw: list[Any]) -> Any:
    """A node's name, the index that it binds, its positions and its trees; None if it has none."""
    match raw:
        case ["pi"] | ["size", str()] | ["at", str(), *_]:
            return "".join(raw[1:2]), "", raw[2:], []
        case ["delta", _, _]:
            return "", "", raw[1:], []
        case ["add" | "mul", _, *_] | ["pow" | "maximum" | "deriv", _, _]:
            return "", "", [], raw[1:]
        case ["sum" | "prod" | "max", str(k), body, list(excluded)] if k:
            return "", k, excluded, [body]
        case ["largest", str(k), body, list(excluded), place] if k:
            return "", k, [*excluded, place], [body]
        case ["cases", list(rows), last] if all(isinstance(r, list) and len(r) == 2 for r in rows):
            return "", "", [], [*(tree for row in rows for tree in row), last]
        case [str(head), tree] if head in FUNCTIONS:
            return "", "", [], [tree]
    return None
