"""Stacked vectors: in θ = (w; b) and x̃ = (x; 1) the inner product θ^⊤ x̃ is w^⊤ x + b.

Only the inner product of two that are stacked alike is read; whoever uses a stacked vector
otherwise is told so where it does not fit.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from derive.reading.scripts import base_of, is_transposed, untransposed
from derive.reading.shaping import Items
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Scripted,
    Syntax,
    Terms,
    chain_of,
    sole,
)

Parts = tuple[Syntax, ...]


class Stacked:
    """The names that a document stacks, and their inner products part by part."""

    def __init__(self, _: list[Terms], shapes: list[list[Any]]):
        self.parts: dict[str, Parts] = {}
        for row in shapes:
            head = sole(row[0]) if len(row) == 2 and isinstance(row[0], Terms) else None
            parts = _stacked(row[1]) if isinstance(head, Name) else ()
            if isinstance(head, Name) and parts:
                self.parts.setdefault(head.key, parts)

    def change(self, items: Items) -> Items:
        """One row."""
        for at, (left, right) in enumerate(pairwise(items)):
            inner = self._inner(left, right) if is_transposed(left) else None
            if inner is not None:
                return (*items[:at], inner, *self.change(items[at + 2 :]))
        return items

    def _inner(self, left: Syntax, right: Syntax) -> Bracket | None:
        names = base_of(untransposed(left)), right
        ours, theirs = (self.parts.get(n.key, ()) if isinstance(n, Name) else () for n in names)
        if not ours or len(ours) != len(theirs):
            return None
        terms = tuple((1, _times(a, b)) for a, b in zip(ours, theirs, strict=True))
        return Bracket(left.place, "(", (Chain(left.place, (Terms(left.place, terms),)),))


def _stacked(body: Any) -> Parts:
    """The parts of (w; b) or [w^⊤, b]^⊤: names and numbers, one name at least."""
    item = sole(body) if isinstance(body, Terms) else None
    bracket = untransposed(item) if item is not None else None
    if not isinstance(bracket, Bracket) or bracket.kind not in ("(", "[") or len(bracket.items) < 2:
        return ()
    inside = [sole(c) for c in bracket.items]
    parts = tuple(untransposed(i) for i in inside if i is not None)
    plain = len(parts) == len(inside) and all(isinstance(p, (Name, Number)) for p in parts)
    return parts if plain and any(isinstance(p, Name) for p in parts) else ()


def _times(left: Syntax, right: Syntax) -> Items:
    """b · 1 of a part that is a number, w^⊤ x of two that are vectors."""
    if isinstance(left, Number) or isinstance(right, Number):
        return left, right
    top = Mark(left.place, "top")
    return Scripted(left.place, left, (), (chain_of(top),)), right
