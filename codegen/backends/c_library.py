"""The printer of the C library: beside the functions of kernels, those of `lossmith.h`.

They take any strides and check what they are given; rows side by side in memory go to the kernels'
own functions, planned ones where there are such.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from codegen import fast
from codegen.backends import c, c_fast
from codegen.backends.rendering import render
from codegen.kernel import Kernel

VERSION = "0.1.0"
EXAMPLE = "lossmith_cross_entropy_value_and_grad_f32"


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
    example = any(f["public"] == EXAMPLE for f in every)
    files = {
        "lossmith.h": render(
            "c/library.h.j2", functions=every, names=list(made), statuses=STATUSES, command=command
        ),
        "lossmith.c": render("c/library_common.c.j2", statuses=STATUSES, command=command),
        "lossmith_blocks.h": _blocks(command),
        "lossmith.pc.in": render("c/library_pc.j2"),
    }
    for name, found in functions.items():
        files[f"lossmith_{name}.c"] = render(
            "c/library_source.c.j2", name=name, functions=found, command=command
        )
    if example:
        files["example.c"] = render("c/library_example.c.j2", command=command)
    return files | {"CMakeLists.txt": _cmake(functions, example, command)}


def _functions(kernels: tuple[Kernel, ...]) -> list[dict[str, Any]]:
    return [_function(k, real) for real in c.REALS.values() for k in kernels]


def _function(kernel: Kernel, real: c.Real) -> dict[str, Any]:
    planned = real is c.REALS["float32"] and fast.recognise(kernel) is not None
    return c.function(kernel, real) | {
        "public": f"lossmith_{kernel.name}_{real.suffix}",
        "words": " and ".join(word for word, _ in kernel.outputs),
        "fast": planned,
    }


def _blocks(command: str) -> str:
    return render(
        "c/blocks.h.j2", command=command, reals=list(c.REALS.values()),
        block=fast.BLOCK, side_most=fast.SIDE_MOST,
    )  # fmt: skip


def _cmake(functions: Mapping[str, list[dict[str, Any]]], example: bool, command: str) -> str:
    plain = [file for name in functions for file in (f"{name}.c", f"lossmith_{name}.c")]
    planned = [name for name, found in functions.items() if any(f["fast"] for f in found)]
    return render(
        "c/library_cmake.j2", command=command, version=VERSION,
        sources=["lossmith.c", *plain],
        fast_sources=[unit for name in planned for unit in c_fast.units(name)],
        example="example.c" if example else "",
    )  # fmt: skip
