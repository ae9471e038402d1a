"""A document of course notes: blocks in their order, numbered once for all formats.

Printers only draw these blocks.  A formula is numbered where it states something: a definition,
or what
a derivation arrives at.  Labels are `lossmith:<document>:<name>`, so that no two fragments clash.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from codegen.errors import CodegenError
from codegen.notes.formula import Row
from codegen.notes.inline import Ref, Spans


@dataclass(frozen=True)
class Heading:
    """A section of the document (level 1) or a part of one (level 2)."""

    level: int
    spans: Spans
    label: str = ""


@dataclass(frozen=True)
class Paragraph:
    """Prose."""

    spans: Spans


@dataclass(frozen=True)
class Items:
    """A list, numbered or not."""

    items: tuple[Spans, ...]
    ordered: bool = False


@dataclass(frozen=True)
class Formula:
    """A displayed formula; with a label it has a number."""

    made: Row
    label: str = ""
    number: str = ""


@dataclass(frozen=True)
class Line:
    """One more line of a derivation: `relation` right-hand side, and the sentence on why.

    `old` is the line before with the parts that this step takes away coloured, `new` this line with
    the parts it brings.
    """

    relation: str
    old: Row
    new: Row
    say: Spans
    rule: str


@dataclass(frozen=True)
class Steps:
    """A derivation: what it claims (with a number), then start = line = line ..."""

    title: Spans
    claim: Row
    start: Row
    lines: tuple[Line, ...]
    facts: tuple[Spans, ...]
    source: str
    label: str = ""
    number: str = ""


@dataclass(frozen=True)
class Grid:
    """Numbers of a worked example; the head is formulas."""

    title: Spans
    head: tuple[Row, ...]
    rows: tuple[tuple[str, ...], ...]
    remark: Spans


@dataclass(frozen=True)
class Picture:
    """A picture by name, with its number."""

    name: str
    caption: Spans
    label: str = ""
    number: str = ""


@dataclass(frozen=True)
class Listing:
    """A piece of a program; a notebook runs the whole emitted module of `kernel` in its place."""

    language: str
    text: str
    caption: Spans
    kernel: str = ""


@dataclass(frozen=True)
class Panel:
    """The live panel of the page: logits to move, with the values they start from."""

    logits: tuple[str, ...]
    target: int


Block = Heading | Paragraph | Items | Formula | Steps | Grid | Picture | Listing | Panel


@dataclass(frozen=True)
class Document:
    """A whole document in one language; `cells` are the emitted NumPy and its check, for a
    notebook to run."""

    name: str
    title: Spans
    lang: str
    blocks: tuple[Block, ...]
    cells: tuple[str, ...] = ()


def numbered(document: Document, prefix: str = "") -> Document:
    """Formulas and pictures numbered in their order; references that lead nowhere are errors."""
    equations = pictures = 0
    made: list[Block] = []
    for block in document.blocks:
        if isinstance(block, (Formula, Steps)) and block.label:
            equations += 1
            block = replace(block, number=f"{prefix}{equations}")
        elif isinstance(block, Picture):
            pictures += 1
            block = replace(block, number=f"{prefix}{pictures}")
        made.append(block)
    return replace(document, blocks=tuple(made))


def numbers(documents: Iterable[Document]) -> dict[str, str]:
    """The number of each label in these documents; a label that occurs twice is an error."""
    found: dict[str, str] = {}
    for document in documents:
        for block in document.blocks:
            label = getattr(block, "label", "")
            if label and label in found:
                raise CodegenError(
                    f"the label {label} occurs twice in {document.name}: rename one of the parts"
                )
            if label:
                found[label] = getattr(block, "number", "")
    return found


def references(document: Document) -> set[str]:
    """The labels that the prose of a document refers to."""
    return {
        s.label
        for block in document.blocks
        for spans in prose(block)
        for s in spans
        if isinstance(s, Ref)
    }


def prose(block: Block) -> Iterable[Spans]:
    """All prose of a block."""
    match block:
        case (
            Heading(spans=spans)
            | Paragraph(spans=spans)
            | Picture(caption=spans)
            | Listing(caption=spans)
        ):
            return (spans,)
        case Items(items=items):
            return items
        case Grid(title=title, remark=remark):
            return (title, remark)
        case Steps(title=title, lines=lines, facts=facts):
            return (title, *facts, *(line.say for line in lines))
        case _:
            return ()


def label_of(document: str, name: str) -> str:
    """The label of a part of a document."""
    return f"lossmith:{document}:{name}"
