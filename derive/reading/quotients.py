"""dσ/dx of a σ that is only ever applied: dσ(x)/dx."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from derive.reading.scripts import base_of
from derive.reading.shaping import Items, rows
from derive.reading.syntax import Bracket, Chain, Mark, Name, Over, Syntax, Terms, chain_of, sole


class Applied:
    """Puts the argument of a function behind it where its derivative is written without."""

    def __init__(self, known: list[Terms], _: list[list[Any]]):
        pairs = [(item, after) for items in rows(tuple(known))
                 for item, after in zip(items, (*items[1:], None), strict=True)]  # fmt: skip
        self.applied = {(item.key, argument.key) for item, after in pairs
                        if isinstance(item, Name) and (argument := _argument(after))}  # fmt: skip
        behind = {id(items[1]) for items in rows(tuple(known))
                  if items[1:] and _differential(items[0])}  # fmt: skip
        bare = {item.key for item, after in pairs
                if isinstance(item, Name) and not _called(after)
                and id(item) not in behind}  # fmt: skip
        self.functions = {"sigma"} | {key for key, _ in self.applied if key not in bare}

    def change(self, items: Items) -> Items:
        """One row: fractions, and d σ / d x in one line."""
        made = [self._over(item) if isinstance(item, Over) else item for item in items]
        for at in range(len(made) - 4):
            sign, function, slash, below, variable = made[at : at + 5]
            inline = isinstance(slash, Mark) and slash.kind == "slash"
            if inline and _differential(sign) and _differential(below):
                put = self._put(function, variable)
                return (*made[: at + 1], *put, *self.change(tuple(made[at + 2 :])))
        return tuple(made)

    def _over(self, node: Over) -> Over:
        above, below = _row(node.above), _row(node.below)
        if len(above) != 2 or len(below) != 2 or not _differential(above[0]):
            return node
        items = (above[0], *self._put(above[1], below[1]))
        return replace(node, above=Chain(node.above.place, (Terms(above[0].place, ((1, items),)),)))

    def _put(self, function: Syntax, variable: Syntax) -> Items:
        """σ, or σ(x) where it is applied to x elsewhere."""
        if not isinstance(function, Name) or not isinstance(variable, Name):
            return (function,)
        known = function.key in self.functions
        if not known or (function.key, variable.key) not in self.applied:
            return (function,)
        return function, Bracket(function.place, "(", (chain_of(variable),))


def _row(chain: Chain) -> Items:
    (sign, items), *more = chain.exprs[0].parts
    return items if sign > 0 and not more and not chain.relations else ()


def _differential(item: Syntax) -> bool:
    partial = isinstance(item, Mark) and item.kind == "partial"
    return partial or (isinstance(item, Name) and item.key == "d")


def _called(after: Syntax | None) -> bool:
    bracket = None if after is None else base_of(after)
    return isinstance(bracket, Bracket) and bracket.kind == "("


def _argument(after: Syntax | None) -> Name | None:
    """The x of (x)."""
    if not isinstance(after, Bracket) or after.kind != "(" or len(after.items) != 1:
        return None
    lone = sole(after.items[0])
    return lone if isinstance(lone, Name) else None
