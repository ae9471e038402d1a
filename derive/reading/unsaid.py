"""Meanings that a document leaves to its reader: an n that counts, an o that is none of the k, an X
whose rows are the x_i, an ε that keeps a root from zero.

Each is a condition, tried where an equality does not hold without it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import combinations
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow

from derive.language import Abs, Array, At, Exp, Index, Sigmoid, Step, Sum, size
from derive.notation import text
from derive.reading.ledger import Ledger
from derive.reading.narrowing import HALF
from derive.reading.surroundings import Surroundings
from derive.reading.together import Reading
from derive.reading.verdicts import Condition
from derive.statement import Definition
from derive.terms import arrays, elements, free_indices

COUNTS = frozenset("nNKCmMdDVBJT")


def counting(reading: Reading, ledger: Ledger, around: Surroundings) -> Iterator[Condition]:
    """A bare n beside sums without bounds may be the number of their terms."""
    ranges = sorted({r for a in around.used for r in a.ranges} & reading.unbounded)
    ranges += sorted(
        {i.range for e in around.bodies for i in bound(e)} & reading.unbounded - {*ranges}
    )
    for array in around.given:
        sized = array.domain == "size" and array.name not in reading.unbounded
        counts = array.name in COUNTS and array not in around.varied
        if array.ranges or not counts or not (sized or array.domain == "real"):
            continue
        if any(_shifts(array, e) for e in around.bodies):
            continue
        for range_ in ranges:
            put: tuple[Any, ...] = ((range_, array.name),)
            put = put if sized else ((array, size(array.name)), *put)
            yield Condition(f"{array.name} is the number of terms", instead=put,
                            stated=array.name in ledger.counted)  # fmt: skip


def _shifts(array: Array, e: Expr) -> bool:
    """Whether a letter is a term beside an element, as a margin is in relu(m + z_k - z_t): no
    number of terms is added to one of them."""
    terms = Add.make_args(e)
    bare = any(At(array) in (t, -t) for t in terms)
    beside = any(isinstance(f, At) and f.indices for t in terms for f in Mul.make_args(t))
    return (bare and beside) or any(_shifts(array, a) for a in e.args)


def sampled(around: Surroundings) -> Iterator[Condition]:
    """In f(u_o) + Σ_k g(u_k) with a fixed o, o may be meant to be none of the k (negative
    sampling); then a further free k is not o either."""
    bodies = (d.body for a, d in around.known.items() if a in around.used)
    for array, bound, alone in dict.fromkeys(s for b in bodies for s in _samples(b)):
        words, pair = f"{alone.name} is none of the {bound.name}", (alone, array)
        yield Condition(words, instead=(pair,), stated=False)
        for other in sorted(around.free - {alone}, key=str):
            if other.range == alone.range:
                yield Condition(words, distinct=(other, alone), instead=(pair,), stated=False)


def told_apart(around: Surroundings) -> tuple[Condition, ...]:
    """Two letters that a definition fixes and its head does not show, as in log π_w - log π_l, are
    meant to differ."""
    made: dict[tuple[Index, Index], Condition] = {}
    for array, definition in around.known.items():
        hidden = free_indices(definition.body) - set(definition.indices)
        for a, b in combinations(sorted(hidden, key=str), 2) if array in around.used else ():
            if a.range == b.range:
                words = f"{a.name} ≠ {b.name}"
                made[a, b] = Condition(words, distinct=(a, b), stated=False)
    return tuple(made.values())


def numeric(around: Surroundings, named: bool) -> Iterator[Condition]:
    """In e^{-σ(a - b)} σ is a number, unless the document speaks of the sigmoid."""
    if not named and any(_raised_to(e, Sigmoid) for e in around.bodies):
        scale = At(Array("sigma", ()))
        yield Condition("σ is a number", instead=((Sigmoid, scale),), stated=False)


def _raised_to(e: Expr, kind: type[Expr]) -> bool:
    return (isinstance(e, Exp) and e.has(kind)) or any(_raised_to(a, kind) for a in e.args)


def coincidences(around: Surroundings) -> Iterator[Condition]:
    """Where values are asked to be equal, as in 1[a + b = c], nothing is proved but for those that
    are not."""
    for gap in dict.fromkeys(g for e in around.bodies for g in _gaps(e)):
        yield Condition(f"{text(gap)} ≠ 0", stated=False)


def _gaps(e: Expr) -> Iterator[Expr]:
    """The a - b of each (1 - [a > b]) (1 - [b > a])."""
    least = [s.args[0] for f in e.args for s in (1 - f,) if isinstance(s, Step)] if e.is_Mul else []
    yield from (a for a, b in combinations(least, 2) if a + b == 0)
    for part in e.args:
        yield from _gaps(part)


def _samples(body: Expr) -> Iterator[tuple[Array, Index, Index]]:
    """(u, k, o) of each f(u_o) + Σ_k g(u_k) whose sum is a term of its own."""
    terms = Add.make_args(body)
    sums = [(t, s) for t in terms for s in Mul.make_args(t) if isinstance(s, Sum)]
    for term, found in sums:
        for array in sorted(arrays(found.body), key=str):
            inside = _positions(found.body, array)
            outside = {i for t in terms if t is not term for i in _positions(t, array)}
            alone = (outside - inside) & free_indices(body)
            if found.index in inside and not found.excluded and len(alone) == 1:
                (index,) = alone
                if index.range == found.index.range:
                    yield array, found.index, index


def _positions(e: Expr, array: Array) -> set[Index]:
    return {i for at in elements(e, array) for i in at.indices if isinstance(i, Index)}


def stacked(around: Surroundings, said: Collection[str]) -> Iterator[Condition]:
    """An X that nothing defines may hold the x_i as its rows; of some it is `said`."""
    names = {a.name: a for a in around.used if len(a.ranges) == 2}
    for name, array in sorted(names.items()):
        rows = names.get(name.lower())
        if rows is not None and array not in around.known and name.isupper():
            pairs = zip(array.ranges, rows.ranges, strict=True)
            put = (*(p for p in pairs if p[0] != p[1]), (array, rows))
            words = f"the rows of {name} are the {rows.name}_i"
            yield Condition(words, instead=put, stated=name in said)


def symmetric(around: Surroundings, names: Collection[str]) -> Iterator[Condition]:
    """A matrix that is called symmetric is the sum of another and its transposed."""
    for array in around.given:
        if array.name in names and len(array.ranges) == 2 and len({*array.ranges}) == 1:
            i, j = Index("i", array.ranges[0]), Index("j", array.ranges[0])
            half = Array(f"{array.name}{HALF}", array.ranges)
            made = Definition(array, (i, j), At(half, i, j) + At(half, j, i))
            yield Condition(f"{array.name} symmetric", instead=((array, made),))


def bound(e: Expr) -> Iterator[Index]:
    """The indices of the sums in an expression."""
    if isinstance(e, Sum):
        yield e.index
    for part in e.args:
        yield from bound(part)


def guards(around: Surroundings) -> Iterator[Condition]:
    """An ε that is added under a root keeps it from zero, and a δ in |r| < δ is no threshold
    unless it is positive, whether that is said or not."""
    for array in around.given:
        if array.domain == "real" and not array.ranges:
            kept = array.name == "epsilon" and any(_rooted(e, array) for e in around.bodies)
            if kept or any(_least(e, array) for e in around.bodies):
                positive = Array(array.name, (), "positive")
                yield Condition(f"{array.name} > 0", instead=((array, positive),))


def _least(e: Expr, array: Array) -> bool:
    """Whether it asks for |r| < δ."""
    if isinstance(e, Step):
        terms = [t for a in Add.make_args(e.args[0]) for t in (a, -a)]
        return len(terms) == 4 and At(array) in terms and any(isinstance(t, Abs) for t in terms)
    return any(_least(a, array) for a in e.args)


def whole_powers(around: Surroundings) -> Iterator[Condition]:
    """A symbolic exponent as the number 2: (-1 - p)^γ has a value there, and can be refuted."""
    raised = set[Array]().union(*(_exponents(e) for e in around.bodies))
    for array in around.given:
        if array in raised and not array.ranges and array.domain != "size":
            yield Condition(f"{array.name} = 2", instead=((At(array), Integer(2)),), stated=False)


def _exponents(e: Expr) -> set[Array]:
    found = {*arrays(e.exp)} if isinstance(e, Pow) else set[Array]()
    return found.union(*(_exponents(a) for a in e.args))


def _rooted(e: Expr, array: Array) -> bool:
    if isinstance(e, Pow) and not e.exp.is_integer and At(array) in Add.make_args(e.base):
        return True
    return any(_rooted(a, array) for a in e.args)
