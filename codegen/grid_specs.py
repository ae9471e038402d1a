"""What a loss over several ranges needs to become a kernel: its arrays, sizes and derivations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from sympy import Expr

from codegen.errors import CodegenError
from codegen.rewriting import Rewriter
from codegen.sifting import sift
from codegen.specs import TANGENT
from codegen.unfolding import unfold_definitions
from derive.derivation import Derivation
from derive.language import Array, At, Exp
from derive.orders import beside, hvp
from derive.statement import Context, Definition, Statement
from derive.strategy import derive


@dataclass(frozen=True)
class GridSpec:
    """A loss over several ranges, and the element it is differentiated with respect to."""

    statement: Statement

    words = (("value",), ("value", "grad"), ("hvp",))

    def __post_init__(self) -> None:
        s = self.statement
        if s.wrt is None or s.head.indices or s.labels:
            raise CodegenError(
                f"{s.name} has arrays over several ranges: such a statement compiles where it is "
                "one number without labels and says what it is differentiated by"
            )

    @property
    def name(self) -> str:
        """The name of the statement."""
        return self.statement.name

    @property
    def wrt(self) -> At:
        """The element that the gradient is taken with respect to."""
        assert self.statement.wrt is not None
        return self.statement.wrt

    @cached_property
    def derivation(self) -> Derivation:
        """The derivation of the gradient."""
        return derive(self.statement)

    @cached_property
    def product(self) -> Derivation:
        """The derivation of the Hessian times a direction."""
        return hvp(self.statement, along=TANGENT)

    @cached_property
    def direction(self) -> Array:
        """What the Hessian is multiplied with, under a name that the statement leaves free."""
        return beside(TANGENT, self.wrt, self.statement).array

    @property
    def inputs(self) -> tuple[Array, ...]:
        """The arrays that the caller gives, the one differentiated by first."""
        given = sorted(
            (a for a in self.statement.inputs() if a != self.wrt.array), key=lambda a: str(a.name)
        )
        return (self.wrt.array, *given)

    def arrays(self, words: tuple[str, ...]) -> tuple[Array, ...]:
        """The inputs, and the direction where one is needed."""
        return (*self.inputs, *((self.direction,) if "hvp" in words else ()))

    @property
    def sizes(self) -> tuple[str, ...]:
        """The names of the ranges, in the order in which the arrays need them."""
        return tuple(dict.fromkeys(r for a in self.inputs for r in a.ranges if not r.isdigit()))

    @property
    def _own(self) -> tuple[Definition, ...]:
        return (*self.statement.definitions, self.statement.own)

    @property
    def kept(self) -> tuple[Definition, ...]:
        """Definitions that become tables: those without exponentials, such as scores."""
        return tuple(d for d in self.statement.definitions if not d.body.has(Exp))

    def plain(self, word: str) -> Expr:
        """The value, or the gradient times the cotangent, over the inputs alone."""
        return unfold_definitions(self._wanted(word), Context(self._own))

    def ready(self, word: str, rewriter: Rewriter) -> Expr:
        """The same rewritten for accuracy, over the inputs and the definitions that are kept."""
        sharp = Context(tuple(d for d in self._own if d not in self.kept))
        folded = sift(self._wanted(word), rewriter.used)
        return rewriter.apply(unfold_definitions(folded, sharp))

    def _wanted(self, word: str) -> Expr:
        if word == "value":
            return self.statement.body
        made = self.product if word == "hvp" else self.derivation
        return made.result * At(Array("cotangent"))


def has_several_ranges(statement: Statement) -> bool:
    """Whether an input has two indices, or the inputs run over different ranges."""
    own = () if statement.wrt is None else (statement.wrt.array,)
    arrays = (*statement.inputs(), *own)
    ranges = {r for a in arrays for r in a.ranges}
    return len(ranges) > 1 or any(len(a.ranges) > 1 for a in arrays)
