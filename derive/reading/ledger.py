"""What a document has set at each place: definitions, facts, index conditions, one-hot targets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise
from typing import Any

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import Array, At, Delta, Deriv, Index, Sum
from derive.notation import text
from derive.reading.prose import (
    Comparison,
    comparisons,
    near_conditions,
    one_hot_names,
    own_conditions,
)
from derive.reading.together import Reading
from derive.reading.verdicts import Condition, Question, under
from derive.statement import Definition, Fact, Parametric
from derive.terms import arrays, free_indices, replace

MOST_OPTIONS = 14
TARGETS = frozenset("ytpqrdwYTPQD")


@dataclass
class Ledger:
    """Definitions and facts with the number of the formula that set them."""

    definitions: dict[Array, list[tuple[int, Definition]]] = field(default_factory=dict)
    facts: list[tuple[int, Fact]] = field(default_factory=list)
    hot: set[str] = field(default_factory=set)
    anything_hot: bool = False
    compared: dict[int, tuple[Comparison, ...]] = field(default_factory=dict)

    def define(self, at: int, definition: Definition) -> None:
        """A definition that holds from formula `at` on."""
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


def definitions_of(reading: Reading, known: dict[Array, Definition]) -> Iterator[Definition]:
    """The definitions that a chain starts with: y = a = f(z) defines y and a, if they are new."""
    sides, known = reading.sides, dict(known)
    for k, (first, body) in enumerate(pairwise(sides)):
        if reading.formula.relations[k] not in ("=", ":=") or not isinstance(first, At):
            return
        if isinstance(body, DeriveError) or (k == 0 and not reading.head):
            return
        if definable(first, body, known):
            made = made_definition(first, body)
            known[first.array] = made
            yield made


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


# -- derivatives of what is not defined ---


def opaque(expr: Expr, known: dict[Array, Definition]) -> tuple[Expr, set[str]]:
    """∂L/∂z_j of an L that the document does not define becomes an element of an array of its own.

    Gives the names of what is not defined.  Otherwise it would be differentiated as a constant.
    """
    missing: set[str] = set()

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Deriv):
            return None
        if e.variable.array in builds_on(e.expr, known) or independent(e, known):
            return None
        made = named_derivative(e)
        inputs = [a for a in builds_on(e.expr, known) if a not in known and a.domain != "size"]
        missing.update(a.name for a in inputs or arrays(e.expr))
        return made

    return replace(expr, change), missing


def independent(e: Deriv, known: dict[Array, Definition]) -> bool:
    """Whether a definition has the variable and everything in the expression among its inputs.

    Then they are inputs side by side, and the derivative is zero.
    """
    ours = {a for a in builds_on(e.expr, known) if a not in known and a.domain != "size"}
    bodies = [builds_on(d.body, known) for d in known.values()]
    return all(any({a, e.variable.array} <= body for body in bodies) for a in ours)


def named_derivative(e: Deriv) -> Expr | None:
    """The element that stands for a derivative of an undefined element, to any order."""
    inner = e.expr if isinstance(e.expr, At) else None
    if isinstance(e.expr, Deriv):
        made = named_derivative(e.expr)
        inner = made if isinstance(made, At) else None
    if inner is None:
        return None
    name = f"∂{inner.array.name}/∂{e.variable.array.name}"
    array = Array(name, (*inner.array.ranges, *e.variable.array.ranges))
    return At(array, *inner.indices, *e.variable.indices)


# -- conditions ---


def index_condition(
    comparison: Comparison, free: Iterable[Index], stated: bool
) -> Condition | None:
    """A comparison as a condition on the free indices, if both occur over one range."""
    by_name = {i.name: i for i in free}
    pair = (by_name.get(comparison.left), by_name.get(comparison.right))
    if pair[0] is None or pair[1] is None or pair[0].range != pair[1].range:
        return None
    if comparison.equal:
        return Condition(comparison.words, equal=pair, stated=stated)
    return Condition(comparison.words, distinct=pair, stated=stated)


def sum_to_one(array: Array) -> Fact:
    """Σ_k y_k = 1."""
    index = Index("k", array.ranges[-1])
    others = tuple(Index(x, r) for x, r in zip("rsuv", array.ranges[:-1], strict=False))
    left = Sum(At(array, *others, index), index)
    return Fact(f"{text(left)} = 1", left, Integer(1))


def one_hot(array: Array, label: Index) -> Fact:
    """y_i = δ_{it}."""
    i = Index("i" if label.name != "i" else "j", array.ranges[0])
    return Fact(f"{array.name} one-hot", At(array, i), Delta(i, label))


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


def question(ledger: Ledger, reading: Reading, number: int, left: Expr, right: Expr) -> Question:
    """The question whether two sides are equal, with everything that the document says for it."""
    definitions = ledger.at(number)
    by_array = {d.array: d for d in definitions}
    used = builds_on(left, by_array) | builds_on(right, by_array)
    free = free_indices(left) | free_indices(right)
    own = own_conditions(reading.formula)
    near = own or near_conditions(reading.formula)
    compared = [c for c in (index_condition(c, free, True) for c in near) if c]
    if not compared or not own:
        more = ledger.compared.get(reading.formula.section, ())
        extra = [index_condition(c, free, True) for c in more if c not in near]
        candidates = [*compared, *(c for c in extra if c and (len(near) != 1 or not compared))]
    else:
        candidates = compared
    varied = _variables(left) | _variables(right)
    stated = list(_stated(ledger, used, by_array, free, varied))
    options = _options(candidates, stated, [*_unstated(used, by_array, left, right, stated)])
    imposed = tuple(stated) + (tuple(compared) if len(compared) == 1 else ())
    return under(Question(left, right, (), tuple(options), imposed), definitions)


def _stated(
    ledger: Ledger,
    used: set[Array],
    known: dict[Array, Definition],
    free: Iterable[Index],
    varied: set[Array],
) -> Iterator[Condition]:
    for _, fact in ledger.facts:
        named = arrays(fact.left) | arrays(fact.right)
        if named and named <= used | {a for a in named if a.domain == "size"}:
            yield Condition(fact.name, fact)
    for array in sorted(used - known.keys(), key=str):
        hot = array.name in ledger.hot or (ledger.anything_hot and array not in varied)
        if len(array.ranges) == 1 and hot and "∂" not in array.name:
            yield Condition(f"{array.name} one-hot", one_hot(array, label_for(array, free)))


def label_for(array: Array, free: Iterable[Index]) -> Index:
    """The letter of the label: one that stands free in the formula, else t."""
    same = {i.name: i for i in free if i.range == array.ranges[0]}
    for letter in "tcyu":
        if letter in same and letter != array.name:
            return same[letter]
    return Index("t" if array.name != "t" else "c", array.ranges[0])


def _unstated(
    used: set[Array],
    known: dict[Array, Definition],
    left: Expr,
    right: Expr,
    stated: Sequence[Condition],
) -> Iterator[Condition]:
    """Σy = 1 for any given vector that is not differentiated by; one-hot if a label appears."""
    said = {a for c in stated if c.fact for a in arrays(c.fact.left)}
    varied = _variables(left) | _variables(right)
    slots = _slots(left) | _slots(right)
    appears = (free_indices(left) ^ free_indices(right)) - slots
    for array in sorted(used - known.keys() - varied - said, key=str):
        if len(array.ranges) not in (1, 2) or array.domain == "size" or "∂" in array.name:
            continue
        if array.name[:1] not in TARGETS and array.name not in ("pi", "alpha"):
            continue
        fact = sum_to_one(array)
        yield Condition(fact.name, fact, stated=False)
        labels = [i for i in appears if i.range == array.ranges[0]]
        if len(array.ranges) == len(labels) == 1:
            yield Condition(f"{array.name} one-hot", one_hot(array, labels[0]), stated=False)


def _variables(expr: Expr) -> set[Array]:
    if isinstance(expr, Deriv):
        return {expr.variable.array} | _variables(expr.expr)
    return set().union(*(_variables(a) for a in expr.args)) if expr.args else set()


def _slots(expr: Expr) -> set[Any]:
    """The indices of what is differentiated by: no labels."""
    if isinstance(expr, Deriv):
        return set(expr.variable.indices) | _slots(expr.expr)
    return set().union(*(_slots(a) for a in expr.args)) if expr.args else set()


def _options(
    compared: Sequence[Condition], stated: Sequence[Condition], unstated: Sequence[Condition]
) -> list[tuple[Condition, ...]]:
    """Small sets first, what is stated before what is not."""
    facts = [*stated, *unstated]
    made: list[tuple[Condition, ...]] = [(c,) for c in (*compared, *facts)]
    made += [(c, f) for c in compared for f in facts]
    made += list(combinations(stated, 2))
    return made[:MOST_OPTIONS]


def gather(readings: Sequence[Reading], prose: str, numbers: Sequence[int] = ()) -> Ledger:
    """The definitions that stand anywhere, and what the words say; `numbers` are the formulas'."""
    ledger = Ledger()
    ledger.hot, ledger.anything_hot = one_hot_names(prose)
    vectors = {a.name for r in readings for s in r.sides if not isinstance(s, DeriveError)
               for a in arrays(s) if a.ranges}  # fmt: skip
    ledger.anything_hot |= bool(ledger.hot - vectors)
    for number, reading in zip(numbers or range(len(readings)), readings, strict=True):
        known = {a: events[0][1] for a, events in ledger.definitions.items()}
        for made in definitions_of(reading, known):
            ledger.define(number, made)
        fact = given_sum(reading, known)
        if fact is not None:
            ledger.facts.append((number, fact))
        said = comparisons(" ; ".join([reading.formula.before, *reading.formula.said]))
        section = reading.formula.section
        ledger.compared[section] = tuple(dict.fromkeys((*ledger.compared.get(section, ()), *said)))
    return ledger
