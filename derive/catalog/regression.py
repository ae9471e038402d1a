"""Losses of a number, and likelihoods."""

from __future__ import annotations

from sympy import Integer, Rational, pi

from derive.catalog.common import L, define, entry, i, j, k, r, scalar, vector
from derive.language import Abs, Array, Cases, Exp, Log, LogGamma, Relu, Softplus, Step, Sum, size

HALF = Rational(1, 2)
n, N = size("n"), size("N")
z, y = vector("z"), vector("y")
count, amount = vector("y", "nonnegative"), vector("y", "positive")
delta, beta, rho, shape, var = (
    scalar(name, "positive") for name in ("delta", "beta", "rho", "alpha", "v")
)
tau, power = scalar("tau", "unit"), scalar("rho", "real")
e = vector("e")
ERROR = define(e[i], z[i] - y[i])
mu, sd, w = vector("mu"), vector("sigma", "positive"), vector("w", "positive")
X = vector("x", range="N")
G = Array("G", ("N", "n"), "nonnegative")
part = w[k] / sd[k] * Exp(-((X[r] - mu[k]) ** 2) / (2 * sd[k] ** 2))

ENTRIES = (
    entry("mse", L(), Sum((z[k] - y[k]) ** 2, k) / n, z[j], "Mean squared error", "均方误差"),
    entry("mae", L(), Sum(Abs(z[k] - y[k]), k) / n, z[j], "Mean absolute error", "平均绝对误差"),
    entry(
        "huber",
        L(),
        Sum(Cases(HALF * e[k] ** 2, Step(delta - Abs(e[k])), delta * (Abs(e[k]) - delta / 2)), k),
        z[j],
        "Huber loss",
        "Huber 损失",
        (ERROR,),
    ),
    entry(
        "smooth_l1",
        L(),
        Sum(Cases(HALF * e[k] ** 2 / beta, Step(beta - Abs(e[k])), Abs(e[k]) - beta / 2), k),
        z[j],
        "Smooth L_1 loss",
        "平滑 L_1 损失",
        (ERROR,),
    ),
    entry(
        "log_cosh",
        L(),
        Sum(e[k] + Softplus(-2 * e[k]) - Log(Integer(2)), k),
        z[j],
        "Log-cosh loss",
        "log-cosh 损失",
        (ERROR,),
    ),
    entry(
        "quantile",
        L(),
        Sum(tau * Relu(y[k] - z[k]) + (1 - tau) * Relu(z[k] - y[k]), k),
        z[j],
        "Quantile (pinball) loss",
        "分位数损失",
    ),
    entry(
        "gaussian_nll",
        L(),
        Sum((Log(2 * pi * var) + (z[k] - y[k]) ** 2 / var) / 2, k),
        z[j],
        "Gaussian negative log-likelihood",
        "高斯负对数似然",
    ),
    entry(
        "poisson_nll",
        L(),
        Sum(Exp(z[k]) - count[k] * z[k] + LogGamma(count[k] + 1), k),
        z[j],
        "Poisson negative log-likelihood",
        "泊松负对数似然",
    ),
    entry(
        "gamma_nll",
        L(),
        Sum(shape * (z[k] + amount[k] * Exp(-z[k])), k),
        z[j],
        "Gamma negative log-likelihood, log link",
        "伽马负对数似然（对数链接）",
    ),
    entry(
        "tweedie_nll",
        L(),
        Sum(
            Exp((2 - power) * z[k]) / (2 - power)
            - count[k] * Exp((1 - power) * z[k]) / (1 - power),
            k,
        ),
        z[j],
        "Tweedie deviance, log link",
        "Tweedie 偏差（对数链接）",
    ),
    entry(
        "gaussian_mixture",
        L(),
        -Sum(Log(Sum(part, k)), r),
        mu[j],
        "Gaussian mixture log-likelihood",
        "高斯混合对数似然",
        (define(G[r, k], part / Sum(part, k)),),
    ),
)
