"""cross_entropy_soft, generated; do not edit.

    L = -Σ_k y_k log p_k

    p_i = e^(z_i) / (Σ_k e^(z_k))

facts used: none
rules used:
    log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
    one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
    cross-cancellation: p_j sum_k y_k - y_j = p_j sum_{k != j} y_k - y_j sum_{k != j} p_k: nothing cancels
    shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
    all-but-one-by-difference: sum_{k != j} g_k = sum_k g_k - g_j, exact for a one-hot g
    shift-of-the-others: the same shift for the share of all classes but one
    all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
template: numpy/module.py.j2; parameters: none
made by: lossmith emit cross_entropy --target numpy

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


def exp_difference(x, m):
    """e^(x - m): with d = x - m rounded and r what the rounding lost, e^d + e^d r."""
    d = x - m
    v = d - x
    r = (x - (d - v)) - (m + v)
    r = np.where(d > -1000, r, 0)  # e^d is 0 there, or d is NaN
    e = np.exp(d)
    return e + e * r


@functools.lru_cache(maxsize=8)
def starts(rows, step):
    """0, step, 2 step, ... as a column."""
    return np.arange(rows)[:, None] * step


def spot(x, place):
    """Where the element of each row at its place lies, counted in elements of memory."""
    if x.ndim == 1:
        return place
    across, along = x.strides
    first = starts(len(x), across // x.itemsize)
    return first + (place if along == x.itemsize else place * (along // x.itemsize))


def spots(x):
    """Where each element lies."""
    return np.arange(x.size).reshape(x.shape, order="C" if x.flags.c_contiguous else "F")


def spot_of_largest(x):
    """Where the first largest element of each row lies; any one, if there is a NaN."""
    if x.flags.c_contiguous:
        return spot(x, x.argmax(axis=-1, keepdims=True))
    largest = x == np.max(x, axis=-1, keepdims=True)
    last = x.shape[-1] - 1
    behind = np.arange(last, -1, -1, dtype=np.int8)
    return spot(x, last - np.max(largest * behind, axis=-1, keepdims=True).astype(np.intp))


def weigh(weight, x):
    """weight * x, which is 0 where the weight is 0, whatever x is."""
    return np.where(weight == 0, 0, weight * x)


def at(x, spot):
    """The element of each row that lies there."""
    found = x.ravel("K")[spot]
    return found.astype(np.float64, copy=False) if x.ndim > 1 else np.float64(found)


def put(x, spot, value):
    """One element of each row replaced."""
    x.ravel("K")[spot] = value


def sum_but(x, spot):
    """The sum of each row without the element that lies there; x is put back as it was."""
    elements = x.ravel("K")
    left_out = elements[spot]
    elements[spot] = 0
    total = sum_of_rows(x)
    elements[spot] = left_out
    return total


def sum_of_rows(x):
    """Few are added in float64, many pairwise, 4,096 float32 or more in runs of 256."""
    n = x.shape[-1]
    kept = x.ndim > 1
    if FEW <= n < 4096 or x.dtype == np.float64:
        return np.add.reduce(x, axis=-1, keepdims=kept)
    if n < FEW:
        return np.add.reduce(x, axis=-1, dtype=np.float64, keepdims=kept)
    whole = n - n % 256
    runs = np.einsum("...k->...", x[..., :whole].reshape(*x.shape[:-1], -1, 256))
    rest = np.add.reduce(x[..., whole:], axis=-1, keepdims=kept)
    return np.add.reduce(runs, axis=-1, dtype=np.float64, keepdims=kept) + rest


@by_blocks("number", dtype=np.float64)
def cross_entropy_soft_value(z, y):
    """L = -Σ_k y_k log p_k

    z: vector, logits
    y: vector, targets
    """
    # the place of a largest one
    a = spot_of_largest(z)
    m = at(z, a)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(exp_difference(z, m), a)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    sum_y_z = np.sum(weigh(y, z - m - log_s), axis=-1, keepdims=True)
    L = -sum_y_z
    return (L,)


@by_blocks("number", "vector", dtype=np.float64)
def cross_entropy_soft_value_and_grad(z, y, cotangent):
    """L = -Σ_k y_k log p_k
    grad_j = cotangent (p_j Σ_k y_k - y_j)

    z: vector, logits
    y: vector, targets
    cotangent: number, the cotangent
    """
    # the place of a largest one
    a = spot_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    sum_y_z = np.sum(weigh(y, z - m - log_s), axis=-1, keepdims=True)
    L = -sum_y_z
    sum_y = np.sum(y, axis=-1, keepdims=True)
    # sum over k of e_k
    s = 1 + rest
    grad = (e * (sum_y - y) / s - (s - e) * y / s) * cotangent
    # at a: all-but-one
    put(grad, a, ((sum_y - at(y, a)) / s - rest * at(y, a) / s) * cotangent)
    return (L, grad,)


@by_blocks("number", dtype=np.float64)
def cross_entropy_soft_jvp(z, y, tangent):
    """jvp = Σ_j tangent_j (p_j Σ_k y_k - y_j)

    z: vector, logits
    y: vector, targets
    tangent: vector, the direction
    """
    everywhere = spots(z)
    # the place of a largest one
    a = spot_of_largest(z)
    m = at(z, a)
    sum_y = np.sum(y, axis=-1, keepdims=True)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    sum_tangent_y_z = np.sum((e * (sum_y - y) / s - np.where(everywhere == a, rest, s - e) * y / s) * tangent, axis=-1, keepdims=True)
    jvp = sum_tangent_y_z
    return (jvp,)


@by_blocks("vector", dtype=np.float64)
def cross_entropy_soft_hvp(z, y, tangent, cotangent):
    """hvp_j = cotangent p_j (tangent_j - Σ_k p_k tangent_k) Σ_k y_k

    z: vector, logits
    y: vector, targets
    tangent: vector, the direction
    cotangent: number, the cotangent
    """
    # the place of a largest one
    a = spot_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    sum_tangent_z = np.sum(e * tangent / s, axis=-1, keepdims=True)
    sum_y = np.sum(y, axis=-1, keepdims=True)
    ratio = sum_y * cotangent / s
    hvp = e * (tangent - sum_tangent_z) * ratio
    return (hvp,)
