"""Decisions about order and storage that change no result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from codegen.kernel import (
    AtPlace,
    Element,
    Gather,
    Let,
    Map,
    Number,
    Op,
    Pass,
    Patch,
    Reduce,
    Row,
    SamePlace,
    Value,
    is_vector,
    pass_values,
    walk,
)  # fmt: skip
from codegen.names import Naming

COSTLY = frozenset(
    {"exp", "exp_difference", "exp_sum", "exp_quotient", "expm1", "log", "log1p", "tanh"}
    | {"erf", "lgamma", "pow"}
)
EXPONENTIALS = frozenset({"exp", "exp_difference", "exp_sum", "exp_quotient"})


def share(passes: tuple[Pass, ...], names: Mapping[Value, Naming]) -> tuple[Pass, ...]:
    """Costly vectors that are needed more than once are computed once and kept, largest first."""
    while shared := _shared(passes, names):
        value = max(shared, key=lambda v: (v in names, len(walk(v))))
        naming = names.get(value)
        name = _free_name(passes, naming.name if naming else "kept")
        passes = _keep(passes, value, name, naming.say if naming else "")
    return passes


NUMBERS = {"exp_difference": "e", "exp_sum": "e", "exp_quotient": "e", "exp": "e", "sub": "gap"}
"""What per-row numbers are called that are named only because they are needed again."""


def name_repeated(passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
    """Per-row numbers that stand more than once get a name, the largest first."""
    while repeated := _repeated(passes):
        passes = name_number(passes, max(repeated, key=lambda v: len(walk(v))))
    return passes


def name_number(passes: tuple[Pass, ...], value: Op) -> tuple[Pass, ...]:
    """A per-row number made once, under a name, before the first pass that needs it."""
    places = sorted({v.at for v in walk(value) if isinstance(v, Gather)}, reverse=True)
    wanted = "_".join([NUMBERS.get(value.name, "part"), *places[:1]])
    first = next(c for c, p in enumerate(passes) if _has(p, value))
    known = next((p for p in passes if isinstance(p, Let) and p.value == value), None)
    named = known or Let(_free_name(passes, wanted), value)
    others = (p for p in passes[first:] if p is not known)
    after = tuple(substitute_pass(p, value, Number(named.name)) for p in others)
    return (*passes[:first], named, *after)


def _repeated(passes: tuple[Pass, ...]) -> list[Op]:
    every = (v for p in passes for top in pass_values(p) for v in walk(top))
    counts = Counter(v for v in every if isinstance(v, Op) and not is_vector(v))
    return [v for v, count in counts.items() if count > 1 and _is_long(v)]


def _is_long(value: Op) -> bool:
    """Whether reading a number twice costs a reader: a call, or several operations."""
    if value.name in ("positive", "select") or any(isinstance(a, Row) for a in value.args):
        return False
    inner = [v for v in walk(value) if isinstance(v, Op)]
    return _calls(value) or (len(inner) > 1 and any(isinstance(v, Gather) for v in walk(value)))


def _has(step: Pass, value: Value) -> bool:
    return any(value in walk(top) for top in pass_values(step))


def _shared(passes: tuple[Pass, ...], names: Mapping[Value, Naming]) -> list[Value]:
    every = (v for p in passes for top in pass_values(p) for v in walk(top))
    counts = Counter(v for v in every if _is_costly(v))
    made = {p.body for p in passes if isinstance(p, Map) and p.kept}
    return [
        v for v, count in counts.items()
        if count > 1 and v not in made and (v in names or _calls(v))
    ]  # fmt: skip


def _calls(value: Value) -> bool:
    """Whether the value itself is a call that takes time."""
    return isinstance(value, Op) and value.name in COSTLY


def _is_costly(value: Value) -> bool:
    """Whether a value differs from class to class and takes time."""
    return isinstance(value, Op) and is_vector(value) and any(_calls(v) for v in walk(value))


def _keep(passes: tuple[Pass, ...], value: Value, name: str, say: str) -> tuple[Pass, ...]:
    first = next(c for c, p in enumerate(passes) if _has(p, value))
    after = tuple(substitute_pass(p, value, Element(name)) for p in passes[first:])
    return (*passes[:first], Map(name, value, kept=True, say=say), *after)


def substitute_pass(step: Pass, value: Value, by: Value) -> Pass:
    """Every occurrence of a value in a pass replaced."""

    def go(v: Value) -> Value:
        return substitute(v, value, by)

    if isinstance(step, Let):
        return replace(step, value=go(step.value))
    if isinstance(step, Reduce):
        return replace(step, body=go(step.body), start=go(step.start) if step.start else None)
    return replace(
        step,
        body=go(step.body),
        patches=tuple(Patch(p.at, go(p.value), p.say) for p in step.patches),
    )


def substitute(inside: Value, value: Value, by: Value) -> Value:
    """Every occurrence of a value replaced."""
    if inside == value:
        return by
    if isinstance(inside, Op):
        return Op(inside.name, tuple(substitute(a, value, by) for a in inside.args))
    return inside


def _free_name(passes: tuple[Pass, ...], wanted: str) -> str:
    taken = {p.name for p in passes}
    return next(n for n in (wanted, *(f"{wanted}{c}" for c in range(2, 100))) if n not in taken)


def fuse(passes: tuple[Pass, ...]) -> tuple[tuple[Pass, ...], ...]:
    """Groups in order: each is one loop over the classes, or a run of per-row numbers.

    A pass over the classes joins the loop of those ready at the same time; it may read what a `Map`
    of that loop has just made at the same class, unless that `Map` is patched afterwards.
    """
    left, done, groups = list(passes), set(_free_names(passes)), []
    while left:
        numbers = _take(left, done, lambda p: isinstance(p, Let))
        group = numbers or _take_one_argmax(left, done) or _take(left, done, lambda p: True)
        groups.append(tuple(group))
    return tuple(groups)


def _free_names(passes: tuple[Pass, ...]) -> set[str]:
    return {n for p in passes for n in reads(p)} - {p.name for p in passes}


def reads(step: Pass) -> set[str]:
    """The names that a pass needs: vectors, numbers and positions."""
    names: set[str] = set(step.skip) if isinstance(step, Reduce) else set()
    names |= {p.at for p in step.patches} if isinstance(step, Map) else set()
    for value in (v for top in pass_values(step) for v in walk(top)):
        if isinstance(value, (Element, Number, Gather, Row)):
            names.add(value.name)
        if isinstance(value, Gather):
            names.add(value.at)
        if isinstance(value, AtPlace):
            names.add(value.place)
        if isinstance(value, SamePlace):
            names |= {value.first, value.second}
    return names


def _take_one_argmax(left: list[Pass], done: set[str]) -> list[Pass]:
    for step in left:
        if isinstance(step, Reduce) and step.op == "argmax" and reads(step) <= done:
            left.remove(step)
            done.add(step.name)
            return [step]
    return []


def _take(left: list[Pass], done: set[str], wanted: Callable[[Pass], bool]) -> list[Pass]:
    """The passes that can run now, in order; vectors made on the way count as ready."""
    taken: list[Pass] = []
    ready = set(done)
    for step in list(left):
        if (
            wanted(step)
            and reads(step) <= ready
            and not (isinstance(step, Reduce) and step.op == "argmax")
        ):
            taken.append(step)
            left.remove(step)
            if isinstance(step, Let) or (isinstance(step, Map) and not step.patches):
                ready.add(step.name)
    done |= {step.name for step in taken}
    return taken


@dataclass(frozen=True)
class Schedule:
    """The loops of a kernel, and where kept vectors live: in a loop ("") or in an output."""

    groups: tuple[tuple[Pass, ...], ...]
    storage: Mapping[str, str]


def schedule(passes: tuple[Pass, ...], outputs: tuple[str, ...], exact: bool = True) -> Schedule:
    """Fuse into loops; a kept vector that finds no room is computed again in every loop.

    Where outputs are not `exact` (float), only exponentials are kept in them: what an exponential
    is taken of would lose its digits.
    """
    storage: dict[str, str] = {}
    groups = fuse(passes)
    for step in [p for g in reversed(groups) for p in reversed(g) if _is_kept(p)]:
        assert isinstance(step, Map)
        rounds = not exact and not (isinstance(step.body, Op) and step.body.name in EXPONENTIALS)
        place = _room(step, groups, outputs, set(storage.values()))
        if place is None or (place and rounds):
            groups, place = _again(groups, step), ""
        storage[step.name] = place
    return Schedule(groups, storage)


def _is_kept(step: Pass) -> bool:
    return isinstance(step, Map) and step.kept


def _again(groups: tuple[tuple[Pass, ...], ...], step: Map) -> tuple[tuple[Pass, ...], ...]:
    """The vector computed in every loop that reads it; a place is found among its bodies."""
    made = []
    for group in groups:
        rest = tuple(p for p in group if p is not step)
        if any(isinstance(p, Reduce) and p.op == "argmax" for p in rest):
            rest = tuple(substitute_pass(p, Element(step.name), step.body) for p in rest)
        needs = any(step.name in reads(p) for p in rest)
        made.append((step, *rest) if needs else rest)
    return tuple(g for g in made if g)


def _room(
    step: Map, groups: tuple[tuple[Pass, ...], ...], outputs: tuple[str, ...], taken: set[str]
) -> str | None:
    """Nothing ("") if one loop makes and reads it, else an output written after the last reader."""
    order = [p for g in groups for p in g]
    home = next(c for c, g in enumerate(groups) if step in g)
    readers = [p for p in order if step.name in reads(p)]
    if all(p in groups[home] for p in readers):
        return ""
    last = max(order.index(p) for p in readers)
    fits = (
        p for p in order[last:] if isinstance(p, Map) and p.name in outputs and p.name not in taken
    )
    return next((p.name for p in fits), None)
