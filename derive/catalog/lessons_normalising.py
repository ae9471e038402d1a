"""Lessons on what stands beside softmax: plain normalisation, log-sum-exp, log-softmax."""

from __future__ import annotations

from derive.catalog.common import EXPONENTIALS, SOFTMAX, L, i, j, k, p, z
from derive.catalog.entry import Entry, Numbers, Part
from derive.catalog.lessons_softmax import THREE, at3, p3, three, z3
from derive.language import Array, Deriv, Log, Sum
from derive.statement import Context, Definition, Statement

GIVEN = Context((SOFTMAX,))
q, q3 = Array("q", ("n",)), Array("q", ("3",))
PLAIN = Definition(q, (i,), z[i] / Sum(z[k], k))
PLAIN3 = Context((Definition(q3, (three,), z3[three] / Sum(z3[at3], at3)),))

PLAIN_ENTRY = Entry(
    Statement("plain_normalisation", q[i], PLAIN.body, (), (), z[j]),
    {"en": "Plain normalisation beside softmax", "zh": "直接归一化与 softmax 的比较"},
    "function",
    (
        Part(
            "sum",
            {"en": "It sums to one too", "zh": "各项之和同样为 1"},
            Sum(q[i], i),
            ("unfold q", "pull-out-of-the-sum", "cancel"),
            Context((PLAIN,)),
        ),
        Numbers(
            "plain",
            {"en": "Plain normalisation at (2, 3, 5)", "zh": "直接归一化, 在 (2, 3, 5) 处"},
            q[i],
            q3[three],
            "z",
            ("2", "3", "5"),
            1,
            PLAIN3,
        ),
        Numbers(
            "softmax",
            {"en": "Softmax at (2, 3, 5)", "zh": "softmax, 在 (2, 3, 5) 处"},
            p[i],
            p3[three],
            "z",
            ("2", "3", "5"),
            8,
            THREE,
            {
                "en": "The exponential spreads the values apart: the largest takes most of the "
                "whole.",
                "zh": "指数把数值的差距拉大: 最大的一项占去了绝大部分。",
            },
        ),
    ),
)

LOGSUMEXP = Entry(
    Statement("logsumexp", L(), Log(EXPONENTIALS), (), (), z[j]),
    {"en": "Log-sum-exp", "zh": "log-sum-exp 函数"},
    "function",
    (
        Part(
            "gradient",
            {"en": "Its gradient is softmax", "zh": "它的梯度就是 softmax"},
            Deriv(Log(EXPONENTIALS), z[j]),
            ("derivative-of-log", "one-term-of-the-sum", "derivative-of-exp", "fold p"),
            GIVEN,
        ),
        Part(
            "shift",
            {"en": "The stable form", "zh": "数值稳定的形式"},
            Log(EXPONENTIALS),
            ("shift-the-log-sum",),
        ),
    ),
)

LOG_SOFTMAX = Entry(
    Statement("log_softmax", Array("f", ("n",))[i], Log(p[i]), (SOFTMAX,), (), z[j]),
    {"en": "Log-softmax", "zh": "log-softmax 函数"},
    "function",
    (
        Part(
            "form",
            {"en": "Without a quotient", "zh": "化去商"},
            Log(p[i]),
            ("unfold p", "log-of-a-quotient", "log-of-exp"),
            GIVEN,
        ),
        Part(
            "stable",
            {"en": "The stable form", "zh": "数值稳定的形式"},
            z[i] - Log(EXPONENTIALS),
            ("shift-the-log-sum",),
        ),
        Part(
            "jacobian",
            {"en": "Its partial derivatives", "zh": "偏导数"},
            Deriv(Log(p[i]), z[j]),
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

ENTRIES = (PLAIN_ENTRY, LOGSUMEXP, LOG_SOFTMAX)
