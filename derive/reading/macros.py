"""The author's own commands (\\newcommand, \\def, \\DeclareMathOperator), put in where they stand.

Line ends stay where they are, and every line remembers which of its columns came from where.  A
command inside its own expansion is left as it stands; what all expansions together may add is
bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from derive.reading.commands import COMMANDS
from derive.reading.grouping import blank, group_end

MOST_ADDED = 400_000
MOST_EACH = 4_000
MOST_MACROS = 500
MAX_NESTED = 12
_COMMAND = re.compile(r"\\([A-Za-z]+)")
_DEFINITION = re.compile(
    r"""\\(?:(?:re|provide)?newcommand|providecommand|DeclareRobustCommand)\*?\s*
        (?:\{\s*\\(?P<braced>[A-Za-z]+)\s*\}|\\(?P<plain>[A-Za-z]+))
        \s*(?:\[(?P<count>\d)\])?\s*(?:\[(?P<default>[^\[\]]{0,200})\])?\s*(?=\{)
    |\\def\s*\\(?P<primitive>[A-Za-z]+)\s*(?P<parameters>(?:\#\d)*)\s*(?=\{)
    |\\DeclareMathOperator(?P<star>\*?)\s*
        (?:\{\s*\\(?P<operator>[A-Za-z]+)\s*\}|\\(?P<bare>[A-Za-z]+))\s*(?=\{)""",
    re.VERBOSE,
)
_BLANKS = re.compile(r"\s*")
_PARAMETER = re.compile(r"#(\d)")
_KEPT = frozenset(["begin", "end", "left", "right", "input", "include"])


@dataclass(frozen=True)
class Macro:
    """A command with `count` arguments; the first may be left out if there is a default.

    `forms` are the bodies of a command that goes by the number of groups behind it.
    """

    body: str = ""
    count: int = 0
    default: str | None = None
    forms: Mapping[int, str] = field(default_factory=dict)


def _quotients(sign: str) -> Macro:
    """\\pdv{x}, \\pdv{f}{x} and \\pdv{f}{x}{y} of the physics package."""
    return Macro(forms={
        1: rf"\frac{{{sign}}}{{{sign} #1}}", 2: rf"\frac{{{sign} #1}}{{{sign} #2}}",
        3: rf"\frac{{{sign}^2 #1}}{{{sign} #2 {sign} #3}}",
    })  # fmt: skip


USUAL: Mapping[str, Macro] = {
    "pdv": _quotients(r"\partial"), "dv": _quotients("d"),
    "norm": Macro(forms={1: r"\left\|#1\right\|"}),
}  # fmt: skip


@dataclass
class Columns:
    """For each expanded line, in order: (from this column on, the column in the file, fixed).

    Within an expansion every column is that of its command (`fixed`).
    """

    shifts: dict[int, list[tuple[int, int, bool]]] = field(default_factory=dict)

    def add(self, line: int, start: int, origin: int, fixed: bool) -> None:
        """From column `start` of a line on, the text comes from column `origin`."""
        self.shifts.setdefault(line, []).append((start, origin, fixed))

    def origin(self, line: int, column: int) -> int:
        """The column in the file of a column of the expanded text."""
        made = column
        for start, origin, fixed in self.shifts.get(line, ()):
            if column >= start:
                made = origin if fixed else origin + column - start
        return made


def macros(text: str) -> dict[str, Macro]:
    """The commands that a document defines, by name; the last definition counts."""
    found = list(_definitions(text))
    return {name: macro for name, macro, _, _ in found if macro is not None}


def _definitions(text: str) -> Iterator[tuple[str, Macro | None, int, int]]:
    """(name, macro, start, end); what the reader knows under this name already is no macro."""
    for match in islice(_DEFINITION.finditer(text), MOST_MACROS):
        end = group_end(text, match.end())
        if end == match.end():
            continue
        body = " ".join(text[match.end() + 1 : end - 1].split("\n"))
        name = next(n for n in match.group("braced", "plain", "primitive", "operator", "bare") if n)
        if match["operator"] or match["bare"]:
            body = rf"\operatorname{{{body}}}"
        count = int(match["count"] or len(match["parameters"] or "") // 2)
        ours = (match["operator"] or match["bare"]) and name in COMMANDS
        known = name in _KEPT or ours
        macro = None if known else Macro(body, count, match["default"])
        yield name, macro, match.start(), end


def expanded(text: str, known: Mapping[str, Macro]) -> tuple[str, Columns]:
    """The text with all commands in `known` put in, their definitions painted over."""
    parts, at = [], 0
    for _, _, start, end in _definitions(text):
        parts += [text[at:start], blank(text[start:end])] if start >= at else []
        at = max(at, end)
    plain = "".join([*parts, text[at:]])
    return _Expansion(plain, known).run() if known else (plain, Columns())


class _Expansion:
    """Goes through a text once; what a command becomes is expanded before it is put in."""

    def __init__(self, text: str, known: Mapping[str, Macro]):
        self.text, self.known = text, known
        self.made: list[str] = []
        self.columns = Columns()
        self.line, self.start_old, self.length, self.left = 1, 0, 0, MOST_ADDED

    def run(self) -> tuple[str, Columns]:
        """The expanded text, and where its columns come from."""
        at = 0
        while (match := _COMMAND.search(self.text, at)) is not None:
            self._put(self.text[at : match.start()], match.start())
            at = match.end()
            if match[1] not in self.known:
                self._put(match[0], at)
                continue
            made, at = _applied(self.text, match, self.known, frozenset())
            self.left -= len(made)
            if self.left < 0:
                made = match[0]
            self._put(made.replace("\n", " "), match.start(), True)
            self._put("\n" * self.text[match.start() : at].count("\n"), at)
            self._shift(at)
        self._put(self.text[at:], len(self.text))
        return "".join(self.made), self.columns

    def _put(self, part: str, old_end: int, within: bool = False) -> None:
        self.made.append(part)
        if within:
            self.columns.add(self.line, self.length + 1, old_end - self.start_old + 1, True)
        lines = part.count("\n")
        if lines:
            self.line += lines
            self.start_old = self.text.rfind("\n", 0, old_end) + 1
            self.length = len(part) - part.rfind("\n") - 1
        else:
            self.length += len(part)

    def _shift(self, old: int) -> None:
        """What follows comes from `old` on again."""
        self.columns.add(self.line, self.length + 1, old - self.start_old + 1, False)


def _applied(
    text: str, match: re.Match[str], known: Mapping[str, Macro], within: frozenset[str]
) -> tuple[str, int]:
    """What a command and its arguments become, and where the arguments end."""
    macro, at = known[match[1]], match.end()
    given: list[str] = []
    while macro.forms and text[at : at + 1] == "{" and len(given) < max(macro.forms):
        argument, at = _argument(text, at, None)
        given.append(argument)
    if macro.forms and len(given) not in macro.forms:
        return match[0], match.end()
    for number in range(macro.count):
        argument, at = _argument(text, at, macro.default if number == 0 else None)
        given.append(argument)
    body = macro.forms.get(len(given), macro.body)
    body = _PARAMETER.sub(lambda m: _chosen(given, int(m[1])), body)
    made = _nested(body, known, within | {match[1]})
    ends_in_letter = re.search(r"\\[A-Za-z]+$", made) and text[at : at + 1].isalpha()
    return (made + " " if ends_in_letter else made), at


def _chosen(given: list[str], number: int) -> str:
    return given[number - 1] if 0 < number <= len(given) else ""


def _nested(body: str, known: Mapping[str, Macro], within: frozenset[str]) -> str:
    """The body with further commands put in; one that is being expanded stays."""
    made, at = [], 0
    while (match := _COMMAND.search(body, at)) is not None:
        made.append(body[at : match.start()])
        at = match.end()
        deep = match[1] in within or len(within) > MAX_NESTED
        if match[1] not in known or deep or sum(map(len, made)) > MOST_EACH:
            made.append(match[0])
        else:
            part, at = _applied(body, match, known, within)
            made.append(part)
    return "".join([*made, body[at:]])


def _argument(text: str, at: int, default: str | None) -> tuple[str, int]:
    """One argument: a group, a command or a single character; [an optional one] may be missing."""
    start = _BLANKS.match(text, at).end()  # type: ignore[union-attr]  # it matches anywhere
    if default is not None:
        end = text.find("]", start, start + 200) if text[start : start + 1] == "[" else -1
        return (text[start + 1 : end], end + 1) if end > 0 else (default, at)
    if text[start : start + 1] == "{":
        end = group_end(text, start)
        return (text[start + 1 : end - 1], end) if end > start else ("", start)
    command = _COMMAND.match(text, start)
    end = command.end() if command else min(start + 1, len(text))
    return text[start:end], end
