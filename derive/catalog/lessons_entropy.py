"""Lessons on the losses of softmax: softmax loss, cross-entropy and its gradient."""

from __future__ import annotations

from sympy import Integer

from derive.catalog.common import EXPONENTIALS, ONE_HOT, SOFTMAX, SUMS_TO_ONE, L, i, j, p, t, y, z
from derive.catalog.entry import Entry, Part, Remark
from derive.language import Array, Deriv, Exp, Log, Sum, index
from derive.statement import Context, Definition, Fact, Statement

GIVEN = Context((SOFTMAX,))
CROSS = -Sum(y[i] * Log(p[i]), i)
LOSS = Context((SOFTMAX, Definition(L, (), CROSS)), (SUMS_TO_ONE,))
c3, d3 = index("i k", "3")
z3, p3, y3 = (Array(name, ("3",)) for name in "zpy")
TRIPLE = Definition(p3, (c3,), Exp(z3[c3]) / Sum(Exp(z3[d3]), d3))
SECOND = tuple(
    Fact(
        f"target-{place}",
        y3[Integer(place)],
        Integer(value),
        {"en": f"the {nth} target is {value}", "zh": f"第 {place} 个标签为 {value}"},
    )
    for place, nth, value in ((1, "first", 0), (2, "second", 1), (3, "third", 0))
)
SOFTMAX_LOSS = Entry(
    Statement("softmax_loss", L(), -Log(p[t]), (SOFTMAX,), (), z[j], (t,)),
    {"en": "Softmax loss", "zh": "softmax 损失"},
    "loss",
    (
        Remark(
            "why",
            {
                "en": "Let t be the correct class. Its probability should be as large as "
                "possible. The logarithm "
                "does not change where it is largest, for it is increasing, and it turns the "
                "quotient into a "
                "difference; the minus sign makes a loss of it, which gradient descent makes "
                "small.",
                "zh": "设 t 为正确类别, 希望它的概率越大越好。对数是单调递增的, "
                "取对数不改变最大值的位置, "
                "还能把商化为差; 再加上负号, 就得到越小越好的损失函数, 便于用梯度下降法求解。",
            },
        ),
        Part(
            "form",
            {"en": "Without a quotient", "zh": "化去商"},
            -Log(p[t]),
            ("unfold p", "log-of-a-quotient", "log-of-exp"),
            GIVEN,
        ),
        Part(
            "stable",
            {"en": "The stable form", "zh": "数值稳定的形式"},
            Log(EXPONENTIALS) - z[t],
            ("shift-the-log-sum",),
        ),
        Part(
            "gradient",
            {"en": "Its gradient", "zh": "梯度"},
            Deriv(-Log(p[t]), z[j]),
            (
                "unfold p",
                "log-of-a-quotient",
                "log-of-exp",
                "derivative-of-a-sum",
                "constant-factor",
                "derivative-of-log",
                "one-term-of-the-sum",
                "derivative-of-exp",
                "fold p",
            ),
            GIVEN,
        ),
    ),
)

CROSS_ENTROPY = Entry(
    Statement("cross_entropy", L(), CROSS, (SOFTMAX,), (SUMS_TO_ONE,), z[j]),
    {"en": "Cross-entropy", "zh": "交叉熵损失"},
    "loss",
    (
        Remark(
            "difference",
            {
                "en": "The softmax loss looks at the correct class only; cross-entropy looks at "
                "all classes, each "
                "weighted by its target. For a one-hot target the two are the same number.",
                "zh": "softmax 损失只看正确类别; 交叉熵对所有类别求和, 以标签为权重。当标签是 "
                "one-hot 编码时, 两者相等。",
            },
        ),
        Part(
            "one-hot",
            {
                "en": "On a one-hot target it is the softmax loss",
                "zh": "one-hot 标签下就是 softmax 损失",
            },
            CROSS,
            ("use-fact one-hot", "sifting"),
            Context((SOFTMAX,), (ONE_HOT,)),
        ),
        Part(
            "second",
            {"en": "At the target (0, 1, 0)", "zh": "标签为 (0, 1, 0) 时"},
            -Sum(y3[c3] * Log(p3[c3]), c3),
            ("write-out-the-sum", "use-fact target-1", "use-fact target-2", "use-fact target-3"),
            Context((TRIPLE,), SECOND),
        ),
        Part(
            "diagonal",
            {"en": "The partial derivative for i = j", "zh": "当 i = j 时 softmax 的偏导数"},
            Deriv(p[j], z[j]),
            (
                "unfold p",
                "quotient-rule",
                "derivative-of-exp",
                "one-term-of-the-sum",
                "derivative-of-exp",
                "fold-definitions",
            ),
            GIVEN,
        ),
        Part(
            "partials",
            {"en": "All partial derivatives", "zh": "softmax 的全部偏导数"},
            Deriv(p[i], z[j]),
            (
                "unfold p",
                "quotient-rule",
                "derivative-of-exp",
                "one-term-of-the-sum",
                "derivative-of-exp",
                "fold-definitions",
            ),
            GIVEN,
        ),
        Part(
            "gradient",
            {"en": "The gradient", "zh": "梯度"},
            Deriv(L(), z[j]),
            (
                "unfold L",
                "constant-factor",
                "derivative-under-the-sum",
                "constant-factor",
                (
                    "derivative-of-log",
                    {
                        "en": "chain rule: the derivative of log p is 1/p times the derivative "
                        "of p",
                        "zh": "复合函数求导(链式法则): log p 的导数是 1/p 乘以 p 的导数",
                    },
                ),
                "split-the-sum j",
                "insert-the-partials in-parentheses",
                "remove-parentheses",
                "pull-out-of-the-sum",
                "distribute",
                "collect p",
                "join-the-sum",
                "use-fact targets-sum-to-one",
            ),
            LOSS,
            ("diagonal", "partials"),
        ),
        Part(
            "without",
            {"en": "Without Σy = 1 the sum stays", "zh": "没有 Σy = 1 时, 求和项保留"},
            Deriv(L(), z[j]),
            (
                "unfold L",
                "constant-factor",
                "derivative-under-the-sum",
                "constant-factor",
                "derivative-of-log",
                "split-the-sum j",
                "insert-the-partials in-parentheses",
                "remove-parentheses",
                "pull-out-of-the-sum",
                "distribute",
                "collect p",
                "join-the-sum",
            ),
            Context(LOSS.definitions),
            ("diagonal", "partials"),
        ),
    ),
)

ENTRIES = (SOFTMAX_LOSS, CROSS_ENTROPY)
