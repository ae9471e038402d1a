"""Functions of one number, and of a vector."""

from __future__ import annotations

from sympy import Rational, pi

from derive.catalog.common import (
    define,
    f,
    function,
    i,
    j,
    k,
    p,
    scalar,
    vector,
    x,
    z,
)
from derive.language import Erf, Exp, Log, Sigmoid, Softplus, Sum, Tanh, size, sqrt

HALF = Rational(1, 2)
n = size("n")
F = scalar("f")
s = scalar("s")
cap, tau, eps = scalar("c", "positive"), scalar("tau", "positive"), scalar("epsilon", "positive")
m = vector("m", "binary")
gamma, beta = vector("gamma"), vector("beta")
h = vector("h")
mu, sigma, rho = scalar("mu"), scalar("sigma", "positive"), scalar("r", "positive")

ENTRIES = (
    function("log_sigmoid", F, Log(Sigmoid(x)), x, "Log-sigmoid", "对数 sigmoid"),
    function("softplus", F, Softplus(x), x, "Softplus", "softplus"),
    function("tanh", F, Tanh(x), x, "Hyperbolic tangent", "双曲正切"),
    function("silu", F, x * Sigmoid(x), x, "SiLU (swish)", "SiLU（swish）"),
    function(
        "gelu",
        F,
        HALF * x * (1 + Erf(x / sqrt(2))),
        x,
        "GELU by the error function",
        "GELU（误差函数）",
    ),
    function(
        "gelu_tanh",
        F,
        HALF * x * (1 + Tanh(s)),
        x,
        "GELU by tanh",
        "GELU（tanh 近似）",
        define(s, sqrt(2 / pi) * (x + Rational(44715, 1000000) * x**3)),
    ),
    function("softcap", F, cap * Tanh(x / cap), x, "Soft cap", "软截断"),
    function(
        "masked_softmax",
        p[i],
        m[i] * Exp(z[i]) / Sum(m[k] * Exp(z[k]), k),
        z[j],
        "Masked softmax",
        "带掩码的 softmax",
    ),
    function(
        "temperature_softmax",
        p[i],
        Exp(z[i] / tau) / Sum(Exp(z[k] / tau), k),
        z[j],
        "Softmax with temperature",
        "带温度的 softmax",
    ),
    function(
        "l2_normalisation",
        h[i],
        z[i] / rho,
        z[j],
        "L_2 normalisation",
        "L_2 归一化",
        define(rho, sqrt(Sum(z[k] ** 2, k))),
    ),
    function(
        "rms_norm",
        f[i],
        gamma[i] * h[i],
        z[j],
        "RMS normalisation",
        "RMS 归一化",
        define(rho, sqrt(Sum(z[k] ** 2, k) / n + eps)),
        define(h[i], z[i] / rho),
    ),
    function(
        "layer_norm",
        f[i],
        gamma[i] * h[i] + beta[i],
        z[j],
        "Layer normalisation",
        "层归一化",
        define(mu, Sum(z[k], k) / n),
        define(sigma, sqrt(Sum((z[k] - mu) ** 2, k) / n + eps)),
        define(h[i], (z[i] - mu) / sigma),
    ),
)
