"""The NumPy printer: vectors are arrays with the classes on the last axis, per-row numbers keep it.

Vectors have the element type of the logits; per-row numbers are float64, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from codegen import numpy_plans, twofold
from codegen.backends.preamble import Preamble
from codegen.backends.rendering import render
from codegen.kernel import (
    AtPlace,
    Const,
    Element,
    Gather,
    Kernel,
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
from codegen.numpy_plans import Plan

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
BINDING = {"add": 1, "sub": 1, "mul": 2, "div": 2, "neg": 2}
FUNCTIONS = {
    "exp": "np.exp({})", "expm1": "np.expm1({})", "log": "np.log({})", "log1p": "np.log1p({})",
    "abs": "np.abs({})", "sqrt": "np.sqrt({})", "relu": "np.maximum({}, 0)",
    "maximum": "np.maximum({}, {})",
    "sign": "np.sign({})", "step": "np.heaviside({}, 0.5)", "tanh": "np.tanh({})",
    "pow": "{} ** {}", "sin": "np.sin({})", "cos": "np.cos({})", "tan": "np.tan({})",
    "exp_difference": "exp_difference({}, {})", "exp_rows": "exp_rows({}, {})",
    "exp_sum": "exp_sum({}, {}, {})",
    "exp_quotient": "exp_quotient({}, {}, {})", "lost": "sum_of({}, {})[1]",
    "log_sum": "log_sum({}, {}, {})", "weigh": "weigh({}, {})",
    "select": "np.where({}, {}, {})",
    "positive": "{} > 0", "erf": "erf({})", "lgamma": "lgamma({})", "pi": "np.pi",
}  # fmt: skip
EVERYWHERE = "everywhere"
"""Where each element of a vector lies."""
HELPERS = (
    "exp_difference", "exp_rows", "exp_sum", "exp_quotient", "log_sum", "weigh",
    "refuse_others", "spot_of_largest", "spot", "spots", "at", "put", "sum_but", "sum_of_rows",
    "lossy", "ends", "erf", "lgamma",
)  # fmt: skip
NEEDED = {
    "exp_rows": ("exp_difference",), "refuse_others": ("ends",), "spot_of_largest": ("spot",),
    "sum_but": ("sum_of_rows",), "lossy": ("ends",),
}  # fmt: skip
"""Helpers that call others."""


def source(
    kernels: tuple[Kernel, ...], preamble: Preamble, unshifted: tuple[Kernel, ...] = ()
) -> str:
    """The text of the NumPy module that holds these kernels; some are tried unshifted first."""
    tried = {k.name: k for k in unshifted}
    functions = [f for k in kernels for f in _functions(k, tried.get(k.name))]
    text = "\n".join(line for f in functions for line in [*f["lines"], f["returns"]])
    places = "spot( refuse_others(" if any(f["places"] for f in functions) else ""
    return render(
        "numpy/module.py.j2", preamble=preamble, functions=functions,
        **helpers([*called(f"{text} {places}"), "by_blocks"]),
    )  # fmt: skip


def called(text: str) -> list[str]:
    """The helpers that a text calls, and those that they call."""
    direct = {h for h in HELPERS if re.search(rf"\b{h}\(", text)}
    return [h for h in HELPERS if h in direct or any(h in NEEDED.get(d, ()) for d in direct)]


def helpers(names: list[str]) -> dict[str, Any]:
    """What `numpy/helpers.j2` prints: functions by name, and the numbers in them."""
    return {
        "helpers": names, "twofold": twofold.constants(), "few": numpy_plans.FEW,
        "block": numpy_plans.BLOCK, "exp_most": numpy_plans.EXP_MOST, "many": numpy_plans.MANY,
        "run": numpy_plans.RUN,
    }  # fmt: skip


def _functions(kernel: Kernel, unshifted: Kernel | None) -> Iterator[dict[str, Any]]:
    plan = numpy_plans.plan(kernel)
    if unshifted is None:
        yield _function(kernel, plan, _decorated(kernel, plan))
        return
    tried = _function(unshifted, numpy_plans.plan_unshifted(unshifted), "")
    yield tried | {"name": f"{kernel.name}_unshifted"}
    yield _function(kernel, plan, _decorated(kernel, plan, f"{kernel.name}_unshifted"))


def _function(kernel: Kernel, plan: Plan, decorated: str) -> dict[str, Any]:
    lines = [line for step in plan.passes for line in _pass(step, plan)]
    code = " ".join(line for line in lines if not line.startswith("#"))
    names = [i.name for i in kernel.inputs]
    lost = f", lossy({names[0]}, {', '.join(plan.checked)})" if plan.checked else ""
    if EVERYWHERE in code:
        lines = [f"{EVERYWHERE} = spots({names[0]})", *lines]
    return {
        "name": kernel.name,
        "arguments": ", ".join(names if plan.first is None else [*names, "memory"]),
        "decorated": decorated,
        "computed": kernel.computed,
        "inputs": kernel.inputs,
        "first": names[0],
        "size": re.search(r"\bn\b", code) is not None,
        "places": [i.name for i in kernel.inputs if i.kind == "position"],
        "lines": lines,
        "returns": f"({', '.join(_returned(kernel, name) for _, name in kernel.outputs)},){lost}",
    }


def _decorated(kernel: Kernel, plan: Plan, tried: str = "") -> str:
    """What `by_blocks` is told."""
    kinds = ["vector" if _is_map(kernel, name) else "number" for _, name in kernel.outputs]
    wide = ["dtype=np.float64"] if plan.wide else []
    memory = ["memory=True"] if plan.first is not None else []
    first = [f"first={tried}"] if tried else []
    labels = [f"labels={c}" for c, i in enumerate(kernel.inputs) if i.kind == "position"]
    return ", ".join([*(f'"{k}"' for k in kinds), *wide, *memory, *labels, *first])


def _is_map(kernel: Kernel, name: str) -> bool:
    return any(isinstance(p, Map) and p.name == name for p in kernel.passes)


def _returned(kernel: Kernel, name: str) -> str:
    return name


def _pass(step: Pass, plan: Plan) -> list[str]:
    note = [f"# {step.say}"] if step.say else []
    if isinstance(step, Let):
        return [*note, f"{step.name} = {expression(step.value)}"]
    if isinstance(step, Reduce):
        return [*note, *_reduce(step, plan)]
    return [*note, *_map(step, plan)]


def _reduce(step: Reduce, plan: Plan) -> list[str]:
    body = _vector(step.body, plan)
    if step.op == "argmax":
        return [f"{step.name} = spot_of_largest({body})"]
    if step.op == "max":
        return [f"{step.name} = np.max({body}, axis=-1, keepdims=True)"]
    if not step.skip:
        made = "sum_of_rows({})" if plan.checked else "np.sum({}, axis=-1, keepdims=True)"
        return [f"{step.name} = {made.format(body)}"]
    start = f"{expression(step.start)} + " if step.start is not None else ""
    places = ", ".join(step.skip)
    return [f"{step.name} = {start}sum_but({body}, {places})"]


def _map(step: Map, plan: Plan) -> list[str]:
    body = _vector(step.body, plan)
    used = plan.over.get(step.name)
    if used is not None:
        assert isinstance(step.body, Op)
        other = expression(step.body.args[1])
        other = other if plan.wide else f"np.asarray({other}, {used}.dtype)"
        body = f"np.{numpy_plans.IN_PLACE[step.body.name]}({used}, {other}, {used})"
    patches = [line for patch in step.patches for line in _patch(step.name, patch)]
    return [f"{step.name} = {body}", *patches]


def _vector(value: Value, plan: Plan) -> str:
    """A vector as text; the first exponentials take the memory that there is."""
    text = expression(value)
    return text.removesuffix(")") + ", memory)" if value == plan.first else text


def _patch(name: str, patch: Patch) -> list[str]:
    note = [f"# {patch.say}"] if patch.say else []
    value = expression(patch.value)
    return [*note, f"put({name}, {patch.at}, {value})"]


def expression(value: Value, outer: int = 0) -> str:
    """A value as NumPy text, in parentheses only where they are needed."""
    if isinstance(value, Const):
        return _constant(value)
    if isinstance(value, (Number, Element, Row)):
        return value.name
    if isinstance(value, Gather):
        return f"at({value.name}, {value.at})"
    if isinstance(value, (AtPlace, SamePlace)):
        first, second = value.compared(EVERYWHERE)
        return f"({first} == {second})" if outer else f"{first} == {second}"
    assert isinstance(value, Op)
    return _operation(value, outer, expression)


def _operation(value: Op, outer: int, go: Callable[[Value, int], str]) -> str:
    if value.name == "neg":
        text = f"-{go(value.args[0], 2)}"
    elif value.name in INFIX:
        mine = BINDING[value.name]
        right = mine + (value.name in ("sub", "div"))
        text = f"{go(value.args[0], mine)} {INFIX[value.name]} {go(value.args[1], right)}"
    else:
        outer = 3 if value.name == "pow" else 0
        return FUNCTIONS[value.name].format(*(go(a, outer) for a in value.args))
    return f"({text})" if BINDING[value.name] < outer else text


def _constant(value: Const) -> str:
    if value.value.denominator == 1:
        return str(value.value.numerator)
    return f"({value.value.numerator} / {value.value.denominator})"


__all__ = ["expression", "is_vector", "pass_values", "source", "walk"]
