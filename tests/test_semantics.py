"""Named meanings are exact, bounds or neither, as decided; kinks are stated and their choices
valid."""

import pytest
from sympy import Integer

from derive.catalog import entries
from derive.kinks import CLAIMS as SUBGRADIENTS
from derive.kinks import Claim as Subgradient
from derive.kinks import g, kinks, x
from derive.language import Relu, Sum
from derive.semantics import CLAIMS, DIAGONAL, FREE, Claim, j, k, p


@pytest.mark.parametrize("claim", CLAIMS, ids=lambda c: c.name)
def test_the_meaning_is_what_is_claimed(claim: Claim) -> None:
    assert claim.decision.verdict == claim.expect, str(claim.decision)
    assert (claim.decision.counterexample is not None) == (claim.expect == "refuted")


def test_a_gap_that_may_be_negative_is_no_bound() -> None:
    wrong = Claim("turned", "bound", DIAGONAL, 2 * DIAGONAL, "", FREE, -p[j] * Sum(p[k], k, j))
    assert wrong.decision.verdict == "not decided"


@pytest.mark.parametrize("claim", SUBGRADIENTS, ids=lambda c: c.name)
def test_the_choice_at_a_kink_is_a_subgradient(claim: Subgradient) -> None:
    assert claim.proved


def test_a_wrong_subgradient_is_not_proved() -> None:
    assert not Subgradient(
        "too steep", Relu(x) - 2 * x, Relu(-x) - Relu(x), nonnegative=True
    ).proved
    assert not Subgradient("too much", Relu(x) - g * x, Integer(0)).proved


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("hinge", ["relu"]),
        ("mae", ["abs"]),
        ("quantile", ["relu", "relu"]),
        ("huber", ["step", "abs"]),
        ("multi_margin", ["relu"]),
        ("triplet", ["relu"]),
        ("cross_entropy", []),
        ("mse", []),
    ],
)
def test_kinks_are_stated(name: str, kinds: list[str]) -> None:
    found = [kink.kind for kink in kinks(entries()[name].statement)]
    assert sorted(set(found)) == sorted(set(kinds))
