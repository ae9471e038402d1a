"""What is said in each language: one file a language in `phrases/`, found by listing the folder.

A file may say less than English does; what it leaves out is said in English.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from derive.errors import DeriveError

FOLDER = Path(__file__).parent / "phrases"
ORIGINAL = "en"
OPEN = ("texts", "formulas")
"""Tables whose keys are texts of the sources; the keys of all others are those of English."""


def languages() -> tuple[str, ...]:
    """The languages there are, by the names of their files."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


@cache
def language(lang: str) -> Mapping[str, Any]:
    """The tables of one language; DeriveError for a language without a file, or unknown keys."""
    if lang not in languages():
        raise DeriveError(f"no language {lang!r}: choose one of {', '.join(languages())}")
    own = tomllib.loads((FOLDER / f"{lang}.toml").read_text(encoding="utf-8"))
    return own if lang == ORIGINAL else _completed(own, language(ORIGINAL), lang)


def _completed(own: Mapping[str, Any], whole: Mapping[str, Any], lang: str) -> Mapping[str, Any]:
    for name, table in own.items():
        strange = sorted(set(table) - set(whole.get(name, ()))) if name not in OPEN else []
        if strange:
            raise DeriveError(f"{lang}.toml has [{name}] {strange[0]}: {ORIGINAL}.toml has not")
    return {
        name: {**(table if name not in OPEN else {}), **own.get(name, {})}
        for name, table in whole.items()
    }


def phrases(lang: str) -> Mapping[str, str]:
    """The sentences of one language, keyed by rule."""
    rules: Mapping[str, str] = language(lang)["rules"]
    return rules


def said(words: Mapping[str, str], lang: str) -> str:
    """A text of the catalog in one language: its own, else the file's for the English one."""
    original = words.get(ORIGINAL, "")
    translated: str = language(lang)["texts"].get(original, original)
    return words.get(lang) or translated
