"""How matrices multiply: which positions a factor has, and what a product of them has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from derive.reading.syntax import Syntax


@dataclass(frozen=True)
class Kind:
    """Which positions a factor of a matrix product has: that of a row, that of a column."""

    rows: bool = False
    cols: bool = False

    @property
    def rank(self) -> int:
        return self.rows + self.cols


SCALAR, COLUMN, ROW, MATRIX = Kind(), Kind(True), Kind(False, True), Kind(True, True)


@dataclass(frozen=True)
class Unit:
    """What stands as one factor: its items, its kind, and the product sign ahead of it."""

    items: tuple[Syntax, ...]
    kind: Kind
    sign: str = ""


def grouped(made: Sequence[Unit]) -> list[list[Unit]]:
    """The units between the signs of the elementwise product and quotient, which bind less
    tightly."""
    groups: list[list[Unit]] = [[]]
    for unit in made:
        if unit.sign in ("odot", "oslash") and groups[-1]:
            groups.append([])
        groups[-1].append(unit)
    return groups


def folded(group: Sequence[Unit]) -> Kind:
    """The kind of a matrix product."""
    made, count = SCALAR, 0
    for unit in group:
        found = joined(made, unit.kind, unit.sign == "cdot", count < 2)
        made = unit.kind if found is None else found
        count += unit.kind is not SCALAR
    return made


def joined(left: Kind, right: Kind, dotted: bool, first: bool) -> Kind | None:
    """The kind of left · right, or None where they do not fit.

    A plain vector at the very left of a matrix is a row (x W); between two plain vectors only a
    dot makes a product.
    """
    if SCALAR in (left, right):
        return right if left == SCALAR else left
    if left.cols:
        return Kind(left.rows, right.cols) if right.rows else None
    if not right.rows:
        return MATRIX
    if right.cols:
        return ROW if first else None
    return SCALAR if dotted else None
