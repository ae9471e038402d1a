"""The pages of the notes as the tests read them, each made once."""

from __future__ import annotations

from functools import cache

from codegen.notes import book as notes

LANGUAGES = ("en", "zh")


@cache
def page(name: str, lang: str, to: str) -> str:
    text = notes.texts([name], lang, to)[f"{name}.{to}"]
    assert isinstance(text, str)
    return text
