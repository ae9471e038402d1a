"""Losses of a yes or no, from logits."""

from __future__ import annotations

from derive.catalog.common import L, define, entry, i, j, k, p, scalar, vector, z
from derive.language import Log, Relu, Sigmoid, Sum, size

n = size("n")
weight, gamma, alpha, beta = (
    scalar("w", "positive"),
    scalar("gamma", "positive"),
    scalar("alpha", "unit"),
    scalar("beta", "positive"),
)
y, sign = vector("y", "unit"), vector("y", "sign")
chosen, rejected = vector("a", range="N"), vector("b", range="N")
reference, refused = vector("c", range="N"), vector("d", range="N")
YES = define(p[i], Sigmoid(z[i]))
q, a = vector("q", "unit"), vector("alpha", "positive")
HIT = define(q[i], Sigmoid(sign[i] * z[i]))

ENTRIES = (
    entry(
        "bce_positive_weight",
        L(),
        -Sum(weight * y[k] * Log(p[k]) + (1 - y[k]) * Log(1 - p[k]), k),
        z[j],
        "Binary cross-entropy with positive weight",
        "带正类权重的二元交叉熵",
        (YES,),
    ),
    entry(
        "multilabel_soft_margin",
        L(),
        -Sum(y[k] * Log(p[k]) + (1 - y[k]) * Log(1 - p[k]), k) / n,
        z[j],
        "Multi-label soft margin loss",
        "多标签软间隔损失",
        (YES,),
    ),
    entry(
        "sigmoid_focal",
        L(),
        -Sum(a[k] * (1 - q[k]) ** gamma * Log(q[k]), k),
        z[j],
        "Sigmoid focal loss, labels ±1",
        "sigmoid focal 损失（标签 ±1）",
        (HIT,),
    ),
    entry("hinge", L(), Sum(Relu(1 - sign[k] * z[k]), k), z[j], "Hinge loss", "合页损失"),
    entry(
        "squared_hinge",
        L(),
        Sum(Relu(1 - sign[k] * z[k]) ** 2, k),
        z[j],
        "Squared hinge loss",
        "平方合页损失",
    ),
)
