"""An author's own commands: \\newcommand, \\def and \\DeclareMathOperator, expanded within bounds.

A macro is text put in place of text, before anything is read; nothing of it is run.  What it makes
keeps the place where it was called.  A macro that calls itself is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from derive.errors import DeriveError

MAX_BODY = 2_000
MAX_MACROS = 500
MAX_CALLS = 400
MAX_MADE = 40_000
MAX_DEPTH = 12

Place = tuple[int, int]


@dataclass(frozen=True)
class Macro:
    """`\\name` with `parameters` arguments stands for `body`, where #1 is the first argument.

    `default` is the optional first argument; `problem` says why the macro cannot be expanded.
    """

    name: str
    parameters: int
    body: str
    default: str | None = None
    problem: str = ""


Macros = Mapping[str, Macro]
NO_MACROS: Macros = {}
_NAMED = r"\s*(?:\{\s*\\(?P<braced>[A-Za-z]+)\s*\}|\\(?P<plain>[A-Za-z]+))\s*"
_COMMAND = re.compile(
    rf"\\(?:re|provide)?(?:new)?command\*?{_NAMED}(?:\[(?P<count>\d)\]\s*)?"
    r"(?:\[(?P<default>[^\]\n]{0,100})\]\s*)?(?=\{)"
)
_DEF = re.compile(r"\\(?:def|gdef|edef)\s*\\(?P<plain>[A-Za-z]+)(?P<pattern>[^{\n]{0,40})(?=\{)")
_OPERATOR = re.compile(rf"\\DeclareMathOperator(?P<star>\*?){_NAMED}(?=\{{)")
_ANY = re.compile(
    r"\\(?:(?:re)?newcommand|providecommand|def|gdef|edef|DeclareMathOperator)(?![A-Za-z])"
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_OPTION = re.compile(r"\s*\[([^\]\n]{0,200})\]")
_ARGUMENT = re.compile(r"\s*(?:(?=\{)|(\\[A-Za-z]+|\\.|[^\s{}]))")
_PLAIN_PATTERN = re.compile(r"\s*(?:#\d\s*)*")


def defined(texts: Iterable[str]) -> dict[str, Macro]:
    """The macros that the texts define; a later definition of a name takes the place of the
    first."""
    made: dict[str, Macro] = {}
    for text in texts:
        for match in _ANY.finditer(text):
            found = _macro(text, match.start())
            if found is not None and len(made) < MAX_MACROS:
                made[found[0].name] = found[0]
    return made


def without(text: str) -> str:
    """The text with its definitions of macros blanked, so that all else keeps its place."""
    at = 0
    while (match := _ANY.search(text, at)) is not None:
        found = _macro(text, match.start())
        at = match.end() if found is None else found[1]
        if found is not None:
            blank = re.sub(r"[^\n]", " ", text[match.start() : at])
            text = text[: match.start()] + blank + text[at:]
    return text


def _macro(text: str, at: int) -> tuple[Macro, int] | None:
    """The macro defined here and where its definition ends."""
    for shape, make in ((_COMMAND, _command), (_DEF, _def), (_OPERATOR, _operator)):
        match = shape.match(text, at)
        group = _group(text, match.end()) if match else None
        if match and group:
            return make(match, group[0]), group[1]
    return None


def _command(match: re.Match[str], body: str) -> Macro:
    name = match["braced"] or match["plain"]
    return _made(name, int(match["count"] or 0), body, match["default"])


def _def(match: re.Match[str], body: str) -> Macro:
    pattern = match["pattern"]
    problem = "" if _PLAIN_PATTERN.fullmatch(pattern) else "its arguments are delimited"
    return _made(match["plain"], pattern.count("#"), body, None, problem)


def _operator(match: re.Match[str], body: str) -> Macro:
    return _made(match["braced"] or match["plain"], 0, rf"\operatorname{{{body}}}", None)


def _made(name: str, count: int, body: str, default: str | None, problem: str = "") -> Macro:
    if len(body) > MAX_BODY:
        problem = f"it has more than {MAX_BODY} characters"
    return Macro(name, count, body, default, problem)


def _group(text: str, at: int) -> tuple[str, int] | None:
    """The inside of the braces that open here, and the position behind them."""
    depth = 0
    for match in _BRACE.finditer(text, at):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return text[at + 1 : match.start()], match.end()
    return None


class Expander:
    """Expands the macros of one formula; what it may make is counted, so that no text explodes."""

    def __init__(self, macros: Macros):
        self.macros = macros
        self.calls = self.made = 0

    def call(
        self, name: str, text: str, at: int, here: Place, within: tuple[str, ...]
    ) -> tuple[str, int]:
        """The text that \\name stands for, and where its arguments end."""
        macro = self.macros[name]
        if macro.problem:
            raise DeriveError(f"\\{name} cannot be expanded: {macro.problem}; write it out", here)
        if name in within:
            raise DeriveError(f"\\{name} is defined by way of itself; write it out", here)
        arguments, end = _arguments(macro, text, at, here)
        body = re.sub(r"#(\d)", lambda m: _argument(macro, arguments, int(m[1]), here), macro.body)
        self.calls, self.made = self.calls + 1, self.made + len(body)
        if self.calls > MAX_CALLS or self.made > MAX_MADE or len(within) >= MAX_DEPTH:
            raise DeriveError(
                f"\\{name} expands into too much: at most {MAX_CALLS} macros, {MAX_DEPTH} deep, "
                f"and {MAX_MADE} characters for a formula",
                here,
            )
        return body, end


def _arguments(macro: Macro, text: str, at: int, here: Place) -> tuple[list[str], int]:
    """The arguments that stand behind the name, and where they end."""
    made: list[str] = []
    if macro.default is not None:
        option = _OPTION.match(text, at)
        made.append(option[1] if option else macro.default)
        at = option.end() if option else at
    while len(made) < macro.parameters:
        match = _ARGUMENT.match(text, at)
        group = _group(text, match.end()) if match and match[1] is None else None
        if match is None or (match[1] is None and group is None):
            raise DeriveError(
                f"\\{macro.name} needs {macro.parameters} arguments; write them in braces", here
            )
        argument, at = group or (match[1], match.end())
        made.append(argument)
    return made, at


def _argument(macro: Macro, arguments: list[str], number: int, here: Place) -> str:
    if not 1 <= number <= len(arguments):
        raise DeriveError(
            f"\\{macro.name} has no argument #{number}; define it with more arguments", here
        )
    return arguments[number - 1]
