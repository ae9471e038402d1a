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


@by_blocks
@np.errstate(all="ignore")
def softmax_naive_value(z):
    """p_i = e^(z_i) / (Σ_k e^(z_k))

    z: vector, logits
    """
    z = wide(z, "z")
    kept = np.exp(z)
    sum_z = np.sum(kept, axis=-1, keepdims=True)
    p = np.divide(kept, sum_z, out=kept)
    return (p,)
