"""bfloat16 and float16 in and out, float32 inside.

Logits, targets and gradients hold 16 bits, and are rounded once, at the end; losses and other
numbers of a row stay float32.  bfloat16 comes as an array of `ml_dtypes.bfloat16`, or as its bits
in uint16.  Kernels that have fast schedules read and write the 16 bits themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

WIDE = {"bfloat16": "float32", "float16": "float32"}
"""What the numbers of a row, and all that is computed, are held in."""
Array = NDArray[Any]


def numbers(dtype: str) -> str:
    """The type of the numbers that belong to a row."""
    return WIDE.get(dtype, dtype)


def holds(array: Array, dtype: str) -> bool:
    """Whether an array is of a type, or holds the bits of one that NumPy does not know."""
    return bool(array.dtype.name == dtype) or (dtype == "bfloat16" and array.dtype == np.uint16)


def widen(array: Array) -> Array:
    """The floats that an array of 16 bits holds."""
    if array.dtype == np.float16:
        return array.astype(np.float32)
    return (array.view(np.uint16).astype(np.uint32) << 16).view(np.float32)


def floats(given: Any) -> Any:
    """What is given, an array of 16 bits widened."""
    return widen(given) if _is_narrow(given) else given


def narrow(array: Array, like: Array) -> Array:
    """Floats rounded to the type of another array: to nearest, ties to even."""
    if like.dtype == np.float16:
        with np.errstate(over="ignore"):
            return array.astype(np.float16)
    bits = array.view(np.uint32)
    near = (bits + np.uint32(0x7FFF) + ((bits >> 16) & 1)) >> 16
    return np.where(np.isnan(array), 0x7FC0, near).astype(np.uint16).view(like.dtype)


@dataclass(frozen=True)
class Narrowed:
    """A program for float32 that is given 16 bits: its arrays are widened, its results rounded."""

    program: Any

    def __call__(self, arrays: Mapping[str, Any], outs: Mapping[str, Array]) -> None:
        wide = {name: floats(a) for name, a in arrays.items()}
        made = {w: np.empty(o.shape, np.float32) if _is_narrow(o) else o for w, o in outs.items()}
        self.program(wide, made)
        for word, out in outs.items():
            if made[word] is not out:
                out[...] = narrow(made[word], out)


def _is_narrow(given: Any) -> bool:
    return isinstance(given, np.ndarray) and given.dtype.itemsize == 2
