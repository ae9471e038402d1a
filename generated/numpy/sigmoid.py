"""sigmoid, generated; do not edit.

    s_i = σ(z_i)

facts used: none
rules used:
    sigmoid-two-branches: sigma(x) = 1 / (1 + e^{-|x|}) for x > 0, else e^{-|x|} / (1 + e^{-|x|})
    one-minus-sigmoid: 1 - sigma(x) = sigma(-x)
    even-absolute-value: |-x| = |x|
template: numpy/module.py.j2; parameters: none
made by: lossmith emit sigmoid --target numpy

Classes are on the last axis; float32 or float64.  Inputs are never written.
"""

import numpy as np


@np.errstate(all="ignore")
def sigmoid_value(z):
    """s_i = σ(z_i)

    z: vector, logits
    """
    dtype = z.dtype
    z = z.astype(np.float64)
    kept1 = np.exp(-np.abs(z))
    s = (np.where(np.heaviside(z, 0.5), 1, kept1) / (1 + kept1)).astype(dtype, copy=False)
    return s


@np.errstate(all="ignore")
def sigmoid_vjp(z, v):
    """s_i = σ(z_i)

    z: vector, logits
    v: vector, cotangent
    """
    dtype = z.dtype
    z = z.astype(np.float64)
    v = v.astype(np.float64)
    kept1 = np.exp(-np.abs(z))
    grad = (np.where(np.heaviside(-z, 0.5), 1, kept1) * np.where(np.heaviside(z, 0.5), 1, kept1) * v / ((1 + kept1) * (1 + kept1))).astype(dtype, copy=False)
    return grad
