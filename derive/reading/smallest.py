"""A counterexample made as plain as it goes: zeros and ones for what the witness has drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from derive.witness import Counterexample, WitnessError

MOST = 40
LEAST = Fraction(1, 10**9)
Sides = Callable[[Counterexample], tuple[str, str]]


def smallest(found: Counterexample, loose: Iterable[str], sides: Sides) -> Counterexample:
    """The plainest counterexample near `found`; only the arrays in `loose` may take any value."""
    best, left = found, MOST
    names = sorted(set(loose) & found.arrays.keys())
    for candidate in _candidates(found, names):
        for trial in (candidate, {**best.arrays, **candidate}):
            left -= 1
            made = _refuted(replace(found, arrays={**found.arrays, **trial}), sides)
            if made is not None and _weight(made) < _weight(best):
                best = made
        if left <= 0:
            break
    return best


def _candidates(found: Counterexample, names: list[str]) -> Iterator[dict[str, Any]]:
    """All of them zero, then each by itself: zeros, ones, one at a single place."""
    yield {name: _like(found.arrays[name], "0") for name in names}
    for name in names:
        old = found.arrays[name]
        yield {name: _like(old, "0")}
        yield {name: _like(old, "1")}
        if isinstance(old, list) and not any(isinstance(row, list) for row in old):
            for k in range(len(old)):
                yield {name: ["1" if at == k else "0" for at in range(len(old))]}


def _like(value: Any, entry: str) -> Any:
    return [_like(v, entry) for v in value] if isinstance(value, list) else entry


def _refuted(at: Counterexample, sides: Sides) -> Counterexample | None:
    try:
        left, right = sides(at)
    except (WitnessError, ArithmeticError, ValueError):
        return None
    return replace(at, left=left, right=right) if differ(left, right) else None


def differ(left: str, right: str) -> bool:
    """Whether two numbers plainly differ: 0 and 0.0, or what is left of a difference quotient where
    the truth is 0, do not."""
    try:
        ours, theirs = Fraction(left), Fraction(right)
    except ValueError:
        return left != right
    return abs(ours - theirs) > LEAST * max(abs(ours), abs(theirs), Fraction(1))


def _weight(at: Counterexample) -> tuple[int, int, int]:
    """Decimals weigh most, then entries that are not 0, then how long they are to write."""
    entries = [e for value in at.arrays.values() for e in _flat(value)]
    decimals = sum("." in side for side in (at.left, at.right))
    return decimals, sum(e != "0" for e in entries), sum(map(len, entries))


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _flat(part)
    else:
        yield str(value)
