"""Programs on a page: where long lines are folded, and where a page may end."""

from __future__ import annotations

from collections.abc import Iterator

from derive.notation_style import GREEK

SPELLED = str.maketrans({letter: name for name, letter in GREEK.items()
                         if letter.islower()})  # fmt: skip
WORDS = ("and ", "or ", "&& ", "|| ")
WHOLE = 26
"""A function of so many lines stays on one page; a longer one may be cut before a comment."""
REST = 5
"""So many lines of a function stand at least on either side of a cut."""


def folded(text: str, most: int = 92) -> str:
    """Program text with lines that are too long for the page folded, the rest indented; small Greek
    letters, which the typewriter font of TeX has not, are spelled."""
    made = []
    for line in text.translate(SPELLED).splitlines():
        indent = " " * (len(line) - len(line.lstrip()) + 8)
        while len(line) > most and (cut := _cut(line, len(indent), most)):
            made.append(line[:cut])
            line = indent + line[cut + 1 :]
        made.append(line)
    return "\n".join(made) + "\n"


def _cut(line: str, least: int, most: int) -> int:
    """The blank to fold at: in as few brackets as can be, before a word like "and" or after a comma
    rather than elsewhere, never after an operator; 0 where there is none."""
    depth, best = 0, (9, 9, 0, 0)
    for place, letter in enumerate(line[: most + 1]):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == " " and place > max(least, 0.4 * most):
            ahead, behind = line[place - 1], line[place + 1 :]
            kind = 0 if behind.startswith(WORDS) else 1 if ahead == "," else 2
            kind += 2 * (ahead in "=<>+-*/?:&|")
            best = min(best, (depth, kind, -place, place))
    return best[3]


def chunks(text: str) -> Iterator[list[str]]:
    """What no page tears: functions, the parts of long ones; an empty line leads all but the first
    of a function's."""
    for place, function in enumerate(_functions(text.splitlines())):
        lead = [""] if place else []
        for part in _parts(function):
            yield lead + part
            lead = []


def _functions(rows: list[str]) -> Iterator[list[str]]:
    """The runs between empty lines that something at the margin follows."""
    made: list[str] = []
    for place, row in enumerate(rows):
        after = rows[place + 1] if place + 1 < len(rows) else ""
        if not row.strip() and made and after[:1].strip():
            yield made
            made = []
        else:
            made.append(row)
    if made:
        yield made


def _parts(rows: list[str]) -> Iterator[list[str]]:
    """A function, cut before comments of its first level where it is long."""
    while len(rows) > WHOLE:
        cuts = [k for k in range(REST, WHOLE) if _commented(rows[k]) and len(rows) - k >= REST]
        if not cuts:
            break
        yield rows[: cuts[-1]]
        rows = rows[cuts[-1] :]
    yield rows


def _commented(row: str) -> bool:
    return row.startswith(("    # ", "    /* "))
