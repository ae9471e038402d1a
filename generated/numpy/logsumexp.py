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

Classes are on the last axis; float32 or float64.  Inputs are never written.
"""

import functools
import math
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np


def wide(x, name):
    """x as float64, where differences of float32 numbers keep their digits.

    Few float32 are laid out class by class: loops and sums then run along the rows.  Sums of
    float64 stay pairwise.
    """
    if x.dtype == np.float64 and x.flags.c_contiguous:
        return x
    few = x.shape[-1] < FEW and x.dtype == np.float32
    made = room(name, x.shape, "F" if few else "C")
    made[...] = x
    return made


def exp_difference(x, m, dtype, name=None):
    """e^(x - m): with d = x - m rounded and r what the rounding lost, e^d + e^d r."""
    order = "F" if x.flags.f_contiguous else "C"
    d = np.subtract(x, m, out=room(name, np.broadcast(x, m).shape, order) if name else None)
    if dtype == np.float32:  # x and m are float32 numbers: r is below 2^-53 d
        return np.exp(d, out=d)
    v = d - x
    r = (x - (d - v)) - (m + v)
    r[~(d > -1000)] = 0  # e^d is 0 there, or d is NaN
    e = np.exp(d, out=d)
    r *= e
    e += r
    return e


def place_of_largest(x):
    """The place of a largest element of each row: class by class where they lie so."""
    if x.flags.c_contiguous:
        return np.argmax(x, axis=-1, keepdims=True)
    place = np.zeros(len(x), np.intp)
    most = x[:, 0].copy()
    for k in range(1, x.shape[-1]):
        np.copyto(place, k, where=x[:, k] > most)
        np.maximum(most, x[:, k], out=most)
    return place[:, None]


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
FEW = 64  # classes
BLOCK = 131072  # elements of a block of rows: what is made of them stays in the cache
SHARED = 1048576  # elements from which blocks are worth several threads


class Room(threading.local):
    """Memory of a thread for what a block makes, used again by the next block: fresh memory would
    cost more than the arithmetic."""

    def __init__(self):
        self.kept = {}

    def __call__(self, name, shape, order):
        size = math.prod(shape)
        if name not in self.kept or self.kept[name].size < size:
            self.kept[name] = np.empty(size)
        return self.kept[name][:size].reshape(shape, order=order)


room = Room()


def by_blocks(function):
    """The function of some rows, run on all rows, a block of them at a time; `out` is a tuple."""

    @functools.wraps(function)
    def run(*given, out=None):
        rows, n = given[0].shape
        step = max(1, BLOCK // n)
        def block(first):
            return function(*(x[first : first + step] if np.ndim(x) else x for x in given))

        made = block(0)
        outs = out or tuple(np.empty((rows, *x.shape[1:]), given[0].dtype) for x in made)

        def keep(first, made):
            for whole, part in zip(outs, made, strict=True):
                whole[first : first + step] = part

        keep(0, made)
        others = range(step, rows, step)
        if rows * n < SHARED:
            for first in others:
                keep(first, block(first))
        else:
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                list(pool.map(lambda first: keep(first, block(first)), others))
        return outs if len(outs) > 1 else outs[0]

    return run


def at(x, place):
    """The element of each row at its place."""
    return x[np.arange(len(x))[:, None], place]


def sum_but(x, place):
    """The sum of each row without the element at its place; x is put back as it was."""
    rows = np.arange(len(x))[:, None]
    left_out = x[rows, place]
    x[rows, place] = 0
    total = np.sum(x, axis=-1, keepdims=True)
    x[rows, place] = left_out
    return total


@by_blocks
@np.errstate(all="ignore")
def logsumexp_value(z):
    """L = log Σ_k e^(z_k)

    z: vector, logits
    """
    dtype = z.dtype
    z = wide(z, "z")
    # the place of a largest one
    a = place_of_largest(z)
    m = at(z, a)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(exp_difference(z, m, dtype), a)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    L = log_sum(m, log_s, z)
    return (L[..., 0],)


@by_blocks
@np.errstate(all="ignore")
def logsumexp_vjp(z, cotangent):
    """L = log Σ_k e^(z_k)

    z: vector, logits
    cotangent: number, the cotangent
    """
    dtype = z.dtype
    z = wide(z, "z")
    cotangent = np.expand_dims(cotangent, -1)
    # the place of a largest one
    a = place_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m, dtype, "e")
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    ratio = cotangent / s
    vjp = np.multiply(e, ratio, out=e)
    return (vjp,)


@by_blocks
@np.errstate(all="ignore")
def logsumexp_jvp(z, tangent):
    """L = log Σ_k e^(z_k)

    z: vector, logits
    tangent: vector, the direction
    """
    dtype = z.dtype
    z = wide(z, "z")
    tangent = wide(tangent, "tangent")
    # the place of a largest one
    a = place_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m, dtype, "e")
    sum_tangent_z = np.sum(e * tangent, axis=-1, keepdims=True)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    jvp = sum_tangent_z / s
    return (jvp[..., 0],)
