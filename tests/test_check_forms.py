"""Forms of real lecture notes: matrices of derivatives in either layout, vectors in time, stacked
vectors, chains of inequalities, lists of cases, updates; each right, and each with a fault."""

from __future__ import annotations

import pytest

from derive.reading.check import Report, check
from derive.reading.layouts import TURNED

GOOD = {"proved", "conditional"}


def report(text: str, lang: str = "en") -> Report:
    return check(text, lang, "a.md", explaining=False)


def verdicts(text: str) -> list[str]:
    return [e.verdict for e in report(text).equalities]


def conditions(text: str) -> list[str]:
    return [c.words for c in report(text).equalities[-1].finding.conditions]


LAYER = "Let $a = \\tanh(W x + b)$%s. Then $\\frac{\\partial a}{\\partial x} = %s$.\n"
SHAPES = ["", " with $x \\in \\mathbb{R}^d$, $W \\in \\mathbb{R}^{m \\times d}$",
          " with $x \\in \\mathbb{R}^n$, $W \\in \\mathbb{R}^{n \\times n}$"]  # fmt: skip
ROWS_OF_A = r"\mathrm{diag}(1 - a^2) W"
ROWS_OF_X = r"W^\top \mathrm{diag}(1 - a^2)"


@pytest.mark.parametrize("shapes", SHAPES)
def test_a_matrix_of_derivatives_is_right_in_either_layout(shapes):
    assert verdicts(LAYER % (shapes, ROWS_OF_A)) == ["proved"]
    turned = LAYER % (shapes, ROWS_OF_X)
    assert verdicts(turned) == ["conditional"]
    assert conditions(turned) == [TURNED.words]
    assert not report(turned).remarks


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("right", [ROWS_OF_A, ROWS_OF_X])
def test_and_wrong_where_it_holds_in_neither(shapes, right):
    assert verdicts(LAYER % (shapes, right.replace("1 - a", "1 + a"))) == ["wrong"]


def test_the_chain_rule_goes_the_other_way_in_the_other_layout():
    text = (
        "Let $a = \\tanh(z)$, $z = W x + b$ and $L = \\frac12 \\|a - y\\|^2$ with "
        "$x \\in \\mathbb{R}^d$, $W \\in \\mathbb{R}^{m \\times d}$.\n\n$$\\frac{\\partial L}"
        "{\\partial x} = \\frac{\\partial z}{\\partial x}\\frac{\\partial a}{\\partial z}"
        "\\frac{\\partial L}{\\partial a} = W^\\top \\mathrm{diag}(1 - a^2)%s$$\n"
    )
    assert verdicts(text % "(a - y)") == ["conditional", "conditional"]
    assert verdicts(text % "(a + y)") == ["conditional", "wrong"]


STEP = "Let $h_t = \\tanh(W_{hh} h_{t-1} + W_{xh} x_t + b)$. Then $%s$.\n"


@pytest.mark.parametrize(("line", "verdict"), [
    (r"\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2) W_{hh}", "proved"),
    (r"\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t \odot h_t) W_{hh}", "proved"),
    (r"\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2) W_{xh}", "wrong"),
    (r"\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t) W_{hh}", "wrong"),
    (r"\frac{\partial h_t}{\partial x_t} = \mathrm{diag}(1 - h_t^2) W_{xh}", "proved"),
])  # fmt: skip
def test_vectors_in_time(line, verdict):
    assert verdicts(STEP % line) == [verdict]


def test_by_a_weight_of_the_recurrence_nothing_is_proved_but_for_a_fixed_past():
    text = STEP % (
        r"\frac{\partial h_t}{\partial h_{t-1}} = \mathrm{diag}(1 - h_t^2) W_{hh}$ and "
        r"$\frac{\partial h_{t,i}}{\partial W_{hh,ij}} = (1 - h_{t,i}^2) h_{t-1,j}"
    )
    assert verdicts(text) == ["proved", "conditional"]
    assert conditions(text) == ["h_{t-1} does not depend on W_hh"]


@pytest.mark.parametrize("inside", ["a (1 - a)", "a \\odot (1 - a)", "a - a^2", "\\sigma'(z)",
                                    "\\sigma(z) (1 - \\sigma(z))"])  # fmt: skip
def test_vectors_in_a_diagonal(inside):
    text = "Let $a = \\sigma(z)$, $z = W x + b$. Then $\\frac{\\partial a}{\\partial x} = %s W$.\n"
    assert verdicts(text % f"\\mathrm{{diag}}({inside})") == ["proved"]
    assert verdicts(text % f"\\mathrm{{diag}}(2 {inside})") != ["proved"]


STACKS = [("(w; b)", "(x; 1)"), ("[w^\\top, b]^\\top", "[x^\\top, 1]^\\top"),
          (r"\begin{pmatrix} w \\ b \end{pmatrix}",
           r"\begin{pmatrix} x \\ 1 \end{pmatrix}")]  # fmt: skip


@pytest.mark.parametrize(("weights", "inputs"), STACKS)
def test_stacked_vectors_are_multiplied_part_by_part(weights, inputs):
    text = f"Let $\\theta = {weights}$ and $\\tilde x = {inputs}$. Then "
    assert verdicts(text + "$\\theta^\\top \\tilde x = w^\\top x + b$.") == ["proved"]
    assert verdicts(text + "$\\theta^\\top \\tilde x = w^\\top x - b$.") == ["wrong"]


def test_what_is_stacked_otherwise_is_refused():
    made = report("Let $\\theta = (w; 2b)$. Then $\\theta = w$.").equalities
    assert {e.verdict for e in made} == {"unread"}


CLIP = "Let $c = \\min(\\max(x, 0), 6)$. When $0 < x < 6$, $c = %s$ and $\\frac{dc}{dx} = %s$.\n"
INSIDE = (
    "Let $\\ell = \\max(0, |r| - \\epsilon)$ with $\\epsilon > 0$. When "
    "$-\\epsilon < r < \\epsilon$, $\\frac{\\partial \\ell}{\\partial r} = %s$.\n"
)
CASES = (
    "Let $\\ell = \\begin{cases} \\frac12 r^2 & \\text{if } -1 < r < 1 \\\\ |r| - \\frac12 & "
    "\\text{otherwise} \\end{cases}$. For $-1 < r < 1$ we have $\\frac{d\\ell}{dr} = %s$.\n"
)


@pytest.mark.parametrize(("text", "right", "wrong"), [
    (CLIP, ("x", "1"), ("6", "0")), (INSIDE, ("0",), ("1",)), (CASES, ("r",), ("2r",)),
])  # fmt: skip
def test_chains_of_inequalities(text, right, wrong):
    assert {*verdicts(text % right)} == {"conditional"}
    assert {*verdicts(text % wrong)} == {"wrong"}


def test_each_item_of_a_list_has_its_own_condition():
    text = "Let $f = \\max(0, x)$.\n\n- if $x > 0$: $f' = %s$\n- if $x < 0$: $f' = %s$\n"
    good, bad = text.replace("f'", "\\frac{df}{dx}"), text.replace("f'", "\\frac{df}{dx}")
    assert verdicts(good % (1, 0)) == ["conditional", "conditional"]
    assert verdicts(bad % (0, 1)) == ["wrong", "wrong"]


def test_what_leads_to_a_list_holds_for_its_items():
    text = (
        "Let $p_i = \\frac{e^{z_i}}{\\sum_k e^{z_k}}$. For $i \\ne j$:\n- $\\frac{\\partial p_i}"
        "{\\partial z_j} = -p_i p_j$\n- $\\frac{\\partial \\log p_i}{\\partial z_j} = %sp_j$\n"
    )
    assert verdicts(text % "-") == ["conditional", "conditional"]
    assert verdicts(text % "") == ["conditional", "wrong"]


def test_a_matrix_is_symmetric_only_where_it_is_supposed():
    text = (
        "- if $A$ is symmetric, $\\nabla_x (x^\\top A x) = 2 A x$\n"
        "- $\\nabla_x \\|Ax - b\\|_2^2 = 2 A%s (Ax - b)$\n"
    )
    assert verdicts(text % "^\\top") == ["conditional", "proved"]
    assert verdicts(text % "") == ["conditional", "wrong"]


DESIGN = (
    "Let $X$ be the matrix whose $i$-th row is $x_i^\\top$ and $L = \\frac12 \\sum_{i=1}^n "
    "(w^\\top x_i - y_i)^2$. Then $\\nabla_w L = \\sum_{i=1}^n (w^\\top x_i - y_i) x_i = %s$.\n"
)


def test_the_rows_of_a_design_matrix():
    assert verdicts(DESIGN % "X^\\top (X w - y)") == ["proved", "conditional"]
    assert verdicts(DESIGN % "X^\\top (X w + y)") == ["proved", "wrong"]


def test_the_letter_of_a_number_of_terms_with_an_index_is_another_name():
    text = (
        "Let $\\gamma_{nk} = \\frac{\\pi_k f_{nk}}{\\sum_j \\pi_j f_{nj}}$ and "
        "$N_k = \\sum_{n=1}^N \\gamma_{nk}$. Then $\\sum_k N_k = %s$.\n"
    )
    assert verdicts(text % "N") == ["proved"]
    assert verdicts(text % "1") == ["wrong"]


@pytest.mark.parametrize("arrow", ["\\leftarrow", "\\gets", "←"])
def test_an_update_claims_nothing_and_what_follows_it_does(arrow):
    text = f"Update $w {arrow} w - \\eta (g + \\lambda w) = (1 %s \\eta\\lambda) w - \\eta g$.\n"
    assert verdicts(text % "-") == ["proved"]
    assert verdicts(text % "+") == ["wrong"]


def test_the_loss_of_a_label_by_its_bare_name():
    text = (
        "$$\\text{loss}(x, t) = -\\log\\frac{\\exp(x_t)}{\\sum_j \\exp(x_j)}$$ so "
        "$\\frac{\\partial\\, \\text{loss}}{\\partial x_i} = %s\\mathbb{1}[i = t] + "
        "\\frac{\\exp(x_i)}{\\sum_j \\exp(x_j)}$\n"
    )
    assert verdicts(text % "-") == ["proved"]
    assert verdicts(text % "") == ["wrong"]


TWO_LOSSES = (
    "The loss is $L = -\\sum_i y_i \\log p_i$ with $p_i = \\frac{e^{z_i}}{\\sum_k e^{z_k}}$.\n\n"
    "$$L = \\frac12 \\sum_i (a_i - y_i)^2$$\n\n"
    "$$\\frac{\\partial L}{\\partial a_i} = a_i %s y_i$$\n"
)


def test_a_second_meaning_without_words_is_remarked_and_no_mistake():
    good, bad = report(TWO_LOSSES % "-"), report(TWO_LOSSES % "+")
    assert [e.verdict for e in good.equalities] == ["proved"]
    assert [e.verdict for e in bad.equalities] == ["wrong"]
    assert [(r.kind, r.names) for r in good.remarks] == [("two-meanings", ("L",))]


def test_what_restates_a_loss_of_the_same_things_is_a_claim():
    text = TWO_LOSSES.partition("$$")[0] + "$$L = %s\\sum_i y_i \\log p_i$$\n"
    assert verdicts(text % "-") == ["proved"]
    assert verdicts(text % "") == ["wrong"]


def test_a_letter_with_other_indices_is_named_as_it_is_written() -> None:
    text = "Let $s_j = q k_j$, $a_j = \\mathrm{softmax}(s)_j$ and $o = \\sum_j a_j v_j$.\n" \
           "$$\\frac{\\partial o}{\\partial s_m} = \\sum_c a_m v_{mc}$$\n"  # fmt: skip
    reasons = " ".join(e.finding.reason for e in report(text).equalities)
    assert "v_{··} is not defined" in reasons and "@" not in reasons
