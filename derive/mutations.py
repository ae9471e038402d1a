"""Wrong versions of right expressions, one small change each: what a checker has to catch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from sympy import Add, Expr, Mul, Pow, nan, zoo

from derive.deciding import PROVED, REFUTED, UNDECIDED, differ, trees
from derive.derivation import Derivation, Step
from derive.errors import DeriveError
from derive.language import At, Binder, Delta, Deriv, Index, Largest, Sum
from derive.prover import prove
from derive.statement import Context
from derive.terms import arrays, free_indices, rename, same
from derive.witness import equal

NOTHING = "says nothing"

Change = Callable[[Expr, "Place"], Iterator[Expr]]


@dataclass(frozen=True)
class Place:
    """What may stand where a change is made: the indices and the arrays of the equation."""

    indices: tuple[Index, ...]
    elements: tuple[At, ...]


@dataclass(frozen=True)
class Mutant:
    """left = right was proved; left = wrong is claimed instead, `kind` says how it was changed."""

    source: str
    kind: str
    left: Expr
    wrong: Expr
    context: Context


def sign(e: Expr, place: Place) -> Iterator[Expr]:
    """One term of a sum with the other sign, or a whole product."""
    if isinstance(e, Add):
        yield from (e - 2 * t for t in e.args)
    elif isinstance(e, Mul):
        yield -e


def another_index(e: Expr, place: Place) -> Iterator[Expr]:
    """An element at another index."""
    if isinstance(e, At):
        for c, old in enumerate(e.indices):
            for new in place.indices:
                if new != old and getattr(old, "range", "") == new.range:
                    yield At(e.array, *e.indices[:c], new, *e.indices[c + 1 :])


def dropped_factor(e: Expr, place: Place) -> Iterator[Expr]:
    """A product without one factor."""
    if isinstance(e, Mul):
        yield from (Mul(*e.args[:c], *e.args[c + 1 :]) for c in range(len(e.args)))


def dropped_term(e: Expr, place: Place) -> Iterator[Expr]:
    """A sum without one term."""
    if isinstance(e, Add):
        yield from (Add(*e.args[:c], *e.args[c + 1 :]) for c in range(len(e.args)))


def dropped_sum(e: Expr, place: Place) -> Iterator[Expr]:
    """Σ_k f_k with one term kept, its index now a free one."""
    if isinstance(e, Sum):
        same_range = [i for i in place.indices if i.range == e.index.range]
        yield from (rename(e.body, {e.index: i}) for i in same_range)


def other_delta(e: Expr, place: Place) -> Iterator[Expr]:
    """1 - δ for δ."""
    if isinstance(e, Delta):
        yield 1 - e


def other_array(e: Expr, place: Place) -> Iterator[Expr]:
    """p for y: an element of another array over the same ranges."""
    if isinstance(e, At):
        for other in place.elements:
            if other.array != e.array and other.array.ranges == e.array.ranges:
                yield At(other.array, *e.indices)


def other_power(e: Expr, place: Place) -> Iterator[Expr]:
    """x² for x, x for x², 1/x for x."""
    if isinstance(e, Pow) and e.exp.is_Integer:
        yield e.base ** (e.exp + 1)
    if isinstance(e, At) and e.array.domain != "size":
        yield e**2


KINDS: dict[str, Change] = {
    "sign": sign,
    "index": another_index,
    "dropped factor": dropped_factor,
    "dropped term": dropped_term,
    "dropped sum": dropped_sum,
    "1 - δ for δ": other_delta,
    "other array": other_array,
    "power": other_power,
}


def mutants(derivation: Derivation) -> Iterator[Mutant]:
    """Every mutant of every step's outcome and of the result, and each needed fact left out."""
    claims = [(s.before, s.after, s) for s in derivation.steps]
    for left, right, step in claims:
        context = _with_facts(derivation, step)
        place = _place(left, right)
        for kind, change in KINDS.items():
            for wrong in _everywhere(right, change, place):
                known = free_indices(left) | free_indices(right)
                if free_indices(wrong) <= known and not wrong.has(zoo, nan):
                    yield Mutant(derivation.name, kind, left, wrong, context)
        for name in step.facts:
            kept = tuple(f for f in context.facts if f.name != name)
            yield Mutant(derivation.name, "missing fact", left, right, context.with_facts(*kept))


def _with_facts(derivation: Derivation, step: Step) -> Context:
    used = (f for f in derivation.context.facts if f.name in step.facts)
    return derivation.context.with_facts(*used)


def _place(left: Expr, right: Expr) -> Place:
    indices = sorted(free_indices(left) | free_indices(right), key=str)
    found = sorted({a for e in (left, right) for a in arrays(e) if a.domain != "size"}, key=str)
    return Place(
        tuple(indices), tuple(At(a) if not a.ranges else At(a, *_some(a.ranges)) for a in found)
    )


def _some(ranges: tuple[str, ...]) -> tuple[Index, ...]:
    return tuple(Index("i", r) for r in ranges)


def _everywhere(e: Expr, change: Change, place: Place) -> Iterator[Expr]:
    """The expression with the change made at one place, for every place."""
    yield from change(e, place)
    if isinstance(e, (At, Index, Delta, Deriv)) or not e.args:
        return
    bodies = (0,) if isinstance(e, (Binder, Largest)) else range(len(e.args))
    inside = Place((*place.indices, e.args[1]), place.elements) if isinstance(e, Binder) else place
    for c in bodies:
        for new in _everywhere(e.args[c], change, inside):
            yield e.func(*e.args[:c], new, *e.args[c + 1 :])


def sample(derivations: list[Derivation], count: int, seed: int = 0) -> list[Mutant]:
    """So many mutants, drawn evenly from the derivations and from the kinds of change."""
    rng = Random(seed)
    by_source = [_shuffled(list(mutants(d)), rng) for d in derivations]
    chosen: list[Mutant] = []
    while len(chosen) < count and any(by_source):
        for pile in by_source:
            if pile and len(chosen) < count:
                chosen.append(_rarest(pile, chosen))
    return chosen


def _shuffled(pile: list[Mutant], rng: Random) -> list[Mutant]:
    rng.shuffle(pile)
    return pile


def _rarest(pile: list[Mutant], chosen: list[Mutant]) -> Mutant:
    """The next mutant of the pile, of a kind that was drawn least so far."""
    counts: dict[str, int] = {}
    for m in chosen:
        counts[m.kind] = counts.get(m.kind, 0) + 1
    best = min(range(len(pile)), key=lambda c: counts.get(pile[c].kind, 0))
    return pile.pop(best)


def verdict(mutant: Mutant) -> str:
    """What became of a mutant: "refuted" by the witness, or else

    "proved" equal after all, "says nothing" (it stands at a kink at every point, or is defined
    nowhere), or "not decided".
    """
    if same(mutant.left, mutant.wrong):
        return PROVED
    if differ(mutant.left, mutant.wrong, mutant.context) is not None:
        return REFUTED
    try:
        if prove(mutant.left, mutant.wrong, mutant.context) is not None:
            return PROVED
    except DeriveError:
        pass
    seen = equal(*trees(mutant.left, mutant.wrong, mutant.context))
    return NOTHING if seen.verdict == "not covered" else UNDECIDED
