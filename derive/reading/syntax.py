"""The shape of a formula before its names mean anything: brackets, scripts, rows of factors,
places.

`derive.reading.parsing` makes it from LaTeX, `derive.reading.elaborate` gives it its meaning.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from derive.reading.tokens import Place


@dataclass(frozen=True)
class Syntax:
    """Anything with a place in the source."""

    place: Place = field(compare=False)


@dataclass(frozen=True)
class Number(Syntax):
    written: str


@dataclass(frozen=True)
class Name(Syntax):
    """A letter, Greek letter or \\mathrm word; `key` is as `derive.notation_style.split` has it."""

    key: str
    bold: bool = False
    word: bool = False


@dataclass(frozen=True)
class Mark(Syntax):
    """A lone sign: kind is times, slash, function, big, partial, nabla, one, top or numbers."""

    kind: str
    value: str = ""


@dataclass(frozen=True)
class Terms(Syntax):
    """Signed rows of items: ((+1, items), (-1, items), ...)."""

    parts: tuple[tuple[int, tuple[Syntax, ...]], ...]


@dataclass(frozen=True)
class Chain(Syntax):
    """expr REL expr REL expr ...; a single expression has no relations."""

    exprs: tuple[Terms, ...]
    relations: tuple[str, ...] = ()
    relation_places: tuple[Place, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Bracket(Syntax):
    """kind is one of "(", "[", "{", "braces" (invisible), "stack", "bars", "norm", "angle"."""

    kind: str
    items: tuple[Chain, ...]


@dataclass(frozen=True)
class Over(Syntax):
    above: Chain
    below: Chain


@dataclass(frozen=True)
class Root(Syntax):
    degree: Chain | None
    inner: Chain


@dataclass(frozen=True)
class Rows(Syntax):
    """A cases environment: (value, conditions, words) for each row."""

    rows: tuple[tuple[Chain, tuple[Chain, ...], tuple[str, ...]], ...]


@dataclass(frozen=True)
class Scripted(Syntax):
    base: Syntax
    sub: tuple[Chain, ...] = ()
    sup: tuple[Chain, ...] = ()
    primes: int = 0


def chain_of(item: Syntax) -> Chain:
    """One item as a whole expression."""
    return Chain(item.place, (Terms(item.place, ((1, (item,)),)),))


def sole(chain: Chain | Terms) -> Syntax | None:
    """The only item of an expression, unsigned, without relations; else None."""
    if isinstance(chain, Chain):
        return sole(chain.exprs[0]) if len(chain.exprs) == 1 else None
    (sign, items), *more = chain.parts
    return items[0] if sign == 1 and len(items) == 1 and not more else None


def names_in(node: Any) -> set[str]:
    """The names that occur in syntax."""
    if isinstance(node, Name):
        return {node.key}
    if isinstance(node, (tuple, list)):
        return set().union(*map(names_in, node))
    if isinstance(node, Syntax):
        return set().union(*(names_in(getattr(node, f.name)) for f in fields(node)))
    return set()


def place_of(node: Any, key: str) -> Place | None:
    """Where a name last stands in syntax: a letter that is free is so behind the sums that bind
    it."""
    if isinstance(node, Name):
        return node.place if key in (node.key, f"{node.key}_") else None
    inner = node if isinstance(node, (tuple, list)) else ()
    if isinstance(node, Syntax):
        inner = [getattr(node, f.name) for f in fields(node)]
    return max((place for part in inner if (place := place_of(part, key))), default=None)
