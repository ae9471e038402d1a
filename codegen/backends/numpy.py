"""The NumPy printer: vectors are arrays with the classes on the last axis, per-row numbers keep it.

Vectors have the element type of the logits; per-row numbers are float64, whatever it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from codegen import twofold
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

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
BINDING = {"add": 1, "sub": 1, "mul": 2, "div": 2, "neg": 2}
FUNCTIONS = {
    "exp": "np.exp({})", "expm1": "np.expm1({})", "log": "np.log({})", "log1p": "np.log1p({})",
    "abs": "np.abs({})", "sqrt": "np.sqrt({})", "relu": "np.maximum({}, 0)",
    "maximum": "np.maximum({}, {})",
    "sign": "np.sign({})", "step": "np.heaviside({}, 0.5)", "tanh": "np.tanh({})",
    "pow": "{} ** {}",
    "exp_difference": "exp_difference({}, {})", "log_sum": "log_sum({}, {}, {})", "weigh": "weigh({}, {})",
    "select": "np.where({}, {}, {})",
    "positive": "{} > 0", "erf": "erf({})", "lgamma": "lgamma({})", "pi": "np.pi",
}  # fmt: skip
HELPERS = ("exp_difference", "log_sum", "weigh", "at", "sum_but", "erf", "lgamma")


def source(kernels: tuple[Kernel, ...], preamble: Preamble) -> str:
    """The text of the NumPy module that holds these kernels."""
    functions = [_function(k) for k in kernels]
    text = "\n".join(line for f in functions for line in f["lines"])
    helpers = [h for h in HELPERS if f"{h}(" in text]
    return render(
        "numpy/module.py.j2", preamble=preamble, functions=functions, helpers=helpers,
        twofold=twofold.constants(),
    )  # fmt: skip


def _function(kernel: Kernel) -> dict[str, Any]:
    lines = [line for step in kernel.passes for line in _pass(step, kernel)]
    return {
        "name": kernel.name,
        "arguments": ", ".join(i.name for i in kernel.inputs),
        "formula": kernel.formula,
        "inputs": kernel.inputs,
        "first": kernel.inputs[0].name,
        "size": any(re.search(r"\bn\b", line) for line in lines if not line.startswith("#")),
        "columns": [i.name for i in kernel.inputs if i.kind in ("position", "number")],
        "widened": [i.name for i in kernel.inputs if i.kind == "vector"]
        if kernel.elementwise
        else [],
        "lines": lines,
        "returns": ", ".join(_returned(kernel, name) for _, name in kernel.outputs),
    }


def _returned(kernel: Kernel, name: str) -> str:
    made = next(p for p in kernel.passes if p.name == name)
    return name if isinstance(made, Map) else f"{name}[..., 0].astype(dtype)"


def _pass(step: Pass, kernel: Kernel) -> list[str]:
    note = [f"# {step.say}"] if step.say else []
    if isinstance(step, Let):
        return [*note, f"{step.name} = {expression(step.value)}"]
    if isinstance(step, Reduce):
        return [*note, *_reduce(step)]
    return [*note, *_map(step, kernel)]


def _reduce(step: Reduce) -> list[str]:
    body = expression(step.body)
    if step.op == "argmax":
        return [f"{step.name} = np.argmax({body}, axis=-1, keepdims=True)"]
    if step.op == "max":
        return [f"{step.name} = np.max({body}, axis=-1, keepdims=True)"]
    if not step.skip:
        return [f"{step.name} = np.sum({body}, axis=-1, keepdims=True, dtype=np.float64)"]
    start = f"{expression(step.start)} + " if step.start is not None else ""
    places = ", ".join(step.skip)
    return [f"{step.name} = {start}sum_but({body}, {places})"]


def _map(step: Map, kernel: Kernel) -> list[str]:
    body = expression(step.body)
    if not step.kept or not isinstance(step.body, Op) or step.body.name != "exp_difference":
        body = body if step.kept else f"({body}).astype(dtype, copy=False)"
    patches = [line for patch in step.patches for line in _patch(step.name, patch)]
    return [f"{step.name} = {body}", *patches]


def _patch(name: str, patch: Patch) -> list[str]:
    note = [f"# {patch.say}"] if patch.say else []
    value = expression(patch.value)
    return [*note, f"np.put_along_axis({name}, {patch.at}, {value}, axis=-1)"]


def expression(value: Value, outer: int = 0) -> str:
    """A value as NumPy text, in parentheses only where they are needed."""
    if isinstance(value, Const):
        return _constant(value)
    if isinstance(value, (Number, Element, Row)):
        return value.name
    if isinstance(value, Gather):
        return f"at({value.name}, {value.at})"
    if isinstance(value, AtPlace):
        return f"np.arange(n) == {value.place}"
    if isinstance(value, SamePlace):
        return f"{value.first} == {value.second}"
    return _operation(value, outer, expression)


def _operation(value: Op, outer: int, go: Callable[[Value, int], str]) -> str:
    if value.name == "neg":
        text = f"-{go(value.args[0], 2)}"
    elif value.name in INFIX:
        mine = BINDING[value.name]
        right = mine + (value.name in ("sub", "div"))
        text = f"{go(value.args[0], mine)} {INFIX[value.name]} {go(value.args[1], right)}"
    else:
        return FUNCTIONS[value.name].format(
            *(go(a, 3 if value.name == "pow" else 0) for a in value.args)
        )
    return f"({text})" if BINDING[value.name] < outer else text


def _constant(value: Const) -> str:
    if value.value.denominator == 1:
        return str(value.value.numerator)
    return f"({value.value.numerator} / {value.value.denominator})"


__all__ = ["expression", "is_vector", "pass_values", "source", "walk"]
