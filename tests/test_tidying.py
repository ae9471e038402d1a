"""What is tidied is written the same, whatever was tidied before it."""

from __future__ import annotations

import pytest

from derive import catalog
from derive.normal import Field
from derive.tidying import folding_fields, tidy


def tidied() -> tuple[str, ...]:
    """Shares of a softmax, first mixed with one another, then by themselves."""
    entry = catalog.entry("poly1")
    definitions = entry.statement.definitions
    body = entry.gradient.result
    return tuple(str(tidy(e, definitions)) for e in (body * body, 1 - body, body))


def test_atoms_met_before_leave_no_trace() -> None:
    folding_fields.cache_clear()
    assert tidied() == tidied()
    definitions = catalog.entry("poly1").statement.definitions
    met = [len(f.symbols) for f in folding_fields(definitions, (), frozenset())]
    folding_fields.cache_clear()
    assert met == [len(f.symbols) for f in folding_fields(definitions, (), frozenset())]


def test_atoms_that_stay_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Field, "copied", lambda self: self)
    with pytest.raises(AssertionError):
        test_atoms_met_before_leave_no_trace()
