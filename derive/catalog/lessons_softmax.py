"""Lessons on e^z and softmax: what it does, its partial derivatives, the shift."""

from __future__ import annotations

from derive.catalog.common import SOFTMAX, i, j, k, p, z
from derive.catalog.entry import Entry, Numbers, Part, Remark
from derive.language import Array, Cases, Delta, Deriv, Exp, Max, Step, Sum, index
from derive.statement import Context, Definition, Statement

x, c, m = Array("z")(), Array("c")(), Max(z[k], k)
f = Array("f")()
GIVEN = Context((SOFTMAX,))
APART = Context((SOFTMAX,), distinct=((i, j),))
three, at3 = index("i k", "3")
z3, p3 = (Array(name, ("3",)) for name in "zp")
THREE = Context((Definition(p3, (three,), Exp(z3[three]) / Sum(Exp(z3[at3]), at3)),))
DIAGONAL, OFF_DIAGONAL = p[i] * (1 - p[i]), -p[i] * p[j]
DELTA_FORM = p[i] * (Delta(i, j) - p[j])
SHIFTED = Exp(z[i] - c) / Sum(Exp(z[k] - c), k)

EXP = Entry(
    Statement("exp", f, Exp(x), wrt=x),
    {"en": "The exponential function", "zh": "指数函数"},
    "function",
    (
        Remark(
            "why",
            {
                "en": "Softmax starts with the exponential: it is positive, it keeps the order "
                "of the scores, "
                "it spreads them apart, and it is its own derivative.",
                "zh": "softmax 的第一步是取指数: 指数函数恒为正, 保持大小次序, "
                "能把数值的差距拉大, 而且求导方便。",
            },
        ),
        Part(
            "derivative",
            {"en": "It is its own derivative", "zh": "导数就是它本身"},
            Deriv(Exp(x), x),
            ("derivative-of-exp",),
        ),
        Part(
            "positive",
            {"en": "It is positive everywhere", "zh": "恒为正"},
            Step(Exp(x)),
            ("positive",),
        ),
        Part(
            "increasing",
            {"en": "It is strictly increasing", "zh": "严格单调递增"},
            Step(Deriv(Exp(x), x)),
            ("derivative-of-exp", "positive"),
        ),
        Part(
            "spread",
            {"en": "It turns differences into ratios", "zh": "把差变成倍数, 差距被拉大"},
            Exp(z[i]) / Exp(z[j]),
            ("quotient-of-exponentials",),
        ),
        Numbers(
            "growth",
            {"en": "Values", "zh": "取值"},
            Exp(z[i]),
            Exp(z3[three]),
            "z",
            ("1", "5", "10"),
            2,
        ),
        Remark(
            "cost",
            {
                "en": "The price is overflow: the value grows so fast that for a large score it "
                "leaves the range "
                "of floating-point numbers. The remedy is to subtract the largest score first.",
                "zh": "代价是溢出: 数值增长太快, 得分较大时会超出浮点数的表示范围。"
                "解决办法是先减去得分中的最大值。",
            },
        ),
    ),
)

SOFTMAX_ENTRY = Entry(
    Statement("softmax", p[i], SOFTMAX.body, (), (), z[j]),
    {"en": "Softmax", "zh": "softmax 函数"},
    "function",
    (
        Remark(
            "moves",
            {
                "en": "Softmax makes two moves: exponentiate each score, which makes it positive,"
                " and normalise, "
                "which makes the results sum to one.",
                "zh": "softmax 分两步: 先取指数, 把得分变为正数; 再归一化, 使各项之和为 1。",
            },
        ),
        Part(
            "positive",
            {"en": "Every probability is positive", "zh": "每个概率都为正"},
            Step(p[i]),
            ("unfold p", "positive"),
            GIVEN,
        ),
        Part(
            "sum",
            {"en": "The probabilities sum to one", "zh": "概率之和为 1"},
            Sum(p[i], i),
            ("unfold p", "pull-out-of-the-sum", "cancel"),
            GIVEN,
        ),
        Part(
            "diagonal",
            {"en": "The partial derivative for i = j", "zh": "当 i = j 时的偏导数"},
            Deriv(p[i], z[i]),
            (
                "unfold p",
                "quotient-rule",
                "derivative-of-exp",
                "one-term-of-the-sum",
                "derivative-of-exp",
                "common-factor",
                "split-into-fractions",
                "split-the-fraction",
                "fold p",
                "remove-parentheses",
            ),
            GIVEN,
        ),
        Part(
            "off-diagonal",
            {"en": "The partial derivative for i ≠ j", "zh": "当 i ≠ j 时的偏导数"},
            Deriv(p[i], z[j]),
            (
                "unfold p",
                (
                    "quotient-rule",
                    {
                        "en": "quotient rule; the numerator is a constant, so its derivative is 0",
                        "zh": "商的求导法则; 分子相当于常数, 其导数为 0",
                    },
                ),
                "one-term-of-the-sum",
                "derivative-of-exp",
                "split-into-fractions",
                "fold p",
                "remove-parentheses",
            ),
            APART,
        ),
        Part(
            "cases",
            {"en": "Both cases in one formula", "zh": "两种情况合写为一式"},
            Cases(DIAGONAL, Delta(i, j), OFF_DIAGONAL),
            ("cases-of-delta", "collect-terms"),
            GIVEN,
        ),
        Part(
            "delta",
            {"en": "The δ form straight from the definition", "zh": "由定义直接得到 δ 形式"},
            Deriv(p[i], z[j]),
            (
                "unfold p",
                "quotient-rule",
                "derivative-of-exp",
                "one-term-of-the-sum",
                "derivative-of-exp",
                "common-factor",
                "fold-definitions",
            ),
            GIVEN,
        ),
        Part(
            "shift",
            {"en": "Shifting every score changes nothing", "zh": "所有得分减去同一个数, 结果不变"},
            SHIFTED,
            (
                "exp-of-a-sum",
                (
                    "pull-out-of-the-sum",
                    {
                        "en": "take the common factor out of the sum; it cancels",
                        "zh": "把公因子提到求和号外, 与分子约去",
                    },
                ),
                "fold p",
            ),
            GIVEN,
        ),
        Part(
            "maximum",
            {"en": "The shift that is used: the largest score", "zh": "实际采用的平移: 减去最大值"},
            SHIFTED.xreplace({c: m}),
            (
                "exp-of-a-sum",
                (
                    "pull-out-of-the-sum",
                    {
                        "en": "take the common factor out of the sum; it cancels",
                        "zh": "把公因子提到求和号外, 与分子约去",
                    },
                ),
                "fold p",
            ),
            GIVEN,
        ),
        Numbers(
            "overflow",
            {
                "en": "Without the shift, at (20, 300, 5000)",
                "zh": "不平移时, 在 (20, 300, 5000) 处",
            },
            Exp(z[i]),
            Exp(z3[three]),
            "z",
            ("20", "300", "5000"),
            2,
            Context(),
            {
                "en": "The largest double-precision number is about 1.8·10^308: the third value "
                "overflows to "
                "infinity, and infinity over infinity is not a number.",
                "zh": "双精度浮点数最大约为 1.8·10^308: 第三个值上溢为无穷大, "
                "无穷大除以无穷大得到 NaN。",
            },
        ),
        Numbers(
            "underflow",
            {"en": "With the shift", "zh": "平移之后"},
            Exp(z[i] - m),
            Exp(z3[three] - Max(z3[at3], at3)),
            "z",
            ("20", "300", "5000"),
            2,
            Context(),
            {
                "en": "The first two values underflow to 0, which is harmless: beside 1 they are "
                "nothing.",
                "zh": "前两个值下溢为 0, 但没有害处: 与 1 相比可以忽略。",
            },
        ),
        Numbers(
            "article",
            {"en": "Worked example: exponentials", "zh": "例: 取指数"},
            Exp(z[i]),
            Exp(z3[three]),
            "z",
            ("-3", "1.5", "2.7"),
            2,
        ),
        Numbers(
            "article-normalised",
            {"en": "Worked example: softmax", "zh": "例: 归一化"},
            p[i],
            p3[three],
            "z",
            ("-3", "1.5", "2.7"),
            4,
            THREE,
            {
                "en": "Some articles print 0.2308 for the second value: they rounded the "
                "exponentials before "
                "dividing. The value is 0.2309.",
                "zh": "有的文章把第二个值写成 0.2308, 那是先把指数四舍五入再相除的结果; 正确值为 "
                "0.2309。",
            },
        ),
        Numbers(
            "small",
            {"en": "Another example", "zh": "又一例"},
            p[i],
            p3[three],
            "z",
            ("2", "1", "0.1"),
            1,
            THREE,
        ),
    ),
)

ENTRIES = (EXP, SOFTMAX_ENTRY)
