"""Formulas broken into lines before their terms, inside brackets only where nothing else helps."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from codegen.notes.formula import Atom, Fence, Frac, Mark, Node, Row, Script, tall
from codegen.notes.formula_latex import width

INDENT = 2.0
SIGNS = ("+", "-")
Items = tuple[Node, ...]


def lines(made: Row, most: float) -> list[Row]:
    """The formula in lines no wider than `most` em, where that can be done; later ones are
    indented."""
    pieces: list[list[Node]] = [[]]
    wide = 0.0
    for piece in pieces_of(made.items, most - INDENT):
        size = width(Row(piece))
        if pieces[-1] and wide + size > most:
            pieces.append([])
            wide = INDENT
        pieces[-1].extend(piece)
        wide += size
    return [Row(tuple(p)) for p in pieces]


def widest(made: Row, most: float) -> float:
    """How wide the widest line comes out, its indent with it."""
    return max(width(p) + (INDENT if place else 0.0) for place, p in enumerate(lines(made, most)))


def pieces_of(items: Items, most: float) -> list[Items]:
    """What may stand on a line of its own: terms; of a term that is too wide, its factors and
    brackets."""
    made: list[Items] = []
    for term in _terms(items):
        made += [term] if width(Row(term)) <= most else _opened(term, most)
    return made


def apart(items: Items) -> Iterator[Node]:
    """The factors of a term, each with the colour of its own."""
    for item in items:
        if not isinstance(item, Mark):
            yield item
            continue
        groups: list[list[Node]] = [[]]
        for inner in item.inner.items:
            if groups[-1] and parted(groups[-1][-1], inner):
                groups.append([])
            groups[-1].append(inner)
        yield from (Mark(Row(tuple(group))) for group in groups if group)


def parted(before: Node, item: Node) -> bool:
    """Whether a line may end between two factors."""
    return _starts(item) and not _holds(before)


def half(item: Node) -> bool:
    """Whether this is one bracket of two, so that lines may break between them."""
    alone = bare(item)
    return isinstance(alone, Atom) and alone.kind in ("open", "close")


def is_relation(item: Node) -> bool:
    return isinstance(item, Atom) and item.kind == "relation"


def bare(item: Node, place: int = 0) -> Node:
    """The factor itself where it is coloured: the first of several, or the last."""
    return item.inner.items[place] if isinstance(item, Mark) and item.inner.items else item


def _starts(item: Node) -> bool:
    """Whether a factor may stand at the start of a line: a fraction, a sum, a bracket, what
    stands apart."""
    alone = bare(item)
    if isinstance(alone, Script):
        return isinstance(alone.base, Atom) and alone.base.kind == "big"
    ahead = isinstance(alone, Atom) and alone.kind in ("open", "space")
    return ahead or isinstance(alone, (Frac, Fence))


def _holds(item: Node) -> bool:
    """Whether what follows belongs to this: a sign, a function, a letter that takes an argument;
    a letter with an index takes none."""
    alone = bare(item, -1)
    base = alone.base if isinstance(alone, Script) else alone
    free = ("number", "relation") if base is alone else ("number", "letter")
    return isinstance(base, Atom) and base.kind not in free


def _terms(items: Items) -> list[Items]:
    """Terms with their signs, coloured or not."""
    groups: list[list[Node]] = [[]]
    for item in items:
        if groups[-1] and _signed(item):
            groups.append([])
        groups[-1].append(item)
    return [tuple(g) for g in groups if g]


def _signed(item: Node) -> bool:
    first = bare(item)
    return isinstance(first, Atom) and first.latex in SIGNS


def _opened(term: Items, most: float) -> list[Items]:
    """A wide term: what is coloured as one comes apart, then its last wide bracket is set in
    fixed size, so that lines may break inside it."""
    loose = tuple(apart(term))
    if len(loose) > len(term):
        return pieces_of(loose, most)
    wide = [k for k, item in enumerate(term) if _openable(item) and width(item) > most / 2]
    if not wide:
        return [term]
    place = wide[-1]
    inside = _bracket(term[place], most)
    head, tail = term[:place], term[place + 1 :]
    inside[0] = (*head, *inside[0])
    inside[-1] = (*inside[-1], *tail)
    first = _opened(inside[0], most) if width(Row(inside[0])) > most else [inside[0]]
    return [*first, *inside[1:]]


def _openable(item: Node) -> bool:
    if isinstance(item, Mark):
        return len(item.inner.items) == 1 and _openable(item.inner.items[0])
    return isinstance(item, Fence)


def _bracket(item: Node, most: float) -> list[Items]:
    """Bracket, pieces, bracket; each piece of a coloured bracket is coloured, the bracket itself
    is not."""
    fence = item.inner.items[0] if isinstance(item, Mark) else item
    assert isinstance(fence, Fence)
    left, right = (r"\biggl", r"\biggr") if tall(fence.inner) else ("", "")
    inner = pieces_of(fence.inner.items, most)
    if isinstance(item, Mark):
        inner = [tuple(_coloured(piece)) for piece in inner]
    inner[0] = (Atom("open", left + fence.left), *inner[0])
    inner[-1] = (*inner[-1], Atom("close", right + fence.right))
    return inner


def _coloured(piece: Items) -> Iterator[Node]:
    """A piece in colour, but for the halves of brackets in it."""
    for halves, group in groupby(piece, half):
        run = tuple(group)
        yield from run if halves else (Mark(Row(run)),)
