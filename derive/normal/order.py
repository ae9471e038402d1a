"""Multiple sums in one order, so that equal sums have equal text."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise, permutations, product

from sympy import Expr, Mul

from derive.language import Index, Largest, Max, Prod, Sum
from derive.terms import canonical, rename


def height(e: Expr) -> int:
    """How many binders are nested."""
    inner = max((height(a) for a in e.args), default=0)
    return inner + 1 if isinstance(e, (Sum, Prod, Max, Largest)) else inner


def flatten(body: Expr, k: Index) -> tuple[list[Index], Expr]:
    """A product with inner sums as one multiple sum: its bound indices and its body."""
    bounds, factors = [k], []
    for factor in Mul.make_args(body):
        base, exponent = factor.as_base_exp()
        if not isinstance(base, Sum) or not exponent.is_Integer or exponent < 1:
            factors.append(factor)
            continue
        for _ in range(int(exponent)):
            inner, own = base, list[Index]()
            while isinstance(inner, Sum):
                name = Index(f"_m{len(bounds) + len(own)}", inner.index.range)
                own.append(name)
                inner = rename(inner.body, {inner.index: name})
            bounds += own
            factors.append(inner)
    return bounds, Mul(*factors)


def order_sums(bounds: Iterable[Index], body: Expr) -> Expr:
    """The multiple sum in the one order and naming whose text is smallest.

    Orders differ only among indices that play the same part in the body; of indices that may be
    swapped without changing it, one order is tried.
    """
    bounds = list(bounds)
    if len(bounds) == 1:
        return _ordered(bounds, body)
    groups: dict[str, list[Index]] = {}
    for b in bounds:
        groups.setdefault(_part_played(b, bounds, body), []).append(b)
    choices = [_orders(groups[part], body) for part in sorted(groups)]
    made = (_ordered([b for group in order for b in group], body) for order in product(*choices))
    return min(made, key=str)


def _part_played(b: Index, bounds: Iterable[Index], body: Expr) -> str:
    """How b occurs in the body, whatever the bound indices are called."""
    names = {other: Index("_o", other.range) for other in bounds} | {b: Index("_x", b.range)}
    return b.range + " " + str(canonical(rename(body, names)))


def _orders(group: list[Index], body: Expr) -> list[tuple[Index, ...]]:
    key = canonical(body)
    swaps = ({a: b, b: a} for a, b in pairwise(group))
    if all(canonical(rename(body, swap)) == key for swap in swaps):
        return [tuple(group)]
    return list(permutations(group))


def _ordered(order: list[Index], body: Expr) -> Expr:
    made = rename(body, {b: Index(f"_s{c}", b.range) for c, b in enumerate(order)})
    for c, b in enumerate(order):
        made = Sum(made, Index(f"_s{c}", b.range))
    return canonical(made)
