"""The chains of a document read together: they share names, and one that fails stops no other.

Each side is read for itself.  What fails in the common scope is tried again with only the formulas
that it builds on, and then alone; what still fails is refused with its place and reason.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

from sympy import Expr

from derive.errors import DeriveError
from derive.reading.conventions import by_count, meant
from derive.reading.defined import Meaning, head_with_arguments, note_functions, renamed
from derive.reading.elaborate import Elaborator
from derive.reading.environment import Env
from derive.reading.heads import head_of, name_of, note_head
from derive.reading.inference import note_rows
from derive.reading.introduced import varied
from derive.reading.lines import EQUAL, Formula
from derive.reading.reader import Session, alike, axes_of, check_bare
from derive.reading.scope import Head, Scope, private
from derive.reading.shapes import Shape
from derive.reading.spaces import note_spaces
from derive.reading.syntax import Chain, Name, Scripted, Syntax, Terms, chain_of, names_in, sole

_CLASH = re.compile(r"(?:^|: )(\S+) has \d+ indices here and \d+ elsewhere")
MAX_RETRIES = 60


@dataclass(frozen=True)
class Reading:
    """The sides of a formula as expressions, or why they were not understood.

    `unbounded` are the ranges that no bound of the document names.  `head` says that the first
    side is a lone element that the second may define.  A formula that was read apart from the
    document has the formulas read with it in `others`, by their numbers; `apart` says that
    something it builds on may be missing there, `clash` why the document refused it.
    `functional` says that the first equality is f(x) = ..., the definition of a function,
    `laid_out` that a matrix ∂p/∂z stands in it.
    """

    formula: Formula
    sides: tuple[Expr | DeriveError, ...]
    head: bool
    others: tuple[tuple[int, Reading], ...] = ()
    apart: bool = False
    unbounded: frozenset[str] = frozenset()
    clash: DeriveError | None = None
    functional: bool = False
    laid_out: bool = False

    @property
    def errors(self) -> int:
        """How many sides were not understood."""
        return sum(isinstance(s, DeriveError) for s in self.sides)


@dataclass(frozen=True)
class Said:
    """What a document says around its formulas: letters that the words call sizes, x ∈ ℝ^d, and
    whose rows those of ∂p/∂z are (which no document says: one tries both)."""

    counted: frozenset[str] = frozenset()
    spaces: Sequence[tuple[Scripted | Name, Chain]] = ()
    layout: str = "numerator"


def read_together(
    formulas: Sequence[Formula],
    written: Sequence[list[Shape]],
    said: Said = Said(),
) -> list[Reading]:
    """A reading for every formula, in order, whose sides have the shapes `written`."""
    shapes = list(written)
    with suppress(RecursionError):
        shapes, spaces = meant(shapes, said.spaces)
        said = replace(said, spaces=spaces)
    made, shapes = _all(formulas, shapes, said)
    used = [names_in(s) for s in shapes]
    heads = [head_key(s) for s in shapes]
    read = lru_cache(lambda which: _read(formulas, shapes, which, said))
    for k in [k for k, r in made.items() if r.errors > _unshaped(shapes[k])][:MAX_RETRIES]:
        for which, apart in _narrower(k, formulas, used, heads):
            again = read(tuple(which))
            if again[k].errors < made[k].errors:
                others = tuple((n, again[n]) for n in which if n != k)
                clash = next(s for s in made[k].sides if isinstance(s, DeriveError))
                clash = made[k].clash or clash
                made[k] = replace(again[k], others=others, apart=apart, clash=clash)
            if made[k].errors == _unshaped(shapes[k]):
                break
    return [made[k] for k in range(len(formulas))]


def _all(
    formulas: Sequence[Formula], shapes: list[list[Shape]], said: Said
) -> tuple[dict[int, Reading], list[list[Shape]]]:
    """All formulas read at once, with y_{nk} as a name beside y_k where that lets more be read."""
    made = _read(formulas, shapes, range(len(formulas)), said)
    clashing = {m[1] for r in made.values() for s in r.sides if (m := _CLASH.search(str(s)))}
    if not clashing:
        return made, shapes
    split = [[by_count(s, clashing) if isinstance(s, Terms) else s for s in row] for row in shapes]
    again = _read(formulas, split, range(len(formulas)), said)
    better = sum(r.errors for r in again.values()) < sum(r.errors for r in made.values())
    return (again, split) if better else (made, shapes)


def _unshaped(shapes: list[Shape]) -> int:
    return sum(isinstance(s, DeriveError) for s in shapes)


def _narrower(
    k: int, formulas: Sequence[Formula], used: list[set[str]], heads: list[str]
) -> Iterator[tuple[list[int], bool]]:
    """Smaller sets of formulas to read one with: its section, what it builds on, nothing."""
    section = [n for n, f in enumerate(formulas) if f.section == formulas[k].section]
    if len(section) < len(formulas):
        yield (
            section,
            any(heads[n] in used[k] for n in range(len(formulas)) if heads[n] and n not in section),
        )
    needed, names = {k}, set(used[k])
    for n in [*range(k - 1, -1, -1), *range(k + 1, len(formulas))]:
        if heads[n] and heads[n] in names and heads[n] not in {heads[m] for m in needed}:
            needed.add(n)
            names |= used[n]
    if len(needed) < len(formulas):
        yield sorted(needed), False
    yield [k], len(needed) > 1


def head_key(shapes: Sequence[Shape]) -> str:
    """The name that stands alone ahead of an equality."""
    first = shapes[0]
    head = head_of(first) if not isinstance(first, DeriveError) and len(shapes) > 1 else None
    return name_of(head).key if head is not None else ""


def _read(
    formulas: Sequence[Formula],
    shapes: list[list[Shape]],
    which: Sequence[int],
    said: Said,
) -> dict[int, Reading]:
    session = Session(Scope(wrt=varied(formulas), layout=said.layout))
    note_spaces(session.names, said.spaces)
    meanings = [m for k in which if (m := _meaning(formulas[k], shapes[k])) is not None]
    known = [s for k in which for s in shapes[k] if not isinstance(s, DeriveError)]
    note_rows(session.names, known)
    for meaning in reversed(meanings):
        session.names.called[meaning.head.name.key] = tuple(p.key for p in meaning.head.parameters)
    made = note_functions(session.names, meanings, known, strict=False)
    left = list(made)
    own = {k: _own(shapes[k], left) for k in which}
    first = sorted(which, key=lambda k: own[k] is shapes[k])  # what x is in f(x) = w^T x
    jobs = {k: _job(formulas[k], own[k], k + 1, own[k] is not shapes[k]) for k in first}
    return _rounds(session, jobs, said.counted)


def _own(shapes: list[Shape], functions: list[Head]) -> list[Shape]:
    """The chain that defines f(x) and nothing else: x is a name of its own there."""
    first = shapes[0]
    head = head_with_arguments(first) if isinstance(first, Terms) else None
    if head is None or head not in functions or len(shapes) < 2:
        return shapes
    functions.remove(head)  # what says it again claims it
    keys = {p.key: private(head, p.key) for p in head.parameters}
    return [s if isinstance(s, DeriveError) else renamed(s, keys) for s in shapes]


def _meaning(formula: Formula, shapes: list[Shape]) -> Meaning | None:
    """f(x) = … at the start of a chain."""
    if len(shapes) < 2 or formula.relations[0] not in EQUAL:
        return None
    left, body = shapes[:2]
    head = head_with_arguments(left) if isinstance(left, Terms) else None
    if head is None and len(shapes) > 2 and isinstance(left, Terms):  # y = f(x) = ...
        lone = isinstance(sole(left), Name) and isinstance(body, Terms)
        head = head_with_arguments(body) if lone and isinstance(body, Terms) else None
        body = shapes[2]
    return Meaning(head, body) if head is not None and isinstance(body, Terms) else None


def _rounds(
    session: Session,
    jobs: dict[int, Callable[[Elaborator], Reading]],
    counted: frozenset[str],
) -> dict[int, Reading]:
    """As `Session.read`, but that the failure of a side is kept with the side."""
    names = session.names
    session.learn(lambda: _round(session, jobs, False))
    if session.count(counted & names.bare.keys()):
        session.learn(lambda: _round(session, jobs, False))
    open_ = names.ranges.unnamed()
    names.ranges.settle({*names.bare, *names.arity})
    unbounded = frozenset(names.ranges.name(k) for k in open_)
    made = _round(session, jobs, True)
    return {k: replace(r, unbounded=unbounded) for k, r in made.items()}


def _round(
    session: Session, jobs: dict[int, Callable[[Elaborator], Reading]], final: bool
) -> dict[int, Reading]:
    reader = Elaborator(session.names)
    reader.final = final
    return {k: job(reader) for k, job in jobs.items()}


def _job(
    formula: Formula, shapes: list[Shape], block: int, functional: bool
) -> Callable[[Elaborator], Reading]:
    terms = [s for s in shapes if not isinstance(s, DeriveError)]
    first = shapes[0]
    heads = not isinstance(first, DeriveError) and len(shapes) > 1 and not functional
    own_head = head_of(first) if heads and isinstance(first, Terms) else None
    call = head_with_arguments(first) if isinstance(first, Terms) else None

    def job(reader: Elaborator) -> Reading:
        reader.block, reader.formula = block, (block, 0)
        head = None if call is not None and _applies(reader, call) else own_head
        env, error = Env(), None
        try:
            env = _axes(reader, terms, head, shapes) if terms else env
        except DeriveError as found:
            error = found
        reader.bare_sums.clear()
        reader.laid_out = False
        given = (((block, k), s) for k, s in enumerate(shapes))
        sides = tuple(error or _side(reader, s, at, env, head, at[1] == 0) for at, s in given)
        sides, met = _bare(reader, sides), reader.laid_out
        return Reading(formula, sides, head is not None, functional=functional, laid_out=met)

    return job


def _applies(reader: Elaborator, call: Head) -> bool:
    """Whether f(x) ahead of an equality is a known function applied, and defines nothing."""
    return call.name.key in reader.names.functions and call.name.key not in reader.names.heads


def _axes(reader: Elaborator, terms: list[Terms], head: Syntax | None, shapes: list[Shape]) -> Env:
    """The common indices of a chain of vectors; a bare head is a vector if its body is one."""
    body = shapes[1] if len(shapes) > 1 else None
    if head is not None and not isinstance(head, Scripted) and isinstance(body, Terms):
        note_head(reader, head, body)
    return axes_of(reader, Chain(terms[0].place, tuple(terms)))


def _side(
    reader: Elaborator,
    shape: Shape,
    formula: object,
    env: Env,
    head: Syntax | None,
    first: bool,
) -> Expr | DeriveError:
    if isinstance(shape, DeriveError):
        return shape
    reader.formula, reader.steps = formula, 0
    try:
        if head is None and env.places:
            alike(reader, shape, len(env.places))
        return reader.expr(chain_of(head) if head is not None and first else shape, env)
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
