"""The printer of fast schedules: beside the plain functions of a kernel, one that takes a plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
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
SET = "lossmith_set.h"


@dataclass(frozen=True)
class Item:
    """What the arrays hold, read and written as floats: its type in C and the suffix of names."""

    ctype: str
    tail: str

    @property
    def suffix(self) -> str:
        """The suffix of functions: f32, bf16, f16."""
        return self.tail.removeprefix("_") or "f32"


ITEMS = {
    "float32": Item("float", ""),
    "bfloat16": Item("uint16_t", "_bf16"),
    "float16": Item("uint16_t", "_f16"),
}
SETS = (
    (512, "AVX512", "avx512", "avx512f,avx512dq,avx512bw,avx512vl,avx2,fma,f16c,bmi,bmi2"),
    (256, "AVX2", "avx2", "avx2,fma,f16c,bmi,bmi2"),
)
"""Instruction sets that the processor is asked for: bits of a register, names, features."""


def sources(
    name: str, kernels: tuple[Kernel, ...], preamble: Preamble, dtype: str = "float32"
) -> dict[str, str]:
    """The files of the fast functions for a type; none where no kernel has the shape."""
    found = [fast.anchored(made) for k in kernels if (made := fast.recognise(k)) is not None]
    if not found or dtype not in ITEMS:
        return {}
    functions = [_function(made, ITEMS[dtype]) for made in found]
    preamble = replace(preamble, template="c/fast_source.c.j2")
    both = {"preamble": preamble, "name": name, "functions": functions}
    return {
        f"{name}_fast.h": render("c/fast_header.h.j2", **both),
        f"{name}_fast.c": render("c/fast_source.c.j2", **both, sets=SETS),
        **{unit: _unit(name, *made) for unit, made in zip(units(name)[1:], SETS, strict=True)},
    } | _headers()


def units(name: str) -> tuple[str, ...]:
    """The sources to compile for the fast functions of a kernel."""
    return (f"{name}_fast.c", *(f"{name}_{suffix}.c" for _, _, suffix, _ in SETS))


def _unit(name: str, bits: int, macro: str, suffix: str, features: str) -> str:
    say = {"avx512": "AVX-512", "avx2": "AVX2"}[suffix]
    return _shared("c/fast_unit.c.j2", name=name, bits=bits, say=say)


def _headers() -> dict[str, str]:
    rows = _shared("c/fast_rows.h.j2", **_sizes())
    return {SHARED: rows, PLAN: _plan()} | set_header() | lanes_header()


def set_header() -> dict[str, str]:
    """{file name: text} of `lossmith_set.h`."""
    return {SET: _shared("c/fast_set.h.j2", sets=SETS, asked=_asked())}


def _asked() -> dict[str, str]:
    """The question to the processor, for each set; clang cannot ask for F16C, FMA comes with it."""
    return {
        suffix: " && ".join(
            f'__builtin_cpu_supports("{f}")' for f in features.split(",") if f != "f16c"
        )
        for _, _, suffix, features in SETS
    }


def _plan() -> str:
    return _shared("c/fast_plan.h.j2", slot=fast.SLOT)


def _shared(template: str, **keys: Any) -> str:
    return render(template, command=COMMAND, source=template, **keys)


@dataclass(frozen=True)
class _Numbers(c._Printer):
    """Prints per-row numbers, quick by what is known: `rest` is >= 0, `whole` is >= 1."""

    rest: str
    whole: str

    def _operation(self, value: Op, k: str, outer: int) -> str:
        if value.name == "log1p" and value.args == (Number(self.rest),):
            return f"lsm_log1p_short({self.rest})"
        if value.name == "div" and value.args[1] == Number(self.whole):
            return f"lsm_share({self.text(value.args[0], k)}, {self.whole})"
        return super()._operation(value, k, outer)

    def rounded(self, value: Value) -> str:
        """A value as C text of type float."""
        return f"(float)({self.text(value)})"


@dataclass(frozen=True)
class _Pairs(c._Printer):
    """Prints per-row numbers as pairs of floats, see `fast.Softmaxish.paired`."""

    def _number(self, step: Let) -> list[str]:
        (line,) = super()._number(step)
        return [line.replace("double", "lsm_pair", 1)]

    def text(self, value: Value, k: str = "", outer: int = 0) -> str:
        """A value as C text of type lsm_pair."""
        if isinstance(value, Number):
            return value.name
        if value == fast.ONE:
            return "lsm_pair_of(1.0)"
        assert isinstance(value, Op)
        args = value.args[1:] if value.name == "add" else value.args  # 1 + x
        return f"{PAIRS[value.name]}({', '.join(map(self.text, args))})"

    def rounded(self, value: Value) -> str:
        """A value as C text of type float."""
        if isinstance(value, Op) and value.name == "neg":
            return f"-{self.rounded(value.args[0])}"
        if isinstance(value, Op) and value.name == "mul":
            return f"lsm_near_product({', '.join(map(self.text, value.args))})"
        return f"lsm_near_pair({self.text(value)})"


PAIRS = {
    "add": "lsm_one_and", "log1p": "lsm_log1p_pair", "mul": "lsm_times_pair", "div": "lsm_over",
}  # fmt: skip


def _printer(made: fast.Softmaxish) -> _Numbers | _Pairs:
    real = c.REALS["float32"]
    return _Pairs(real, {}) if made.paired else _Numbers(real, {}, made.rest, made.whole)


def _function(made: fast.Softmaxish, item: Item) -> dict[str, Any]:
    kernel, output, printer = made.kernel, made.output, _printer(made)
    body = output.body if output and not made.factor else None
    beside = c._Printer(c.REALS["float32"], {made.vector: "turned"})
    cancelling = [p for p in made.lets if _log_sum(p)]
    lines = [line for p in made.lets for line in printer.group((_plainly(p),))]
    return {
        "name": f"lsm_{kernel.name}_{item.suffix}",
        "plain": f"lsm_{kernel.name}_f32",
        "item": item.ctype,
        "tail": item.tail,
        "formula": kernel.formula,
        "computed": kernel.computed,
        "vectors": [i for i in kernel.inputs if i.kind == "vector"],
        "numbers": [i for i in kernel.inputs if i.kind == "number"],
        "parameters": [i for i in kernel.inputs if i.kind == "parameter"],
        "label": made.label,
        "entries": [(f"_{s}", t) for s, t in c.LABELS] if made.label else [("", "")],
        "vector": made.vector,
        "place": made.place,
        "anchored": made.anchored,
        "paired": made.paired,
        "uses_place": _compares(made),
        "largest": made.largest,
        "rest": made.rest,
        "lines": lines,
        "numbers_out": [n for _, n in kernel.outputs if output is None or n != output.name],
        "out": output.name if output else "",
        "linear": made.factor is not None,
        "factor": printer.text(made.factor, outer=2) if made.factor else "",
        "fields": _fields(made),
        "body": printer.text(body, "k") if body else "",
        "body_beside": beside.text(body, "k * LSM_SIDE + r") if body else "",
        "cancels": [(p.name, *map(printer.text, _log_sum(p))) for p in cancelling],
        "patches": [
            {"at": p.at, "text": printer.rounded(_quotients_again(p.value, made.lets))}
            for p in (output.patches if output else ())
        ],
    }


def _log_sum(step: Let) -> tuple[Value, ...]:
    """The two numbers of a sum that may cancel: near there the row takes the plain path."""
    value = step.value
    return value.args[:2] if isinstance(value, Op) and value.name == "log_sum" else ()


def _plainly(step: Let) -> Let:
    parts = _log_sum(step)
    return replace(step, value=Op("add", parts)) if parts else step


def _quotients_again(value: Value, lets: tuple[Let, ...]) -> Value:
    """x y / s -> x r where r = y / s has a name: doubles lose nothing by it, a division is slow."""
    if not isinstance(value, Op):
        return value
    args = tuple(_quotients_again(a, lets) for a in value.args)
    if value.name == "div" and isinstance(args[0], Op) and args[0].name == "mul":
        (x, y), s = args[0].args, args[1]
        for let in lets:
            if let.value == Op("div", (y, s)):
                return Op("mul", (x, Number(let.name)))
    return Op(value.name, args)


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
    return {"lossmith_call.c": _shared("c/call.c.j2"), PLAN: _plan()}


def limit_sources() -> dict[str, str]:
    """A copy and a read of the same buffers: the limits of the memory."""
    return {"lossmith_copy.c": _shared("c/copy.c.j2", ahead=fast.AHEAD)} | _headers()


def _sizes() -> dict[str, Any]:
    return {
        "block": fast.BLOCK, "long_block": fast.LONG_BLOCK,
        "farther": fast.FARTHER, "headroom": fast.HEADROOM, "reach": fast.REACH, "far": fast.FAR,
        "group": fast.GROUP, "group_columns": fast.GROUP_COLUMNS,
        "side": fast.SIDE, "side_most": fast.SIDE_MOST,
        "items": [(i.ctype, i.tail) for i in ITEMS.values()],
    }  # fmt: skip
