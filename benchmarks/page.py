"""What a page of our notes holds: the LaTeX of its formulas, and the steps of its chains.

All LaTeX is as it stands in the page, with the characters of HTML escaped.
"""

from __future__ import annotations

import re

ANNOTATED = re.compile(
    r"<math[^>]*>(?:(?!</math>).)*"
    r'<annotation encoding="application/x-tex">(.*?)</annotation></semantics></math>',
    re.DOTALL,
)
_START = re.compile(r'<div class="start">(.*?)</div>', re.DOTALL)
_STEP = re.compile(
    r'<span class="relation"><math><mo>(.*?)</mo></math></span>'
    r'<span class="side"[^>]*>(.*?)</span><span class="why"[^>]*>(.*?)</span></summary>',
    re.DOTALL,
)


def latex(element: str) -> str:
    """The LaTeX of the first formula of an element."""
    found = ANNOTATED.search(element)
    assert found, element
    return found[1]


def start(text: str) -> str | None:
    """What the first chain of a text starts with; None where there is none."""
    found = _START.search(text)
    return latex(found[1]) if found else None


def steps(text: str) -> list[tuple[str, str, str]]:
    """(relation, LaTeX, reason) of each step of a chain; a step that is not understood is an
    error, so that none falls out in silence."""
    found = [(relation, latex(side), why) for relation, side, why in _STEP.findall(text)]
    assert len(found) == text.count('class="step"'), text
    return found
