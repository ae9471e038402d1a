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
    constant-factor: a factor that does not depend on the class stands before the sum
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
def cross_entropy_value(z, t):
    """L_t = -log p_t

    z: vector, logits
    t: position, label
    """
    dtype = z.dtype
    t = np.expand_dims(t, -1)
    # the place of a largest one
    a = np.argmax(z, axis=-1, keepdims=True)
    m = at(z, a)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(exp_difference(z, m), a)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    L = log_s - (at(z, t) - m)
    return L[..., 0].astype(dtype)


@np.errstate(all="ignore")
def cross_entropy_value_and_grad(z, t, cotangent):
    """L_t = -log p_t

    z: vector, logits
    t: position, label
    cotangent: number, the cotangent
    """
    dtype = z.dtype
    t = np.expand_dims(t, -1)
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
    L = log_s - (at(z, t) - m)
    # sum over k of e_k
    s = 1 + rest
    ratio = cotangent / s
    grad = (e * ratio).astype(dtype, copy=False)
    # at t: true-class-cancellation
    np.put_along_axis(grad, t, -np.where(a == t, rest, s - exp_difference(at(z, t), m)) * cotangent / s, axis=-1)
    return L[..., 0].astype(dtype), grad


@np.errstate(all="ignore")
def cross_entropy_jvp(z, tangent, t):
    """L_t = -log p_t

    z: vector, logits
    tangent: vector, the direction
    t: position, label
    """
    dtype = z.dtype
    t = np.expand_dims(t, -1)
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
    jvp = sum_tangent_z - at(tangent, t)
    return jvp[..., 0].astype(dtype)


@np.errstate(all="ignore")
def cross_entropy_hvp(z, tangent, t, cotangent):
    """L_t = -log p_t

    z: vector, logits
    tangent: vector, the direction
    t: position, label
    cotangent: number, the cotangent
    """
    dtype = z.dtype
    t = np.expand_dims(t, -1)
    cotangent = np.expand_dims(cotangent, -1)
    kept = np.exp(z)
    sum_tangent_z = np.sum(kept * tangent, axis=-1, keepdims=True, dtype=np.float64)
    sum_z = np.sum(kept, axis=-1, keepdims=True, dtype=np.float64)
    ratio = sum_tangent_z / sum_z
    # the place of a largest one
    a = np.argmax(z, axis=-1, keepdims=True)
    m = at(z, a)
    # e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)
    e = exp_difference(z, m)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = m - m + sum_but(e, a)
    # sum over k of e_k
    s = 1 + rest
    ratio2 = cotangent / s
    hvp = (-(ratio - tangent) * e * ratio2).astype(dtype, copy=False)
    return hvp
