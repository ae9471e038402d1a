"""What a verdict says, in English and Chinese."""

from __future__ import annotations

from derive.reading.check import Equality
from derive.reading.verdicts import Finding
from derive.witness import Counterexample

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


def condition_words(finding: Finding, joint: str = " and ") -> str | None:
    """The conditions of a conditional verdict."""
    if finding.verdict != "conditional":
        return None
    return joint.join(c.words for c in finding.conditions)


def values_words(found: Counterexample) -> str:
    """n = 2, i = 2, z = (0, 0)."""
    named = {r: n for r, n in found.sizes.items() if not r.isdigit()}
    parts = {**named, **found.indices}
    listed = [f"{k} = {v}" for k, v in parts.items()]
    listed += [f"{k} = {_tuple(v)}" for k, v in found.arrays.items()]
    return ", ".join(listed) or "any values"


def _tuple(value: object) -> str:
    return f"({', '.join(map(_tuple, value))})" if isinstance(value, list) else str(value)


def message(e: Equality, lang: str) -> str:
    """The sentence on one equality."""
    words, finding = WORDS[lang], e.finding
    found = finding.counterexample
    numbers = {
        "at": values_words(found), "left": found.left, "right": found.right,
    } if found else {"at": "", "left": "", "right": ""}  # fmt: skip
    reason = words["agrees"] if finding.reason.startswith("in the reals") else finding.reason
    stated = all(c.stated for c in finding.conditions)
    made = words[e.verdict].format(
        **numbers,
        reason=reason or words["agrees"],
        condition=condition_words(finding, words["and"]) or "",
        unsaid="" if stated else words["unsaid"],
    )
    if e.verdict == "conditional" and found:
        made += words["without"].format(**numbers)
    if e.why.mistake is not None:
        made += f"; {e.why.mistake.say[lang]}"
    if e.why.should:
        made += words["should"].format(should=e.why.should)
    return made


def derivation_words(e: Equality, lang: str) -> list[str]:
    """The derivation of what the right-hand side should have been, a line for each step."""
    steps = [f"  = {formula}    ({en if lang == 'en' else zh})" for formula, en, zh in e.why.steps]
    return [WORDS[lang]["derivation"], f"  {e.lhs.text}", *steps] if steps else []


def place_words(e: Equality) -> str:
    """line:column, with the cell of a notebook ahead."""
    cell = f"[{e.cell}]" if e.cell is not None else ""
    return f"{cell}{e.line}:{e.column}"
