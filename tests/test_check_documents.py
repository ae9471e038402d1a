"""Whole documents: the wrong lines are found, right ones raise no alarm, in every notation."""

from __future__ import annotations

import json

import pytest

from derive.mistakes import MISTAKES
from derive.reading.check import check
from derive.reading.verdicts import ask
from tests.check_documents import CASES
from tests.check_written import DOCUMENTS

RULE = r"Let $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$, $L = -\sum_i y_i \log p_i$." + "\n"


def lines(text: str, *verdicts: str) -> list[int]:
    made = check(text, explaining=False).equalities
    return sorted({e.line for e in made if e.verdict in verdicts})


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_wrong_lines_are_found_and_no_others(name):
    _, text, wrong, open_ = DOCUMENTS[name]
    assert lines(text, "wrong") == wrong
    assert lines(text, "unread", "not decided") == open_


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_the_witness_stands_behind_every_verdict(case):
    for e in check(case.text, explaining=False).equalities:
        found = e.finding
        if found.verdict in ("proved", "conditional"):
            assert ask(e.question, found.conditions).verdict != "refuted"
        if found.verdict in ("wrong", "compensated"):
            assert found.counterexample.left != found.counterexample.right
            assert max(found.counterexample.sizes.values(), default=1) <= 3


FORMS = {
    "tex": (r"\begin{{align}} a &= b + b \\ &= {} \end{{align}}", "a.tex"),
    "equation and split": (r"\begin{{equation}}\begin{{split}} a &= b + b \\ &= {} \end{{split}}"
                           r"\end{{equation}}", "a.tex"),
    "gather": (r"\begin{{gather}} a = b + b \\ a = {} \end{{gather}}", "a.tex"),
    "eqnarray": (r"\begin{{eqnarray}} a & = & b + b \\ & = & {} \end{{eqnarray}}", "a.tex"),
    "brackets": (r"\[ a = b + b = {} \]", "a.tex"),
    "dollars": ("$$\na = b + b\n= {}\n$$", "a.md"),
    "inline": ("so $a = b + b = {}$.", "a.md"),
    "round": (r"so \(a = b + b = {}\).", "a.md"),
    "fence": ("```math\na = b + b = {}\n```", "a.md"),
    "arrow": (r"$$a = b + b \Rightarrow a = {}$$", "a.md"),
    "therefore": ("$$a = b + b$$\n$$\\therefore\\; a = {}$$", "a.md"),
    "next display": ("$$a = b + b$$\nand so\n$$= {}$$", "a.md"),
    "comma": (r"$$a = b + b, \qquad a = {}.$$", "a.md"),
    "bare": (r"a = b + b = \frac{{1}}{{1}} {}", "a.md"),
    "long row": (r"$$\begin{{aligned}} a &= b \\ &\quad + b \\ &= {} \end{{aligned}}$$", "a.md"),
    "colour": (r"$$a = b + b = \color{{red}}{{{}}} \tag{{1}}$$", "a.md"),
    "boxed": (r"$$a = \underbrace{{b + b}}_{{\text{{twice}}}} \stackrel{{(*)}}{{=}} \boxed{{{}}}$$",
              "a.md"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
def test_every_way_to_set_a_chain_is_read(name):
    text, file = FORMS[name]
    for body, verdict in (("2b", "proved"), ("3b", "wrong")):
        made = check(text.format(body) + "\n", name=file, explaining=False).equalities
        assert made[-1].verdict == verdict
        assert {e.verdict for e in made} <= {"proved", verdict}


def test_a_notebook_is_read_cell_by_cell():
    cells = [
        {"cell_type": "markdown", "source": ["Let $a = b + b$.\n", "Then $a = 3b$."]},
        {"cell_type": "code", "source": "x = '$1 = 2$'"},
        {"cell_type": "markdown", "source": "$a = 2b$"},
    ]
    made = check(json.dumps({"cells": cells}), name="a.ipynb", explaining=False).equalities
    assert [(e.cell, e.line, e.verdict) for e in made] == [(1, 2, "wrong"), (3, 1, "proved")]


@pytest.mark.parametrize("said", ["$i = j$", "i = j", "i equals j"])
def test_a_condition_in_words_is_heard(said):
    text = RULE + f"If {said}, then\n$$\\frac{{\\partial p_i}}{{\\partial z_j}} = p_i(1 - p_j)$$\n"
    (found,) = check(text, explaining=False).equalities
    assert (found.verdict, found.finding.conditions[0].words) == ("conditional", "i = j")


def test_without_the_condition_the_diagonal_alone_is_wrong():
    text = RULE + "$$\\frac{\\partial p_i}{\\partial z_j} = p_i(1 - p_j)$$\n"
    assert lines(text, "wrong") == [2]


PLANTED = {
    "quotient-rule-sign": r"Let $q = \frac{u}{v}$, $u = x^2$, $v = e^x$. $$\frac{\partial q}{\partial x} = \frac{2xe^x + x^2e^x}{e^{2x}}$$",  # noqa: E501
    "log-without-quotient": RULE
    + r"$$\frac{\partial L}{\partial z_j} = -\sum_i y_i \frac{\partial p_i}{\partial z_j}$$",
    "diagonal-only": RULE + r"$$\frac{\partial L}{\partial z_j} = -y_j(1-p_j)$$",
    "inner-derivative-lost": r"Let $f = e^{3x}$. $$\frac{\partial f}{\partial x} = e^{3x}$$",
    "product-rule-half": r"Let $f = x^3 e^{x}$. $$\frac{\partial f}{\partial x} = 3x^2 e^x$$",
    "power-factor-lost": r"Let $f = (x - a)^2$. $$\frac{\partial f}{\partial x} = x - a$$",
    "sign": RULE + r"$$\frac{\partial p_i}{\partial z_j} = -p_i(\delta_{ij} - p_j)$$",
    "excluded-index": r"$$\sum_k z_k - z_i = \sum_{k \ne j} z_k$$",
    "delta": RULE + r"$$p_i(\delta_{ij} - p_j) = p_i(1 - p_j)$$",
    "letter": r"$$\sum_k y_k z_k + y_i = \sum_k y_k z_k + z_i$$",
    "index": r"$$y_i\sum_k z_k^2 = y_j\sum_k z_k^2$$",
    "sum-lost": RULE + r"$$-\sum_i y_i(\delta_{ij}-p_j) = -y_j + y_j p_j$$",
    "parenthesis": r"$$a(b + c) = ab + c$$",
    "factor-lost": r"$$\frac{a b}{c} + d = \frac{b}{c} + d$$",
    "log-of-sum": r"$$2\log\sum_k e^{z_k} = 2\sum_k \log e^{z_k}$$",
    "exchanged": RULE + r"$$-\sum_i y_i \log p_i = -\sum_i p_i \log y_i$$",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_mistake_is_named(name):
    wrong = [e for e in check(PLANTED[name] + "\n").equalities if e.verdict == "wrong"]
    assert [e.why.mistake.name for e in wrong if e.why.mistake] == [name]


def test_every_mistake_speaks_both_languages():
    assert all(m.say["en"] and m.say["zh"] and (m.undo or m.wrong) for m in MISTAKES)


def test_the_right_side_and_its_derivation_are_given():
    (wrong,) = check(PLANTED["log-without-quotient"] + "\n").equalities
    assert "p_j" in wrong.why.should and len(wrong.why.steps) > 3
    fixed = PLANTED["log-without-quotient"].rsplit("= -", 1)[0] + "= " + wrong.why.should + "$$\n"
    assert lines(fixed, "wrong") == [] and lines(fixed, "proved")


STRANGE = [r"p_k - q_k", r"p_k - \omega", r"(X^\top r)_k", r"p_k\Sigma - y_k"]


@pytest.mark.parametrize("right", STRANGE)
@pytest.mark.parametrize("words", ["Then", "Here $X$, $q$, $\\omega$ and $\\Sigma$ are as usual:"])
def test_no_counterexample_rests_on_a_name_without_a_meaning(words, right):
    text = RULE + f"\n{words} $\\frac{{\\partial L}}{{\\partial z_k}} = {right}$.\n"
    assert lines(text, "wrong", "compensated") == []


def test_a_name_that_has_a_meaning_is_held_to_it():
    claim = r"$\frac{\partial L}{\partial z_k} = p_k - q_k$."
    assert lines(RULE + r"$q_i = e^{z_i}$." + "\n" + claim, "wrong") == [3]


@pytest.mark.parametrize("label", ["Simplified:", "**Result.**", "1. Rewriting it:", "化简："])
def test_a_conclusion_is_no_new_definition(label):
    assert lines(RULE + f"\n{label} $L = \\sum_i y_i \\log p_i$.\n", "wrong") == [3]


ENCODED = {
    "utf-8 with a mark": ("utf-8-sig", "\n"), "utf-16": ("utf-16", "\n"),
    "gb 18030": ("gb18030", "\n"), "line ends of Windows": ("utf-8", "\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", ENCODED)
def test_every_encoding_is_read(name, tmp_path):
    encoding, end = ENCODED[name]
    text = RULE + "所以\t$\\frac{\\partial p_i}{\\partial z_j} ＝ p_i(\\delta_{ij}＋p_j)$。\n"
    (tmp_path / "a.md").write_bytes(text.replace("\n", end).encode(encoding))
    (found,) = check(tmp_path / "a.md", explaining=False).equalities
    assert (found.line, found.verdict) == (2, "wrong")


BETWEEN = [
    r"\(a = b + b\), so \[ a = {} \label{{x}} \notag \]",
    "- item: $a = b + b$\n  > and $$a = {}$$",
    "| $a = b + b$ | $a = {}$ |\n| --- | --- |",
    r"$a = b + b$, $$a = \left. \bigl( {} \bigr) \right. \quad\text{{if}}\ b > 0$$",
    r"$\mathbf a = \mathbf b + \mathbf b = {}$".replace("{}", r"{} "),
]


@pytest.mark.parametrize("text", BETWEEN)
def test_formulas_are_read_wherever_they_stand(text):
    for body, verdict in (("2b", "proved"), ("3b", "wrong")):
        body = body.replace("b", r"\mathbf b") if "mathbf" in text else body
        made = check(text.format(body) + "\n", name="a.md", explaining=False).equalities
        assert made[-1].verdict == verdict


def test_a_cost_that_stays_abstract_proves_nothing_by_vanishing():
    text = (
        "Let $z_j = \\sum_k w_{jk} a_k + b_j$ and $\\delta_j = \\frac{\\partial C}{\\partial z_j}$."
        "\n\n$$\\frac{\\partial C}{\\partial w_{jk}} = \\delta_j a_k$$\n"
    )
    (right,) = check(text, explaining=False).equalities
    assert right.verdict == "conditional"
    assert right.finding.conditions[0].words == "C depends on w through z alone"
    assert lines(text.replace(r"\delta_j a_k$", r"\delta_k a_j$"), "wrong", "unread") == [3]
    assert lines(text.replace(r"\delta_j a_k$", r"2\delta_j a_k$"), "wrong") == [3]


SUGGESTED = [
    (RULE + "With $y$ one-hot, ", r"$\frac{\partial L}{\partial z_j} = p_j - 1$", "p_j - y_j"),
    (RULE, r"$\sum_i \frac{\partial p_i}{\partial z_j} = 1$", "0"),
    ("Let $L = -\\sum_{i=1}^m y^{(i)} \\log(x^{(i)} + \\epsilon)$. ",
     r"$\frac{\partial L}{\partial x^{(i)}} = \frac{y^{(i)}}{x^{(i)} + \epsilon}$",
     r"-\frac{y^{(i)}}{\epsilon + x^{(i)}}"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "claim", "should"), SUGGESTED)
def test_the_suggestion_is_what_an_author_would_write(before, claim, should):
    (wrong,) = [e for e in check(before + claim + "\n").equalities if e.verdict == "wrong"]
    assert wrong.why.should == should


def test_what_is_not_defined_elsewhere_hides_no_fault():
    before = "Let $s_k = \\frac{\\partial C}{\\partial z_k}$.\n\n"
    claim = r"$\frac{\partial p_i}{\partial z_j} = p_i(\delta_{ij} + p_j)$"
    assert lines(before + RULE + claim + "\n", "wrong") == [4]


def test_a_logarithm_defines_what_it_is_taken_of():
    text = "Let $\\log p(y) = \\sum_k y_k \\eta_k$.\n\n"
    claim = r"$\frac{\partial}{\partial \eta_k} \log p(y) = y_k$"
    assert lines(text + claim + "\n", "proved") == [3]
    assert lines(text + claim.replace("= y_k", "= 2 y_k") + "\n", "wrong") == [3]


def test_a_mask_of_two_indices_is_held_to_its_values():
    text = "Let $G_i = \\sum_j A_{ij} x_j$.\n\n$G_i = \\sum_j A_{ij}^2 x_j$\n"
    assert lines(text, "wrong") == [3]
    assert lines("Let $A_{ij} \\in \\{0, 1\\}$. " + text, "conditional") == [3]
    assert lines("Let $A_{ij} \\in \\{0, 1\\}$. " + text.replace("^2", "^2 2"), "wrong") == [3]


@pytest.mark.parametrize("test", [r"\llbracket i = j \rrbracket", r"\mathbb{1}[i = j]"])
def test_brackets_of_iverson_are_an_indicator(test):
    claim = f"$\\frac{{\\partial p_i}}{{\\partial z_j}} = p_i({test} - p_j)$\n"
    assert lines(RULE + claim, "proved") == [2]
    assert lines(RULE + claim.replace("- p_j", "+ p_j"), "wrong") == [2]
    bare = f"$\\frac{{\\partial}}{{\\partial z_j}} \\sum_k z_k z_i = z_i + {test} \\sum_k z_k$\n"
    assert lines(bare, "proved") == [1]


def test_an_element_of_a_function_of_vectors_is_a_number():
    text = "Let $\\ell_i(\\beta) = \\beta^\\top x_i - \\log \\sum_j e^{\\beta^\\top x_j}$.\n"
    assert lines(text, "unread", "not decided", "wrong") == []
    said = "$\\ell_i(\\beta) = \\log e^{\\beta^\\top x_i} %s \\log \\sum_j e^{\\beta^\\top x_j}$\n"
    assert lines(text + "\n" + said % "-", "proved") == [3]
    assert lines(text + "\n" + said % "+", "wrong") == [3]
