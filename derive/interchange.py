"""Expressions as JSON trees, the form in which certificates leave the engine (and come back).

A tree is a number "3/4", or a list whose head names the node:
["at", array, position, ...], ["size", range], ["pi"], ["add"|"mul", tree, ...], ["pow", base,
exponent],
["sum"|"prod"|"max", index, body, [excluded]], ["largest", index, body, [excluded], position],
["delta", position, position], ["exp"|"log"|"sigmoid"|..., tree], ["maximum", tree, tree],
["cases", [[value, condition], ...], otherwise], ["deriv", tree, ["at", ...]], ["group", tree].
A position is an index name or an integer.  Arrays and index ranges are declared beside the trees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational, pi

from derive.errors import DeriveError
from derive.functions import BY_NAME, BY_NODE
from derive.language import (
    Array,
    At,
    Binder,
    Cases,
    Delta,
    Deriv,
    Elementwise,
    Group,
    Index,
    Largest,
    Max,
    Maximum,
    Prod,
    Sum,
    size,
)  # fmt: skip
from derive.terms import all_indices, arrays

Tree = Any
_BINDERS: dict[str, Any] = {"sum": Sum, "prod": Prod, "max": Max}
_ARITHMETIC: dict[str, Any] = {"add": Add, "mul": Mul, "pow": Pow}
_PLAIN: dict[str, Any] = {"maximum": Maximum, "group": Group, "deriv": Deriv}
_BINDER_NAMES = {node: name for name, node in _BINDERS.items()}


class Writer:
    """Writes the trees of one record: each index name stands for one range, each array for one
    kind."""

    def __init__(self, exprs: Iterable[Expr]) -> None:
        exprs = tuple(exprs)
        self.names: dict[Index, str] = {}
        for i in sorted(
            {i for e in exprs for i in all_indices(e)}, key=lambda i: (i.name, i.range)
        ):
            self.names[i] = self._free_name(i)
        self.arrays = {a.name: a for e in exprs for a in sorted(arrays(e), key=str)}
        for a in {a for e in exprs for a in arrays(e)}:
            if a != self.arrays[a.name]:
                raise DeriveError(f"two arrays are called {a.name}: give one of them another name")

    def _free_name(self, i: Index) -> str:
        taken = set(self.names.values())
        return i.name if i.name not in taken else f"{i.name}.{i.range}"

    @property
    def declarations(self) -> dict[str, Any]:
        """What the trees need beside them: {"indices": ..., "arrays": ...}."""
        used = {n: a for n, a in sorted(self.arrays.items()) if a.domain != "size"}
        return {
            "indices": {name: i.range for i, name in self.names.items()},
            "arrays": {n: {"ranges": list(a.ranges), "domain": a.domain} for n, a in used.items()},
        }

    def position(self, position: Any) -> str | int:
        """An index by its name, a numeral as an integer."""
        return int(position) if position.is_Integer else self.names[position]

    def positions(self, many: Iterable[Any]) -> list[str | int]:
        return [self.position(p) for p in many]

    def tree(self, e: Expr) -> Tree:
        """The JSON tree of an expression."""
        if e.is_Rational:
            return str(e)
        if e == pi:
            return ["pi"]
        if isinstance(e, At):
            size = e.array.domain == "size"
            return (
                ["size", e.array.name] if size else ["at", e.array.name, *self.positions(e.indices)]
            )
        if isinstance(e, Delta):
            return ["delta", *self.positions(e.args)]
        if isinstance(e, (Binder, Largest)):
            return self._binder(e)
        if isinstance(e, Cases):
            branches = [[self.tree(v), self.tree(c)] for v, c in e.branches]
            return ["cases", branches, self.tree(e.otherwise)]
        return [_head(e), *map(self.tree, e.args)]

    def _binder(self, e: Expr) -> Tree:
        body, bound, *rest = e.args
        places = self.positions(rest)
        if isinstance(e, Largest):
            return ["largest", self.names[bound], self.tree(body), places[:-1], places[-1]]
        return [_BINDER_NAMES[type(e)], self.names[bound], self.tree(body), places]


def _head(e: Expr) -> str:
    """The name of a node whose arguments are all expressions."""
    if isinstance(e, Elementwise):
        return BY_NODE[type(e)].name
    for name, node in (_ARITHMETIC | _PLAIN).items():
        if isinstance(e, node):
            return name
    raise DeriveError(
        f"{e!r} is not an expression of the language: use the nodes of derive.language"
    )


def tree(e: Expr) -> Tree:
    """The JSON tree of one expression."""
    return Writer([e]).tree(e)


def declarations(*exprs: Expr) -> dict[str, Any]:
    """What the trees of these expressions need beside them."""
    return Writer(exprs).declarations


def expression(made: Tree, declared: Mapping[str, Any]) -> Expr:
    """The expression of a tree; `declared` is what `declarations` gave."""

    def position(p: Any) -> Any:
        return Integer(p) if isinstance(p, int) else Index(p, declared["indices"][p])

    def build(t: Tree) -> Expr:
        """The node of a tree."""
        if isinstance(t, str):
            return Rational(t)
        head, *rest = t
        if head == "pi":
            return pi
        if head == "at":
            array = declared["arrays"][rest[0]]
            return At(
                Array(rest[0], tuple(array["ranges"]), array["domain"]), *map(position, rest[1:])
            )
        if head == "size":
            return size(rest[0])
        if head in _BINDERS:
            return _BINDERS[head](build(rest[1]), position(rest[0]), *map(position, rest[2]))
        if head == "largest":
            return Largest(
                build(rest[1]), position(rest[0]), *map(position, rest[2]), position(rest[3])
            )
        if head == "delta":
            return Delta(*map(position, rest))
        if head == "cases":
            flat = [build(x) for branch in rest[0] for x in branch]
            return Cases(*flat, build(rest[1]))
        node = BY_NAME[head].node if head in BY_NAME else (_ARITHMETIC | _PLAIN)[head]
        return node(*map(build, rest))

    return build(made)
