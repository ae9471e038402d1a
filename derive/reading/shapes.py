"""The shape of each side of a formula, or why it has none."""

from __future__ import annotations

import re

from derive.errors import DeriveError
from derive.reading.conventions import spread
from derive.reading.lines import Formula
from derive.reading.parsing import parse
from derive.reading.syntax import Terms

MAX_SIDES = 1000
_SLOPE = re.compile(r"\s*(?P<name>\\sigma|\\tanh)\s*(?:'|\^\s*\{?\\prime\s*\}?)\s*")
_OF = r"(\zeta)"  # a letter for any number
Shape = Terms | DeriveError


def shapes_of(formula: Formula) -> list[Shape]:
    """The shape of each side by itself; the side behind the last that is read says why."""
    if formula.piece.kind == "refused":
        return [DeriveError(formula.piece.reason)]
    made: list[Shape] = []
    texts = _applied([s.text for s in formula.sides])
    for _ in range(min(len(formula.sides), MAX_SIDES)):
        shape = _shape(texts.pop(0))
        members: list[Shape] = [shape] if isinstance(shape, DeriveError) else [*spread(shape)]
        here = len(made)
        formula.sides[here : here + 1] = [formula.sides[here]] * len(members)
        formula.relations[here:here] = ["="] * (len(members) - 1)
        made += members
    if texts:
        made.append(DeriveError(f"a chain of more than {MAX_SIDES} sides; split it", (1, 1)))
    return made


def _applied(texts: list[str]) -> list[str]:
    """In σ' = σ(1 - σ), where no other letter stands, σ is σ of anything: σ(x)(1 - σ(x))."""
    found = _SLOPE.fullmatch(texts[0])
    bare = re.compile(rf"{re.escape(found['name'])}(?![A-Za-z])") if found else None
    letters = bare and re.sub(r"\\(?:left|right)(?![A-Za-z])", "", bare.sub("", " ".join(texts)))
    if bare is None or not found or re.search(r"[A-Za-z]", letters or ""):
        return texts
    rest = [bare.sub(lambda _: f"({found['name']}{_OF})", t) for t in texts[1:]]
    return [texts[0].strip() + _OF, *rest]


def _shape(text: str) -> Shape:
    try:
        chain = parse(text)
    except DeriveError as error:
        return error
    except RecursionError:
        return DeriveError("nested too deeply; name the parts and write them apart", (1, 1))
    if chain.relations:
        return DeriveError("a relation stands inside this expression", chain.relation_places[0])
    return chain.exprs[0]
