"""Kernels as people call them: arguments are checked before any work, inputs are never written."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from codegen.errors import CodegenError
from codegen.programs import Program, Scaled
from codegen.specs import Spec

REDUCTIONS = ("none", "mean", "sum")
Floats = NDArray[Any]


@dataclass(frozen=True)
class Variant:
    """One spec with its programs, by what they make ("value", "value_and_grad", "vjp")."""

    spec: Spec
    programs: dict[str, Program]


@dataclass(frozen=True)
class Kernel:
    """A compiled loss or function.

    `labels` and `targets` are the variants for integer labels and for targets that are real numbers
    (a loss has one or both); `function` is that of a function of the logits.
    """

    name: str
    target: str
    dtype: str
    function: Variant | None = None
    labels: Variant | None = None
    targets: Variant | None = None

    def value(
        self, logits: Any, labels: Any = None, *, axis: int = -1, out: Any = None, **options: Any
    ) -> Any:
        """The value: for a function an array, for a loss what `reduction` says.

        Logits have shape (..., n), the classes on `axis`; labels have shape (...) and lie in
        0..n-1, targets have the shape and type of the logits.  Raises CodegenError, and computes
        nothing, when an argument does not fit.
        """
        if self.function is not None:
            if labels is not None or options:
                raise CodegenError(f"{self.name} takes logits only: leave out labels and options")
            return self._apply(self.function, logits, axis, out)
        return self._loss("value", logits, labels, axis=axis, out=out, **options)

    def value_and_grad(
        self, logits: Any, labels: Any, *, axis: int = -1, out: Any = None, **options: Any
    ) -> Any:
        """The value of a loss and its gradient with respect to the logits.

        The gradient is of the reduced value times `cotangent` (one number, or with reduction "none"
        one for each row); `out` receives it.
        """
        if self.function is not None:
            raise CodegenError(
                f"{self.name} is a function, not a loss: call vjp(logits, cotangent=...)"
            )
        return self._loss("value_and_grad", logits, labels, axis=axis, out=out, **options)

    def vjp(
        self,
        logits: Any,
        labels: Any = None,
        *,
        cotangent: Any,
        axis: int = -1,
        out: Any = None,
        **options: Any,
    ) -> Any:
        """The product of the cotangent with the Jacobian: an array like the logits."""
        if self.function is None:
            return self._loss(
                "value_and_grad", logits, labels, axis=axis, out=out, cotangent=cotangent, **options
            )[1]
        z = self._logits(logits, axis)
        if self.function.spec.out is None:
            given = {"c": self._cotangent(cotangent, z.shape[:-1], "none", False)}
        else:
            given = {"v": self._like("cotangent", cotangent, z)}
        return self._run(self.function, "vjp", {"z": z, **given}, {"vjp": self._out(out, z)}, z)[
            "vjp"
        ]

    def _apply(self, variant: Variant, logits: Any, axis: int, out: Any) -> Floats:
        z = self._logits(logits, axis)
        shape = z.shape if variant.spec.out is not None else z.shape[:-1]
        made = self._out(out, z, shape)
        return self._run(variant, "value", {"z": z}, {"value": made}, z)["value"]

    def _loss(
        self, word: str, logits: Any, labels: Any, *, axis: int, out: Any, weight: Any = None,
        ignore_index: int = -100, label_smoothing: float = 0.0, reduction: str = "mean",
        cotangent: Any = None,
    ) -> Any:  # fmt: skip
        if weight is not None or ignore_index != -100 or label_smoothing != 0.0:
            raise CodegenError(
                f"{self.name} takes no weight, ignore_index or label_smoothing yet: leave them out"
            )
        if reduction not in REDUCTIONS:
            raise CodegenError(
                f'unknown reduction "{reduction}": use one of {", ".join(REDUCTIONS)}'
            )
        z = self._logits(logits, axis)
        variant, given = self._given(labels, z)
        rows = z.shape[:-1]
        arrays: dict[str, Any] = {"z": z, **given}
        value_shape = rows if variant.spec.out is None else z.shape
        outs = {"value": np.empty(value_shape, self.dtype)}
        if word == "value_and_grad":
            vector = variant.spec.out is not None
            arrays["v" if vector else "c"] = self._cotangent(
                cotangent, value_shape, reduction, vector
            )
            outs["grad"] = self._out(out, z)
        elif out is not None or cotangent is not None:
            raise CodegenError(
                f"{self.name}.value takes no out or cotangent: they belong to value_and_grad"
            )
        made = self._run(variant, word, arrays, outs, z)
        value = _reduced(made["value"], reduction)
        return value if word == "value" else (value, made["grad"])

    def _given(self, labels: Any, z: Floats) -> tuple[Variant, dict[str, Any]]:
        if labels is None:
            raise CodegenError(f"{self.name} needs labels or targets beside the logits")
        array = np.asarray(labels)
        if np.issubdtype(array.dtype, np.integer):
            return self._integer_labels(array, z)
        if self.targets is None:
            raise CodegenError(
                f"{self.name} takes integer labels, not {array.dtype}: use int32 or int64"
            )
        return self.targets, {"y": self._like("targets", array, z)}

    def _integer_labels(self, labels: Floats, z: Floats) -> tuple[Variant, dict[str, Any]]:
        if self.labels is None:
            raise CodegenError(
                f"{self.name} takes targets of type {self.dtype}, not {labels.dtype} labels"
            )
        if labels.shape != z.shape[:-1]:
            raise CodegenError(
                f"labels of shape {labels.shape} do not fit logits of shape {z.shape}: "
                f"expected {z.shape[:-1]}"
            )
        if labels.dtype not in (np.int32, np.int64):
            raise CodegenError(f"labels are {labels.dtype}: use int32 or int64")
        low, high = labels.min(), labels.max()
        if low < 0 or high >= z.shape[-1]:
            wrong = low if low < 0 else high
            raise CodegenError(
                f"label {wrong} is out of range: "
                f"with {z.shape[-1]} classes labels are 0..{z.shape[-1] - 1}"
            )
        return self.labels, {"t": labels}

    def _logits(self, logits: Any, axis: int) -> Floats:
        array = np.asarray(logits)
        if array.dtype != self.dtype:
            raise CodegenError(
                f"logits are {array.dtype}, but {self.name} was compiled for {self.dtype}: "
                f"convert them or compile for {array.dtype}"
            )
        if array.ndim == 0 or array.size == 0:
            raise CodegenError(
                f"logits of shape {array.shape}: expected at least one row of at least one class"
            )
        if axis not in (-1, array.ndim - 1):
            raise CodegenError(
                f"axis={axis} for logits of shape {array.shape}: "
                "classes must be on the last axis, use numpy.moveaxis"
            )
        return array

    def _like(self, name: str, given: Any, z: Floats) -> Floats:
        array = np.asarray(given)
        if array.dtype != self.dtype or array.shape != z.shape:
            raise CodegenError(
                f"{name} is {array.dtype} of shape {array.shape}: "
                f"expected {self.dtype} of shape {z.shape}, like the logits"
            )
        return array

    def _cotangent(self, given: Any, shape: tuple[int, ...], reduction: str, vector: bool) -> Any:
        """The cotangent as the program wants it: per-row numbers scaled, or a vector."""
        array = np.asarray(1.0 if given is None else given, dtype=self.dtype)
        if array.ndim and (reduction != "none" or array.shape != shape):
            raise CodegenError(
                f'cotangent of shape {array.shape} with reduction "{reduction}": '
                f'expected one number, or with "none" shape {shape}'
            )
        factor = 1.0 / math.prod(shape) if reduction == "mean" else 1.0
        if vector:
            return np.ascontiguousarray(
                np.broadcast_to(array * np.dtype(self.dtype).type(factor), shape)
            )
        if array.ndim == 0:
            return Scaled(None, factor * float(array), (math.prod(shape),))
        return Scaled(np.ascontiguousarray(array.reshape(-1)), factor, (array.size,))

    def _out(self, out: Any, z: Floats, shape: tuple[int, ...] | None = None) -> Floats:
        shape = z.shape if shape is None else shape
        if out is None:
            return np.empty(shape, self.dtype)
        if (
            not isinstance(out, np.ndarray)
            or out.dtype != self.dtype
            or out.shape != shape
            or not out.flags.c_contiguous
        ):
            raise CodegenError(f"out must be a contiguous {self.dtype} array of shape {shape}")
        if not out.flags.writeable or np.may_share_memory(out, z):
            raise CodegenError(
                "out must be writeable and must not overlap the logits: inputs are never written"
            )
        return out

    def _run(
        self,
        variant: Variant,
        word: str,
        arrays: dict[str, Any],
        outs: dict[str, Floats],
        z: Floats,
    ) -> dict[str, Floats]:
        rows, n = z.size // z.shape[-1], z.shape[-1]
        flat = {name: _flat(array, z, rows, n) for name, array in arrays.items()}
        into = {
            w: out.reshape((rows, n) if out.shape == z.shape else (rows,))
            for w, out in outs.items()
        }
        variant.programs[word](flat, into)
        return outs


def _flat(array: Any, z: Floats, rows: int, n: int) -> Any:
    if isinstance(array, Scaled):
        return array
    if array.shape == z.shape:
        flat = array.reshape(rows, n)
        return flat if flat.strides[1] == flat.itemsize else np.ascontiguousarray(flat)
    return np.ascontiguousarray(array.reshape(rows))


def _reduced(values: Floats, reduction: str) -> Any:
    if reduction == "none":
        return values
    total = np.sum(values, dtype=np.float64)
    return values.dtype.type(total / values.size if reduction == "mean" else total)
