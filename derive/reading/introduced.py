"""The names that a document has introduced before each of its formulas.

A letter that stands for the first time on the far side of an equality has no meaning yet: its
author may define it behind, in words or not at all, so that no value of it refutes anything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence, Set
from itertools import accumulate
from operator import or_

from derive.reading.lines import EQUAL, Formula

_TOKEN = re.compile(r"\\?([A-Za-z]+)")
_CALL = re.compile(r"(?P<name>\\?[A-Za-z]+)\s*\([^()=]*\)")
_BARE = re.compile(r"[A-Za-z]+")
_ACCENT = re.compile(r"(?<=.)(?:hat|bar|tilde|vec)$")
_OPERATOR = re.compile(r"D_\{?(?P<index>[a-z])\}?\s*\S.*", re.DOTALL)
_BY = re.compile(
    r"\\[dt]?frac\s*\{\s*\\partial[^{}]*\}\s*\{\s*\\partial\s*\\?(?P<name>[A-Za-z]+)"
    r"_\{?(?P<index>[a-z])\}?\s*\}"
)


def mentioned(text: str) -> frozenset[str]:
    """The letters and words of a formula as written: commands whole, letters one by one."""
    words = list(_TOKEN.finditer(text))
    letters = {c for m in words if not m[0].startswith("\\") for c in m[1]}
    return frozenset(letters | {m[1] for m in words})


def introduced(formulas: Sequence[Formula]) -> list[frozenset[str]]:
    """For each formula the letters that have a meaning there: those of the first sides of chains,
    up to its own, and what a function is first made of (what the other side of any other definition
    holds is the ledger's to know).

    A mere mention in words counts for nothing: "where $X$ is the design matrix" gives a meaning
    that is not understood here.
    """
    brought, defined = list[frozenset[str]](), set[str]()
    for formula in formulas:
        call = _CALL.fullmatch(formula.sides[0].text.strip())
        new = call is not None and len(formula.sides) > 1 and call["name"] not in defined
        body = mentioned(formula.sides[1].text) if new else frozenset()
        brought.append(_brought(formula) | body)
        defined |= {call["name"]} if call else set()
    return list(accumulate(brought, or_))


def _brought(formula: Formula) -> frozenset[str]:
    """What stands on the first side, and beside relations that are no equalities."""
    sides = [s for s, r in zip(formula.sides[1:], formula.relations, strict=False)
             if r not in EQUAL]  # fmt: skip
    said = (part for s in formula.said for part in re.findall(r"[^=]+", s))
    return frozenset().union(*map(mentioned, (formula.sides[0].text, *said)),
                             *(mentioned(s.text) for s in sides))  # fmt: skip


def strangers(names: Iterable[str], known: Set[str]) -> list[str]:
    """Those of the names that no token of the document so far can be meant by."""
    return sorted({n for n in names if not _is_known(n, known)})


def _is_known(name: str, known: Set[str]) -> bool:
    word = _BARE.match(name.partition("@")[0])
    key = word[0] if word else ""
    return not key or key in known or _ACCENT.sub("", key) in known


def varied(formulas: Sequence[Formula]) -> str | None:
    """The a of D_j S_i = \\frac{\\partial S_i}{\\partial a_j}, wherever the document says it."""
    for formula in formulas:
        operator = _OPERATOR.fullmatch(formula.sides[0].text)
        by = _BY.fullmatch(formula.sides[1].text) if operator and len(formula.sides) > 1 else None
        if operator and by and operator["index"] == by["index"]:
            return by["name"]
    return None
