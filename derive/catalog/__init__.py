"""The catalog: every loss and function by name."""

from __future__ import annotations

from functools import cache

from derive.catalog import (
    binary,
    classification,
    contrastive,
    divergences,
    functions,
    lessons_binary,
    lessons_entropy,
    lessons_normalising,
    lessons_softmax,
    regression,
)
from derive.catalog.entry import Entry
from derive.errors import nearest

MODULES = (
    lessons_softmax,
    lessons_normalising,
    lessons_entropy,
    lessons_binary,
    functions,
    classification,
    divergences,
    binary,
    regression,
    contrastive,
)


@cache
def entries() -> dict[str, Entry]:
    """All entries by name, in the order of the modules."""
    return {entry.name: entry for module in MODULES for entry in module.ENTRIES}


def entry(name: str) -> Entry:
    """One entry; an unknown name is refused with the nearest names."""
    found = entries().get(name)
    if found is None:
        raise nearest("catalog entry", name, entries())
    return found
