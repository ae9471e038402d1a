"""The course chapter: prose of one language with slots that name records of the catalog.

A line that starts with `::` is a slot; every other block is prose (`codegen.notes.inline`).  Slots:

    :: statement ENTRY                        the definition, with a number
    :: meaning FUNCTION                       what an elementwise function stands for, with a number
    :: derivation ENTRY/PART [short]          the derivation; short: only what it arrives at
    :: numbers ENTRY/PART [ENTRY/PART]        worked numbers, side by side where there are two
    :: picture NAME caption
    :: panel LOGIT LOGIT ... : CLASS          the live panel of the page, and where it starts
    :: code KERNEL TARGET FUNCTION            a function as it is emitted
    :: exercise NAME text
    :: solution NAME [text]

In prose {ref:ENTRY/PART} is the number of a derivation, {value:ENTRY/PART:3:2} the third number of
a table with two decimals.
"""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from functools import cache

from codegen.errors import CodegenError
from codegen.notes import typeset
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
    label_of,
)  # fmt: skip
from codegen.notes.excerpt import excerpt
from codegen.notes.exercises import solution
from codegen.notes.formula import Row
from codegen.notes.inline import Spans, Words, marked_up
from codegen.notes.lesson import Chain, Lesson, Table, lesson
from derive.catalog import entry
from derive.functions import BY_NAME
from derive.language import Array, At
from derive.languages import language

NAME = "chapter"
PROGRAMS = {"numpy": "python", "c": "c"}


def chapter(lang: str) -> Document:
    """The chapter "Softmax and cross-entropy" in one language."""
    return _Reader(lang).document(language(lang)["chapter"]["text"])


@cache
def _lesson(name: str, lang: str) -> Lesson:
    return lesson(entry(name), lang)


def record(path: str, lang: str) -> Chain | Table:
    """A derivation or a table of the catalog by ENTRY/PART."""
    owner, _, part = path.partition("/")
    made = entry(owner)
    for block, source in zip(_lesson(owner, lang).blocks, made.parts, strict=True):
        if source.name == part and isinstance(block, (Chain, Table)):
            return block
    raise CodegenError(f"the chapter asks for {path!r}: {owner} has no such derivation or table")


class _Reader:
    """Turns the lines of a chapter into blocks."""

    def __init__(self, lang: str):
        self.lang = lang
        self.exercises: list[str] = []
        self.shown: set[str] = set()

    def document(self, text: str) -> Document:
        first, _, rest = text.partition("\n")
        blocks = [b for part in re.split(r"\n\s*\n", rest.strip()) for b in self.part(part)]
        return Document(NAME, marked_up(first.removeprefix("# ")), self.lang, tuple(blocks))

    def part(self, text: str) -> list[Block]:
        if text.startswith("## "):
            return [Heading(1, marked_up(text[3:]))]
        if text.startswith(":: exercise "):
            return [self.questions(text.splitlines())]
        if text.startswith(":: "):
            return [b for line in text.splitlines() for b in self.slot(line)]
        return [Paragraph(self.prose(text))]

    def prose(self, text: str) -> Spans:
        """Prose with its values filled in; references lead to labels of this document."""
        slots = r"\{value:([^:}]+):(\d+):(\d+)\}"
        filled = re.sub(slots, lambda m: self.value(m[1], int(m[2]), int(m[3])), text)
        if "{value:" in filled:
            raise CodegenError(f"{{value:NAME/PART:3:2}} is how it is written, not {text!r}")
        return marked_up(
            re.sub(r"\{ref:([^}]+)\}", lambda m: f"{{ref:{self.label(m[1])}}}", filled)
        )

    def value(self, path: str, place: int, digits: int) -> str:
        made = record(path, self.lang)
        if not isinstance(made, Table):
            raise CodegenError(f"{path} is a derivation: {{value:...}} takes a table")
        return f"${Decimal(made.cells[place - 1][1]):.{digits}f}$"

    def label(self, path: str) -> str:
        return label_of(NAME, path.replace("/", "-"))

    def slot(self, line: str) -> list[Block]:
        kind, _, rest = line.removeprefix(":: ").partition(" ")
        make = getattr(self, f"slot_{kind}", None)
        if make is None:
            raise CodegenError(
                f"the chapter has the unknown slot {line!r}: see codegen/notes/chapter.py"
            )
        made: list[Block] = make(rest)
        return made

    def slot_statement(self, name: str) -> list[Block]:
        head = typeset.statement(_lesson(name, self.lang))
        return [Formula(head, self.label(f"{name}/statement"))]

    def slot_meaning(self, name: str) -> list[Block]:
        x = At(Array("z"))
        row = BY_NAME[name]
        if row.meaning is None:
            raise CodegenError(f"{name} is a primitive: it stands for nothing else")
        made = typeset.equation(row.node(x), row.meaning(x))
        return [Formula(made, self.label(f"{name}/meaning"))]

    def slot_derivation(self, rest: str) -> list[Block]:
        path, _, short = rest.partition(" ")
        made = record(path, self.lang)
        if not isinstance(made, Chain):
            raise CodegenError(f"{path} is a table: use the slot numbers")
        block = replace(typeset.steps(made, NAME, self.lang), label=self.label(path), title=())
        return [Formula(block.claim, block.label)] if short else [block]

    def slot_numbers(self, rest: str) -> list[Block]:
        """Tables over the same inputs stand side by side."""
        made = [record(path, self.lang) for path in rest.split()]
        grids = [
            replace(typeset.grid(t, self.lang), title=()) for t in made if isinstance(t, Table)
        ]
        return [grids[0]] if len(grids) == 1 else [_beside(grids)]

    def slot_picture(self, rest: str) -> list[Block]:
        name, _, caption = rest.partition(" ")
        return [Picture(name, self.prose(caption), label_of(NAME, f"fig-{name}"))]

    def slot_panel(self, rest: str) -> list[Block]:
        logits, _, target = rest.partition(":")
        return [Panel(tuple(logits.split()), int(target))]

    def slot_code(self, rest: str) -> list[Block]:
        name, target, word = rest.split()
        return [
            Listing(
                PROGRAMS[target],
                excerpt(name, target, word, self.shown),
                (),
                name if target == "numpy" else "",
            )
        ]

    def slot_solution(self, rest: str) -> list[Block]:
        name, _, remark = rest.partition(" ")
        number = self.exercises.index(name) + 1
        made = solution(name, self.lang)
        block = typeset.grid(made, self.lang) if isinstance(made, Table) else self.solved(made)
        after = [Paragraph(self.prose(remark))] if remark else []
        return [replace(block, title=(Words(f"{number}. "), *block.title)), *after]

    def solved(self, made: Chain) -> Steps:
        return replace(typeset.steps(made, NAME, self.lang), label=self.label(made.name))

    def questions(self, lines: list[str]) -> Items:
        items = []
        for line in lines:
            name, _, text = line.removeprefix(":: exercise ").partition(" ")
            self.exercises.append(name)
            items.append(self.prose(text))
        return Items(tuple(items), ordered=True)


def _beside(grids: list[Grid]) -> Grid:
    """One table: the inputs, then a column for each."""
    head: tuple[Row, ...] = (grids[0].head[0], *(g.head[1] for g in grids))
    rows = tuple(
        (cells[0][0], *(c[1] for c in cells))
        for cells in zip(*(g.rows for g in grids), strict=True)
    )
    remark = tuple(s for g in grids for s in g.remark)
    return Grid((), head, rows, remark)
