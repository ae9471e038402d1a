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
    kept1 = np.exp(-np.abs(z))
    kept2 = np.log1p(kept1)
    L = (weigh(1 - y, kept2 + np.maximum(z, 0)) + weigh(y, kept2 + np.maximum(-z, 0))).astype(dtype, copy=False)
    return L


@np.errstate(all="ignore")
def binary_cross_entropy_value_and_grad(z, y, v):
    """L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))

    z: vector, logits
    y: vector, targets
    v: vector, cotangent
    """
    dtype = z.dtype
    z = z.astype(np.float64)
    y = y.astype(np.float64)
    v = v.astype(np.float64)
    kept1 = np.exp(-np.abs(z))
    kept2 = np.log1p(kept1)
    L = (weigh(1 - y, kept2 + np.maximum(z, 0)) + weigh(y, kept2 + np.maximum(-z, 0))).astype(dtype, copy=False)
    grad = ((weigh(1 - y, np.where(np.heaviside(z, 0.5), 1, kept1)) / (1 + kept1) - weigh(y, np.where(np.heaviside(-z, 0.5), 1, kept1)) / (1 + kept1)) * v).astype(dtype, copy=False)
    return L, grad
