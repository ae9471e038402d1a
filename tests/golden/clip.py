"""clip, generated; do not edit.

    L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N)

    S_rs = (1 / τ) Σ_c A_rc B_sc

    R_rs = e^(S_rs) / (Σ_q e^(S_rq))

    C_rs = e^(S_rs) / (Σ_q e^(S_qs))

facts used: none
rules used:
    log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
    one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
    sum-of-terms: the sum of a sum is the sum of the sums
    shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
    constant-factor: a factor that does not depend on the class stands before the sum
    sums-swap: two sums may change places: what does not depend on the inner index leaves the inner sum
    sifting: sum_k delta_kj g_k = g_j
template: numpy/grid.py.j2; parameters: none
made by: lossmith emit clip --target numpy

Tables are float64, whatever the inputs are; float32 or float64.  Inputs are never written.
"""

import numpy as np


def exp_difference(x, m):
    """e^(x - m): with d = x - m rounded and r what the rounding lost, e^d + e^d r."""
    d = x - m
    v = d - x
    r = (x - (d - v)) - (m + v)
    r = np.where(d > -1000, r, 0)  # e^d is 0 there, or d is NaN
    e = np.exp(d)
    return e + e * r


@np.errstate(all="ignore")
def clip_value(A, B, tau):
    """L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N)

    A: shape (N, d)
    B: shape (N, d)
    tau: a number
    """
    dtype = A.dtype.type
    N = A.shape[0]
    A = A.astype(np.float64, copy=False)
    B = B.astype(np.float64, copy=False)
    r = np.arange(N)
    k = np.arange(N)
    sum_A_B = np.einsum("ac,bc->ab", A, B, optimize=True)
    # S_rs
    S = sum_A_B / tau
    # the place of a largest one
    a = np.argmax(S.transpose([1, 0]), axis=-1)
    # at most 1 (the shift)
    e = exp_difference(S, S[a, r])
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = S[a, r] - S[a, r] + np.sum(np.where(k == a[:, None], 0, e.transpose([1, 0])), axis=-1)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    sum_S = np.sum(S[r, r] - S[a, r] - log_s, axis=-1)
    # the place of a largest one
    a2 = np.argmax(S, axis=-1)
    # at most 1 (the shift)
    e2 = exp_difference(S, S[r[:, None], a2[:, None]])
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest2 = S[r, a2] - S[r, a2] + np.sum(np.where(k == a2[:, None], 0, e2), axis=-1)
    # log of the sum over k of e_k
    log_s2 = np.log1p(rest2)
    sum_S2 = np.sum(S[r, r] - S[r, a2] - log_s2, axis=-1)
    L = -(sum_S + sum_S2) * (1 / 2) / N
    return dtype(L)


@np.errstate(all="ignore")
def clip_value_and_grad(A, B, tau, cotangent):
    """L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N)

    A: shape (N, d)
    B: shape (N, d)
    tau: a number
    """
    dtype = A.dtype.type
    N = A.shape[0]
    A = A.astype(np.float64, copy=False)
    B = B.astype(np.float64, copy=False)
    r = np.arange(N)
    k = np.arange(N)
    sum_A_B = np.einsum("ac,bc->ab", A, B, optimize=True)
    # S_rs
    S = sum_A_B / tau
    # the place of a largest one
    a = np.argmax(S.transpose([1, 0]), axis=-1)
    # at most 1 (the shift)
    e = exp_difference(S, S[a, r])
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = S[a, r] - S[a, r] + np.sum(np.where(k == a[:, None], 0, e.transpose([1, 0])), axis=-1)
    # log of the sum over k of e_k
    log_s = np.log1p(rest)
    sum_S = np.sum(S[r, r] - S[a, r] - log_s, axis=-1)
    # the place of a largest one
    a2 = np.argmax(S, axis=-1)
    # at most 1 (the shift)
    e2 = exp_difference(S, S[r[:, None], a2[:, None]])
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest2 = S[r, a2] - S[r, a2] + np.sum(np.where(k == a2[:, None], 0, e2), axis=-1)
    # log of the sum over k of e_k
    log_s2 = np.log1p(rest2)
    sum_S2 = np.sum(S[r, r] - S[r, a2] - log_s2, axis=-1)
    L = -(sum_S + sum_S2) * (1 / 2) / N
    # sum over k of e_k
    s2 = 1 + rest
    sum_B_S = np.einsum("ca,bc,c->ab", B, e, 1 / s2, optimize=True)
    # sum over k of e_k
    s3 = 1 + rest2
    sum_B_S2 = np.einsum("ca,bc,b->ab", B, e2, 1 / s3, optimize=True)
    grad = (sum_B_S.transpose([1, 0]) + sum_B_S2.transpose([1, 0]) - 2 * B) * (1 / 2) * cotangent / (N * tau)
    return dtype(L), grad.astype(dtype, copy=False)


@np.errstate(all="ignore")
def clip_hvp(A, B, tau, tangent, cotangent):
    """the Hessian times the tangent, of L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N)

    A: shape (N, d)
    B: shape (N, d)
    tau: a number
    tangent: shape (N, d)
    """
    dtype = A.dtype.type
    N = A.shape[0]
    A = A.astype(np.float64, copy=False)
    B = B.astype(np.float64, copy=False)
    tangent = tangent.astype(np.float64, copy=False)
    s = np.arange(N)
    q = np.arange(N)
    k = np.arange(N)
    sum_A_B = np.einsum("ac,bc->ab", A, B, optimize=True)
    # S_rs
    S = sum_A_B / tau
    # the place of a largest one
    a2 = np.argmax(S.transpose([1, 0]), axis=-1)
    # at most 1 (the shift)
    e = exp_difference(S, S[a2, q])
    sum_B_tangent = np.einsum("ac,bc->ab", B, tangent, optimize=True)
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest = S[a2, q] - S[a2, q] + np.sum(np.where(k == a2[:, None], 0, e.transpose([1, 0])), axis=-1)
    # sum over k of e_k
    s2 = 1 + rest
    sum_B_S_tangent = np.einsum("ca,bc,cb,c->ab", B, e, sum_B_tangent, 1 / s2, optimize=True)
    # the place of a largest one
    a3 = np.argmax(S, axis=-1)
    # at most 1 (the shift)
    e2 = exp_difference(S, S[s[:, None], a3[:, None]])
    # sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)
    rest2 = S[s, a3] - S[s, a3] + np.sum(np.where(k == a3[:, None], 0, e2), axis=-1)
    # sum over k of e_k
    s3 = 1 + rest2
    sum_B_S_tangent2 = np.einsum("ca,bc,cb,b->ab", B, e2, sum_B_tangent, 1 / s3, optimize=True)
    sum_B_S_tangent3 = np.einsum("ba,ab,a->a", e, sum_B_tangent, 1 / s2, optimize=True)
    sum_B_S_tangent4 = np.einsum("ca,bc,c,c->ab", B, e, sum_B_S_tangent3, 1 / s2, optimize=True)
    sum_B_S = np.einsum("ca,bc,b->ab", B, e2, 1 / s3, optimize=True)
    sum_B_S_tangent5 = np.einsum("ba,ab->a", sum_B_S, tangent, optimize=True)
    hvp = (sum_B_S_tangent.transpose([1, 0]) + sum_B_S_tangent2.transpose([1, 0]) - sum_B_S_tangent4.transpose([1, 0]) - sum_B_S.transpose([1, 0]) * sum_B_S_tangent5[:, None]) * (1 / 2) * cotangent / (N * tau * tau)
    return hvp.astype(dtype, copy=False)
