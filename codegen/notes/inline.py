"""Prose as spans: words, formulas, code, emphasis, references.

Chapters write formulas between dollars.  Sentences of the phrase files and the catalog are plain
text that a terminal can show; there formulas are recognised by how they are written:
σ′ = σ(1 − σ), log u.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from codegen.notes.formula import Row
from codegen.notes.formula_reader import read
from codegen.notes.vocabulary import fixed


@dataclass(frozen=True)
class Words:
    """Plain text."""

    text: str


@dataclass(frozen=True)
class Math:
    """A formula in the line."""

    made: Row
    latex: str


@dataclass(frozen=True)
class Code:
    """A name or a piece of a program."""

    text: str


@dataclass(frozen=True)
class Strong:
    """Words that matter, or that are being defined."""

    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Ref:
    """A reference to a numbered formula, derivation or picture by its label."""

    label: str


Span = Words | Math | Code | Strong | Ref
Spans = tuple[Span, ...]

MARKUP = re.compile(
    r"\*\*(?P<strong>[^*]+)\*\*|\$(?P<math>[^$]+)\$|`(?P<code>[^`]+)`|\{ref:(?P<ref>[^}]+)\}"
)
_LATIN = "A-Za-zÀ-ɏ"
_SYMBOL = rf"(?:(?:log|exp|tanh) )?(?:tanh(?=[′²])|[A-Za-z](?![{_LATIN}])|[α-ωΣ]|\d+(?:\.\d+)?)"
_ONE = rf"{_SYMBOL}(?:_[A-Za-z0-9]{{1,2}}|\^\d+|\^[A-Za-z]|[′²³])*"
_ARG = rf"{_ONE}(?:\({_ONE}\))?"
_CALL = rf"(?:\({_ARG}(?:\s*[=+−·/]\s*{_ARG})*\))*"
_TERM = rf"{_ONE}{_CALL}"
WRITTEN = re.compile(
    rf"(?<![{_LATIN}0-9_'-])(?:{_TERM})(?:\s*[=+−·/≠<>≤≥]\s*(?:{_TERM})|(?:{_TERM}))*"
    rf"(?![{_LATIN}0-9-])"
)
UNICODE = {
    "−": "-", "·": r"\cdot ", "≠": r"\ne ", "≤": r"\le ", "≥": r"\ge ", "Σ": r"\sum ", "′": "'",
    "²": "^2", "³": "^3",
    "σ": r"\sigma ", "δ": r"\delta ", "α": r"\alpha ", "β": r"\beta ", "γ": r"\gamma ",
    "ε": r"\varepsilon ", "τ": r"\tau ",
    "λ": r"\lambda ", "μ": r"\mu ", "π": r"\pi ", "ρ": r"\rho ", "θ": r"\theta ",
    "ω": r"\omega ", "φ": r"\phi ",
}  # fmt: skip
ARTICLES = ("a", "A", "I")


def marked_up(text: str) -> Spans:
    """Prose of a chapter: $formula$, `code`, **strong**, {ref:label}."""
    spans: list[Span] = []
    end = 0
    for found in MARKUP.finditer(text):
        spans += [Words(text[end : found.start()])] if found.start() > end else []
        spans.append(_marked(found))
        end = found.end()
    return tuple(spans + ([Words(text[end:])] if end < len(text) else []))


def _marked(found: re.Match[str]) -> Span:
    if found["math"] is not None:
        return formula(found["math"])
    if found["code"] is not None:
        return Code(found["code"])
    return Strong(marked_up(found["strong"])) if found["strong"] is not None else Ref(found["ref"])


def plain(text: str) -> Spans:
    """A sentence in plain text, its formulas recognised."""
    spans: list[Span] = []
    end = 0
    for found in WRITTEN.finditer(text):
        run = found[0].rstrip()
        if not is_formula(run):
            continue
        spans += [Words(text[end : found.start()])] if found.start() > end else []
        spans.append(formula(written_as_latex(run)))
        end = found.start() + len(run)
    return tuple(spans + ([Words(text[end:])] if end < len(text) else []))


FULL_WIDTH = {",": "，", ":": "：", ";": "；", "?": "？", "!": "！"}
_CJK = r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
_NARROW = re.compile(rf"(?<={_CJK})([,:;?!])\s*|([,:;?!])\s+(?={_CJK})")
_ROUND = re.compile(rf"\s*\(([^()]*{_CJK}[^()]*)\)\s*")


def led(words: str, spans: Spans) -> Spans:
    """Words that lead to spans; between a Chinese character and a formula stands a blank."""
    meets = re.search(rf"{_CJK}$", words) and spans and isinstance(spans[0], Math)
    return (Words(f"{words} " if meets else words), *spans)


def sentence(text: str, lang: str) -> Spans:
    """A sentence of the catalog or the phrases for a page in this language."""
    made = wide(text) if fixed(lang).full_width else text
    return marked_up(made) if "$" in made else plain(made)


def wide(text: str) -> str:
    """Punctuation beside Chinese characters at full width, as it is printed."""
    made = _NARROW.sub(lambda m: FULL_WIDTH[m[1] or m[2]], text)
    return _ROUND.sub(r"（\1）", made)


def is_formula(run: str) -> bool:
    """Whether a run of symbols is a formula rather than an article or a mere number."""
    return run not in ARTICLES and not re.fullmatch(r"[\d.]+", run)


def written_as_latex(run: str) -> str:
    """σ′ = σ(1 − σ) → \\sigma' = \\sigma (1 - \\sigma )."""
    run = re.sub(r"\b(log|exp|tanh)(?=[ ′²])", r"\\\1", run)
    run = re.sub(r"([_^])(\d\d+|[A-Za-z]{2})", r"\1{\2}", run)
    return "".join(UNICODE.get(c, c) for c in run).strip()


def formula(latex: str) -> Math:
    """A formula span; one that the notes cannot draw is refused."""
    return Math(read(latex), latex)
