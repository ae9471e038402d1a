"""Lessons on two classes: sigmoid, and binary cross-entropy."""

from __future__ import annotations

from sympy import Integer

from derive.catalog.common import L
from derive.catalog.entry import Entry, Part
from derive.language import Array, Deriv, Exp, Log, Sigmoid, Sum, index
from derive.statement import Context, Definition, Fact, Statement

one, two = Integer(1), Integer(2)
a, b = index("i k", "2")
z2, p2, y2 = (Array(name, ("2",)) for name in "zpy")
PAIR = Definition(p2, (a,), Exp(z2[a]) / Sum(Exp(z2[b]), b))
COMPLEMENT = Fact(
    "two-targets-sum-to-one",
    y2[two],
    1 - y2[one],
    {"en": "the two targets sum to one", "zh": "两个标签之和为 1"},
)
x, w = Array("z")(), Array("y")()
BINARY = -w * Log(Sigmoid(x)) - (1 - w) * Log(1 - Sigmoid(x))

SIGMOID = Entry(
    Statement("sigmoid", Array("s")(), Sigmoid(x), wrt=x),
    {"en": "Sigmoid, the two-class softmax", "zh": "sigmoid: 二分类的 softmax"},
    "function",
    (
        Part(
            "two-classes",
            {"en": "Softmax with n = 2", "zh": "n = 2 时的 softmax"},
            p2[one],
            (
                "unfold p",
                "write-out-the-sum",
                "divide-by-the-top",
                "quotient-of-exponentials",
                "definition-of-sigmoid",
            ),
            Context((PAIR,)),
        ),
        Part(
            "derivative",
            {"en": "The derivative", "zh": "导数"},
            Deriv(Sigmoid(x), x),
            (
                "sigmoid-unfolded",
                "derivative-of-a-power",
                "derivative-of-a-sum",
                "derivative-of-exp",
                "constant-factor",
                "split-into-fractions",
                "one-minus-sigmoid",
                "definition-of-sigmoid",
                "remove-parentheses",
            ),
        ),
    ),
)

BINARY_CROSS_ENTROPY = Entry(
    Statement("binary_cross_entropy", L(), BINARY, wrt=x),
    {"en": "Binary cross-entropy", "zh": "二元交叉熵"},
    "loss",
    (
        Part(
            "first",
            {"en": "The first probability", "zh": "第一类的概率"},
            p2[one],
            (
                "unfold p",
                "write-out-the-sum",
                "divide-by-the-top",
                "quotient-of-exponentials",
                "definition-of-sigmoid",
            ),
            Context((PAIR,)),
        ),
        Part(
            "second",
            {"en": "The second probability", "zh": "第二类的概率"},
            p2[two],
            (
                "unfold p",
                "write-out-the-sum",
                "complete-the-top",
                "divide-by-the-top",
                "quotient-of-exponentials",
                "definition-of-sigmoid",
            ),
            Context((PAIR,)),
        ),
        Part(
            "two-classes",
            {"en": "It is the two-class cross-entropy", "zh": "它就是二分类的交叉熵"},
            -Sum(y2[a] * Log(p2[a]), a),
            (
                "write-out-the-sum",
                "use-fact two-targets-sum-to-one",
                "insert first",
                "insert second",
            ),
            Context((PAIR,), (COMPLEMENT,)),
            ("first", "second"),
        ),
        Part(
            "gradient",
            {"en": "The derivative in the logit", "zh": "对 logit 的导数"},
            Deriv(BINARY, x),
            (
                "derivative-of-a-sum",
                "constant-factor",
                "derivative-of-log",
                "derivative-of-a-sum",
                "constant-factor",
                "derivative-of-sigmoid",
                "collect-terms",
            ),
        ),
    ),
)

ENTRIES = (SIGMOID, BINARY_CROSS_ENTROPY)
