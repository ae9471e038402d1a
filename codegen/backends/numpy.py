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
from codegen.schedule import reads

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
BINDING = {"add": 1, "sub": 1, "mul": 2, "div": 2, "neg": 2}
FUNCTIONS = {
    "exp": "np.exp({})", "expm1": "np.expm1({})", "log": "np.log({})", "log1p": "np.log1p({})",
    "abs": "np.abs({})", "sqrt": "np.sqrt({})", "relu": "np.maximum({}, 0)",
    "maximum": "np.maximum({}, {})",
    "sign": "np.sign({})", "step": "np.heaviside({}, 0.5)", "tanh": "np.tanh({})",
    "pow": "{} ** {}",
    "exp_difference": "exp_difference({}, {}, dtype)", "exp_sum": "exp_sum({}, {}, {})",
    "exp_quotient": "exp_quotient({}, {}, {})", "lost": "sum_of({}, {})[1]",
    "log_sum": "log_sum({}, {}, {})", "weigh": "weigh({}, {})",
    "select": "np.where({}, {}, {})",
    "positive": "{} > 0", "erf": "erf({})", "lgamma": "lgamma({})", "pi": "np.pi",
}  # fmt: skip
FEW = 64
"""Below so many classes a sum along the rows takes longer than one along the classes of a block."""
BLOCK = 1 << 17
"""A MiB for each vector that a block makes."""
SHARED = 1 << 20
"""A pool of threads takes as long to start as this many elements to compute."""
IN_PLACE = {"mul": "multiply", "div": "divide"}
HELPERS = (
    "exp_difference", "exp_sum", "exp_quotient", "log_sum", "weigh", "place_of_largest", "at",
    "put", "sum_but", "erf", "lgamma",
)  # fmt: skip


def source(kernels: tuple[Kernel, ...], preamble: Preamble) -> str:
    """The text of the NumPy module that holds these kernels."""
    functions = [_function(k) for k in kernels]
    text = "\n".join(line for f in functions for line in f["lines"])
    return render(
        "numpy/module.py.j2", preamble=preamble, functions=functions,
        **helpers([*(h for h in HELPERS if f"{h}(" in text), "wide"]),
    )  # fmt: skip


def helpers(names: list[str]) -> dict[str, Any]:
    """What `numpy/helpers.j2` prints: functions by name, and the numbers in them."""
    return {
        "helpers": names, "twofold": twofold.constants(), "few": FEW, "block": BLOCK,
        "shared": SHARED,
    }  # fmt: skip


def _function(kernel: Kernel) -> dict[str, Any]:
    lines = [line for step in kernel.passes for line in _pass(step, kernel)]
    code = " ".join(line for line in lines if not line.startswith("#"))
    return {
        "name": kernel.name,
        "arguments": ", ".join(i.name for i in kernel.inputs),
        "computed": kernel.computed,
        "inputs": kernel.inputs,
        "first": kernel.inputs[0].name,
        "size": re.search(r"\bn\b", code) is not None,
        "typed": re.search(r"\bdtype\b", code) is not None,
        "columns": [i.name for i in kernel.inputs if i.kind in ("position", "number")],
        "widened": [i.name for i in kernel.inputs if i.kind == "vector"],
        "lines": lines,
        "returns": f"({', '.join(_returned(kernel, name) for _, name in kernel.outputs)},)",
    }


def _returned(kernel: Kernel, name: str) -> str:
    made = next(p for p in kernel.passes if p.name == name)
    return name if isinstance(made, Map) else f"{name}[..., 0]"


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
        return [f"{step.name} = place_of_largest({body})"]
    if step.op == "max":
        return [f"{step.name} = np.max({body}, axis=-1, keepdims=True)"]
    if not step.skip:
        return [f"{step.name} = np.sum({body}, axis=-1, keepdims=True)"]
    start = f"{expression(step.start)} + " if step.start is not None else ""
    places = ", ".join(step.skip)
    return [f"{step.name} = {start}sum_but({body}, {places})"]


def _map(step: Map, kernel: Kernel) -> list[str]:
    body = expression(step.body)
    if isinstance(step.body, Op):
        used = _last_use(step, kernel)
        if step.kept and step.body.name == "exp_difference":
            body = f'{body.removesuffix(")")}, "{step.name}")'
        elif used is not None:
            first, second = (expression(a) for a in step.body.args)
            body = f"np.{IN_PLACE[step.body.name]}({first}, {second}, out={used})"
    patches = [line for patch in step.patches for line in _patch(step.name, patch)]
    return [f"{step.name} = {body}", *patches]


def _last_use(step: Map, kernel: Kernel) -> str | None:
    """A kept vector that is needed for this product or quotient by a row's number, and no more."""
    body = step.body
    if step.kept or not isinstance(body, Op) or body.name not in IN_PLACE:
        return None
    vectors = [v.name for v in body.args if isinstance(v, Element)]
    kept = {p.name for p in kernel.passes if isinstance(p, Map) and p.kept}
    later = kernel.passes[kernel.passes.index(step) + 1 :]
    again = {n for p in later for n in reads(p)}
    again |= {v.name for p in step.patches for v in walk(p.value) if isinstance(v, Gather)}
    free = [n for n in vectors if n in kept - again]
    others = [v for v in body.args if not isinstance(v, Element)]
    return free[0] if free and not any(is_vector(v) for v in others) else None


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
    if isinstance(value, AtPlace):
        return f"np.arange(n) == {value.place}"
    if isinstance(value, SamePlace):
        return f"{value.first} == {value.second}"
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
        return FUNCTIONS[value.name].format(
            *(go(a, 3 if value.name == "pow" else 0) for a in value.args)
        )
    return f"({text})" if BINDING[value.name] < outer else text


def _constant(value: Const) -> str:
    if value.value.denominator == 1:
        return str(value.value.numerator)
    return f"({value.value.numerator} / {value.value.denominator})"


__all__ = ["expression", "is_vector", "pass_values", "source", "walk"]
