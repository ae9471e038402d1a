"""The witness: hard identities agree, planted errors are refuted, counterexamples replay."""

from __future__ import annotations

from typing import Any

import pytest

from derive.witness import equal
from tests.test_witness_trees import (
    BELL,
    GAMMA,
    GIVEN,
    GRADIENT,
    JACOBIAN,
    LOSS,
    LSE,
    MAX_Z,
    ONE_HOT,
    ROWS,
    STABLE,
    SUM_Y,
    A,
    C,
    Tree,
    X,
    add,
    array,
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
    softmax,
    sub,
    top,
    total,
    weight,
    y,
    z,
)  # fmt: skip

EQUALITIES: dict[str, tuple[Any, ...]] = {
    "softmax partial": (d(softmax("i"), z("j")), JACOBIAN),
    "softmax partial by definition": (d(p("i"), z("j")), JACOBIAN),
    "capture: bound and free letter are the same": (
        d(softmax("i"), z("k")), mul(p("i"), sub(delta("i", "k"), p("k")))),
    "capture: the variable's letter is bound in the body": (d(LSE, z("k")), p("k")),
    "capture: deriv inside a sum over the same letter": (
        total("k", d(total("k", power(z("k"), "2")), z("k"))), mul("2", total("k", z("k")))),
    "i = j": (d(p("i"), z("i")), mul(p("i"), sub("1", p("i")))),
    "i ≠ j": (d(p("i"), z("j")), neg(mul(p("i"), p("j"))), given(distinct=[["i", "j"]])),
    "i = j assumed": (d(p("i"), z("j")), mul(p("i"), sub("1", p("j"))), given(equal=[["i", "j"]])),
    "t distinct, in the fact only": (y("i"), "0", given(ONE_HOT, distinct=[["i", "t"]])),
    "probabilities sum to 1": (total("k", p("k")), "1"),
    "cross-entropy gradient": (d(LOSS, z("j")), GRADIENT),
    "cross-entropy gradient with Σy = 1": (d(LOSS, z("j")), sub(p("j"), y("j")), given(SUM_Y)),
    "one-hot": (LOSS, neg(log(p("t"))), given(ONE_HOT)),
    "one-hot, the other way round": (
        total("k", y("k")), "1", given(fact("one-hot", delta("i", "t"), y("i")))),
    "one-hot, t nowhere in the step": (total("k", power(y("k"), "2")), "1", given(ONE_HOT)),
    "one-hot and its sum": (LOSS, neg(log(p("t"))), given(SUM_Y, ONE_HOT)),
    "smoothed labels": (total("k", y("k")), "1", given(fact("smooth", y("i"), add(
        mul(sub("1", at("g")), delta("i", "t")), over(at("g"), ["size", "n"]))))),
    "shift": (over(exp(sub(z("i"), C)), total("k", exp(sub(z("k"), C)))), p("i")),
    "log-sum-exp shift by the maximum": (LSE, STABLE),
    "log-sum-exp": (d(LSE, z("j")), p("j")),
    "stable log-sum-exp, differentiated": (d(STABLE, z("j")), p("j")),
    "Hessian": (d(d(LOSS, z("j")), z("i")), mul(total("k", y("k")), JACOBIAN)),
    "Hessian times 1": (total("i", d(d(LSE, z("i")), z("j"))), "0"),
    "second derivative by the same element": (d(d(power(X, "3"), X), X), mul("6", X)),
    "no perturbation confusion": (d(mul(X, d(mul(X, C), C)), X), mul("2", X)),
    "third derivative": (d(d(d(exp(mul("2", X)), X), X), X), mul("8", exp(mul("2", X)))),
    "by a defined element": (d(LOSS, p("j")), neg(over(y("j"), p("j")))),
    "a definition with a parameter": (d(X, z("j")), sub(p("j"), delta("j", "t")), given(
        definitions=[*GIVEN["definitions"],
                     {"array": "x", "indices": [], "body": neg(log(p("t")))}])),
    "chain rule by way of p": (total("i", mul(d(LOSS, p("i")), d(p("i"), z("j")))), GRADIENT),
    "maximum": (d(MAX_Z, z("j")), weight("k", z("k"), "j")),
    "weights of a maximum": (total("j", weight("k", z("k"), "j")), "1"),
    "weights do not see a shift": (weight("k", sub(z("k"), C), "j"), weight("l", z("l"), "j")),
    "weights off the maximum": (
        total("j", mul(weight("k", z("k"), "j"), sub(z("j"), MAX_Z))), "0"),
    "a tie is no place to differentiate": (
        d(mul(power(weight("k", z("k"), "j"), "2"), z("j")), z("i")),
        d(mul(weight("k", z("k"), "j"), z("j")), z("i"))),
    "max over the others": (["maximum", top("k", z("k"), "i"), z("i")], MAX_Z),
    "sifting": (total("k", mul(delta("i", "k"), z("k"))), z("i")),
    "excluded": (total("k", z("k"), "i"), sub(total("k", z("k")), z("i"))),
    "literal positions": (total("k", z("k"), 1, 2), sub(sub(total("k", z("k")), z(1)), z(2))),
    "a literal only excluded": (total("k", "1", 2), sub(["size", "n"], "1")),
    "product": (d(["prod", "k", z("k"), []], z("j")), ["prod", "k", z("k"), ["j"]]),
    "size": (total("k", "1"), ["size", "n"]),
    "power of a size": (["prod", "k", C, []], power(C, ["size", "n"])),
    "two classes": (over(exp(z(1)), add(exp(z(1)), exp(z(2)))), f("sigmoid", sub(z(1), z(2)))),
    "fixed range": (total("k", z("k")), add(z(1), z(2)), {
        "indices": {"k": "2"}, "arrays": {"z": array("2")}}),
    "rows": (total("r", total("k", at("Y", "r", "k"))), ["size", "N"], given(ROWS)),
    "two ranges": (d(total("r", total("k", mul(at("Y", "r", "k"), z("k")))), z("j")),
                   total("s", at("Y", "s", "j"))),
    "matrix": (d(total("k", mul(at("W", "i", "k"), z("k"))), z("j")), at("W", "i", "j")),
    "matrix by matrix": (d(total("k", mul(at("W", "i", "k"), z("k"))), at("W", "j", "l")),
                         mul(delta("i", "j"), z("l"))),
    "fact between scalars": (add(mul("2", at("g")), mul("2", at("h"))), "2", given(
        fact("mix", add(at("g"), at("h")), "1"))),
    "a fact that scales": (total("k", at("q", "k")), A, given(
        fact("mass", total("k", mul("2", at("q", "k"))), mul("2", A)))),
    "a fact is no function": (d(X, C), "0", given(fact("tied", X, mul("2", C)))),
    "log of a product": (log(mul(at("q", "i"), A)), add(log(at("q", "i")), log(A))),
    "log of exp": (log(exp(z("i"))), z("i")),
    "root of a product": (power(mul(A, at("q", "i")), "1/2"),
                          mul(power(A, "1/2"), power(at("q", "i"), "1/2"))),
    "symbolic power": (d(power(A, X), A), mul(X, power(A, sub(X, "1")))),
    "symbolic exponent": (d(power(A, X), X), mul(power(A, X), log(A))),
    "focal": (d(neg(mul(power(sub("1", p("i")), X), log(p("i")))), p("i")), sub(
        mul(X, power(sub("1", p("i")), sub(X, "1")), log(p("i"))),
        over(power(sub("1", p("i")), X), p("i"))), given(distinct=[["i", "j"]])),
    "sign": (d(f("abs", X), X), f("sign", X)),
    "abs by sign": (f("abs", X), mul(X, f("sign", X))),
    "step by sign": (f("step", X), mul("1/2", add("1", f("sign", X)))),
    "relu": (d(f("relu", sub(X, C)), X), f("step", sub(X, C))),
    "relu by abs, kink included": (f("relu", X), mul("1/2", add(X, f("abs", X)))),
    "relu of an inexact number": (f("relu", sub(exp(X), "1")), mul(f("step", X), sub(exp(X), "1"))),
    "sign squared": (power(at("e", "i"), "2"), "1"),
    "binary": (power(at("b", "i"), "2"), at("b", "i")),
    "nonnegative": (f("abs", at("o", "i")), at("o", "i")),
    "margin known": (f("relu", X), X, given(fact("margin", f("step", X), "1"))),
    "sigmoid": (d(f("sigmoid", X), X), mul(f("sigmoid", X), sub("1", f("sigmoid", X)))),
    "softplus": (d(f("softplus", X), X), f("sigmoid", X)),
    "tanh": (f("tanh", X), sub(mul("2", f("sigmoid", mul("2", X))), "1")),
    "tanh twice": (d(d(f("tanh", X), X), X),
                   mul("-2", f("tanh", X), sub("1", power(f("tanh", X), "2")))),
    "erf": (d(f("erf", X), X), mul("2", power(["pi"], "-1/2"), BELL)),
    "lgamma": (GAMMA, log(A)),
    "lgamma differentiated": (d(GAMMA, A), inv(A)),
    "cases": (["cases", [[mul(p("i"), sub("1", p("i"))), delta("i", "j")]],
               neg(mul(p("i"), p("j")))], JACOBIAN),
    "cases by step": (["cases", [[X, f("step", X)]], "0"], f("relu", X)),
    "cases differentiated": (d(["cases", [[power(X, "2"), f("step", X)]], "0"], X),
                             mul("2", f("relu", X))),
    "group": (["group", sub(X, C)], sub(X, C)),
    "a difference that rounding hides": (
        sub(add(exp(mul("60", A)), "1"), exp(mul("60", A))), "1"),
    "0^2": (power(sub(X, X), "2"), "0"),
}  # fmt: skip


@pytest.mark.parametrize("name", EQUALITIES)
def test_an_identity_agrees(name: str) -> None:
    left, right, context = question(EQUALITIES[name])
    verdict = equal(left, right, context)
    assert verdict.verdict == "agrees", verdict
    assert verdict.points >= 8


@pytest.mark.parametrize(
    ("left", "right", "context", "reason"),
    [
        (log(neg(A)), "0", given(), "defined at only"),
        (inv(sub(X, X)), "0", given(), "defined at only"),
        (power(neg(A), sub(X, "1")), power(A, sub(X, "1")), given(), "defined at only"),
        (f("sign", sub(X, X)), "0", given(), "defined at only"),
        (X, X, given(fact("nonsense", "0", "1")), "nonsense"),
        (X, X, given(fact("square", power(X, "2"), "-1")), "square"),
        (X, X, given(fact("full", total("k", at("u", "k")), "7")), "full"),
        (z("i"), z("j"), given(equal=[["i", "j"]], distinct=[["i", "j"]]), "no index values"),
    ],
)
def test_what_cannot_be_asked_is_not_covered(
    left: Tree, right: Tree, context: Any, reason: str
) -> None:
    verdict = equal(left, right, context)
    assert verdict.verdict == "not covered" and reason in verdict.reason, verdict


def test_every_node_of_the_language_is_understood() -> None:
    from sympy import Integer, Rational, pi

    from derive import language as lang
    from derive.functions import FUNCTIONS
    from derive.interchange import declarations, tree

    i, j, k = lang.index("i j k")
    zs, scalar = lang.Array("z", ("n",)), lang.Array("a", (), "positive")
    nodes = [fun.node(scalar()) for fun in FUNCTIONS] + [
        lang.Group(scalar()), zs[i], lang.Delta(i, j), lang.Sum(zs[k], k, j), lang.Prod(zs[k], k),
        lang.Max(zs[k], k), lang.Largest(zs[k], k, i), lang.Maximum(zs[i], zs[j]),
        lang.Cases(Integer(2), lang.Delta(i, j), zs[i]), lang.Deriv(lang.Exp(zs[i]), zs[j]),
    ]  # fmt: skip
    assert {type(n) for n in nodes} == set(lang.NODES)
    for node in [*nodes, zs[i] ** 2 + pi * Rational(1, 3) + lang.size("n") + zs[1]]:
        assert equal(tree(node), tree(node), declarations(node)).verdict == "agrees", node
        assert equal(tree(node), tree(node + 1), declarations(node)).verdict == "refuted", node
