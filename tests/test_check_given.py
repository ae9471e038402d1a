"""Values that a document gives to what it works with count from there on, where its letters have
another size than elsewhere too; a letter counts terms only where it can."""

from __future__ import annotations

import pytest

from codegen.notes import book
from derive.reading.check import check
from tests.sampling import one_of

WORKED = (
    "With $p_i = \\frac{e^{z_i}}{\\sum_{k=1}^n e^{z_k}}$ and a one-hot target $y$, "
    "$\\sum_{k=1}^n y_k = 1$, the loss is $L = -\\sum_{i=1}^n y_i \\log p_i$, and\n\n"
    "$$\\frac{\\partial L}{\\partial z_j} = p_j - y_j.$$\n\n"
    "## An example\n\n"
    "Let $p_i = \\frac{e^{z_i}}{\\sum_{k=1}^3 e^{z_k}}$, "
    "$y_1 = 0$, $y_2 = 1$ and $y_3 = 0$. Then\n\n"
    "$$\\begin{aligned}\n-\\sum_{i=1}^3 y_i \\log p_i\n"
    "&= -y_1 \\log p_1 - y_2 \\log p_2 - y_3 \\log p_3 \\\\\n&= %s \\\\\n&= %s\n\\end{aligned}$$\n"
)
WORDS = ("proved", "conditional")


def verdicts(text: str, name: str = "a.md") -> list[str]:
    return [e.verdict for e in check(text, name=name, explaining=False).equalities]


def test_a_worked_example_beside_the_general_case():
    good = verdicts(WORKED % (r"-y_2 \log p_2 - y_3 \log p_3", r"-\log p_2"))
    assert len(good) == 4 and set(good) <= {*WORDS}
    bad = verdicts(WORKED % (r"-y_1 \log p_2 - y_3 \log p_3", r"-\log p_2"))
    assert bad[-2:] == ["wrong", "compensated"]
    bad = verdicts(WORKED % (r"-y_2 \log p_2 - y_3 \log p_3", r"-\log p_3"))
    assert set(bad[:-1]) <= {*WORDS} and bad[-1] == "wrong"


@pytest.mark.parametrize("lang", one_of(2, ["en", "zh"]))
def test_a_fault_in_the_worked_example_of_our_own_notes(lang):
    note = str(book.files(["cross_entropy"], lang, "tex")["cross_entropy.tex"])
    assert note.count(r"\lossmithstep{=}{-y_2 \log p_2") == 1
    at = note[: note.index(r"\lossmithstep{=}{-y_2 \log p_2")].count("\n") + 1
    bad = note.replace(r"\lossmithstep{=}{-y_2 \log p_2", r"\lossmithstep{=}{-y_1 \log p_2")

    def wrong(text: str) -> list[int]:
        made = check(text, lang, "a.tex", explaining=False).equalities
        return [e.line for e in made if e.verdict == "wrong"]

    assert wrong(note) == []
    assert wrong(bad)[0] == at


def test_a_size_that_is_set_claims_nothing():
    assert verdicts("Let $n = 3$ and $S = \\sum_{i=1}^n x_i$. Then $S = x_1 + x_2 + x_3$.") == [
        "conditional"
    ]
    assert verdicts("Let $n = 3$ and $S = \\sum_{i=1}^n x_i$. Then $S = x_1 + x_2 + 2x_3$.") == [
        "wrong"
    ]


MARGIN = (
    "Let $L_t = \\frac{1}{n} \\sum_{k \\neq t} \\max(0, %s + z_k - z_t)$. Then\n\n"
    "$$\\frac{\\partial L_t}{\\partial z_j} = \\frac{1}{n} \\frac{\\partial}{\\partial z_j}"
    "\\sum_{k \\neq t} \\max(0, %s + z_k - %s z_t)$$\n"
)


@pytest.mark.parametrize("margin", ["m", "D", "a"])
def test_a_margin_is_no_number_of_terms(margin):
    """With m as the number of terms z_t - z_k > m is hardly ever met, and all would agree."""
    assert verdicts(MARGIN % (margin, margin, "")) == ["proved"]
    assert verdicts(MARGIN % (margin, margin, r"\delta_{jt}")) == ["wrong"]


def test_a_letter_that_divides_a_sum_may_count_its_terms():
    text = "Let $J = \\frac{1}{m} \\sum_i (x_i - c)^2$. "
    text += "Then $\\frac{\\partial J}{\\partial c} = %s$."
    right = r"2c - \frac{2}{m} \sum_i x_i"
    assert verdicts(text % right) == ["conditional"]
    assert verdicts(text % right.replace("2c", "c")) == ["wrong"]
