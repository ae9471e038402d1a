"""What is asked of an equality: both sides, and every condition that the document may have set."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations
from typing import Any

from sympy import Expr, Integer

from derive.language import Array, At, Delta, Deriv, Index, Max, Sum
from derive.notation import text
from derive.reading.applications import HOT
from derive.reading.ledger import Ledger
from derive.reading.prose import Comparison, comparisons, near_conditions, own_conditions
from derive.reading.suppositions import Valued, near_text, suppositions, valued
from derive.reading.surroundings import Surroundings, surroundings
from derive.reading.together import Reading
from derive.reading.unsaid import (
    bound,
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
from derive.statement import Definition, Fact
from derive.terms import arrays, elements, free_indices

MOST_OPTIONS = 24
TARGETS = frozenset("ytpqrdwYTPQD")
_PRODUCT = re.compile(r"(?<![\\A-Za-z])[A-Za-z]{2,}")  # yf < 1 says nothing of one name
_INEQUALITY = re.compile(r"[<>≤≥≠]|\\(?:le|ge|lt|gt|ne)(?:q|qslant)?(?![a-z])")


def question(
    ledger: Ledger, reading: Reading, left: Expr, right: Expr, definitions: tuple[Definition, ...]
) -> Question:
    """The question whether two sides are equal, with everything that the document says for it."""
    around = surroundings(left, right, definitions)
    compared, candidates = _comparisons(ledger, reading, around)
    near = valued(near_text(reading.formula))
    local = list(value_conditions(near, around))
    said = _lasting(ledger, {v.name for v in near}, around)
    stated = list(_stated(ledger, around))
    counts = tuple(counting(reading, ledger, around))
    samples, scales = tuple(sampled(around)), tuple(numeric(around, ledger.sigmoid))
    applied = {v.name for v, _ in local}
    bounded = list(_bounded(ledger, reading, around, applied))
    here = [*(c for _, c in local), *bounded]
    supposed = [*compared[:1], *here, *candidates]
    options = _options(supposed, [*stated, *said], list(_unstated(around, stated)), counts)
    differing = told_apart(around) if not compared else ()
    alone = compared if len(compared) == 1 else ()
    imposed = (*stated, *here, *(c for c in said if not _sized(c)), *alone, *differing)
    doubt = _doubt(ledger, reading, around, applied | {c.words for c in bounded})
    options += list(_meant(options, around, (samples, scales, differing)))
    readings, powers = (*counts, *samples[-1:], *scales), tuple(whole_powers(around))
    asked = Question(left, right, (), tuple(options), imposed, readings, doubt, powers)
    return under(asked, definitions)


def _lasting(ledger: Ledger, near: set[str], around: Surroundings) -> list[Condition]:
    """What the whole document says of values, of those that nothing near speaks of."""
    values = [v for v in ledger.values if v.name not in near]
    said = [c for _, c in value_conditions(values, around)]
    return [*said, *guards(around), *symmetric(around, ledger.symmetric)]


def _meant(
    options: Sequence[tuple[Condition, ...]],
    around: Surroundings,
    unsaid: tuple[tuple[Condition, ...], ...],
) -> Iterator[tuple[Condition, ...]]:
    """What a document leaves to its reader, tried last: an o that is none of the k, a σ that is a
    number, letters that differ, an X whose rows are the x_i."""
    samples, scales, differing = unsaid
    yield from ((c,) for c in samples)
    yield from ((c, *differing) for c in scales)
    yield from [differing] if differing else []
    for rows in stacked(around):
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


def _bounded(
    ledger: Ledger, reading: Reading, around: Surroundings, applied: set[str]
) -> Iterator[Condition]:
    """What is supposed to be greater or smaller, where no domain says it: y f < 1."""
    for said in suppositions(reading.formula):
        positive = ledger.bounds.get(said)
        names = set() if positive is None else arrays(positive)
        plain = not _PRODUCT.search(said) and {a.name for a in names} <= applied
        if positive is not None and names and not plain:
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


def _stated(ledger: Ledger, around: Surroundings) -> Iterator[Condition]:
    for _, fact in ledger.facts:
        named = arrays(fact.left) | arrays(fact.right)
        if named and named <= around.used | {a for a in named if a.domain == "size"}:
            yield Condition(fact.name, fact)
    for array in around.given:
        if array.name.endswith(HOT) and array.ranges:
            label = array.name.removesuffix(HOT)
            yield Condition(f"{label} is one of the classes", sum_to_one(array))
            continue
        hot = array.name in ledger.hot or (ledger.anything_hot and array not in around.varied)
        if len(array.ranges) == 1 and hot and "∂" not in array.name:
            yield Condition(f"{array.name} one-hot", one_hot(array, label_for(array, around.free)))


def label_for(array: Array, free: Iterable[Index]) -> Index:
    """The letter of the label: one that stands free in the formula, else t."""
    same = {i.name: i for i in free if i.range == array.ranges[0]}
    for letter in "tcyu":
        if letter in same and letter != array.name:
            return same[letter]
    return Index("t" if array.name != "t" else "c", array.ranges[0])


def _unstated(around: Surroundings, stated: Sequence[Condition]) -> Iterator[Condition]:
    """Σy = 1 for any given vector that is not differentiated by; one-hot if a label appears."""
    said = {a for c in stated if c.fact for a in arrays(c.fact.left)}
    left, right = around.left, around.right
    appears = (free_indices(left) ^ free_indices(right)) - _slots(left) - _slots(right)
    summed = {*bound(left), *bound(right)}
    for array in around.given:
        if array in around.varied | said or len(array.ranges) not in (1, 2):
            continue
        if "∂" in array.name or (
            array.name[:1] not in TARGETS and array.name not in ("pi", "alpha")
        ):
            continue
        fact = sum_to_one(array)
        yield Condition(fact.name, fact, stated=False)
        labels = [i for i in appears - summed if i.range == array.ranges[0]]
        if len(array.ranges) == len(labels) == 1:
            yield Condition(f"{array.name} one-hot", one_hot(array, labels[0]), stated=False)


def _slots(expr: Expr) -> set[Any]:
    """The indices of what is differentiated by: no labels."""
    if isinstance(expr, Deriv):
        return set(expr.variable.indices) | _slots(expr.expr)
    return set().union(*(_slots(a) for a in expr.args)) if expr.args else set()


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
