"""Planted errors: each is refuted, by a counterexample that replays and is the smallest."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest

from derive.witness import equal, values
from tests.test_witness_trees import (
    BELL,
    GAMMA,
    JACOBIAN,
    LOSS,
    LSE,
    MAX_Z,
    ONE_HOT,
    ROWS,
    SUM_Y,
    A,
    C,
    X,
    add,
    at,
    d,
    delta,
    exp,
    f,
    fact,
    given,
    inv,
    log,
    mul,
    neg,
    over,
    p,
    power,
    question,
    sub,
    top,
    total,
    weight,
    y,
    z,
)  # fmt: skip

WRONG: dict[str, tuple[Any, ...]] = {
    "sign of the Jacobian": (d(p("i"), z("j")), neg(JACOBIAN)),
    "plus for minus": (d(p("i"), z("j")), mul(p("i"), add(delta("i", "j"), p("j")))),
    "diagonal only": (d(p("i"), z("j")), mul(delta("i", "j"), p("i"), sub("1", p("i")))),
    "off-diagonal only": (d(p("i"), z("j")), neg(mul(p("i"), p("j")))),
    "case i = j for i ≠ j": (
        d(p("i"), z("j")), mul(p("i"), sub("1", p("j"))), given(distinct=[["i", "j"]])),
    "index swapped": (d(p("i"), z("j")), mul(p("i"), sub(delta("i", "j"), p("i")))),
    "p for y": (d(LOSS, z("j")), sub(mul(p("j"), total("k", y("k"))), p("j"))),
    "fact not named": (d(LOSS, z("j")), sub(p("j"), y("j"))),
    "sign of the gradient": (d(LOSS, z("j")), sub(y("j"), p("j")), given(SUM_Y)),
    "gradient without y": (d(LOSS, z("j")), p("j"), given(SUM_Y)),
    "y at another index": (d(LOSS, z("j")), sub(p("j"), y("i")), given(SUM_Y)),
    "a fact of another array": (
        d(LOSS, z("j")), sub(p("j"), y("j")), given(fact("sum-u", total("k", at("u", "k")), "1"))),
    "one-hot at the wrong place": (LOSS, neg(log(p("i"))), given(ONE_HOT)),
    "minus lost": (LOSS, log(p("t")), given(ONE_HOT)),
    "Σy = 1 is not one-hot": (LOSS, neg(log(p("t"))), given(SUM_Y)),
    "shift of the numerator only": (over(exp(sub(z("i"), C)), total("k", exp(z("k")))), p("i")),
    "shift returned negative": (LSE, sub(log(total("k", exp(sub(z("k"), C)))), C)),
    "log of a sum": (LSE, total("k", z("k"))),
    "exp of a product": (exp(mul(X, C)), mul(exp(X), exp(C))),
    "log differentiated": (d(LSE, z("j")), exp(z("j"))),
    "sum dropped": (total("k", mul(y("k"), z("k"))), mul(y("i"), z("i"))),
    "sum of a product": (
        total("k", mul(y("k"), z("k"))), mul(total("k", y("k")), total("k", z("k")))),
    "sum of a constant": (total("k", C), C),
    "wrong bound": (total("k", z("k"), "i"), total("k", z("k"), 1)),
    "excluded term kept": (total("k", z("k"), "i"), total("k", z("k"))),
    "1 - δ for δ": (total("k", mul(delta("i", "k"), z("k"))), total("k", z("k"), "i")),
    "capture": (total("k", mul(z("i"), y("k"))), total("k", mul(z("k"), y("k")))),
    "bound index equals variable": (d(total("k", power(z("k"), "2")), z("k")),
                                    total("k", mul("2", z("k")))),
    "quotient rule sign": (d(over(X, A), A), over(X, power(A, "2"))),
    "factor lost": (d(power(X, "2"), X), X),
    "chain factor lost": (d(exp(mul("2", X)), X), exp(mul("2", X))),
    "derivative of log": (d(log(A), A), log(A)),
    "Hessian sign": (d(d(LSE, z("i")), z("j")), mul(p("i"), add(delta("i", "j"), p("j")))),
    "Hessian row sum": (total("i", d(d(LSE, z("i")), z("j"))), p("j")),
    "perturbation confusion": (d(mul(X, d(add(X, C), C)), X), "2"),
    "maximum's derivative at 1": (d(MAX_Z, z("j")), delta("j", 1)),
    "largest of another array": (weight("k", z("k"), "j"), weight("k", y("k"), "j")),
    "largest of the negative": (weight("k", z("k"), "j"), weight("k", neg(z("k")), "j")),
    "weights are not equal shares": (d(MAX_Z, z("j")), inv(["size", "n"])),
    "weights are neither 0 nor 1 at a tie": (
        power(weight("k", z("k"), "j"), "2"), weight("k", z("k"), "j")),
    "the first maximiser does not take it all": (
        total("j", mul(["size", "n"], power(weight("k", z("k"), "j"), "2"))), ["size", "n"]),
    "a cancelled term": (sub(add(exp(mul("100", A)), X), exp(mul("100", A))), "0"),
    "beside a large term": (add(exp(mul("100", A)), X), add(exp(mul("100", A)), C)),
    "beside an enormous term": (add(exp("300"), X), add(exp("300"), C)),
    "hidden by an enormous term": (sub(add(exp("300"), X), exp("300")), "0"),
    "root of one term": (
        f("step", sub(power(f("abs", X), "1/2"), C)), f("step", sub(f("abs", X), C))),
    "max of a sum": (top("k", add(z("k"), y("k"))), add(MAX_Z, top("k", y("k")))),
    "max pulled through a minus": (top("k", neg(z("k"))), neg(MAX_Z)),
    "abs differentiated": (d(f("abs", X), X), "1"),
    "relu differentiated": (d(f("relu", X), X), f("relu", X)),
    "relu without the margin": (f("relu", X), X),
    "abs of a sum": (f("abs", add(X, C)), add(f("abs", X), f("abs", C))),
    "sigmoid for tanh": (f("tanh", X), sub(mul("2", f("sigmoid", X)), "1")),
    "tanh derivative": (d(f("tanh", X), X), sub("1", f("tanh", X))),
    "softplus derivative": (d(f("softplus", X), X), f("tanh", X)),
    "erf derivative": (d(f("erf", X), X), BELL),
    "lgamma recursion": (GAMMA, A),
    "transposed": (at("W", "i", "j"), at("W", "j", "i")),
    "n for N": (total("r", "1"), ["size", "n"]),
    "rows summed to n": (total("r", total("k", at("Y", "r", "k"))), ["size", "n"], given(ROWS)),
    "only at n = 3": (mul(sub(["size", "n"], "1"), sub(["size", "n"], "2"), X), "0"),
    "distinct forgotten": (delta("i", "j"), "0"),
    "cases exchanged": (["cases", [["1", delta("i", "j")]], "0"], sub("1", delta("i", "j"))),
    "constant off by 1e-9": (X, mul("1000000001/1000000000", X)),
    "a tiny term": (add(X, exp("-60")), X),
    "power": (power(A, X), mul(A, X)),
    "root": (power(A, "1/2"), A),
    "product for sum": (["prod", "k", z("k"), []], total("k", z("k"))),
    "sign of a sign": (at("e", "i"), "1"),
    "binary is not one": (at("b", "i"), "1"),
    "unit is not one": (total("k", at("u", "k")), "1"),
    "a fact made a function": (d(X, C), "2", given(fact("tied", X, mul("2", C)))),
}  # fmt: skip


def number(text: str) -> Any:
    above, _, below = text.partition("/")
    return mpmath.mpf(above) / mpmath.mpf(below or 1)


@pytest.mark.parametrize("name", WRONG)
def test_a_planted_error_is_refuted(name: str) -> None:
    left, right, context = question(WRONG[name])
    verdict = equal(left, right, context)
    assert verdict.verdict == "refuted", verdict
    found = verdict.counterexample
    assert found is not None and found == equal(left, right, context).counterexample
    assert (found.left, found.right) == values(left, right, context, found)
    with mpmath.workdps(300):
        assert number(found.left) != number(found.right)


def test_the_smallest_counterexample_comes_first() -> None:
    found = equal(total("k", y("k"), "i"), total("k", y("k"), 1), given()).counterexample
    assert found is not None
    assert found.sizes == {"n": 2} and found.indices == {"i": 2}
    assert found.arrays == {"y": ["0", "1"]} and (found.left, found.right) == ("0", "1")
    assert str(found) == "at n = 2, i = 2, y = [0, 1]: left is 0, right is 1"


def test_a_counterexample_satisfies_the_facts() -> None:
    found = equal(LOSS, neg(log(p("t"))), given(SUM_Y)).counterexample
    assert found is not None and sum(map(Fraction, found.arrays["y"])) == 1
    one_hot = equal(LOSS, neg(log(p("i"))), given(ONE_HOT)).counterexample
    assert one_hot is not None and sorted(one_hot.arrays["y"]) == ["0", "1"]
    assert one_hot.arrays["y"][one_hot.indices["t"] - 1] == "1"


def test_largest_bounds_the_search() -> None:
    left, right, context = question(WRONG["only at n = 3"])
    assert equal(left, right, context, largest=2).verdict == "agrees"
    found = equal(left, right, context).counterexample
    assert found is not None and found.sizes == {"n": 3}
