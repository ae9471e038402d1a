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


def share(passes: tuple[Pass, ...], names: Mapping[Value, Naming]) -> tuple[Pass, ...]:
    """Costly vectors that several passes need are computed once and kept."""
    while shared := _shared(passes):
        value = shared[0]
        naming = names.get(value)
        name = _free_name(passes, naming.name if naming else "kept")
        passes = _keep(passes, value, name, naming.say if naming else "")
    return passes


def _shared(passes: tuple[Pass, ...]) -> list[Value]:
    counts = Counter(v for p in passes for v in _costly(p))
    made = {p.body for p in passes if isinstance(p, Map) and p.kept}
    return [v for v, count in counts.items() if count > 1 and v not in made]


def _costly(step: Pass) -> list[Value]:
    """As often as they occur."""
    found = (v for value in pass_values(step) for v in walk(value))
    return [v for v in found if isinstance(v, Op) and v.name in COSTLY and is_vector(v)]


def _keep(passes: tuple[Pass, ...], value: Value, name: str, say: str) -> tuple[Pass, ...]:
    first = next(c for c, p in enumerate(passes) if value in _costly(p))
    after = tuple(_substitute_pass(p, value, Element(name)) for p in passes[first:])
    return (*passes[:first], Map(name, value, kept=True, say=say), *after)


def _substitute_pass(step: Pass, value: Value, by: Value) -> Pass:
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


def schedule(passes: tuple[Pass, ...], outputs: tuple[str, ...]) -> Schedule:
    """Fuse into loops; a kept vector that finds no room is computed again where it is needed."""
    storage: dict[str, str] = {}
    groups = fuse(passes)
    for step in [p for g in groups for p in g if isinstance(p, Map) and p.kept]:
        place = _room(step, groups, outputs, set(storage.values()))
        if place is None:
            return schedule(_recompute(passes, step.name), outputs)
        storage[step.name] = place
    return Schedule(groups, storage)


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


def _recompute(passes: tuple[Pass, ...], name: str) -> tuple[Pass, ...]:
    step = next(p for p in passes if p.name == name)
    assert isinstance(step, Map)
    others = tuple(p for p in passes if p is not step)
    return tuple(_substitute_pass(p, Element(name), step.body) for p in others)
