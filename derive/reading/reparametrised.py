"""A derivative by s where s_i = g(σ_i) renames σ: ∂F/∂s_i = (∂F/∂σ_i) / g'(σ_i)."""

from __future__ import annotations

from sympy import Expr

from derive.language import Array, At, Binder, Deriv
from derive.reading.ledger import builds_on
from derive.statement import Definition
from derive.terms import arrays, elements, replace


def by_the_source(e: Expr, known: dict[Array, Definition]) -> Expr:
    """The derivatives by such an s, where F has σ beside s, by the chain rule for an inverse.

    Taken as they stand they would hold σ fixed while s moves.
    """

    def change(part: Expr) -> Expr | None:
        if not isinstance(part, Deriv):
            return None
        source = _source(part, known)
        if source is None:
            return None
        variable, body = source
        return Deriv(by_the_source(part.expr, known), variable) / Deriv(body, variable)

    return replace(e, change)


def _source(part: Deriv, known: dict[Array, Definition]) -> tuple[At, Expr] | None:
    """(σ_i, g(σ_i)) of a derivative by s_i = g(σ_i), if the expression has σ beside s."""
    made = known.get(part.variable.array)
    if made is None or made.body.has(Binder):
        return None
    ranged = bool(made.indices)  # T in u_i = z_i / T is a constant of the change
    inputs = [a for a in arrays(made.body) if a.domain != "size" and bool(a.ranges) >= ranged]
    if len(inputs) != 1 or inputs[0] in known:
        return None
    found = set(elements(made.body, inputs[0]))
    rest = {a: d for a, d in known.items() if a != part.variable.array}
    if found != {At(inputs[0], *made.indices)} or inputs[0] not in builds_on(part.expr, rest):
        return None
    body = made.at(part.variable.indices)
    return At(inputs[0], *part.variable.indices), body
