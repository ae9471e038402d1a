"""Decisions about NumPy: the type that vectors have, and where exponentials live.

Exponentials keep their digits in the type of the logits, as long as they are only summed and
multiplied by numbers of a row; whatever else is made of vectors is made in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

from codegen import fast
from codegen.kernel import (
    Element,
    Gather,
    Kernel,
    Let,
    Map,
    Number,
    Op,
    Pass,
    Reduce,
    Value,
    is_vector,
    pass_values,
    walk,
)  # fmt: skip
from codegen.schedule import reads, substitute_pass

FEW = 64
"""Below so many classes loops along the classes take longer than loops along the rows."""
MANY, RUN = 4096, 256
"""From so many classes on sums of short runs, which einsum makes in lanes, take half the time of a
pairwise sum, and lose less."""
BLOCK = 1 << 19
"""Bytes: a block of logits and what is made of it stay in a second-level cache of 1 MiB or more."""
EXP_MOST = {"float32": 80, "float64": 640}
"""Where e^x and e^-x are normal numbers, with room for a sum."""
IN_PLACE = {"mul": "multiply", "div": "divide"}


@dataclass(frozen=True)
class Plan:
    """The passes as they are run; whether vectors are float64 whatever the logits are; the
    exponentials that take the memory of the result; by name, maps that write over these; and of
    an unshifted kernel the sum of exponentials, then the numbers made of them, that are checked."""

    passes: tuple[Pass, ...]
    wide: bool
    first: Value | None
    over: dict[str, str]
    checked: tuple[str, ...] = ()


def plan(kernel: Kernel) -> Plan:
    """How the kernel runs in NumPy."""
    passes, first, wide = _gathered(kernel), None, not fast.only_scales(kernel)
    for power in () if wide else _exps_of_rows(passes):
        product = Op("exp_rows", power.args)
        first = first or product
        passes = tuple(substitute_pass(p, power, product) for p in passes)
    return Plan(passes, wide, first, _all_over(passes))


def plan_unshifted(kernel: Kernel) -> Plan:
    """How a kernel runs that takes e^z as it is (see `codegen.unshifted`)."""
    passes = kernel.passes
    powers = (v for p in passes for top in pass_values(p) for v in walk(top))
    first = next(v for v in powers if isinstance(v, Op) and v.name == "exp" and is_vector(v))
    total = next(p.name for p in passes if isinstance(p, Reduce))
    scales = {v for p in passes if isinstance(p, Map) for v in _scales(p.body)}
    single = {p.name for p in passes if isinstance(p, Let) and _is_exp_of_one(p.value)}
    made = (p.name for p in passes if p.name in scales | single)
    return Plan(passes, False, first, _all_over(passes), (total, *made))


def _scales(body: Value) -> set[str]:
    """The numbers that a vector is multiplied with."""
    products = (v for v in walk(body) if isinstance(v, Op) and v.name == "mul" and is_vector(v))
    return {a.name for v in products for a in v.args if isinstance(a, Number)}


def _is_exp_of_one(value: Value) -> bool:
    return isinstance(value, Op) and value.name == "exp" and not is_vector(value)


def _all_over(passes: tuple[Pass, ...]) -> dict[str, str]:
    return {p.name: used for p in passes if (used := _written_over(p, passes))}


def _exps_of_rows(passes: tuple[Pass, ...]) -> dict[Op, None]:
    """Those that become products e^x e^-m: each loses an ulp more, of which a derivative that sums
    further products has none to give."""
    powers = (v for p in passes for top in pass_values(p) for v in walk(top))
    return {v: None for v in powers if isinstance(v, Op) and _is_exp_of_rows(v)}


def _is_exp_of_rows(value: Value) -> bool:
    """Whether a value is e^(x - m) of a vector x and a number m of each row."""
    if not isinstance(value, Op) or value.name != "exp_difference":
        return False
    return is_vector(value.args[0]) and not is_vector(value.args[1])


def _gathered(kernel: Kernel) -> tuple[Pass, ...]:
    """e^(z_t - m) is looked up among the exponentials where these are kept."""
    passes = kernel.passes
    for step in (p for p in passes if isinstance(p, Map) and p.kept and _is_exp_of_rows(p.body)):
        here = passes.index(step) + 1
        for value, place in _at_places(step, passes[here:]).items():
            found = Let(_name(step, value, place, kernel), Gather(step.name, place))
            rest = (p for p in passes[here:] if p.name != found.name)
            named = (substitute_pass(p, value, Number(found.name)) for p in rest)
            passes = (*passes[:here], found, *named)
    return passes


def _at_places(step: Map, later: tuple[Pass, ...]) -> dict[Op, str]:
    """The exponentials of single elements that the vector holds, and their places."""
    assert isinstance(step.body, Op)
    vector, shift = step.body.args
    every = (v for p in later for top in pass_values(p) for v in walk(top))
    return {
        v: v.args[0].at for v in every
        if isinstance(v, Op) and v.name == "exp_difference" and v.args[1] == shift
        and isinstance(v.args[0], Gather) and Element(v.args[0].name) == vector
    }  # fmt: skip


def _name(step: Map, value: Op, place: str, kernel: Kernel) -> str:
    """What the number is called already, or a name that nothing else has."""
    for p in kernel.passes:
        if isinstance(p, Let) and p.value == value:
            return p.name
    taken = {p.name for p in kernel.passes} | {i.name for i in kernel.inputs}
    name = f"{step.name}_{place}"
    while name in taken:
        name += "_"
    return name


def _written_over(step: Pass, passes: tuple[Pass, ...]) -> str:
    """A kept vector that is needed for this product or quotient by a row's number, and no more."""
    if not isinstance(step, Map) or step.kept or not isinstance(step.body, Op):
        return ""
    if step.body.name not in IN_PLACE or not isinstance(step.body.args[0], Element):
        return ""
    kept = {p.name for p in passes if isinstance(p, Map) and p.kept}
    again = {n for p in passes[passes.index(step) + 1 :] for n in reads(p)}
    again |= {v.name for p in step.patches for v in walk(p.value) if isinstance(v, Gather)}
    name = step.body.args[0].name
    return name if name in kept - again and not is_vector(step.body.args[1]) else ""
