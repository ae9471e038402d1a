"""Reading JSON: trees become Nodes over declared names, or one WitnessError says what is wrong.

The format is that of docs/design.md and derive/interchange.py.  Nothing here evaluates, and nothing
is evaluated before all of it has been read.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

Position = str | int
FUNCTIONS = "exp log sign step abs relu sigmoid tanh softplus erf lgamma group".split()
# What follows a node's name: t tree, p position, l list of positions, i the index it binds in its
# tree, n name, c list of pairs of trees; a capital repeats to the end.
SHAPES = {
    "at": "nP", "size": "n", "pi": "", "add": "tT", "mul": "tT", "pow": "tt", "maximum": "tt",
    "sum": "itl", "prod": "itl", "max": "itl", "largest": "itlp", "delta": "pp", "cases": "ct",
    "deriv": "tt",
} | dict.fromkeys(FUNCTIONS, "t")  # fmt: skip
KINDS: dict[str, type] = {"l": list, "c": list, "i": str, "n": str}
COMMUTING = frozenset(("add", "mul", "maximum", "delta", "sum", "prod", "max"))
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

    @property
    def plain(self) -> bool:
        """Whether this is an element over different indices, as the left side of a definition."""
        return self.head == "at" and len(self.free) == len(self.places)


@dataclass(frozen=True)
class Array:
    """One range for each index, and the domain of the elements."""

    ranges: tuple[str, ...]
    domain: str


@dataclass(frozen=True)
class Rule:
    """Elements by a body for all values of `indices`; any other index in it is a parameter.

    `pinned` elements come from a fact: it holds at the point and is no function to differentiate.
    """

    indices: tuple[Any, ...]
    body: Node
    pinned: bool


@dataclass(frozen=True)
class Fact:
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


def demand(condition: object, where: str, text: str) -> None:
    """Raise WitnessError unless the condition holds."""
    if not condition:
        raise WitnessError(f"{where}: {text}")


def reach(trees: Iterable[Node], rules: Mapping[str, Rule]) -> frozenset[str]:
    """The arrays that the trees name, and all that the rules of these need."""
    found, ahead = set[str](), list(trees)
    while ahead:
        new = {n.name for n in ahead.pop().walk() if n.head == "at"} - found
        found |= new
        ahead += [rules[name].body for name in new & rules.keys()]
    return frozenset(found)


def canonical(tree: Node, names: Mapping[Any, Any], depth: int = 0) -> Any:
    """Equal for trees that are the same up to bound names and the order of terms, and only then."""
    places = [names.get(p, p) for p in tree.places]
    inner = {**names, tree.bound: (depth,)} if tree.bound else names
    children = [canonical(child, inner, depth + 1) for child in tree.trees]
    if tree.head in COMMUTING:
        places, children = sorted(places, key=repr), sorted(children, key=repr)
    return tree.head, tree.name, places, children


def read(raw: Any, given: Given, where: str, depth: int = 0) -> Node:
    """The Node of a JSON tree."""
    demand(depth < DEEPEST, where, f"nested deeper than {DEEPEST} nodes; split the expression up")
    if isinstance(raw, str):
        demand(NUMBER.fullmatch(raw), where, f"{raw[:40]!r} is not a number such as 3/4")
        return Node("number", raw)
    called = isinstance(raw, list) and raw and isinstance(raw[0], str)
    text = f"{reprlib.repr(raw)} is neither a number nor a list that begins with a name"
    demand(called, where, text)
    demand(raw[0] in SHAPES, where, f"unknown node {raw[0]!r}")
    try:
        parts = sort_out(raw)
    except (TypeError, ValueError) as why:
        text = f"{reprlib.repr(raw)} is not how {raw[0]!r} is written"
        raise WitnessError(f"{where}: {text}") from why
    bound, name = "".join(parts["i"]), "".join(parts["n"])
    places = (*parts["l"], *parts["p"])
    spans = spans_of(raw[0], name, (*places, *parts["i"]), given, where)
    trees = tuple(read(t, given, where, depth + 1) for t in parts["t"])
    good = raw[0] != "deriv" or trees[1].head == "at"
    demand(good, where, "only an array element can be differentiated by")
    return Node(raw[0], given.indices[bound] if bound else name, places, trees, bound, spans)


def sort_out(raw: list[Any]) -> dict[str, list[Any]]:
    """What stands in a node, by the letters of SHAPES."""
    shape = SHAPES[raw[0]]
    if shape[-1:].isupper():
        shape = shape[:-1] + shape[-1].lower() * (len(raw) - len(shape))
    parts: dict[str, list[Any]] = {letter: [] for letter in "tplin"}
    for letter, value in zip(shape, raw[1:], strict=True):
        if not isinstance(value, KINDS.get(letter, object)):
            raise TypeError(letter)
        if letter == "c":
            parts["t"] += [tree for made, condition in value for tree in (made, condition)]
        else:
            parts[letter] += value if letter == "l" else [value]
    return parts


def spans_of(
    head: str, name: str, places: tuple[Any, ...], given: Given, where: str
) -> tuple[tuple[str, int], ...]:
    """The `spans` of a Node, after all names and positions have been checked."""
    for p in places:
        good = isinstance(p, str) or (type(p) is int and p >= 1)
        demand(good, where, f"{p!r} is not a position")
        good = p in given.indices if isinstance(p, str) else p <= BIGGEST
        text = "not declared" if isinstance(p, str) else f"too large to evaluate (over {BIGGEST})"
        demand(good, where, f"index {p!r} is {text}")
    least = [1 if isinstance(p, str) else p for p in places]
    if head != "at":
        ranges = {given.indices[p] for p in places if isinstance(p, str)}
        return tuple((r, max([1, *least])) for r in ranges | ({name} - {""}))
    demand(name in given.arrays, where, f"array {name!r} is not declared")
    wanted = given.arrays[name].ranges
    count = f"{name} has {len(wanted)} indices, not {len(places)}"
    demand(len(wanted) == len(places), where, count)
    for p, r in zip(places, wanted, strict=True):
        fits = given.indices[p] == r if isinstance(p, str) else not r.isdecimal() or p <= int(r)
        demand(fits, where, f"{p!r} does not run over the range {r} of {name}")
    return tuple(zip(wanted, least, strict=True))


def entry(table: Any, key: str, where: str, kind: type = object, default: Any = None) -> Any:
    """table[key] of that kind, or a WitnessError that says what is missing."""
    demand(isinstance(table, dict), where, f"{reprlib.repr(table)} is not an object")
    demand(key in table or default is not None, where, f"has no {key!r}")
    value = table.get(key, default)
    text = f"{key} = {reprlib.repr(value)} is not a {kind.__name__}"
    demand(isinstance(value, kind), where, text)
    return value


def read_given(raw: Any) -> Given:
    """The declarations of a certificate (or of a call), checked; absent parts are empty."""
    indices, arrays = entry(raw, "indices", "given", dict, {}), {}
    for name, a in entry(raw, "arrays", "given", dict, {}).items():
        ranges, domain = entry(a, "ranges", name, list), entry(a, "domain", name, str, "real")
        demand(domain in DOMAINS, name, f"unknown domain {domain!r}")
        arrays[name] = Array(tuple(ranges), domain)
    for r in [*indices.values(), *(r for a in arrays.values() for r in a.ranges)]:
        demand(isinstance(r, str) and r, "given", f"the range {r!r} is not a name")
        good = not r.isdecimal() or 1 <= int(r[:9]) <= BIGGEST
        demand(good, "given", f"the range {r[:9]} is empty or too large to evaluate")
    given = Given(indices, arrays, read_rules(raw, Given(indices, arrays, {})))
    facts = []
    for f in entry(raw, "facts", "given", list, []):
        name = entry(f, "name", "fact", str)
        sides = (read(entry(f, side, name), given, f"fact {name}") for side in ("left", "right"))
        facts.append(Fact(name, *sides))
    pairs = {key: entry(raw, key, "given", list, []) for key in ("equal", "distinct")}
    for pair in (pair for key in pairs for pair in pairs[key]):
        good = isinstance(pair, (list, tuple)) and len(pair) == 2
        demand(good, "equal/distinct", f"{pair!r} is not a pair")
        spans_of("delta", "", tuple(pair), given, "equal/distinct")
    return replace(given, facts=tuple(facts), **{key: tuple(pairs[key]) for key in pairs})


def read_rules(raw: Any, given: Given) -> dict[str, Rule]:
    """The definitions, none by way of itself."""
    rules: dict[str, Rule] = {}
    for d in entry(raw, "definitions", "given", list, []):
        name = entry(d, "array", "definition", str)
        where = f"definition of {name}"
        demand(name not in rules, where, f"{name} is defined twice")
        head = read(["at", name, *entry(d, "indices", where, list)], given, where)
        demand(head.plain, where, "the left side needs different indices")
        rules[name] = Rule(head.places, read(entry(d, "body", where), given, where), False)
    for name, rule in rules.items():
        circle = name in reach([rule.body], rules)
        demand(not circle, f"definition of {name}", f"{name} is defined by way of itself")
    return rules
