"""What is compiled: a statement, its derived gradient, and the part each array plays in a call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr

from derive.language import Array, At, Index
from derive.statement import Statement


@dataclass(frozen=True)
class Spec:
    """A statement ready to be lowered.

    `gradient` is ∂ head / ∂ wrt as the derivation gave it, for a loss, or None.  `vjp` is
    Σ_i v_i ∂ head_i / ∂ wrt for a function of the logits, with `v` the cotangent array.  `label` is
    the position that the caller gives as an integer label; `say` names the arrays to the reader.
    """

    statement: Statement
    gradient: Expr | None = None
    vjp: Expr | None = None
    label: Index | None = None
    facts: tuple[str, ...] = ()
    stable: bool = True
    say: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    @property
    def name(self) -> str:
        """The name of the statement."""
        return self.statement.name

    @property
    def wrt(self) -> At:
        """The element that derivatives are taken with respect to."""
        assert self.statement.wrt is not None
        return self.statement.wrt

    @property
    def out(self) -> Index | None:
        """The class index of the result, or None where the result is one number for each row."""
        places = [i for i in self.statement.head.indices if i != self.label]
        return places[0] if places else None


COTANGENT = Array("c")
CLASS_COTANGENT = Array("v", ("n",))
