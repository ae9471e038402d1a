"""The surroundings of a place in a formula: bound indices, depth, where whole arrays are read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from derive.errors import DeriveError
from derive.language import Index
from derive.reading.tokens import MAX_NESTING, Place

MAX_DEPTH = 2 * MAX_NESTING + 4


@dataclass(frozen=True)
class Env:
    """The bound indices around a place, the depth, and the positions that whole arrays take.

    A vector is read at `axis`, a matrix at `row` and `axis`.
    """

    bound: Mapping[str, Index] = field(default_factory=dict)
    axis: Any = None
    row: Any = None
    depth: int = 0

    @property
    def places(self) -> tuple[Any, ...]:
        """The positions for whole arrays: none, one or two."""
        return tuple(p for p in (self.row, self.axis) if p is not None)

    def deeper(self, place: Place, levels: int = 1) -> Env:
        """The surroundings one level down; a bracket costs two levels, as a sum or a function
        does."""
        if self.depth >= MAX_DEPTH:
            raise DeriveError(f"nested more than {MAX_NESTING} deep; name the parts", place)
        return replace(self, depth=self.depth + levels)

    def binding(self, index: Index) -> Env:
        return replace(self, bound={**self.bound, index.name: index})

    def along(self, axis: Any) -> Env:
        return replace(self, axis=axis, row=None)

    def at(self, places: tuple[Any, ...], place: Place) -> Env:
        """The same surroundings with other positions for whole arrays."""
        if len(places) > 2:
            raise DeriveError("arrays of more than two indices are read by their elements", place)
        row, axis = (None, None, *places)[-2:]
        return replace(self, axis=axis, row=row)
