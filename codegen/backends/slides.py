"""Documents as slides for beamer: one step a frame, what goes and what comes in colour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from codegen.backends import latex as tex
from codegen.backends.listing import folded
from codegen.backends.rendering import render
from codegen.notes.document import (
    Block,
    Document,
    Formula,
    Grid,
    Heading,
    Items,
    Line,
    Listing,
    Panel,
    Paragraph,
    Picture,
    Steps,
)
from codegen.notes.formula import Row
from codegen.notes.formula_latex import Latex, width
from codegen.notes.inline import Spans
from codegen.notes.linebreak import lines, widest
from codegen.notes.vocabulary import fixed

SIZES = (
    ("", 1.0),
    (r"\small", 0.92),
    (r"\footnotesize", 0.84),
    (r"\scriptsize", 0.74),
    (r"\tiny", 0.62),
)
RELATION = 1.6
"""What "= " takes."""
WIDE = 33.0
"""What a line of a slide holds, in em."""
SMALL = 0.8
"""Type smaller than this is not for a first line: the start gets a line of its own."""
CODE_LINES = 19
PROSE = 420
"""How much prose a frame holds, in characters."""
AFTER = 240
"""How much of it may still stand under what a frame shows."""


@dataclass
class _Frame:
    """A frame; on an "open" one a sentence may still follow, a "fragile" one holds a program."""

    title: str
    body: str
    count: str
    kind: str

    def __str__(self) -> str:
        option = "[fragile]" if self.kind == "fragile" else ""
        count = rf"\lossmithcount{{{self.count}}}" if self.count else ""
        head = f"\\begin{{frame}}{option}{{{self.title}{count}}}{{}}"
        return f"{head}\n{self.body}\n\\end{{frame}}"


def source(made: Document, known: Mapping[str, str]) -> str:
    """A whole beamer document for XeLaTeX; `known` are the numbers of all labels."""
    frames = _Frames(made, known)
    for block in made.blocks:
        frames.block(block)
    frames.rest()
    return render(
        "slides/slides.tex.j2",
        tex=fixed(made.lang).tex,
        title=tex.prose(made.title, made.lang),
        frames=[str(frame) for frame in frames.made],
    )


class _Frames:
    """Prints blocks as frames; the frame's title is the section it is in."""

    def __init__(self, made: Document, known: Mapping[str, str]):
        self.lang, self.words, self.known = made.lang, fixed(made.lang), known
        self.made: list[_Frame | str] = []
        self.waiting: list[str] = []  # prose that goes on the frame of what follows it
        self.latex = Latex(tex.COLOR, self.words.formulas + tex.ONE)
        self.heading = made.title

    def text(self, spans: Spans) -> str:
        return tex.prose(spans, self.lang, self.known)

    def frame(self, body: str, title: Spans = (), count: str = "", kind: str = "open") -> None:
        """One more frame, with the prose that waits for it."""
        before = "\n\n".join(self.waiting)
        self.waiting = []
        inner = f"{before}\n{body}" if before else body
        named = self.text(title or self.heading)
        self.made.append(_Frame(named, inner, count, kind))

    def rest(self) -> None:
        """What waits in vain goes under what the last frame shows, or on a frame of its own."""
        last = self.made[-1] if self.made else ""
        text = "\n\n".join(self.waiting)
        if text and isinstance(last, _Frame) and last.kind == "open" and len(text) <= AFTER:
            last.body += f"\n\\par\\medskip\n{text}"
            last.kind, self.waiting = "done", []
        elif text:
            self.frame("", kind="done")

    def say(self, text: str) -> None:
        """Prose waits for a formula or a table, as long as a frame has room for both."""
        if sum(map(len, self.waiting)) + len(text) > PROSE:
            self.rest()
        self.waiting.append(text)

    def begin(self, title: Spans) -> None:
        """What has a title of its own begins something new."""
        if title:
            self.rest()

    def block(self, block: Block) -> None:
        match block:
            case Heading(_, spans):
                self.rest()
                self.heading = spans
                self.made.append(f"\\section{{{self.text(spans)}}}")
            case Paragraph(spans):
                self.say(self.text(spans))
            case Items(items, ordered):
                self.items(items, "enumerate" if ordered else "itemize")
            case Formula():
                self.frame(self.display(block.made, block.number))
            case Steps():
                self.begin(block.title)
                self.steps(block)
            case Grid():
                self.begin(block.title)
                self.grid(block)
            case Picture():
                self.picture(block)
            case Listing():
                self.listing(block)
            case Panel():
                pass

    def items(self, items: Sequence[Spans], kind: str) -> None:
        rows = "\n".join(rf"\item {self.text(i)}" for i in items)
        self.rest()
        self.frame(tex.environment(kind, rows).rstrip("\n"), kind="done")

    def display(self, made: Row, number: str = "") -> str:
        """A displayed formula, broken and set smaller where it is too wide for a slide."""
        room = WIDE - (4.0 if number else 0.0)
        shown = self.broken(made, room)
        tag = f"\\tag{{{number}}}" if number else ""
        return _aligned(shrunk(widest(made, room), room), f"&{shown}{tag}")

    def broken(self, made: Row, room: float) -> str:
        return " \\\\\n&\\quad ".join(self.latex.show(p) for p in lines(made, room))

    def change(self, block: Steps, line: Line, first: bool) -> str:
        """The line before over the line after, one under the other at their relation."""
        beside = WIDE - width(block.start) - RELATION
        if first and widest(line.new, beside) * SMALL <= beside:
            size = shrunk(widest(line.new, beside), beside)
            shown = self.broken(line.new, beside)
            return _aligned(size, f"{self.latex.show(line.old)} &{line.relation} {shown}")
        room = WIDE - RELATION
        size = shrunk(max(widest(line.old, room), widest(line.new, room)), room)
        relation = "" if first else "= "
        after = f"&{line.relation} {self.broken(line.new, room)}"
        return _aligned(size, f"&{relation}{self.broken(line.old, room)} \\\\[2ex]\n{after}")

    def steps(self, block: Steps) -> None:
        """First the claim, then a frame for each step: the line before, the line after, and why."""
        facts = self.words.semicolon.join(self.text(f) for f in block.facts)
        box = f"\\lossmithfacts{{\\textbf{{{self.words.given}}}\\quad {facts}}}" if facts else ""
        claim = box + self.display(block.claim, block.number)
        if len(block.lines) == 1:
            self.frame(f"{claim}\\lossmithrule{{{self.text(block.lines[0].say)}}}", block.title)
            return
        self.frame(claim, block.title)
        for place, line in enumerate(block.lines, 1):
            self.step(block, line, place)

    def step(self, block: Steps, line: Line, place: int) -> None:
        """start = new for the first step, then ... = old = new."""
        first = place == 1
        why = f"\\lossmithrule{{{self.text(line.say)}}}"
        start = "" if first else f"\\lossmithstart{{${self.latex.show(block.start)}$}}\n"
        count = f"{place}/{len(block.lines)}"
        self.frame(f"{start}{self.change(block, line, first)}{why}", block.title, count)

    def grid(self, block: Grid) -> None:
        head = " & ".join(f"${self.latex.show(h)}$" for h in block.head)
        rows = "\n".join(" & ".join(tex.number(c) for c in row) + r" \\" for row in block.rows)
        remark = f"\\par\\medskip {self.text(block.remark)}" if block.remark else ""
        kind = "r" * len(block.head)
        table = tex.environment("tabular", f"{head} \\\\ \\hline\n{rows}", f"{{{kind}}}")
        table = tex.environment("center", table.rstrip("\n"))
        self.frame(table + remark, block.title)

    def picture(self, block: Picture) -> None:
        self.rest()
        path = f"pictures/{block.name}-{self.lang}.pdf"
        image = f"\\includegraphics[height=0.6\\textheight]{{{path}}}"
        caption = f"{self.words.figure}~{block.number}\\quad {self.text(block.caption)}"
        self.frame(f"\\centering {image}\\par\\footnotesize {caption}", kind="done")

    def listing(self, block: Listing) -> None:
        """Programs in pieces that fit a frame, the first with the words that introduce it."""
        for piece in pieces(folded(block.text, 84).splitlines(), 4 if self.waiting else 0):
            program = tex.environment("verbatim", "\n".join(piece)).rstrip("\n")
            self.frame(f"\\scriptsize\n{program}", kind="fragile")


def pieces(rows: list[str], taken: int) -> Iterator[list[str]]:
    """A program in pieces of CODE_LINES, the first of `taken` fewer, cut between functions where
    that leaves no piece half empty."""
    while len(rows) > CODE_LINES - taken:
        most = CODE_LINES - taken
        gaps = [k for k in range(most // 2, most + 1) if _between(rows, k)]
        cut = gaps[-1] if gaps else most
        yield rows[:cut]
        rows, taken = rows[cut + 1 :] if gaps else rows[cut:], 0
    if rows:
        yield rows


def _between(rows: list[str], place: int) -> bool:
    """Whether an empty line ends a function."""
    after = rows[place + 1] if place + 1 < len(rows) else ""
    return not rows[place].strip() and not after[:1].isspace()


def _aligned(size: str, rows: str) -> str:
    return f"{{{size}\n\\begin{{align*}}\n{rows}\n\\end{{align*}}}}"


def shrunk(wide: float, room: float) -> str:
    """The size of type in which `wide` em of the slide's type find room."""
    for size, scale in SIZES:
        if wide * scale <= room:
            return size
    return SIZES[-1][0]
