"""A catalog entry as the blocks of its lesson: what every printer of notes prints, and nothing
else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cache

import mpmath
from sympy import Add, Expr

from codegen.notes.meanings import meanings
from codegen.notes.vocabulary import fixed
from codegen.truth import Truth
from derive import notation
from derive.catalog import entries
from derive.catalog.entry import Entry, Numbers, Part, Remark
from derive.derivation import Derivation, Step
from derive.language import Array, At, Deriv, Elementwise, Group
from derive.language import Step as Indicator
from derive.languages import language, phrases, said
from derive.primitives import unfold
from derive.statement import Definition, Statement
from derive.strategy import lemmas
from derive.terms import arrays, canonical, free_indices

Equation = tuple[Expr, Expr]
"""A definition as it is printed: head = body; the head is an element or a function of a letter."""


@dataclass(frozen=True)
class Prose:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Line:
    """One equality of a chain: the new right-hand side, and why."""

    expr: Expr
    say: str
    step: Step


@dataclass(frozen=True)
class Chain:
    """A derivation: start = lines[0] = lines[1] = ...; `claim` is x where it shows that x > 0."""

    name: str
    title: str
    start: Expr
    lines: tuple[Line, ...]
    facts: tuple[str, ...]
    claim: Expr | None
    derivation: Derivation
    given: tuple[Given, ...] = ()
    definitions: tuple[Equation, ...] = ()

    @property
    def size(self) -> str:
        """The number of classes where the derivation is about a particular one, else ""."""
        exprs = (self.start, *(line.expr for line in self.lines))
        sizes = {r for e in exprs for a in arrays(e) for r in a.ranges if r.isdigit()}
        return sizes.pop() if len(sizes) == 1 else ""


@dataclass(frozen=True)
class Known:
    """What another entry derives: `label` under `title`, to be used here."""

    title: str
    chain: Chain


@dataclass(frozen=True)
class Table:
    """An expression at given numbers: `cells` are (input, value) as they are printed."""

    name: str
    title: str
    label: Expr
    cells: tuple[tuple[str, str], ...]
    remark: str


@dataclass(frozen=True)
class Given:
    """A fact that the statement takes as given: left = right, and in words if it has them."""

    left: Expr
    right: Expr
    say: str


Block = Prose | Chain | Known | Table


@dataclass(frozen=True)
class Lesson:
    """A whole entry in one language.

    `definitions` are what the statement is written in, `domains` its letters that are not any
    real number; a chain has the definitions that nothing ahead of it has shown.
    """

    name: str
    title: str
    lang: str
    head: Expr
    body: Expr
    blocks: tuple[Block, ...]
    definitions: tuple[Equation, ...] = ()
    given: tuple[Given, ...] = ()
    domains: tuple[Array, ...] = ()


def lesson(entry: Entry, lang: str = "en") -> Lesson:
    """The lesson of an entry in one language; every step in it is proved."""
    return _lesson(entry.statement, said(entry.title, lang), _blocks(entry, lang), lang)


def derivative(statement: Statement, derivation: Derivation, order: str, lang: str) -> Lesson:
    """The lesson of one derivative; `order` says which, "" the one that the statement names."""
    entry = entries().get(statement.name)
    ours = entry if entry and entry.statement == statement else None
    loss = ours.kind == "loss" if ours else not (statement.head.indices or derivation.ordinary)
    title = said(ours.title, lang) if ours else statement.name
    called = language(lang)["orders"].get(order) or _called(statement, loss, lang)
    return _lesson(statement, title, [replace(chain(derivation, lang), title=called)], lang)


def _lesson(statement: Statement, title: str, blocks: list[Block], lang: str) -> Lesson:
    shown = needed((statement.body,), statement.definitions)
    own = {statement.own.array.name: (statement.head, statement.body)}
    return Lesson(
        statement.name, title, lang, statement.head, statement.body,
        tuple(_introduced(blocks, own | by_name(shown))),
        shown, tuple(Given(f.left, f.right, said(f.say, lang)) for f in statement.facts),
        tuple(a for a in statement.inputs() if a.domain != "real"),
    )  # fmt: skip


def _blocks(entry: Entry, lang: str) -> list[Block]:
    """The parts of a lesson; without any, the gradient and what it inserts."""
    made = {d.name.rpartition("/")[2]: d for d in entry.derivations}
    if entry.parts:
        return [_block(part, made, lang) for part in entry.parts]
    inserted = [_lemma(d, entry, lang) for d in lemmas(entry.statement)]
    title = _called(entry.statement, entry.kind == "loss", lang)
    return [*inserted, *(replace(chain(d, lang), title=title) for d in entry.derivations)]


def _called(statement: Statement, is_loss: bool, lang: str) -> str:
    """Losses have gradients, functions of a number derivatives, of a vector partial derivatives."""
    head, words = statement.head, fixed(lang)
    if is_loss:
        return words.gradient
    return words.partials.format(notation.text(head)) if head.indices else words.derivative


def _lemma(derivation: Derivation, entry: Entry, lang: str) -> Block:
    """A derivation that the gradient inserts; one of another entry is not carried out again."""
    element, words = derivation.start.args[0], fixed(lang)
    title = words.derivative_of if derivation.ordinary else words.partials
    made = replace(chain(derivation, lang), title=title.format(notation.text(element)))
    body = derivation.context.by_array[element.array].body
    other = _catalogued().get(canonical(body))
    if other is None or other is entry:
        return made
    return Known(said(other.title, lang), made)


@cache
def _catalogued() -> dict[Expr, Entry]:
    """The entries whose statement needs no definitions, by what they define."""
    return {
        canonical(e.statement.body): e
        for e in reversed(entries().values())
        if not e.statement.definitions
    }


def _introduced(blocks: Iterable[Block], known: dict[str, Equation]) -> Iterator[Block]:
    """Each chain with the definitions that the reader has not met."""
    for block in blocks:
        if isinstance(block, Chain):
            exprs = (block.start, *(line.expr for line in block.lines))
            used = by_name(needed(exprs, block.derivation.context.definitions))
            new = tuple(e for name, e in used.items() if not _met(known.get(name), e))
            known |= used
            block = replace(block, definitions=new)
        yield block


def _met(before: Equation | None, now: Equation) -> bool:
    """Whether the reader knows a definition; that of a function in whichever letter."""
    return before == now or (before is not None and not isinstance(now[0], At))


def needed(exprs: Iterable[Expr], definitions: Iterable[Definition]) -> tuple[Equation, ...]:
    """What the expressions are written in, directly or not, in the order in which it is met: their
    letters, then their functions."""
    known = tuple(exprs)
    letters = _letters(known, definitions)
    return (*letters, *meanings((*known, *(body for _, body in letters))))


def _letters(exprs: Iterable[Expr], definitions: Iterable[Definition]) -> tuple[Equation, ...]:
    by_array = {d.array: d for d in definitions}
    met: list[Array] = []
    waiting = list(exprs)
    while waiting:
        for array in sorted(arrays(waiting.pop(0)), key=str):
            if array in by_array and array not in met:
                met.append(array)
                waiting.append(by_array[array].body)
    return tuple((by_array[a].head, by_array[a].body) for a in met)


def by_name(equations: Iterable[Equation]) -> dict[str, Equation]:
    """Definitions by the letter or the function they define."""
    return {_letter(head): (head, body) for head, body in equations}


def _letter(head: Expr) -> str:
    return str(head.array.name if isinstance(head, At) else head.func)


def _block(part: Part | Remark | Numbers, made: dict[str, Derivation], lang: str) -> Block:
    if isinstance(part, Remark):
        return Prose(said(part.text, lang))
    return chain(made[part.name], lang) if isinstance(part, Part) else table(part, lang)


def chain(derivation: Derivation, lang: str) -> Chain:
    """A derivation with its sentences in one language."""
    lines = tuple(_lines(derivation, lang))
    facts = tuple(said(fact.say, lang) or fact.name for fact in derivation.facts)
    start = derivation.start
    claim = start.arg if isinstance(start, Indicator) and derivation.result == 1 else None
    title = said(derivation.title, lang) or fixed(lang).gradient
    given = tuple(Given(f.left, f.right, said(f.say, lang)) for f in derivation.facts)
    return Chain(derivation.name, title, start, lines, facts, claim, derivation, given)


def _lines(derivation: Derivation, lang: str) -> list[Line]:
    """The lines of a derivation; brackets that only its record needs, as in (p_i)(p_j), are left
    out where they appear, and so is the step that takes them away."""
    made: list[Line] = []
    for step in derivation.steps:
        if made and step.rule == "remove-parentheses" and _needless(step.before):
            made[-1] = replace(made[-1], expr=step.after)
        else:
            made.append(Line(step.after, _reason(derivation, step, lang), step))
    return made


def _needless(expr: Expr) -> bool:
    """Whether its kept brackets hold letters and functions, or sums that have brackets anyway."""
    return all(isinstance(g.arg, (Add, At, Elementwise)) for g in expr.atoms(Group))


def _reason(derivation: Derivation, step: Step, lang: str) -> str:
    """The sentence of a step; a fact that has no words is said as a formula, and where a derivative
    is 0, why."""
    for fact in derivation.context.facts:
        if fact.name == step.argument and not fact.say:
            written = f"${notation.latex(fact.left)} = {notation.latex(fact.right)}$"
            return phrases(lang)[step.rule].replace("{}", written)
    start = derivation.start
    if step.rule == "unfold" and step.after == 0 and isinstance(start, Deriv):
        letters = (f"${notation.latex(e)}$" for e in (start.expr, start.variable))
        return fixed(lang).independent.format(*letters)
    return derivation.say(step, lang)


def table(part: Numbers, lang: str) -> Table:
    """The numbers of a worked example, computed now."""
    inputs = [Fraction(v) for v in part.values]
    expr = unfold(part.expr, part.context)
    with mpmath.workdps(60):
        exact = [mpmath.mpf(v.numerator) / v.denominator for v in inputs]
        truth = Truth(len(exact), {part.array: exact})
        (index,) = free_indices(expr)
        values = truth.over(expr, index)
        cells = tuple((v, shown(x, part.digits)) for v, x in zip(part.values, values, strict=True))
    return Table(part.name, said(part.title, lang), part.label, cells, said(part.remark, lang))


def shown(value: mpmath.mpf, digits: int) -> str:
    """A number with this many decimals, as a·10^b where it is very large or small."""
    if value != 0 and not -6 < mpmath.log10(abs(value)) < 9:
        exponent = int(mpmath.floor(mpmath.log10(abs(value))))
        return f"{mpmath.nstr(value / mpmath.mpf(10) ** exponent, digits + 1)}·10^{exponent}"
    return f"{Decimal(int(mpmath.nint(value * 10**digits))).scaleb(-digits):.{digits}f}"
