"""What names mean: declared by the caller, or inferred from how they are used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from derive.errors import DeriveError
from derive.language import Array, Index
from derive.notation_style import split
from derive.reading.ranges import Ranges
from derive.reading.syntax import Name, Terms
from derive.reading.tokens import Place
from derive.statement import Definition

INDEX_LETTERS = frozenset("ijklmnrstcuvqy")
MATRICES = frozenset("ABHQUVWX")  # letters that stand for matrices where a product suggests it
Key = tuple[str, str, str]


def canonical(name: str) -> Key:
    """Letter, accent and label: what a printed name and a name in the language have in common."""
    return split(name)


@dataclass(frozen=True)
class Scope:
    """Names that are known before reading.

    `arrays` are declared with ranges and domains; `indices` maps an index letter to its range
    (`{"i": "n"}`); `definitions` makes heads known.  In a `closed` scope an unknown name is
    refused, otherwise its meaning is inferred from use.  `wrt` is the array that a bare D_j
    differentiates by.  `layout` says whose the rows of a matrix ∂p/∂z are: those of the
    "numerator" or those of the "denominator"; without it only square ones are read.
    """

    arrays: tuple[Array, ...] = ()
    indices: Mapping[str, str] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    closed: bool = False
    wrt: str | None = None
    layout: str = ""


@dataclass
class Names:
    """The working knowledge while formulas are read; it only grows (see `Elaborator.settle`)."""

    scope: Scope
    ranges: Ranges = field(default_factory=Ranges)
    arity: dict[str, int] = field(default_factory=dict)
    whole: set[str] = field(default_factory=set)
    bare: dict[str, Place] = field(default_factory=dict)
    sizes: set[str] = field(default_factory=set)
    indices: set[str] = field(default_factory=set)
    domains: dict[str, str] = field(default_factory=dict)
    heads: set[str] = field(default_factory=set)
    head_ranks: dict[str, int] = field(default_factory=dict)
    matrices: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    rows: set[str] = field(default_factory=set)
    rowwise: set[str] = field(default_factory=set)
    letters: set[str] = field(default_factory=set)
    functions: dict[str, Function] = field(default_factory=dict)
    style: dict[str, str] = field(default_factory=dict)
    called: dict[str, tuple[str, ...]] = field(default_factory=dict)
    from_zero: dict[str, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        declared = (*self.scope.arrays, *(d.array for d in self.scope.definitions))
        self.declared: dict[Key, Array] = {canonical(a.name): a for a in declared}
        for array in declared:
            self.arity[array.name] = len(array.ranges)
            self.sizes |= {r for r in array.ranges if not r.isdigit()}
            for at, range_ in enumerate(array.ranges):
                self.ranges.fix(("array", array.name, at), range_, array.name, (1, 1))
        self.sizes |= {r for r in self.scope.indices.values() if not r.isdigit()}
        for index, range_ in self.scope.indices.items():
            self.ranges.fix(("free", index), range_, index, (1, 1))

    def knowledge(self) -> tuple[Any, ...]:
        """Changes as long as reading again could give something new."""
        return (sorted(self.arity.items()), sorted(self.whole), sorted(self.matrices),
                sorted(self.head_ranks.items()), sorted(self.sizes), sorted(self.indices),
                sorted(self.bare), sorted(self.rows), len(self.ranges.unnamed()))  # fmt: skip

    def resolve(self, key: str, place: Place) -> str:
        """The name in the language for a name as written."""
        known = self.declared.get(canonical(key))
        if known is not None:
            return str(known.name)
        if self.scope.closed and key not in self.sizes:
            near = get_close_matches(key, [a.name for a in self.declared.values()], 3)
            hint = f"; did you mean {' or '.join(near)}?" if near else "; declare it"
            raise DeriveError(f"the name {key} is not known here{hint}", place)
        return key

    def is_declared(self, key: str) -> bool:
        return canonical(key) in self.declared

    def known(self, key: str) -> str:
        """The name in the language for a name as written, which may be unknown."""
        declared = self.declared.get(canonical(key))
        return key if declared is None else str(declared.name)

    def rank(self, name: str) -> int:
        """How many axes the bare name has: 1 for a vector, 2 for a matrix, 0 if nothing says so."""
        if name in self.arity:
            return self.arity[name]
        said = 2 if name in self.matrices else int(name in self.whole)
        return max(said, self.head_ranks.get(name, 0))

    def is_vector(self, name: str) -> bool:
        """Whether the bare name stands for all elements of an array with one index."""
        return self.rank(name) == 1

    def array(self, name: str) -> Array:
        """The array with what is known of it by now."""
        declared = self.declared.get(canonical(name))
        if declared is not None:
            return declared
        count = self.rank(name)
        ranges = tuple(self.ranges.name(("array", name, at)) for at in range(count))
        return Array(name, ranges, self.domains.get(name, "real"))

    def used(self, name: str, count: int, place: Place) -> Array:
        """Note that `name` has `count` index positions."""
        known = self.arity.get(name)
        if known is not None and known != count and count:
            raise DeriveError(
                f"{name} has {count} indices here and {known} elsewhere; write all of them", place
            )
        if count:
            self.arity[name] = count
        return self.array(name)

    def index(self, key: Any, letter: str) -> Index:
        return Index(letter, self.ranges.name(key))


@dataclass(frozen=True)
class Head:
    """The left side of f(x) = …, f(z)_i = … or f_i(z) = …."""

    name: Name
    parameters: tuple[Name, ...]
    indices: tuple[Name, ...] = ()


@dataclass(frozen=True)
class Function:
    """f with its parameters renamed to names that nothing else can use; `whole` is the rank of its
    body."""

    head: Head
    body: Terms
    names: Names

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(private(self.head, p.key) for p in self.head.parameters)


def private(head: Head, key: str) -> str:
    """The name of a parameter, which nothing else can have."""
    return f"{key}@{head.name.key}"
