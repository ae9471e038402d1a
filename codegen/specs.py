"""What is compiled: a statement, its derivatives, and the part each array plays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sympy import Expr

from codegen.errors import CodegenError
from derive.derivation import Derivation
from derive.language import Array, At, Index, Sum
from derive.statement import Context, Statement
from derive.strategy import derive

COTANGENT = Array("c")
"""The cotangent of a loss, one number for each row."""
CLASS_COTANGENT = Array("v", ("n",))
"""The cotangent of a function of the logits, one number for each element."""


@dataclass(frozen=True)
class Spec:
    """A statement ready to be lowered; the class index has range n.

    `is_function` tells a function of the logits from a loss.  `label` is the position that the
    caller gives as an integer label.  `stable` is False only for the exhibits, which are lowered
    as they stand.  `say` names the arrays to the reader.
    """

    statement: Statement
    is_function: bool = False
    label: Index | None = None
    stable: bool = True
    say: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    @property
    def name(self) -> str:
        """The name of the statement."""
        return self.statement.name

    @property
    def wrt(self) -> At:
        """The element that derivatives are taken with respect to."""
        if self.statement.wrt is None:
            raise CodegenError(
                f"{self.name} does not say what its logits are: give the statement a wrt"
            )
        return self.statement.wrt

    @property
    def out(self) -> Index | None:
        """The class index of the result, or None where the result is one number for each row."""
        places = [i for i in self.statement.head.indices if i != self.label]
        return places[0] if places else None

    @property
    def is_row(self) -> bool:
        """Whether the classes of a row belong together; otherwise each element stands alone."""
        return (
            self.out is None
            or bool(self.statement.body.has(Sum))
            or bool(self.statement.definitions)
        )

    @cached_property
    def definitions(self) -> Context:
        """All that may be unfolded: the definitions, the statement itself, the weighted sum."""
        own = (
            ()
            if self.statement.head.array in self.statement.context.by_array
            else (self.statement.own,)
        )
        weighted = () if self.out is None else (self.weighted.own,)
        return Context((*self.statement.definitions, *own, *weighted))

    @cached_property
    def weighted(self) -> Statement:
        """Σ_i v_i head_i, whose gradient is the product of v with the Jacobian."""
        s = self.statement
        own = () if s.head.array in s.context.by_array else (s.own,)
        assert self.out is not None
        body = Sum(CLASS_COTANGENT[self.out] * s.head, self.out)
        return Statement(
            f"{s.name}_vjp", At(Array("V")), body, (*s.definitions, *own), s.facts, s.wrt
        )

    @cached_property
    def derivation(self) -> Derivation:
        """The derivation of the gradient: of the loss, or of the weighted sum."""
        return derive(self.statement if self.out is None else self.weighted)

    @property
    def gradient(self) -> Expr:
        """The derived gradient times the cotangent."""
        result = self.derivation.result
        return result * COTANGENT() if self.out is None else result
