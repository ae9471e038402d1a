"""Derivations as published: every expectation of the shared cases."""

from __future__ import annotations

import pytest

from derive.reading.check import check
from tests.check_documents import CASES


def verdicts(text: str, lang: str = "en") -> list[tuple[int, str, str]]:
    """(line, verdict, conditions) of every equality."""
    made = check(text, lang).equalities
    return [(e.line, e.verdict, "; ".join(c.words for c in e.finding.conditions)) for e in made]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_published_derivation(case):
    assert verdicts(case.text, case.lang) == list(case.expect)
