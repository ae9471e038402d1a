"""The way in: LaTeX to expressions and equations, by a declared scope or by inference.

`read_expression` and `read_equation` read one formula; `Session` reads several that share their
names, as a statement or a document does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from typing import TypeVar

from sympy import Expr

from derive.errors import DeriveError
from derive.language import Index
from derive.reading.elaborate import Elaborator
from derive.reading.environment import Env
from derive.reading.inference import inferred
from derive.reading.naming import SIZE_LETTERS, unused
from derive.reading.parsing import parse
from derive.reading.scope import Names, Scope
from derive.reading.syntax import Chain, Name, Number, Terms, sole
from derive.reading.tokens import Place
from derive.terms import free_indices

ROUNDS = 8
T = TypeVar("T")
Job = Callable[[Elaborator], T]


@dataclass(frozen=True)
class Equation:
    """A chain a = b = c: its sides, the relations between them, and where each side stands.

    `axes` are the indices that were put in for vectors (p - y becomes p_i - y_i) and matrices.
    """

    sides: tuple[Expr, ...]
    relations: tuple[str, ...]
    places: tuple[Place, ...]
    axes: tuple[Index, ...] = ()


class Session:
    """Formulas that share their names, read together until no reading teaches anything new.

    A bare letter of `counts` may be the size of the only range without a bound: it is `counted`.
    """

    def __init__(self, scope: Scope | None = None, counts: Set[str] = frozenset()):
        self.names, self.counts = Names(scope or Scope()), counts
        self.counted = ""

    def read(self, jobs: Sequence[Job[T]]) -> list[T]:
        """The results of the jobs, once every name and range is known.

        Raises DeriveError from any job, and for a range whose size is used but not named.
        """
        try:
            self.learn(lambda: self._round(jobs))
            if self.count(self.names.bare.keys() & self.counts):
                self.learn(lambda: self._round(jobs))
            self._settle()
            return self._round(jobs, final=True)
        except RecursionError:
            raise DeriveError(
                "nested too deeply; name the parts and write them apart", (1, 1)
            ) from None

    def learn(self, once: Callable[[], object]) -> None:
        """Read until nothing new is learnt.

        What runs over one range is found anew each time: it was noted before the names were known.
        """
        declared = self.names.ranges
        for _ in range(ROUNDS):
            before = self.names.knowledge()
            self.names.ranges = declared.copy()
            once()
            if self.names.knowledge() == before:
                break

    def _round(self, jobs: Sequence[Job[T]], final: bool = False) -> list[T]:
        reader = Elaborator(self.names)
        reader.final = final
        made = []
        for at, job in enumerate(jobs):
            reader.formula, reader.steps, reader.applying = at, 0, []
            try:
                made.append(job(reader))
            except DeriveError:
                if final:
                    raise  # before, what another formula teaches may still mend it
        return made

    def count(self, letters: Set[str]) -> bool:
        """Take the one bare letter of these for the size of the only range without a bound."""
        names, open_ = self.names, self.names.ranges.unnamed()
        bare = letters - names.heads - names.sizes
        if len(open_) != 1 or len(bare) != 1:
            return False
        (letter,) = bare
        place = names.bare.pop(letter)
        names.sizes.add(letter)
        names.ranges.fix(open_[0], letter, letter, place)
        self.counted = letter
        return True

    def _settle(self) -> None:
        """Name the ranges that no bound has named."""
        names = self.names
        sizes = sorted(set(names.bare) & SIZE_LETTERS - names.sizes - names.heads)
        if names.ranges.unnamed() and sizes:
            letter, bound = sizes[0], sorted(names.letters - names.indices) or ["k"]
            bounds = " or ".join(f"\\sum_{{{k}=1}}^{letter}" for k in bound)
            raise DeriveError(
                f"{letter} may be a number or the size of a range here; say which by a bound, "
                f"{bounds}, or by a space, x \\in \\mathbb{{R}}^{letter}",
                names.bare[letter],
            )
        names.ranges.settle({*names.bare, *names.arity})


def equation(chain: Chain) -> Job[Equation]:
    """The job of reading a chain of expressions; vectors and matrices are read along common
    axes."""

    def job(reader: Elaborator) -> Equation:
        env = axes_of(reader, chain)
        for side in chain.exprs if env.places else ():
            alike(reader, side, len(env.places))
        reader.bare_sums.clear()
        sides = tuple(reader.expr(e, env) for e in chain.exprs)
        check_bare(reader, sides)
        return Equation(sides, chain.relations, tuple(e.place for e in chain.exprs), env.places)

    return job


def alike(reader: Elaborator, side: Terms, whole: int) -> None:
    """Beside a vector (or matrix, whole = 2) lone letters are vectors too; the rest is refused."""
    names = reader.names
    if reader.rank(side) or isinstance(sole(side), Number):
        return
    for _, items in side.parts:
        inferred(names, items, whole)
    for _, items in () if reader.rank(side) else side.parts:
        name = items[0]
        if len(items) != 1 or not isinstance(name, Name) or names.is_declared(name.key):
            raise DeriveError(
                "a vector stands on the other side of the equation; write indices on both",
                side.place,
            )
        (names.whole if whole == 1 else names.matrices).add(name.key)


def axes_of(reader: Elaborator, chain: Chain) -> Env:
    """Free indices for the vectors and matrices of a formula, with letters that nothing else
    uses."""
    names = reader.names
    count = min(2, max(reader.rank(e) for e in chain.exprs))
    key = ("axis", reader.formula, chain.place)
    taken = {*names.letters, *names.indices, *names.bare, *names.sizes, *names.scope.indices}
    made: list[Index] = []
    for at in range(count):
        letter = unused("ijklrs", {*taken, *(i.name for i in made)})
        made.append(reader.bind(letter, (*key, at)))
    return Env().at(tuple(made), chain.place)


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
