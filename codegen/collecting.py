"""What lowering collects: the passes of a kernel so far, and the names that they gave."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field

from sympy import Expr

from codegen.kernel import Pass, Value
from codegen.names import NAMES, Naming
from codegen.rewriting import Rewriter
from derive.language import Array, Index
from derive.notation import text
from derive.statement import Definition
from derive.terms import free_indices


@dataclass
class Collector(ABC):
    """Passes collect here in order; equal per-row numbers are computed once.

    `given` is the array of the logits; `defined` are vectors of the statement that keep their
    names, their bodies unfolded.  `here` in the methods is the class index of the pass being
    built, or None for per-row numbers.
    """

    rewriter: Rewriter
    given: Array
    passes: list[Pass] = field(default_factory=list)
    known: dict[Expr, str] = field(default_factory=dict)
    vectors: dict[Value, Naming] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    defined: tuple[Definition, ...] = ()

    @abstractmethod
    def value(self, e: Expr, here: Index | None) -> Value:
        """The value of an expression, in a pass over `here` or for the row as a whole."""

    def fresh(self, name: str) -> str:
        """The name, or with the first free number behind it."""
        made = next(
            n for n in (name, *(f"{name}{c}" for c in range(2, 1000))) if n not in self.names
        )
        self.names.add(made)
        return made

    def naming(self, e: Expr, here: Index | None) -> Naming | None:
        """The name that the field or the statement has for an expression, if any."""
        known = next((n for n in NAMES if n.fits(e, here, self.rewriter.choices)), None)
        return known or self._definition(e, here)

    def _definition(self, e: Expr, here: Index | None) -> Naming | None:
        """The name of a vector of the statement, or of its element at a position."""
        for d in self.defined:
            for place in [here] if here is not None else sorted(free_indices(e), key=str):
                if d.at((place,)) == e:
                    name = f"{d.array.name}_{place}" if here is None else str(d.array.name)
                    return Naming(name, e, "" if here is None else text(d.head))
        return None
