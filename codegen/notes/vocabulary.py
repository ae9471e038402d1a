"""The fixed words that printers of notes put around formulas, from the file of each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from derive.languages import language


@dataclass(frozen=True)
class Fixed:
    """The words of one language.

    `formulas` maps words inside formulas, `tex` names document classes, `full_width` says that
    punctuation takes the room of a character.
    """

    tag: str
    full_width: bool
    title: str
    given: str
    given_that: str
    facts_used: str
    own: str
    gradient: str
    independent: str
    derivative: str
    derivative_of: str
    where: str
    let: str
    size: str
    size_and: str
    here: str
    domains: Mapping[str, str]
    partials: str
    derived: str
    derivation: str
    steps: str
    before: str
    rule: str
    figure: str
    program: str
    contents: str
    proved: str
    stop: str
    colon: str
    comma: str
    semicolon: str
    formulas: tuple[tuple[str, str], ...]
    panel: Mapping[str, str]
    picture: Mapping[str, str]
    tex: Mapping[str, str]


@cache
def fixed(lang: str) -> Fixed:
    """The words of a language; DeriveError where there is no such language."""
    tables = language(lang)
    rest = {name: tables[name] for name in ("domains", "panel", "picture", "tex")}
    return Fixed(**tables["words"], **rest, formulas=tuple(tables["formulas"].items()))
