"""The printer of fast schedules: beside the plain functions of a kernel, one that takes a plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from codegen import fast
from codegen.backends import c
from codegen.backends.preamble import Preamble
from codegen.backends.rendering import render
from codegen.headers import lanes_header
from codegen.kernel import Kernel, Let, Number, Op, Pass, SamePlace, Value, pass_values, walk

COMMAND = "lossmith build"
SHARED = "lossmith_fast.h"
PLAN = "lossmith_plan.h"


def sources(name: str, kernels: tuple[Kernel, ...], preamble: Preamble) -> dict[str, str]:
    """The files of the fast functions; none where no kernel has the shape."""
    found = [made for k in kernels if (made := fast.recognise(k)) is not None]
    if not found:
        return {}
    functions = [_function(made) for made in found]
    preamble = replace(preamble, template="c/fast_source.c.j2")
    both = {"preamble": preamble, "name": name, "functions": functions}
    return {
        f"{name}_fast.h": render("c/fast_header.h.j2", **both),
        f"{name}_fast.c": render("c/fast_source.c.j2", **both),
        SHARED: _shared("c/fast_rows.h.j2", **_sizes()),
        PLAN: _shared("c/fast_plan.h.j2", block=fast.BLOCK),
    } | lanes_header()


def _shared(template: str, **keys: Any) -> str:
    return render(template, command=COMMAND, source=template, **keys)


def _function(made: fast.Softmaxish) -> dict[str, Any]:
    kernel, output = made.kernel, made.output
    printer = c._Printer(c.REALS["float32"], {})
    beside = c._Printer(c.REALS["float32"], {made.vector: "turned"})
    cancelling = [p for p in made.lets if _log_sum(p)]
    lines = [line for p in made.lets for line in printer.group((_plainly(p),))]
    return {
        "name": f"lsm_{kernel.name}_f32",
        "formula": kernel.formula,
        "real": c.REALS["float32"],
        "vectors": [i for i in kernel.inputs if i.kind == "vector"],
        "numbers": [i for i in kernel.inputs if i.kind == "number"],
        "parameters": [i for i in kernel.inputs if i.kind == "parameter"],
        "label": made.label,
        "entries": [(f"_{s}", t) for s, t in c.LABELS] if made.label else [("", "")],
        "vector": made.vector,
        "place": made.place,
        "uses_place": _compares(made),
        "largest": made.largest,
        "rest": made.rest,
        "lines": lines,
        "numbers_out": [n for _, n in kernel.outputs if output is None or n != output.name],
        "out": output.name if output else "",
        "vectors_out": [output.name] if output else [],
        "linear": made.factor is not None,
        "factor": printer.text(made.factor, outer=2) if made.factor else "",
        "fields": _fields(made),
        "body": printer.text(output.body, "k") if output else "",
        "body_beside": beside.text(output.body, "k * LSM_SIDE + r") if output else "",
        "cancels": [(p.name, *map(printer.text, _log_sum(p))) for p in cancelling],
        "patches": [
            {"at": p.at, "text": printer.text(p.value)} for p in (output.patches if output else ())
        ],
    }


def _log_sum(step: Let) -> tuple[Value, ...]:
    """The two numbers of a sum that may cancel: near there the row takes the plain path."""
    value = step.value
    return value.args[:2] if isinstance(value, Op) and value.name == "log_sum" else ()


def _plainly(step: Let) -> Let:
    parts = _log_sum(step)
    return replace(step, value=Op("add", parts)) if parts else step


def _compares(made: fast.Softmaxish) -> bool:
    passes: list[Pass] = [*made.lets, *([made.output] if made.output else [])]
    values = [v for p in passes for top in pass_values(p) for v in walk(top)]
    return any(isinstance(v, SamePlace) for v in values)


def _fields(made: fast.Softmaxish) -> list[str]:
    """The per-row numbers that the output needs for each class."""
    if made.output is None or made.factor is not None:
        return []
    return list(dict.fromkeys(v.name for v in walk(made.output.body) if isinstance(v, Number)))


def extension_sources() -> dict[str, str]:
    """The Python extension that makes plain calls."""
    return {
        "lossmith_call.c": _shared("c/call.c.j2"),
        PLAN: _shared("c/fast_plan.h.j2", block=fast.BLOCK),
    }


def limit_sources() -> dict[str, str]:
    """A copy and a read of the same buffers: the limits of the memory."""
    return {
        "lossmith_copy.c": _shared("c/copy.c.j2", ahead=fast.AHEAD),
        SHARED: _shared("c/fast_rows.h.j2", **_sizes()),
        PLAN: _shared("c/fast_plan.h.j2", block=fast.BLOCK),
    } | lanes_header()


def _sizes() -> dict[str, int]:
    return {
        "block": fast.BLOCK, "headroom": fast.HEADROOM, "reach": fast.REACH, "far": fast.FAR,
        "side": fast.SIDE, "side_most": fast.SIDE_MOST,
    }  # fmt: skip
