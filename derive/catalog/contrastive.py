"""Losses over pairs, triples and batches of embeddings, overlap, and softmax regression."""

from __future__ import annotations

from derive.catalog.common import (
    ROW_SOFTMAX,
    ROWS_SUM_TO_ONE,
    L,
    P,
    Y,
    Z,
    a,
    b,
    c,
    define,
    entry,
    i,
    j,
    k,
    p,
    q,
    r,
    s,
    scalar,
    vector,
    z,
)
from derive.language import Array, Exp, Log, Relu, Sigmoid, Sum, size, sqrt

N = size("N")
u, v, g, h = (vector(name, range="d") for name in "uvgh")
lu, lv = scalar("r", "positive"), scalar("s", "positive")
cosine, near, far = scalar("c"), scalar("D", "nonnegative"), scalar("E", "nonnegative")
tau, margin, eps, beta = (scalar(name, "positive") for name in ("tau", "m", "epsilon", "beta"))
A, B = Array("A", ("N", "d")), Array("B", ("N", "d"))
S = Array("S", ("N", "N"))
R, C = Array("R", ("N", "N"), "positive"), Array("C", ("N", "N"), "positive")
SCORES = define(S[r, s], Sum(A[r, c] * B[s, c], c) / tau)
ROWS = define(R[r, s], Exp(S[r, s]) / Sum(Exp(S[r, q]), q))
COLUMNS = define(C[r, s], Exp(S[r, s]) / Sum(Exp(S[q, s]), q))
X, W, bias = Array("X", ("N", "d")), Array("W", ("d", "n")), vector("b")
LOGITS = define(Z[r, i], Sum(X[r, a] * W[a, i], a) + bias[i])
REGRESSION = -Sum(Sum(Y[r, k] * Log(P[r, k]), k), r)
yes = vector("y", "unit")
chosen, rejected, ref, refr = (vector(name, range="N") for name in "abgh")
o = Array("s", ("N",))

ENTRIES = (
    entry(
        "cosine_embedding",
        L(),
        1 - cosine,
        u[b],
        "Cosine embedding loss (similar pair)",
        "余弦嵌入损失（相似对）",
        (
            define(lu, sqrt(Sum(u[a] ** 2, a))),
            define(lv, sqrt(Sum(v[a] ** 2, a))),
            define(g[a], u[a] / lu),
            define(h[a], v[a] / lv),
            define(cosine, Sum(g[a] * h[a], a)),
        ),
    ),
    entry(
        "info_nce",
        L(),
        -Sum(Log(R[r, r]), r) / N,
        A[s, b],
        "InfoNCE",
        "InfoNCE",
        (SCORES, ROWS),
    ),
    entry(
        "clip",
        L(),
        -(Sum(Log(R[r, r]), r) + Sum(Log(C[r, r]), r)) / (2 * N),
        A[s, b],
        "CLIP, both directions",
        "CLIP（双向）",
        (SCORES, ROWS, COLUMNS),
    ),
    entry(
        "triplet",
        L(),
        Relu(near - far + margin),
        u[b],
        "Triplet loss",
        "三元组损失",
        (define(near, Sum((u[a] - v[a]) ** 2, a)), define(far, Sum((u[a] - g[a]) ** 2, a))),
    ),
    entry(
        "soft_dice",
        L(),
        1 - (2 * Sum(p[k] * yes[k], k) + eps) / (Sum(p[k], k) + Sum(yes[k], k) + eps),
        z[j],
        "Soft Dice loss",
        "软 Dice 损失",
        (define(p[i], Sigmoid(z[i])),),
    ),
    entry(
        "dpo",
        L(),
        -Sum(Log(Sigmoid(o[r])), r) / N,
        chosen[s],
        "Direct preference optimisation",
        "直接偏好优化",
        (define(o[r], beta * (chosen[r] - ref[r] - rejected[r] + refr[r])),),
    ),
    *(
        entry(
            f"softmax_regression_{name}",
            L(),
            REGRESSION,
            wrt,
            f"Softmax regression: {en}",
            f"softmax 回归：{zh}",
            (LOGITS, ROW_SOFTMAX),
            (ROWS_SUM_TO_ONE,),
        )
        for name, wrt, en, zh in (
            ("weights", W[b, j], "weights", "权重"),
            ("bias", bias[j], "bias", "偏置"),
            ("inputs", X[s, b], "inputs", "输入"),
        )
    ),
)
