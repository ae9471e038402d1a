"""Documents as Markdown: GitHub's flavour, MyST, and that of notebooks.

GitHub reads `$...$` as Markdown first and eats backslashes, so formulas stand in its code-like
forms, with a blank before each; it takes no \\operatorname.  MyST has a directive with labels
of its own; notebooks know dollars only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from codegen.backends.rendering import render
from codegen.notes.document import (
    Block,
    Document,
    Formula,
    Grid,
    Heading,
    Items,
    Listing,
    Paragraph,
    Picture,
    Steps,
    numbered,
    numbers,
)  # fmt: skip
from codegen.notes.formula import Row
from codegen.notes.formula_latex import Latex
from codegen.notes.inline import Code, Math, Ref, Span, Spans, Strong, Words
from codegen.notes.lesson import Lesson
from codegen.notes.typeset import document
from codegen.notes.vocabulary import fixed

COLOR = "#b3261e"
SPECIAL = re.compile(r"([\\`*_<>\[\]|$])")


@dataclass(frozen=True)
class Flavour:
    """How one kind of Markdown writes formulas, anchors and references."""

    name: str
    inline: Callable[[str], str]
    display: Callable[[str, str, str], str]
    anchor: Callable[[str], str]
    reference: Callable[[str, str], str]


def slug(label: str) -> str:
    """A label as the fragment of a link."""
    return label.replace(":", "-")


def _tagged(latex: str, number: str) -> str:
    return latex + (f" \\tag{{{number}}}" if number else "")


def _html_anchor(label: str) -> str:
    return f'<a id="{slug(label)}"></a>\n\n'


def _myst(latex: str, number: str, label: str) -> str:
    """A document's own count is MyST's too; numbers of a book have to be said."""
    options = f":label: {slug(label)}\n" if number else ""
    options += f":enumerator: {number}\n" if "." in number else ""
    options += "\n" if number else ""
    return f"```{{math}}\n{options}{latex}\n```"


def _upright(latex: str) -> str:
    """GitHub refuses \\operatorname: the same letters, and the space that it would set."""
    latex = re.sub(r"(?<=[\w})\]]) (?=\\operatorname\{)", r" \\, ", latex)
    return latex.replace(r"\operatorname{", r"\mathrm{")


GITHUB = Flavour(
    "github",
    lambda latex: f"$`{_upright(latex)}`$",
    lambda latex, number, label: f"```math\n{_tagged(_upright(latex), number)}\n```",
    _html_anchor,
    lambda label, shown: f"[{shown}](#{slug(label)})",
)
MYST = Flavour(
    "myst",
    lambda latex: f"{{math}}`{latex}`",
    _myst,
    lambda label: f"({slug(label)})=\n",
    lambda label, shown: (
        f"[{shown}](#{slug(label)})" if ":fig-" in label else f"{{eq}}`{slug(label)}`"
    ),
)
NOTEBOOK = Flavour(
    "notebook",
    lambda latex: f"${latex}$",
    lambda latex, number, label: f"$$\n{_tagged(latex, number)}\n$$",
    _html_anchor,
    lambda label, shown: f"[{shown}](#{slug(label)})",
)


def source(lesson: Lesson) -> str:
    """A lesson as a page for GitHub."""
    made = numbered(document(lesson))
    return page(made, numbers([made]), GITHUB)


def page(made: Document, known: Mapping[str, str], flavour: Flavour) -> str:
    """A document as one page; `known` are the numbers of all labels."""
    blocks = Blocks(made, known, flavour)
    body = "\n\n".join(text for b in made.blocks if (text := blocks.block(b)))
    return render("markdown/page.md.j2", title=blocks.text(made.title), body=body)


def strong(text: str) -> str:
    """Bold; a stop at the end stays outside, for **甲。**乙 is no emphasis in Markdown, and so
    do blanks."""
    words = text.rstrip("。，：；！？.,:;!? ")
    lead = len(words) - len(words.lstrip())
    return f"{text[:lead]}**{words[lead:]}**{text[len(words) :]}" if words[lead:] else text


def joined(pieces: Iterable[str]) -> str:
    """Pieces of a line; before a formula GitHub wants a blank or an opening bracket."""
    line = ""
    for piece in pieces:
        apart = piece.startswith("$`") and line and line[-1] not in " ("
        line += f" {piece}" if apart else piece
    return line


class Blocks:
    """Prints the blocks of one document in one flavour."""

    def __init__(self, made: Document, known: Mapping[str, str], flavour: Flavour):
        self.made, self.known, self.flavour = made, known, flavour
        self.words = fixed(made.lang)
        self.latex = Latex(COLOR, self.words.formulas)

    def text(self, spans: Spans) -> str:
        return joined(map(self.span, spans))

    def strong(self, spans: Spans) -> str:
        """Bold words; GitHub does not know a formula at the end of an emphasis."""
        shown = ((s, self.span(s)) for s in spans)
        return joined(text if isinstance(s, Math) else strong(text) for s, text in shown)

    def span(self, span: Span) -> str:
        match span:
            case Words(text):
                return SPECIAL.sub(r"\\\1", text)
            case Math(made):
                return self.flavour.inline(self.latex.show(made))
            case Code(text):
                return f"`{text}`"
            case Strong(spans):
                return self.strong(spans)
            case Ref(label):
                number = self.known[label]
                return self.flavour.reference(label, number if ":fig-" in label else f"({number})")

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, spans):
                return f"{'#' * (level + 1)} {self.text(spans)}"
            case Paragraph(spans):
                return self.text(spans)
            case Items(items, ordered):
                return "\n".join(
                    f"{f'{k}.' if ordered else '-'} {self.text(i)}" for k, i in enumerate(items, 1)
                )
            case Formula():
                return self.formula(block.made, block.label, block.number)
            case Steps():
                return self.steps(block)
            case Grid():
                return self.grid(block)
            case Picture():
                return self.picture(block)
            case Listing(language, text, caption):
                said = f"{self.text(caption)}\n\n" if caption else ""
                return f"{said}```{language}\n{text}```"
            case _:
                return ""

    def formula(self, made: Row, label: str, number: str) -> str:
        anchor = self.flavour.anchor(label) if number and self.flavour.name != "myst" else ""
        return anchor + self.flavour.display(self.latex.show(made), number, label)

    def steps(self, block: Steps) -> str:
        title = [self.strong(block.title)] if block.title else []
        facts = self.words.semicolon.join(self.text(f) for f in block.facts)
        box = [f"> **{self.words.given}** {facts}"] if facts else []
        claim = self.formula(block.claim, block.label, block.number)
        chain = [self.chain(block)] if len(block.lines) > 1 else []
        reasons = "\n".join(
            f"{k}. {self.text(line.say)} (`{line.rule}`)" for k, line in enumerate(block.lines, 1)
        )
        return "\n\n".join([*title, *box, claim, *chain, reasons])

    def chain(self, block: Steps) -> str:
        """The lines aligned at their relation, each with the number of its reason."""
        rows = [f"{self.latex.show(block.start)} &"]
        for place, line in enumerate(block.lines, 1):
            rows.append(
                f"{line.relation} {self.latex.show(line.new)} && \\text{{{place}.}} \\\\\n&"
            )
        body = "".join(rows).removesuffix(" \\\\\n&")
        return self.flavour.display(f"\\begin{{aligned}}\n{body}\n\\end{{aligned}}", "", "")

    def grid(self, block: Grid) -> str:
        title = f"{self.strong(block.title)}\n\n" if block.title else ""
        head = "| " + " | ".join(self.flavour.inline(self.latex.show(h)) for h in block.head) + " |"
        rule = "|" + " ---: |" * len(block.head)
        rows = ["| " + " | ".join(self.number(c) for c in row) + " |" for row in block.rows]
        remark = f"\n\n{self.text(block.remark)}" if block.remark else ""
        return title + "\n".join([head, rule, *rows]) + remark

    def number(self, text: str) -> str:
        base, dot, power = text.partition("·10^")
        return (
            self.flavour.inline(rf"{base} \cdot 10^{{{power}}}") if dot else text.replace("-", "−")
        )

    def picture(self, block: Picture) -> str:
        path = f"pictures/{block.name}-{self.made.lang}.svg"
        caption = f"{self.words.figure} {block.number}"
        image = f"{self.flavour.anchor(block.label)}![{caption}]({path})"
        return f"{image}\n\n*{caption}* {self.text(block.caption)}"
