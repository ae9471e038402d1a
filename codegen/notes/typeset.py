"""From the records of the catalog to blocks of a document: each formula printed once, changes
coloured."""

from __future__ import annotations

from collections.abc import Sequence
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
from codegen.notes.inline import Math, Spans, Words, led, marked_up, sentence
from codegen.notes.lesson import Block as LessonBlock
from codegen.notes.lesson import Chain, Equation, Given, Known, Lesson, Prose, Table
from codegen.notes.vocabulary import fixed
from derive import notation
from derive.derivation import Derivation
from derive.language import Array, At
from derive.language import Step as Indicator

EQUALS, MORE, ZERO = Atom("relation", "="), Atom("relation", ">"), Atom("number", "0")


@lru_cache(maxsize=50_000)
def shown(expr: Expr, ordinary: bool = False) -> Row:
    """An expression as a formula, exactly as `derive.notation` writes it."""
    return read(notation.latex(expr, ordinary=ordinary))


def document(lesson: Lesson) -> Document:
    """A catalog entry as a document: its statement, then its derivations, remarks and numbers."""
    blocks: list[Block] = [Formula(statement(lesson), label_of(lesson.name, "statement"))]
    blocks += surroundings(lesson)
    for block in lesson.blocks:
        blocks += parts(block, lesson.name, lesson.lang)
    return Document(lesson.name, sentence(lesson.title, lesson.lang), lesson.lang, tuple(blocks))


def surroundings(lesson: Lesson) -> list[Block]:
    """What the statement is written in: its definitions, the domains of its letters, its facts."""
    words = fixed(lesson.lang)
    made = defined(lesson.definitions, words.where)
    if lesson.domains:
        shown = between([_domain(a, lesson) for a in lesson.domains], words.comma)
        made.append(Paragraph((*led(words.here, shown), Words(words.stop))))
    for given in lesson.given:
        said = led(words.given_that, fact(given, lesson.lang))
        made.append(Paragraph((*said, Words(words.stop))))
    return made


def defined(equations: Sequence[Equation], word: str) -> list[Block]:
    """Definitions under the word that introduces them."""
    made: list[Block] = [Paragraph((Words(word),))] if equations and word else []
    return made + [Formula(equation(head, body)) for head, body in equations]


def _domain(array: Array, lesson: Lesson) -> Spans:
    """What the elements of an array may be: τ > 0, y_i is 0 or 1; with the indices that they have
    in the statement."""
    exprs = (lesson.body, *(body for _, body in lesson.definitions))
    element = next(a for e in exprs for a in sorted(e.atoms(At), key=str) if a.array == array)
    said = fixed(lesson.lang).domains[array.domain]
    return marked_up(said.replace("{}", notation.latex(element)))


def between(parts: Sequence[Spans], comma: str) -> Spans:
    """Spans with a comma between them."""
    made = [span for part in parts for span in (Words(comma), *part)]
    return tuple(made[1:])


def statement(lesson: Lesson) -> Row:
    """head = body."""
    return equation(lesson.head, lesson.body)


def equation(left: Expr, right: Expr) -> Row:
    """left = right."""
    return Row((*shown(left).items, EQUALS, *shown(right).items))


def parts(block: LessonBlock, owner: str, lang: str) -> list[Block]:
    """One block of a lesson under a heading of its own."""
    if isinstance(block, Prose):
        return [Paragraph(sentence(block.text, lang))]
    if isinstance(block, Known):
        return known(block, owner, lang)
    heading = Heading(1, sentence(block.title, lang))
    if isinstance(block, Table):
        return [heading, replace(grid(block, lang), title=())]
    made = replace(steps(block, owner, lang), title=())
    return [heading, *introduced(block, lang), made]


def introduced(chain: Chain, lang: str) -> list[Block]:
    """The size and the definitions that a derivation has for itself."""
    words = fixed(lang)
    if not chain.size:
        return defined(chain.definitions, words.let)
    size = (words.size_and if chain.definitions else words.size).replace("{}", chain.size)
    return [Paragraph(marked_up(size)), *defined(chain.definitions, "")]


def known(block: Known, owner: str, lang: str) -> list[Block]:
    """The result of another entry, with a number of its own."""
    made = steps(block.chain, owner, lang)
    element = notation.latex(block.chain.start.args[0])
    said = fixed(lang).derived.replace("${}$", f"${element}$").replace("“{}”", f"“{block.title}”")
    return [Paragraph(marked_up(said)), Formula(made.claim, made.label)]


def steps(chain: Chain, owner: str, lang: str) -> Steps:
    """A derivation with what changed in each line."""
    name = chain.name.rpartition("/")[2]
    name = "gradient" if name == owner else name
    start = chain.start if chain.claim is None else chain.claim
    lines = tuple(_lines(chain, lang))
    first = shown(start, chain.derivation.ordinary)
    claim = (*first.items, *_claimed(chain, lines), *conditions(chain.derivation))
    if lines:
        lines = (_under(lines[0], chain.derivation), *lines[1:])
    return Steps(
        sentence(chain.title, lang), Row(claim), first, lines,
        tuple(fact(g, lang) for g in chain.given), chain.name, label_of(owner, name),
    )  # fmt: skip


def conditions(derivation: Derivation) -> tuple[Node, ...]:
    """(i ≠ j) where a derivation is about different positions."""
    apart = [rf"{a} \ne {b}" for a, b in derivation.context.distinct]
    return read(rf"\quad ({', '.join(apart)})").items if apart else ()


def _under(line: Line, derivation: Derivation) -> Line:
    """The first line says under which condition the chain holds."""
    added = conditions(derivation)
    return replace(line, new=Row((*line.new.items, *added))) if added else line


def fact(given: Given, lang: str) -> Spans:
    """A fact in words and as a formula."""
    made = equation(given.left, given.right)
    said = (*sentence(given.say, lang), Words(fixed(lang).colon)) if given.say else ()
    return (*said, Math(made, plain(made)))


def _claimed(chain: Chain, lines: tuple[Line, ...]) -> tuple[Node, ...]:
    if chain.claim is not None:
        return (MORE, ZERO)
    return (EQUALS, *_inside(chain.lines[-1].expr, chain).items) if lines else ()


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
    inner = expr.arg if chain.claim is not None and isinstance(expr, Indicator) else expr
    return shown(inner, chain.derivation.ordinary)


def grid(table: Table, lang: str) -> Grid:
    """A table of numbers: the argument beside the value."""
    head = (read("z_i"), shown(table.label))
    return Grid(sentence(table.title, lang), head, table.cells, sentence(table.remark, lang))
