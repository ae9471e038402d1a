"""Our own fragments as the checker reads them: the commands that lay lines out are painted over.

What `codegen.backends.latex_chain` prints becomes an aligned chain of the same length, so that
every place in it is still a place in the file.
"""

from __future__ import annotations

import re

_COMMANDS = re.compile(r"\\providecolor\{lossmithchange\}.*?^\\fi$", re.DOTALL | re.MULTILINE)
_BREAKS = re.compile(r"\\lossmith(?:break|inner|cut)\b")
_FIT = re.compile(r"\\lossmithfit(?=\{)")
_CALL = re.compile(r"\\(?:begin\{lossmithsteps\}|lossmithstep|lossmithformula)(?=\{)")
_ARGUMENTS = {r"\lossmithstep": 3}


def unlaid(text: str) -> str:
    """The text with our layout painted over; any other text as it is."""
    if r"\lossmithformula" not in text:
        return text
    text = _COMMANDS.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    text = _BREAKS.sub(lambda m: " " * len(m[0]), text)
    text = text.replace(r"\lossmithfrac", r"\frac".ljust(len(r"\lossmithfrac")))
    text = text.replace(r"\nobreak", " " * len(r"\nobreak"))
    made = list(text)
    for fit in _FIT.finditer(text):
        braces = _braces(text, fit.end(), 1)
        for place in (*range(*fit.span()), *(place for pair in braces for place in pair)):
            made[place] = " "
    for call in _CALL.finditer(text):
        _paint(made, text, call)
    return "".join(made).replace(r"\end{lossmithsteps}", r"\end{flalign*}".ljust(19))


def _paint(made: list[str], text: str, call: re.Match[str]) -> None:
    """A step becomes `& = line \\\\`, a start the start of the alignment, a formula itself."""
    braces = _braces(text, call.end(), _ARGUMENTS.get(call[0], 1))
    if not braces:
        return
    for place in (place for pair in braces for place in pair):
        made[place] = " "
    opened = {r"\lossmithstep": "&", r"\lossmithformula": ""}.get(call[0], r"\begin{flalign*}")
    made[call.start() : call.end()] = opened.ljust(len(call[0]))
    if len(braces) == 3:
        start, end = braces[2]
        made[start - 1 : start + 1] = r"\\"
        made[start + 1 : end] = " " * (end - start - 1)


def _braces(text: str, at: int, count: int) -> list[tuple[int, int]]:
    """Where the braces of so many arguments stand; nothing if one is not closed."""
    found = []
    for _ in range(count):
        start, depth = at, 0
        while at < len(text) and (depth or at == start):
            depth += {"{": 1, "}": -1}.get(text[at], 0) if text[at - 1] != "\\" else 0
            at += 1
        if depth or at == start:
            return []
        found.append((start, at - 1))
    return found
