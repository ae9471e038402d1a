"""Derivatives of what a document does not define: ∂C/∂z of a cost C that stays abstract.

Such a derivative is an element of an array of its own, so that nothing is said of its value; it is
never zero.  Two of them are related only where C depends on the one variable through the other.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import replace as changed

from sympy import Expr

from derive.language import Array, At, Deriv, Index, Sum
from derive.reading.ledger import builds_on
from derive.reading.refolded import put_back
from derive.statement import Definition
from derive.terms import arrays, replace


def has_derivative(expr: Expr) -> bool:
    """Whether a derivative is stated in it."""
    return isinstance(expr, Deriv) or any(map(has_derivative, expr.args))


def opaque(expr: Expr, known: dict[Array, Definition]) -> tuple[Expr, set[str]]:
    """∂L/∂z_j of an L that the document does not define becomes an element of an array of its own.

    Gives the names of what is not defined.  Otherwise it would be differentiated as a constant.
    """
    missing: set[str] = set()

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Deriv):
            return None
        if e.variable.array in builds_on(e.expr, known) or independent(e, known):
            return None
        made = named_derivative(e)
        inputs = [a for a in builds_on(e.expr, known) if a not in known and a.domain != "size"]
        missing.update(a.name for a in inputs or arrays(e.expr))
        return made

    return replace(expr, change), missing


def independent(e: Deriv, known: dict[Array, Definition]) -> bool:
    """Whether a definition has the variable and everything in the expression among its inputs.

    Then they are inputs side by side, and the derivative is zero.
    """
    ours = {a for a in builds_on(e.expr, known) if a not in known and a.domain != "size"}
    bodies = [builds_on(d.body, known) for d in known.values() if not has_derivative(d.body)]
    return all(any({a, e.variable.array} <= body for body in bodies) for a in ours)


def named_derivative(e: Deriv) -> Expr | None:
    """The element that stands for a derivative of an undefined element, to any order."""
    inner = e.expr if isinstance(e.expr, At) else None
    if isinstance(e.expr, Deriv):
        made = named_derivative(e.expr)
        inner = made if isinstance(made, At) else None
    if inner is None:
        return None
    name = f"∂{inner.array.name}/∂{e.variable.array.name}"
    array = Array(name, (*inner.array.ranges, *e.variable.array.ranges))
    return At(array, *inner.indices, *e.variable.indices)


def closed(
    known: Mapping[Array, Definition], used: Container[Array]
) -> tuple[dict[Array, Definition], set[str]]:
    """The definitions, δ = ∂C/∂z among them, with such derivatives as elements.

    Gives the names of what is not defined behind those that are used.
    """
    made, missing = dict(known), set[str]()
    for array, definition in known.items():
        if has_derivative(definition.body):
            body, names = opaque(definition.body, dict(known))
            made[array] = changed(definition, body=body)
            missing |= names if array in used else set()
    return made, missing


def through(
    left: Expr, right: Expr, known: Mapping[Array, Definition]
) -> Iterator[tuple[str, Definition]]:
    """∂C/∂v = Σ_k ∂C/∂w_k ∂w_k/∂v, where C depends on v through w alone, with these words."""
    seen = builds_on(left, dict(known)) | builds_on(right, dict(known))
    open_ = {parts: a for a in seen if (parts := _parts(a)) and a not in known}
    for (cost, name), array in sorted(open_.items(), key=str):
        ways = [_way(by, other, name, known) for (c, by), other in sorted(open_.items(), key=str)
                if c == cost and by != name]  # fmt: skip
        found = [w for w in ways if w is not None]
        if len(found) == 1:
            way, outer, variable = found[0]
            at = tuple(Index(f"v{n}", r) for n, r in enumerate(variable.ranges))
            over = tuple(Index(f"w{n}", r) for n, r in enumerate(way.ranges))
            body: Expr = At(outer, *over) * Deriv(At(way, *over), At(variable, *at))
            for index in over:
                body = Sum(body, index)
            if array.ranges == variable.ranges:
                words = f"{cost} depends on {name} through {way.name} alone"
                yield words, Definition(array, at, body)


def beside(expr: Expr, known: Mapping[Array, Definition]) -> set[Array]:
    """The derivatives of what is not defined that an expression builds on."""
    return {a for a in builds_on(expr, dict(known)) if "∂" in a.name}


def is_abstract(left: Expr, right: Expr, known: Mapping[Array, Definition]) -> bool:
    """Whether both sides have such derivatives, all of costs that nothing at all defines."""
    parts = [{_parts(a) for a in beside(e, known)} for e in (left, right)]
    names = {a.name for a in known}
    return all(p and None not in p for p in parts) and not any(
        p is not None and p[0] in names for found in parts for p in found
    )


def _parts(array: Array) -> tuple[str, str] | None:
    """(C, z) of ∂C/∂z."""
    cost, _, by = array.name.partition("/∂")
    first = cost.startswith("∂") and by and "∂" not in cost[1:] + by
    return (cost[1:], by) if first else None


def _way(
    name: str, outer: Array, variable: str, known: Mapping[Array, Definition]
) -> tuple[Array, Array, Array] | None:
    """(w, ∂C/∂w, v), if w is defined and builds on v."""
    way = next((a for a in known if a.name == name), None)
    if way is None or way.ranges != outer.ranges:
        return None
    below = builds_on(At(way, *(Index("k", r) for r in way.ranges)), dict(known)) - {way}
    inner = next((a for a in below if a.name == variable), None)
    return None if inner is None else (way, outer, inner)


def named(expr: Expr, known: dict[Array, Definition], names: list[Array]) -> Expr:
    """∂(softplus x)/∂f with f in place of what it was defined as."""

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Deriv) or e.variable.array not in names:
            return None
        return Deriv(put_back(e.expr, known[e.variable.array]), e.variable)

    return replace(expr, change) if names else expr
