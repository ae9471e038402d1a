"""A derivation in LaTeX: where its lines may break, and what stands beside them.

Nothing here knows how wide the page is: TeX breaks each line where the column at hand demands it,
before terms first, then inside wide terms, and sets smaller what cannot be broken
(`templates/latex/commands.tex.j2`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from codegen.notes.document import Line, Steps
from codegen.notes.formula import Atom, Frac, Mark, Node, Row
from codegen.notes.formula_latex import Latex, touching, width
from codegen.notes.inline import Spans
from codegen.notes.linebreak import apart, bare, half, is_relation, parted, pieces_of

NARROW = 16.0
"""Brackets of terms wider than this, in em, are opened: it is most of a column of a page with
two."""
BREAK, INNER = Atom("break", r"\lossmithbreak"), Atom("break", r"\lossmithinner")
CUT, THIN = Atom("break", r"\lossmithcut"), Atom("space", r"\,")
"""Where a line may break: before a term, rather outside brackets than inside; where nothing else
helps before a factor."""
ASK = 10.0
"""What is wider than this may break between its factors, or have to be set smaller."""


def chain(block: Steps, latex: Latex, text: Callable[[Spans], str]) -> str:
    """start = line = line ..., each line's sentence with it; no page ends after the first line or
    before the last."""
    rows = [_step(line, latex, text(line.say)) for line in block.lines]
    for place in {1, len(rows) - 1}:
        rows[place] = f"\\nobreak\n{rows[place]}"
    body = "\n".join(rows)
    start = breakable(block.start, latex)
    return f"\\begin{{lossmithsteps}}{{{start}}}\n{body}\n\\end{{lossmithsteps}}\n"


def _step(line: Line, latex: Latex, say: str) -> str:
    return rf"\lossmithstep{{{line.relation}}}{{{breakable(line.new, latex)}}}{{{say}}}"


def breakable(made: Row, latex: Latex) -> str:
    """The formula with the places where TeX may break it."""
    pieces = [tuple(_loosened(piece, latex)) for piece in pieces_of(made.items, NARROW)]
    return latex.show(Row(tuple(_between(pieces))))


def _between(pieces: list[tuple[Node, ...]]) -> Iterator[Node]:
    """The pieces with places to break between them, inside opened brackets less good ones."""
    depth = 0
    for place, piece in enumerate(pieces):
        yield from (INNER if depth else BREAK, *piece) if place else piece
        kinds = [getattr(bare(item), "kind", "") for item in piece]
        depth += kinds.count("open") - kinds.count("close")


def _loosened(piece: tuple[Node, ...], latex: Latex) -> Iterator[Node]:
    """A piece that is wide may break between its factors; a wide factor may be set smaller."""
    if width(Row(piece)) <= ASK:
        yield from piece
        return
    before: Node = CUT
    for place, run in enumerate(_runs(piece)):
        yield from ((THIN, CUT) if touching(before, run[0]) else (CUT,)) if place else ()
        yield from _shrinkable(run, latex)
        before = run[-1]


def _runs(piece: tuple[Node, ...]) -> list[list[Node]]:
    """The factors that stay together."""
    runs: list[list[Node]] = [[]]
    for item in apart(piece):
        if runs[-1] and (parted(runs[-1][-1], item) or is_relation(runs[-1][-1])):
            runs.append([])
        runs[-1].append(item)
    return runs


def _shrinkable(run: list[Node], latex: Latex) -> Iterator[Node]:
    """A wide fraction breaks above and below its line; any other wide run can only be set
    smaller, its sign and a relation after it apart, and half a bracket not at all."""
    if width(Row(tuple(run))) <= ASK or any(map(half, run)) or _divides(run):
        for item in (part for whole in run for part in _before_a_fraction(whole)):
            yield item if item is CUT else _fitted(item, latex)
        return
    run = [*_sign_apart(run[0]), *run[1:]]
    lead = int(len(run) > 1 and getattr(bare(run[0]), "kind", "") == "operator")
    end = len(run) - is_relation(run[-1])
    yield from run[:lead]
    yield Atom("plain", rf"\lossmithfit{{{latex.show(Row(tuple(run[lead:end])))}}}")
    yield from run[end:]


def _sign_apart(item: Node) -> list[Node]:
    """A coloured sign and what is coloured behind it: only that is set smaller."""
    inner = item.inner.items if isinstance(item, Mark) else ()
    if len(inner) > 1 and getattr(bare(inner[0]), "kind", "") == "operator":
        return [Mark(Row(part)) for part in (inner[:1], inner[1:])]
    return [item]


def _before_a_fraction(item: Node) -> list[Node]:
    """What is coloured comes apart before a wide fraction: no line breaks within a colour."""
    if not isinstance(item, Mark):
        return [item]
    made: list[list[Node]] = [[]]
    for inner in item.inner.items:
        if made[-1] and isinstance(inner, Frac) and width(inner) > ASK:
            made.append([])
        made[-1].append(inner)
    parts: list[Node] = [Mark(Row(tuple(part))) for part in made]
    return [n for part in parts for n in (CUT, part)][1:]


def _divides(run: list[Node]) -> bool:
    """Whether a wide fraction is among these factors."""
    every = (i for item in run for i in (item.inner.items if isinstance(item, Mark) else (item,)))
    return any(isinstance(bare(item), Frac) and width(item) > ASK for item in every)


def _fitted(item: Node, latex: Latex) -> Node:
    """A wide fraction breaks above and below its line; others can only be set smaller."""
    if width(item) <= ASK or isinstance(item, Atom):
        return item
    if isinstance(item, Mark):
        return Mark(Row(tuple(_fitted(i, latex) for i in item.inner.items)))
    if isinstance(item, Frac):
        sides = (breakable(side, latex) for side in (item.above, item.below))
        return Atom("plain", r"\lossmithfrac" + "".join(f"{{{side}}}" for side in sides))
    return Atom("plain", rf"\lossmithfit{{{latex.show(item)}}}")
