"""Emitted code made callable: one function for each kernel, the same for both targets.

A program takes a dictionary of checked arrays (vectors of shape (rows, n), labels and numbers of
shape (rows,)) and fills the outputs that it is given.
"""

from __future__ import annotations

import ctypes
import functools
import importlib.abc
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen import fast, halves, native, plans
from codegen.backends import c, c_fast, numpy
from codegen.backends.preamble import Preamble
from codegen.errors import CodegenError
from codegen.headers import math_header
from codegen.kernel import Kernel, Map, kernel_name
from codegen.specs import Spec

Arrays = Mapping[str, Any]
Program = Callable[[Arrays, Mapping[str, NDArray[Any]]], None]


def numpy_programs(
    name: str, kernels: tuple[Kernel, ...], preamble: Preamble, unshifted: tuple[Kernel, ...] = ()
) -> dict[str, Program]:
    """The kernels as functions of the emitted NumPy module."""
    return numpy_module(name, kernels, numpy.source(kernels, preamble, unshifted))


def numpy_module(name: str, kernels: tuple[Kernel, ...], text: str) -> dict[str, Program]:
    """The kernels as functions of a NumPy module given as text."""
    functions = numpy_functions(name, text)
    return {k.name: NumpyProgram(k, functions(k.name)) for k in kernels}


def numpy_functions(name: str, text: str) -> Callable[[str], Callable[..., Any]]:
    """The functions of a module given as text, by name."""
    module = types.ModuleType(f"lossmith_{name}")
    _Emitted(text).exec_module(module)
    return functools.partial(getattr, module)


@dataclass(frozen=True)
class Variant:
    """One spec with its programs, by kernel; a program that is not there is made by `more`."""

    spec: Spec
    more: Callable[[tuple[str, ...]], dict[str, Program]]
    programs: dict[str, Program] = field(default_factory=dict)

    def program(self, words: tuple[str, ...]) -> Program:
        """The program that makes these outputs."""
        if words not in self.spec.words:
            raise CodegenError(f"{self.spec.name} has no {' and '.join(words)}")
        name = kernel_name(self.spec.name, words)
        if name not in self.programs:
            self.programs.update(self.more(words))
        return self.programs[name]


@dataclass(frozen=True)
class Scaled:
    """One number for each row: `array` (or 1 where it is None) times `factor`."""

    array: NDArray[Any] | None
    factor: float
    shape: tuple[int, ...]


def _scaled(given: Any) -> Any:
    if not isinstance(given, Scaled):
        return given
    if given.array is None:
        return given.factor
    return given.factor * given.array.astype(np.float64)


class _Emitted(importlib.abc.InspectLoader):
    """Imports a module from text that a printer has just emitted."""

    def __init__(self, text: str):
        self.text = text

    def get_source(self, fullname: str) -> str:
        return self.text


@dataclass(frozen=True)
class NumpyProgram:
    """A function of an emitted NumPy module, called with the arrays of its kernel by name."""

    kernel: Kernel
    function: Callable[..., Any]

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of its inputs."""
        return tuple(i.kind for i in self.kernel.inputs)

    def __call__(self, arrays: Arrays, outs: Mapping[str, NDArray[Any]]) -> None:
        given = (_scaled(arrays[i.name.rstrip("_")]) for i in self.kernel.inputs)
        self.function(*given, out=tuple(outs[word] for word, _ in self.kernel.outputs))


def c_programs(
    name: str, kernels: tuple[Kernel, ...], preamble: Preamble, dtype: str
) -> dict[str, Program]:
    """The kernels as functions of the compiled library."""
    if dtype in halves.WIDE:
        return _c_halves(name, kernels, preamble, dtype)
    quick = c_fast.sources(name, kernels, preamble)
    return c_library(name, kernels, c.sources(name, kernels, preamble) | quick, dtype)


def _c_halves(
    name: str, kernels: tuple[Kernel, ...], preamble: Preamble, dtype: str
) -> dict[str, Program]:
    """The fast functions for 16 bits; kernels that have none are those of float32, rounded."""
    item = c_fast.ITEMS[dtype]
    made: dict[str, Program] = {}
    quick = c_fast.sources(name + item.tail, kernels, preamble, dtype)
    if quick:
        sources = c.sources(name + item.tail, kernels, preamble) | quick | math_header()
        library = native.load(name + item.tail, sources)
        fit = [k for k in kernels if fast.recognise(k) is not None]
        made = {k.name: _c_program(k, library, item.suffix, True) for k in fit}
    if len(made) < len(kernels):
        wide = c_programs(name, kernels, preamble, halves.numbers(dtype))
        made |= {k: halves.Narrowed(run) for k, run in wide.items() if k not in made}
    return made


def c_library(
    name: str, kernels: tuple[Kernel, ...], sources: dict[str, str], dtype: str
) -> dict[str, Program]:
    """The kernels as functions of C sources given as texts; planned where those have a plan."""
    library = native.load(name, sources | math_header())
    suffix = c.REALS[dtype].suffix
    planned = f"{name}_fast.c" in sources and dtype == "float32"
    return {k.name: _c_program(k, library, suffix, planned) for k in kernels}


@dataclass(frozen=True)
class _Call:
    """How the arrays of a kernel become the arguments of its C function."""

    kernel: Kernel
    functions: dict[int, Any]
    planned: bool = False

    def __call__(self, arrays: Arrays, outs: Mapping[str, NDArray[Any]]) -> None:
        z = arrays[self.kernel.inputs[0].name.rstrip("_")]
        arguments: list[Any] = [z.shape[0], z.shape[1]]
        wide = 8
        for given in self.kernel.inputs:
            array = arrays[given.name.rstrip("_")]
            arguments += _argument(given.kind, array)
            wide = array.itemsize if given.kind == "position" else wide
        total = ctypes.c_double()
        outputs = sorted(self.kernel.outputs, key=lambda o: self._is_vector(o[1]))
        for word, made in outputs:
            arguments += _output(outs[word], self._is_vector(made), total)
        if self.planned:
            writes = any(self._is_vector(name) for _, name in outputs)
            plan = plans.plan(z.shape[0], z.shape[1], writes, plans.machine(), z.itemsize)
            arguments.append(plans.as_argument(plan))
        self.functions[wide](*arguments)

    def _is_vector(self, name: str) -> bool:
        return any(isinstance(p, Map) and p.name == name for p in self.kernel.passes)


def _argument(kind: str, array: Any) -> list[Any]:
    if kind == "vector":
        return [array.ctypes.data, array.strides[0] // array.itemsize]
    if kind == "number":
        return [None if array.array is None else array.array.ctypes.data, array.factor]
    return [array.ctypes.data] if kind == "position" else [float(array)]


def _output(array: NDArray[Any], vector: bool, total: ctypes.c_double) -> list[Any]:
    if vector:
        return [array.ctypes.data, array.strides[0] // array.itemsize]
    return [array.ctypes.data, ctypes.byref(total)]


def _c_program(kernel: Kernel, library: ctypes.CDLL, suffix: str, planned: bool = False) -> Program:
    labelled = any(i.kind == "position" for i in kernel.inputs)
    names = {4: "_i32", 8: "_i64"} if labelled else {8: ""}
    planned = planned and fast.recognise(kernel) is not None
    ending = "_fast" if planned else ""
    functions = {
        size: getattr(library, f"lsm_{kernel.name}_{suffix}{tail}{ending}")
        for size, tail in names.items()
    }
    for function in functions.values():
        function.argtypes = _argument_types(kernel) + [ctypes.c_void_p] * planned
        function.restype = ctypes.c_int
    return _Call(kernel, functions, planned)


def _argument_types(kernel: Kernel) -> list[Any]:
    pointer: Any = ctypes.c_void_p
    step: Any = ctypes.c_ssize_t
    number: Any = ctypes.c_double
    kinds: dict[str, list[Any]] = {
        "vector": [pointer, step],
        "position": [pointer],
        "number": [pointer, number],
        "parameter": [number],
    }
    given = [t for i in kernel.inputs for t in kinds[i.kind]]
    vectors = [
        n
        for _, n in kernel.outputs
        if any(isinstance(p, Map) and p.name == n for p in kernel.passes)
    ]
    numbers = [n for _, n in kernel.outputs if n not in vectors]
    return [
        ctypes.c_size_t,
        ctypes.c_size_t,
        *given,
        *([pointer, pointer] * len(numbers)),
        *([pointer, step] * len(vectors)),
    ]
