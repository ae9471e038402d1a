# ruff: noqa: E501
"""Documents written as courses write them, English and Chinese, right ones and wrong ones.

Each has the lines that are wrong, and the lines that stay open (unread or not decided).
"""

from __future__ import annotations

Document = tuple[str, str, list[int], list[int]]

DOCUMENTS: dict[str, Document] = {
    "cs231n-svm-softmax": (
        "en",
        r"""
# Softmax classifier
The cross-entropy loss for the $i$-th example has the form
$$L_i = -\log\left(\frac{e^{f_{y_i}}}{ \sum_j e^{f_j} }\right) = -f_{y_i} + \log\sum_j e^{f_j}$$
Let $p_k = \frac{e^{f_k}}{ \sum_j e^{f_j} }$. The gradient is
$$\frac{\partial L_i }{ \partial f_k } = p_k - \mathbb{1}(y_i = k)$$
""",
        [],
        [],
    ),
    "logreg-ng": (
        "en",
        r"""
## Logistic regression
Let $z = w^T x + b$, $\hat y = a = \sigma(z)$ and
$$\mathcal{L}(a, y) = -(y \log a + (1-y)\log(1-a))$$
Then
$$\frac{\partial \mathcal{L}}{\partial a} = -\frac{y}{a} + \frac{1-y}{1-a}$$
and $\frac{d a}{d z} = a(1-a)$, so
$$\frac{\partial \mathcal{L}}{\partial z} = \frac{\partial \mathcal{L}}{\partial a}\frac{\partial a}{\partial z} = \left(-\frac{y}{a} + \frac{1-y}{1-a}\right) a(1-a) = -y(1-a) + (1-y)a = a - y$$
Finally $\frac{\partial \mathcal{L}}{\partial w_j} = (a-y)x_j$ and $\frac{\partial \mathcal{L}}{\partial b} = a - y$.
""",
        [],
        [],
    ),
    "logreg-wrong-sign": (
        "en",
        r"""
Let $z = w^T x + b$, $a = \sigma(z)$ and $L = -y\log a - (1-y)\log(1-a)$.
$$\frac{\partial L}{\partial a} = -\frac{y}{a} - \frac{1-y}{1-a}$$
$$\frac{\partial L}{\partial z} = a - y$$
""",
        [3],
        [],
    ),
    "sigmoid-derivative": (
        "en",
        r"""
The sigmoid is $\sigma(x) = \frac{1}{1+e^{-x}}$. Its derivative:
\begin{align}
\frac{d}{dx}\sigma(x) &= \frac{d}{dx}\left[\frac{1}{1+e^{-x}}\right] \\
&= \frac{d}{dx}\left(1+e^{-x}\right)^{-1} \\
&= -(1+e^{-x})^{-2}(-e^{-x}) \\
&= \frac{e^{-x}}{(1+e^{-x})^2} \\
&= \frac{1}{1+e^{-x}} \cdot \frac{e^{-x}}{1+e^{-x}} \\
&= \frac{1}{1+e^{-x}} \cdot \frac{(1+e^{-x})-1}{1+e^{-x}} \\
&= \sigma(x)\cdot(1-\sigma(x))
\end{align}
""",
        [],
        [],
    ),
    "sigmoid-derivative-wrong": (
        "en",
        r"""
The sigmoid is $\sigma(x) = \frac{1}{1+e^{-x}}$. Its derivative:
\begin{align}
\sigma'(x) &= -(1+e^{-x})^{-2}(e^{-x}) \\
&= \frac{e^{-x}}{(1+e^{-x})^2} \\
&= \sigma(x)(1-\sigma(x))
\end{align}
""",
        [4],
        [],
    ),
    "zh-softmax-quotient": (
        "zh",
        r"""
## Softmax 求导
softmax 函数定义为
$$a_j = \frac{e^{z_j}}{\sum_{k=1}^{n} e^{z_k}}$$
当 $i = j$ 时,
$$\frac{\partial a_j}{\partial z_i} = \frac{\partial}{\partial z_j}\left(\frac{e^{z_j}}{\sum_k e^{z_k}}\right) = \frac{e^{z_j}\sum_k e^{z_k} - e^{z_j}e^{z_j}}{(\sum_k e^{z_k})^2} = a_j - a_j^2 = a_j(1-a_j)$$
当 $i \neq j$ 时,
$$\frac{\partial a_j}{\partial z_i} = \frac{0 \cdot \sum_k e^{z_k} - e^{z_j} \cdot e^{z_i}}{(\sum_k e^{z_k})^2} = -\frac{e^{z_j}}{\sum_k e^{z_k}}\frac{e^{z_i}}{\sum_k e^{z_k}} = -a_j a_i$$
交叉熵损失 $L = -\sum_j y_j \ln a_j$, 因为 $y$ 是 one-hot 编码, 所以 $\sum_j y_j = 1$, 于是
$$\begin{aligned}
\frac{\partial L}{\partial z_i} &= -\sum_j y_j \frac{1}{a_j}\frac{\partial a_j}{\partial z_i} \\
&= -\frac{y_i}{a_i} a_i(1-a_i) + \sum_{j \ne i} \frac{y_j}{a_j} a_i a_j \\
&= -y_i + y_i a_i + \sum_{j\neq i} y_j a_i \\
&= -y_i + a_i \sum_j y_j \\
&= a_i - y_i
\end{aligned}$$
""",
        [],
        [],
    ),
    "zh-wrong-diagonal": (
        "zh",
        r"""
设 $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$, $L = -\sum_i y_i \log p_i$, 则
$$\frac{\partial L}{\partial z_j} = -\sum_i y_i \frac{1}{p_i} p_i (1-p_i) = -\sum_i y_i (1 - p_i)$$
""",
        [3],
        [],
    ),
    "jacobian-cases": (
        "en",
        r"""
With $S_i = \frac{e^{a_i}}{\sum_{k=1}^N e^{a_k}}$ we have
$$\frac{\partial S_i}{\partial a_j} = \begin{cases} S_i(1-S_j) & i = j \\ -S_j S_i & i \ne j \end{cases}$$
or, with the Kronecker delta, $\frac{\partial S_i}{\partial a_j} = S_i(\delta_{ij} - S_j)$.
""",
        [],
        [],
    ),
    "jacobian-cases-wrong": (
        "en",
        r"""
With $S_i = \frac{e^{a_i}}{\sum_{k=1}^N e^{a_k}}$ we have
$$\frac{\partial S_i}{\partial a_j} = \begin{cases} S_i(1-S_j) & i = j \\ S_j S_i & i \ne j \end{cases}$$
or, with the Kronecker delta, $\frac{\partial S_i}{\partial a_j} = S_j(\delta_{ij} - S_j)$.
""",
        [3, 4],
        [],
    ),
    "lse-shift": (
        "en",
        r"""
For numerical stability let $m = \max_k z_k$. Then
$$\log\sum_k e^{z_k} = \log \sum_k e^{z_k - m} e^{m} = \log\left(e^m \sum_k e^{z_k - m}\right) = m + \log\sum_k e^{z_k-m}.$$
Hence $\log p_i = z_i - m - \log\sum_k e^{z_k - m}$ where $p_i = \exp(z_i)/\sum_k \exp(z_k)$.
""",
        [],
        [],
    ),
    "lse-wrong": (
        "en",
        r"""
Let $m = \max_k z_k$. Then
$$\log\sum_k e^{z_k} = m + \sum_k \log e^{z_k-m}$$
""",
        [3],
        [],
    ),
    "kl": (
        "en",
        r"""
The Kullback-Leibler divergence is
$$D = \sum_i p_i \log\frac{p_i}{q_i} = \sum_i p_i \log p_i - \sum_i p_i \log q_i$$
With $q_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$ and $\sum_i p_i = 1$,
$$\frac{\partial D}{\partial z_j} = -\sum_i \frac{p_i}{q_i}\frac{\partial q_i}{\partial z_j} = -\sum_i p_i(\delta_{ij} - q_j) = q_j - p_j.$$
""",
        [],
        [],
    ),
    "mse-backprop": (
        "en",
        r"""
Consider $E = \frac{1}{2}\sum_k (t_k - o_k)^2$, $o_k = \sigma(net_k)$.
$$\frac{\partial E}{\partial o_k} = -(t_k - o_k)$$
$$\frac{\partial o_k}{\partial \mathrm{net}_k} = o_k (1-o_k)$$
""",
        [],
        [],
    ),
    "mse-linear": (
        "en",
        r"""
Let $\hat y_i = w x_i + b$ and $J = \frac{1}{N}\sum_{i=1}^N (y_i - \hat y_i)^2$.
\begin{align*}
\frac{\partial J}{\partial w} &= \frac{1}{N}\sum_{i=1}^N 2(y_i - \hat y_i)\cdot(-x_i) \\
&= -\frac{2}{N}\sum_{i=1}^N x_i(y_i - \hat y_i) \\
\frac{\partial J}{\partial b} &= -\frac{2}{N}\sum_{i=1}^N (y_i - \hat y_i)
\end{align*}
""",
        [],
        [],
    ),
    "mse-linear-wrong": (
        "en",
        r"""
Let $\hat y_i = w x_i + b$ and $J = \frac{1}{N}\sum_{i=1}^N (y_i - \hat y_i)^2$.
\begin{align*}
\frac{\partial J}{\partial w} &= \frac{1}{N}\sum_{i=1}^N 2(y_i - \hat y_i)\cdot x_i \\
\frac{\partial J}{\partial b} &= -\frac{1}{N}\sum_{i=1}^N (y_i - \hat y_i)
\end{align*}
""",
        [4, 5],
        [],
    ),
    "hessian": (
        "en",
        r"""
Let $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$ and $L = \log\sum_k e^{z_k} - \sum_k y_k z_k$. Then
$$\frac{\partial L}{\partial z_i} = p_i - y_i, \qquad \frac{\partial^2 L}{\partial z_i \partial z_j} = p_i(\delta_{ij} - p_j).$$
""",
        [],
        [],
    ),
    "two-class": (
        "en",
        r"""
For two classes
$$\frac{e^{z_1}}{e^{z_1}+e^{z_2}} = \frac{1}{1+e^{-(z_1-z_2)}} = \sigma(z_1 - z_2)$$
""",
        [],
        [],
    ),
    "temperature": (
        "en",
        r"""
With temperature $T$, $p_i = \frac{\exp(z_i/T)}{\sum_j \exp(z_j/T)}$ and
$$\frac{\partial p_i}{\partial z_j} = \frac{1}{T}p_i(\delta_{ij}-p_j)$$
""",
        [],
        [],
    ),
    "focal": (
        "en",
        r"""
Let $p = \sigma(x)$ and $FL = -(1-p)^\gamma \log p$. Then
$$\frac{d FL}{d p} = \gamma(1-p)^{\gamma-1}\log p - \frac{(1-p)^\gamma}{p}$$
""",
        [],
        [],
    ),
    "samples-superscript": (
        "en",
        r"""
The cost is
$$J(\theta) = -\frac{1}{m}\sum_{i=1}^m \left[y^{(i)}\log h^{(i)} + (1-y^{(i)})\log(1-h^{(i)})\right]$$
where $h^{(i)} = \sigma(z^{(i)})$, $z^{(i)} = \sum_j \theta_j x^{(i)}_j$. Therefore
$$\frac{\partial J}{\partial \theta_j} = \frac{1}{m}\sum_{i=1}^m (h^{(i)} - y^{(i)})x^{(i)}_j$$
""",
        [],
        [],
    ),
    "label-index": (
        "en",
        r"""
If $t$ is the true class, $L = -\log p_t$ with $p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$, so
$$L = -z_t + \log\sum_j e^{z_j}$$
and
$$\frac{\partial L}{\partial z_k} = p_k - \delta_{kt}$$
""",
        [],
        [],
    ),
    "one-hot-reduction": (
        "en",
        r"""
Let $p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$. Since $y$ is one-hot with $y_t = 1$,
$$L = -\sum_i y_i\log p_i = -\log p_t$$
""",
        [],
        [],
    ),
    "swapped": (
        "en",
        r"""
Let $p_i = \frac{e^{z_i}}{\sum_j e^{z_j}}$, $L = -\sum_i y_i\log p_i$, $\sum_i y_i = 1$.
$$\frac{\partial L}{\partial z_j} = y_j - p_j$$
""",
        [3],
        [],
    ),
    "vector-notation": (
        "en",
        r"""
Let $\mathbf{p} = \mathrm{softmax}(\mathbf{z})$ and $L = -\sum_i y_i \log p_i$ with $\sum_i y_i = 1$. Then
$$\nabla_{\mathbf{z}} L = \mathbf{p} - \mathbf{y}.$$
""",
        [],
        [],
    ),
    "vector-zh": (
        "zh",
        r"""
令 $\hat{\mathbf y} = \mathrm{softmax}(\mathbf{o})$, 损失 $l = -\sum_j y_j \log \hat y_j$, 其中 $\mathbf{y}$ 为独热向量, 则
$$\frac{\partial l}{\partial o_j} = \hat y_j - y_j$$
""",
        [],
        [],
    ),
    "quotient-wrong-sign": (
        "en",
        r"""
Let $p_i = \frac{e^{z_i}}{\Sigma}$, $\Sigma = \sum_k e^{z_k}$. If $i = j$:
$$\frac{\partial p_i}{\partial z_i} = \frac{e^{z_i}\Sigma + e^{z_i}e^{z_i}}{\Sigma^2} = p_i(1+p_i)$$
""",
        [3],
        [],
    ),
    "tanh": (
        "en",
        r"""
$$\frac{d}{dx}\tanh(x) = 1 - \tanh^2(x)$$
$$\tanh(x) = \frac{e^x - e^{-x}}{e^x+e^{-x}}$$
$$\tanh(x) = 2\sigma(2x) - 1$$
""",
        [],
        [],
    ),
    "bce-logits": (
        "en",
        r"""
For $L = -y\log\sigma(x) - (1-y)\log(1-\sigma(x))$ we get
$$L = x - xy + \log(1+e^{-x})$$
$$\frac{\partial L}{\partial x} = \sigma(x) - y$$
""",
        [],
        [],
    ),
    "eli-bendersky": (
        "en",
        r"""
By the quotient rule, $D_jS_i = S_i(\delta_{ij}-S_j)$.

Using $S_i = \frac{e^{a_i}}{\sum_{k=1}^N e^{a_k}}$ and $\Sigma = \sum_{k=1}^N e^{a_k}$, for $i=j$ the derivative is
$$\frac{\partial}{\partial a_j}\frac{e^{a_i}}{\sum_{k=1}^{N}e^{a_k}} = \frac{e^{a_i}\Sigma - e^{a_j}e^{a_i}}{\Sigma^2} = \frac{e^{a_i}}{\Sigma}\frac{\Sigma-e^{a_j}}{\Sigma} = S_i(1-S_j)$$
For $i\neq j$:
$$\frac{\partial}{\partial a_j}\frac{e^{a_i}}{\sum_{k=1}^{N}e^{a_k}} = \frac{0 - e^{a_j}e^{a_i}}{\Sigma^2} = -\frac{e^{a_j}}{\Sigma}\frac{e^{a_i}}{\Sigma} = -S_jS_i$$
""",
        [],
        [2],
    ),
    "peters-notes": (
        "en",
        r"""
$$\begin{split}
\frac{\partial \xi}{\partial z_i} &= -\sum_{j=1}^C \frac{\partial t_j \log(y_j)}{\partial z_i} = -\sum_{j=1}^C t_j \frac{\partial \log(y_j)}{\partial z_i} = -\sum_{j=1}^C t_j \frac{1}{y_j}\frac{\partial y_j}{\partial z_i} \\
&= -\frac{t_i}{y_i}\frac{\partial y_i}{\partial z_i} - \sum_{j\neq i}^C \frac{t_j}{y_j}\frac{\partial y_j}{\partial z_i} = -\frac{t_i}{y_i}y_i(1-y_i) - \sum_{j\neq i}^C\frac{t_j}{y_j}(-y_jy_i) \\
&= -t_i + t_iy_i + \sum_{j\neq i}^C t_jy_i = -t_i + \sum_{j=1}^C t_jy_i = -t_i + y_i\sum_{j=1}^C t_j \\
&= y_i - t_i
\end{split}$$
where $y_c = \frac{e^{z_c}}{\sum_{d=1}^C e^{z_d}}$ and $\xi = -\sum_{c=1}^C t_c \log(y_c)$ and $\sum_c t_c = 1$.
""",
        [],
        [],
    ),
    "softmax-shift": (
        "en",
        r"""
For any constant $C$,
$$\frac{e^{f_i}}{\sum_j e^{f_j}} = \frac{Ce^{f_i}}{C\sum_j e^{f_j}} = \frac{e^{f_i + \log C}}{\sum_j e^{f_j+\log C}}$$
""",
        [],
        [],
    ),
    "entropy": (
        "en",
        r"""
Let $p_i = e^{z_i}/\sum_k e^{z_k}$ and $H = -\sum_i p_i\log p_i$. Then
$$\frac{\partial H}{\partial z_j} = -p_j(\log p_j + H)$$
""",
        [],
        [],
    ),
    "gaussian": (
        "en",
        r"""
The negative log likelihood is $L = \frac{(x-\mu)^2}{2\sigma^2} + \log\sigma$ with $\sigma > 0$. Then
$$\frac{\partial L}{\partial \mu} = -\frac{x-\mu}{\sigma^2}, \quad \frac{\partial L}{\partial \sigma} = -\frac{(x-\mu)^2}{\sigma^3} + \frac{1}{\sigma}$$
""",
        [],
        [],
    ),
    "weights": (
        "en",
        r"""
Let $z_k = \sum_d W_{kd} x_d + b_k$, $p_k = \frac{e^{z_k}}{\sum_l e^{z_l}}$, $L = -\sum_k y_k \log p_k$, with $\sum_k y_k=1$. Then
$$\frac{\partial L}{\partial W_{kd}} = (p_k - y_k)x_d, \quad \frac{\partial L}{\partial b_k} = p_k - y_k, \quad \frac{\partial L}{\partial x_d} = \sum_k (p_k-y_k)W_{kd}.$$
""",
        [],
        [],
    ),
    "log-derivative-wrong": (
        "en",
        r"""
Let $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$, $L = -\sum_i y_i \log p_i$. Then
$$\frac{\partial L}{\partial z_j} = -\sum_i y_i \frac{\partial p_i}{\partial z_j}$$
""",
        [3],
        [],
    ),
    "chain-rule-words": (
        "en",
        r"""
$$\frac{\partial L}{\partial z_j} = \sum_i \frac{\partial L}{\partial p_i}\frac{\partial p_i}{\partial z_j}$$
where $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$ and $L = -\sum_i y_i \log p_i$.
""",
        [],
        [],
    ),
    "array-aligned": (
        "zh",
        r"""
记 $S = \sum_k e^{z_k}$, $p_i = \frac{e^{z_i}}{S}$。
$$
\begin{array}{rcl}
\frac{\partial p_i}{\partial z_j} & = & \frac{\delta_{ij} e^{z_i} S - e^{z_i} e^{z_j}}{S^2} \\
 & = & \delta_{ij} p_i - p_i p_j
\end{array}
$$
""",
        [],
        [],
    ),
    "cases-array": (
        "zh",
        r"""
记 $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$, 则
$$\frac{\partial p_i}{\partial z_j} = \left\{\begin{array}{ll} p_i(1-p_j), & i = j \\ -p_i p_j, & i \neq j \end{array}\right.$$
""",
        [],
        [],
    ),
    "text-if": (
        "zh",
        r"""
$$p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$$
$$\frac{\partial p_i}{\partial z_j} = \begin{cases} p_i(1-p_i), & \text{if } i=j \\ -p_i p_j, & \text{if } i\neq j\end{cases}$$
""",
        [],
        [],
    ),
    "inline-eq-derivation": (
        "en",
        r"""
Since $\log p_i = z_i - \log\sum_k e^{z_k}$ for $p_i = e^{z_i}/\sum_k e^{z_k}$, we get $\frac{\partial \log p_i}{\partial z_j} = \delta_{ij} - p_j$, and so $\frac{\partial}{\partial z_j}\left(-\sum_i y_i\log p_i\right) = -\sum_i y_i(\delta_{ij}-p_j) = -y_j + p_j\sum_i y_i$.
""",
        [],
        [],
    ),
    "dropped-sum": (
        "en",
        r"""
$p_i = e^{z_i}/\sum_k e^{z_k}$, $L = -\sum_i y_i\log p_i$.
$$\frac{\partial L}{\partial z_j} = -\sum_i y_i(\delta_{ij}-p_j) = -y_j + y_j p_j$$
""",
        [3],
        [],
    ),
    "redefinition": (
        "en",
        r"""
# MSE
Let $L = \frac12\sum_i (p_i - y_i)^2$. Then $\frac{\partial L}{\partial p_i} = p_i - y_i$.
# CE
Let $L = -\sum_i y_i \log p_i$. Then $\frac{\partial L}{\partial p_i} = -\frac{y_i}{p_i}$.
""",
        [],
        [],
    ),
}
