"""Losses that compare two distributions."""

from __future__ import annotations

from sympy import Rational

from derive.catalog.common import (
    SOFTMAX,
    SUMS_TO_ONE,
    L,
    define,
    entry,
    i,
    j,
    k,
    p,
    scalar,
    vector,
    y,
    z,
)
from derive.language import Array, Exp, Log, Sum

HALF = Rational(1, 2)
tau = scalar("tau", "positive")
q, h, c, g = (vector(name, "positive") for name in "qhcg")
s = vector("s")
lse = scalar("H")
A = Array("A", ("n", "n"), "binary")
G = Array("G", ("n", "n"), "nonnegative")
HEATED = define(p[i], Exp(z[i] / tau) / Sum(Exp(z[k] / tau), k))
TEACHER = define(q[i], Exp(s[i] / tau) / Sum(Exp(s[k] / tau), k))
RELEVANCE = define(q[i], Exp(s[i]) / Sum(Exp(s[k]), k))
MIDDLE = define(h[i], (p[i] + y[i]) / 2)

ENTRIES = (
    entry(
        "kl_forward",
        L(),
        Sum(y[k] * (Log(y[k]) - Log(p[k])), k),
        z[j],
        "KL divergence of the target from the prediction",
        "前向 KL 散度",
        (SOFTMAX,),
        (SUMS_TO_ONE,),
    ),
    entry(
        "kl_reverse",
        L(),
        Sum(p[k] * (Log(p[k]) - Log(y[k])), k),
        z[j],
        "KL divergence of the prediction from the target",
        "反向 KL 散度",
        (SOFTMAX,),
    ),
    entry(
        "distillation",
        L(),
        tau**2 * Sum(q[k] * (Log(q[k]) - Log(p[k])), k),
        z[j],
        "Distillation with temperature",
        "带温度的蒸馏",
        (HEATED, TEACHER),
    ),
    entry(
        "jensen_shannon",
        L(),
        HALF * Sum(p[k] * Log(p[k] / h[k]), k) + HALF * Sum(y[k] * Log(y[k] / h[k]), k),
        z[j],
        "Jensen–Shannon divergence",
        "Jensen–Shannon 散度",
        (SOFTMAX, MIDDLE),
        (SUMS_TO_ONE,),
    ),
    entry(
        "entropy",
        L(),
        -Sum(p[k] * Log(p[k]), k),
        z[j],
        "Entropy of the prediction",
        "预测的熵",
        (SOFTMAX,),
    ),
    entry(
        "list_net",
        L(),
        -Sum(q[k] * Log(p[k]), k),
        z[j],
        "ListNet",
        "ListNet",
        (SOFTMAX, RELEVANCE),
    ),
    entry(
        "plackett_luce",
        L(),
        Sum(Log(Sum(A[i, k] * Exp(z[k]), k)) - z[i], i),
        z[j],
        "Plackett–Luce, A marks who is still in the race",
        "Plackett–Luce（A 标记尚未出局者）",
        (define(G[i, j], A[i, j] * Exp(z[j]) / Sum(A[i, k] * Exp(z[k]), k)),),
    ),
)
