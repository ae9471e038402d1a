"""One wrong input of each kind: refused with the input, the line, the column, and the remedy."""

from __future__ import annotations

from typing import Any

import pytest

import lossmith
from derive.errors import DeriveError

SHARES = r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}"
SQUARES = r"L = \sum_i z_i^2"
Given = dict[str, Any]

REFUSED: dict[str, tuple[Given, tuple[int, int], str]] = {
    "does not depend": (
        {"latex": SQUARES, "wrt": "w_j"}, (1, 1), "does not depend on w; it has z"),
    "does not depend, nearly": (
        {"latex": r"L = \sum_i z_{1,i}^2 + \lambda", "wrt": r"\mathrm{lambd}"}, (1, 1),
        "did you mean lambda"),
    "differentiated by the loss": (
        {"latex": SQUARES, "wrt": "L"}, (1, 1), "does not depend on L"),
    "free index": (
        {"latex": r"L = \sum_i z_i + y_k", "wrt": "z_j"}, (1, 20), "free index k .* sum over it"),
    "free index on a second line": (
        {"latex": "L = \\sum_i z_i\n + \\sum_i \\bar z_k y_i", "wrt": "z_j"}, (2, 18),
        "free index k .* sum over it"),
    "free index of a definition": (
        {"latex": r"L = \sum_i p_i", "where": "p_i = z_i y_k", "wrt": "z_j"}, (1, 13),
        "free index k .* sum over it"),
    "contradicting facts": (
        {"latex": r"L = \sum_i y_i z_i", "wrt": "z_j",
         "facts": r"\sum_i y_i = 1; \sum_i y_i = 2"}, (1, 17),
        "= 2 contradicts Σ_i y_i = 1; drop one"),
    "a fact that holds nowhere": (
        {"latex": r"L = \sum_i y_i z_i", "wrt": "z_j", "facts": r"y_i^2 = -1"}, (1, 1),
        "holds at no point; drop"),
    "a fact about something else": (
        {"latex": SQUARES, "wrt": "z_j", "facts": r"\sum_i q_i = 1"}, (1, 8),
        "speaks of q.* it has z"),
    "no fact": (
        {"latex": SQUARES, "wrt": "z_j", "facts": r"\sum_i z_i"}, (1, 1), "expected an equation"),
    "two shapes": (
        {"latex": r"L = \sum_i z_i + \sum_i \sum_k z_{ik}", "wrt": "z_j"}, (1, 32),
        "2 indices here and 1 elsewhere; write all"),
    "two ranges": (
        {"latex": r"L = \sum_{i=1}^{n} z_i + \sum_{i=1}^{m} z_i", "wrt": "z_j"}, (1, 41),
        "over m and over n; use another letter or mend the bound"),
    "a variable of another shape": (
        {"latex": SQUARES, "wrt": "z_{jk}"}, (1, 1), "2 indices here and 1 elsewhere; write all"),
    "unknown command": (
        {"latex": r"L = \sum_i \foo z_i", "wrt": "z_j"}, (1, 12), "foo is not understood"),
    "unknown function": (
        {"latex": r"L = \sum_i \operatorname{foo}(z_i)", "wrt": "z_j"}, (1, 12),
        "foo.* is not a function known here; write it out"),
    "no derivative: rounding": (
        {"latex": r"L = \sum_i \lfloor z_i \rfloor", "wrt": "z_j"}, (1, 12), "not understood"),
    "no derivative: arg max": (
        {"latex": r"L = \arg\max_k z_k", "wrt": "z_j"}, (1, 5), "it has no derivative"),
    "no derivative: labels": (
        {"latex": r"L = \sum_i y_i z_i", "wrt": "y_j", "facts": r"y_i \in \{0, 1\}"}, (1, 1),
        "only 0 and 1 .* differentiate with respect to z"),
    "no derivative: log gamma": (
        {"latex": r"L = \sum_i \log\Gamma(p_i) + q", "where": SHARES, "wrt": "z_j"}, (1, 1),
        "log Γ in z is outside the language; differentiate with respect to q"),
    "differentiated by a size": (
        {"latex": r"L = \frac1n \sum_{i=1}^n z_i", "wrt": "n"}, (1, 1), "expected an element"),
    "differentiated by a sum": (
        {"latex": SQUARES, "wrt": "z_j + 1"}, (1, 1), "expected an element such as z_j"),
    "an index as a number": (
        {"latex": r"L = \sum_i i z_i", "wrt": "z_j"}, (1, 12), "only elements such as z_i"),
    "defined twice": (
        {"latex": r"L = \sum_i p_i", "where": [SHARES, "p_i = z_i"], "wrt": "z_j"}, (1, 1),
        "p is defined twice; give each its own name"),
    "defined by way of itself": (
        {"latex": r"L = \sum_i p_i", "where": ["p_i = q_i", "q_i = p_i z_i"], "wrt": "z_j"},
        (1, 1), "p is defined by way of itself; give"),
    "a bracket left open": (
        {"latex": r"L = \sum_i (z_i^2", "wrt": "z_j"}, (1, 12), "is not closed"),
    "nothing": ({"latex": "", "wrt": "z_j"}, (1, 1), "there is no formula here; write"),
    "a sum of nothing": (
        {"latex": r"L = \sum_i", "wrt": "z_j"}, (1, 5), "needs something to run over"),
    "divided by zero": ({"latex": r"L = \frac{z}{0}", "wrt": "z"}, (1, 14), "divides by zero"),
    "defined nowhere": ({"latex": r"L = \log(-1) + z", "wrt": "z"}, (1, 1), "no point defines"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_with_the_input_its_place_and_the_remedy(name: str) -> None:
    given, place, words = REFUSED[name]
    more = {key: value for key, value in given.items() if key != "latex"}
    with pytest.raises(DeriveError, match=words) as refused:
        lossmith.derive(lossmith.loss(given["latex"], **more))
    said = str(refused.value)
    assert refused.value.place == place
    assert said.startswith(f"line {place[0]}, column {place[1]}: in ")
    texts = [t for v in given.values() for t in ([v] if isinstance(v, str) else v)]
    assert any(f"'{part.strip()}'" in said for text in texts for part in text.split(";"))


def test_what_is_right_is_not_refused() -> None:
    made = lossmith.loss(SQUARES, facts=r"\sum_i z_i = 1; z_i > 0", wrt="z_j")
    assert lossmith.derive(made).result is not None
