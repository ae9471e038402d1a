"""What a document says of shapes: x ∈ ℝ^d, W, V ∈ ℝ^{K×d}, x_i ∈ ℝ^d."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from derive.errors import DeriveError
from derive.reading.heads import name_of, note_space
from derive.reading.parsing import parse
from derive.reading.scope import Names
from derive.reading.syntax import Chain, Name, Scripted, sole
from derive.reading.vectors import is_position

MOST = 60
_NAME = r"\\?[A-Za-z]+(?:\s*\{\s*\\?[A-Za-z]+\s*\})?(?:\s*[_^]\s*(?:\{[^{}$]{1,6}\}|[A-Za-z]))?"
_SPACE = re.compile(
    rf"(?P<names>{_NAME}(?:\s*,\s*(?:\\dots\s*,\s*)?{_NAME}){{0,5}})\s*(?:\\in(?![a-z])|∈)\s*"
    r"(?P<space>(?:\\mathbb\s*\{?\s*R\s*\}?|\\R(?![A-Za-z])|ℝ|R)\s*\^\s*(?:\{[^{}$]{1,30}\}|[A-Za-z]))"
)


def declared(texts: Sequence[str]) -> list[tuple[Scripted | Name, Chain]]:
    """(what is declared, the declaration) for every x ∈ ℝ^d in the texts; ℝ^1 says nothing."""
    return list(_declared("\n".join(texts)))[:MOST]


def _declared(text: str) -> Iterator[tuple[Scripted | Name, Chain]]:
    for match in _SPACE.finditer(text):
        space = re.sub(r"\\R(?![A-Za-z])|ℝ|^R", r"\\mathbb{R}", match["space"])
        for name in match["names"].split(","):
            with suppress(DeriveError):
                chain = parse(rf"{name} \in {space}")
                item = sole(chain.exprs[0])
                if isinstance(item, (Name, Scripted)):
                    yield item, chain


def note_spaces(names: Names, said: Sequence[tuple[Scripted | Name, Chain]]) -> None:
    """Note the shapes; one that contradicts another is passed over."""
    for item, chain in said:
        with suppress(DeriveError, AssertionError):
            if isinstance(item, Name):
                note_space(names, chain, name_of(item))
            else:
                _note_row(names, chain, item)


def _note_row(names: Names, chain: Chain, item: Scripted) -> None:
    """x_i ∈ ℝ^d says that x_i is a row of a matrix x."""
    name, space = name_of(item), sole(chain.exprs[1])
    size = sole(space.sup[0]) if isinstance(space, Scripted) and len(space.sup) == 1 else None
    index = sole(item.sub[0]) if len(item.sub) == 1 and not item.sup else None
    if isinstance(size, Name) and (isinstance(index, Name) or is_position(item.sup)):
        names.rows.add(name.key)
        names.arity.setdefault(name.key, 2)
        names.sizes.add(size.key)
        names.ranges.fix(("array", name.key, 1), size.key, name.key, item.place)
