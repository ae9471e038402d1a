"""The arguments of one call, checked and brought into the form that programs take."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from codegen import halves
from codegen.errors import CodegenError
from codegen.programs import Program, Scaled
from codegen.specs import COTANGENT, Spec

Floats = NDArray[Any]
COPIED = 1 << 18
"""Elements of a block of rows that is copied because its classes are apart in memory."""


@dataclass
class Call:
    """What one call gives to a program: vectors of shape (rows, n), the rest one for each row."""

    spec: Spec
    logits: Floats
    axis: int
    arrays: dict[str, Any] = field(default_factory=dict)
    outs: dict[str, Floats] = field(default_factory=dict)
    given: dict[str, Floats] = field(default_factory=dict)
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
        """Run on the rows that count, which are read and written where they are if their classes
        are side by side, and else a block at a time; the other rows get 0."""
        if self.kept is None and all(
            _in_place(a) for a in (*self.arrays.values(), *self._rows_out().values())
        ):
            program(self.arrays, self._rows_out())
            return
        rows = np.arange(self.rows) if self.kept is None else np.flatnonzero(self.kept)
        if self.kept is not None:
            for out in self.outs.values():
                out[~self.kept.reshape(self.leading)] = 0
        step = max(1, COPIED // self.n)
        for first in range(0, rows.size, step):
            self._run_block(program, rows[first : first + step])

    def _run_block(self, program: Program, rows: NDArray[Any]) -> None:
        """Run on these rows, copied out and back."""
        at = np.unravel_index(rows, self.leading)
        given = {name: self._pick(a, rows, at) for name, a in self.arrays.items()}
        made = {w: np.empty(out[at].shape, out.dtype) for w, out in self.outs.items()}
        program(given, made)
        for word, out in self.outs.items():
            out[at] = made[word]

    def _pick(self, array: Any, rows: NDArray[Any], at: tuple[NDArray[Any], ...]) -> Any:
        if isinstance(array, Scaled):
            part = None if array.array is None else array.array[rows]
            return Scaled(part, array.factor, (rows.size,))
        if not isinstance(array, np.ndarray):
            return array
        chosen = array[at] if array.shape[:-1] == self.leading else array[rows]
        return np.ascontiguousarray(chosen)

    def _rows_out(self) -> dict[str, Floats]:
        return {w: rows_of(o) if o.shape == self.logits.shape else rows_of(o[..., None])[:, 0]
                for w, o in self.outs.items()}  # fmt: skip

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
        if word in self.given:
            return self.given[word]
        if made.shape != self.logits.shape or self.axis in (-1, made.ndim - 1):
            return made
        return np.moveaxis(made, -1, self.axis)


def rows_of(array: Floats) -> Floats:
    """The array as (rows, n) without a copy, or as it is where its strides do not allow that."""
    step, count = 0, 1
    for size, stride in reversed(list(zip(array.shape[:-1], array.strides[:-1], strict=True))):
        if size == 1:
            continue
        if count > 1 and stride != step * count:
            return array
        step = stride if count == 1 else step
        count *= size
    return as_strided(array, (count, array.shape[-1]), (step, array.strides[-1]))


def _in_place(array: Any) -> bool:
    """Whether a program can read or write an array where it is."""
    if not isinstance(array, np.ndarray) or array.ndim == 0:
        return True
    if array.ndim == 1:
        return array.strides[0] == array.itemsize or array.size == 1
    return array.ndim == 2 and (array.strides[1] == array.itemsize or array.shape[1] == 1)


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
        call.arrays[self.spec.wrt.array.name] = rows_of(call.logits)
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
        call.arrays[name] = rows_of(moved)

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
            call.arrays[COTANGENT] = rows_of(np.broadcast_to(scaled, shape))
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
        if not right or moved.shape != shape:
            raise CodegenError(f"out must be a {kind} array with the shape of the result {shape}")
        if not given.flags.writeable or np.may_share_memory(given, call.logits):
            raise CodegenError(
                "out must be writeable and must not overlap the logits: inputs are never written"
            )
        call.outs[word], call.given[word] = moved, given
