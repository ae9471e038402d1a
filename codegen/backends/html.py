"""Documents as one self-contained page: MathML, no request to anywhere, steps that fold, a live
panel."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from html import escape

from codegen.backends.mathml import mathml
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
)  # fmt: skip
from codegen.notes.formula import Row
from codegen.notes.formula_latex import Latex, width
from codegen.notes.formula_reader import read
from codegen.notes.inline import Code, Math, Ref, Span, Spans, Strong, Words, sentence
from codegen.notes.typeset import between
from codegen.notes.vocabulary import fixed


def page(made: Document, numbers: Mapping[str, str], pictures: Mapping[str, str]) -> str:
    """The page of a document; `numbers` resolves references, `pictures` holds SVG texts by name."""
    blocks = _Blocks(made, numbers, pictures)
    headings = [
        (blocks.anchor(place), blocks.text(b.spans))
        for place, b in enumerate(made.blocks)
        if isinstance(b, Heading)
    ]
    panel = next((b for b in made.blocks if isinstance(b, Panel)), None)
    return render(
        "html/page.html.j2",
        lang=fixed(made.lang).tag,
        title=plain_text(made.title),
        heading=blocks.text(made.title),
        headings=headings if len(headings) > 2 else [],
        words=fixed(made.lang),
        proved=blocks.text(sentence(fixed(made.lang).proved, made.lang)),
        live=panel is not None,
        body="\n".join(blocks.block(place, b) for place, b in enumerate(made.blocks)),
    )


def index(made: Sequence[Document], title: str) -> str:
    """A page that leads to the pages of several documents."""
    lang = made[0].lang
    links = [(f"{d.name}.html", _Blocks(d, {}, {}).text(d.title)) for d in made]
    return render("html/index.html.j2", lang=fixed(lang).tag, title=title, links=links)


def plain_text(spans: Spans) -> str:
    """Spans where nothing but characters can stand, such as the title of a window."""
    shown = ""
    for s in spans:
        match s:
            case Math(latex=latex):
                shown += latex
            case Strong(spans=inner):
                shown += plain_text(inner)
            case Words(text=text) | Code(text=text):
                shown += text
    return shown


PHONE = 18.0
"""What is wider than this, in em, may not have room on a telephone."""
HELD = re.compile(
    r"[(（]?<(math|code|a)\b(?:(?!</\1>).)*</\1>[.,;:!?)。，；：、！？）]+", re.DOTALL
)
"""A formula and the punctuation after it: a line that begins with a comma is wrong."""
LAST = re.compile(r" (?=\w[.,;:?](?:\s|$))")
"""Nor does a line begin with the single sign that ends a sentence."""


class _Blocks:
    def __init__(self, made: Document, numbers: Mapping[str, str], pictures: Mapping[str, str]):
        self.made, self.numbers, self.pictures = made, numbers, pictures
        self.words = fixed(made.lang)
        self.latex = Latex(words=self.words.formulas)

    def anchor(self, place: int) -> str:
        label = getattr(self.made.blocks[place], "label", "")
        return label or f"lossmith:{self.made.name}:part-{place}"

    def math(self, made: Row, block: bool = False) -> str:
        """MathML in the page's language; the annotation stays in the language of formulas."""
        worded = (
            read(self.latex.show(made))
            if not _has_marks(made)
            else _worded(made, self.words.formulas)
        )
        return mathml(worded, block, Latex().show(made))

    def text(self, spans: Spans) -> str:
        return HELD.sub(r'<span class="held">\g<0></span>', "".join(self.span(s) for s in spans))

    def span(self, span: Span) -> str:
        match span:
            case Words(text):
                return LAST.sub("\u00a0", escape(text, quote=False))
            case Math(made):
                return self.math(made)
            case Code(text):
                return f"<code>{escape(text, quote=False)}</code>"
            case Strong(spans):
                return f"<strong>{self.text(spans)}</strong>"
            case Ref(label):
                number = self.numbers[label]
                shown = number if ":fig-" in label else f"({number})"
                return f'<a href="{self.target(label)}">{shown}</a>'

    def target(self, label: str) -> str:
        document = label.split(":")[1]
        return f"#{label}" if document == self.made.name else f"{document}.html#{label}"

    def block(self, place: int, block: Block) -> str:
        match block:
            case Heading(level, spans, _):
                return f'<h{level + 1} id="{self.anchor(place)}">{self.text(spans)}</h{level + 1}>'
            case Paragraph(spans):
                return f"<p>{self.text(spans)}</p>"
            case Items(items, ordered):
                tag = "ol" if ordered else "ul"
                inner = "".join(f"<li>{self.text(i)}</li>" for i in items)
                return f"<{tag}>{inner}</{tag}>"
            case Formula():
                return self.formula(block.made, block.label, block.number)
            case Steps():
                return self.steps(block)
            case Grid():
                return self.grid(block)
            case Picture():
                return self.picture(block)
            case Listing():
                return self.listing(block)
            case Panel():
                return self.panel(block)

    def listing(self, block: Listing) -> str:
        caption = tag("figcaption", self.text(block.caption)) if block.caption else ""
        code = tag("code", escape(block.text, quote=False), f'class="{block.language}"')
        scrolls = f'tabindex="0" role="region" aria-label="{self.words.program}" lang="en"'
        return tag("figure", caption + tag("pre", code, scrolls), 'class="code"')

    def formula(self, made: Row, label: str, number: str) -> str:
        shown = f'<span class="number">({number})</span>' if number else ""
        name = f' id="{label}"' if label else ""
        inner = f"<div{fitted(made, 8.0)}>{self.math(made, True)}</div>{shown}"
        return f'<div class="formula"{name}>{inner}</div>'

    def steps(self, block: Steps) -> str:
        title = f'<p class="title">{self.text(block.title)}</p>' if block.title else ""
        facts = self.text(between(block.facts, self.words.semicolon))
        box = f'<p class="facts"><strong>{self.words.given}</strong> {facts}</p>' if facts else ""
        claim = self.formula(block.claim, block.label, block.number)
        if len(block.lines) == 1:
            only = block.lines[0]
            why = tag("p", self.text(only.say), f'class="reason" title="{only.rule}"')
            return tag("section", title + box + claim + why, 'class="derivation"')
        lines = "\n".join(
            self.line(line, block.start if place == 0 else None)
            for place, line in enumerate(block.lines)
        )
        summary = f"{self.words.derivation} · {len(block.lines)} {self.words.steps}"
        chain = tag("summary", summary) + tag("div", f"\n{lines}\n", 'class="chain"')
        return tag(
            "section", title + box + claim + tag("details", chain, "open"), 'class="derivation"'
        )

    def line(self, line: Line, start: Row | None) -> str:
        head = f'<div class="start">{self.math(start, True)}</div>' if start is not None else ""
        relation = f"<math><mo>{escape(line.relation)}</mo></math>"
        shown = tag("span", relation, 'class="relation"')
        side = self.math(line.new, True)
        shown += tag("span", side, f'class="side"{fitted(line.new, 4.0)}')
        shown += tag("span", self.text(line.say), f'class="why" data-rule="{line.rule}"')
        summary = tag("summary", shown, f'title="{line.rule}"')
        return head + tag("details", summary + self.before(line), 'class="step"')

    def before(self, line: Line) -> str:
        """What an opened step shows: the line before it, with what goes coloured, and the rule."""
        was = tag("span", self.words.before, 'class="tag"') + " " + self.math(line.old, True)
        rule = tag("span", self.words.rule, 'class="tag"') + " " + tag("code", line.rule)
        shown = f'class="was"{fitted(line.old, 6.0)}'
        return tag("div", tag("span", was, shown) + tag("span", rule), 'class="before"')

    def grid(self, block: Grid) -> str:
        head = "".join(f'<th scope="col">{self.math(h)}</th>' for h in block.head)
        rows = "".join(
            "<tr>" + "".join(f"<td>{number(c)}</td>" for c in row) + "</tr>" for row in block.rows
        )
        title = f'<p class="title">{self.text(block.title)}</p>' if block.title else ""
        remark = f"<p>{self.text(block.remark)}</p>" if block.remark else ""
        table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        return title + table + remark

    def picture(self, block: Picture) -> str:
        svg = self.pictures[block.name]
        caption = tag("span", f"{self.words.figure} {block.number}", 'class="label"')
        caption += self.text(block.caption)
        said = escape(plain_text(block.caption))
        paper = tag("div", svg, f'class="paper" role="img" aria-label="{said}"')
        return tag("figure", paper + tag("figcaption", caption), f'id="{block.label}"')

    def panel(self, block: Panel) -> str:
        rows = [(place, value) for place, value in enumerate(block.logits)]
        start = json.dumps({"logits": [float(v) for v in block.logits], "target": block.target})
        return render(
            "html/panel.html.j2",
            rows=rows,
            words=self.words.panel,
            target=block.target,
            start=start,
        )


def fitted(made: Row, beside: float) -> str:
    """An attribute of what holds a wide formula: its width in em with what stands beside it, by
    which the style sheet makes its letters as small as its column asks for."""
    wide = 1.1 * width(made) + beside
    return f' style="--em:{wide:.0f}"' if wide > PHONE else ""


def tag(name: str, inner: str, attributes: str = "") -> str:
    """An element."""
    return f"<{name}{' ' + attributes if attributes else ''}>{inner}</{name}>"


def number(text: str) -> str:
    """-1.5·10^8 with a real minus and a raised exponent."""
    base, dot, power = text.partition("·10^")
    shown = (
        escape(base, quote=False).replace("-", "−")
        if base[:1] in "-0123456789"
        else escape(base, quote=False)
    )
    return f"{shown}·10<sup>{power.replace('-', '−')}</sup>" if dot else shown


def _has_marks(made: Row) -> bool:
    return "color" in Latex("x").show(made)


def _worded(made: Row, words: tuple[tuple[str, str], ...]) -> Row:
    """The words inside a coloured formula in the page's language."""
    return read(Latex("x", words).show(made)) if words else made
