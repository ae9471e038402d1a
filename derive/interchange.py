"""Expressions as JSON trees, the form in which certificates leave the engine (and come back).

A tree is a number "3/4", or a list whose head names the node:
["at", array, position, ...], ["size", range], ["pi"], ["add"|"mul", tree, ...], ["pow", base, exponent],
["sum"|"prod"|"max", index, body, [excluded]], ["largest", index, body, [excluded], position],
["delta", position, position], ["exp"|"log"|"sigmoid"|..., tree], ["maximum", tree, tree],
["cases", [[value, condition], ...], otherwise], ["deriv", tree, ["at", ...]], ["group", tree].
A position is an index name or an integer.  Arrays and index ranges are declared beside the trees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational, pi

from derive.errors import DeriveError
from derive.functions import BY_NAME, BY_NODE
from derive.language import (
    Array,
    At,
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
_PLAIN: dict[str, Any] = {"maximum": Maximum, "group": Group}


def position_tree(position: Any) -> str | int:
    """An index by its name, a numeral as an integer."""
    return int(position) if position.is_Integer else str(position.name)


def tree(expr: Expr) -> Tree:
    """The JSON tree of an expression."""
    if expr.is_Rational:
        return str(expr)
    if expr == pi:
        return ["pi"]
    if isinstance(expr, At):
        if expr.array.domain == "size":
            return ["size", expr.array.name]
        return ["at", expr.array.name, *map(position_tree, expr.indices)]
    for name, node in _BINDERS.items():
        if isinstance(expr, node):
            return [
                name,
                expr.index.name,
                tree(expr.body),
                [position_tree(p) for p in expr.excluded],
            ]
    if isinstance(expr, Largest):
        body, bound, *excluded, at = expr.args
        return [
            "largest",
            bound.name,
            tree(body),
            [position_tree(p) for p in excluded],
            position_tree(at),
        ]
    if isinstance(expr, Delta):
        return ["delta", *map(position_tree, expr.args)]
    if isinstance(expr, Cases):
        return ["cases", [[tree(v), tree(c)] for v, c in expr.branches], tree(expr.otherwise)]
    if isinstance(expr, Deriv):
        return ["deriv", tree(expr.expr), tree(expr.variable)]
    if isinstance(expr, Elementwise):
        return [BY_NODE[type(expr)].name, tree(expr.arg)]
    for name, node in (_ARITHMETIC | _PLAIN).items():
        if isinstance(expr, node):
            return [name, *map(tree, expr.args)]
    raise DeriveError(
        f"{expr!r} is not an expression of the language: use the nodes of derive.language"
    )


def declarations(*exprs: Expr) -> dict[str, Any]:
    """What the trees of these expressions need beside them: {"indices": ..., "arrays": ...}."""
    indices = sorted({(i.name, i.range) for e in exprs for i in all_indices(e)})
    used = sorted(
        {(a.name, a.ranges, a.domain) for e in exprs for a in arrays(e) if a.domain != "size"}
    )
    return {
        "indices": {name: range for name, range in indices},
        "arrays": {
            name: {"ranges": list(ranges), "domain": domain} for name, ranges, domain in used
        },
    }


def expression(made: Tree, declared: Mapping[str, Any]) -> Expr:
    """The expression of a tree; `declared` is what `declarations` gave."""

    def position(p: Any) -> Any:
        return Integer(p) if isinstance(p, int) else Index(p, declared["indices"][p])

    def build(t: Tree) -> Expr:
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
        if head == "deriv":
            return Deriv(*map(build, rest))
        node = BY_NAME[head].node if head in BY_NAME else (_ARITHMETIC | _PLAIN)[head]
        return node(*map(build, rest))

    return build(made)
