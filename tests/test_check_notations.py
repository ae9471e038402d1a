# ruff: noqa: E501
"""Notations and suppositions of real documents: each is read, and a fault in it is found."""

from __future__ import annotations

import re

import pytest

from codegen.backends.report import render
from derive.reading.check import check
from derive.reading.smallest import smallest
from derive.witness import Counterexample


def found(text, **options):
    return check(text + "\n", explaining=False, **options).equalities


def verdicts(text, **options):
    return [e.verdict for e in found(text, **options)]


def words(equality):
    return [c.words for c in equality.finding.conditions]


READ = {
    "row transposed": (r"Let $J = \sum_k e^{\theta^{(k)\top} x}$.",
        r"$\frac{\partial J}{\partial \theta^{(k)}} = e^{\theta^{(k)\top} x} x$", "} x$", "} 2x$"),
    "row in braces": (r"Let $J = \sum_k e^{{\theta^{(k)}}^T x}$.",
        r"$\frac{\partial J}{\partial \theta^{(k)}} = e^{{\theta^{(k)}}^T x} x$", "} x$", "} 2x$"),
    "outer product": (r"Let $f(w) = \sum_i \log(1 + e^{w^T x_i})$ and $q_i = \sigma(w^T x_i)$.",
        r"$\frac{\partial^2 f(w)}{\partial w \partial w^T} = \sum_i x_i x_i^T q_i (1 - q_i)$", "(1 - q_i)", "(1 + q_i)"),
    "joined ln": (r"Let $C=-\sum_iy_ilna_i$.", r"$\frac{\partial C}{\partial a_j} = -y_j/a_j$", "-y_j", "y_j"),
    "primed index": (r"Let $p_w = e^{u_w}/\sum_{w'} e^{u_{w'}}$.",
        r"$\log p_w = u_w - \log\sum_{w'} e^{u_{w'}}$", "- \\log\\sum", "+ \\log\\sum"),
    "primed name": (r"Let $y'_k = (1 - a) y_k + a b$.", r"$y'_k - y_k = a(b - y_k)$", "(b - y_k)", "(b + y_k)"),
    "gates": (r"Let $f = \sigma(a_f)$, $i = \sigma(a_i)$, $c = f c_0 + i g$.",
        r"$\frac{\partial c}{\partial a_f} = c_0 f (1 - f)$", "(1 - f)", "(1 - i)"),
    "signed names": (r"Let $L = \log(1 + e^{s_- - s_+})$.",
        r"$\frac{\partial L}{\partial s_+} = -\sigma(s_- - s_+)$", "-\\sigma", "\\sigma"),
    "physics": (r"Let $L = -\log p$, $p = \sigma(z)$.", r"$\pdv{L}{z} = p - 1$", "p - 1", "p + 1"),
    "bare gradient": (r"Let $f = \sum_i y_i \sum_j X_{ij} b_j$; $\frac{\partial f}{\partial b_j} = \sum_i X_{ij} y_i$.",
        r"$\nabla f = X^T y$", "= X^T y", "= 2 X^T y"),
    "numbers of indices": (r"Let $y_k = e^{a_k}$; for a batch $y_{nk} = e^{2 a_{nk}}$, $E = \sum_n \sum_k y_{nk}$.",
        r"$\frac{\partial E}{\partial a_{nk}} = 2 y_{nk}$", "= 2 y", "= y"),
    "a quotient of a function": (r"Let $f(x) = x^2 e^x$.",
        r"$\frac{df}{dx} = 2x e^x + x^2 e^x$ and $f(-x) = x^2 e^{-x}$", "x^2 e^{-x}", "x^2 e^x"),
    "the slope of the sigmoid": (r"Let $\sigma(x) = 1/(1 + e^{-x})$; $\sigma(-x) = 1 - \sigma(x)$.",
        r"$d\sigma/dx = \sigma(x)(1 - \sigma(x))$", "(1 -", "(1 +"),
    "total": (r"With $y_k = e^{a_k}/\sum_{j=1}^K e^{a_j}$ put, for $K=2$, $a = a_1 - a_2$.",
        r"For $K=2$, $y_1 = \frac{e^{a_1}}{e^{a_1} + e^{a_2}}$", "{e^{a_1} +", "{e^{a_1} -"),
    "element that stands bare": (r"Let $\ell_i(b) = y_i b x_i - \log(1 + e^{b x_i})$.",
        r"$\ell_i = y_i b x_i + \log\sigma(-b x_i)$", "+ \\log", "- \\log"),
    "indicator behind a term": (r"Let $p_k = e^{f_k}/\sum_j e^{f_j}$, $L = -\log p_y$.",
        r"$\frac{\partial L}{\partial f_k} = p_k - \mathbb{1}(y = k)$", "p_k -", "p_k +"),
    "sums from 0": (r"Let $p_i = e^{z_i}/\sum_{k=0}^{K-1} e^{z_k}$.",
        r"$\sum_{0 \le i < K} p_i = 1$", "= 1", "= K"),
    "the sigmoid of anything": (r"Let $a = \sigma(w x)$, where $\sigma(x) = 1/(1 + e^{-x})$ is the sigmoid.",
        r"$\sigma' = \sigma - \sigma^2$", "- \\sigma", "+ \\sigma"),
    "a named threshold": (r"Let $L_\delta(r) = \delta^2(\sqrt{1 + (r/\delta)^2} - 1)$.",
        r"$\frac{d L_\delta}{d r} = \frac{r}{\sqrt{1 + (r/\delta)^2}}$", "{r}{", "{2r}{"),
    "clipped": (r"Let $h = \operatorname{clip}(x, -1, 1)$.", r"for $x > 1$ we have $h = 1$", "h = 1", "h = x"),
    "displays joined by and": ("Let $L = \\max(0, u - v)$. If $u - v > 0$ then\n\n$$\\frac{\\partial L}{\\partial u} = 1$$",
        "\n\nand $\\frac{\\partial L}{\\partial v} = -1$", "= -1", "= 1"),
    "sums not to be proved": (r"Let $B = e^z$.", r"$\log B = z$", "= z", "= 2z"),
}  # fmt: skip


@pytest.mark.parametrize("name", READ)
def test_it_is_read_and_its_fault_found(name):
    given, claim, old, new = READ[name]
    joined = "" if claim.startswith("\n") else "\n\nThen "
    assert verdicts(f"{given}{joined}{claim}.")[-1] in ("proved", "conditional")
    assert old in claim
    assert verdicts(f"{given}{joined}{claim.replace(old, new)}.")[-1] == "wrong"


def test_letters_that_a_loss_keeps_apart_are_different():
    text = r"Let $L = \log \pi_w - \log \pi_l$. Then $\frac{\partial L}{\partial \pi_w} = %s\frac{1}{\pi_w}$."
    (right,) = found(text % "")
    assert (right.verdict, words(right)) == ("conditional", ["l ≠ w"])
    assert not right.finding.conditions[0].stated
    (wrong,) = found(text % "-")
    assert wrong.verdict == "wrong"
    assert len({*wrong.finding.counterexample.indices.values()}) == 2


def test_a_sigma_in_an_exponent_may_be_a_number():
    text = r"Let $C = \log(1 + e^{-\sigma(a - b)})$. Then $\frac{\partial C}{\partial a} = -\frac{\sigma}{1 + e^{\sigma(a - b)}}$."
    assert verdicts(text.replace(r"-\frac{\sigma}", r"\sigma(-1) \frac{1}"))[-1] == "conditional"
    assert verdicts("The sigmoid. " + text)[-1] != "conditional"


def test_a_definition_that_is_not_understood_refutes_nothing():
    text = r"Let $q_i = \foo{z}_i$ and $L = \sum_i q_i$. Then $L = 2\sum_i q_i + 1$ and $q_i = 1$."
    assert "wrong" not in verdicts(text)
    assert "wrong" in verdicts(text.replace(r"\foo{z}_i", "e^{z_i}"))


def test_an_exponent_without_a_value_elsewhere_is_tried_at_two():
    text = r"Let $p = \sigma(z)$. Then $(1 - p)^\gamma \log p = (-1 - p)^\gamma \log p$."
    (wrong,) = found(text)
    assert (wrong.verdict, words(wrong)) == ("wrong", ["gamma = 2"])


def test_values_that_are_equal_nowhere_prove_nothing():
    (read,) = found(r"$\begin{cases} 1 & a + b = 2 \\ 0 & \text{otherwise} \end{cases} = 0$")
    assert (read.verdict, words(read)) == ("conditional", ["a + b - 2 ≠ 0"])


def test_a_symmetric_matrix_is_one():
    text = r"The matrix $S$ is symmetric. Let $F = u^\top S u$. Then $\frac{\partial F}{\partial u} = %s u$."
    assert words(found(text % "2 S")[-1]) == ["S symmetric"]
    wrong = found(text % "S")[-1]
    assert wrong.verdict == "wrong"
    shown = wrong.finding.counterexample.arrays["S"]
    assert all(shown[i][j] == shown[j][i] for i in range(len(shown)) for j in range(len(shown)))


def test_a_slope_that_the_recurrence_hides_has_its_coefficient():
    text = r"Let $h_t = \tanh(w h_{t-1} + u x_t)$. Then $\frac{\partial h_t}{\partial w} = (1 - h_t^2)(h_{t-1} + %s\frac{\partial h_{t-1}}{\partial w})$."
    assert verdicts(text % "w") == ["proved"]
    assert verdicts(text % "u") == verdicts(text % "") == ["wrong"]


def test_an_equation_to_be_solved_hides_no_step_ahead_of_it():
    text = r"Let $L = w^2 a - w b$. Setting the derivative to zero, $\frac{\partial L}{\partial w} = 2wa %s b = 0$."
    assert verdicts(text % "-") == ["proved"]
    assert verdicts(text % "+") == ["wrong"]


def test_an_unknown_command_ahead_of_a_relation_is_no_remark():
    text = r"Let $L = e^z$. $$\frac{\partial L}{\partial z} = L, \qquad \foo{L}{z} = 2L$$"
    assert verdicts(text) == ["proved", "unread", "unread"][: len(verdicts(text))]
    assert "wrong" not in verdicts(text)


def test_a_constraint_claims_nothing():
    assert verdicts(r"Maximise $H$ subject to $\sum_i p_i = 1$ and $\sum_i p_i f_i = F$.") == []


def test_a_condition_that_is_not_understood_lets_nothing_be_refuted():
    text = r"Let $\ell = \max(0, 1 - y f)$. If $\foo{y}f < 1$, then $\frac{\partial \ell}{\partial f} = -y$."
    assert verdicts(text) == ["not decided"]


BOUNDED = {
    "a product": (r"Let $\ell = \max(0, 1 - y f)$. If $yf < 1$, then $\frac{\partial \ell}{\partial f} = -y$.",
                  "= -y", "= y"),
    "an applied function": (r"Let $L = \max(0, 1 - y f(x))^2$ with $f(x) = w^\top x + b$. For $y f(x) < 1$, "
                            r"$\frac{\partial L}{\partial b} = -2y(1 - y f(x))$.", "= -2y", "= 2y"),
    "one element": (r"Let $J = \sum_i \max(0, 1 - y_i s_i)$. When $y_i s_i < 1$, "
                    r"$\frac{\partial J}{\partial s_i} = -y_i$.", "s_i} = -y_i", "s_j} = -y_j"),
    "the other side": (r"Let $\ell = \max(0, 1 - y f)$. If $yf \ge 1$, then $\ell = 0$.", r"\ge", "<"),
    "absolute values": (r"Let $L_\delta(r) = \begin{cases} \frac12 r^2 & |r| \le \delta \\ \delta(|r| - \frac12\delta)"
                        r" & \text{otherwise} \end{cases}$. When $r > \delta$, $\frac{d L_\delta}{d r} = \delta$.",
                        r"= \delta$.", "= r$."),
    "a behind": (r"设 $\ell=\max(0,1-yf)$，当 $yf<1$ 时，$\frac{\partial\ell}{\partial f}=-y$。", "=-y", "=-f"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOUNDED)
def test_an_inequality_chooses_the_branch_at_its_own_indices(name):
    text, old, new = BOUNDED[name]
    assert old in text
    assert verdicts(text)[-1] == "conditional"
    wrong = found(text.replace(old, new))[-1]
    assert wrong.verdict == "wrong" and wrong.finding.conditions


def test_a_difference_that_no_digit_shows_makes_no_plainer_counterexample():
    at = Counterexample({}, {}, {"x": "2"}, "4", "1")

    def sides(found):
        return ("0.0", "0") if found.arrays["x"] == "0" else ("1", "1.0000000000001")

    assert smallest(at, ["x"], sides) is at


ENGLISH = re.compile(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}")


@pytest.mark.parametrize("text", [
    r"记 $\beta = (w; 2b)$。", r"设 $a = \tanh(Wx)$。则 $\frac{\partial a}{\partial x} = W^T \mathrm{diag}(1 - a^2)$。",
    r"设 $F = u^T S u$，$S$ 对称。则 $\frac{\partial F}{\partial u} = 2 S u$。",
    r"设 $L = a_i + a_j$。若 $yf<1$，则 $L = 2 a_i$。", r"所以 $\foo{x} = 2$。",
])  # fmt: skip
def test_reasons_and_conditions_are_said_in_chinese(text):
    report = check(text + "\n", "zh", explaining=False)
    said = render([report], "github")
    assert said and not ENGLISH.search(said)
