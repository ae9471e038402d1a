"""The chains of a document read together: they share names, and one that fails stops no other.

Each side is read for itself.  What fails in the common scope is tried again with only the formulas
that it builds on, and then alone; what still fails is refused with its place and reason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sympy import Expr

from derive.errors import DeriveError
from derive.language import Index
from derive.reading.elaborate import Elaborator
from derive.reading.heads import head_of, name_of
from derive.reading.lines import Formula
from derive.reading.naming import Env
from derive.reading.parsing import parse
from derive.reading.reader import ROUNDS, Session, alike, axis_of, check_bare
from derive.reading.syntax import Chain, Scripted, Syntax, Terms, chain_of

MAX_SIDES = 200


@dataclass(frozen=True)
class Reading:
    """The sides of a formula as expressions, or why they were not understood.

    `head` says that the first side is a lone element that the second may define; `scope` tells
    formulas read together from those read apart.
    """

    formula: Formula
    sides: tuple[Expr | DeriveError, ...]
    head: bool
    axis: Index | None = None
    scope: int = 0


Shape = Terms | DeriveError


def read_together(formulas: Sequence[Formula]) -> list[Reading]:
    """A reading for every formula, in order."""
    shapes = [_shapes(f) for f in formulas]
    made = _read(formulas, shapes, range(len(formulas)))
    return [made[k] for k in range(len(formulas))]


def _shapes(formula: Formula) -> list[Shape]:
    """The shape of each side by itself."""
    if formula.piece.kind == "refused":
        return [DeriveError(formula.piece.reason)]
    return [_shape(side.text) for side in formula.sides[:MAX_SIDES]]


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


def _read(
    formulas: Sequence[Formula], shapes: list[list[Shape]], which: Sequence[int], scope: int = 0
) -> dict[int, Reading]:
    session = Session()
    jobs = {k: _job(formulas[k], shapes[k], k + 1, scope) for k in which}
    return _rounds(session, jobs)


def _rounds(
    session: Session, jobs: dict[int, Callable[[Elaborator], Reading]]
) -> dict[int, Reading]:
    """As `Session.read`, but that the failure of a side is kept with the side."""
    for _ in range(ROUNDS):
        before = session.names.knowledge()
        _round(session, jobs, False)
        if session.names.knowledge() == before:
            break
    session.names.ranges.settle({*session.names.bare, *session.names.arity})
    return _round(session, jobs, True)


def _round(
    session: Session, jobs: dict[int, Callable[[Elaborator], Reading]], final: bool
) -> dict[int, Reading]:
    reader = Elaborator(session.names)
    reader.final = final
    return {k: job(reader) for k, job in jobs.items()}


def _job(
    formula: Formula, shapes: list[Shape], block: int, scope: int
) -> Callable[[Elaborator], Reading]:
    terms = [s for s in shapes if not isinstance(s, DeriveError)]
    first = shapes[0]
    head = head_of(first) if not isinstance(first, DeriveError) and len(shapes) > 1 else None

    def job(reader: Elaborator) -> Reading:
        reader.block, reader.formula = block, (block, 0)
        axis, error = None, None
        if terms:
            try:
                axis = _axis(reader, terms, head, shapes)
            except DeriveError as found:
                error = found
        reader.bare_sums.clear()
        sides = tuple(
            error or _side(reader, s, (block, k), axis, head if k == 0 else None)
            for k, s in enumerate(shapes)
        )
        return Reading(formula, _bare(reader, sides), head is not None, axis, scope)

    return job


def _axis(
    reader: Elaborator, terms: list[Terms], head: Syntax | None, shapes: list[Shape]
) -> Index | None:
    """The common index of a chain of vectors; a bare head is a vector if its body is one."""
    body = shapes[1] if len(shapes) > 1 else None
    if head is not None and not isinstance(head, Scripted) and isinstance(body, Terms):
        key, vector = name_of(head).key, reader.vectorial(body)
        if not vector:
            reader.names.heads.add(key)
        reader.names.vector_heads[reader.names.resolve(key, head.place)] = vector
    chain = Chain(terms[0].place, tuple(terms))
    if not any(reader.vectorial(t) for t in terms):
        return None
    axis = axis_of(reader, chain)
    if head is None:
        alike(reader, chain)
    return axis


def _side(
    reader: Elaborator, shape: Shape, formula: object, axis: Index | None, head: Syntax | None
) -> Expr | DeriveError:
    if isinstance(shape, DeriveError):
        return shape
    reader.formula, reader.steps = formula, 0
    try:
        return reader.expr(shape if head is None else chain_of(head), Env(axis=axis))
    except DeriveError as error:
        return error
    except RecursionError:
        return DeriveError("nested too deeply; name the parts and write them apart", (1, 1))


def _bare(
    reader: Elaborator, sides: tuple[Expr | DeriveError, ...]
) -> tuple[Expr | DeriveError, ...]:
    """A sum without an index refuses the sides where its letter is free as well."""
    good = [s for s in sides if not isinstance(s, DeriveError)]
    try:
        check_bare(reader, good)
    except DeriveError as error:
        return tuple(error if not isinstance(s, DeriveError) else s for s in sides)
    return sides
