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
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    s = (np.where(z > 0, 1, tail) / (1 + tail)).astype(dtype, copy=False)
    return s


@np.errstate(all="ignore")
def sigmoid_vjp(z, cotangent):
    """s_i = σ(z_i)

    z: vector, logits
    cotangent: vector, the cotangent
    """
    dtype = z.dtype
    z = z.astype(np.float64)
    cotangent = cotangent.astype(np.float64)
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    vjp = (np.where(-z > 0, 1, tail) * np.where(z > 0, 1, tail) * cotangent / ((1 + tail) * (1 + tail))).astype(dtype, copy=False)
    return vjp


@np.errstate(all="ignore")
def sigmoid_jvp(z, tangent):
    """s_i = σ(z_i)

    z: vector, logits
    tangent: vector, the direction
    """
    dtype = z.dtype
    z = z.astype(np.float64)
    tangent = tangent.astype(np.float64)
    # e^{-|x|}, at most 1
    tail = np.exp(-np.abs(z))
    jvp = (np.where(-z > 0, 1, tail) * np.where(z > 0, 1, tail) * tangent / ((1 + tail) * (1 + tail))).astype(dtype, copy=False)
    return jvp
