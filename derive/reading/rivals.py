"""Letters that tell two things apart and do not count: w and l in -log σ(r_w - r_l)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

from derive.errors import DeriveError
from derive.reading.parsing import parse_all
from derive.reading.scope import INDEX_LETTERS
from derive.reading.shaping import summed
from derive.reading.syntax import Chain, Name, Scripted, Syntax, Terms, sole

Rivals = frozenset[tuple[str, str]]


def rivals(texts: Iterable[str]) -> Rivals:
    """The (r, w) and (r, l) of a statement in which nothing runs over w or l, no left side has
    them, and r has no other subscripts; one of the letters must be none that people count with."""
    chains = list(_chains(texts))
    bound = summed([e for c in chains for e in c.exprs])
    lefts = [c.exprs[0] for c in chains if c.relations]
    bound |= {letter for e in lefts for _, letter in _scripted(e)}
    found: dict[str, set[str]] = {}
    for key, letter in (pair for c in chains for pair in _scripted(c)):
        found.setdefault(key, set()).add(letter)
    return frozenset((key, letter) for key, letters in found.items() for letter in letters
                     if _tell_apart(letters, bound))  # fmt: skip


def _tell_apart(letters: set[str], bound: set[str]) -> bool:
    """Whether these subscripts of a name only tell two or more things apart."""
    return len(letters) > 1 and not letters & (bound | {""}) and not letters <= INDEX_LETTERS


def named(node: Any, apart: Rivals) -> Any:
    """The same syntax with r_w and r_l as names."""
    if isinstance(node, tuple):
        return tuple(named(n, apart) for n in node)
    if not isinstance(node, Syntax):
        return node
    made = replace(node, **{f.name: named(getattr(node, f.name), apart) for f in fields(node)})
    key, letter = _pair(made) if isinstance(made, Scripted) else ("", "")
    if (key, letter) not in apart or not isinstance(made, Scripted):
        return made
    name = Name(made.place, f"{key}_{letter}")
    return replace(made, base=name, sub=()) if made.sup or made.primes else name


def _chains(texts: Iterable[str]) -> Iterator[Chain]:
    for text in texts:
        with suppress(DeriveError, RecursionError):
            yield from parse_all(text)


def _scripted(node: Any) -> Iterator[tuple[str, str]]:
    """(r, w) of each r_w; (r, "") of a bare r, and of one with another subscript."""
    if isinstance(node, tuple):
        for part in node:
            yield from _scripted(part)
    elif isinstance(node, Name):
        yield node.key, ""
    elif isinstance(node, Scripted) and isinstance(node.base, Name):
        yield _pair(node)
        yield from _scripted(node.sup)
    elif isinstance(node, Syntax):
        for f in fields(node):
            yield from _scripted(getattr(node, f.name))


def _pair(node: Scripted) -> tuple[str, str]:
    terms = node.sub[0].exprs[0] if len(node.sub) == 1 and not node.sub[0].relations else None
    letter = sole(terms) if isinstance(terms, Terms) else None
    key = node.base.key if isinstance(node.base, Name) else ""
    return key, letter.key if isinstance(letter, Name) and len(letter.key) == 1 else ""
