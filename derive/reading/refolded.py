"""Names put back where what defines them is written out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace as changed
from itertools import permutations

from sympy import Expr

from derive.language import Array, At, Index
from derive.statement import Definition
from derive.terms import all_indices, rename, replace, same


def folded(definitions: Sequence[Definition], names: Iterable[Array]) -> tuple[Definition, ...]:
    """The definitions with z in place of what z was defined as: ŷ = σ(wᵀx + b), z = wᵀx + b."""
    made = list(definitions)
    for name in names:
        own = next((d for d in made if d.array == name and not d.body.is_number), None)
        if own is not None and not isinstance(own.body, At):
            made = [d if d is own else _put_back(d, own) for d in made]
    return tuple(made)


def _put_back(definition: Definition, own: Definition) -> Definition:
    return changed(definition, body=put_back(definition.body, own))


def put_back(expr: Expr, own: Definition) -> Expr:
    """The expression with a defined name wherever its definition is written out."""

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, type(own.body)):
            return None
        places = [i for i in sorted(all_indices(e), key=str) if isinstance(i, Index)]
        for chosen in permutations(places, len(own.indices)):
            put = dict(zip(own.indices, chosen, strict=True))
            if all(a.range == b.range for a, b in put.items()) and same(e, rename(own.body, put)):
                return At(own.array, *chosen)
        return None

    return expr if len(own.indices) > 2 else replace(expr, change)
