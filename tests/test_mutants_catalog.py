"""Seeded wrong steps over the whole catalog: refuted at sizes up to 3; equal ones proved and
counted apart."""

from collections import Counter

import pytest

from derive.catalog import entries
from derive.deciding import differ
from derive.mutations import KINDS, Mutant, mutants, sample, verdict

pytestmark = pytest.mark.long

COUNT = 320


@pytest.fixture(scope="module")
def drawn() -> list[Mutant]:
    return sample([entry.gradient for entry in entries().values()], COUNT)


@pytest.fixture(scope="module")
def found(drawn: list[Mutant]) -> Counter[str]:
    return Counter(map(verdict, drawn))


def test_every_kind_and_every_entry_is_drawn(drawn: list[Mutant]) -> None:
    assert {m.kind for m in drawn} == {*KINDS, "missing fact"}
    assert len({m.source for m in drawn}) == len(entries())


def test_wrong_steps_are_refuted(found: Counter[str]) -> None:
    wrong = found["refuted"] + found["not decided"]
    assert found["refuted"] >= 200
    assert found["refuted"] >= 0.98 * wrong, found


def test_few_mutants_are_equal_or_empty(found: Counter[str]) -> None:
    assert found["proved"] + found["says nothing"] < COUNT / 5


def test_counterexamples_are_small(drawn: list[Mutant]) -> None:
    shown = [differ(m.left, m.wrong, m.context) for m in drawn[:40]]
    sizes = [max(c.sizes.values(), default=1) for c in shown if c is not None]
    assert sizes
    assert max(sizes) <= 3


def test_nothing_is_drawn_that_was_not_changed() -> None:
    softmax = entries()["softmax"].gradient
    assert all(
        m.wrong not in (s.after for s in softmax.steps) or m.kind == "missing fact"
        for m in mutants(softmax)
    )
