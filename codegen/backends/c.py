"""The C printer: one function for a row, one that runs the rows; C11, float32 and float64.

Vectors have the element type; per-row numbers, and what is made of vectors, are double.  Loops have
an inner loop of LANES classes with an accumulator each, the form that compilers vectorise without
being allowed to reorder sums.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
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
    Reduce,
    Row,
    SamePlace,
    Value,
)  # fmt: skip
from codegen.schedule import schedule

INFIX = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
BINDING = {"add": 1, "sub": 1, "mul": 2, "div": 2, "neg": 2}
FUNCTIONS = {
    "exp": "lsm_exp", "expm1": "lsm_expm1", "log": "lsm_log", "log1p": "lsm_log1p",
    "tanh": "lsm_tanh", "abs": "fabs", "sqrt": "sqrt", "relu": "relu", "maximum": "larger",
    "sign": "sign", "step": "step", "pow": "pow", "weigh": "weigh", "erf": "erf",
    "lgamma": "lgamma", "lost": "lost", "sin": "sin", "cos": "cos", "tan": "tan",
}  # fmt: skip
"""What is called; sin, cos, tan, erf, lgamma and pow are libm's, an element at a time."""
SHARED = "lossmith_rows.h"
COMMAND = "lossmith build"
EXPONENTIALS = ("exp_difference", "exp_sum", "exp_quotient")
LABELS = (("i32", "int32_t"), ("i64", "int64_t"))


@dataclass(frozen=True)
class Real:
    """An element type: how it is named in C, in functions and in libm, and the lanes of a loop."""

    ctype: str
    suffix: str
    libm: str
    lanes: int
    compensated: bool


REALS = {
    "float32": Real("float", "f32", "f", 16, False),
    "float64": Real("double", "f64", "", 8, True),
}


def sources(name: str, kernels: tuple[Kernel, ...], preamble: Preamble) -> dict[str, str]:
    """The texts of the header and the source that hold these kernels, and of what all share."""
    functions = [function(k, real) for real in REALS.values() for k in kernels]
    both = {"preamble": preamble, "name": name, "functions": functions}
    return {
        f"{name}.h": render("c/header.h.j2", **both),
        f"{name}.c": render("c/source.c.j2", **both),
        SHARED: shared_header(),
    }


def shared_header() -> str:
    """What the functions of all kernels share, one file beside `lossmith_math.h`."""
    return render(
        "c/rows.h.j2", command=COMMAND, reals=list(REALS.values()), twofold=twofold.constants()
    )


def function(kernel: Kernel, real: Real) -> dict[str, Any]:
    """What the templates print of a kernel for an element type."""
    made = {p.name: p for p in kernel.passes}
    vectors = [n for _, n in kernel.outputs if isinstance(made[n], Map)]
    plan = schedule(kernel.passes, tuple(vectors), exact=real.compensated)
    printer = _Printer(real, plan.storage)
    lines = [line for group in plan.groups for line in printer.group(group)]
    label = next((i.name for i in kernel.inputs if i.kind == "position"), "")
    return {
        "name": f"lsm_{kernel.name}_{real.suffix}",
        "computed": kernel.computed,
        "real": real,
        "vectors": [i for i in kernel.inputs if i.kind == "vector"],
        "numbers": [i for i in kernel.inputs if i.kind == "number"],
        "parameters": [i for i in kernel.inputs if i.kind == "parameter"],
        "label": label,
        "entries": [(f"_{s}", t) for s, t in LABELS] if label else [("", "")],
        "vectors_out": vectors,
        "numbers_out": [n for _, n in kernel.outputs if n not in vectors],
        "lines": lines,
        "unused": _unused(kernel, lines),
    }


def _unused(kernel: Kernel, lines: list[str]) -> list[str]:
    """The inputs that the lines do not read: every function of a loss takes its label."""
    words = {word for line in lines for word in re.findall(r"\w+", line)}
    return [i.name for i in kernel.inputs if i.name not in words]


@dataclass(frozen=True)
class _Printer:
    """Prints the passes of one kernel; `storage` names the buffer of a kept vector ("": none)."""

    real: Real
    storage: Mapping[str, str]

    def group(self, group: tuple[Pass, ...]) -> list[str]:
        """One loop over the classes, or per-row numbers."""
        first = group[0]
        if isinstance(first, Let):
            return [line for p in group if isinstance(p, Let) for line in self._number(p)]
        if isinstance(first, Reduce) and first.op == "argmax":
            return self._argmax(first)
        return self._loop(group)

    def _number(self, step: Let) -> list[str]:
        note = f"  /* {step.say} */" if step.say else ""
        return [f"const double {step.name} = {self.text(step.value)};{note}"]

    def _argmax(self, step: Reduce) -> list[str]:
        if isinstance(step.body, Element):
            vector = self.storage.get(step.body.name, step.body.name)
            call = f"lsm_place_of_largest_{self.real.suffix}(n, {vector})"
            return [f"const size_t {step.name} = {call};  /* {step.say} */"]
        most = f"at_{step.name}"
        return [
            f"size_t {step.name} = 0;  /* {step.say} */",
            f"double {most} = {self.text(step.body, '0')};",
            "for (k = 1; k < n; k++) {",
            f"    const double here = {self.text(step.body, 'k')};",
            f"    {step.name} = here > {most} ? k : {step.name};",
            f"    {most} = here > {most} ? here : {most};",
            "}",
        ]

    def _loop(self, group: tuple[Pass, ...]) -> list[str]:
        reduces = [p for p in group if isinstance(p, Reduce)]
        notes = [f"/* {p.name}: {p.say}{self._kept(p)} */" for p in group if p.say]
        begin = [line for p in reduces for line in self._begin(p)]
        wide = [line for p in group for line in self._body(p, "k + lane", "[lane]")]
        tail = [line for p in group for line in self._body(p, "k", "[0]")]
        end = [line for p in reduces for line in self._end(p)]
        patches = [line for p in group if isinstance(p, Map) for line in self._patches(p)]
        lanes = self.real.lanes
        return [
            *notes,
            *begin,
            "k = 0;",
            f"for (; k + {lanes} <= n; k += {lanes})",
            "    LSM_LANEWISE",
            f"    for (size_t lane = 0; lane < {lanes}; lane++) {{",
            *(f"        {line}" for line in wide),
            "    }",
            "for (; k < n; k++) {",
            *(f"    {line}" for line in tail),
            "}",
            *end,
            *patches,
        ]

    def _kept(self, p: Pass) -> str:
        """Where a vector is kept until something else is written there."""
        place = self.storage.get(p.name, "")
        return f"; kept where {place} is written later" if place else ""

    def _begin(self, p: Reduce) -> list[str]:
        if p.op == "max":
            return [
                f"double {p.name}_lanes[{self.real.lanes}];",
                f"for (size_t lane = 0; lane < {self.real.lanes}; lane++)",
                f"    {p.name}_lanes[lane] = -INFINITY;",
            ]
        lost = (
            [f"double {p.name}_lost[{self.real.lanes}] = {{0}};"] if self.real.compensated else []
        )
        return [f"double {p.name}_lanes[{self.real.lanes}] = {{0}};", *lost]

    def _body(self, p: Pass, k: str, lane: str) -> list[str]:
        if isinstance(p, Map):
            if self.storage.get(p.name) == "":
                return [f"const double {p.name} = {self.text(p.body, k)};"]
            return [f"{self.storage.get(p.name, p.name)}[{k}] = {self._stored(p.body, k)};"]
        assert isinstance(p, Reduce)
        value = self.text(p.body, k)
        for place in p.skip:
            value = f"{k} == {place} ? 0 : {value}"
        if p.op == "max":
            return [f"{p.name}_lanes{lane} = larger({p.name}_lanes{lane}, {value});"]
        if self.real.compensated:
            return [f"add_to(&{p.name}_lanes{lane}, &{p.name}_lost{lane}, {value});"]
        return [f"{p.name}_lanes{lane} += {value};"]

    def _end(self, p: Reduce) -> list[str]:
        start = f"{self.text(p.start)} + " if p.start is not None else ""
        lost = f", {p.name}_lost" if self.real.compensated and p.op == "sum" else ""
        how = "largest" if p.op == "max" else "total"
        total = f"{how}_of_lanes_{self.real.suffix}({p.name}_lanes{lost})"
        return [f"const double {p.name} = {start}{total};"]

    def _patches(self, p: Map) -> list[str]:
        cast = "" if self.real.ctype == "double" else "(float)"
        made = []
        for patch in p.patches:
            note = [f"/* {patch.say} */"] if patch.say else []
            made += [*note, f"{p.name}[{patch.at}] = {cast}({self.text(patch.value)});"]
        return made

    def _stored(self, value: Value, k: str) -> str:
        if self.real.ctype == "double" or (isinstance(value, Op) and value.name in EXPONENTIALS):
            return self.text(value, k).removeprefix("(double)")
        return f"(float)({self.text(value, k)})"

    def text(self, value: Value, k: str = "", outer: int = 0) -> str:
        """A value as C text of type double, `k` the class it is taken at."""
        cast = "" if self.real.ctype == "double" else "(double)"
        if isinstance(value, Const):
            return _constant(value)
        if isinstance(value, Number):
            return "(double)n" if value.name == "n" else value.name
        if isinstance(value, Element):
            if self.storage.get(value.name) == "":
                return value.name
            return f"{cast}{self.storage.get(value.name, value.name)}[{k}]"
        if isinstance(value, Gather):
            return f"{cast}{value.name}[{value.at}]"
        if isinstance(value, Row):
            return value.name
        if isinstance(value, (AtPlace, SamePlace)):
            first, second = value.compared(k)
            return f"({first} == {second})" if outer else f"{first} == {second}"
        assert isinstance(value, Op)
        return self._operation(value, k, outer)

    def _operation(self, value: Op, k: str, outer: int) -> str:
        args = value.args
        if value.name == "neg":
            text = f"-{self.text(args[0], k, 2)}"
        elif value.name in INFIX:
            mine = BINDING[value.name]
            right = mine + (value.name in ("sub", "div"))
            text = (
                f"{self.text(args[0], k, mine)} {INFIX[value.name]} {self.text(args[1], k, right)}"
            )
        elif value.name == "select":
            return f"({self.text(args[0], k)} ? {self.text(args[1], k)} : {self.text(args[2], k)})"
        elif value.name == "positive":
            return f"{self.text(args[0], k, 3)} > 0"
        elif value.name == "pi":
            return "3.14159265358979323846"
        elif value.name in EXPONENTIALS:
            return self._exponential(value, k)
        elif value.name == "log_sum":
            m, log_s, row = (self.text(a, k) for a in args)
            return f"log_sum_{self.real.suffix}({m}, {log_s}, n, {row})"
        else:
            return f"{FUNCTIONS[value.name]}({', '.join(self.text(a, k) for a in args)})"
        return f"({text})" if BINDING[value.name] < outer else text

    def _exponential(self, value: Op, k: str) -> str:
        """In float, the exponent of plain elements is split into floats, any other into doubles."""
        x, m, *more = value.args
        if self.real.ctype == "double":
            args = ", ".join(self.text(v, k) for v in value.args)
            return f"{value.name}_f64({args})"
        if not more and isinstance(x, (Element, Gather)) and self.storage.get(x.name) != "":
            first = self.text(x, k).removeprefix("(double)")
            return f"(double)exp_difference_f32({first}, (float){self.text(m, k, 3)})"
        if value.name == "exp_sum":
            return f"(double)exp_sum_f32({', '.join(self.text(v, k) for v in value.args)})"
        difference = Op("sub", (x, m))
        whole = Op("div", (difference, *more)) if more else difference
        return f"(double)exp_parts_f32({self.text(whole, k)})"


def _constant(value: Const) -> str:
    if value.value.denominator == 1:
        return f"{value.value.numerator}.0"
    return f"({value.value.numerator}.0 / {value.value.denominator}.0)"
