"""The way in: LaTeX to expressions and equations, by a declared scope or by inference.

`read_expression` and `read_equation` read one formula; `Session` reads several that share their
names, as a statement or a document does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sympy import Expr

from derive.errors import DeriveError
from derive.language import Index
from derive.reading.elaborate import SIZE_LETTERS, Elaborator
from derive.reading.naming import Env, unused
from derive.reading.parsing import parse
from derive.reading.scope import Names, Scope
from derive.reading.syntax import Chain, Name, Number, sole
from derive.reading.tokens import Place
from derive.terms import free_indices

ROUNDS = 8
T = TypeVar("T")
Job = Callable[[Elaborator], T]


@dataclass(frozen=True)
class Equation:
    """A chain a = b = c: its sides, the relations between them, and where each side stands.

    `axis` is the index that was put in when the sides were vectors (p - y becomes p_i - y_i).
    """

    sides: tuple[Expr, ...]
    relations: tuple[str, ...]
    places: tuple[Place, ...]
    axis: Index | None = None


class Session:
    """Formulas that share their names.  They are read together, until no reading teaches anything
    new."""

    def __init__(self, scope: Scope | None = None):
        self.names = Names(scope or Scope())

    def read(self, jobs: Sequence[Job[T]]) -> list[T]:
        """The results of the jobs, once every name and range is known.

        Raises DeriveError from any job, and for a range whose size is used but not named.
        """
        try:
            for _ in range(ROUNDS):
                before = self.names.knowledge()
                self._round(jobs)
                if self.names.knowledge() == before:
                    break
            self._settle()
            return self._round(jobs, final=True)
        except RecursionError:
            raise DeriveError(
                "nested too deeply; name the parts and write them apart", (1, 1)
            ) from None

    def _round(self, jobs: Sequence[Job[T]], final: bool = False) -> list[T]:
        reader = Elaborator(self.names)
        reader.final = final
        made = []
        for at, job in enumerate(jobs):
            reader.formula, reader.steps = at, 0
            made.append(job(reader))
        return made

    def _settle(self) -> None:
        """Name the ranges that no bound has named."""
        sizes = sorted(set(self.names.bare) & SIZE_LETTERS)
        if self.names.ranges.unnamed() and sizes:
            letter = sizes[0]
            raise DeriveError(
                f"{letter} may be a number or the size of a range here; say which by a bound, "
                f"\\sum_{{k=1}}^{letter}",
                self.names.bare[letter],
            )
        self.names.ranges.settle({*self.names.bare, *self.names.arity})


def equation(chain: Chain) -> Job[Equation]:
    """The job of reading a chain of expressions; vectors are read along a common axis."""

    def job(reader: Elaborator) -> Equation:
        axis = axis_of(reader, chain) if any(reader.vectorial(e) for e in chain.exprs) else None
        if axis is not None:
            alike(reader, chain)
        env = Env(axis=axis)
        reader.bare_sums.clear()
        sides = tuple(reader.expr(e, env) for e in chain.exprs)
        check_bare(reader, sides)
        return Equation(sides, chain.relations, tuple(e.place for e in chain.exprs), axis)

    return job


def alike(reader: Elaborator, chain: Chain) -> None:
    """Where one side is a vector the others are: lone letters become vectors, the rest is
    refused."""
    for side in chain.exprs:
        if reader.vectorial(side) or isinstance(sole(side), Number):
            continue
        for _, items in side.parts:
            if (
                len(items) != 1
                or not isinstance(items[0], Name)
                or reader.names.is_declared(items[0].key)
            ):
                raise DeriveError(
                    "a vector stands on the other side of the equation; write indices on both",
                    side.place,
                )
            reader.names.whole.add(items[0].key)


def axis_of(reader: Elaborator, chain: Chain) -> Index:
    """A free index for the vectors of a formula, with a letter that nothing else uses."""
    names = reader.names
    key = ("axis", reader.formula, chain.place)
    taken = {*names.indices, *names.bare, *names.sizes, *names.scope.indices}
    letter = unused("ijklrs", taken)
    return reader.bind(letter, key)


def check_bare(reader: Elaborator, sides: Sequence[Expr]) -> None:
    """A sum without an index must not have bound a letter that is free beside it."""
    loose = {i.name for side in sides for i in free_indices(side)}
    for letter, place in reader.bare_sums.items():
        if letter in loose:
            raise DeriveError(
                f"{letter} is bound here by a sign that does not name it, and free elsewhere; "
                f"name it",
                place,
            )


def read_equation(latex: str, scope: Scope | None = None) -> Equation:
    """A chain of equalities (or a single expression) in a scope.

    Raises DeriveError with the place of what is not understood.
    """
    return Session(scope).read([equation(parse(latex))])[0]


def read_expression(latex: str, scope: Scope | None = None) -> Expr:
    """One expression in a scope; see `read_equation`."""
    made = read_equation(latex, scope)
    if made.relations:
        raise DeriveError(
            f"expected an expression, and found a relation {made.relations[0]}", made.places[1]
        )
    return made.sides[0]
