"""Reading trees and what is given beside them; nothing here evaluates.

The format is that of docs/design.md and derive/interchange.py.  Everything is checked before any
evaluation, so that the evaluators meet only well-formed trees over declared names.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Tree = Any
Position = str | int
FUNCTIONS = (
    "exp", "log", "sign", "step", "abs", "relu", "sigmoid", "tanh", "softplus", "erf", "lgamma",
    "group",
)  # fmt: skip
DOMAINS = ("real", "positive", "nonnegative", "unit", "sign", "binary", "integer")
# What follows a node's name: t tree, p position, l list of positions, i bound index, n a name,
# c pairs (value, condition); a capital repeats to the end.
SHAPES = {
    "at": "nP", "size": "n", "pi": "", "add": "tT", "mul": "tT", "pow": "tt", "maximum": "tt",
    "sum": "itl", "prod": "itl", "max": "itl", "largest": "itlp", "delta": "pp", "cases": "ct",
    "deriv": "tt",
} | dict.fromkeys(FUNCTIONS, "t")  # fmt: skip
COMMUTING = frozenset(("add", "mul", "maximum", "delta", "sum", "prod", "max"))
DEEPEST, BIGGEST = 120, 8
NUMBER = re.compile(r"-?\d{1,400}(/0*[1-9]\d{0,400})?")


class WitnessError(ValueError):
    """A certificate, tree or declaration that cannot be read, and what is wrong with it."""


@dataclass(frozen=True)
class Array:
    """A declared array: one range for each of its indices, and the domain of its elements."""

    ranges: tuple[str, ...]
    domain: str


@dataclass(frozen=True)
class Definition:
    """array[indices] := body for all values of the indices; any other index is a parameter."""

    array: str
    indices: tuple[str, ...]
    body: Tree


@dataclass(frozen=True)
class Fact:
    """left = right for all values of its free indices."""

    name: str
    left: Tree
    right: Tree


@dataclass(frozen=True)
class Given:
    """All that is declared or assumed beside an equation."""

    indices: Mapping[str, str]
    arrays: Mapping[str, Array]
    definitions: Mapping[str, Definition]
    facts: tuple[Fact, ...]
    equal: tuple[tuple[Position, Position], ...]
    distinct: tuple[tuple[Position, Position], ...]


def demand(condition: object, where: str, text: str) -> None:
    """Raise WitnessError unless the condition holds."""
    if not condition:
        raise WitnessError(f"{where}: {text}")


def parts(tree: Tree) -> tuple[list[Tree], list[Position], str | None]:
    """The trees and positions in a node and the index it binds (in its only tree)."""
    trees: list[Tree] = []
    positions: list[Position] = []
    bound = None
    shape = "" if isinstance(tree, str) else SHAPES[tree[0]]
    if shape[-1:].isupper():
        shape = shape[:-1] + shape[-1].lower() * (len(tree) - len(shape))
    for kind, value in zip(shape, tree[1:] if shape else (), strict=True):
        if kind == "t":
            trees.append(value)
        elif kind == "c":
            trees += [x for pair, condition in value for x in (pair, condition)]
        elif kind in "pl":
            positions += value if kind == "l" else [value]
        elif kind == "i":
            bound = value
    return trees, positions, bound


def subtrees(tree: Tree) -> Iterator[Tree]:
    """The tree and everything inside it."""
    yield tree
    for child in parts(tree)[0]:
        yield from subtrees(child)


def free_indices(tree: Tree) -> frozenset[str]:
    """The names of the indices that occur unbound."""
    trees, positions, bound = parts(tree)
    inside = frozenset[str]().union(*map(free_indices, trees)) - {bound}
    return frozenset(inside | {p for p in positions if isinstance(p, str)})


def arrays_of(tree: Tree) -> frozenset[str]:
    """The arrays named in a tree."""
    return frozenset(t[1] for t in subtrees(tree) if t[0] == "at")


def reachable(names: frozenset[str], needs: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The names, and all they need."""
    more = names.union(*(needs.get(name, frozenset()) for name in names))
    return names if more == names else reachable(more, needs)


def canonical(
    tree: Tree, given: Given, names: Mapping[str, str] | None = None, depth: int = 0
) -> Any:
    """Equal for trees that are the same up to bound names and the order of terms, and only then."""
    if isinstance(tree, str):
        return tree
    trees, positions, bound = parts(tree)
    inner = dict(names or {})
    places = [inner.get(p, p) if isinstance(p, str) else p for p in positions]
    label = tree[1] if tree[0] in ("at", "size") else None
    if bound is not None:
        inner[bound], label = f"_{depth}", given.indices[bound]
    children = [canonical(child, given, inner, depth + 1) for child in trees]
    if tree[0] in COMMUTING:
        places, children = sorted(places, key=repr), sorted(children, key=repr)
    return tree[0], label, places, children


def check_tree(tree: Tree, given: Given, where: str, depth: int = 0) -> None:
    """Raise WitnessError unless the tree is well formed over what is declared."""
    demand(depth < DEEPEST, where, f"nested deeper than {DEEPEST} nodes; split the expression up")
    if isinstance(tree, str):
        demand(NUMBER.fullmatch(tree), where, f"{tree[:40]!r} is not a number such as 3/4")
        return
    if not (isinstance(tree, list) and tree and isinstance(tree[0], str)):
        text = f"{reprlib.repr(tree)} is neither a number nor a list that begins with a name"
        raise WitnessError(f"{where}: {text}")
    demand(tree[0] in SHAPES, where, f"unknown node {tree[0]!r}")
    try:
        trees, positions, bound = parts(tree)
    except (TypeError, ValueError) as why:
        text = f"{reprlib.repr(tree)} is not how {tree[0]!r} is written"
        raise WitnessError(f"{where}: {text}") from why
    check_positions([*positions, *([] if bound is None else [bound])], given, where)
    if tree[0] == "at":
        check_element(tree, given, where)
    if tree[0] == "size":
        demand(isinstance(tree[1], str), where, f"{tree[1]!r} is not the name of a range")
    for child in trees:
        check_tree(child, given, where, depth + 1)
    if tree[0] == "deriv":
        demand(tree[2][0] == "at", where, "only an array element can be differentiated by")


def check_positions(positions: list[Any], given: Given, where: str) -> None:
    """Raise WitnessError unless each is a numeral or a declared index."""
    for p in positions:
        demand(isinstance(p, str) or (type(p) is int and p >= 1), where, f"{p!r} is not a position")
        demand(isinstance(p, int) or p in given.indices, where, f"index {p!r} is not declared")


def check_element(tree: Tree, given: Given, where: str) -> None:
    """Raise WitnessError unless the positions fit the array's ranges."""
    _, name, *places = tree
    known = isinstance(name, str) and name in given.arrays
    demand(known, where, f"array {name!r} is not declared")
    ranges = given.arrays[name].ranges
    count = f"{name} has {len(ranges)} indices, not {len(places)}"
    demand(len(ranges) == len(places), where, count)
    for p, r in zip(places, ranges, strict=True):
        fits = given.indices[p] == r if isinstance(p, str) else not r.isdigit() or p <= int(r)
        demand(fits, where, f"{p!r} does not run over the range {r} of {name}")


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
    indices = entry(raw, "indices", "given", dict, {})
    arrays = {}
    for name, a in entry(raw, "arrays", "given", dict, {}).items():
        ranges, domain = entry(a, "ranges", name, list), entry(a, "domain", name, str, "real")
        demand(domain in DOMAINS, name, f"unknown domain {domain!r}")
        arrays[name] = Array(tuple(ranges), domain)
    names = [*indices.values(), *(r for a in arrays.values() for r in a.ranges)]
    demand(all(isinstance(r, str) for r in names), "given", "a range is not a string")
    definitions, where = {}, "definition"
    for d in entry(raw, "definitions", "given", list, []):
        name, places = entry(d, "array", where, str), entry(d, "indices", where, list)
        demand(name not in definitions, where, f"{name} is defined twice")
        definitions[name] = Definition(name, tuple(places), entry(d, "body", where))
    facts = [
        Fact(entry(f, "name", "fact", str), entry(f, "left", "fact"), entry(f, "right", "fact"))
        for f in entry(raw, "facts", "given", list, [])
    ]
    same, apart = (tuple(entry(raw, key, "given", list, [])) for key in ("equal", "distinct"))
    given = Given(indices, arrays, definitions, tuple(facts), same, apart)
    check_given(given)
    return given


def check_given(given: Given) -> None:
    """Raise WitnessError unless definitions, facts and pairs are well formed."""
    for d in given.definitions.values():
        where = f"definition of {d.array}"
        check_tree(["at", d.array, *d.indices], given, where)
        check_tree(d.body, given, where)
        plain = all(isinstance(i, str) for i in d.indices) and len(set(d.indices)) == len(d.indices)
        demand(plain, where, "the left side needs different indices")
    needs = {d.array: arrays_of(d.body) for d in given.definitions.values()}
    for name, used in needs.items():
        circle = name in reachable(used, needs)
        demand(not circle, f"definition of {name}", f"{name} is defined by way of itself")
    for f in given.facts:
        check_tree(f.left, given, f"fact {f.name}")
        check_tree(f.right, given, f"fact {f.name}")
    for pair in given.equal + given.distinct:
        good = isinstance(pair, (list, tuple)) and len(pair) == 2
        demand(good, "equal/distinct", f"{pair!r} is not a pair")
        check_positions(list(pair), given, "equal/distinct")
