"""What stands between row ends, commas, arrows, wide spaces and words of a display."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.reading.grouping import group_end


@dataclass(frozen=True)
class Segment:
    """What stands between two separators: where, what went before, its relations."""

    start: int
    end: int
    separator: str
    relations: tuple[tuple[str, int, int], ...]
    words: str = ""


_TEXT = (
    r"\\(?:text|textrm|textbf|textit|mbox|mathrm|operatorname|textsf|textnormal|hbox|intertext)\*?"
)
_SCAN = re.compile(
    rf"""(?P<skip>\\[{{}}|]|\\left\s*\.|\\right\s*\.|\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])\s*(?P<fence>(?!\\[lr]{{2}}bracket)\\?.)?)
    |(?P<row>\\\\\*?(?:\s*\[[^\]\n]{{0,20}}\])?|\\newline|\\cr(?![a-z]))
    |(?P<text>{_TEXT}\s*(?=\{{))
    |(?P<arrow>\\(?:Rightarrow|Longrightarrow|implies|therefore|because|iff|Leftrightarrow
        |Longleftrightarrow|rightarrow|to|longrightarrow|leadsto|quad\s*\\to)(?![A-Za-z])|⇒|∴|∵|→|⟹)
    |(?P<wide>\\q?quad(?![A-Za-z]))
    |(?P<approx>\\(?:approx|sim|propto|simeq|cong|overset\s*!)(?![A-Za-z])|≈|∝)
    |(?P<relation>:=|=:|=|\\(?:equiv|coloneqq|eqqcolon|triangleq|doteq|ne|neq|le|leq|ge|geq|lt|gt|in
        |leqslant|geqslant|ll|gg|leftarrow|gets)(?![A-Za-z])|\\not\s*=|[<>≤≥≠∈≡←])
    |(?P<environment>\\(?P<side>begin|end)\s*\{{[^}}\n]*\}})
    |(?P<open>[{{(\[（]|\\llbracket)|(?P<close>[}})\]）]|\\rrbracket)
    |(?P<command>\\[A-Za-z]+|\\.)
    |(?P<comma>[,，;；。、])|(?P<colon>[:：])""",
    re.VERBOSE | re.DOTALL,
)
_EQUALS = frozenset(["=", "\\equiv", "\\coloneqq", "\\triangleq", "\\doteq", "≡"])
_KEPT_WORD = re.compile(r"\s*[A-Za-z][A-Za-z _\-]*\s*")
STOP_WORDS = frozenset(
    ["if", "for", "when", "where", "and", "with", "since", "so", "let", "then", "hence", "thus",
     "otherwise", "because", "by", "or", "as", "else", "which", "we", "is", "the", "a", "of", "in",
     "to", "all", "any", "case", "cases", "not", "using", "use", "given", "from"]
)  # fmt: skip


def segments(text: str) -> Iterator[Segment]:
    """The text between row ends, commas, arrows, wide spaces and words that stand outside all
    brackets."""
    scan = _Scan(text)
    yield from scan.run()


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.depth = self.inside = 0
        self.start, self.separator, self.words = 0, "row", ""
        self.relations: list[tuple[str, int, int]] = []

    def run(self) -> Iterator[Segment]:
        at = 0
        while (match := _SCAN.search(self.text, at)) is not None:
            at = match.end()
            kind = match.lastgroup or ""
            if kind == "fence":
                kind = "skip"
            if kind in ("side", "environment"):
                self.inside += 1 if match["side"] == "begin" else -1
            elif kind == "skip":
                self._fenced(match)
            elif kind in ("open", "close"):
                self.depth = max(0, self.depth + (1 if kind == "open" else -1))
            elif self.depth == 0 and self.inside <= 0:
                made, at = self._top(match, kind, at)
                if made is not None:
                    yield made
            elif kind == "text":
                at = group_end(self.text, match.end())
        yield self._cut(len(self.text), len(self.text), "end")

    def _fenced(self, match: re.Match[str]) -> None:
        """\\left( and \\right) count as brackets, whatever stands behind them."""
        if match[0].startswith(("\\left", "\\big", "\\Big")) and match["fence"]:
            sign = match["fence"][-1]
            self.depth += 1 if sign in "([{" else -1 if sign in ")]}" and self.depth else 0
        elif match[0].startswith("\\right") and match["fence"]:
            sign = match["fence"][-1]
            self.depth = max(0, self.depth - (sign in ")]}"))
        elif match[0] in ("\\{", "\\}"):
            self.depth = max(0, self.depth + (1 if match[0] == "\\{" else -1))

    def _top(self, match: re.Match[str], kind: str, at: int) -> tuple[Segment | None, int]:
        if kind == "relation":
            sign = match[0]
            relation = ":=" if sign in (":=", "\\coloneqq", "\\triangleq") else sign
            relation = "=:" if sign in ("=:", "\\eqqcolon") else relation
            relation = "=" if sign in _EQUALS and relation != ":=" else relation
            self.relations.append((relation, match.start(), match.end()))
            return None, at
        if kind == "approx":
            self.relations.append((match[0], match.start(), match.end()))
            return None, at
        if kind == "text":
            return self._word(match)
        if kind in ("row", "arrow", "comma", "colon", "wide"):
            return self._cut(match.start(), match.end(), kind), at
        return None, at

    def _word(self, match: re.Match[str]) -> tuple[Segment | None, int]:
        """\\text{if} is prose; \\text{softmax}(z) and \\mathrm{Loss} are part of the formula."""
        end = group_end(self.text, match.end())
        inner = self.text[match.end() + 1 : max(end - 1, match.end() + 1)]
        known = _KEPT_WORD.fullmatch(inner) and inner.strip().lower() not in STOP_WORDS
        stands = re.match(r"\s*[(_^=&\[\\]|\s*$", self.text[end : end + 12])
        if known and " " not in inner.strip() and stands and "intertext" not in match[0]:
            return None, end
        if end <= match.end():
            return None, match.end()
        made = self._cut(match.start(), end, "text")
        self.words = inner
        return made, end

    def _cut(self, end: int, after: int, separator: str) -> Segment:
        made = Segment(self.start, end, self.separator, tuple(self.relations), self.words)
        self.start, self.separator, self.relations, self.words = after, separator, [], ""
        return made
