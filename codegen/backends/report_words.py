"""What a verdict says, in English and Chinese."""

from __future__ import annotations

import re

from codegen.backends.report_reasons import reason_words, supposed_words
from derive.notation_style import GREEK
from derive.reading.check import Equality, Remark
from derive.reading.verdicts import Finding
from derive.witness import Counterexample

VERDICT_ORDER = ("proved", "conditional", "wrong", "compensated", "not decided", "unread")
MARKS = {
    "proved": "✓", "conditional": "~", "wrong": "✗", "compensated": "✗", "not decided": "?",
    "unread": "…",
}  # fmt: skip
WORDS = {
    "en": {
        "proved": "proved for every n",
        "conditional": "true if {condition}{unsaid}",
        "unsaid": " (which the document does not state)",
        "without": "; without it, at {at}: left is {left}, right is {right}",
        "wrong": "wrong: at {at}, the left side is {left} and the right side is {right}",
        "compensated": "this step is wrong as well (at {at}: left is {left}, right is {right}), "
        "but its result is right again: it equals the start of the chain",
        "not decided": "neither proved nor refuted: {reason}",
        "agrees": "agreed at every point tried",
        "unread": "not understood: {reason}",
        "and": " and ",
        "should": "; the right-hand side should be {should}",
        "derivation": "derivation:",
    },
    "zh": {
        "proved": "对任意 n 成立, 已证明",
        "conditional": "在 {condition} 的条件下成立{unsaid}",
        "unsaid": " (文中未说明该条件)",
        "without": "; 去掉该条件时, 取 {at}: 左边为 {left}, 右边为 {right}",
        "wrong": "错误: 取 {at}, 左边为 {left}, 右边为 {right}",
        "compensated": "这一步同样有误 (取 {at}: 左边为 {left}, 右边为 {right}), "
        "但其结果又变为正确: 它等于推导的起点",
        "not decided": "既未证明也未否定: {reason}",
        "agrees": "在所有试过的点上都相等",
        "unread": "未能读懂: {reason}",
        "and": " 且 ",
        "should": "; 右边应为 {should}",
        "derivation": "推导:",
    },
}


VERDICTS = {
    "en": {v: v for v in VERDICT_ORDER},
    "zh": {
        "proved": "已证明", "conditional": "有条件", "wrong": "错误", "compensated": "错而复正",
        "not decided": "未定", "unread": "未读懂",
    },
}  # fmt: skip
TITLES = {
    "en": {
        "title": "Derivations checked", "scope": "Scope of the indices",
        "should": "The right-hand side should be", "derivation": "Its derivation",
        "none": "no equalities found",
    },
    "zh": {
        "title": "推导检查结果", "scope": "指标的作用范围", "should": "右边应为",
        "derivation": "推导过程", "none": "没有找到等式",
    },
}  # fmt: skip
REMARKS = {
    "en": {
        "captured": "{names} is bound here by a sum or maximum, and stands outside it as well",
        "unbound": "{names} stands outside the sum or maximum that binds it",
        "one-sided": "{names} is free on one side only",
        "bound": "a bound does not fit: the same elements run over another range elsewhere",
        "two-meanings": "{names} has two meanings in the document",
    },
    "zh": {
        "captured": "指标 {names} 在此被求和 (或取最大值) 约束, 同时又在其外出现",
        "unbound": "指标 {names} 出现在约束它的求和 (或取最大值) 之外",
        "one-sided": "指标 {names} 只在等式的一边自由出现",
        "bound": "上下限不一致: 同一组元素在别处取遍另一个范围",
        "two-meanings": "{names} 在文中有两种含义",
    },
}


def remark_words(remark: Remark, lang: str) -> str:
    """The sentence on one remark on scope."""
    return REMARKS[lang][remark.kind].format(names=", ".join(remark.names))


def condition_words(finding: Finding, joint: str = " and ", lang: str = "en") -> str | None:
    """The conditions of a conditional verdict."""
    if finding.verdict != "conditional":
        return None
    return joint.join(supposed_words(c.words, lang) for c in finding.conditions)


_GREEK = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(GREEK)})(?![A-Za-z])")


def _letter(found: re.Match[str]) -> str:
    return GREEK[found[0]]


def values_words(found: Counterexample) -> str:
    """n = 2, i = 2, z = (0, 0)."""
    named = {r: n for r, n in found.sizes.items() if not r.isdigit()}
    parts = {**named, **found.indices}
    listed = [f"{k} = {v}" for k, v in parts.items()]
    listed += [f"{_GREEK.sub(_letter, k)} = {_tuple(v)}" for k, v in found.arrays.items()]
    return ", ".join(listed) or "any values"


def _tuple(value: object) -> str:
    return f"({', '.join(map(_tuple, value))})" if isinstance(value, list) else str(value)


def message(e: Equality, lang: str, should: bool = True) -> str:
    """The sentence on one equality, with what its right-hand side should be (or without)."""
    words, finding = WORDS[lang], e.finding
    found = finding.counterexample
    numbers = {
        "at": values_words(found), "left": found.left, "right": found.right,
    } if found else {"at": "", "left": "", "right": ""}  # fmt: skip
    agreed = finding.reason.startswith("in the reals")
    reason = words["agrees"] if agreed else reason_words(finding.reason, lang)
    stated = all(c.stated for c in finding.conditions)
    made = words[e.verdict].format(
        **numbers,
        reason=reason or words["agrees"],
        condition=condition_words(finding, words["and"], lang) or "",
        unsaid="" if stated else words["unsaid"],
    )
    if e.verdict == "conditional" and found:
        made += words["without"].format(**numbers)
    if e.why.mistake is not None:
        made += f"; {e.why.mistake.say[lang]}"
    if should and e.why.should:
        made += words["should"].format(should=e.why.should)
    return made


def derivation_words(e: Equality, lang: str) -> list[str]:
    """The derivation of what the right-hand side should have been, a line for each step."""
    steps = [f"  = {formula}    ({en if lang == 'en' else zh})" for formula, en, zh in e.why.steps]
    return [WORDS[lang]["derivation"], f"  {e.lhs.text}", *steps] if steps else []


def place_words(e: Equality | Remark) -> str:
    """line:column, with the cell of a notebook ahead."""
    cell = f"[{e.cell}]" if e.cell is not None else ""
    return f"{cell}{e.line}:{e.column}"
