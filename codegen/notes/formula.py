"""A formula as a tree, drawn by every printer of notes; `codegen.notes.formula_reader` makes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Atom:
    """A symbol: `kind` is number, letter, roman, function, operator, relation, big, punctuation,
    text, space, plain."""

    kind: str
    latex: str


@dataclass(frozen=True)
class Row:
    """Formulas side by side."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Frac:
    """above over below."""

    above: Row
    below: Row


@dataclass(frozen=True)
class Script:
    """A base with what stands below and above it."""

    base: Node
    below: Row | None
    above: Row | None


@dataclass(frozen=True)
class Root:
    """A square root."""

    inner: Row


@dataclass(frozen=True)
class Accent:
    """A letter under a hat, a bar or a tilde."""

    name: str
    inner: Row


@dataclass(frozen=True)
class Fence:
    """Something between brackets; `grows` says that the brackets grow with it, and then they stand
    apart."""

    left: str
    right: str
    inner: Row
    grows: bool


@dataclass(frozen=True)
class Branches:
    """The cases of a definition: (value, condition) in each row."""

    rows: tuple[tuple[Row, Row], ...]


@dataclass(frozen=True)
class Mark:
    """A part that is coloured."""

    inner: Row


Node = Atom | Row | Frac | Script | Root | Accent | Fence | Branches | Mark


def unmarked(node: Node) -> Node:
    """The formula without its colours."""
    made = children_changed(node, unmarked)
    if isinstance(made, Mark):
        return made.inner
    return flat(made) if isinstance(made, Row) else made


def children_changed(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same node over changed children."""

    def go(part: Node) -> Row:
        return row(change(part))

    match node:
        case Atom():
            return node
        case Row(items):
            return Row(tuple(change(i) for i in items))
        case Branches(rows):
            return Branches(tuple((go(v), go(c)) for v, c in rows))
        case Frac(above, below):
            return Frac(go(above), go(below))
        case Script(base, sub, sup):
            return Script(change(base), go(sub) if sub else None, go(sup) if sup else None)
        case Fence(left, right, inner, grows):
            return Fence(left, right, go(inner), grows)
        case Accent(name, inner):
            return Accent(name, go(inner))
        case Root(inner):
            return Root(go(inner))
        case Mark(inner):
            return Mark(go(inner))


def row(node: Node) -> Row:
    """The node as a row."""
    return node if isinstance(node, Row) else Row((node,))


def flat(made: Row) -> Row:
    """Rows inside a row opened up: grouping that only carried a colour or a class."""
    items: list[Node] = []
    for item in made.items:
        items.extend(item.items if isinstance(item, Row) else (item,))
    return Row(tuple(items))


def tall(node: Node) -> bool:
    """Whether something stands higher than a line of text."""
    match node:
        case Frac() | Branches():
            return True
        case Script(base, _, _):
            return (isinstance(base, Atom) and base.kind == "big") or tall(base)
        case Row(items):
            return any(tall(i) for i in items)
        case Fence(inner=inner) | Mark(inner) | Root(inner) | Accent(inner=inner):
            return tall(inner)
        case _:
            return False
