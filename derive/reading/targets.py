"""What is said of given arrays, or may be meant: a target that sums to one, or is one-hot."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sympy import Expr, Integer

from derive.language import Array, At, Delta, Deriv, Index, Sum
from derive.notation import text
from derive.reading.applications import HOT
from derive.reading.ledger import Ledger
from derive.reading.surroundings import Surroundings
from derive.reading.unsaid import bound
from derive.reading.verdicts import Condition
from derive.statement import Fact
from derive.terms import arrays, canonical, free_indices

TARGETS = frozenset("ytpqrdwYTPQD")


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


def stated(ledger: Ledger, around: Surroundings) -> Iterator[Condition]:
    """What the document says of what occurs: its facts, and its one-hot targets."""
    said = {(canonical(f.left), canonical(f.right)): f for _, f in reversed(ledger.facts)}
    for fact in reversed(said.values()):
        named = arrays(fact.left) | arrays(fact.right)
        if named and named <= around.used | {a for a in named if a.domain == "size"}:
            yield Condition(fact.name, fact)
    hot = called_hot(ledger, around)
    for array in around.given:
        if array.name.endswith(HOT) and array.ranges:
            label = array.name.removesuffix(HOT)
            yield Condition(f"{label} is one of the classes", sum_to_one(array))
        elif array in hot:
            yield Condition(f"{array.name} one-hot", one_hot(array, label_for(array, around.free)))


def called_hot(ledger: Ledger, around: Surroundings) -> set[Array]:
    """The vectors that the words call one-hot: by name, else those called as targets are, else all
    that nothing is differentiated by."""
    vectors = {a for a in around.given if len(a.ranges) == 1 and "∂" not in a.name}
    fixed = vectors - {*around.varied} if ledger.anything_hot else set()
    meant = {a for a in fixed if a.name[:1] in TARGETS} or fixed
    return meant | {a for a in vectors if a.name in ledger.hot}


def label_for(array: Array, free: Iterable[Index]) -> Index:
    """The letter of the label: one that stands free in the formula, else t."""
    same = {i.name: i for i in free if i.range == array.ranges[0]}
    for letter in "tcyu":
        if letter in same and letter != array.name:
            return same[letter]
    return Index("t" if array.name != "t" else "c", array.ranges[0])


def unstated(around: Surroundings, already: Sequence[Condition]) -> Iterator[Condition]:
    """Σy = 1 for any given vector that is not differentiated by; one-hot if a label appears."""
    said = {a for c in already if c.fact for a in arrays(c.fact.left)}
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
