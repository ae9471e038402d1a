"""binary_cross_entropy, generated; do not edit.

    L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

facts used: none
rules used:
    log-of-one-minus-sigmoid: log(1 - sigma(x)) = -softplus(x)
    log-of-sigmoid: log sigma(x) = -softplus(-x)
    softplus-split: softplus(x) = relu(x) + log1p(e^{-|x|}): the exponential never overflows
    even-absolute-value: |-x| = |x|
    sigmoid-shares: sigma(x) - q = (1 - q) sigma(x) - q sigma(-x): for q in {0, 1} nothing cancels
    sigmoid-two-branches: sigma(x) = 1 / (1 + e^{-|x|}) for x > 0, else e^{-|x|} / (1 + e^{-|x|})
    one-minus-sigmoid: 1 - sigma(x) = sigma(-x)
template: numpy/module.py.j2; parameters: none
made by: lossmith emit binary_cross_entropy --target numpy

Classes are on the last axis; float32 or float64.  Inputs are never written.  NumPy 2.0 or later.
"""

import contextvars
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
CALM = contextvars.Context()  # in it NumPy warns of nothing; entered sooner than np.errstate
CALM.run(np.seterr, all="ignore")
WHOLE = slice(None)
FINE = ()  # no rows


def laid_out(x, block, name, dtype, order):
    """A block of rows, copied where its type or order is another; a number of a row is a column."""
    if not isinstance(x, np.ndarray):
        return x
    if x.ndim == 1:
        return x[block, None]
    if block is not WHOLE:
        x = x[block]
    if order == "C" and x.dtype == dtype and x.flags.c_contiguous:
        return x
    made = room(name, x.shape, dtype, order)
    made[...] = x
    return made


def fill(outs, block, places, made):
    """The results of some rows, where they are not yet; places are copies if rows are listed."""
    for x, place, result in zip(outs, places, made, strict=True):
        if result is not place or not isinstance(block, slice):
            x[block] = result if result.ndim == x.ndim else result[:, 0]


def by_blocks(*results, dtype=None):
    """The function of some rows, run on all rows, a block of them at a time.

    For each row a result is a number or a vector; `out` is a tuple of arrays for the results.
    Vectors are of a type, or of that of the logits.  Few float32 are laid out class by class:
    loops and sums then run along the rows.  Sums of float64 stay pairwise.
    """
    wide = np.dtype(dtype) if dtype else None

    def of_some(function):
        def made_of(function, given, outs, block, kind, order):
            parts = [laid_out(x, block, c, kind, order) for c, x in enumerate(given)]
            places = outs if block is WHOLE else [x[block] for x in outs]
            return places, function(*parts)

        def of_block(given, outs, block, kind, order):
            fill(outs, block, *made_of(function, given, outs, block, kind, order))

        @functools.wraps(function)
        def run(*given, out=None):
            z = given[0]
            rows, n = z.shape
            kind = wide or z.dtype
            order = "F" if n < FEW and z.dtype == np.float32 else "C"
            outs = out or [np.empty(z.shape if r == "vector" else rows, z.dtype) for r in results]
            step = max(1, BLOCK // (n * kind.itemsize))
            starts = range(0, rows, step)
            for block in [WHOLE] if step >= rows else [slice(s, s + step) for s in starts]:
                CALM.copy().run(of_block, given, outs, block, kind, order)
            return tuple(outs) if len(outs) > 1 else outs[0]

        return run

    return of_some


def weigh(weight, x):
    """weight * x, which is 0 where the weight is 0, whatever x is."""
    return np.where(weight == 0, 0, weight * x)


@by_blocks("vector", dtype=np.float64)
def binary_cross_entropy_value(z, y):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    y: vector, targets
    """
    # log(1 + e^{-|x|}) (softplus-split)
    log_tail = np.log1p(np.exp(-np.abs(z)))
    L = weigh(1 - y, log_tail + np.maximum(z, 0)) + weigh(y, log_tail + np.maximum(-z, 0))
    return (L,)


@by_blocks("vector", "vector", dtype=np.float64)
def binary_cross_entropy_value_and_grad(z, y, cotangent):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))
    grad_j = cotangent_j (σ(z_j) - y_j)

    z: vector, logits
    y: vector, targets
    cotangent: vector, the cotangent
    """
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    # log(1 + e^{-|x|}) (softplus-split)
    log_tail = np.log1p(tail)
    L = weigh(1 - y, log_tail + np.maximum(z, 0)) + weigh(y, log_tail + np.maximum(-z, 0))
    grad = (weigh(1 - y, np.where(z > 0, 1, tail)) / (1 + tail) - weigh(y, np.where(-z > 0, 1, tail)) / (1 + tail)) * cotangent
    return (L, grad,)


@by_blocks("vector", dtype=np.float64)
def binary_cross_entropy_jvp(z, y, tangent):
    """jvp_j = tangent_j (σ(z_j) - y_j)

    z: vector, logits
    y: vector, targets
    tangent: vector, the direction
    """
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    jvp = (weigh(1 - y, np.where(z > 0, 1, tail)) / (1 + tail) - weigh(y, np.where(-z > 0, 1, tail)) / (1 + tail)) * tangent
    return (jvp,)


@by_blocks("vector", dtype=np.float64)
def binary_cross_entropy_hvp(z, tangent, cotangent):
    """hvp_j = cotangent_j tangent_j σ(z_j) (1 - σ(z_j))

    z: vector, logits
    tangent: vector, the direction
    cotangent: vector, the cotangent
    """
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    hvp = np.where(-z > 0, 1, tail) * np.where(z > 0, 1, tail) * cotangent * tangent / ((1 + tail) * (1 + tail))
    return (hvp,)
