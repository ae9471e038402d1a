"""A document as people write it, taken apart: headings, prose and formulas, each with its place.

Nothing is cut out of the source: what is not part of a piece is painted over with blanks, so that
every place in a piece is a place in the file.  No other file is ever opened: `\\input` is prose.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from derive.errors import DeriveError
from derive.reading.grouping import blank
from derive.reading.layout import unlaid
from derive.reading.macros import USUAL, Columns, expanded, macros

MAX_DOCUMENT = 2_000_000
MAX_INLINE = 4_000
DISPLAYS = (
    "equation", "align", "aligned", "alignat", "gather", "gathered", "multline", "eqnarray",
    "split", "displaymath", "math", "flalign", "dmath",
)  # fmt: skip
_ENV = "|".join(DISPLAYS)
_OPEN = re.compile(
    rf"""(?P<escaped>\\\\(?!\[|\()|\\[$%&\#_])
    |(?P<dollars>\$\$)|(?P<dollar>\$`?)
    |(?P<bracket>\\\\?\[)|(?P<paren>\\\\?\()
    |(?P<env>\\begin\s*\{{(?P<name>(?:{_ENV})\*?)\}})""",
    re.VERBOSE,
)
_HEADING = re.compile(
    r"^[ \t]*(?:#{1,6}[ \t]+.*|\\(?:chapter|(?:sub)*section|(?:sub)?paragraph)\*?\s*\{.*"
    r"|-{3,}[ \t]*|\*{3,}[ \t]*|_{3,}[ \t]*|\\(?:hrule(?:fill)?|newpage|clearpage)\b.*"
    r"|\\begin\s*\{(?:example|exercise|problem|question)s?\*?\}.*"
    r"|[ \t*_>]*(?:\\(?:textbf|item|noindent|bf|textit|emph)\s*\{?\s*)?"
    r"(?:(?:Example|Exercise|Problem|Question)[ \t]*(?:[(（]?[\dA-Z][\d.]*(?![A-Za-z])|[.:]|$)"
    r"|(?:例题?|习题|练习|问题|题目?)[ \t]*[(（]?(?:[\d一二三四五六七八九十]|[:：.]|$)).*)$",
    re.MULTILINE,
)
_FENCE = re.compile(r"[ \t]*(?P<tick>`{3,}|~{3,})(?P<lang>[^`]*)")
_VERBATIM = re.compile(r"\\begin\{(verbatim|lstlisting|minted|tikzpicture|figure|tabular)(\*?)\}")
_COMMENT = re.compile(r"(?<!\\)(?:\\\\)*%[^\n]*")
_REMARK = re.compile(r"<!--.*?-->", re.DOTALL)
_NARROW = {code: code - 0xFEE0 for code in range(0xFF03, 0xFF5F)} | {0x3000: " "}
for _kept in "，；：（）？．":  # the prose's own punctuation
    _NARROW.pop(ord(_kept))
_CODE = re.compile(r"(?<![`$])`[^`\n$]*`(?!`)")


@dataclass(frozen=True)
class Piece:
    """A stretch of the document: kind is "heading", "prose", "inline", "display" or "refused".

    `line` and `column` (from 1) are where its first character stands; a refused piece holds the
    reason.
    """

    kind: str
    text: str
    line: int
    column: int
    cell: int | None = None
    reason: str = ""


@dataclass(frozen=True)
class Document:
    """The pieces of a document in order; columns by cell (None where there are no cells)."""

    pieces: tuple[Piece, ...]
    columns: Mapping[int | None, Columns]

    def column(self, cell: int | None, line: int, column: int) -> int:
        """The column in the file of a column of a piece, before the author's commands were put
        in."""
        return self.columns[cell].origin(line, column) if cell in self.columns else column


def document(text: str, kind: str = "md") -> Document:
    """A document taken apart; `kind` is "tex", "md" or "ipynb".

    Raises DeriveError for a notebook that is not JSON and a document over 2,000,000 characters.
    """
    if len(text) > MAX_DOCUMENT:
        raise DeriveError(
            f"the document has {len(text)} characters; split it: at most {MAX_DOCUMENT} are read"
        )
    text = unlaid(text.translate(_NARROW))
    cells = dict(_notebook(text)) if kind == "ipynb" else {None: _prepared(text, kind)}
    known = dict(USUAL)
    for source in cells.values():
        known |= macros(source)
    made = {cell: expanded(source, known) for cell, source in cells.items()}
    found = (replace(p, cell=cell) for cell, (source, _) in made.items() for p in _pieces(source))
    return Document(tuple(found), {cell: columns for cell, (_, columns) in made.items()})


def _notebook(text: str) -> Iterator[tuple[int | None, str]]:
    """The Markdown cells, prepared; lines are counted within the cell, and the cell is named."""
    try:
        cells = json.loads(text)["cells"]
        sources = [(c["cell_type"], c["source"]) for c in cells]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise DeriveError(f"this is not a Jupyter notebook: {type(error).__name__}") from None
    for at, (kind, source) in enumerate(sources, 1):
        joined = "".join(map(str, source)) if isinstance(source, list) else str(source)
        if kind == "markdown":
            yield at, _prepared(joined, "md")


def _prepared(text: str, kind: str) -> str:
    """Comments and code painted over; fences of mathematics become displays."""
    if kind == "tex":
        return _COMMENT.sub(lambda m: blank(m[0]), _without_verbatim(text))
    text = "\n".join(_fenced(text.split("\n")))
    text = _REMARK.sub(lambda m: blank(m[0]), text) if "<!--" in text else text
    return _CODE.sub(lambda m: blank(m[0]), text) if "`" in text else text


def _without_verbatim(text: str) -> str:
    """The text with listings, figures and tables painted over."""
    made, at = [], 0
    while (match := _VERBATIM.search(text, at)) is not None:
        end = text.find(f"\\end{{{match[1]}{match[2]}}}", match.end())
        end = len(text) if end < 0 else end
        made += [text[at : match.start()], blank(text[match.start() : end])]
        at = end
    return "".join([*made, text[at:]])


def _fenced(lines: list[str]) -> Iterator[str]:
    """Fenced blocks line by line: a block of mathematics becomes a display, others are code."""
    tick, shown = "", False
    for line in lines:
        match = _FENCE.fullmatch(line)
        if not tick and match:
            tick = match["tick"]
            shown = match["lang"].strip().lower() in ("math", "latex", "tex")
            yield "$$" + " " * (len(line) - 2) if shown else blank(line)
        elif tick and match and match["tick"].startswith(tick) and not match["lang"].strip():
            yield "$$" + " " * (len(line) - 2) if shown else blank(line)
            tick = ""
        else:
            yield blank(line) if tick and not shown else line


def _pieces(text: str) -> Iterator[Piece]:
    if not _OPEN.search(text) and re.search(r"[\\_^].*=|=.*[\\_^]", text):
        text_pieces: Iterator[tuple[str, int, int, str]] = _bare(text)
    else:
        text_pieces = _split(text)
    starts = [0, *(m.end() for m in re.finditer("\n", text))]
    line = 0
    for kind, start, end, reason in text_pieces:
        while line + 1 < len(starts) and starts[line + 1] <= start:
            line += 1
        yield Piece(kind, text[start:end], line + 1, start - starts[line] + 1, None, reason)


def _bare(text: str) -> Iterator[tuple[str, int, int, str]]:
    """A text without any mathematics signs that holds formulas: each paragraph is one display."""
    for match in re.finditer(r"[^\n]+(?:\n[^\n]+)*", text):
        yield "display", match.start(), match.end(), ""


def _split(text: str) -> Iterator[tuple[str, int, int, str]]:
    at = 0
    for start, inner, inner_end, end, kind, reason in _formulas(text):
        yield from _prose(text, at, start)
        yield kind, inner, inner_end, reason
        at = end
    yield from _prose(text, at, len(text))


def _prose(text: str, start: int, end: int) -> Iterator[tuple[str, int, int, str]]:
    at = start
    for match in _HEADING.finditer(text, start, end):
        if at < match.start():
            yield "prose", at, match.start(), ""
        yield "heading", match.start(), match.end(), ""
        at = match.end()
    if at < end:
        yield "prose", at, end, ""


def _formulas(text: str) -> Iterator[tuple[int, int, int, int, str, str]]:
    """(start, inner start, inner end, end, kind, reason) of every formula."""
    at = 0
    open_ended: set[str] = set()
    shut = 0
    while (match := _OPEN.search(text, at)) is not None:
        at = match.end()
        if match["escaped"] or match[0] in open_ended:
            continue
        if match["paren"] and shut <= match.end():
            shut = text.find(match[0].replace("(", ")"), match.end())
            shut = len(text) if shut < 0 else shut
        if match["paren"] and shut > match.end() + MAX_INLINE:
            continue
        close = _closing(text, match)
        if close is None:
            open_ended |= set() if match["dollar"] or match["paren"] else {match[0]}
            if match["dollars"] or match["env"]:
                reason = f"{match[0]!r} is not closed"
                yield match.start(), match.start(), match.end(), match.end(), "refused", reason
            continue
        at = close.end()
        if text[match.end() : close.start()].strip():
            kind = "inline" if match["dollar"] or match["paren"] else "display"
            yield match.start(), match.end(), close.start(), close.end(), kind, ""


def _closing(text: str, match: re.Match[str]) -> re.Match[str] | None:
    """Where a formula ends; an inline one ends before the next blank line, 4,000 characters on."""
    if match["env"]:
        pattern = r"\\end\s*\{" + re.escape(match["name"]) + r"\}"
    elif match["dollars"]:
        pattern = r"(?<!\\)\$\$"
    elif match["dollar"]:
        pattern = r"`\$" if match[0].endswith("`") else r"(?<!\\)\$"
    else:
        pattern = r"\\{1,2}" + (r"\]" if match["bracket"] else r"\)")
    end = len(text)
    if match["dollar"] or match["paren"]:
        end = min(end, match.end() + MAX_INLINE)
        blank_line = re.compile(r"\n[ \t]*\n").search(text, match.end(), end)
        end = blank_line.start() if blank_line else end
    return re.compile(pattern).search(text, match.end(), end)
