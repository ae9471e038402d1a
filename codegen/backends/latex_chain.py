"""A derivation as an aligned chain in LaTeX: where lines break, and where each step's sentence
stands.

Widths are estimated from the formula trees, in em.  The sentence stands beside its line in a
column of
its own at the right margin; where some line leaves no room for that, all sentences of the chain
go under
their lines.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from codegen.notes.document import Steps
from codegen.notes.formula import Row
from codegen.notes.formula_latex import Latex, width
from codegen.notes.inline import Spans
from codegen.notes.linebreak import lines, widest

SIZES = (
    ("", 1.0),
    (r"\small", 0.92),
    (r"\footnotesize", 0.84),
    (r"\scriptsize", 0.74),
    (r"\tiny", 0.62),
)
RELATION = 1.6
"""What "= " takes."""


@dataclass(frozen=True)
class Room:
    """The room for a formula beside the sentences, and on a whole line, in em."""

    beside: float
    whole: float


OURS = Room(25.5, 38.0)
"""The pages of our own documents: 11 pt, 160 mm wide."""
THEIRS = Room(19.5, 29.5)
"""Pages that a fragment may come to: those of LaTeX's article class."""


def chain(block: Steps, latex: Latex, text: Callable[[Spans], str], page: Room) -> str:
    """start = line = line ..., each line's sentence with it."""
    hangs = _hangs(block, page.beside)
    left = 2.0 if hangs else width(block.start)
    beside = _fits(block, page.beside - left)
    room = (page.beside if beside else page.whole) - left
    rows = [f"&{latex.show(block.start)}"] if hangs else []
    for place, line in enumerate(block.lines):
        head = latex.show(block.start) if place == 0 and not hangs else ""
        rows += _step(line.relation, line.new, text(line.say), head, hangs, beside, room, latex)
    shown = f"\\begin{{flalign*}}\n{_joined(rows)}\n\\end{{flalign*}}"
    return f"\\begingroup\\allowdisplaybreaks[4]\n{shown}\n\\endgroup\n"


def _fits(block: Steps, room: float) -> bool:
    """Whether every line leaves room for the sentences beside it."""
    return all(widest(line.new, room - RELATION) <= room - RELATION for line in block.lines)


def _joined(rows: list[str]) -> str:
    """Rows under each other; a page may break between them, but not after the first or before the
    last."""
    text = rows[0]
    for place, row in enumerate(rows[1:], 1):
        kept = "*" if place == 1 or place == len(rows) - 1 else ""
        text += f" \\\\{kept}[0.5ex]\n{row}"
    return text


def _hangs(block: Steps, room: float) -> bool:
    """Whether the left-hand side stands on a line of its own."""
    widest = max((width(line.new) for line in block.lines), default=0.0)
    return width(block.start) > 6 and width(block.start) + widest + RELATION > room


def _step(
    relation: str,
    made: Row,
    say: str,
    head: str,
    hangs: bool,
    beside: bool,
    room: float,
    latex: Latex,
) -> list[str]:
    """The rows of one step: its line, broken where it is long, and its sentence."""
    first, *rest = lines(made, room - RELATION)
    indent = r"\quad " if hangs else ""
    why = rf"\lossmithwhy{{{say}}}"
    size = shrunk(widest(made, room - RELATION), room - RELATION)
    rows = [
        f"{head} &{indent}{relation} {_sized(latex.show(first), size)}"
        + (f" && {why}" if beside else " &&")
    ]
    rows += [rf"&{indent}\qquad {_sized(latex.show(more), size)}" for more in rest]
    if not beside:
        rows.append(rf"&{indent}\qquad \lossmithunder{{{say}}}")
    return rows


def _sized(text: str, size: str) -> str:
    """A line in smaller type."""
    return rf"\text{{{size}$\displaystyle {text}$}}" if size else text


def displayed(made: Row, latex: Latex, room: float) -> tuple[str, str]:
    """(size, LaTeX) of a formula by itself: broken where it is wide, set smaller where that does
    not help."""
    pieces = [latex.show(p) for p in lines(made, room)]
    size = shrunk(widest(made, room), room)
    if len(pieces) == 1:
        return size, pieces[0]
    rows = " \\\\\n&\\quad ".join(pieces)
    return size, f"\\begin{{aligned}}\n&{rows}\n\\end{{aligned}}"


def shrunk(wide: float, room: float) -> str:
    """The size of type in which `wide` em of 11 pt find room."""
    for size, scale in SIZES:
        if wide * scale <= room:
            return size
    return SIZES[-1][0]
