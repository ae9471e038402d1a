"""Losses over the classes of one row: softmax, then a comparison with the target."""

from __future__ import annotations

from derive.catalog.common import (
    ROW_SOFTMAX,
    ROWS_SUM_TO_ONE,
    SOFTMAX,
    SUMS_TO_ONE,
    L,
    P,
    Y,
    Z,
    define,
    entry,
    i,
    j,
    k,
    p,
    r,
    s,
    scalar,
    t,
    vector,
    y,
    z,
)
from derive.language import Array, Exp, Log, Relu, Sum, Tanh, size

n = size("n")
eps, gamma, tau = scalar("epsilon", "unit"), scalar("gamma", "positive"), scalar("tau", "positive")
alpha, beta, lam, cap = (scalar(name, "positive") for name in ("alpha", "beta", "lambda", "c"))
margin, rest = scalar("m", "positive"), scalar("A")
w, b, m = vector("w", "positive"), vector("b"), vector("m", "binary", "N")
u = vector("u")
Lt = Array("L", ("n",))[t]
q = vector("q", "nonnegative")
CAPPED = define(u[i], cap * Tanh(z[i] / cap))
CAPPED_SOFTMAX = define(p[i], Exp(u[i]) / Sum(Exp(u[k]), k))
HEATED = define(p[i], Exp(z[i] / tau) / Sum(Exp(z[k] / tau), k))
BIASED = define(p[i], Exp(z[i] + b[i]) / Sum(Exp(z[k] + b[k]), k))
lse = scalar("H")
CE = -Sum(y[k] * Log(p[k]), k)

ENTRIES = (
    entry(
        "label_smoothing",
        L(),
        -Sum(q[k] * Log(p[k]), k),
        z[j],
        "Label smoothing, ε/n to every class",
        "标签平滑（每类 ε/n）",
        (SOFTMAX, define(q[i], (1 - eps) * y[i] + eps / n)),
        (SUMS_TO_ONE,),
    ),
    entry(
        "label_smoothing_others",
        L(),
        -Sum(q[k] * Log(p[k]), k),
        z[j],
        "Label smoothing, ε/(n−1) to the other classes",
        "标签平滑（其余类 ε/(n−1)）",
        (SOFTMAX, define(q[i], (1 - eps) * y[i] + eps / (n - 1) * (1 - y[i]))),
        (SUMS_TO_ONE,),
    ),
    entry(
        "weighted_cross_entropy",
        L(),
        -Sum(w[k] * y[k] * Log(p[k]), k),
        z[j],
        "Cross-entropy with class weights",
        "带类别权重的交叉熵",
        (SOFTMAX,),
    ),
    entry(
        "ignored_rows",
        L(),
        -Sum(m[r] * Sum(Y[r, k] * Log(P[r, k]), k), r) / Sum(m[r], r),
        Z[s, j],
        "Cross-entropy with ignored rows",
        "忽略部分行的交叉熵",
        (ROW_SOFTMAX,),
        (ROWS_SUM_TO_ONE,),
    ),
    entry(
        "temperature_cross_entropy",
        L(),
        CE,
        z[j],
        "Cross-entropy with temperature",
        "带温度的交叉熵",
        (HEATED,),
        (SUMS_TO_ONE,),
    ),
    entry(
        "biased_cross_entropy",
        L(),
        CE,
        z[j],
        "Cross-entropy with a logit bias",
        "带 logit 偏置的交叉熵",
        (BIASED,),
        (SUMS_TO_ONE,),
    ),
    entry(
        "z_loss",
        L(),
        CE + lam * lse**2,
        z[j],
        "Cross-entropy with z-loss",
        "带 z-loss 的交叉熵",
        (SOFTMAX, define(lse, Log(Sum(Exp(z[k]), k)))),
        (SUMS_TO_ONE,),
    ),
    entry(
        "softcap_cross_entropy",
        L(),
        CE,
        z[j],
        "Cross-entropy of soft-capped logits",
        "软截断 logits 的交叉熵",
        (CAPPED, CAPPED_SOFTMAX),
        (SUMS_TO_ONE,),
    ),
    entry(
        "focal",
        Lt,
        -((1 - p[t]) ** gamma) * Log(p[t]),
        z[j],
        "Focal loss",
        "focal 损失",
        (SOFTMAX,),
    ),
    entry(
        "poly1",
        Lt,
        -Log(p[t]) + eps * (1 - p[t]),
        z[j],
        "Poly-1 loss",
        "Poly-1 损失",
        (SOFTMAX,),
    ),
    entry(
        "generalised_cross_entropy",
        Lt,
        (1 - p[t] ** gamma) / gamma,
        z[j],
        "Generalised cross-entropy (L_q)",
        "广义交叉熵（L_q）",
        (SOFTMAX,),
    ),
    entry(
        "symmetric_cross_entropy",
        Lt,
        -alpha * Log(p[t]) - beta * rest * (1 - p[t]),
        z[j],
        "Symmetric cross-entropy, log 0 set to A",
        "对称交叉熵（log 0 取 A）",
        (SOFTMAX,),
    ),
    entry(
        "multi_margin",
        Lt,
        Sum(Relu(margin - z[t] + z[k]), k, t) / n,
        z[j],
        "Multi-class margin loss",
        "多类间隔损失",
    ),
)
