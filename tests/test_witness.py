"""The witness: hard identities agree, planted errors are refuted, counterexamples replay."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import mpmath
import pytest

from derive.witness import counterexample, equal, values
from derive.witness.modular import PRIMES, Modular, discrete_log

Tree = Any


def at(name: str, *positions: Any) -> Tree:
    return ["at", name, *positions]


def z(i: Any) -> Tree:
    return at("z", i)


def y(i: Any) -> Tree:
    return at("y", i)


def p(i: Any) -> Tree:
    return at("p", i)


def add(*terms: Tree) -> Tree:
    return ["add", *terms]


def mul(*factors: Tree) -> Tree:
    return ["mul", *factors]


def neg(tree: Tree) -> Tree:
    return mul("-1", tree)


def sub(a: Tree, b: Tree) -> Tree:
    return add(a, neg(b))


def power(base: Tree, exponent: Tree) -> Tree:
    return ["pow", base, exponent]


def inv(tree: Tree) -> Tree:
    return power(tree, "-1")


def over(a: Tree, b: Tree) -> Tree:
    return mul(a, inv(b))


def f(name: str, tree: Tree) -> Tree:
    return [name, tree]


def exp(tree: Tree) -> Tree:
    return ["exp", tree]


def log(tree: Tree) -> Tree:
    return ["log", tree]


def total(k: str, body: Tree, *excluded: Any) -> Tree:
    return ["sum", k, body, list(excluded)]


def top(k: str, body: Tree, *excluded: Any) -> Tree:
    return ["max", k, body, list(excluded)]


def weight(k: str, body: Tree, place: str) -> Tree:
    return ["largest", k, body, [], place]


def d(tree: Tree, variable: Tree) -> Tree:
    return ["deriv", tree, variable]


def delta(i: Any, j: Any) -> Tree:
    return ["delta", i, j]


def fact(name: str, left: Tree, right: Tree) -> dict[str, Any]:
    return {"name": name, "left": left, "right": right}


def array(*ranges: str, domain: str = "real") -> dict[str, Any]:
    return {"ranges": list(ranges), "domain": domain}


def softmax(i: Any) -> Tree:
    return over(exp(z(i)), total("k", exp(z("k"))))


GIVEN: dict[str, Any] = {
    "indices": dict.fromkeys("ijklt", "n") | {"r": "N", "s": "N"},
    "arrays": {
        "z": array("n"), "y": array("n"), "p": array("n"), "q": array("n", domain="positive"),
        "u": array("n", domain="unit"), "b": array("n", domain="binary"), "W": array("n", "n"),
        "e": array("n", domain="sign"), "m": array("n", domain="integer"), "Y": array("N", "n"),
        "c": array(), "a": array(domain="positive"), "x": array(), "g": array(domain="unit"),
        "h": array(domain="unit"), "o": array("n", domain="nonnegative"),
    },
    "definitions": [{"array": "p", "indices": ["i"], "body": softmax("i")}],
}  # fmt: skip
SUM_Y = fact("sum-y", total("k", y("k")), "1")
ONE_HOT = fact("one-hot", y("i"), delta("i", "t"))
ROWS = fact("rows", total("k", at("Y", "r", "k")), "1")
X, C, A = at("x"), at("c"), at("a")
LSE = log(total("k", exp(z("k"))))
LOSS = neg(total("i", mul(y("i"), log(p("i")))))
JACOBIAN = mul(p("i"), sub(delta("i", "j"), p("j")))
GRADIENT = sub(mul(p("j"), total("k", y("k"))), y("j"))
MAX_Z = top("k", z("k"))
STABLE = add(MAX_Z, log(total("k", exp(sub(z("k"), top("l", z("l")))))))
GAMMA = sub(f("lgamma", add(A, "1")), f("lgamma", A))
BELL = exp(neg(power(X, "2")))


def given(*facts: Any, **more: Any) -> dict[str, Any]:
    return {**GIVEN, "facts": list(facts), **more}


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
    "chain rule by way of p": (total("i", mul(d(LOSS, p("i")), d(p("i"), z("j")))), GRADIENT),
    "maximum": (d(MAX_Z, z("j")), weight("k", z("k"), "j")),
    "weights of a maximum": (total("j", weight("k", z("k"), "j")), "1"),
    "weights do not see a shift": (weight("k", sub(z("k"), C), "j"), weight("l", z("l"), "j")),
    "weights off the maximum": (
        total("j", mul(weight("k", z("k"), "j"), sub(z("j"), MAX_Z))), "0"),
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


def question(row: tuple[Any, ...]) -> tuple[Tree, Tree, dict[str, Any]]:
    return row[0], row[1], row[2] if len(row) == 3 else given()


@pytest.mark.parametrize("name", EQUALITIES)
def test_an_identity_agrees(name: str) -> None:
    left, right, context = question(EQUALITIES[name])
    verdict = equal(left, right, context)
    assert verdict.verdict == "agrees", verdict
    assert verdict.points >= 8
    assert counterexample(left, right, context) is None


@pytest.mark.parametrize(
    "name", ["softmax partial", "cross-entropy gradient with Σy = 1", "Hessian", "one-hot", "tanh",
             "log of a product", "root of a product", "log-sum-exp", "two ranges", "log of exp"],
)  # fmt: skip
def test_the_prime_fields_confirm(name: str) -> None:
    assert "modulo primes" in equal(*question(EQUALITIES[name])).method


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
    assert found is not None and found == counterexample(left, right, context)
    assert (found.left, found.right) == values(left, right, context, found)
    sharper = values(left, right, context, found, digits=120)
    with mpmath.workdps(60):
        assert number(sharper[0]) != number(sharper[1])


def test_the_smallest_counterexample_comes_first() -> None:
    found = counterexample(total("k", y("k"), "i"), total("k", y("k"), 1), given())
    assert found is not None
    assert found.sizes == {"n": 2} and found.indices == {"i": 2}
    assert found.arrays == {"y": ["0", "1"]} and (found.left, found.right) == ("0", "1")
    assert str(found) == "at n = 2, i = 2, y = [0, 1]: left is 0, right is 1"


def test_a_counterexample_satisfies_the_facts() -> None:
    found = counterexample(LOSS, neg(log(p("t"))), given(SUM_Y))
    assert found is not None and sum(map(Fraction, found.arrays["y"])) == 1
    one_hot = counterexample(LOSS, neg(log(p("i"))), given(ONE_HOT))
    assert one_hot is not None and sorted(one_hot.arrays["y"]) == ["0", "1"]
    assert one_hot.arrays["y"][one_hot.indices["t"] - 1] == "1"


def test_largest_bounds_the_search() -> None:
    left, right, context = question(WRONG["only at n = 3"])
    assert counterexample(left, right, context, largest=2) is None
    found = counterexample(left, right, context)
    assert found is not None and found.sizes == {"n": 3}


@pytest.mark.parametrize(
    ("left", "right", "context", "reason"),
    [
        (log(neg(A)), "0", given(), "defined at only"),
        (inv(sub(X, X)), "0", given(), "defined at only"),
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


def test_the_constants_are_a_chain_of_primes() -> None:
    assert len(PRIMES) >= 5
    assert all(b == 2 * a + 1 for a, b in pairwise(PRIMES))
    assert all(p % d for p in PRIMES for d in range(2, int(p**0.5) + 1))


def test_exp_and_log_are_homomorphisms() -> None:
    ring = Modular(4)
    a, b = ring.number(Fraction(3, 7)), ring.number(-5)
    up = ring.mul(ring.exp(a), ring.exp(b))
    assert ring.exp(ring.add(a, b)) == up and up[1:].count(None) == 0
    assert ring.log(ring.exp(a)) == (*a[:-1], None)
    assert ring.log(up) == (*ring.add(a, b)[:-1], None)
    assert discrete_log(PRIMES[1] - 1, 1) is None, "-1 is no square"


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
