"""Documents as LaTeX: a fragment for `\\input`, or a whole document for XeLaTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from codegen.backends.latex_chain import breakable, chain
from codegen.backends.listing import chunks, folded
from codegen.backends.rendering import render
from codegen.notes.document import (
    Block,
    Document,
    Formula,
    Grid,
    Heading,
    Items,
    Listing,
    Panel,
    Paragraph,
    Picture,
    Steps,
    numbered,
)  # fmt: skip
from codegen.notes.formula import Row
from codegen.notes.formula_latex import Latex
from codegen.notes.inline import Code, Math, Ref, Span, Spans, Strong, Words, sentence
from codegen.notes.lesson import Lesson
from codegen.notes.typeset import document
from codegen.notes.vocabulary import Fixed, fixed

COLOR = "lossmithchange"
SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "#": r"\#",
    "_": r"\_", "$": r"\$",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "−": "$-$", "·": r"$\cdot$",
    "≠": r"$\ne$", "≤": r"$\le$",
    "≥": r"$\ge$", "′": "$'$", "²": "$^2$", "³": "$^3$", "∞": r"$\infty$", "→": r"$\to$",
    "×": r"$\times$",
    "∂": r"$\partial$", "Σ": r"$\sum$", "Π": r"$\prod$", "δ": r"$\delta$", "σ": r"$\sigma$",
    "γ": r"$\gamma$",
    "τ": r"$\tau$", "α": r"$\alpha$", "β": r"$\beta$", "ε": r"$\varepsilon$", "λ": r"$\lambda$",
    "μ": r"$\mu$",
    "π": r"$\pi$", "ρ": r"$\rho$", "θ": r"$\theta$", "φ": r"$\phi$", "ω": r"$\omega$",
    "Γ": r"$\Gamma$",
    "“": "``", "”": "''", "…": r"\dots{}",
}  # fmt: skip
QUOTES = {"“": "“", "”": "”"}  # full width in Chinese, where ctex sets them
ONE = ((r"\mathbb{1}", r"\mathbf{1}"),)
"""The indicator without a blackboard font: amssymb has no digits, and is not asked for."""
ENDING = re.compile(r"\$[^$]*\$| (?=(?:\$[^$ ]{1,8}\$|\w)[.,;:?](?:\s|$))")
"""Before a symbol that ends a sentence no line ends; within a formula TeX sees to that."""
SECTIONS = ("section", "subsection", "subsubsection")


def source(lesson: Lesson) -> str:
    """A fragment for `\\input`; needs amsmath and xcolor."""
    return fragment(numbered(document(lesson)))


def fragment(made: Document) -> str:
    """A document as a section of somebody else's; with pictures it needs graphicx too."""
    return render(
        "latex/fragment.tex.j2",
        title=prose(made.title, made.lang),
        label=f"lossmith:{made.name}",
        body=body(made, 1),
    )


def standalone(made: Sequence[Document], title: str) -> str:
    """Whole documents for XeLaTeX: one with its title, several as sections."""
    lang = made[0].lang
    alone = len(made) == 1
    parts = [body(made[0], 0)] if alone else [_section(d) for d in made]
    return render("latex/standalone.tex.j2", tex=fixed(lang).tex, title=title,
                  parts=parts, alone=alone,
                  contents=len(made) > 3,
                  proved=prose(sentence(fixed(lang).proved, lang), lang))  # fmt: skip


def _section(made: Document) -> str:
    title = f"\\section{{{prose(made.title, made.lang)}}}\\label{{lossmith:{made.name}}}"
    return f"{title}\n{body(made, 1)}"


def body(made: Document, depth: int) -> str:
    """The blocks of a document, its headings this many levels down."""
    printer = _Blocks(made.lang, depth, fixed(made.lang))
    text: str = ""
    ahead: Block | None = None
    for block, after in zip(made.blocks, [*made.blocks[1:], None], strict=True):
        leads = isinstance(block, Formula) or (isinstance(block, Steps) and not block.title)
        text = text.removesuffix("\n") if leads and text.endswith("\n\n") else text
        text += printer.need(ahead, block, after)
        text += f"{printer.lead(ahead, block)}{printer.block(block)}\n"
        ahead = block
    return text


class _Blocks:
    def __init__(self, lang: str, depth: int, words: Fixed):
        self.lang, self.depth, self.words = lang, depth, words
        self.latex = Latex(COLOR, words.formulas + ONE)

    def text(self, spans: Spans) -> str:
        return prose(spans, self.lang)

    def need(self, ahead: Block | None, block: Block, after: Block | None) -> str:
        """A page may end short before the sentence or the heading of a derivation, rather than
        between them; a heading is not left behind."""
        ahead_of_it = isinstance(block, (Paragraph, Heading))
        claimed = after if ahead_of_it else block
        leads = isinstance(claimed, Steps) and len(claimed.lines) > 1
        led = ahead is None or isinstance(ahead, Heading if ahead_of_it else (Heading, Paragraph))
        return "\\lossmithneed\n" if leads and not led else ""

    def lead(self, ahead: Block | None, block: Block) -> str:
        """A page may end between a formula and prose, but not before what "where" explains; a
        formula that no sentence leads to starts its paragraph, without the empty line that TeX
        puts over it."""
        where = block == Paragraph((Words(self.words.where),))
        if isinstance(ahead, Formula) and isinstance(block, Paragraph) and not where:
            return "\\lossmithpause\n"
        display = isinstance(block, Formula) or (
            isinstance(block, Steps) and not block.facts and not block.title
        )
        return "\\noindent\n" if where or (display and not isinstance(ahead, Paragraph)) else ""

    def block(self, block: Block) -> str:
        match block:
            case Heading(level, spans, label):
                named = f"\\label{{{label}}}" if label else ""
                return f"\\{SECTIONS[level - 1 + self.depth]}{{{self.text(spans)}}}{named}\n"
            case Paragraph(spans):
                return self.text(spans) + "\n"
            case Items():
                return self.items(block)
            case Formula():
                return self.formula(block.made, block.label)
            case Steps():
                return self.steps(block)
            case Grid():
                return self.grid(block)
            case Picture():
                return self.picture(block)
            case Listing():
                return self.listing(block)
            case Panel():
                return ""

    def items(self, block: Items) -> str:
        kind = "enumerate" if block.ordered else "itemize"
        inner = "\n".join(rf"\item {self.text(item)}" for item in block.items)
        return f"\\begin{{{kind}}}\n{inner}\n\\end{{{kind}}}\n"

    def formula(self, made: Row, label: str) -> str:
        shown = rf"\lossmithformula{{{breakable(made, self.latex)}}}"
        if label:
            return f"\\begin{{equation}}\\label{{{label}}}\n{shown}\n\\end{{equation}}\n"
        return f"\\[\n{shown}\n\\]\n"

    def title(self, spans: Spans) -> str:
        return f"\\lossmithtitle{{{self.text(spans)}}}\n" if spans else ""

    def steps(self, block: Steps) -> str:
        title = self.title(block.title)
        facts = self.words.semicolon.join(self.text(f) for f in block.facts)
        box = (
            f"\n\\lossmithfacts{{\\textbf{{{self.words.given}}}\\quad {facts}}}\n" if facts else ""
        )
        lead = "\\noindent\n" if title or box else ""
        claim = lead + self.formula(block.claim, block.label)
        if len(block.lines) == 1:
            return f"{title}{box}{claim}\\lossmithreason{{{self.text(block.lines[0].say)}}}\n"
        lines = chain(block, self.latex, self.text)
        return f"{title}{box}{claim}\\lossmithderivation{{{self.words.derivation}}}\n{lines}"

    def grid(self, block: Grid) -> str:
        head = " & ".join(f"${self.latex.show(h)}$" for h in block.head)
        rows = "\n".join(" & ".join(number(c) for c in row) + r" \\" for row in block.rows)
        title = self.title(block.title)
        remark = f"{self.text(block.remark)}\n" if block.remark else ""
        kind = "|".join("r" * len(block.head))
        table = environment("tabular", f"{head} \\\\ \\hline\n{rows}", f"{{{kind}}}")
        return title + environment("lossmithtable", table.rstrip("\n")) + remark

    def listing(self, block: Listing) -> str:
        """A program in parts that no page tears, with the space of a line between functions."""
        text = ""
        for part in chunks(folded(block.text)):
            text += "" if part[0] else "\\lossmithgap\n"
            program = environment("verbatim", "\n".join(part).strip("\n")).rstrip("\n")
            text += environment("lossmithcode", program)
        return f"{self.text(block.caption)}\n\\lossmithgap\\nobreak\n{text}\\medskip\n"

    def picture(self, block: Picture) -> str:
        path = f"pictures/{block.name}-{self.lang}.pdf"
        arguments = (path, self.words.figure, self.text(block.caption), block.label)
        return "\\lossmithpicture" + "".join(f"{{{a}}}" for a in arguments) + "\n"


def environment(name: str, inner: str, options: str = "") -> str:
    """begin and end on lines of their own."""
    return f"\\begin{{{name}}}{options}\n{inner}\n\\end{{{name}}}\n"


def number(text: str) -> str:
    """-1.5·10^8 in mathematics, words as they are."""
    if text[:1] in "-0123456789" and text:
        base, dot, power = text.partition("·10^")
        return f"${base} \\cdot 10^{{{power}}}$" if dot else f"${base}$"
    return escape(text, "en")


def prose(spans: Spans, lang: str, known: Mapping[str, str] | None = None) -> str:
    """Spans for TeX; references are TeX's own unless `known` gives their numbers."""
    made = ""
    for span in spans:
        figure = isinstance(span, Ref) and ":fig-" in span.label
        tied = figure and made[-2:-1].isalpha() and made.endswith(" ")
        made = (f"{made[:-1]}~" if tied else made) + _span(span, lang, known)
    return ENDING.sub(lambda found: "~" if found[0] == " " else found[0], made)


def _span(span: Span, lang: str, known: Mapping[str, str] | None) -> str:
    match span:
        case Words(text):
            return escape(text, lang)
        case Math(made):
            return f"${Latex(words=fixed(lang).formulas + ONE).show(made)}$"
        case Code(text):
            return rf"\texttt{{{escape(text, lang)}}}"
        case Strong(spans):
            return rf"\textbf{{\boldmath {prose(spans, lang, known)}}}"
        case Ref(label):
            number = known[label] if known else rf"\ref{{{label}}}"
            return number if ":fig-" in label else f"({number})"


def escape(text: str, lang: str) -> str:
    """A sentence with the characters that TeX treats specially written for TeX."""
    special = SPECIAL | QUOTES if fixed(lang).full_width else SPECIAL
    return "".join(special.get(c, c) for c in text)
