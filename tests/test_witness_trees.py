"""Trees by hand for the tests of the witness, which need no SymPy to be built."""

from __future__ import annotations

from typing import Any

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


def question(row: tuple[Any, ...]) -> tuple[Tree, Tree, dict[str, Any]]:
    return row[0], row[1], row[2] if len(row) == 3 else given()
