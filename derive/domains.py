"""Whether two sides can be defined at one point, as far as signs show it.

The normal form reads log x as log|x| and x^c as |x|^c, which is right where the written functions
are defined. (1 - q)^c and (q - 1)^c are then one form and no point defines both: such an equation
says nothing, and is not accepted.  Nor is log(x - 2) + log(1 - x), which no x defines: what has to
be positive must be so at once, for some values of its monomials.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sympy import Expr, Pow

from derive.language import Array, At, Binder, Cases, Index, Log
from derive.normal import Field
from derive.normal.atoms import ONE
from derive.normal.polynomials import expand, factor_list, fraction
from derive.normal.powers import is_whole
from derive.positivity import never_negative
from derive.primitives import primitives, unfold
from derive.statement import Context, Parametric
from derive.terms import canonical

Form = tuple[Expr, Expr]
Row = dict[Expr, Expr]
"""A sum of monomials by their coefficients, which has to be positive."""
MOST_ROWS = 60
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
    forms = [fraction(field.ratio(field.form(e))) for e in positive]
    return _signs_agree(forms, field) and _feasible([_row(f, field) for f in forms], field)


def _signs_agree(forms: list[Form], field: Field) -> bool:
    """Whether a sign for each factor makes every product positive (a system over {1, -1})."""
    pivots: dict[Expr, Equation] = {}
    for factors, sign in (_signs(f, field) for f in forms):
        while factors and (pivot := min(factors, key=str)) in pivots:
            factors, sign = factors ^ pivots[pivot][0], sign * pivots[pivot][1]
        if factors:
            pivots[min(factors, key=str)] = factors, sign
        elif sign < 0:
            return False
    return True


def _signs(form: Form, field: Field) -> Equation:
    """The factors whose sign is open, and what the product of their signs must be."""
    sides = [factor_list(part) for part in form]
    sign = -1 if sides[0][0] / sides[1][0] <= 0 else 1
    odd = {f for _, factors in sides for f, count in factors if count % 2}
    down = {f for f in odd if field.nonnegative(-f)}
    up = {f for f in odd - down if field.nonnegative(f)}
    return frozenset(odd - down - up), sign * (-1) ** len(down)


def _row(form: Form, field: Field) -> Row:
    """A fraction whose lower part is positive, as its upper part; any other asks for nothing."""
    top = form[0] if field.nonnegative(form[1]) else ONE
    return dict(expand(top).as_coefficients_dict())


def _feasible(rows: list[Row], field: Field) -> bool:
    """Whether monomials can be chosen so that all rows are positive: they are eliminated one by
    one (Fourier, Motzkin); x - 2 and 1 - x add up to -1.  What is never negative counts as such."""
    monomials = sorted({m for row in rows for m in row if m != 1}, key=str)
    rows = rows + [{m: ONE} for m in monomials if field.nonnegative(m)]
    for m in monomials:
        up = [r for r in rows if r.get(m, 0) > 0]
        down = [r for r in rows if r.get(m, 0) < 0]
        rows = [r for r in rows if r.get(m, 0) == 0] + [_without(m, a, b) for a in up for b in down]
        if len(rows) > MOST_ROWS:
            return True
    return all(r.get(ONE, 0) > 0 for r in rows)


def _without(m: Expr, up: Row, down: Row) -> Row:
    """The sum of two rows that m drops out of."""
    return {k: up.get(k, 0) / up[m] - down.get(k, 0) / down[m] for k in {**up, **down} if k != m}
