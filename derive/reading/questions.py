"""What is asked of an equality: both sides, and every condition that the document may have set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from sympy import Expr, Integer

from derive.language import Array, At, Index, Max
from derive.reading.ledger import Ledger
from derive.reading.prose import (
    Comparison,
    comparisons,
    near_conditions,
    own_conditions,
    supposed_symmetric,
)
from derive.reading.suppositions import Valued, near_text, suppositions, valued
from derive.reading.surroundings import Surroundings, surroundings
from derive.reading.targets import TARGETS, called_hot, stated, unstated
from derive.reading.together import Reading
from derive.reading.unsaid import (
    counting,
    guards,
    numeric,
    sampled,
    stacked,
    symmetric,
    told_apart,
    whole_powers,
)
from derive.reading.verdicts import Condition, Question, under
from derive.statement import Definition
from derive.terms import arrays, elements

MOST_OPTIONS = 24
_PRODUCT = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")  # yf < 1 says nothing of one name
_INEQUALITY = re.compile(r"[<>≤≥≠]|\\(?:le|ge|lt|gt|ne)(?:q|qslant)?(?![a-z])")


def question(
    ledger: Ledger, reading: Reading, left: Expr, right: Expr, definitions: tuple[Definition, ...]
) -> Question:
    """The question whether two sides are equal, with everything that the document says for it."""
    around = surroundings(left, right, definitions)
    compared, candidates = _comparisons(ledger, reading, around)
    here, applied = _near(ledger, reading, around)
    said, clashing = _lasting(ledger, reading, around)
    given = list(stated(ledger, around))
    counts = tuple(counting(reading, ledger, around))
    samples, scales = tuple(sampled(around)), tuple(numeric(around, ledger.sigmoid))
    supposed = [*compared[:1], *here, *candidates]
    options = _options(supposed, [*given, *said], list(unstated(around, given)), counts)
    options = [*((tuple(here),) if len(here) > 1 else ()), *options, *((c,) for c in clashing)]
    differing = told_apart(around) if not compared else ()
    alone = compared if len(compared) == 1 else ()
    rows = tuple(stacked(around, ledger.rowed))
    lasting = (*(c for c in rows if c.stated), *(c for c in said if not _sized(c)))
    imposed = (*given, *here, *lasting, *alone, *differing)
    doubt = _doubt(ledger, reading, around, applied)
    options += list(_meant(options, rows, (samples, scales, differing)))
    readings, powers = (*counts, *samples[-1:], *scales), tuple(whole_powers(around))
    asked = Question(left, right, (), tuple(options), imposed, readings, doubt, powers)
    return under(asked, definitions)


def _near(
    ledger: Ledger, reading: Reading, around: Surroundings
) -> tuple[list[Condition], set[str]]:
    """What is supposed of values right here, and the names and words that this takes care of."""
    local = list(value_conditions(valued(near_text(reading.formula)), around))
    applied = {v.name for v, _ in local} | {c.words for _, c in local}
    bounded = list(_bounded(ledger, reading, applied))
    return [*(c for _, c in local), *bounded], applied | {c.words for c in bounded}


def _lasting(
    ledger: Ledger, reading: Reading, around: Surroundings
) -> tuple[list[Condition], list[Condition]]:
    """What the whole document says of values, of those that nothing near speaks of, and of
    symmetric matrices; apart what cannot be together with a target that it calls one-hot."""
    near = near_text(reading.formula)
    spoken = {v.name for v in valued(near)}
    turned = ledger.symmetric | supposed_symmetric(near)
    values = [v for v in ledger.values if v.name not in spoken]
    hot = {a.name for a in called_hot(ledger, around)}
    said = list(value_conditions(values, around))
    free = [c for v, c in said if v.name not in hot]
    clashing = [c for v, c in said if v.name in hot and v.domain]
    return [*free, *guards(around), *symmetric(around, turned)], clashing


def _meant(
    options: Sequence[tuple[Condition, ...]],
    stacks: Sequence[Condition],
    unsaid: tuple[tuple[Condition, ...], ...],
) -> Iterator[tuple[Condition, ...]]:
    """What a document leaves to its reader, tried last: an o that is none of the k, a σ that is a
    number, letters that differ, an X whose rows are the x_i."""
    samples, scales, differing = unsaid
    yield from ((c,) for c in samples)
    yield from ((c, *differing) for c in scales)
    yield from [differing] if differing else []
    for rows in stacks:
        yield (rows,)
        yield from ((rows, *option) for option in options[:4])


def _comparisons(
    ledger: Ledger, reading: Reading, around: Surroundings
) -> tuple[list[Condition], list[Condition]]:
    """The comparisons of indices that stand with the formula, and all that may be meant."""
    own = own_conditions(reading.formula)
    near = own or near_conditions(reading.formula)
    compared = [c for c in (index_condition(c, around.free, True) for c in near) if c]
    if compared and own:
        return compared, compared
    more = ledger.compared.get(reading.formula.section, ())
    extra = [index_condition(c, around.free, True) for c in more if c not in near]
    return compared, [*compared, *(c for c in extra if c and (len(near) != 1 or not compared))]


# -- conditions on values ---


def value_conditions(
    said: Iterable[Valued], around: Surroundings
) -> Iterator[tuple[Valued, Condition]]:
    """What is said of values, as conditions on the names that occur."""
    for one in said:
        pair = _sized_pair(one, around) or _valued_pair(one, around)
        if pair is not None:
            yield one, Condition(_plain(one.words), instead=(pair,))


def _plain(words: str) -> str:
    signs = {"\\geq": "≥", "\\ge": "≥", "\\leq": "≤", "\\le": "≤", "\\in": "∈", "\\": ""}
    for written, sign in signs.items():
        words = words.replace(written, sign)
    return words


def _sized_pair(said: Valued, around: Surroundings) -> tuple[Any, Any] | None:
    """n = 2 of the size of a range."""
    ranges = {r for a in around.used for r in a.ranges} | {
        a.name for a in around.used if a.domain == "size"
    }
    good = said.sign == "=" and said.number.isdigit() and 0 < int(said.number) < 10
    return (said.name, said.number) if good and not said.index and said.name in ranges else None


def _sized(condition: Condition) -> bool:
    return any(isinstance(old, str) for old, _ in condition.instead)


def _valued_pair(said: Valued, around: Surroundings) -> tuple[Any, Any] | None:
    """y = 1 of a number or of the one element that occurs; x > 0 of all elements."""
    array = next((a for a in around.given if a.name == said.name and a.domain == "real"), None)
    if array is None or len(array.ranges) != (
        len(said.index) if said.index and array.ranges else len(array.ranges)
    ):
        return None
    if said.sign == "=":
        return _equal_pair(said, array, around)
    whole = not (said.local and array.ranges)
    return (array, Array(array.name, array.ranges, said.domain)) if said.domain and whole else None


def _equal_pair(said: Valued, array: Array, around: Surroundings) -> tuple[Any, Any] | None:
    if array in around.varied or bool(array.ranges) != bool(said.index) or not said.local:
        return None
    seen = frozenset[At]().union(*(elements(e, array) for e in around.bodies))
    if len(seen) != 1 or "".join(map(str, next(iter(seen)).indices)) != said.index:
        return None
    return next(iter(seen)), Integer(said.number)


def _bounded(ledger: Ledger, reading: Reading, applied: set[str]) -> Iterator[Condition]:
    """What is supposed to be greater or smaller, where no domain says it: y f < 1."""
    for said in suppositions(reading.formula):
        positive = ledger.bounds.get(said)
        if positive is not None and arrays(positive) and _plain(said) not in applied:
            yield Condition(_plain(said), positive=positive)


def _doubt(ledger: Ledger, reading: Reading, around: Surroundings, applied: set[str]) -> str:
    """Why a counterexample would not count: something is supposed that is not understood here."""
    for said in suppositions(reading.formula):
        values = valued(said)
        named = {v.name for v in values} & {a.name for a in around.used}
        read = values and not _PRODUCT.search(said)
        strange = _INEQUALITY.search(said) is not None and not read
        compared = [index_condition(c, around.free, True) for c in comparisons(said)]
        if _plain(said) in applied:
            continue
        if not any(compared) and not _idle(said, around) and (strange or named - applied):
            return f"the condition {said} is not understood"
    if ledger.tieless and any(_has(e, Max) for e in around.bodies):
        return "the document excludes ties at the maximum, which cannot be assumed here"
    return ""


def _idle(said: str, around: Surroundings) -> bool:
    """Whether only letters are compared of which one stands for nothing in the equality: k ≠ y
    says nothing of p_k = 2 p_k.  A target may hide the letter: y_k = 0 for k ≠ c."""
    letters = {i.name for i in around.free} | {a.name for a in around.used}
    pairs = [{c.left, c.right} for c in comparisons(said)]
    targets = any(a.ranges and a.name[:1] in TARGETS for a in around.given)
    return bool(pairs) and not targets and not any(pair <= letters for pair in pairs)


def _has(e: Expr, kind: type[Expr]) -> bool:
    return isinstance(e, kind) or any(_has(a, kind) for a in e.args)


# -- conditions on indices, and facts ---


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


def _options(
    compared: Sequence[Condition],
    stated: Sequence[Condition],
    unstated: Sequence[Condition],
    counts: Sequence[Condition],
) -> list[tuple[Condition, ...]]:
    """Small sets first, what is stated before what is not."""
    facts = [*stated, *unstated]
    made: list[tuple[Condition, ...]] = [(c,) for c in (*compared, *facts, *counts)]
    made += [(c, f) for c in compared for f in (*facts, *compared) if c != f]
    made += [*combinations(stated, 2), *((c, f) for c in counts for f in facts)]
    made.insert(len(compared) + len(stated), tuple(stated))
    return list(dict.fromkeys(o for o in made if o))[:MOST_OPTIONS]
