"""log_softmax, generated; do not edit.

    f_i = log p_i

    p_i = e^(z_i) / (Σ_k e^(z_k))

facts used: none
rules used:
    log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
    one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
    cross-cancellation: p_j sum_k y_k - y_j = p_j sum_{k != j} y_k - y_j sum_{k != j} p_k: nothing cancels
    shift-of-the-others: the same shift for the share of all classes but one
    all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
    shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
    all-but-one-by-difference: sum_{k != j} g_k = sum_k g_k - g_j, exact for a one-hot g
    sifting: sum_k delta_kj g_k = g_j
    constant-factor: a factor that does not depend on the class stands before the sum
template: numpy/module.py.j2; parameters: none
made by: lossmith emit log_softmax --target numpy

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
def log_softmax_value(z):
    """f_i = log p_i

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
    f = (z - m - log_s).astype(dtype, copy=False)
    return f


@np.errstate(all="ignore")
def log_softmax_vjp(z, cotangent):
    """f_i = log p_i

    z: vector, logits
    cotangent: vector, the cotangent
    """
    dtype = z.dtype
    # the place of a largest one
    a = np.argmax(z, axis=-1, keepdims=True)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    sum_cotangent = np.sum(cotangent, axis=-1, keepdims=True, dtype=np.float64)
    vjp = ((s - e) * cotangent / s - e * (sum_cotangent - cotangent) / s).astype(dtype, copy=False)
    # at a: all-but-one
    np.put_along_axis(vjp, a, rest * at(cotangent, a) / s - (sum_cotangent - at(cotangent, a)) / s, axis=-1)
    return vjp


@np.errstate(all="ignore")
def log_softmax_jvp(z, tangent):
    """f_i = log p_i

    z: vector, logits
    tangent: vector, the direction
    """
    dtype = z.dtype
    # the place of a largest one
    a = np.argmax(z, axis=-1, keepdims=True)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    sum_tangent_z = np.sum(e * tangent / s, axis=-1, keepdims=True, dtype=np.float64)
    jvp = (tangent - sum_tangent_z).astype(dtype, copy=False)
    return jvp
