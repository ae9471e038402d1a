"""Statements that cannot mean anything are refused, with the place and the remedy."""

from typing import Any

import pytest
from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import Array, At, Exp, Index, Sum, index
from derive.statement import Definition, Fact, Statement
from derive.strategy import derive

i, j, k = index("i j k")
r = Index("r", "N")
z, y, p = (Array(name, ("n",)) for name in "zyp")
L = Array("L")()
ONE = Fact("one", Sum(y[k], k), Integer(1))
TWO = Fact("two", Sum(y[k], k), Integer(2))


def stated(
    body: Expr, *definitions: Definition, wrt: At | None = z[j], facts: tuple[Fact, ...] = ()
) -> Statement:
    return Statement("loss", L, body, definitions, facts, wrt)


BAD: dict[str, tuple[Any, str]] = {
    "a free index": (lambda: stated(z[i]), "free index i that the result"),
    "a free index in a definition": (
        lambda: Definition(p, (i,), z[j]),
        "free index j on its right-hand side only",
    ),
    "an index of another range": (
        lambda: stated(Sum(z[r], r)),
        "r runs over N, but z wants an index over n",
    ),
    "too few indices": (lambda: stated(At(z) * z[Integer(1)]), "z has 1 indices and 0 are given"),
    "beyond a fixed size": (
        lambda: stated(Array("q", ("2",))[Integer(3)] + z[Integer(1)]),
        "no element 3",
    ),
    "two shapes of one name": (
        lambda: stated(Sum(z[k] * Array("z", ("n",), "positive")[k], k)),
        "give one of them another name",
    ),
    "a variable that does not occur": (
        lambda: stated(Sum(z[k], k), wrt=y[j]),
        "y does not occur in loss; it has L, z",
    ),
    "defined twice": (
        lambda: stated(Sum(p[k], k), Definition(p, (i,), z[i]), Definition(p, (i,), Exp(z[i]))),
        "p is defined twice",
    ),
    "definitions in a circle": (
        lambda: stated(Sum(p[k], k), Definition(p, (i,), y[i] * z[i]), Definition(y, (i,), p[i])),
        "leads back to p",
    ),
    "a definition of itself": (lambda: Definition(p, (i,), p[i] + 1), "uses p itself"),
    "facts that contradict": (
        lambda: stated(Sum(y[k] * z[k], k), facts=(ONE, TWO)),
        "contradict each other",
    ),
    "no variable": (lambda: stated(Sum(z[k], k), wrt=None), "does not say what to differentiate"),
    "a reserved name": (lambda: stated(Sum(z[Index("_0")], Index("_0"))), "is reserved"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_means_nothing_is_refused(name: str) -> None:
    make, says = BAD[name]
    with pytest.raises(DeriveError, match=says):
        derive(make())


def test_facts_that_agree_are_taken() -> None:
    half = Fact("half", Sum(y[k], k) / 2, Integer(1) / 2)
    assert derive(stated(Sum(y[k] * z[k], k), facts=(ONE, half))).result == y[j]
