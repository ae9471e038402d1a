"""Remarks on scope: one where an index is captured or unbound (that right documents ask for none
stands with the kept documents)."""

from __future__ import annotations

import pytest

from derive.reading.check import check

RULE = r"Let $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$, $L = -\sum_i y_i \log p_i$." + "\n\n"


def remarks(text, name="a.md"):
    return check(text, name=name, explaining=False).remarks


PLANTED = {
    "captured": (r"$$\sum_i\sum_i y_i z_i = \sum_i y_i z_i$$", ("i",)),
    "unbound": (r"$$\frac{\partial L}{\partial z_j} = -\sum_i y_i\delta_{ij} + y_i p_j$$", ("i",)),
    "one-sided": (r"$$p_i(1 - p_j) = p_i - p_i p_k$$", ("j", "k")),
    "bound": (r"$$\sum_{k=1}^n z_k = \sum_{k=1}^m z_k$$", ()),
    "two-meanings": (r"where $L = \sum_i q_i r_i$.", ("L",)),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_a_planted_one_is_reported(kind):
    text, names = PLANTED[kind]
    (found,) = remarks(RULE + text + "\n")
    assert (found.kind, found.line) == (kind, 3)
    assert set(found.names) <= set(names)
