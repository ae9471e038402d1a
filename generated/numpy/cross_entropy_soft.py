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


def weigh(weight, x):
    """weight * x, which is 0 where the weight is 0, whatever x is."""
    return np.where(weight == 0, 0, weight * x)


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
def cross_entropy_soft_value(z, y):
    """L = -Σ_k y_k log p_k

    z: vector, logits
    y: vector, targets
    """
    dtype = z.dtype
    # the place of a largest one
    a = np.argmax(z, axis=-1, keepdims=True)
    m = at(z, a)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(exp_difference(z, m), a)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    sum_y_z = np.sum(weigh(y, z - m - log_s), axis=-1, keepdims=True, dtype=np.float64)
    L = -sum_y_z
    return L[..., 0].astype(dtype)


@np.errstate(all="ignore")
def cross_entropy_soft_value_and_grad(z, y, cotangent):
    """L = -Σ_k y_k log p_k

    z: vector, logits
    y: vector, targets
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
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    sum_y_z = np.sum(weigh(y, z - m - log_s), axis=-1, keepdims=True, dtype=np.float64)
    L = -sum_y_z
    sum_y = np.sum(y, axis=-1, keepdims=True, dtype=np.float64)
    # sum over k of e_k
    s = 1 + rest
    grad = ((e * (sum_y - y) / s - (s - e) * y / s) * cotangent).astype(dtype, copy=False)
    # at a: all-but-one
    np.put_along_axis(grad, a, ((sum_y - at(y, a)) / s - rest * at(y, a) / s) * cotangent, axis=-1)
    return L[..., 0].astype(dtype), grad


@np.errstate(all="ignore")
def cross_entropy_soft_jvp(z, y, tangent):
    """L = -Σ_k y_k log p_k

    z: vector, logits
    y: vector, targets
    tangent: vector, the direction
    """
    dtype = z.dtype
    n = z.shape[-1]
    # the place of a largest one
    a = np.argmax(z, axis=-1, keepdims=True)
    m = at(z, a)
    sum_y = np.sum(y, axis=-1, keepdims=True, dtype=np.float64)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    sum_tangent_y_z = np.sum((e * (sum_y - y) / s - np.where(np.arange(n) == a, rest, s - e) * y / s) * tangent, axis=-1, keepdims=True, dtype=np.float64)
    jvp = sum_tangent_y_z
    return jvp[..., 0].astype(dtype)


@np.errstate(all="ignore")
def cross_entropy_soft_hvp(z, y, tangent, cotangent):
    """L = -Σ_k y_k log p_k

    z: vector, logits
    y: vector, targets
    tangent: vector, the direction
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
    sum_tangent_z = np.sum(e * tangent / s, axis=-1, keepdims=True, dtype=np.float64)
    sum_y = np.sum(y, axis=-1, keepdims=True, dtype=np.float64)
    ratio = sum_y * cotangent / s
    hvp = (e * (tangent - sum_tangent_z) * ratio).astype(dtype, copy=False)
    return hvp
