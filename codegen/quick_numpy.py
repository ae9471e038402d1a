"""Plain calls of a NumPy kernel: what needs no conversion goes to the emitted function at once.

A kernel's method gives way to a `Call`, which hands every call that it does not know to be right
to the method; there it is checked, and refused or converted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from codegen.interface import Kernel
from codegen.programs import NumpyProgram

LABELS = frozenset({np.dtype(np.int32), np.dtype(np.int64)})
KINDS = {
    "value": (("vector",), ("vector", "position")),
    "value_and_grad": (("vector", "position", "number"),),
}
"""The kinds of inputs of the kernels that a method may call so."""


@dataclass(frozen=True)
class Call:
    """A method of a kernel for rows of logits side by side in memory, with the labels it needs.

    `vector` says whether the first result is a vector, `labelled` whether there are labels, and
    `gradient` whether there is a gradient beside the value.
    """

    function: Callable[..., Any]
    method: Callable[..., Any]
    dtype: np.dtype[Any]
    vector: bool
    labelled: bool
    gradient: bool

    def __call__(self, logits: Any, labels: Any = None, **options: Any) -> Any:
        if not (self._fits(logits, options) and self._labels_fit(logits, labels)):
            return self.method(logits, labels, **options)
        try:
            return self._run(logits, labels, options)
        except IndexError:  # a label that is no class, which the method says more about
            return self.method(logits, labels, **options)

    def _run(self, logits: Any, labels: Any, options: dict[str, Any]) -> Any:
        out = options.get("out")
        wide = np.empty_like(logits) if out is None and (self.vector or self.gradient) else out
        if not self.labelled:
            return self.function(logits, out=(wide,))
        rows = len(logits)
        values = np.empty(rows, self.dtype)
        if self.gradient:
            self.function(logits, labels, 1 / rows, out=(values, wide))
        else:
            self.function(logits, labels, out=(values,))
        mean = self.dtype.type(float(np.add.reduce(values, dtype=np.float64)) / rows)
        return (mean, wide) if self.gradient else mean

    def _fits(self, logits: Any, options: dict[str, Any]) -> bool:
        if not self._is_plain(logits) or logits.ndim != 2 or logits.size == 0:
            return False
        if not options:
            return True
        if options.keys() != {"out"} or not (self.vector or self.gradient):
            return False
        out: Any = options["out"]
        fits = self._is_plain(out) and out.shape == logits.shape and out.flags.writeable
        return fits and not np.may_share_memory(out, logits)

    def _is_plain(self, array: Any) -> bool:
        return type(array) is np.ndarray and array.dtype == self.dtype and array.flags.c_contiguous

    def _labels_fit(self, logits: Any, labels: Any) -> bool:
        if not self.labelled:
            return labels is None
        known = type(labels) is np.ndarray and labels.dtype in LABELS
        return known and labels.shape == logits.shape[:1]


def attach(kernel: Kernel) -> None:
    """Let plain calls of a kernel go to its emitted functions."""
    variant = kernel.labels or kernel.function
    if variant is None:
        return
    for method, kinds in KINDS.items():
        program = variant.programs.get(f"{variant.spec.name}_{method}")
        if isinstance(program, NumpyProgram) and program.kinds in kinds:
            labelled = "position" in program.kinds
            vector = not labelled and variant.spec.out is not None
            if not labelled and not vector:
                continue
            made = Call(
                program.function, getattr(kernel, method), np.dtype(kernel.dtype),
                vector, labelled, method == "value_and_grad",
            )  # fmt: skip
            object.__setattr__(kernel, method, made)
