"""Neighbours in time: what a document says of moment t, said of t + 1, and what c_{t-1} hides.

Where nothing runs over t, h_{t-1} is a quantity of its own (see `labels`).  That it comes from the
same recurrence as h_t is not forgotten: it may depend on what h_t depends on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Expr

from derive.language import Array, At, Deriv, Index, Sum
from derive.reading.ledger import builds_on, derivatives
from derive.reading.lines import EQUAL, Formula
from derive.statement import Definition

_NAME = r"(?P<name>\\?[A-Za-z]+)"
_TIME = r"_\s*(?:\{\s*t\s*(?P<shift>[+-]\s*\d+)?\s*(?P<rest>,[^{}]*)?\}|t(?![A-Za-z]))"
_USE = re.compile(rf"{_NAME}\s*{_TIME}")
_HEAD = re.compile(rf"\s*{_NAME}\s*{_TIME}\s*")
_SCRIPT = re.compile(_TIME)
_SUMMED = re.compile(r"\\(?:sum|prod)\s*_\s*\{?\s*t(?![A-Za-z])")
_MOMENT = re.compile(r"(?P<name>.+?)_t(?P<shift>[+-]\d+)?")
MOST_AHEAD = 3


def ahead(formulas: Sequence[Formula]) -> list[Formula]:
    """The definitions of h_{t+1} where the document uses it and defines h_t only."""
    texts = [s.text for f in formulas for s in f.sides]
    if any(_SUMMED.search(t) for t in texts):
        return []
    heads: dict[str, Formula] = {}
    done, made = set[tuple[str, int]](), list[Formula]()
    for formula in formulas:
        found = _HEAD.fullmatch(formula.sides[0].text)
        if found and formula.relations and formula.relations[0] in EQUAL:
            done.add((found["name"], _shift(found)))
            if not _shift(found):
                heads.setdefault(found["name"], formula)
    while new := [u for u in dict.fromkeys(_uses(texts)) if u not in done and u[0] in heads]:
        moved = [_moved(heads[name], by) for name, by in new]
        done |= {*new}
        made += moved
        texts = [s.text for f in moved for s in f.sides]
    return made


def _uses(texts: Sequence[str]) -> Iterator[tuple[str, int]]:
    found = ((m["name"], _shift(m)) for t in texts for m in _USE.finditer(t))
    return (use for use in found if 0 < use[1] <= MOST_AHEAD)


def _moved(formula: Formula, by: int) -> Formula:
    sides = [replace(s, text=_put(s.text, by)) for s in formula.sides[:2]]
    piece = replace(formula.piece, kind="implied")
    return replace(formula, piece=piece, sides=sides, relations=["="], said=[], after="")


def _shift(found: re.Match[str]) -> int:
    return int((found["shift"] or "0").replace(" ", ""))


def _put(text: str, by: int) -> str:
    """The text with every moment moved on."""

    def change(found: re.Match[str]) -> str:
        shift = _shift(found) + by
        return f"_{{t{f'{shift:+d}' if shift else ''}{found['rest'] or ''}}}"

    return _SCRIPT.sub(change, text)


def held(left: Expr, right: Expr, known: Mapping[Array, Definition]) -> Iterator[str]:
    """What is held fixed where a derivative is taken, though the recurrence may move it."""
    for array, variable in _moving(left, right, known):
        yield f"{_shown(array.name)} does not depend on {_shown(variable.name)}"


def carried(left: Expr, right: Expr, known: Mapping[Array, Definition]) -> Iterator[Definition]:
    """h_{t-1} as any function of w, where ∂h_{t-1}/∂w is spoken of: a value of its own and a slope
    of its own say all that a first derivative can ask."""
    stated = [d for side in (left, right) for d in derivatives(side)]
    spoken = {(d.expr.array, d.variable.array) for d in stated if isinstance(d.expr, At)}
    if not any(isinstance(d.expr, Deriv) for d in stated):
        for array, variable in _moving(left, right, known):
            if (array, variable) in spoken:
                yield _affine(array, variable)


def _affine(array: Array, variable: Array) -> Definition:
    """h = h⁰ + Σ (∂h/∂w) w."""
    ours = tuple(Index(f"i{k}", r) for k, r in enumerate(array.ranges))
    theirs = tuple(Index(f"j{k}", r) for k, r in enumerate(variable.ranges))
    ranges = (*array.ranges, *variable.ranges)
    slope = At(Array(f"∂{array.name}/∂{variable.name}", ranges), *ours, *theirs)
    moved = slope * At(variable, *theirs)
    for index in reversed(theirs):
        moved = Sum(moved, index)
    return Definition(array, ours, At(Array(f"{array.name}^0", array.ranges), *ours) + moved)


def _moving(
    left: Expr, right: Expr, known: Mapping[Array, Definition]
) -> Iterator[tuple[Array, Array]]:
    """(h_{t-1}, w): what has no definition, though the recurrence gives it one that builds on w."""
    definitions = dict(known)
    by_name = {a.name: a for a in known}
    for e in dict.fromkeys(d for side in (left, right) for d in derivatives(side)):
        variable = e.variable.array
        moved, at = _moment(variable.name)
        timed = at is not None or any(str(i) == "t" for i in e.variable.indices)
        for array in sorted(builds_on(e.expr, definitions) - {variable}, key=str):
            name, shift = _moment(array.name)
            source = by_name.get(name) or by_name.get(f"{name}_t")
            if shift is None or source is None or array in known or (timed and shift < (at or 0)):
                continue
            below = {a.name for a in builds_on(definitions[source].body, definitions)}
            if {variable.name, moved} & below:
                yield array, variable


def _moment(name: str) -> tuple[str, int | None]:
    found = _MOMENT.fullmatch(name)
    return (found["name"], int(found["shift"] or "0")) if found else (name, None)


def _shown(name: str) -> str:
    return re.sub(r"_(t[+-]\d+)$", r"_{\1}", name)
