"""Syntax rewritten row by row, and what rows are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from typing import Any

from derive.reading.scripts import base_of
from derive.reading.syntax import (
    Mark,
    Name,
    Scripted,
    Syntax,
    Terms,
    sole,
)

Items = tuple[Syntax, ...]


def mapped(node: Any, change: Callable[[Items], Items]) -> Any:
    """The same syntax with every row of factors changed, innermost rows first."""
    if isinstance(node, tuple):
        return tuple(mapped(n, change) for n in node)
    if not isinstance(node, Syntax):
        return node
    parts = {
        f.name: mapped(getattr(node, f.name), change) for f in fields(node) if f.name != "place"
    }
    if isinstance(node, Terms):
        parts["parts"] = tuple((sign, change(items)) for sign, items in parts["parts"])
    return replace(node, **parts)


def rows(node: Any, scripts: bool = True) -> Iterator[Items]:
    """Every row of factors in the syntax; those in scripts only if asked for."""
    if isinstance(node, tuple):
        for part in node:
            yield from rows(part, scripts)
    elif isinstance(node, Scripted) and not scripts:
        yield from rows(node.base, scripts)
    elif isinstance(node, Syntax):
        if isinstance(node, Terms):
            yield from (items for _, items in node.parts)
        for f in fields(node):
            yield from rows(getattr(node, f.name), scripts)


def summed(shapes: Iterable[Syntax]) -> set[str]:
    """The letters that a sum, product or maximum binds somewhere."""
    made: set[str] = set()
    for items in rows(tuple(shapes)):
        for item in items:
            head = item.base if isinstance(item, Scripted) else item
            binds = isinstance(head, Mark) and head.kind in ("big", "function", "expectation")
            if binds and isinstance(item, Scripted):
                made |= {n.key for c in item.sub for n in _names(c.exprs[0])}
    return made


def heads(shapes: list[list[Any]]) -> Iterator[tuple[Scripted, Any]]:
    """The indexed names that stand alone at the start of a chain, each with what follows."""
    for first, *rest in shapes:
        head = sole(first) if isinstance(first, Terms) and rest else None
        if isinstance(head, Scripted) and isinstance(head.base, Name) and head.sub:
            yield head, rest[0]


def _names(node: Any) -> Iterator[Name]:
    for items in rows(node):
        yield from (i for i in items if isinstance(i, Name))


def runs(items: Items) -> Iterator[list[Name]]:
    """Letters that stand close together; only the last may carry scripts."""
    run: list[Name] = []
    for item in items:
        name = base_of(item)
        plain = isinstance(name, Name) and len(name.key) == 1 and name.key.isascii()
        close = plain and run and name.place == (run[-1].place[0], run[-1].place[1] + 1)
        if run and not close:
            yield run
            run = []
        if plain:
            assert isinstance(name, Name)
            run.append(name)
        if run and item is not name:
            yield run
            run = []
    if run:
        yield run


def name_at(item: Syntax) -> Name:
    name = base_of(item)
    assert isinstance(name, Name)
    return name


def key_of(item: Syntax) -> str:
    return name_at(item).key
