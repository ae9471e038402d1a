"""Reasons and conditions of verdicts in Chinese; what has no phrase here is said in English."""

from __future__ import annotations

import re

_PLACE = re.compile(r"^line \d+, column \d+: ")
_SAID = (
    (r"this sets a derivative to zero: .*", "这是令导数为零: 是待解的方程, 不是恒等式"),
    (r"it follows from setting a derivative to zero, and is no identity",
     "由令导数为零得到, 不是恒等式"),
    (r"one letter has two meanings in the document", "文中同一字母有两种含义"),
    (r"nothing in the document defines the left side", "文中没有给出左边的定义"),
    (r"(.+) is not defined in the document", r"文中没有定义 \1"),
    (r"the condition (.+) is not understood", r"未能理解条件 \1"),
    (r"an index stands outside the sum over it; .*",
     "指标出现在对它求和的范围之外; 请给求和的内容加括号"),
    (r"it takes more than (\d+) seconds", r"计算超过 \1 秒"),
    (r"it takes more memory than is allowed", "所需内存超过限制"),
    (r"the time for this document is used up", "该文档可用的时间已用完"),
    (r"too deeply nested.*", "嵌套过深"),
    (r"a list stands here; .*", "这里是一个列表; 需要一个表达式"),
    (r"whether the rows of ∂a/∂x belong to a or to x is not said",
     "没有说明 ∂a/∂x 的行对应 a 还是 x"),
    (r"a vector stands on the other side of the equation; .*",
     "等式另一边是向量; 请在两边都写出指标"),
    (r"two vectors side by side; .*",
     "两个向量并列, 含义不明; 请写 a^\\\\top b, a \\\\odot b 或写出指标"),
    (r"(.+) is an index here and a number elsewhere; .*",
     r"\1 在此是指标, 在别处是数; 请换一个字母"),
    (r"(.+) has (\d+) indices here and (\d+) elsewhere; .*",
     r"\1 在此有 \2 个指标, 在别处有 \3 个; 请全部写出"),
    (r"(\\[A-Za-z]+) is not understood here; .*", r"这里不认识 \1; 请用求和、函数和指标来写"),
    (r"(.+)\(\.\.\.\) may be a call or a product; .*",
     r"\1(...) 可能是函数也可能是乘积; 乘积请写 \\\\cdot, 函数请先定义"),
    (r"(.+) may be a number or a vector .*", r"\1 可能是数也可能是向量; 请写出指标"),
    (r"expected an index.*", "这里应为指标 (字母或数字)"),
    (r"this derivative is a vector or a matrix; .*", "这个导数是向量或矩阵; 请按分量写"),
    (r"ranges count from 1; .*", "下标从 1 开始; 请写 k = 1 并改写各项"),
    (r"an equation between values is not a condition here; .*",
     "这里数值相等不能作为条件; 请比较指标, 或用 < 和 >"),
)  # fmt: skip
_SUPPOSED = (
    (r"(.+) symmetric", r"\1 对称"),
    (r"(.+) does not depend on (.+)", r"\1 不依赖于 \2"),
    (r"(.+) depends on (.+) through (.+) alone", r"\1 只通过 \3 依赖于 \2"),
    (r"(.+) is a number", r"\1 是一个数"),
    (r"(.+) is one of the classes", r"\1 是某一个类别"),
    (r"(.+) is none of the (.+)", r"\1 不在各 \2 之中"),
    (r"(.+) is the number of terms", r"\1 是求和的项数"),
    (r"the rows of (.+) are the (.+)", r"\1 的各行为 \2"),
    (r"the rows of a matrix ∂a/∂x belong to x .*", "矩阵 ∂a/∂x 的行对应 x (分母布局)"),
    (r"rounded to (\d+) decimals", r"四舍五入到 \1 位小数"),
    (r"(.+) one-hot", r"\1 为 one-hot 向量"),
)


def reason_words(reason: str, lang: str) -> str:
    """Why something was not decided or not understood, without the place inside the formula."""
    return _put(_PLACE.sub("", reason), _SAID if lang == "zh" else ())


def supposed_words(words: str, lang: str) -> str:
    """A condition in the language asked for."""
    return _put(words, _SUPPOSED if lang == "zh" else ())


def _put(said: str, phrases: tuple[tuple[str, str], ...]) -> str:
    for pattern, phrase in phrases:
        found = re.fullmatch(pattern, said, re.DOTALL)
        if found:
            return found.expand(phrase)
    return said
