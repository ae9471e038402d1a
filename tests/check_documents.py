# ruff: noqa: E501
"""Derivations as people publish them (retyped), with the verdict on every equality."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """A document and (line, verdict, conditions) of each of its equalities."""

    name: str
    lang: str
    text: str
    expect: tuple[tuple[int, str, str], ...]


CASES = (
    Case(
        "general-ce-in-one-block",
        "en",
        r"""With $\hat y_j = \frac{\exp(o_j)}{\sum_{k=1}^q \exp(o_k)}$ and $\sum_j y_j = 1$,
$$\begin{aligned}
l(\mathbf{y},\hat{\mathbf{y}}) &= -\sum_{j=1}^q y_j\log\frac{\exp(o_j)}{\sum_{k=1}^q\exp(o_k)} \\
&= \sum_{j=1}^q y_j\log\sum_{k=1}^q\exp(o_k)-\sum_{j=1}^q y_jo_j \\
&= \log\sum_{k=1}^q\exp(o_k)-\sum_{j=1}^q y_jo_j.
\end{aligned}$$
$$\partial_{o_j} l(\mathbf{y},\hat{\mathbf{y}})=\frac{\exp(o_j)}{\sum_{k=1}^q\exp(o_k)}-y_j=\mathrm{softmax}(\mathbf{o})_j-y_j.$$
""",
        (
            (4, "proved", ""),
            (5, "conditional", "Σ_j y_j = 1"),
            (7, "conditional", "Σ_j y_j = 1"),
            (7, "proved", ""),
        ),
    ),
    Case(
        "two-cases-with-abbreviated-sum",
        "en",
        r"""Let $\Sigma_C = \sum_{d=1}^C e^{z_d}$ and $y_c = e^{z_c}/\Sigma_C$.
$$\begin{aligned}
\text{if}\; i=j:& \frac{\partial y_i}{\partial z_i}=\frac{e^{z_i}\Sigma_C-e^{z_i}e^{z_i}}{\Sigma_C^2}=\frac{e^{z_i}}{\Sigma_C}\frac{\Sigma_C-e^{z_i}}{\Sigma_C}=\frac{e^{z_i}}{\Sigma_C}(1-\frac{e^{z_i}}{\Sigma_C})=y_i(1-y_i)\\
\text{if}\; i\neq j:& \frac{\partial y_i}{\partial z_j}=\frac{0-e^{z_i}e^{z_j}}{\Sigma_C^2}=-\frac{e^{z_i}}{\Sigma_C}\frac{e^{z_j}}{\Sigma_C}=-y_iy_j
\end{aligned}$$
""",
        (
            (3, "proved", ""),
            (3, "proved", ""),
            (3, "proved", ""),
            (3, "proved", ""),
            (4, "conditional", "i ≠ j"),
            (4, "proved", ""),
            (4, "proved", ""),
        ),
    ),
    Case(
        "zh-split-sum",
        "zh",
        r"""其中 $p_i=\frac{e^{z_i}}{\sum_{c=1}^C e^{z_c}}$, 标签满足 $\sum_c y_c=1$。交叉熵损失 $L_{CE}=-\sum_{c=1}^C y_c\log(p_c)$ 对 $z_j$ 求导:
$$\begin{aligned}
\frac{\partial L_{CE}}{\partial z_j}&=-\sum_{c=1}^C\frac{y_c}{p_c}\frac{\partial p_c}{\partial z_j}\\
&=-\sum_{c\neq j}\frac{y_c}{p_c}*(-p_cp_j)-\frac{y_j}{p_j}(p_j-p_j^2)\\
&=\sum_{c\neq j}y_cp_j-y_j+y_jp_j\\
&=(\sum_{c\neq j}y_c+y_j)p_j-y_j\\
&=p_j-y_j
\end{aligned}$$
""",
        (
            (3, "proved", ""),
            (4, "proved", ""),
            (5, "proved", ""),
            (6, "proved", ""),
            (7, "conditional", "Σ_c y_c = 1"),
        ),
    ),
    Case(
        "wrong-index-under-the-sum",
        "en",
        r"""$$p_i=\frac{e^{o_i}}{\sum_{k=1}^N e^{o_k}},\qquad L=-\sum_k y_k\log p_k$$
$$\begin{aligned}
\frac{\partial L}{\partial o_i}&=-y_i(1-p_i)-\sum_{k\neq i}y_k\frac{1}{p_k}(-p_k.p_i)\\
&=-y_i(1-p_i)+\sum_{k\neq 1}y_k.p_i\\
&=-y_i+y_ip_i+\sum_{k\neq 1}y_k.p_i\\
&=p_i(y_i+\sum_{k\neq 1}y_k)-y_i\\
&=p_i-y_i
\end{aligned}$$
""",
        (
            (3, "proved", ""),
            (4, "wrong", ""),
            (5, "proved", ""),
            (6, "proved", ""),
            (7, "compensated", ""),
        ),
    ),
    Case(
        "lost-denominator",
        "en",
        r"""$$y_i=\frac{e^{x_i}}{\sum_{k=1}^m e^{x_k}}$$
$$\frac{\partial y_i}{\partial x_i}=\frac{e^{x_i}\sum_{k=1}^m e^{x_k}-(e^{x_i})^2}{(\sum_{k=1}^m e^{x_k})^2}=\frac{e^{x_i}}{\sum_{k=1}^m e^{x_k}}\cdot\frac{1-e^{x_i}}{\sum_{k=1}^m e^{x_k}}=y_i\cdot(1-y_i)$$
""",
        (
            (2, "proved", ""),
            (2, "wrong", ""),
            (2, "compensated", ""),
        ),
    ),
    Case(
        "zh-squared-loss-sign",
        "zh",
        r"""设 $a=\sigma(z)$, $z=wx$, 代价函数 $J=\frac{(y-a)^2}{2}$, 则 $\frac{\partial J}{\partial w}=(y-a)\sigma'(z)x$。
""",
        ((1, "wrong", ""),),
    ),
    Case(
        "swapped-arguments",
        "en",
        r"""For a one-hot target $t$ and the prediction $\hat{y}=\mathrm{softmax}(z)$ the cross entropy $-\sum_{k=1}^K t_k\log\hat{y}_k$ is
$$L=-\sum_{k=1}^K t_k\log\hat{y}_k=\sum_{k=1}^K\hat{y}_k\log t_k$$
""",
        ((2, "wrong", ""),),
    ),
    Case(
        "parenthesis-around-the-label",
        "zh",
        r"""$$\frac{\partial L}{\partial z}=\mathrm{softmax}(z)-y=[\mathrm{softmax}(z_{1}-y_1),\dots]$$
""",
        (
            (1, "unread", ""),
            (1, "unread", ""),
        ),
    ),
)
