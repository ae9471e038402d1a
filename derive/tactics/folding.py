"""Definitions unfolded and folded, facts used."""

from __future__ import annotations

from sympy import Expr, Integer, Mul

from derive.language import Array, At, Index
from derive.statement import Context, Definition
from derive.terms import all_indices, canonical, free_indices, rebuild, rename, replace, same


def definition(context: Context, name: str) -> Definition:
    """The definition of an array, by name."""
    return next(d for d in context.definitions if d.array.name == name)


def unfold(expr: Expr, context: Context, name: str) -> Expr:
    """p_i → its definition, everywhere."""
    d = definition(context, name)
    taken = all_indices(expr)

    def change(e: Expr) -> Expr | None:
        return d.at(e.indices, taken) if isinstance(e, At) and e.array == d.array else None

    return replace(expr, change)


def fold(expr: Expr, context: Context, name: str) -> Expr:
    """Every quotient that is the definition of p_i → p_i, innermost first."""
    d = definition(context, name)

    def change(e: Expr) -> Expr:
        if not e.args or isinstance(e, (Index, Array)):
            return e
        e = rebuild(e, (change(a) for a in e.args))
        return e if isinstance(e, At) else _fold_here(e, d)

    return change(expr)


def _fold_here(e: Expr, d: Definition) -> Expr:
    """Divide the body of d out of the product e as often as it goes, for each place it may stand
    at."""
    for place in _places(e, d):
        body = d.at(place)
        while True:
            rest = divide(e, body)
            if rest is None:
                break
            e = rest * At(d.array, *place)
    return e


def _places(e: Expr, d: Definition) -> list[tuple[Expr, ...]]:
    """Positions that occur in e where elements of the definition's arrays do."""
    if len(d.indices) != 1:
        return [d.indices] if set(d.indices) <= free_indices(e) or not d.indices else []
    found = {
        i
        for a in element_nodes(e)
        for i in a.indices
        if getattr(i, "range", None) in (d.indices[0].range, None)
    }
    return [
        (i,)
        for i in sorted(found & (free_indices(e) | {i for i in found if i.is_Integer}), key=str)
    ]


def element_nodes(e: Expr) -> set[At]:
    """Every array element that stands in the expression."""
    return (
        {e}
        if isinstance(e, At)
        else set().union(*(element_nodes(a) for a in e.args))
        if e.args
        else set()
    )


def divide(e: Expr, body: Expr) -> Expr | None:
    """e / body when each factor of body stands in e, up to bound names."""
    if same(e, body):
        return Integer(1)
    have = _exponents(e)
    for base, exponent in _exponents(body).items():
        if have.get(base, 0) * exponent < exponent * exponent:
            return None
        have[base] -= exponent
    return Mul(*(base**exponent for base, exponent in have.items()))


def _exponents(e: Expr) -> dict[Expr, Expr]:
    made: dict[Expr, Expr] = {}
    for factor in Mul.make_args(e):
        base, exponent = factor.as_base_exp()
        if not exponent.is_Integer:
            base, exponent = factor, Integer(1)
        made[canonical(base)] = made.get(canonical(base), Integer(0)) + exponent
    return made


def use_fact(expr: Expr, context: Context, name: str) -> Expr:
    """The left side of a fact → its right side, for whatever its free indices are called."""
    fact = next(f for f in context.facts if f.name == name)
    loose = tuple(sorted(free_indices(fact.left), key=str))

    def change(e: Expr) -> Expr | None:
        if type(e) is not type(fact.left):
            return None
        spots = sorted(all_indices(e), key=str) if loose else []
        for renaming in _renamings(loose, spots):
            if same(rename(fact.left, renaming), e):
                return rename(fact.right, renaming)
        return None

    return replace(expr, change)


def _renamings(loose: tuple[Index, ...], spots: list[Index]) -> list[dict[Index, Index]]:
    made: list[dict[Index, Index]] = [{}]
    for i in loose:
        made = [{**m, i: s} for m in made for s in spots if s.range == i.range]
    return made
