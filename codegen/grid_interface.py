"""Kernels over several ranges as people call them: arrays by name, checked before any work."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen import native
from codegen.backends import c_grids, numpy_grids
from codegen.backends.c import REALS
from codegen.backends.preamble import Preamble
from codegen.errors import CodegenError
from codegen.grid_specs import GridSpec
from codegen.grids import Grid
from codegen.headers import math_header
from codegen.interface import Kernel
from codegen.kernel import kernel_name
from codegen.programs import numpy_functions

Words = tuple[str, ...]
Program = Callable[[Mapping[str, Any], Mapping[str, int], float], tuple[Any, Any]]
Programs = dict[Words, Program]


@dataclass(frozen=True)
class GridKernel(Kernel):
    """A compiled loss over several ranges.

    The first argument is the array that the gradient is taken with respect to; the others are given
    by name, arrays of the kernel's type with the shapes that the statement says.  Every method
    raises CodegenError, and computes nothing, when an argument does not fit.
    """

    spec: GridSpec = field(kw_only=True)
    more: Callable[[Words], Mapping[Words, Program]] = field(kw_only=True, repr=False)
    programs: dict[Words, Program] = field(kw_only=True, repr=False)

    def value(self, logits: Any, labels: Any = None, **options: Any) -> Any:
        """The value of the loss, one number."""
        return self._run(("value",), logits, labels, None, options)[0]

    def value_and_grad(self, logits: Any, labels: Any = None, **options: Any) -> Any:
        """The value and its gradient with respect to the first argument, times `cotangent`."""
        cotangent = options.pop("cotangent", None)
        return self._run(("value", "grad"), logits, labels, cotangent, options)

    def vjp(self, logits: Any, labels: Any = None, *, cotangent: Any, **options: Any) -> Any:
        """The gradient times the cotangent."""
        return self.value_and_grad(logits, labels, cotangent=cotangent, **options)[1]

    def jvp(self, logits: Any, labels: Any = None, *, tangent: Any, **options: Any) -> Any:
        """The derivative along the tangent: the sum of its products with the gradient."""
        gradient = self.value_and_grad(logits, labels, **options)[1]
        along = self._array(self.spec.wrt.array.name, tangent, len(gradient.shape))
        if along.shape != gradient.shape:
            raise CodegenError(f"tangent of shape {along.shape}: expected {gradient.shape}")
        return np.dtype(self.dtype).type(np.vdot(gradient, along))

    def hvp(self, logits: Any, labels: Any = None, *, v: Any, **options: Any) -> Any:
        """The Hessian times the direction `v`, an array like the first argument, times
        `cotangent`."""
        cotangent = options.pop("cotangent", None)
        given = {**options, str(self.spec.direction.name): v}
        return self._run(("hvp",), logits, labels, cotangent, given)[1]

    def _run(
        self, words: Words, first: Any, labels: Any, cotangent: Any, options: dict[str, Any]
    ) -> tuple[Any, Any]:
        out = options.pop("out", None)
        if options.pop("reduction", "sum") != "sum":
            raise CodegenError(f"{self.name} is one number: there is nothing to reduce")
        if labels is not None:
            raise CodegenError(f"{self.name} takes its arrays by name: leave out labels")
        given = {self.spec.wrt.array.name: first, **options}
        arrays, sizes = self._checked(given, words)
        if cotangent is not None and np.ndim(cotangent):
            raise CodegenError(f"cotangent of shape {np.shape(cotangent)}: expected one number")
        scale = 1.0 if cotangent is None else float(cotangent)
        if words not in self.programs:
            self.programs.update(self.more(words))
        value, filled = self.programs[words](arrays, sizes, scale)
        if out is not None:
            self._receive(out, filled, arrays)
        return value, filled if out is None else out

    def _receive(self, out: Any, filled: Any, arrays: Mapping[str, Any]) -> None:
        fits = isinstance(out, np.ndarray) and out.dtype == self.dtype
        if filled is None or not fits or out.shape != filled.shape:
            raise CodegenError(f"out must be a {self.dtype} array like {self.spec.wrt}")
        if any(np.may_share_memory(out, a) for a in arrays.values() if isinstance(a, np.ndarray)):
            raise CodegenError("out must not overlap an input: inputs are never written")
        out[...] = filled

    def _checked(
        self, given: dict[str, Any], words: Words
    ) -> tuple[dict[str, Any], dict[str, int]]:
        """The arrays and numbers by name, and the sizes they agree on."""
        known = {a.name: a for a in self.spec.arrays(words)}
        for name in sorted(set(known) ^ set(given)):
            if name in known:
                raise CodegenError(f"{self.name} needs {name}: pass {name}=")
            raise CodegenError(f"{self.name} takes no {name}: it takes {', '.join(sorted(known))}")
        arrays: dict[str, Any] = {}
        sizes: dict[str, int] = {}
        for name, array in known.items():
            if not array.ranges:
                arrays[name] = self._number(name, given[name])
                continue
            arrays[name] = self._array(name, given[name], len(array.ranges))
            for size, count in zip(array.ranges, arrays[name].shape, strict=True):
                if sizes.setdefault(size, count) != count or count == 0:
                    raise CodegenError(
                        f"{name} of shape {arrays[name].shape} does not fit: it has shape "
                        f"({', '.join(array.ranges)}), where {size} = {sizes[size]}"
                    )
        return arrays, sizes

    def _array(self, name: str, given: Any, axes: int) -> NDArray[Any]:
        array = np.asarray(given)
        if array.dtype != self.dtype or array.ndim != axes:
            raise CodegenError(
                f"{name} is {array.dtype} of shape {array.shape}: "
                f"expected {self.dtype} with {axes} axes"
            )
        return np.ascontiguousarray(array)

    def _number(self, name: str, given: Any) -> float:
        if np.ndim(given) or not np.isreal(given):
            raise CodegenError(f"{name}={given!r}: expected one number")
        return float(given)


def numpy_programs(spec: GridSpec, grids: tuple[Grid, ...], head: Preamble) -> Programs:
    """The kernels as functions of the emitted NumPy module."""
    functions = numpy_functions(spec.name, numpy_grids.source(grids, head))

    def program(grid: Grid) -> Program:
        def run(arrays: Mapping[str, Any], sizes: Mapping[str, int], scale: float) -> Any:
            given = [arrays[a.name] for a in spec.arrays(grid.words)]
            made = functions(grid.name)(*given, *([scale] if grid.filled else []))
            found = dict(zip(grid.words, made if len(grid.words) > 1 else [made], strict=True))
            return found.pop("value", None), next(iter(found.values()), None)

        return run

    return {g.words: program(g) for g in grids}


def c_programs(spec: GridSpec, grids: tuple[Grid, ...], head: Preamble, dtype: str) -> Programs:
    """The kernels as functions of the compiled library."""
    name = kernel_name(spec.name, grids[-1].words)
    library = native.load(name, c_grids.sources(spec.name, grids, head) | math_header())
    return {g.words: _CProgram(spec, g, library, dtype) for g in grids}


@dataclass(frozen=True)
class _CProgram:
    """How the arrays of a kernel become the arguments of its C function."""

    spec: GridSpec
    grid: Grid
    library: ctypes.CDLL
    dtype: str

    def __call__(
        self, arrays: Mapping[str, Any], sizes: Mapping[str, int], scale: float
    ) -> tuple[Any, Any]:
        name = f"lsm_{self.grid.name}_{REALS[self.dtype].suffix}"
        counts = [ctypes.c_size_t(sizes[s]) for s in self.grid.sizes]
        places = ctypes.c_size_t()
        room = getattr(self.library, f"{name}_work")
        room.restype = ctypes.c_size_t
        work = np.empty(room(*counts, ctypes.byref(places)) or 1)
        at = np.empty(places.value or 1, np.uintp)
        value = np.empty((), self.dtype) if "value" in self.grid.words else None
        first = arrays[self.spec.wrt.array.name]
        filled = np.empty_like(first) if self.grid.filled else None
        outs = [a for a in (value, filled) if a is not None]
        numbers = [arrays[a.name] for a in self.spec.inputs if not a.ranges]
        numbers += [] if filled is None else [scale]
        given = [arrays[a.name] for a in self.spec.arrays(self.grid.words) if a.ranges]
        getattr(self.library, name)(
            *counts,
            *(ctypes.c_void_p(a.ctypes.data) for a in given),
            *(ctypes.c_double(x) for x in numbers),
            *(ctypes.c_void_p(a.ctypes.data) for a in (work, at, *outs)),
        )
        return None if value is None else value[()], filled
