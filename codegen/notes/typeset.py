"""From the records of the catalog to blocks of a document: each formula printed once, changes
coloured."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sympy import Expr, Integer

from codegen.notes.difference import changed
from codegen.notes.document import (
    Block,
    Document,
    Formula,
    Grid,
    Heading,
    Line,
    Paragraph,
    Steps,
    label_of,
)
from codegen.notes.formula import Atom, Node, Row
from codegen.notes.formula_latex import plain
from codegen.notes.formula_reader import read
from codegen.notes.inline import Math, Spans, Words, sentence
from codegen.notes.lesson import Chain, Given, Lesson, Prose, Table
from codegen.notes.vocabulary import FIXED
from derive import notation
from derive.derivation import Derivation
from derive.language import Step as Indicator

EQUALS, MORE, ZERO = Atom("relation", "="), Atom("relation", ">"), Atom("number", "0")


@lru_cache(maxsize=50_000)
def shown(expr: Expr) -> Row:
    """An expression as a formula, exactly as `derive.notation` writes it."""
    return read(notation.latex(expr))


def document(lesson: Lesson) -> Document:
    """A catalog entry as a document: its statement, then its derivations, remarks and numbers."""
    blocks: list[Block] = [Formula(statement(lesson), label_of(lesson.name, "statement"))]
    blocks += surroundings(lesson)
    for block in lesson.blocks:
        blocks += parts(block, lesson.name, lesson.lang)
    return Document(lesson.name, sentence(lesson.title, lesson.lang), lesson.lang, tuple(blocks))


def surroundings(lesson: Lesson) -> list[Block]:
    """What the statement is written in: the definitions it uses, the facts it takes as given."""
    words = FIXED[lesson.lang]
    made: list[Block] = [Paragraph((Words(words.where),))] if lesson.definitions else []
    made += [Formula(equation(head, body)) for head, body in lesson.definitions]
    for given in lesson.given:
        fact = equation(given.left, given.right)
        said = (
            Words(words.given),
            *sentence(given.say, lesson.lang),
            Words(words.colon),
            Math(fact, plain(fact)),
        )
        made.append(Paragraph((*said, Words(words.stop))))
    return made


def statement(lesson: Lesson) -> Row:
    """head = body."""
    return equation(lesson.head, lesson.body)


def equation(left: Expr, right: Expr) -> Row:
    """left = right."""
    return Row((*shown(left).items, EQUALS, *shown(right).items))


def parts(block: Prose | Chain | Table, owner: str, lang: str) -> list[Block]:
    """One block of a lesson under a heading of its own."""
    if isinstance(block, Prose):
        return [Paragraph(sentence(block.text, lang))]
    heading = Heading(1, sentence(block.title, lang))
    return [
        heading,
        replace(
            steps(block, owner, lang) if isinstance(block, Chain) else grid(block, lang), title=()
        ),
    ]


def steps(chain: Chain, owner: str, lang: str) -> Steps:
    """A derivation with what changed in each line."""
    name = chain.name.rpartition("/")[2]
    start = chain.start if chain.claim is None else chain.claim
    lines = tuple(_lines(chain, lang))
    claim = (*shown(start).items, *_claimed(chain, lines), *conditions(chain.derivation))
    if lines:
        lines = (_under(lines[0], chain.derivation), *lines[1:])
    return Steps(
        sentence(chain.title, lang), Row(claim), shown(start), lines,
        tuple(_fact(g, lang) for g in chain.given), chain.name, label_of(owner, name),
    )  # fmt: skip


def conditions(derivation: Derivation) -> tuple[Node, ...]:
    """(i ≠ j) where a derivation is about different positions."""
    apart = [rf"{a} \ne {b}" for a, b in derivation.context.distinct]
    return read(rf"\quad ({', '.join(apart)})").items if apart else ()


def _under(line: Line, derivation: Derivation) -> Line:
    """The first line says under which condition the chain holds."""
    added = conditions(derivation)
    return replace(line, new=Row((*line.new.items, *added))) if added else line


def _fact(given: Given, lang: str) -> Spans:
    """A fact in words and as a formula."""
    fact = equation(given.left, given.right)
    return (*sentence(given.say, lang), Words(FIXED[lang].colon), Math(fact, plain(fact)))


def _claimed(chain: Chain, lines: tuple[Line, ...]) -> tuple[Node, ...]:
    if chain.claim is not None:
        return (MORE, ZERO)
    return (EQUALS, *shown(chain.lines[-1].expr).items) if lines else ()


def _lines(chain: Chain, lang: str) -> list[Line]:
    """Where the claim is x > 0 the indicator is not shown: x = ... = x' > 0."""
    made = []
    before = chain.start
    for line in chain.lines:
        positive = chain.claim is not None and line.expr == Integer(1)
        old, new = _inside(before, chain), Row((ZERO,)) if positive else _inside(line.expr, chain)
        pair = (old, new) if positive else changed(old, new)
        made.append(Line(">" if positive else "=", *pair, sentence(line.say, lang), line.step.rule))
        before = line.expr
    return made


def _inside(expr: Expr, chain: Chain) -> Row:
    return shown(expr.arg if chain.claim is not None and isinstance(expr, Indicator) else expr)


def grid(table: Table, lang: str) -> Grid:
    """A table of numbers: the argument beside the value."""
    head = (read("z_i"), shown(table.label))
    return Grid(sentence(table.title, lang), head, table.cells, sentence(table.remark, lang))
