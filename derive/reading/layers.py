"""What a document says of layer l, said of layer l + 1 and of the last layer L as well.

z^{(l)} = W^{(l)} a^{(l-1)} defines z^{(l+1)} too: where the document writes it, the definition is
written out again with the layers moved on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from derive.reading.lines import EQUAL, Formula

_NAME = r"(?:\\(?:mathbf|boldsymbol|bm|vec)\s*\{?\s*)?\\?[A-Za-z]+\s*\}?"
_SUB = r"(?:_\s*(?:\{[^{}]*\}|[A-Za-z0-9]))?"
_LAYER = (
    r"\^\s*(?:\{\s*(?P<open>[(\[]?)\s*(?P<letter>[lL])\s*(?P<shift>[+-]\s*\d)?\s*[)\]]?\s*\}"
    r"|(?P<bare>[lL])(?![A-Za-z]))"
)
_USE = re.compile(rf"(?P<name>{_NAME})\s*{_SUB}\s*{_LAYER}")
_HEAD = re.compile(rf"\s*(?P<name>{_NAME})\s*{_SUB}\s*{_LAYER}\s*{_SUB}\s*")
_SCRIPT = re.compile(_LAYER)
_SUMMED = re.compile(r"\\(?:sum|prod)\s*_\s*\{?\s*l(?![A-Za-z])")
Layer = tuple[str, str, int]


def implied(formulas: Sequence[Formula]) -> list[Formula]:
    """The definitions of layers that the document uses and defines for layer l only."""
    texts = [s.text for f in formulas for s in f.sides]
    if any(_SUMMED.search(t) for t in texts):
        return []
    heads: dict[str, tuple[int, Formula]] = {}
    defined = set[Layer]()
    for formula in formulas:
        found = _HEAD.fullmatch(formula.sides[0].text)
        if found and formula.relations and formula.relations[0] in EQUAL:
            name, letter, shift = _layer(found)
            defined.add((name, letter, shift))
            if letter == "l":
                heads.setdefault(name, (shift, formula))
    used = dict.fromkeys(_layer(m) for t in texts for m in _USE.finditer(t))
    return list(_moved(heads, [u for u in used if u not in defined]))


def _moved(heads: dict[str, tuple[int, Formula]], used: Sequence[Layer]) -> Iterator[Formula]:
    for name, letter, shift in used:
        start, formula = heads.get(name, (0, None))
        if formula is not None and (letter == "L" or shift > start):
            sides = [replace(s, text=_put(s.text, letter, shift - start))
                     for s in formula.sides[:2]]  # fmt: skip
            piece = replace(formula.piece, kind="implied")
            yield replace(formula, piece=piece, sides=sides, relations=["="], said=[], after="")


def _layer(found: re.Match[str]) -> Layer:
    """(name, letter, shift) of z^{(l+1)}."""
    name = re.sub(r"\\(?:mathbf|boldsymbol|bm|vec)(?![A-Za-z])|[\s{}]", "", found["name"])
    return name, found["letter"] or found["bare"], int((found["shift"] or "0").replace(" ", ""))


def _put(text: str, letter: str, by: int) -> str:
    """The text with every layer l moved on."""

    def change(found: re.Match[str]) -> str:
        if (found["letter"] or found["bare"]) != "l":
            return found[0]
        shift = int((found["shift"] or "0").replace(" ", "")) + by
        open_ = found["open"] or ""
        close = {"(": ")", "[": "]"}.get(open_, "")
        return f"^{{{open_}{letter}{f'{shift:+d}' if shift else ''}{close}}}"

    return _SCRIPT.sub(change, text)
