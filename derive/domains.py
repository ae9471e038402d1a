"""Whether two sides can be defined at one point, as far as signs show it.

The normal form reads log x as log|x| and x^c as |x|^c, which is right where the written functions
are defined. (1 - q)^c and (q - 1)^c are then one form and no point defines both: such an equation
says nothing, and is not accepted.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sympy import Expr, Pow

from derive.language import Array, At, Binder, Cases, Index, Log
from derive.normal import Field
from derive.normal.polynomials import factor_list, fraction
from derive.normal.powers import is_whole
from derive.positivity import never_negative
from derive.primitives import primitives, unfold
from derive.statement import Context, Parametric
from derive.terms import canonical

Equation = tuple[frozenset[Expr], int]
"""The product of the signs of these factors is 1 or -1."""


def needs(e: Expr, context: Context) -> tuple[Expr, ...]:
    """What has to be positive for e to be defined, and is not seen to be, over primitives.

    A bound index stands for each of its values.  What is not evaluated everywhere (a case, a sum
    that leaves terms out) asks for nothing.
    """
    made = (primitives(f, context) for f in _needs(canonical(e), context))
    return tuple(f for f in made if not never_negative(f, strict=True))


@lru_cache(maxsize=20_000)
def _needs(e: Expr, context: Context) -> tuple[Expr, ...]:
    definition = context.by_array.get(e.array) if isinstance(e, At) else None
    if definition is not None:
        return _needs(canonical(definition.at(e.indices)), context)
    if isinstance(e, (At, Index, Cases)) or (isinstance(e, Binder) and e.excluded):
        return ()
    own = [e.arg] if isinstance(e, Log) else []
    own += [e.base] if isinstance(e, Pow) and not is_whole(e.exp) else []
    return tuple(dict.fromkeys([*own, *(f for a in e.args for f in _needs(a, context))]))


def positive_elements(wanted: Iterable[Expr]) -> frozenset[Array]:
    """The arrays each of whose elements is among what has to be positive."""
    bare = (f for f in wanted if isinstance(f, At))
    return frozenset(f.array for f in bare if all(map(_bound, f.indices)))


def positives(exprs: Iterable[Expr], context: Context) -> frozenset[Array]:
    """The arrays that are positive wherever these expressions are defined, defined ones too."""
    defined = (d for d in context.definitions if d.array.domain == "real")
    others = (d for d in defined if not isinstance(d, Parametric))
    shown = (d.array for d in others if never_negative(unfold(d.body, context), strict=True))
    return positive_elements(f for e in exprs for f in needs(e, context)).union(shown)


def _bound(position: Any) -> bool:
    """Whether `canonical` has named it, so that it takes every value of its range."""
    return str(position).startswith("·")


def together(positive: Iterable[Expr], field: Field) -> bool:
    """Whether the signs of their factors allow all of these to be positive; False is certain."""
    pivots: dict[Expr, Equation] = {}
    for factors, sign in (_signs(e, field) for e in positive):
        while factors and (pivot := min(factors, key=str)) in pivots:
            factors, sign = factors ^ pivots[pivot][0], sign * pivots[pivot][1]
        if factors:
            pivots[min(factors, key=str)] = factors, sign
        elif sign < 0:
            return False
    return True


def _signs(e: Expr, field: Field) -> Equation:
    """The factors whose sign is open, and what the product of their signs must be."""
    sides = [factor_list(part) for part in fraction(field.ratio(field.form(e)))]
    sign = -1 if sides[0][0] / sides[1][0] <= 0 else 1
    odd = {f for _, factors in sides for f, count in factors if count % 2}
    down = {f for f in odd if field.nonnegative(-f)}
    up = {f for f in odd - down if field.nonnegative(f)}
    return frozenset(odd - down - up), sign * (-1) ** len(down)
