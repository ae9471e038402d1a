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
    """A method of a function of logits, for rows of them side by side in memory.

    `function` is the emitted one, `plain` what it offers for a block that needs no copy.
    """

    function: Callable[..., Any]
    plain: Callable[..., Any]
    method: Callable[..., Any]
    dtype: np.dtype[Any]

    def __call__(self, logits: Any, labels: Any = None, *, out: Any = None, **options: Any) -> Any:
        if options or labels is not None or not self._fits(logits, out):
            return self._slow(logits, labels, out, options)
        wide = np.empty_like(logits) if out is None else out
        row = len(logits) == 1
        made = self.plain(logits[0], wide[0]) if row else self.plain(logits, wide)
        if made is None:
            self.function(logits, out=(wide,))
        return wide

    def _slow(self, logits: Any, labels: Any, out: Any, options: dict[str, Any]) -> Any:
        options |= {} if out is None else {"out": out}
        return self.method(logits, labels, **options)

    def _fits(self, logits: Any, out: Any) -> bool:
        """Whether there are logits to read and, if it is given, a place apart from them."""
        if type(logits) is not np.ndarray or logits.dtype is not self.dtype or logits.ndim != 2:
            return False
        given = logits.flags
        if out is None or not given.c_contiguous or logits.size == 0:
            return given.c_contiguous and logits.size > 0
        if type(out) is not np.ndarray or out.dtype is not self.dtype or out.shape != logits.shape:
            return False
        place = out.flags
        owners = given.owndata and place.owndata and out is not logits
        return place.carray and (owners or not np.may_share_memory(out, logits))


@dataclass(frozen=True)
class LossCall(Call):
    """A method of a loss with integer labels; `gradient` says whether it makes that too."""

    gradient: bool

    def __call__(self, logits: Any, labels: Any = None, *, out: Any = None, **options: Any) -> Any:
        fits = (out is None or self.gradient) and self._labels_fit(logits, labels)
        if options or not fits or not self._fits(logits, out):
            return self._slow(logits, labels, out, options)
        wide = np.empty_like(logits) if out is None else out
        try:
            mean = self._mean(logits, labels, wide)
        except IndexError:  # a label that is no class, which the method says more about
            return self._slow(logits, labels, out, options)
        return (mean, wide) if self.gradient else mean

    def _mean(self, logits: Any, labels: Any, wide: Any) -> Any:
        """The mean; a single row goes as a vector: numbers take less time than arrays of one."""
        rows = len(logits)
        more = (1 / rows,) if self.gradient else ()
        if rows == 1:
            made = self.plain(logits[0], labels[0], *more, wide[0])
        else:
            made = self.plain(logits, labels[:, None], *more, wide)
        if made is not None and rows == 1:
            return self.dtype.type(made[0])
        if made is not None:
            values = made[0].astype(self.dtype)
        else:
            values = np.empty(rows, self.dtype)
            self.function(logits, labels, *more, out=(values, wide) if self.gradient else (values,))
        return self.dtype.type(values.sum(dtype=np.float64) / rows)

    @staticmethod
    def _labels_fit(logits: Any, labels: Any) -> bool:
        known = type(labels) is np.ndarray and labels.dtype in LABELS
        return known and type(logits) is np.ndarray and labels.shape == logits.shape[:1]


def _nothing(*_: Any) -> None:
    """What a function without an unshifted form makes of a block: all is left to the function."""


def attach(kernel: Kernel) -> None:
    """Let plain calls of a kernel go to its emitted functions."""
    variant = kernel.labels or kernel.function
    if variant is None:
        return
    for method, kinds in KINDS.items():
        program = variant.programs.get(f"{variant.spec.name}_{method}")
        if isinstance(program, NumpyProgram) and program.kinds in kinds:
            plain = getattr(program.function, "plain", None) or _nothing
            given = (program.function, plain, getattr(kernel, method), np.dtype(kernel.dtype))
            made: Call | None = None
            if "position" in program.kinds:
                made = LossCall(*given, method == "value_and_grad")
            elif variant.spec.out is not None:
                made = Call(*given)
            if made is not None:
                object.__setattr__(kernel, method, made)
