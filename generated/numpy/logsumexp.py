"""logsumexp, generated; do not edit.

    L = log Σ_k e^(z_k)

facts used: none
rules used:
    shift-out-of-the-log: log sum_k e^{f_k} = f_a + log sum_k e^{f_k - f_a}
    one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
    shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
    constant-factor: a factor that does not depend on the class stands before the sum
template: numpy/module.py.j2; parameters: none
made by: lossmith emit logsumexp --target numpy

Classes are on the last axis; float32 or float64.  Inputs are never written.
"""

import numpy as np


def exp_difference(x, m):
    """e^(x - m): with d = x - m rounded and r what the rounding lost, e^d + e^d r."""
    m = m.astype(x.dtype, copy=False)
    d = x - m
    v = d - x
    r = (x - (d - v)) - (m + v)
    r[~(d > -1000)] = 0  # e^d is 0 there, or d is NaN
    e = np.exp(d)
    r *= e
    e += r
    return e


def at(x, place):
    """The element of each row at its place, as float64."""
    return np.take_along_axis(x, place, axis=-1).astype(np.float64)


def sum_but(x, place):
    """The sum of each row without the element at its place; x is put back as it was."""
    left_out = np.take_along_axis(x, place, axis=-1)
    np.put_along_axis(x, place, 0, axis=-1)
    total = np.sum(x, axis=-1, keepdims=True, dtype=np.float64)
    np.put_along_axis(x, place, left_out, axis=-1)
    return total


@np.errstate(all="ignore")
def logsumexp_value(z):
    """L = log Σ_k e^(z_k)

    z: vector, logits
    """
    dtype = z.dtype
    # the place of a largest one
    a = np.argmax(z, axis=-1, keepdims=True)
    m = at(z, a)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(exp_difference(z, m), a)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    L = log_s + m
    return L[..., 0].astype(dtype)


@np.errstate(all="ignore")
def logsumexp_vjp(z, cotangent):
    """L = log Σ_k e^(z_k)

    z: vector, logits
    cotangent: number, the cotangent
    """
    dtype = z.dtype
    cotangent = np.expand_dims(cotangent, -1)
    # the place of a largest one
    a = np.argmax(z, axis=-1, keepdims=True)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    ratio = cotangent / s
    vjp = (e * ratio).astype(dtype, copy=False)
    return vjp


@np.errstate(all="ignore")
def logsumexp_jvp(z, tangent):
    """L = log Σ_k e^(z_k)

    z: vector, logits
    tangent: vector, the direction
    """
    dtype = z.dtype
    kept = np.exp(z)
    sum_tangent_z = np.sum(kept * tangent, axis=-1, keepdims=True, dtype=np.float64)
    sum_z = np.sum(kept, axis=-1, keepdims=True, dtype=np.float64)
    jvp = sum_tangent_z / sum_z
    return jvp[..., 0].astype(dtype)
