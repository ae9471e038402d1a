"""A formula's characters as tokens that carry their place; everything hostile is refused here.

A person's text is data (law 8): the limits below bound time and memory before any parsing starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lark import Token
from lark.lexer import Lexer

from derive.errors import DeriveError
from derive.notation_style import GREEK
from derive.reading.commands import (
    COMMANDS,
    CONDITION_WORDS,
    FUNCTION_WORDS,
    ONLY_AS_COMMAND,
    SKIPPED,
    SYMBOLS,
    VALUES,
    WORD_COMMANDS,
)

MAX_LENGTH = 20_000
MAX_NESTING = 60
MAX_DIGITS = 30
OPENS_TEST = r"\llbracket"

Place = tuple[int, int]

_LETTERS = {letter: name for name, letter in GREEK.items()}
_PAIRS = {
    "OPEN": "CLOSE", "ROUND": "ROUND_END", "SQUARE": "SQUARE_END", "CURLY": "CURLY_END",
    "BAR": "BAR_END",
    "NORM": "NORM_END", "ANGLE": "ANGLE_END", "CASES": "CASES_END",
}  # fmt: skip
_BEFORE_OPENING = frozenset(
    [
        "PLUS",
        "MINUS",
        "SLASH",
        "TIMES",
        "EQUALS",
        "COMPARE",
        "DIFFERS",
        "IN",
        "SIM",
        "SUB",
        "SUP",
        "OPEN",
        "ROUND",
        "SQUARE",
        "CURLY",
        "BAR",
        "NORM",
        "ANGLE",
        "COMMA",
        "AMP",
        "ROW",
        "CASES",
        "FUNCTION",
        "BIG",
        "FRAC",
    ]
)
_WORD = "|".join(
    sorted((w for w in FUNCTION_WORDS if w not in ONLY_AS_COMMAND), key=len, reverse=True)
)
_STAR = r"(?:\*|\\(?:ast|star)(?![A-Za-z]))"
_SCAN = re.compile(
    rf"""(?P<space>(?:\s|~|\\[,;:!>\ ]|\\(?:left|right)\s*\.|%[^\n]*)+)
    |(?P<one>\\(?:mathbb|mathbf|mathds|mathbbm|bm|boldsymbol)\s*(?:\{{\s*[1I]\s*\}}|1))
    |(?P<set>\\mathbb\s*\{{?\s*[RNZ]\s*\}}?)
    |(?P<expect>\\(?:mathbb|mathds)\s*(?:\{{\s*E\s*\}}|E(?![A-Za-z])))
    |(?P<env>\\(?:begin|end)\s*\{{[^}}\n]{{0,40}}\}})
    |(?P<color>\\color\s*\{{[^}}\n]{{0,40}}\}}|\\textcolor\s*\{{[^}}\n]{{0,40}}\}})
    |(?P<star>(?<=\^)\s*(?:\{{\s*{_STAR}\s*\}}|{_STAR}))
    |(?P<word>\\(?:{"|".join(WORD_COMMANDS)})\*?(?![A-Za-z])
        \s*(?:\{{(?P<inner>[^{{}}\\$]*(?:\\[_,;:!\ ][^{{}}\\$]*)*)\}}|(?P<letter>[A-Za-z])))
    |(?P<command>\\[A-Za-z]+)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<function>(?:{_WORD})(?![A-Za-z])|(?:ln|log)(?=[A-Za-z](?![A-Za-z])))
    |(?P<name>[A-Za-z{"".join(_LETTERS)}])
    |(?P<symbol>:=|!=|\.\.\.|\\[{{}}|\\]|[^\s\w]|_)""",
    re.VERBOSE,
)


class Ready(Lexer):
    """The lexer handed to lark, which is given the tokens themselves (see `tokens`)."""

    def __init__(self, conf: Any = None) -> None:
        self.conf = conf

    def lex(self, data: Any) -> Iterator[Token]:  # type: ignore[override]  # lark's interface for custom lexers
        return iter(data)


def tokens(latex: str) -> list[Token]:
    """All tokens of a formula, brackets and bars paired.

    Raises DeriveError, with its place, for input that is too long or too deeply nested, and for
    characters and commands outside the language.
    """
    if len(latex) > MAX_LENGTH:
        raise DeriveError(
            f"the formula has {len(latex)} characters; split it: at most {MAX_LENGTH} are read"
        )
    made: list[Token] = []
    for token in _scanned(latex):
        if token.type == "NUMBER" and made and _splits(made, token):
            made += [Token.new_borrow_pos("NUMBER", digit, token) for digit in token]
        else:
            made.append(token)
    return _paired(_trimmed(made))


def place(token: Token) -> Place:
    """Line and column of a token, both from 1."""
    return (token.line or 1, token.column or 1)


def _splits(made: list[Token], token: Token) -> bool:
    """Whether TeX takes the digits one by one: \\frac12."""
    return made[-1].type == "FRAC" and len(token) == 2 and token.isdigit()


def _scanned(latex: str) -> Iterator[Token]:
    line, start, at = 1, 0, 0
    while at < len(latex):
        here = line, at - start + 1
        match = _matched(latex, at, here)
        kind, value = _classify(match, here)
        if match[0] == OPENS_TEST:
            yield Token("ONE", "1", start_pos=at, line=here[0], column=here[1])
        if kind:
            yield Token(kind, value, start_pos=at, line=here[0], column=here[1])
        breaks = latex.count("\n", at, match.end())
        if breaks:
            line, start = line + breaks, latex.rindex("\n", at, match.end()) + 1
        at = match.end()


def _matched(latex: str, at: int, here: Place) -> re.Match[str]:
    match = _SCAN.match(latex, at)
    if match is None:
        raise DeriveError(f"the character {latex[at]!r} is not part of a formula; remove it", here)
    return match


def _classify(match: re.Match[str], here: Place) -> tuple[str, str]:
    """Token type and value of what was scanned; an empty type is dropped."""
    kind, written = match.lastgroup or "", match[0]
    if match["word"]:
        return _word(
            match["letter"] or re.sub(r"\\[,;:!\ ]", " ", match["inner"].replace(r"\_", "_"))
        )
    if kind == "command":
        return _command(written[1:], here)
    if kind == "number":
        if len(written) > MAX_DIGITS:
            raise DeriveError(
                f"a number of {len(written)} digits; at most {MAX_DIGITS} are read", here
            )
        return "NUMBER", written
    if kind == "name":
        return ("GREEK", _LETTERS[written]) if written in _LETTERS else ("LETTER", written)
    if kind == "env":
        return _environment(written, here)
    if kind == "symbol":
        return _symbol(written, here)
    return {"function": ("FUNCTION", FUNCTION_WORDS.get(written, "")), "one": ("ONE", "1"),
            "star": ("WORD", "star"),
            "set": ("SET", re.sub(r"[^RNZ]", "", written)),
            "expect": ("EXPECT", "E")}.get(kind, ("", ""))  # fmt: skip


def _word(inner: str) -> tuple[str, str]:
    bare = re.sub(r"[-_\s~]", "", inner)
    if bare in FUNCTION_WORDS:
        return "FUNCTION", FUNCTION_WORDS[bare]
    if not inner.strip():
        return "", ""
    if re.fullmatch(r"\s*[A-Za-z]\s*", inner):
        return "LETTER", inner.strip()
    plain = re.fullmatch(r"[A-Za-z][A-Za-z_]*", inner)
    return ("TEXT" if not plain or inner in CONDITION_WORDS else "WORD"), inner.strip()


def _command(name: str, here: Place) -> tuple[str, str]:
    if name in SKIPPED:
        return "", ""
    if name not in COMMANDS:
        raise DeriveError(
            f"\\{name} is not understood here; write it with sums, functions and indices", here
        )
    return COMMANDS[name]


def _symbol(written: str, here: Place) -> tuple[str, str]:
    if written == ";":
        return "COMMA", ";"
    if written == ".":
        return "DOT", "times"
    if written not in SYMBOLS:
        raise DeriveError(f"{written!r} is not understood in a formula; remove it", here)
    return SYMBOLS[written], VALUES.get(written, written)


def _environment(written: str, here: Place) -> tuple[str, str]:
    name = written[written.index("{") + 1 : -1].strip()
    if name not in ("cases", "dcases"):
        raise DeriveError(
            f"the environment {name!r} is not a formula; give its lines one by one", here
        )
    return ("CASES" if written.startswith(r"\begin") else "CASES_END"), name


def _trimmed(made: list[Token]) -> list[Token]:
    """Punctuation at the end is prose; a period between factors is a product sign."""
    while made and made[-1].type in ("DOT", "COMMA", "ROW"):
        made.pop()
    ends = ("ROW", "CASES_END")
    made = [t for t, after in zip(made, [*made[1:], None], strict=False)
            if not (after and after.type in ends and t.type in ("COMMA", "DOT"))]  # fmt: skip
    return [Token.new_borrow_pos("TIMES", "times", t) if t.type == "DOT" else t for t in made]


def _paired(made: list[Token]) -> list[Token]:
    """Give each bare bar its side, and refuse what is nested too deeply or closed wrongly."""
    open_: list[Token] = []
    paired: list[Token] = []
    given = _given(made)
    for at, token in enumerate(made):
        if at in given:
            if paired[-1].type != "COMMA":
                paired.append(Token.new_borrow_pos("COMMA", "|", token))
            continue
        if token.type in ("BARE_BAR", "BARE_NORM"):
            token = _sided(token, open_, paired)
        if token.type in _PAIRS:
            open_.append(token)
        elif token.type in _PAIRS.values():
            _close(token, open_)
        if len(open_) > MAX_NESTING:
            deep = f"nested more than {MAX_NESTING} deep; name the parts and write them apart"
            raise DeriveError(deep, place(token))
        paired.append(token)
    if open_:
        sign = str(open_[-1]) or open_[-1].type.lower()
        raise DeriveError(f"{sign!r} is not closed", place(open_[-1]))
    return paired


def _given(made: list[Token]) -> set[int]:
    """The bars of p(y | x) and D(p ‖ q): the only ones in their parentheses, behind a term."""
    found: set[int] = set()
    open_: list[list[int]] = [[]]
    for at, token in enumerate(made):
        if token.type in _PAIRS:
            open_.append([])
        elif token.type in _PAIRS.values() and len(open_) > 1:
            bars = open_.pop()
            lone = bars and bars[-1] - bars[0] == len(bars) - 1 <= 1
            if token.type == "ROUND_END" and lone and made[bars[0] - 1].type not in _BEFORE_OPENING:
                found |= {*bars}
        elif token.type in ("BARE_BAR", "BARE_NORM"):
            open_[-1].append(at)
    return found


def _sided(token: Token, open_: list[Token], before: list[Token]) -> Token:
    kind = token.type.removeprefix("BARE_")
    starts = not before or before[-1].type in _BEFORE_OPENING
    closes = bool(open_) and open_[-1].type == kind and not starts
    return Token.new_borrow_pos(f"{kind}_END" if closes else kind, str(token), token)


def _close(token: Token, open_: list[Token]) -> None:
    if not open_ or _PAIRS[open_[-1].type] != token.type:
        against = (
            f"; {str(open_[-1])!r} at column {open_[-1].column} is still open" if open_ else ""
        )
        raise DeriveError(
            f"{str(token) or token.type.lower()!r} closes nothing{against}", place(token)
        )
    open_.pop()
