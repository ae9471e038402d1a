"""The emitted C library as the tests call it: through ctypes, built once for a set of options."""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from codegen import native
from codegen.build import kernels
from codegen.interface import Kernel
from codegen.kernel import Kernel as Lowered
from codegen.kernel import Map
from codegen.library import library
from codegen.programs import Variant
from codegen.specs import Spec
from codegen.statements import specs

NAMES = ("cross_entropy", "softmax", "binary_cross_entropy")
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")
SPEED = ("-O3", "-fno-math-errno", "-fno-trapping-math")
PLAIN = ("-DLOSSMITH_NO_FAST", "-DLSM_NO_INTRINSICS", "-DLSM_NO_CLONES")
SUFFIX = {"float32": "f32", "float64": "f64"}


class Labels(ctypes.Structure):
    """lossmith_labels."""

    _fields_ = [
        ("first", ctypes.c_void_p),
        ("step", ctypes.c_int64),
        ("ignored", ctypes.c_int64),
        ("wide", ctypes.c_int),
    ]


@cache
def files() -> dict[str, str]:
    """The texts of the library of NAMES."""
    return library(NAMES)


def written(folder: Path, changed: Mapping[str, str] | None = None) -> Path:
    """The library in a folder, some files changed."""
    for file, text in (files() | dict(changed or {})).items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def tool(name: str) -> str:
    """A program that a test of the toolchain needs."""
    if shutil.which(name) is None:
        pytest.fail(f"{name} is not installed; .ci/run names what `-m toolchain` needs")
    return name


def zig(target: str) -> tuple[str, ...]:
    """The C compiler of the ziglang package for a target."""
    if importlib.util.find_spec("ziglang") is None:
        pytest.fail("the ziglang package is not installed: pip install 'lossmith[test]'")
    return (sys.executable, "-m", "ziglang", "cc", "-target", target)


def cc(folder: Path, *command: str) -> str:
    """Runs a compiler in the folder; what it says."""
    home = native.cache_folder() / "zig"
    places = {"ZIG_GLOBAL_CACHE_DIR": str(home), "ZIG_LOCAL_CACHE_DIR": str(home)}
    made = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | places
    )
    assert made.returncode == 0, f"{' '.join(command)}\n{made.stderr[-3000:]}"
    return made.stderr


def units(folder: Path) -> list[str]:
    """The sources of the library."""
    return sorted(p.name for p in folder.glob("*.c"))


def built(*options: str, compiler: str = "cc") -> ctypes.CDLL:
    """The library, compiled with more options."""
    command = [compiler, "-std=c11", *SPEED, "-fPIC", *options, "-shared"]
    return ctypes.CDLL(str(program(command, files())))


@cache
def _version(compiler: str) -> str:
    asked = [compiler, "--version"]
    return subprocess.run(asked, capture_output=True, text=True, check=True).stdout


def program(command: list[str], texts: Mapping[str, str]) -> Path:
    """What a compiler makes of these texts, kept by content: several processes ask for it."""
    key = repr((command, _version(command[0]), sorted(texts.items()))).encode()
    made = native.cache_folder() / f"clib-{hashlib.sha256(key).hexdigest()[:24]}"
    if not made.exists():
        with TemporaryDirectory(dir=made.parent) as name:
            folder = Path(name)
            for file, text in texts.items():
                (folder / file).parent.mkdir(exist_ok=True)
                (folder / file).write_text(text, encoding="utf-8")
            cc(folder, *command, *units(folder), "-o", "made", "-lm")
            (folder / "made").replace(made)
    return made


@dataclass(frozen=True)
class Function:
    """One function of lossmith.h as a program of the Python interface: any strides, no copies."""

    kernel: Lowered
    library: ctypes.CDLL
    dtype: str
    ignored: int = -(2**63)
    spare: int = 0

    def __call__(self, arrays: Mapping[str, Any], outs: Mapping[str, Any]) -> None:
        assert self.status(arrays, outs) == 0

    def status(self, arrays: Mapping[str, Any], outs: Mapping[str, Any]) -> int:
        """Runs the function; what it returns."""
        name = f"lossmith_{self.kernel.name}_{SUFFIX[self.dtype]}"
        z = arrays[self.kernel.inputs[0].name]
        total = ctypes.c_double()
        given: list[Any] = [ctypes.c_int64(z.shape[0]), ctypes.c_int64(z.shape[1])]
        for i in self.kernel.inputs:
            given += self.argument(i.kind, arrays[i.name.rstrip("_")])
        for word, made in sorted(self.kernel.outputs, key=lambda o: self.wide(o[1])):
            given += self.output(outs[word], self.wide(made), total)
        vectors = [o for o in (*arrays.values(), *outs.values()) if np.ndim(o) == 2]
        room = self.workspace(z.shape[1], len(vectors))
        given += [ctypes.c_void_p(room.ctypes.data), ctypes.c_int64(room.size)]
        return int(getattr(self.library, name)(*given))

    def workspace(self, n: int, vectors: int) -> Any:
        self.library.lossmith_workspace.restype = ctypes.c_int64
        size = self.library.lossmith_workspace(
            ctypes.c_int64(n), vectors, ctypes.c_int64(np.dtype(self.dtype).itemsize)
        )
        return np.empty(max(size - self.spare, 0), np.uint8)

    def wide(self, name: str) -> bool:
        return any(isinstance(p, Map) and p.name == name for p in self.kernel.passes)

    def argument(self, kind: str, given: Any) -> list[Any]:
        if kind == "parameter":
            return [ctypes.c_double(given)]
        if kind == "position":
            step = given.strides[0] // given.itemsize if given.size > 1 else 1
            wide = int(given.itemsize == 8)
            return [Labels(given.ctypes.data, step, self.ignored, wide)]
        if kind == "number":
            each = given.array
            pointer = None if each is None else each.ctypes.data
            step = 1 if each is None else each.strides[0] // each.itemsize
            return [ctypes.c_void_p(pointer), ctypes.c_int64(step), ctypes.c_double(given.factor)]
        return self.output(given, True, None)

    def output(self, made: Any, wide: bool, total: Any) -> list[Any]:
        steps = [ctypes.c_int64(s // made.itemsize) for s in made.strides]
        pointer = ctypes.c_void_p(made.ctypes.data)
        return [pointer, *steps] if wide else [pointer, *steps, ctypes.byref(total)]


Makes = Callable[[Lowered, str], Any]


def functions(spec: Spec, dtype: str, lib: ctypes.CDLL, **more: Any) -> dict[str, Function]:
    """The library's functions for a spec, by the name of the kernel."""
    return {k.name: Function(k, lib, dtype, **more) for k in kernels(spec)}


def kernel(name: str, dtype: str, make: Makes) -> Kernel:
    """The library behind the Python interface, so that what judges kernels judges it too.

    `make` makes the program of a kernel for a type.
    """
    variants = {
        role: Variant(spec, lambda words: {}, {k.name: make(k, dtype) for k in kernels(spec)})
        for role, spec in specs(name).items()
    }
    return Kernel(name, "c", dtype, variants, lambda options: {})


def loaded(lib: ctypes.CDLL) -> Makes:
    """The functions of a library in this process."""
    return lambda lowered, dtype: Function(lowered, lib, dtype)
