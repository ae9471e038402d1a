"""Brace groups and blanks: what takes a text apart without moving anything."""

from __future__ import annotations

import re

MAX_GROUP = 5_000


def blank(text: str) -> str:
    """Blanks of the same shape: line ends stay."""
    return re.sub(r"[^\n]", " ", text)


def group_end(text: str, at: int) -> int:
    """Where the brace group that opens at `at` ends (after its brace); `at` if none opens there."""
    if at >= len(text) or text[at] != "{":
        return at
    depth = 0
    for match in re.compile(r"\\.|[{}]", re.DOTALL).finditer(text, at, at + MAX_GROUP):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return match.end()
    return at
