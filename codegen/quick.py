"""Plain calls of a compiled kernel, checked and run without a line of Python.

A kernel's method gives way to a `Call` of the generated extension `lossmith_call`: it takes the
calls that need no conversion and no option, and hands every other one to the method.  Where the
extension cannot be built (no headers of Python or NumPy), the methods stay as they are.
"""

from __future__ import annotations

import ctypes
import importlib.machinery
import importlib.util
import sys
import sysconfig
from dataclasses import astuple
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from codegen import native, plans
from codegen.backends import c_fast
from codegen.errors import CodegenError
from codegen.interface import Kernel
from codegen.kernel import Map

VALUES, ROWS, LABELS, GRADIENTS = range(4)
NAME = "lossmith_call"
SHAPES: dict[tuple[str, ...], dict[str, int]] = {
    ("vector",): {"value": VALUES},
    ("vector", "position"): {"value": LABELS},
    ("vector", "position", "number"): {"value_and_grad": GRADIENTS},
}
"""The kinds of inputs that the extension knows, by the method they serve."""


@lru_cache(maxsize=1)
def extension() -> ModuleType | None:
    """The compiled extension, or None where it cannot be built."""
    include = Path(sysconfig.get_paths()["include"])
    if not (include / "Python.h").exists():
        return None
    more: tuple[str, ...] = ("-w", f"-I{include}", f"-I{np.get_include()}")
    more += ("-undefined", "dynamic_lookup") if sys.platform == "darwin" else ()
    try:
        file = native.build(NAME, c_fast.extension_sources(), more)
    except CodegenError:
        return None
    loader = importlib.machinery.ExtensionFileLoader(NAME, str(file))
    spec = importlib.util.spec_from_loader(NAME, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def attach(kernel: Kernel) -> None:
    """Let the extension take the plain calls of a kernel."""
    variant = kernel.labels or kernel.function
    if variant is None or kernel.dtype != "float32" or extension() is None:
        return
    for name, program in variant.programs.items():
        word = name.removeprefix(f"{variant.spec.name}_")
        kind = _kind(program, word)
        if kind is not None:
            made = _call(kind, program, getattr(kernel, word))
            object.__setattr__(kernel, word, made)


def _kind(program: Any, word: str) -> int | None:
    """How the extension calls a program, or None."""
    if not getattr(program, "planned", False):
        return None
    kinds = tuple(i.kind for i in program.kernel.inputs)
    kind = SHAPES.get(kinds, {}).get(word)
    return ROWS if kind == VALUES and _writes(program) else kind


def _writes(program: Any) -> bool:
    made = {p.name for p in program.kernel.passes if isinstance(p, Map)}
    return any(name in made for _, name in program.kernel.outputs)


def _call(kind: int, program: Any, slow: Any) -> Any:
    module = extension()
    assert module is not None
    addresses = {
        size: ctypes.cast(f, ctypes.c_void_p).value for size, f in program.functions.items()
    }
    writes = _writes(program)

    def planner(rows: int, n: int) -> tuple[int, ...]:
        made = plans.plan(rows, n, writes, plans.machine())
        return astuple(made)

    return module.Call(kind, addresses.get(4, addresses[8]), addresses[8], slow, planner)
