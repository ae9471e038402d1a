"""A catalog entry as the blocks of its lesson: what every printer of notes prints, and nothing
else."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import mpmath
from sympy import Expr

from codegen.truth import Truth
from derive.catalog.entry import Entry, Numbers, Part, Remark
from derive.derivation import Derivation, Step
from derive.errors import DeriveError
from derive.language import Step as Indicator
from derive.primitives import unfold
from derive.terms import free_indices

WORDS = {
    "en": {
        "proved": "proved for every n",
        "facts": "facts used",
        "statement": "Statement",
        "case": "for",
        "gradient": "The gradient",
    },
    "zh": {
        "proved": "对任意 n 成立, 已证明",
        "facts": "所用条件",
        "statement": "表达式",
        "case": "当",
        "gradient": "梯度",
    },
}


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
    """A fact that the statement takes as given: left = right."""

    left: Expr
    right: Expr
    say: str


Block = Prose | Chain | Table


@dataclass(frozen=True)
class Lesson:
    """A whole entry in one language."""

    name: str
    title: str
    lang: str
    head: Expr
    body: Expr
    blocks: tuple[Block, ...]
    definitions: tuple[tuple[Expr, Expr], ...] = ()
    given: tuple[Given, ...] = ()


def lesson(entry: Entry, lang: str = "en") -> Lesson:
    """The lesson of an entry in "en" or "zh"; every step in it is proved."""
    if lang not in WORDS:
        raise DeriveError(f"no language {lang!r}: choose one of {', '.join(WORDS)}")
    derivations = {d.name.rpartition("/")[2]: d for d in entry.derivations}
    blocks = [_block(part, derivations, lang) for part in entry.parts]
    if not entry.parts:
        blocks = [chain(d, lang) for d in entry.derivations]
    statement = entry.statement
    return Lesson(
        entry.name, entry.title[lang], lang, statement.head, statement.body, tuple(blocks),
        _definitions(entry),
        tuple(Given(f.left, f.right, f.say.get(lang, f.name)) for f in statement.facts),
    )  # fmt: skip


def _definitions(entry: Entry) -> tuple[tuple[Expr, Expr], ...]:
    """What the statement and the derivations are written in, each array once."""
    contexts = (entry.statement.definitions, *(d.context.definitions for d in entry.derivations))
    made = {d.array.name: (d.head, d.body) for all_ in reversed(contexts) for d in all_}
    made.pop(entry.statement.head.array.name, None)
    return tuple(made[name] for name in sorted(made))


def _block(part: Part | Remark | Numbers, made: dict[str, Derivation], lang: str) -> Block:
    if isinstance(part, Remark):
        return Prose(part.text[lang])
    return chain(made[part.name], lang) if isinstance(part, Part) else table(part, lang)


def chain(derivation: Derivation, lang: str) -> Chain:
    """A derivation with its sentences in one language."""
    lines = tuple(Line(s.after, derivation.say(s, lang), s) for s in derivation.steps)
    facts = tuple(fact.say.get(lang, fact.name) for fact in derivation.facts)
    start = derivation.start
    claim = start.arg if isinstance(start, Indicator) and derivation.result == 1 else None
    title = derivation.title.get(lang, WORDS[lang]["gradient"])
    given = tuple(Given(f.left, f.right, f.say.get(lang, f.name)) for f in derivation.facts)
    return Chain(derivation.name, title, start, lines, facts, claim, derivation, given)


def table(part: Numbers, lang: str) -> Table:
    """The numbers of a worked example, computed now."""
    inputs = [Fraction(v) for v in part.values]
    expr = unfold(part.expr, part.context, frozenset())
    with mpmath.workdps(60):
        exact = [mpmath.mpf(v.numerator) / v.denominator for v in inputs]
        truth = Truth(len(exact), {part.array: exact})
        (index,) = free_indices(expr)
        values = truth.over(expr, index)
        cells = tuple((v, shown(x, part.digits)) for v, x in zip(part.values, values, strict=True))
    return Table(part.name, part.title[lang], part.label, cells, part.remark.get(lang, ""))


def shown(value: mpmath.mpf, digits: int) -> str:
    """A number with this many decimals, as a·10^b where it is very large or small."""
    if value != 0 and not -6 < mpmath.log10(abs(value)) < 9:
        exponent = int(mpmath.floor(mpmath.log10(abs(value))))
        return f"{mpmath.nstr(value / mpmath.mpf(10) ** exponent, digits + 1)}·10^{exponent}"
    return f"{Decimal(int(mpmath.nint(value * 10**digits))).scaleb(-digits):.{digits}f}"
