"""Reading trees and what is given beside them; nothing here evaluates.

The format is that of docs/design.md and derive/interchange.py.  Everything is checked before any
evaluation, so that the evaluators meet only well-formed trees over declared names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

Tree = Any
Position = str | int

FUNCTIONS = frozenset(
    "exp log sign step abs relu sigmoid tanh softplus erf lgamma group".split()
)
BINDERS = frozenset(("sum", "prod", "max", "largest"))
DOMAINS = frozenset("real positive nonnegative unit sign binary integer".split())
ARITY = {"pi": 0, "pow": 2, "maximum": 2, "deriv": 2} | dict.fromkeys(FUNCTIONS, 1)
DEEPEST, LONGEST, BIGGEST = 120, 400, 8
_NUMBER = re.compile(r"-?\d+(/\d*[1-9]\d*)?")


class WitnessError(ValueError):
    """A certificate, tree or declaration that cannot be read; restates it and says what is wrong."""


@dataclass(frozen=True)
class Array:
    """A declared array: one range for each of its indices, and the domain of its elements."""

    ranges: tuple[str, ...]
    domain: str


@dataclass(frozen=True)
class Definition:
    """array[indices] := body for all values of the indices."""

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


@dataclass(frozen=True)
class Parts:
    """A node taken apart: trees outside any binder, the body it binds in, and its positions."""

    trees: tuple[Tree, ...]
    positions: tuple[Position, ...] = ()
    bound: str | None = None
    body: Tree = None


def parts(tree: Tree) -> Parts:
    """The children of a well-formed tree, by what they are."""
    if isinstance(tree, str) or tree[0] in ("size", "pi"):
        return Parts(())
    head = tree[0]
    if head == "at":
        return Parts((), tuple(tree[2:]))
    if head == "delta":
        return Parts((), tuple(tree[1:]))
    if head in BINDERS:
        return Parts((), (*tree[3], *tree[4:]), tree[1], tree[2])
    if head == "cases":
        return Parts((*(x for branch in tree[1] for x in branch), tree[2]))
    return Parts(tuple(tree[1:]))


def subtrees(tree: Tree) -> Iterator[Tree]:
    """The tree and everything inside it."""
    yield tree
    inner = parts(tree)
    for child in (*inner.trees, *(() if inner.bound is None else (inner.body,))):
        yield from subtrees(child)


def free_indices(tree: Tree) -> frozenset[str]:
    """The names of the indices that occur unbound."""
    inner = parts(tree)
    found = {p for p in inner.positions if isinstance(p, str)}
    for child in inner.trees:
        found |= free_indices(child)
    if inner.bound is not None:
        found |= free_indices(inner.body) - {inner.bound}
    return frozenset(found)


def canonical(tree: Tree, names: Mapping[str, str] | None = None) -> Tree:
    """Bound indices named by depth, and the terms of sums, products, δ in one order."""
    now = names or {}
    if isinstance(tree, str) or tree[0] in ("size", "pi"):
        return tree
    head = tree[0]
    if head == "cases":
        return [head, [[canonical(x, now) for x in b] for b in tree[1]], canonical(tree[2], now)]
    inner = parts(tree)
    places: list[Any] = [now.get(p, p) if isinstance(p, str) else p for p in inner.positions]
    if head == "at":
        return [head, tree[1], *places]
    if head in BINDERS:
        bound = f"_{len(now)}"
        at, outside = places[len(tree[3]) :], sorted(places[: len(tree[3])], key=str)
        return [head, bound, canonical(tree[2], {**now, tree[1]: bound}), outside, *at]
    made = places + [canonical(child, now) for child in inner.trees]
    return [head, *(sorted(made, key=repr) if head in ("add", "mul", "delta", "maximum") else made)]


def same(left: Tree, right: Tree) -> bool:
    """Equal as written, up to the names of bound indices and the order of terms."""
    return bool(canonical(left) == canonical(right))


def _demand(condition: bool, where: str, text: str) -> None:
    if not condition:
        raise WitnessError(f"{where}: {text}")


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def check_tree(tree: Tree, given: Given, where: str, depth: int = 0) -> None:
    """Raise WitnessError unless the tree is well formed over what is declared."""
    _demand(depth < DEEPEST, where, f"nested deeper than {DEEPEST} nodes; split the expression up")
    if isinstance(tree, str):
        good = _NUMBER.fullmatch(tree) and len(tree) <= LONGEST
        return _demand(bool(good), where, f"{_show(tree)} is not a number such as 3/4")
    node = isinstance(tree, list) and tree and isinstance(tree[0], str)
    _demand(bool(node), where, f"{_show(tree)} is neither a number nor a list that begins with a name")
    _check_shape(tree, where)
    _check_positions(tree, given, where)
    if tree[0] == "deriv":
        var = tree[2]
        at = isinstance(var, list) and var[:1] == ["at"]
        _demand(at, where, f"{_show(var)} is no array element to differentiate by")
    inner = parts(tree)
    for child in (*inner.trees, *(() if inner.bound is None else (inner.body,))):
        check_tree(child, given, where, depth + 1)
    return None


def _check_shape(tree: Tree, where: str) -> None:
    head, count = tree[0], len(tree) - 1
    if head in ARITY:
        good = count == ARITY[head]
    elif head in BINDERS:
        good = count == 3 + (head == "largest") and isinstance(tree[3], list)
    elif head == "cases":
        branches = tree[1] if count == 2 and isinstance(tree[1], list) else [None]
        good = all(isinstance(b, list) and len(b) == 2 for b in branches)
    elif head == "size":
        good = count == 1 and isinstance(tree[1], str)
    else:
        _demand(head in ("add", "mul", "at", "delta"), where, f"unknown node {_show(head)}")
        good = count >= 1 and (head != "delta" or count == 2)
    _demand(good, where, f"{_show(tree)} is not how {_show(head)} is written")


def _check_positions(tree: Tree, given: Given, where: str) -> None:
    inner = parts(tree)
    for p in inner.positions:
        numeral = type(p) is int and p >= 1
        _demand(numeral or isinstance(p, str), where, f"{_show(p)} is not a position in {_show(tree)}")
        _demand(numeral or p in given.indices, where, f"index {_show(p)} is not declared")
    if inner.bound is not None:
        known = isinstance(inner.bound, str) and inner.bound in given.indices
        _demand(known, where, f"index {_show(inner.bound)} is not declared")
    if tree[0] != "at":
        return
    name = tree[1]
    _demand(isinstance(name, str) and name in given.arrays, where, f"array {_show(name)} is not declared")
    ranges = given.arrays[name].ranges
    text = f"{name} has {len(ranges)} indices, but {_show(tree)} gives {len(tree) - 2}"
    _demand(len(ranges) == len(tree) - 2, where, text)
    for p, r in zip(tree[2:], ranges, strict=True):
        fits = given.indices[p] == r if isinstance(p, str) else not r.isdigit() or p <= int(r)
        _demand(fits, where, f"{_show(p)} does not run over the range {r} in {_show(tree)}")


def _table(value: Any, where: str, kind: type) -> Any:
    noun = "an object" if kind is dict else "a list"
    _demand(isinstance(value, kind), where, f"{_show(value)} is not {noun}")
    return value


def field(entry: Any, key: str, where: str) -> Any:
    """entry[key], or a WitnessError that says what lacks it."""
    _demand(key in _table(entry, where, dict), where, f"has no {key!r}: {_show(entry)}")
    return entry[key]


def _arrays(raw: Mapping[str, Any]) -> dict[str, Array]:
    made = {}
    for name, entry in raw.items():
        where = f"array {name}"
        ranges = _table(field(entry, "ranges", where), where, list)
        domain = entry.get("domain", "real")
        _demand(all(isinstance(r, str) for r in ranges), where, f"{_show(ranges)} are not range names")
        _demand(domain in DOMAINS, where, f"unknown domain {_show(domain)}")
        made[name] = Array(tuple(ranges), domain)
    return made


def read_given(raw: Mapping[str, Any]) -> Given:
    """The declarations of a certificate (or of a call), checked; absent parts are empty."""
    _table(raw, "what is given", dict)
    part = lambda key, kind: _table(raw.get(key, kind()), key, kind)  # noqa: E731
    definitions = [
        Definition(field(d, "array", "definition"), tuple(field(d, "indices", "definition")), field(d, "body", "definition"))
        for d in part("definitions", list)
    ]  # fmt: skip
    facts = [Fact(*(field(f, key, "fact") for key in ("name", "left", "right"))) for f in part("facts", list)]
    pairs = {key: tuple(map(tuple, part(key, list))) for key in ("equal", "distinct")}
    indices, arrays = part("indices", dict), _arrays(part("arrays", dict))
    _demand(all(isinstance(r, str) for r in indices.values()), "indices", "a range is not a string")
    given = Given(indices, arrays, {d.array: d for d in definitions}, tuple(facts), **pairs)
    _check_given(given, definitions)
    return given


def _check_given(given: Given, definitions: list[Definition]) -> None:
    _demand(len(given.definitions) == len(definitions), "definitions", "an array is defined twice")
    _demand(len({f.name for f in given.facts}) == len(given.facts), "facts", "a name is used twice")
    for d in definitions:
        where = f"definition of {d.array}"
        check_tree(["at", d.array, *d.indices], given, where)
        check_tree(d.body, given, where)
        _demand(len(set(d.indices)) == len(d.indices), where, "an index stands twice on the left")
        loose = free_indices(d.body) - set(d.indices)
        _demand(not loose, where, f"index {', '.join(sorted(loose))} stands on the right only")
    _check_order({d.array: arrays_of(d.body) for d in definitions})
    for f in given.facts:
        for side in (f.left, f.right):
            check_tree(side, given, f"fact {f.name}")
    for pair in given.equal + given.distinct:
        _demand(len(pair) == 2, "equal/distinct", f"{_show(pair)} is not a pair")
        _check_positions(["delta", *pair], given, "equal/distinct")


def arrays_of(tree: Tree) -> frozenset[str]:
    """The arrays named in a tree."""
    return frozenset(t[1] for t in subtrees(tree) if t[0] == "at")


def reachable(names: frozenset[str], needs: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """The names, and all they need."""
    found, todo = set(names), list(names)
    while todo:
        new = needs.get(todo.pop(), frozenset()) - found
        found |= new
        todo += new
    return frozenset(found)


def _check_order(needs: Mapping[str, frozenset[str]]) -> None:
    for name, used in needs.items():
        circle = name in reachable(used, needs)
        _demand(not circle, f"definition of {name}", f"{name} is defined by way of itself")


def joined(trees: list[Tree]) -> list[int]:
    """The places k where trees[k] and trees[k + 1] are not the same."""
    return [k for k, (a, b) in enumerate(pairwise(trees)) if not same(a, b)]
