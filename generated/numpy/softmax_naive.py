"""softmax_naive, generated; do not edit.

    p_i = e^(z_i) / (Σ_k e^(z_k))

facts used: none
rules used:
template: numpy/module.py.j2; parameters: none
made by: lossmith emit softmax_naive --target numpy

Classes are on the last axis; float32 or float64.  Inputs are never written.
"""

import functools
import math
import threading

import numpy as np

FEW = 64  # classes
BLOCK = 524288  # bytes of a vector of a block of rows: what is made of them stays in the cache


class Room(threading.local):
    """Memory of a thread for what a block makes, used again by the next block: fresh memory would
    cost more than the arithmetic."""

    def __init__(self):
        self.kept = {}

    def __call__(self, name, shape, dtype, order):
        size = math.prod(shape)
        made = self.kept.get((name, dtype))
        if made is None or made.size < size:
            made = self.kept[name, dtype] = np.empty(size, dtype)
        return made[:size].reshape(shape, order=order)


room = Room()


def laid_out(x, block, name, dtype, order):
    """A block of rows, copied where its type or order is another; a number of a row is a column."""
    if not isinstance(x, np.ndarray):
        return x
    if x.ndim == 1:
        return x[block, None]
    x = x[block]
    if x.dtype == dtype and order == "C" and x.flags.c_contiguous:
        return x
    made = room(name, x.shape, dtype, order)
    made[...] = x
    return made


def by_blocks(*results, dtype=None):
    """The function of some rows, run on all rows, a block of them at a time.

    For each row a result is a number or a vector; `out` is a tuple of arrays for the results.
    Vectors are of a type, or of that of the logits.  Few float32 are laid out class by class:
    loops and sums then run along the rows.  Sums of float64 stay pairwise.
    """

    def of_some(function):
        @functools.wraps(function)
        def run(*given, out=None):
            z = given[0]
            rows, n = z.shape
            kind = np.dtype(dtype) if dtype else z.dtype
            order = "F" if n < FEW and z.dtype == np.float32 else "C"
            shapes = (z.shape if r == "vector" else rows for r in results)
            outs = out or tuple(np.empty(shape, z.dtype) for shape in shapes)
            step = max(1, BLOCK // (n * kind.itemsize))
            with np.errstate(all="ignore"):
                for first in range(0, rows, step):
                    block = slice(first, first + step)
                    parts = [laid_out(x, block, c, kind, order) for c, x in enumerate(given)]
                    places = [x[block] for x in outs]
                    for place, made in zip(places, function(*parts), strict=True):
                        if made is not place:
                            place[...] = made
            return outs if len(outs) > 1 else outs[0]

        return run

    return of_some


@by_blocks("vector", dtype=np.float64)
def softmax_naive_value(z):
    """p_i = e^(z_i) / (Σ_k e^(z_k))

    z: vector, logits
    """
    kept = np.exp(z)
    sum_z = np.sum(kept, axis=-1, keepdims=True)
    p = np.divide(kept, sum_z, out=kept)
    return (p,)
