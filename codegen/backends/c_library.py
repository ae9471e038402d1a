"""The printer of the C library: beside the functions of kernels, those of `lossmith.h`.

They take any strides and check what they are given; rows side by side in memory go to the kernels'
own functions, planned ones where there are such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codegen import fast, plans
from codegen.backends import c, c_fast
from codegen.backends.c_contract import Contract, contract
from codegen.backends.rendering import render
from codegen.kernel import Kernel

VERSION = "0.1.0"
EXAMPLE = "lossmith_cross_entropy_value_and_grad_f32"
WIDTH = 96


@dataclass(frozen=True)
class Status:
    """What a function of the library returns, and the text that goes with it."""

    name: str
    text: str


STATUSES = (
    Status("LOSSMITH_OK", "done"),
    Status("LOSSMITH_NULL_POINTER", "an array that must be given is NULL; nothing was written"),
    Status("LOSSMITH_BAD_SIZE", "rows is negative, or n is not in 1..2^40; nothing was written"),
    Status("LOSSMITH_BAD_STRIDE", "an output has a stride of 0; nothing was written"),
    Status(
        "LOSSMITH_BAD_LABEL",
        "a label is neither in 0..n-1 nor the one to ignore; nothing was written",
    ),
    Status(
        "LOSSMITH_SMALL_WORKSPACE",
        "classes are apart and the workspace is too small: see lossmith_workspace; "
        "nothing was written",
    ),
)


def sources(made: Mapping[str, tuple[Kernel, ...]], command: str) -> dict[str, str]:
    """The library's own files, for these kernels by the name of their file."""
    functions = {name: _functions(kernels) for name, kernels in made.items()}
    every = [f for found in functions.values() for f in found]
    files = {
        "lossmith.h": render(
            "c/library.h.j2", functions=every, names=list(made), statuses=STATUSES, command=command
        ),
        "lossmith.c": render("c/library_common.c.j2", statuses=STATUSES, command=command),
        "lossmith_blocks.h": _blocks(command),
        "README.md": render(
            "c/library_readme.md.j2", names=list(made), command=command,
            table=table([k for kernels in made.values() for k in kernels]),
        ),
        "LICENSE": render("c/library_license.j2"),
    }  # fmt: skip
    for name, found in functions.items():
        files[f"lossmith_{name}.c"] = render(
            "c/library_source.c.j2", name=name, functions=found, command=command
        )
    example = any(f["public"] == EXAMPLE for f in every)
    return files | _built(functions, example, command) | (_example(command) if example else {})


def table(kernels: list[Kernel]) -> str:
    """The contracts in Markdown, one line for each function."""
    lines = ["| function | computes | reads | writes |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *(_line(contract(k)) for k in kernels)])


def _line(c: Contract) -> str:
    return f"| `{c.name}` | {c.says} of {c.formula} | `{c.reads}` | `{c.writes}` |"


def _functions(kernels: tuple[Kernel, ...]) -> list[dict[str, Any]]:
    return [_function(k, real) for real in c.REALS.values() for k in kernels]


def _function(kernel: Kernel, real: c.Real) -> dict[str, Any]:
    planned = real is c.REALS["float32"] and fast.recognise(kernel) is not None
    made = c.function(kernel, real) | {
        "public": f"lossmith_{kernel.name}_{real.suffix}",
        "contract": contract(kernel),
        "fast": planned,
    }
    return made | _checks(made) | {"call": _call(made)}


def _checks(f: Mapping[str, Any]) -> dict[str, str]:
    """What is asked of the arguments: which may not be NULL, stand still, or be apart."""
    read = [v.name for v in f["vectors"]]
    wide, numbers = f["vectors_out"], f["numbers_out"]
    still = [f"lsm_still(rows, {name}_row)" for name in (*numbers, *wide)]
    still += [f"lsm_still(n, {name}_class)" for name in wide]
    apart = [f"lsm_apart(n, {name}_class)" for name in (*read, *wide)]
    return {
        "missing": folded([f"{name} == NULL" for name in (*read, *numbers, *wide)], " || "),
        "still": folded(still, " || "),
        "apart": folded(apart, " + "),
    }


def _call(f: Mapping[str, Any]) -> str:
    """The arguments of the function for rows side by side, within a block."""
    made = ["block.count", "block.n"]
    made += [part for v in f["vectors"] for part in (f"{v.name}_in.at", f"{v.name}_in.step")]
    made += [f"{f['label']}_in"] if f["label"] else []
    made += [part for v in f["numbers"] for part in (f"{v.name}_in", f"{v.name}_all")]
    made += [v.name for v in f["parameters"]]
    made += [part for name in f["numbers_out"] for part in (f"{name}_of", f"&{name}_of_sum")]
    made += [part for name in f["vectors_out"] for part in (f"{name}_out.at", f"{name}_out.step")]
    return folded(made, ", ", 12)


def folded(parts: list[str], between: str, indent: int = 8) -> str:
    """The parts, joined and broken into lines that stay narrow."""
    lines = [""]
    for number, part in enumerate(parts):
        text = part + (between if number + 1 < len(parts) else "")
        if lines[-1] and len(lines[-1]) + len(text) + indent > WIDTH:
            lines.append("")
        lines[-1] += text
    return f"\n{' ' * indent}".join(line.rstrip() for line in lines)


def _blocks(command: str) -> str:
    return render(
        "c/library_blocks.h.j2", command=command, reals=list(c.REALS.values()),
        side_most=fast.SIDE_MOST, ahead=fast.AHEAD,
        longest=plans.LONGEST_SCRATCH,
    )  # fmt: skip


def _built(
    functions: Mapping[str, list[dict[str, Any]]], example: bool, command: str
) -> dict[str, str]:
    """What CMake and pkg-config need."""
    plain = [file for name in functions for file in (f"{name}.c", f"lossmith_{name}.c")]
    planned = [name for name, found in functions.items() if any(f["fast"] for f in found)]
    made = render(
        "c/library_cmake.j2", command=command, version=VERSION,
        sources=["lossmith.c", *plain],
        fast_sources=[unit for name in planned for unit in c_fast.units(name)],
        example=example,
    )  # fmt: skip
    return {
        "CMakeLists.txt": made,
        "lossmith.pc.in": render("c/library_pc.j2"),
        "lossmith-config.cmake.in": render("c/library_config.j2"),
    }


def _example(command: str) -> dict[str, str]:
    return {
        "example/example.c": render("c/library_example.c.j2", command=command),
        "example/CMakeLists.txt": render("c/library_example_cmake.j2", command=command),
    }
