"""Every entry's gradient is derived by the general strategy, each of its steps proved and
spoken."""

import pytest

from derive.catalog import binary, classification, contrastive, divergences, functions, regression
from derive.catalog.entry import Entry
from derive.language import Deriv
from derive.terms import free_indices

MODULES = (functions, classification, divergences, binary, regression, contrastive)
ENTRIES = {entry.name: entry for module in MODULES for entry in module.ENTRIES}


def holds(expr: object, node: type) -> bool:
    return isinstance(expr, node) or any(holds(a, node) for a in expr.args)  # type: ignore[attr-defined]


def test_names_differ() -> None:
    assert len(ENTRIES) == sum(len(module.ENTRIES) for module in MODULES) >= 45


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=lambda e: e.name)
def test_gradient_is_derived_and_proved(entry: Entry) -> None:
    made = entry.gradient
    assert made.steps
    assert not holds(made.result, Deriv)
    assert free_indices(made.result) <= free_indices(made.start) | set(entry.statement.labels)
    assert all(made.say(step, lang) for step in made.steps for lang in ("en", "zh"))
