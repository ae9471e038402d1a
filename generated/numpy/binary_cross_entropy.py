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


def weigh(weight, x):
    """weight * x, which is 0 where the weight is 0, whatever x is."""
    return np.where(weight == 0, 0, weight * x)


@by_blocks
@np.errstate(all="ignore")
def binary_cross_entropy_value(z, y):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    y: vector, targets
    """
    z = wide(z, "z")
    y = wide(y, "y")
    # log(1 + e^{-|x|}) (softplus-split)
    log_tail = np.log1p(np.exp(-np.abs(z)))
    L = weigh(1 - y, log_tail + np.maximum(z, 0)) + weigh(y, log_tail + np.maximum(-z, 0))
    return (L,)


@by_blocks
@np.errstate(all="ignore")
def binary_cross_entropy_value_and_grad(z, y, cotangent):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    y: vector, targets
    cotangent: vector, the cotangent
    """
    z = wide(z, "z")
    y = wide(y, "y")
    cotangent = wide(cotangent, "cotangent")
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    # log(1 + e^{-|x|}) (softplus-split)
    log_tail = np.log1p(tail)
    L = weigh(1 - y, log_tail + np.maximum(z, 0)) + weigh(y, log_tail + np.maximum(-z, 0))
    grad = (weigh(1 - y, np.where(z > 0, 1, tail)) / (1 + tail) - weigh(y, np.where(-z > 0, 1, tail)) / (1 + tail)) * cotangent
    return (L, grad,)


@by_blocks
@np.errstate(all="ignore")
def binary_cross_entropy_jvp(z, y, tangent):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    y: vector, targets
    tangent: vector, the direction
    """
    z = wide(z, "z")
    y = wide(y, "y")
    tangent = wide(tangent, "tangent")
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    jvp = (weigh(1 - y, np.where(z > 0, 1, tail)) / (1 + tail) - weigh(y, np.where(-z > 0, 1, tail)) / (1 + tail)) * tangent
    return (jvp,)


@by_blocks
@np.errstate(all="ignore")
def binary_cross_entropy_hvp(z, tangent, cotangent):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    tangent: vector, the direction
    cotangent: vector, the cotangent
    """
    z = wide(z, "z")
    tangent = wide(tangent, "tangent")
    cotangent = wide(cotangent, "cotangent")
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    hvp = np.where(-z > 0, 1, tail) * np.where(z > 0, 1, tail) * cotangent * tangent / ((1 + tail) * (1 + tail))
    return (hvp,)
