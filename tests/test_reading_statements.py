"""Statements from LaTeX: heads, definitions, facts, domains, variables, and what is refused."""

from __future__ import annotations

import pytest
from sympy import Rational, pi

from derive.errors import DeriveError
from derive.language import (
    Abs,
    Array,
    Cases,
    Delta,
    Exp,
    Index,
    Log,
    Maximum,
    Sigmoid,
    Step,
    Sum,
    index,
    size,
)
from derive.notation import text
from derive.reading.statements import read_statement
from derive.standing import standing
from derive.strategy import derive
from derive.terms import same

i, j, k, t = index("i j k t")
z, p, y = (Array(name, ("n",)) for name in "zpy")
SOFTMAX = r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}"


def test_focal_loss_as_the_front_door_shows_it():
    made = read_statement(
        r"L = -\sum_i (1-p_i)^\gamma y_i \log p_i",
        where=SOFTMAX,
        facts=r"\sum_i y_i = 1",
        wrt="z_j",
    )
    gamma = Array("gamma")()
    assert same(made.body, -Sum((1 - p[i]) ** gamma * y[i] * Log(p[i]), i))
    assert (made.head, made.wrt) == (Array("L")(), z[j])
    (definition,) = made.definitions
    assert definition.head == p[i] and same(definition.body, Exp(z[i]) / Sum(Exp(z[k]), k))
    (fact,) = made.facts
    assert (fact.left, fact.right, fact.name) == (Sum(y[i], i), 1, "Σ_i y_i = 1")
    assert [a.name for a in made.inputs()] == ["gamma", "y", "z"]


def test_vectors_and_one_hot():
    made = read_statement(
        r"l(\mathbf{y},\hat{\mathbf{y}}) = -\sum_{j=1}^q y_j\log\hat y_j",
        where=r"\hat y = \mathrm{softmax}(\mathbf o)",
        facts="y is one-hot",
        wrt="o",
    )
    yq, oq, hat = (Array(n, ("q",)) for n in ("y", "o", "yhat"))
    iq, jq, kq, tq = (Index(n, "q") for n in "ijkt")
    assert same(made.body, -Sum(yq[jq] * Log(hat[jq]), jq))
    assert made.definitions[0].head == hat[iq]
    assert same(made.definitions[0].body, Exp(oq[iq]) / Sum(Exp(oq[kq]), kq))
    assert (made.facts[0].left, made.facts[0].right) == (yq[iq], Delta(iq, tq))
    assert made.wrt is not None and made.wrt.array == oq


def test_several_ranges():
    made = read_statement(
        r"L = -\frac1N \sum_{r=1}^N \sum_{k=1}^C Y_{rk} \log P_{rk}",
        where=[
            r"P_{rk} = \frac{\exp(z_{rk})}{\sum_l \exp(z_{rl})}",
            r"z_{rk} = \sum_{d=1}^D W_{kd} x_{rd} + b_k",
        ],
        wrt="W_{kd}",
    )
    assert {a.name: a.ranges for a in made.inputs()} == {
        "W": ("C", "D"),
        "Y": ("N", "C"),
        "b": ("C",),
        "x": ("N", "D"),
    }
    assert made.body.has(size("N"))


def test_domains():
    made = read_statement(
        r"L = \frac{(x-\mu)^2}{2\sigma^2} + \log\sigma + \frac12\log(2\pi) + \epsilon y s u",
        facts=r"\sigma>0, 0<\epsilon<1; y \in \{0,1\}; s \in \{-1, 1\}" + "\n" + r"u \ge 0",
        wrt=r"\sigma",
    )
    assert {a.name: a.domain for a in made.inputs()} == {
        "sigma": "positive",
        "epsilon": "unit",
        "y": "binary",
        "s": "sign",
        "u": "nonnegative",
        "x": "real",
        "mu": "real",
    }
    sigma, x, mu = Array("sigma", (), "positive")(), Array("x")(), Array("mu")()
    rest = made.body - (x - mu) ** 2 / (2 * sigma**2) - Log(sigma) - Log(2 * pi) / 2
    assert len(rest.args) == 4 and not made.facts


def test_a_label_becomes_an_index_of_the_head():
    made = read_statement(r"L = \log\sum_k e^{z_k} - z_t", wrt="z_j")
    assert made.head == Array("L", ("n",))[t]


def test_an_expression_alone():
    made = read_statement(
        r"-y\log\sigma(z) - (1-y)\log(1-\sigma(z))", facts=r"y \in \{0,1\}", wrt="z", name="bce"
    )
    zs, ys = Array("z")(), Array("y", (), "binary")()
    assert made.head == Array("bce")()
    assert made.body == -ys * Log(Sigmoid(zs)) - (1 - ys) * Log(1 - Sigmoid(zs))


def test_hinge_and_huber():
    hinge = read_statement(r"L = \max(0, 1 - y\, w^\top x)", wrt="w_j")
    w, x, ys = Array("w", ("n",)), Array("x", ("n",)), Array("y")()
    assert same(hinge.body, Maximum(0, 1 - ys * Sum(w[k] * x[k], k)))
    huber = read_statement(
        r"L = \begin{cases} \frac12 r^2 & |r| \le \delta \\ \delta(|r| - \frac12\delta) & "
        r"\text{otherwise} \end{cases}",
        where="r = y - f",
        wrt="f",
    )
    r, d = Array("r")(), Array("delta")()
    assert huber.body == Cases(r**2 / 2, 1 - Step(Abs(r) - d), d * (Abs(r) - d * Rational(1, 2)))


def test_spaces_say_what_is_a_vector():
    made = read_statement(
        r"L = 1 - \frac{a \cdot b}{\|a\|\|b\|}", where=r"a, b \in \mathbb{R}^d", wrt="a_j"
    )
    assert {a.name: a.ranges for a in made.inputs()} == {"a": ("d",), "b": ("d",)}


def given(**arguments):
    """The arguments of read_statement, by name."""
    return arguments


REFUSED = {
    "free index": (given(latex="L = z_i"), "free index i"),
    "size unnamed": (
        given(latex=r"L = \sum_k y_k \log p_k + \sum_i w_i/n", where="p = softmax(z)"),
        "n may be a number or the size",
    ),
    "not a variable": (given(latex="L = |x|", wrt="z"), "does not depend on z"),
    "defined twice": (given(latex="L = a", where="a = x; a = 2x"), "defined twice"),
    "circle": (given(latex="L = a", where="a = b; b = a"), "defined by way of itself"),
    "two equalities": (given(latex="L = a = b"), "one equality"),
    "power on the left": (
        given(latex=r"L = \sigma", where=r"\sigma^2 = x"),
        "power stands on the left",
    ),
    "nothing said": (given(latex="L = x", facts="x"), "expected an equation"),
    "what is one-hot": (given(latex="L = x", facts="one-hot"), "does not say what is one-hot"),
    "domains clash": (given(latex="L = x", facts="x > 0; x < 0"), "not a domain"),
    "two domains": (given(latex="L = x", facts=r"x > 0; x \in \{0,1\}"), "say one"),
    "matrices": (given(latex="L = (Xw - y)^2"), "matrices"),
    "free on the right": (given(latex="L = a", where="a = z_i"), "free index"),
    "no element": (given(latex="a + b = c"), "one element on the left"),
    "wrt a sum": (given(latex="L = a + b", wrt="a + b"), "expected an element"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name):
    arguments, reason = REFUSED[name]
    with pytest.raises(DeriveError, match=reason):
        read_statement(**arguments)


def test_the_authors_commands_are_put_in_wherever_they_are_defined():
    made = read_statement(
        r"\newcommand{\pd}[2]{#1_{#2}} L = -\sum_i \tgt_i \log \pd{p}{i}",
        where=r"\def\tgt{y} p_i = \softmax(z)_i \DeclareMathOperator{\softmax}{softmax}",
        wrt="z_j",
    )
    assert made == read_statement(
        r"L = -\sum_i y_i \log p_i", where=r"p_i = \mathrm{softmax}(z)_i", wrt="z_j"
    )


def test_a_place_behind_an_authors_command_is_the_place_as_written():
    with pytest.raises(DeriveError) as caught:
        read_statement(r"\newcommand{\pd}[2]{#1_{#2}} L = \pd{p}{i} + \wrong")
    assert caught.value.place == (1, 46)


@pytest.mark.parametrize("letter", ["n", "N"])
def test_a_mean_over_the_only_range_needs_no_bound(letter: str) -> None:
    made = read_statement(rf"L = \frac1{{{letter}}} \sum_k (z_k - y_k)^2", wrt="z_j")
    assert made.counted == letter and made.wrt is not None
    assert made.wrt.array.ranges == (letter,)
    assert text(derive(made).result) == f"2 (z_j - y_j) / {letter}"
    assert any(letter in line for line in standing(made, [derive(made)]))


def test_a_mean_over_one_of_two_ranges_asks_for_the_bound() -> None:
    with pytest.raises(DeriveError, match=r"\\sum_{i=1}\^N or \\sum_{k=1}\^N") as refused:
        read_statement(r"L = \frac{1}{N}\sum_i \sum_k (z_{ik} - y_{ik})^2", wrt="z_{jl}")
    assert refused.value.place == (1, 14)


def test_a_constant_is_not_taken_for_a_size() -> None:
    with pytest.raises(DeriveError, match="C may be a number"):
        read_statement(r"L = C \sum_i z_i^2", wrt="z_j")


@pytest.mark.parametrize("latex, wrt", [
    (r"L = -\log\sigma(r_w - r_l)", "r_w"),
    (r"L = -\log\sigma(\beta(\log\pi_w - \log\rho_w - \log\pi_l + \log\rho_l))", r"\pi_l"),
    (r"L = \max(0, d_p - d_n + m)", "d_n"),
])  # fmt: skip
def test_letters_that_tell_two_things_apart_are_names(latex, wrt):
    made = read_statement(latex, wrt=wrt)
    assert not made.head.indices and not made.wrt.indices
    assert made.wrt.array.name == wrt.strip("\\")
    assert derive(made).result is not None


@pytest.mark.parametrize("latex", [
    "L = (z_i - z_j)^2", r"L = \sum_i (z_i - z_j)^2", r"L = \sum_w (r_w - r_l)^2",
    "L = r_w + r_l + r",
])  # fmt: skip
def test_letters_that_may_count_are_refused(latex):
    with pytest.raises(DeriveError):
        read_statement(latex)
