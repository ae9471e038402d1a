"""logsumexp, generated; do not edit.

    L = log Σ_k e^(z_k)

facts used: none
rules used:
    shift-out-of-the-log: log sum_k e^{f_k} = f_a + log sum_k e^{f_k - f_a}
    one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
    log-near-one: log s = log(1 + (s - 1)): where s is near 1, the excess s - 1 is summed with more digits
    shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
    constant-factor: a factor that does not depend on the class stands before the sum
    shift-of-a-mean: the same shift for sum_k g_k p_k
template: numpy/module.py.j2; parameters: none
made by: lossmith emit logsumexp --target numpy

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


def by_blocks(*results, dtype=None, memory=False, first=None):
    """The function of some rows, run on all rows, a block of them at a time.

    For each row a result is a number or a vector; `out` is a tuple of arrays for the results.
    Vectors are of a type, or of that of the logits.  Few float32 are laid out class by class:
    loops and sums then run along the rows.  Sums of float64 stay pairwise.
    With `memory` the function is given that of the result, where it may be, for a vector.
    What `first` makes of a block is taken, but for rows that it says it lost digits of.
    """
    wide = np.dtype(dtype) if dtype else None

    def of_some(function):
        def made_of(function, given, outs, block, kind, order):
            parts = [laid_out(x, block, c, kind, order) for c, x in enumerate(given)]
            places = outs if block is WHOLE else [x[block] for x in outs]
            if memory:
                parts.append(memory_of(places[-1], parts[0], order))
            return places, function(*parts)

        def of_block(given, outs, block, kind, order):
            if first:
                places, (made, lost) = made_of(first, given, outs, block, kind, "C")
                again = None
                if len(lost):  # before anything is written: the results may lie on the logits
                    lost += block.start or 0
                    again = made_of(function, given, outs, lost, kind, order)
                fill(outs, block, places, made)
                if again:
                    fill(outs, lost, *again)
                return
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

        def plain(*parts):
            """What `first` makes of one block that needs no copy; None where that is not all."""
            z = parts[0]
            if z.nbytes > BLOCK:
                return None
            made, lost = CALM.copy().run(first, *parts)
            return made if lost is FINE else None

        run.plain = first and plain
        return run

    return of_some


def memory_of(result, x, order):
    """Memory for a vector like x: that of the result if it is such a one and apart from x."""
    fits = result.ndim == 2 and result.dtype == x.dtype and order == "C"
    if fits and result.flags.c_contiguous and not np.may_share_memory(result, x):
        return result
    return room(f"memory {order}", x.shape, x.dtype, order)


def exp_difference(x, m):
    """e^(x - m): with d = x - m rounded and r what the rounding lost, e^d + e^d r."""
    d = x - m
    v = d - x
    r = (x - (d - v)) - (m + v)
    r = np.where(d > -1000, r, 0)  # e^d is 0 there, or d is NaN
    e = np.exp(d)
    return e + e * r


def exp_rows(x, m, out=None):
    """e^(x - m) = e^x e^-m for each row: no difference is rounded."""
    e = np.exp(x, out=out)
    e *= np.exp(-m).astype(x.dtype)
    most = 80 if x.dtype == np.float32 else 640
    if not (np.minimum.reduce(m, axis=None) >= 0 and np.maximum.reduce(m, axis=None) <= most):
        make_good(e, x, m, most)
    return e


def make_good(e, x, m, most):
    """Rows where a normal e^(x - m) may have an e^x or an e^-m beyond the normal range."""
    near = (m >= 0) | (np.min(x, axis=-1, keepdims=True) >= -most)
    far = np.flatnonzero(~(near & (np.abs(m) <= most)))
    e[far] = exp_difference(x[far], m[far].astype(x.dtype))


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


def ends(x):
    """The least and the largest; NaN if there is one."""
    if not isinstance(x, np.ndarray):
        number = float(x)
        return number, number
    if x.size == 1:
        return x.item(), x.item()
    return x.item(x.argmin()), x.item(x.argmax())


def spot_of_largest(x):
    """Where the first largest element of each row lies; any one, if there is a NaN."""
    if x.flags.c_contiguous:
        return spot(x, x.argmax(axis=-1, keepdims=True))
    largest = x == np.max(x, axis=-1, keepdims=True)
    last = x.shape[-1] - 1
    behind = np.arange(last, -1, -1, dtype=np.int8)
    return spot(x, last - np.max(largest * behind, axis=-1, keepdims=True).astype(np.intp))


# Numbers as unevaluated sums of two float64, (high, low): some 104 bits (Dekker 1971).


def sum_of(a, b):
    """a + b exactly."""
    s = a + b
    v = s - a
    return s, (a - (s - v)) + (b - v)


def halves(a):
    """Halves of 26 bits, whose products are exact."""
    lifted = a * 134217729.0  # 2^27 + 1
    high = lifted - (lifted - a)
    return high, a - high


def product_of(a, b):
    """a * b exactly."""
    (c, d), (e, f) = halves(a), halves(b)
    p = a * b
    return p, ((c * e - p) + c * f + d * e) + d * f


def of_parts(a, b):
    """a + b exactly, where |a| >= |b|."""
    s = a + b
    return s, b - (s - a)


def add(x, y):
    """The sum of two pairs."""
    high, more = sum_of(x[0], y[0])
    low, least = sum_of(x[1], y[1])
    high, low = of_parts(high, more + low)
    return of_parts(high, low + least)


def times(x, y):
    """The product of two pairs."""
    p, lost = product_of(x[0], y[0])
    return of_parts(p, lost + (x[0] * y[1] + x[1] * y[0]))


def exp_pair(x):
    """e^x for x <= 0: x = k ln 2 + 256 s, the series of t = e^s - 1, and e^(2 s) - 1 = 2 t + t^2."""
    near = x > -80  # farther down one float64 holds enough
    k = np.rint(np.where(near, x, 0) * 1.4426950408889634)
    s = sum_of(np.where(near, x, 0) - k * 0.6931471805598903, -k * 5.497923018708179e-14)  # exact
    s = of_parts(s[0] / 256, (s[1] - k * 1.9187044260067386e-27) / 256)
    tail = np.zeros_like(s[0])
    for term in (2.755731922398589e-07, 2.7557319223985893e-06, 2.48015873015873e-05, 0.0001984126984126984, ):  # 1/c!, the last first
        tail = tail * s[0] + term
    t = tail, np.zeros_like(tail)
    for term in (
        (0.001388888888888889, -5.300543954373577e-20),
        (0.008333333333333333, 1.1564823173178714e-19),
        (0.041666666666666664, 2.3129646346357427e-18),
        (0.16666666666666666, 9.25185853854297e-18),
        (0.5, 0.0),
        (1.0, 0.0),
    ):
        t = add(term, times(t, s))
    t = times(t, s)
    for _ in range(8):
        t = add((2 * t[0], 2 * t[1]), times(t, t))
    t = add((1.0, 0.0), t)
    k = k.astype(np.int32)
    return np.where(near, np.ldexp(t[0], k), np.exp(x)), np.where(near, np.ldexp(t[1], k), 0)


def log_of_sum(x):
    """log(sum of e^x) = log(1 + excess) for each row, where the sum is near 1 (log-near-one)."""
    total = exp_pair(x)
    while total[0].shape[-1] > 1:  # halves are added until one is left
        half = total[0].shape[-1] // 2
        both = add([t[..., :half] for t in total], [t[..., half : 2 * half] for t in total])
        total = [np.concatenate((b, t[..., 2 * half :]), -1) for b, t in zip(both, total, strict=True)]
    high, low = add((-1.0, 0.0), total)
    return np.log1p(high) + low / (1 + high)


def log_sum(m, log_s, x):
    """m + log_s, the log of the sum of e^x; where the two cancel it is taken in pairs."""
    total = m + log_s
    near = (m < 0) & (np.abs(total) < log_s)
    if near.any():
        rows = near[..., 0]
        total[rows] = log_of_sum(x[rows].astype(np.float64))
    return total


def at(x, spot):
    """The element of each row that lies there."""
    found = x.ravel("K")[spot]
    return found.astype(np.float64, copy=False) if x.ndim > 1 else np.float64(found)


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


RANGE = {  # by size: of numbers, and the least x whose e^x is normal; quotients stay normal too
    4: (2.0**-126, 2.0**127, -87),
    8: (2.0**-500, 2.0**500, -708),
}


def lossy(x, total, *numbers):
    """The rows, if any, where a sum of e^x may lack digits, or a number made of it."""
    tiny, most, least = RANGE[x.itemsize]
    low, high = ends(total)
    fine = high <= most and (low >= 1 or x.item(x.argmin()) > least)
    for number in numbers:
        low, high = ends(number)
        low, high = (low, high) if low > 0 else (-high, -low)
        fine = fine and tiny <= low and high <= most
    if fine:
        return FINE
    fine = (total <= most) & ((total >= 1) | (np.min(x, axis=-1, keepdims=True) > least))
    for size in map(np.abs, numbers):
        fine &= (tiny <= size) & (size <= most)
    return np.flatnonzero(~fine)


@by_blocks("number", memory=True)
def logsumexp_value(z, memory):
    """L = log Σ_k e^(z_k)

    z: vector, logits
    """
    # the place of a largest one
    a = spot_of_largest(z)
    m = at(z, a)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(exp_rows(z, m, memory), a)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    L = log_sum(m, log_s, z)
    return (L,)


def logsumexp_vjp_unshifted(z, cotangent, memory):
    """vjp_j = cotangent e^(z_j) / (Σ_k e^(z_k))

    z: vector, logits
    cotangent: number, the cotangent
    """
    # e_k = e^{z_k}
    e = np.exp(z, memory)
    # sum over k of e_k
    s = sum_of_rows(e)
    ratio = cotangent / s
    vjp = np.multiply(e, np.asarray(ratio, e.dtype), e)
    return (vjp,), lossy(z, s, ratio)


@by_blocks("vector", memory=True, first=logsumexp_vjp_unshifted)
def logsumexp_vjp(z, cotangent, memory):
    """vjp_j = cotangent e^(z_j) / (Σ_k e^(z_k))

    z: vector, logits
    cotangent: number, the cotangent
    """
    # the place of a largest one
    a = spot_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_rows(z, m, memory)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    ratio = cotangent / s
    vjp = np.multiply(e, np.asarray(ratio, e.dtype), e)
    return (vjp,)


@by_blocks("number", dtype=np.float64)
def logsumexp_jvp(z, tangent):
    """jvp = (1 / (Σ_k e^(z_k))) Σ_j tangent_j e^(z_j)

    z: vector, logits
    tangent: vector, the direction
    """
    # the place of a largest one
    a = spot_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m)
    sum_tangent_z = np.sum(e * tangent, axis=-1, keepdims=True)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    jvp = sum_tangent_z / s
    return (jvp,)
