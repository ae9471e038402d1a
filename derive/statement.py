"""What is given: definitions, facts and the statement of a loss or function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from dataclasses import replace as dc_replace
from functools import cached_property
from typing import Any

from sympy import Expr

from derive.errors import DeriveError
from derive.language import Array, At, Index
from derive.terms import apart, arrays, free_indices, rename


@dataclass(frozen=True)
class Definition:
    """array[indices] := body, for every value of the indices (`p_i := e^{z_i} / Σ_k e^{z_k}`)."""

    array: Array
    indices: tuple[Index, ...]
    body: Expr

    def __post_init__(self) -> None:
        loose = free_indices(self.body) - set(self.indices)
        if loose:
            names = ", ".join(sorted(i.name for i in loose))
            raise DeriveError(
                f"the definition of {self.array.name} has a free index {names} on its right-hand "
                f"side only"
            )
        if self.array in arrays(self.body):
            raise DeriveError(f"the definition of {self.array.name} uses {self.array.name} itself")

    @property
    def head(self) -> At:
        return At(self.array, *self.indices)

    def moved(self, by: Expr) -> Definition:
        """array[indices] := body + by."""
        return dc_replace(self, body=self.body + by)

    def at(self, indices: tuple[Any, ...], avoid: frozenset[Any] = frozenset()) -> Expr:
        """The body for these positions, its bound indices apart from them and from `avoid`."""
        body = apart(self.body, {*indices, *avoid})
        middle = {i: Index(f"_at{c}", i.range) for c, i in enumerate(self.indices)}
        back = {middle[i]: position for i, position in zip(self.indices, indices, strict=True)}
        return rename(rename(body, middle), back)


class Parametric(Definition):
    """A definition whose body may have free indices of its own: labels, fixed through a proof."""

    def __post_init__(self) -> None:
        return None


@dataclass(frozen=True)
class Fact:
    """An equation taken as given, for every value of its free indices: `Σ_k y_k = 1`, `y_i =
    δ_{it}`.

    `name` is what a result calls it; `say` holds a sentence for each language ("en", "zh").
    """

    name: str
    left: Expr
    right: Expr
    say: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)


@dataclass(frozen=True)
class Context:
    """What a proof may use: definitions, facts, and which index positions are equal or different.

    `equal` and `distinct` hold pairs of positions (indices or numerals).
    """

    definitions: tuple[Definition, ...] = ()
    facts: tuple[Fact, ...] = ()
    equal: tuple[tuple[Any, Any], ...] = ()
    distinct: tuple[tuple[Any, Any], ...] = ()

    @cached_property
    def by_array(self) -> dict[Array, Definition]:
        """The definitions by the array that each defines."""
        return {d.array: d for d in self.definitions}

    def with_definition(self, made: Definition) -> Context:
        """This context with another definition of an array."""
        others = (made if d.array == made.array else d for d in self.definitions)
        return dc_replace(self, definitions=tuple(others))

    def with_facts(self, *facts: Fact) -> Context:
        """This context with these facts and no others."""
        return dc_replace(self, facts=tuple(facts))


NOTHING_GIVEN = Context()


@dataclass(frozen=True)
class Statement:
    """A loss or function, written once: head = body, where definitions hold and facts are given.

    `head` is an element (`L`, or `p_i`), `wrt` the element that derivatives are taken with respect
    to, with an index of its own (`z_j`).  `counted` is a letter that was read as the size of the
    only range, which no bound names; `source` is the LaTeX it was read from.
    """

    name: str
    head: At
    body: Expr
    definitions: tuple[Definition, ...] = ()
    facts: tuple[Fact, ...] = ()
    wrt: At | None = None
    labels: tuple[Index, ...] = ()
    counted: str = field(default="", compare=False)
    source: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        loose = free_indices(self.body) - free_indices(self.head) - set(self.labels)
        if loose:
            names = ", ".join(sorted(i.name for i in loose))
            raise DeriveError(
                f"the right-hand side of {self.name} has a free index {names} that the result "
                f"{self.head} lacks; sum over it or add it on the left"
            )

    @cached_property
    def context(self) -> Context:
        return Context(self.definitions, self.facts)

    @property
    def own(self) -> Definition:
        """The statement itself as a definition of its head."""
        return Parametric(self.head.array, tuple(self.head.indices), self.body)

    def variable(self, wrt: At | None = None) -> At:
        """The element to differentiate with respect to: the one asked for, or the statement's."""
        target = wrt or self.wrt
        if target is None:
            raise DeriveError(
                f"{self.name} does not say what to differentiate with respect to; "
                "name an input of it as wrt, such as z_j"
            )
        return target

    def inputs(self) -> Iterator[Array]:
        """The arrays that are given rather than defined, sizes excluded, in order of name."""
        seen = set(arrays(self.body)).union(*(arrays(d.body) for d in self.definitions))
        defined = {d.array for d in self.definitions}
        return iter(sorted((a for a in seen - defined if a.domain != "size"), key=lambda a: a.name))
