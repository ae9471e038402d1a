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
def softmax_value(z):
    """p_i = e^(z_i) / (Σ_k e^(z_k))

    z: vector, logits
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
    p = (e / s).astype(dtype, copy=False)
    return p


@np.errstate(all="ignore")
def softmax_vjp(z, cotangent):
    """p_i = e^(z_i) / (Σ_k e^(z_k))

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
    sum_cotangent_z = np.sum(e * cotangent / s, axis=-1, keepdims=True, dtype=np.float64)
    vjp = (e * (cotangent - sum_cotangent_z) / s).astype(dtype, copy=False)
    return vjp


@np.errstate(all="ignore")
def softmax_jvp(z, tangent):
    """p_i = e^(z_i) / (Σ_k e^(z_k))

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
    ratio = s * s
    sum_tangent_z = np.sum(e * tangent / s, axis=-1, keepdims=True, dtype=np.float64)
    jvp = ((s - e) * e * tangent / ratio - e * (sum_tangent_z - e * tangent / s) / s).astype(dtype, copy=False)
    # at a: all-but-one
    np.put_along_axis(jvp, a, rest * at(tangent, a) / (s * s) - (sum_tangent_z - at(tangent, a) / s) / s, axis=-1)
    return jvp
