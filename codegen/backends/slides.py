"""Documents as slides for beamer: one step a frame, what goes and what comes in colour."""

from __future__ import annotations

from collections.abc import Mapping

from codegen.backends import latex as tex
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
CODE_LINES = 16
PROSE = 420
"""How much prose a frame holds, in characters."""


def source(made: Document, known: Mapping[str, str]) -> str:
    """A whole beamer document for XeLaTeX; `known` are the numbers of all labels."""
    frames = _Frames(made, known)
    body = [frame for block in made.blocks for frame in frames.block(block)] + frames.rest()
    return render(
        "slides/slides.tex.j2",
        tex=fixed(made.lang).tex,
        title=tex.prose(made.title, made.lang),
        frames=body,
    )


class _Frames:
    """Prints blocks as frames; the frame's title is the section it is in."""

    def __init__(self, made: Document, known: Mapping[str, str]):
        self.lang, self.words, self.known = made.lang, fixed(made.lang), known
        self.waiting: list[str] = []  # prose that goes on the frame of what follows it
        self.latex = Latex(tex.COLOR, self.words.formulas + tex.ONE)
        self.heading = made.title

    def text(self, spans: Spans) -> str:
        return tex.prose(spans, self.lang, self.known)

    def frame(self, body: str, title: Spans = (), fragile: bool = False) -> str:
        option = "[fragile]" if fragile else ""
        before = "\n\n".join(self.waiting)
        self.waiting = []
        inner = f"{before}\n{body}" if before else body
        named = self.text(title or self.heading)
        return f"\\begin{{frame}}{option}{{{named}}}{{}}\n{inner}\n\\end{{frame}}"

    def rest(self) -> list[str]:
        """A frame for prose that nothing has taken along."""
        return [self.frame("")] if self.waiting else []

    def say(self, text: str) -> list[str]:
        """Prose waits for a formula or a table, as long as a frame has room for both."""
        full = sum(map(len, self.waiting)) + len(text) > PROSE
        made = self.rest() if full else []
        self.waiting.append(text)
        return made

    def block(self, block: Block) -> list[str]:
        match block:
            case Heading(_, spans):
                made = self.rest()
                self.heading = spans
                return [*made, f"\\section{{{self.text(spans)}}}"]
            case Paragraph(spans):
                return self.say(self.text(spans))
            case Items(items, ordered):
                kind = "enumerate" if ordered else "itemize"
                rows = "\n".join(rf"\item {self.text(i)}" for i in items)
                return [*self.rest(), self.frame(f"\\begin{{{kind}}}\n{rows}\n\\end{{{kind}}}")]
            case Formula():
                return [self.frame(self.display(block.made, block.number))]
            case Steps():
                return self.steps(block)
            case Grid():
                return [self.grid(block)]
            case Picture():
                return [*self.rest(), self.picture(block)]
            case Listing():
                return [*self.rest(), *self.listing(block)]
            case _:
                return []

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
        room = WIDE - (width(block.start) if first else 0.0) - RELATION
        size = shrunk(max(widest(line.old, room), widest(line.new, room)), room)
        after = f"&{line.relation} {self.broken(line.new, room)}"
        if first:
            return _aligned(size, f"{self.latex.show(line.old)} {after}")
        return _aligned(size, f"&= {self.broken(line.old, room)} \\\\[2ex]\n{after}")

    def steps(self, block: Steps) -> list[str]:
        """First the claim, then a frame for each step: the line before, the line after, and why."""
        facts = self.words.semicolon.join(self.text(f) for f in block.facts)
        box = f"\\lossmithfacts{{\\textbf{{{self.words.given}}}\\quad {facts}}}" if facts else ""
        claim = box + self.display(block.claim, block.number)
        if len(block.lines) == 1:
            return [
                self.frame(f"{claim}\\lossmithrule{{{self.text(block.lines[0].say)}}}", block.title)
            ]
        frames = [self.frame(claim, block.title)]
        for place, line in enumerate(block.lines, 1):
            frames.append(self.step(block, line, place))
        return frames

    def step(self, block: Steps, line: Line, place: int) -> str:
        """start = new for the first step, then ... = old = new."""
        first = place == 1
        count = f"\\lossmithcount{{{place}/{len(block.lines)}}}"
        why = f"\\lossmithrule{{{self.text(line.say)}}}"
        claim = "" if first else f"\\lossmithstart{{${self.latex.show(block.start)}$}}\n"
        return self.frame(f"{count}{claim}{self.change(block, line, first)}{why}", block.title)

    def grid(self, block: Grid) -> str:
        head = " & ".join(f"${self.latex.show(h)}$" for h in block.head)
        rows = "\n".join(" & ".join(tex.number(c) for c in row) + r" \\" for row in block.rows)
        remark = f"\\par\\medskip {self.text(block.remark)}" if block.remark else ""
        kind = "r" * len(block.head)
        table = tex.environment("tabular", f"{head} \\\\ \\hline\n{rows}", f"{{{kind}}}")
        table = tex.environment("center", table.rstrip("\n"))
        return self.frame(table + remark, block.title)

    def picture(self, block: Picture) -> str:
        image = (
            f"\\includegraphics[height=0.6\\textheight]{{pictures/{block.name}-{self.lang}.pdf}}"
        )
        return self.frame(f"\\centering {image}\\par\\footnotesize {self.text(block.caption)}")

    def listing(self, block: Listing) -> list[str]:
        """Programs in pieces that fit a frame."""
        rows = tex.folded(block.text, 84).splitlines()
        pieces = [rows[k : k + CODE_LINES] for k in range(0, len(rows), CODE_LINES)]
        return [
            self.frame(
                "\\scriptsize\n" + tex.environment("verbatim", "\n".join(piece)).rstrip("\n"),
                fragile=True,
            )
            for piece in pieces
        ]


def _aligned(size: str, rows: str) -> str:
    return f"{{{size}\n\\begin{{align*}}\n{rows}\n\\end{{align*}}}}"


def shrunk(wide: float, room: float) -> str:
    """The size of type in which `wide` em of the slide's type find room."""
    for size, scale in SIZES:
        if wide * scale <= room:
            return size
    return SIZES[-1][0]
