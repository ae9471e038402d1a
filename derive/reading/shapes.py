"""The shape of each side of a formula, or why it has none."""

from __future__ import annotations

from derive.errors import DeriveError
from derive.reading.conventions import spread
from derive.reading.lines import Formula
from derive.reading.parsing import parse
from derive.reading.syntax import Terms

MAX_SIDES = 200
Shape = Terms | DeriveError


def shapes_of(formula: Formula) -> list[Shape]:
    """The shape of each side by itself."""
    if formula.piece.kind == "refused":
        return [DeriveError(formula.piece.reason)]
    made: list[Shape] = []
    for _ in range(min(len(formula.sides), MAX_SIDES)):
        shape = _shape(formula.sides[len(made)].text)
        members: list[Shape] = [shape] if isinstance(shape, DeriveError) else [*spread(shape)]
        here = len(made)
        formula.sides[here : here + 1] = [formula.sides[here]] * len(members)
        formula.relations[here:here] = ["="] * (len(members) - 1)
        made += members
    return made


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
