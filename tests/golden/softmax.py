"""softmax, generated; do not edit.

    p_i = e^(z_i) / (Σ_k e^(z_k))

facts used: none
rules used:
    shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
    one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
    sifting: sum_k delta_kj g_k = g_j
    constant-factor: a factor that does not depend on the class stands before the sum
    cross-cancellation: p_j sum_k y_k - y_j = p_j sum_{k != j} y_k - y_j sum_{k != j} p_k: nothing cancels
    all-but-one-by-difference: sum_{k != j} g_k = sum_k g_k - g_j, exact for a one-hot g
    shift-of-the-others: the same shift for the share of all classes but one
    all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
template: numpy/module.py.j2; parameters: none
made by: lossmith emit softmax --target numpy

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
def softmax_value(z):
    """p_i = e^(z_i) / (Σ_k e^(z_k))

    z: vector, logits
    """
    dtype = z.dtype
    z = wide(z, "z")
    # the place of a largest one
    a = place_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m, dtype, "e")
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    p = np.divide(e, s, out=e)
    return (p,)


@by_blocks
@np.errstate(all="ignore")
def softmax_vjp(z, cotangent):
    """vjp_j = p_j (cotangent_j - p_vjp), p_vjp = Σ_i cotangent_i p_i

    z: vector, logits
    cotangent: vector, the cotangent
    """
    dtype = z.dtype
    z = wide(z, "z")
    cotangent = wide(cotangent, "cotangent")
    # the place of a largest one
    a = place_of_largest(z)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m, dtype, "e")
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    sum_cotangent_z = np.sum(e * cotangent / s, axis=-1, keepdims=True)
    vjp = e * (cotangent - sum_cotangent_z) / s
    return (vjp,)


@by_blocks
@np.errstate(all="ignore")
def softmax_jvp(z, tangent):
    """jvp_i = p_i tangent_i - p_i Σ_j p_j tangent_j

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
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    ratio = s * s
    sum_tangent_z = np.sum(e * tangent / s, axis=-1, keepdims=True)
    jvp = (s - e) * e * tangent / ratio - e * (sum_tangent_z - e * tangent / s) / s
    # at a: all-but-one
    put(jvp, a, rest * at(tangent, a) / (s * s) - (sum_tangent_z - at(tangent, a) / s) / s)
    return (jvp,)
