"""A display made plain: what only arranges it (alignment, tags, braces under terms) is painted
over."""

from __future__ import annotations

import re
from collections.abc import Callable

from derive.reading.commands import COMMANDS
from derive.reading.documents import DISPLAYS
from derive.reading.grouping import blank, group_end

_SHELLS = "|".join((*DISPLAYS, "array", "matrix", "subequations", "small", "center"))
_SHELL = re.compile(rf"\\(?P<side>begin|end)\s*\{{(?P<name>{_SHELLS})\*?\}}")
_OPTION = re.compile(r"\s*(?:\[[^\]\n]{0,20}\]|\{[^{}\n]{0,40}\})")
_SYSTEM = re.compile(r"(?:\\left\s*)?\\(?:\{|lbrace)\s*$")
_DROPPED = re.compile(
    r"\\(?:tag\*?|label|hspace\*?|vspace\*?|phantom|hphantom|vphantom|eqref|ref|cite|footnote)\s*(?=\{)"
    r"|\\(?:displaystyle|hfill|hline|mathstrut|strut|boxed|underbrace|overbrace|underline|cancel"
    r"|bcancel|allowbreak|noindent|par|mathop|mathord|mathrel|mathbin|mathopen|mathclose|boldmath)"
    r"(?![A-Za-z])"
)
_WITH_GROUP = re.compile(r"\\(?:tag|label|[hv]space|phantom|[hv]phantom|eqref|ref|cite|footnote)")
_COLUMN = re.compile(
    r"\\begin\s*\{(?P<name>[pb]matrix)\}(?P<body>(?:[^&\\\n]|\\\\|\\(?!begin|end)[a-z]){1,200}?)"
    r"\\end\s*\{(?P=name)\}"
)
_STACKED = re.compile(r"\\(?:stackrel|overset|underset)\s*(?=\{)")
_SIGN = re.compile(r"\{(?P<sign>[^{}]{1,20})\}")
_BRACED = re.compile(r"\\(?:under|over)brace")


def painted(text: str) -> str:
    """The same characters at the same places, arrangement blanked out."""
    for step in (_columns, _remarks, _commented, _coloured, _shells, _dropped, _stacked, _aligned):
        text = step(text)
    return text


_REMARK = re.compile(
    r"[(\[]\s*(?=\\because(?![a-z])|∵"
    r"|\\(?:text|textrm|mbox|mathrm)\s*\{[^{}]{0,200}\}\s*[)\]])"
)
_COMMENTED = re.compile(r"(?:&&|\\qquad)\s*\\(?P<name>[A-Za-z]+)\s*(?=\{)")
_ROW_END = re.compile(r"[\s.,;]*(?:\\\\|\\end\s*\{|\\(?:nonumber|notag|label|tag)(?![a-z])|$)")
_ARGUMENT = re.compile(r"\s*\{")
_COLOURED = re.compile(
    r"(?P<outer>\{\s*)?\\(?:color|textcolor|colorbox)\s*\{[^{}\n]{0,40}\}\s*(?P<inner>\{)?"
    r"|\\math(?:bin|rel|ord|op|inner)\s*(?P<class>\{)"
)


def _columns(text: str) -> str:
    """A column in brackets is a list of its parts: (w; b)."""

    def change(match: re.Match[str]) -> str:
        body = match["body"].replace("\\\\", "; ")
        return f"({' ' * (match.start('body') - match.start() - 1)}{body}" + ")".rjust(
            match.end() - match.end("body")
        )

    return _COLUMN.sub(change, text)


def _remarks(text: str) -> str:
    """(\\because \\sum_i y_i = 1) and (\\text{chain rule}) behind a row."""

    def change(made: str, match: re.Match[str]) -> str:
        ahead = made[: match.start()].rstrip()
        spaced = re.search(r"(?:\\q?quad|&|\\[;,:]|\\hspace\s*\{[^{}]*\}|\\hfill)$", ahead)
        depth = 0
        for at in range(match.start(), min(len(made), match.start() + 400)):
            depth += (made[at] in "([") - (made[at] in ")]")
            if depth == 0:
                return _paint(made, match.start(), at + 1) if spaced else made
        return made

    return _rewrite(text, _REMARK, change)


def _commented(text: str) -> str:
    """A remark beside a row in a box or a macro of the author's own: && \\parbox{...}{...}."""

    def change(made: str, match: re.Match[str]) -> str:
        known = match["name"] in COMMANDS or match["name"] in ("begin", "boxed", "underbrace")
        end = start = match.end()
        while (argument := _ARGUMENT.match(made, start)) is not None:
            end = group_end(made, argument.end() - 1)
            if end < argument.end():  # never closed
                break
            start = end
        ends = _ROW_END.match(made, end) is not None
        return made if known or not ends else _paint(made, match.start(), end)

    return _rewrite(text, _COMMENTED, change)


def _coloured(text: str) -> str:
    """Colours and \\mathbin: what they enclose stays, without braces that nobody sees."""

    def change(made: str, match: re.Match[str]) -> str:
        opening = "class" if match["class"] else "inner"
        closes = [group_end(made, match.start(opening)) - 1] if match[opening] else []
        start = match.end("outer") if match["outer"] else match.start()
        before = made[max(0, match.start() - 30) : match.start()]
        argument = re.search(r"(?:[\^_}]|\\[A-Za-z]+)$", before)
        if match["outer"] and not argument:
            start = match.start()
            closes.append(group_end(made, start) - 1)
        for close in closes:
            if close > match.start():
                made = _paint(made, close, close + 1)
        return _paint(made, start, match.end())

    return _rewrite(text, _COLOURED, change)


_ALIGNED = re.compile(r"\\(?P<side>begin|end)\s*\{|(?<!\\)(?:\\\\)*&")


def _aligned(text: str) -> str:
    """The & of an alignment; those of a case distinction stay."""
    depth, made = 0, list(text)
    for match in _ALIGNED.finditer(text):
        if match["side"]:
            depth += 1 if match["side"] == "begin" else -1
        elif depth <= 0:
            made[match.end() - 1] = " "
    return "".join(made)


def _paint(text: str, start: int, end: int, put: str = "") -> str:
    return text[:start] + put + blank(text[start + len(put) : end]) + text[end:]


def _rewrite(
    text: str, pattern: re.Pattern[str], change: Callable[[str, re.Match[str]], str]
) -> str:
    at = 0
    while (match := pattern.search(text, at)) is not None:
        text = change(text, match)
        at = match.start() + 1
    return text


def _shells(text: str) -> str:
    """\\begin{aligned}, \\begin{array}{rcl} and their ends; `= \\{ array` is a case distinction."""
    open_: list[str] = []

    def change(made: str, match: re.Match[str]) -> str:
        if match["side"] == "end":
            kept = open_.pop() if open_ else ""
            if kept == "keep":
                return made
            put = r"\end{cases}" if kept == "cases" else ""
            return _paint(made, match.start(), match.end(), put)
        before = made[: match.start()]
        brace = _SYSTEM.search(before[-40:])
        bracketed = re.search(r"(?:[\[(|]|\\\|)\s*$", before[-10:])
        if (match["name"] == "array" and bracketed) or (match["name"] == "matrix" and not brace):
            open_.append("keep")
            return made
        option = _OPTION.match(made, match.end()) if match["name"] in ("array", "alignat") else None
        start = match.start() - len(brace[0]) if brace else match.start()
        is_cases = brace is not None and made[:start].rstrip().endswith("=")
        open_.append("cases" if is_cases else "shell")
        end = option.end() if option else match.end()
        return _paint(made, start, end, r"\begin{cases}" if is_cases else "")

    return _rewrite(text, _SHELL, change)


def _dropped(text: str) -> str:
    """Tags and labels with their argument; \\boxed and \\underbrace without it, and what a brace
    says."""

    def change(made: str, match: re.Match[str]) -> str:
        end = match.end()
        if _WITH_GROUP.match(match[0]):
            return _paint(made, match.start(), group_end(made, end))
        if _BRACED.match(match[0]):
            close = group_end(made, _skip(made, end))
            note = re.compile(r"\s*[_^]\s*(?=\{)").match(made, close)
            if note:
                made = _paint(made, close, group_end(made, note.end()))
        return _paint(made, match.start(), end)

    return _rewrite(text, _DROPPED, change)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _stacked(text: str) -> str:
    """\\stackrel{(a)}{=} is the sign below."""

    def change(made: str, match: re.Match[str]) -> str:
        end = group_end(made, match.end())
        sign = _SIGN.match(made, end)
        if sign:
            made = made[: sign.start()] + " " + sign["sign"] + " " + made[sign.end() :]
        return _paint(made, match.start(), end)

    return _rewrite(text, _STACKED, change)
