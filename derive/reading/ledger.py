"""What a document has set at each place: definitions, facts, index conditions, one-hot targets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sympy import Expr, Pow

from derive.errors import DeriveError
from derive.language import Array, At, Delta, Deriv, Exp, Index, Log, Sum, sqrt
from derive.notation import text
from derive.reading.branches import sign_of
from derive.reading.lines import EQUAL, Formula
from derive.reading.prose import (
    Comparison,
    comparisons,
    matrices_of_rows,
    one_hot_names,
    says_sigmoid,
    symmetric_names,
)
from derive.reading.scoping import extended
from derive.reading.suppositions import (
    Valued,
    counted,
    equated,
    excludes_ties,
    lasting,
    near_text,
    supposed,
    valued,
)
from derive.reading.together import Reading
from derive.statement import Definition, Fact, Parametric
from derive.terms import arrays, free_indices

_STACKED = re.compile(r"[(\[][^=]*[;,][^=]*[)\]](?:\s*\^.{1,20})?", re.DOTALL)  # β = (w; b)


@dataclass
class Ledger:
    """Definitions and facts with the number of the formula that set them.

    `defining` holds (formula, equality) of all that define; `solved` the formulas that stand where
    a derivative has been set to zero; `introduced` the tokens that stand ahead of each formula;
    `sections` the section of each; `rowed` the matrices that words say the rows of; `unread` the
    names whose definition was not understood; `bounds` what the inequalities that formulas stand
    under say to be positive, as written.
    """

    definitions: dict[Array, list[tuple[int, Definition]]] = field(default_factory=dict)
    facts: list[tuple[int, Fact]] = field(default_factory=list)
    hot: set[str] = field(default_factory=set)
    anything_hot: bool = False
    compared: dict[int, tuple[Comparison, ...]] = field(default_factory=dict)
    values: tuple[Valued, ...] = ()
    counted: set[str] = field(default_factory=set)
    tieless: bool = False
    solved: set[int] = field(default_factory=set)
    defining: set[tuple[int, int]] = field(default_factory=set)
    introduced: dict[int, frozenset[str]] = field(default_factory=dict)
    sections: dict[int, int] = field(default_factory=dict)
    sigmoid: bool = False
    symmetric: set[str] = field(default_factory=set)
    rowed: set[str] = field(default_factory=set)
    unread: set[Array] = field(default_factory=set)
    bounds: dict[str, Expr] = field(default_factory=dict)

    def first(self) -> dict[Array, Definition]:
        """The first definition of every name."""
        return {a: events[0][1] for a, events in self.definitions.items()}

    def define(self, at: int, definition: Definition, equality: int = 0) -> None:
        """A definition that holds from formula `at` on, and the equality there that makes it."""
        self.defining.add((at, equality))
        self.definitions.setdefault(definition.array, []).append((at, definition))

    def at(self, number: int) -> tuple[Definition, ...]:
        """The definitions in force at a formula: the latest ahead, else the first behind it."""
        made: dict[Array, Definition] = {}
        for array, events in self.definitions.items():
            ahead = [d for at, d in events if at <= number]
            made[array] = ahead[-1] if ahead else events[0][1]
        return tuple(made.values())


def builds_on(expr: Expr, definitions: dict[Array, Definition]) -> set[Array]:
    """All arrays that an expression depends on, through the definitions."""
    waiting, seen = list(arrays(expr)), set[Array]()
    while waiting:
        array = waiting.pop()
        if array not in seen:
            seen.add(array)
            if array in definitions:
                waiting += arrays(definitions[array].body)
    return seen


def derivatives(expr: Expr) -> Iterator[Deriv]:
    """The derivatives that are stated in an expression."""
    if isinstance(expr, Deriv):
        yield expr
    for part in expr.args:
        yield from derivatives(part)


def definitions_of(
    reading: Reading, known: dict[Array, Definition]
) -> Iterator[tuple[int, Definition]]:
    """The definitions of a chain, each with the number of its equality.

    y = a = f(z) defines y and a, if they are new; f(z) =: a defines a.
    """
    known, leading = dict(known), reading.head
    for k, (first, body) in enumerate(pairwise(reading.sides)):
        relation = reading.formula.relations[k]
        head, value = (body, first) if relation == "=:" else (first, body)
        solved = _solved(head, value) if k == 0 and isinstance(value, Expr) else None
        if solved is not None:
            leading, (head, value) = True, solved
        if isinstance(value, DeriveError) or not isinstance(head, At):
            leading = False
            continue
        leading = leading and relation in ("=", ":=")
        whole = extended(head, value, reading.formula.sides[k + (relation != "=:")])
        if (leading or relation == "=:") and whole is not None and definable(head, whole, known):
            made = made_definition(head, whole)
            known[head.array] = made
            yield k, made


def _solved(head: Expr | DeriveError, value: Expr) -> tuple[At, Expr] | None:
    """The σ that σ² = ... defines, the p that log p = ... does, each with its own value."""
    if isinstance(head, Pow) and head.exp == 2 and isinstance(head.base, At):
        return head.base, sqrt(value)
    if isinstance(head, Log) and isinstance(head.args[0], At):
        return head.args[0], Exp(value)
    return None


def definable(first: At, body: Expr, known: dict[Array, Definition]) -> bool:
    """Whether first := body can be a definition of a new name."""
    if first.array.domain == "size" or first.array in known:
        return False
    distinct = len(set(first.indices)) == len(first.indices)
    if not distinct or any(not isinstance(i, Index) for i in first.indices):
        return False
    hot = isinstance(body, Delta) and bool(free_indices(body) - set(first.indices))
    given = hot or (bool(first.indices) and body.is_number)
    return not given and first.array not in builds_on(body, known)


def made_definition(head: At, body: Expr) -> Definition:
    """head := body; free indices of the body alone (a label t) are parameters."""
    loose = free_indices(body) - set(head.indices)
    return (Parametric if loose else Definition)(head.array, tuple(head.indices), body)


# -- what a document sets ---


def given_sum(reading: Reading, known: dict[Array, Definition]) -> Fact | None:
    """Σ_k y_k = 1 of what is given, wherever the document says it."""
    if len(reading.sides) != 2 or reading.formula.relations != ["="]:
        return None
    left, right = reading.sides
    if not isinstance(left, Sum) or not isinstance(right, Expr) or not right.is_number:
        return None
    if set(arrays(left)) & known.keys():
        return None
    return Fact(f"{text(left)} = {text(right)}", left, right)


def gather(readings: Sequence[Reading], prose: str, numbers: Sequence[int] = ()) -> Ledger:
    """The definitions that stand anywhere, and what the words say; `numbers` are the formulas'."""
    ledger = _said(readings, prose)
    pairs = list(zip(numbers or range(len(readings)), readings, strict=True))
    numbered = [(n, r) for n, r in pairs if not supposed(r.formula)]
    ledger.solved = _solved_for(pairs)
    solutions = _solutions(ledger, numbered)
    for number, reading in numbered:
        _set(ledger, number, reading, solutions)
    for number, reading in numbered:
        for k, made in definitions_of(reading, ledger.first()):
            if made.array not in ledger.definitions and (number, made.array) not in solutions:
                ledger.define(number, made, k)
    _name_ends(ledger, numbered)
    return ledger


def _solved_for(pairs: Sequence[tuple[int, Reading]]) -> set[int]:
    """The formulas that stand, in their section, where or behind where a derivative is set to
    zero."""
    sections, made = set[int](), set[int]()
    for number, reading in pairs:
        sections |= {reading.formula.section} if equated(reading.formula) else set()
        made |= {number} if reading.formula.section in sections else set()
    return made


def _set(ledger: Ledger, number: int, reading: Reading, solutions: set[tuple[int, Array]]) -> None:
    """What one formula sets: definitions, a fact, what it is said under."""
    known, formula = ledger.first(), reading.formula
    ledger.sections[number] = formula.section
    for k, made in () if _under_a_value(formula) else definitions_of(reading, known):
        if (number, made.array) in solutions:
            ledger.defining.add((number, k))  # it is taken as given
        else:
            ledger.define(number, made, k)
    ledger.unread |= _unread(reading)
    ledger.bounds |= _bounds(reading)
    fact = given_sum(reading, known)
    ledger.facts += [(number, fact)] if fact is not None else []
    said = comparisons(" ; ".join([formula.before, *formula.said]))
    compared = (*ledger.compared.get(formula.section, ()), *said)
    ledger.compared[formula.section] = tuple(dict.fromkeys(compared))


def _unread(reading: Reading) -> set[Array]:
    """The name at the head of a chain whose next side was not understood."""
    first, *rest = reading.sides
    failed = rest and isinstance(rest[0], DeriveError) and reading.formula.relations[0] in EQUAL
    stacked = failed and _STACKED.fullmatch(reading.formula.sides[1].text.strip())
    named = failed and not stacked and isinstance(first, At) and reading.head
    return {first.array} if named and isinstance(first, At) else set()


def _bounds(reading: Reading) -> dict[str, Expr]:
    """What an inequality that something is supposed under says to be positive."""
    sign = sign_of(reading.formula.relations[0]) if reading.formula.piece.kind == "implied" else 0
    left, right = reading.sides if sign else (None, None)
    if not isinstance(left, Expr) or not isinstance(right, Expr):
        return {}
    return {reading.formula.piece.text: sign * (left - right)}


def _solutions(ledger: Ledger, numbered: Sequence[tuple[int, Reading]]) -> set[tuple[int, Array]]:
    """The names that stand ahead of where a derivative is set to zero: an equation for one of
    them solves for it there, and defines nothing."""
    made, met = set[tuple[int, Array]](), set[Array]()
    for number, reading in numbered:
        if number in ledger.solved:
            made |= {(number, array) for array in met}
        said = [s for s in reading.sides if isinstance(s, Expr)]
        met |= {d.variable.array for s in said for d in derivatives(s)}
    return made


def _name_ends(ledger: Ledger, numbered: Sequence[tuple[int, Reading]]) -> None:
    """A new name at the end of a chain is defined there: ∂A/∂z_i = ... = μ_i."""
    known = ledger.first()
    seen = {a for d in known.values() for a in arrays(d.body)} | known.keys()
    seen |= {a for _, f in ledger.facts for e in (f.left, f.right) for a in arrays(e)}
    for number, reading in numbered:
        *ahead, last = reading.sides
        seen |= {a for s in ahead if not isinstance(s, DeriveError) for a in arrays(s)}
        value = ahead[-1] if ahead and reading.formula.relations[-1] == "=" else None
        if isinstance(last, At) and isinstance(value, Expr) and last.array not in seen:
            whole = free_indices(value) == set(last.indices) and not value.is_number
            if whole and definable(last, value, known):
                ledger.define(number, made_definition(last, value), len(ahead) - 1)
        seen |= set() if isinstance(last, DeriveError) else arrays(last)


def _said(readings: Sequence[Reading], prose: str) -> Ledger:
    """What the words of a document say at any place."""
    ledger = Ledger(values=lasting(prose), counted=counted(prose), tieless=excludes_ties(prose))
    ledger.hot, ledger.anything_hot = one_hot_names(prose)
    ledger.sigmoid, ledger.symmetric = says_sigmoid(prose), symmetric_names(prose)
    ledger.rowed = matrices_of_rows(prose)
    vectors = {a.name for r in readings for s in r.sides if not isinstance(s, DeriveError)
               for a in arrays(s) if a.ranges}  # fmt: skip
    ledger.anything_hot |= bool(ledger.hot - vectors)
    return ledger


def _under_a_value(formula: Formula) -> bool:
    """Whether a formula is said for one value of something: L = -log p if y = 1."""
    return any(v.sign == "=" and v.local for v in valued(near_text(formula)))
