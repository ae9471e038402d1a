"""cross_entropy, generated; do not edit.

    L_t = -log p_t

    p_i = e^(z_i) / (Σ_k e^(z_k))

facts used: none
rules used:
    log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
    one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
    true-class-cancellation: p_t - 1 = -sum_{k != t} p_k: no digit is lost when p_t is near 1
    shift-of-the-others: the same shift for the share of all classes but one
    all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
    shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
    sifting: sum_k delta_kj g_k = g_j
template: numpy/module.py.j2; parameters: none
made by: lossmith emit cross_entropy --target numpy

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


def put(x, place, value):
    """One element of each row replaced."""
    x[np.arange(len(x))[:, None], place] = value


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
def cross_entropy_value(z, t):
    """L_t = -log p_t

    z: vector, logits
    t: position, label
    """
    dtype = z.dtype
    z = wide(z, "z")
    t = np.expand_dims(t, -1)
    # the place of a largest one
    a = place_of_largest(z)
    m = at(z, a)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(exp_difference(z, m, dtype), a)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    L = log_s - (at(z, t) - m)
    return (L[..., 0],)


@by_blocks
@np.errstate(all="ignore")
def cross_entropy_value_and_grad(z, t, cotangent):
    """L_t = -log p_t
    grad_j = cotangent (p_j - δ_jt)

    z: vector, logits
    t: position, label
    cotangent: number, the cotangent
    """
    dtype = z.dtype
    z = wide(z, "z")
    t = np.expand_dims(t, -1)
    cotangent = np.expand_dims(cotangent, -1)
    # the place of a largest one
    a = place_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m, dtype, "e")
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    L = log_s - (at(z, t) - m)
    # sum over k of e_k
    s = 1 + rest
    ratio = cotangent / s
    grad = np.multiply(e, ratio, out=e)
    # at t: true-class-cancellation
    put(grad, t, -np.where(a == t, rest, s - exp_difference(at(z, t), m, dtype)) * cotangent / s)
    return (L[..., 0], grad,)


@by_blocks
@np.errstate(all="ignore")
def cross_entropy_jvp(z, tangent, t):
    """jvp = Σ_j p_j tangent_j - tangent_t

    z: vector, logits
    tangent: vector, the direction
    t: position, label
    """
    dtype = z.dtype
    z = wide(z, "z")
    tangent = wide(tangent, "tangent")
    t = np.expand_dims(t, -1)
    # the place of a largest one
    a = place_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m, dtype, "e")
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    sum_tangent_z = np.sum(e * tangent / s, axis=-1, keepdims=True)
    jvp = sum_tangent_z - at(tangent, t)
    return (jvp[..., 0],)


@by_blocks
@np.errstate(all="ignore")
def cross_entropy_hvp(z, tangent, t, cotangent):
    """hvp_j = cotangent p_j (tangent_j - Σ_k p_k tangent_k)

    z: vector, logits
    tangent: vector, the direction
    t: position, label
    cotangent: number, the cotangent
    """
    dtype = z.dtype
    z = wide(z, "z")
    tangent = wide(tangent, "tangent")
    t = np.expand_dims(t, -1)
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
    sum_tangent_z = np.sum(e * tangent / s, axis=-1, keepdims=True)
    ratio = cotangent / s
    hvp = e * (tangent - sum_tangent_z) * ratio
    return (hvp,)
