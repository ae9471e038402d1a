"""Primes that are part of a name: y'_k = (1 - ε) y_k + ε/K, and the second index w' of a sum.

Everywhere else a prime is a derivative.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from derive.reading.scripts import base_of
from derive.reading.shaping import Items, heads, rows
from derive.reading.syntax import Mark, Name, Scripted, Syntax, Terms


class Primed:
    """Puts names in place of the primed letters that a document defines or sums over."""

    def __init__(self, known: list[Terms], shapes: list[list[Any]]):
        self.defined = {(h.base.key, h.primes) for h, _ in heads(shapes)
                        if isinstance(h.base, Name) and h.primes}  # fmt: skip
        self.summed = {letter for items in rows(tuple(known)) for item in items
                       for letter in _bound(item)}  # fmt: skip

    def change(self, items: Items) -> Items:
        """One row."""
        return tuple(self._named(item) for item in items)

    def _named(self, item: Syntax) -> Syntax:
        if not isinstance(item, Scripted) or not isinstance(item.base, Name) or not item.primes:
            return item
        name, signs = item.base, "'" * item.primes
        if (name.key, item.primes) in self.defined:
            named = replace(name, key=f"{name.key}^{signs}")
            return replace(item, base=named, primes=0) if item.sub or item.sup else named
        plain = not (item.sub or item.sup) and name.key + signs in self.summed
        return replace(name, key=name.key + signs) if plain else item


def _bound(item: Syntax) -> list[str]:
    """The w' of Σ_{w'} and Σ_{w' = 1}."""
    if not isinstance(base_of(item), Mark) or not isinstance(item, Scripted):
        return []
    first = [c.exprs[0].parts[0][1][0] for c in item.sub]
    return [i.base.key + "'" * i.primes for i in first
            if isinstance(i, Scripted) and isinstance(i.base, Name) and i.primes]  # fmt: skip
