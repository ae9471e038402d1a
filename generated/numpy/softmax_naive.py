"""softmax_naive, generated; do not edit.

    p_i = e^(z_i) / (Σ_k e^(z_k))

facts used: none
rules used:
template: numpy/module.py.j2; parameters: none
made by: lossmith emit softmax_naive --target numpy

Classes are on the last axis; float32 or float64.  Inputs are never written.
"""

import numpy as np


@np.errstate(all="ignore")
def softmax_naive_value(z):
    """p_i = e^(z_i) / (Σ_k e^(z_k))

    z: vector, logits
    """
    dtype = z.dtype
    kept = np.exp(z)
    sum_z = np.sum(kept, axis=-1, keepdims=True, dtype=np.float64)
    p = (kept / sum_z).astype(dtype, copy=False)
    return p
