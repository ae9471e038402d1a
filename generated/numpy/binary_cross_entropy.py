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

import numpy as np


def weigh(weight, x):
    """weight * x, which is 0 where the weight is 0, whatever x is."""
    return np.where(weight == 0, 0, weight * x)


@np.errstate(all="ignore")
def binary_cross_entropy_value(z, y):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    y: vector, targets
    """
    dtype = z.dtype
    z = z.astype(np.float64)
    y = y.astype(np.float64)
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    kept = np.log1p(tail)
    L = (weigh(1 - y, kept + np.maximum(z, 0)) + weigh(y, kept + np.maximum(-z, 0))).astype(dtype, copy=False)
    return L


@np.errstate(all="ignore")
def binary_cross_entropy_value_and_grad(z, y, cotangent):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    y: vector, targets
    cotangent: vector, the cotangent
    """
    dtype = z.dtype
    z = z.astype(np.float64)
    y = y.astype(np.float64)
    cotangent = cotangent.astype(np.float64)
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    kept = np.log1p(tail)
    L = (weigh(1 - y, kept + np.maximum(z, 0)) + weigh(y, kept + np.maximum(-z, 0))).astype(dtype, copy=False)
    grad = ((weigh(1 - y, np.where(z > 0, 1, tail)) / (1 + tail) - weigh(y, np.where(-z > 0, 1, tail)) / (1 + tail)) * cotangent).astype(dtype, copy=False)
    return L, grad


@np.errstate(all="ignore")
def binary_cross_entropy_jvp(z, y, tangent):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    y: vector, targets
    tangent: vector, the direction
    """
    dtype = z.dtype
    z = z.astype(np.float64)
    y = y.astype(np.float64)
    tangent = tangent.astype(np.float64)
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    jvp = ((weigh(1 - y, np.where(z > 0, 1, tail)) / (1 + tail) - weigh(y, np.where(-z > 0, 1, tail)) / (1 + tail)) * tangent).astype(dtype, copy=False)
    return jvp


@np.errstate(all="ignore")
def binary_cross_entropy_hvp(z, tangent, cotangent):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    tangent: vector, the direction
    cotangent: vector, the cotangent
    """
    dtype = z.dtype
    z = z.astype(np.float64)
    tangent = tangent.astype(np.float64)
    cotangent = cotangent.astype(np.float64)
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    hvp = (np.where(-z > 0, 1, tail) * np.where(z > 0, 1, tail) * cotangent * tangent / ((1 + tail) * (1 + tail))).astype(dtype, copy=False)
    return hvp
