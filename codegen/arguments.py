"""The arguments of one call, checked and brought into the form that programs take."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen import halves
from codegen.errors import CodegenError
from codegen.programs import Program, Scaled
from codegen.specs import COTANGENT, Spec

Floats = NDArray[Any]


@dataclass
class Call:
    """What one call gives to a program: vectors of shape (rows, n), the rest one for each row."""

    spec: Spec
    logits: Floats
    axis: int
    arrays: dict[str, Any] = field(default_factory=dict)
    outs: dict[str, Floats] = field(default_factory=dict)
    kept: NDArray[Any] | None = None
    divisor: float = 1.0
    reduction: str = "none"

    @property
    def type(self) -> Any:
        """The type of the logits and of all arrays like them."""
        return self.logits.dtype

    @property
    def leading(self) -> tuple[int, ...]:
        return self.logits.shape[:-1]

    @property
    def rows(self) -> int:
        return math.prod(self.leading)

    @property
    def n(self) -> int:
        return int(self.logits.shape[-1])

    @property
    def value_shape(self) -> tuple[int, ...]:
        return self.leading if self.spec.out is None else self.logits.shape

    def divide(self, reduction: str, weight: Any) -> None:
        """What the mean divides by: the rows that count, each with the weight of its label."""
        self.reduction = reduction
        if reduction != "mean":
            return
        labels = self.arrays.get(self.spec.label.name) if self.spec.label else None
        if labels is None or (weight is None and self.kept is None):
            self.divisor = float(math.prod(self.value_shape))
            return
        counted = labels if self.kept is None else labels[self.kept]
        share = 1.0 if weight is None else np.asarray(halves.floats(weight), np.float64)[counted]
        self.divisor = float(np.sum(np.broadcast_to(share, counted.shape)))

    def run(self, program: Program) -> None:
        """Run on the rows that count; the others get 0."""
        flat = {
            w: out.reshape(self.rows, -1)
            if out.shape == self.logits.shape
            else out.reshape(self.rows)
            for w, out in self.outs.items()
        }
        if self.kept is None:
            program(self.arrays, flat)
            return
        rows = np.flatnonzero(self.kept)
        for out in flat.values():
            out[~self.kept] = 0
        if rows.size:
            part = {w: np.empty_like(out[rows]) for w, out in flat.items()}
            program({name: _pick(a, rows, self.rows) for name, a in self.arrays.items()}, part)
            for word, out in flat.items():
                out[rows] = part[word]

    def reduced(self, word: str = "value") -> Any:
        """The value as the reduction says; the mean of no rows is NaN."""
        values = self.outs[word]
        if self.reduction == "none":
            return values
        total = float(np.sum(values, dtype=np.float64))
        with np.errstate(invalid="ignore"):
            return values.dtype.type(np.float64(total) / self.divisor if self.divisor else np.nan)

    def result(self, word: str) -> Floats:
        """An output, the classes back on the axis they came from."""
        made = self.outs[word]
        if made.shape != self.logits.shape or self.axis in (-1, made.ndim - 1):
            return made
        return np.moveaxis(made, -1, self.axis)


def _pick(array: Any, rows: NDArray[Any], count: int) -> Any:
    if isinstance(array, Scaled):
        part = None if array.array is None else np.ascontiguousarray(array.array[rows])
        return Scaled(part, array.factor, (rows.size,))
    return (
        array[rows]
        if isinstance(array, np.ndarray) and array.ndim and array.shape[0] == count
        else array
    )


@dataclass(frozen=True)
class Checker:
    """Checks the arguments of one variant."""

    name: str
    dtype: str
    spec: Spec

    def logits(self, given: Any, axis: int) -> Call:
        """A call on these logits."""
        array = np.asarray(given)
        if not halves.holds(array, self.dtype):
            raise CodegenError(
                f"logits are {array.dtype}, but {self.name} was compiled for {self.dtype}: "
                f"convert them or compile for {array.dtype}"
            )
        if array.ndim == 0 or array.size == 0:
            raise CodegenError(
                f"logits of shape {array.shape}: expected at least one row of at least one class"
            )
        if not -array.ndim <= axis < array.ndim:
            raise CodegenError(f"axis={axis} is out of range for logits of shape {array.shape}")
        call = Call(self.spec, np.moveaxis(array, axis, -1), axis)
        call.arrays[self.spec.wrt.array.name] = _flat(call.logits, call)
        return call

    def labels(self, call: Call, given: Any, ignore_index: int) -> None:
        """Integer labels, one for each row; those equal to `ignore_index` do not count."""
        labels = np.asarray(given)
        if labels.shape != call.leading:
            raise CodegenError(
                f"labels of shape {labels.shape} do not fit logits of shape {call.logits.shape}: "
                f"expected {call.leading}"
            )
        if labels.dtype not in (np.int32, np.int64):
            raise CodegenError(f"labels are {labels.dtype}: use int32 or int64")
        low, high = int(labels.min()), int(labels.max())
        if low < 0 or high >= call.n:
            call.kept = np.ravel(labels != ignore_index)
            counted = labels[labels != ignore_index]
            low, high = (int(counted.min()), int(counted.max())) if counted.size else (0, 0)
        if low < 0 or high >= call.n:
            raise CodegenError(
                f"label {low if low < 0 else high} is out of range: "
                f"with {call.n} classes labels are 0..{call.n - 1}"
            )
        if call.kept is None and low <= ignore_index <= high:
            call.kept = np.ravel(labels != ignore_index)
        assert self.spec.label is not None
        call.arrays[self.spec.label.name] = np.ascontiguousarray(labels.reshape(-1))

    def inputs(self, call: Call, given: dict[str, Any]) -> None:
        """The other arrays and numbers of the statement, by name."""
        known = {a.name: a for a in self.spec.statement.inputs() if a != self.spec.wrt.array}
        for name in sorted(set(known) ^ set(given)):
            if name in known:
                raise CodegenError(f"{self.name} needs {name}: pass {name}=")
            names = ", ".join(sorted(known)) or "nothing else"
            raise CodegenError(f"{self.name} takes no {name}: it takes {names}")
        for name, array in known.items():
            if array.ranges:
                self.vector(call, name, given[name], shared=True)
            else:
                call.arrays[name] = self._number(name, given[name])

    def vector(self, call: Call, name: str, given: Any, shared: bool = False) -> None:
        """An array like the logits; one of n is shared by the rows where that is allowed."""
        array = np.asarray(given)
        if array.dtype == call.type and shared and array.shape == (call.n,) != call.logits.shape:
            call.arrays[name] = np.broadcast_to(np.ascontiguousarray(array), (call.rows, call.n))
            return
        moved = np.moveaxis(array, call.axis, -1) if array.ndim == call.logits.ndim else array
        if array.dtype != call.type or moved.shape != call.logits.shape:
            called = "targets" if name == "y" else name
            raise CodegenError(
                f"{called} is {array.dtype} of shape {array.shape}: "
                f"expected {self.dtype} of the shape of the logits"
                + (f", or ({call.n},)" if shared else "")
            )
        call.arrays[name] = _flat(moved, call)

    def _number(self, name: str, given: Any) -> float:
        if np.ndim(given) or not np.isreal(given):
            raise CodegenError(f"{name}={given!r}: expected one number")
        return float(given)

    def weigh(self, call: Call, given: Any, reduction: str) -> None:
        """The cotangent: one number, or one for each value where nothing is reduced."""
        numbers = np.dtype(halves.numbers(self.dtype))
        array = np.asarray(1.0 if given is None else given, dtype=numbers)
        shape = call.value_shape
        moved = array
        if self.spec.out is not None and array.ndim == call.logits.ndim:
            moved = np.moveaxis(array, call.axis, -1)
        if array.ndim and (reduction != "none" or moved.shape != shape):
            raise CodegenError(
                f'cotangent of shape {array.shape} with reduction "{reduction}": '
                f'expected one number, or with "none" shape {shape}'
            )
        factor = 1.0 / call.divisor if call.divisor else 0.0
        if self.spec.out is not None:
            scaled = moved * numbers.type(factor) if factor != 1 else moved
            call.arrays[COTANGENT] = _flat(np.broadcast_to(scaled, shape), call)
        elif array.ndim == 0:
            call.arrays[COTANGENT] = Scaled(None, factor * float(array), (call.rows,))
        else:
            flat = np.ascontiguousarray(array.reshape(-1))
            call.arrays[COTANGENT] = Scaled(flat, factor, (call.rows,))

    def out(self, call: Call, word: str, given: Any, like_logits: bool) -> None:
        """The array for an output: the one given, or a new one."""
        wide = like_logits if word != "value" else self.spec.out is not None
        shape = call.logits.shape if wide else call.leading
        kind = call.type if wide else np.dtype(halves.numbers(self.dtype))
        if given is None:
            call.outs[word] = np.empty(shape, kind)
            return
        right = isinstance(given, np.ndarray) and given.dtype == kind
        moved = (
            np.moveaxis(given, call.axis, -1)
            if right and wide and given.ndim == call.logits.ndim
            else given
        )
        if not right or moved.shape != shape or not moved.flags.c_contiguous:
            raise CodegenError(
                f"out must be a contiguous {kind} array with the shape of the result {shape}"
            )
        if not given.flags.writeable or np.may_share_memory(given, call.logits):
            raise CodegenError(
                "out must be writeable and must not overlap the logits: inputs are never written"
            )
        call.outs[word] = given if moved.shape == given.shape else moved


def _flat(array: Floats, call: Call) -> Floats:
    """Shape (rows, n) with the classes side by side in memory: a view where that can be."""
    flat = array.reshape(call.rows, call.n)
    return flat if flat.strides[1] == flat.itemsize or call.n == 1 else np.ascontiguousarray(flat)
