"""What a derivation stands on, in words: the facts that it used, and where it has kinks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive import notation
from derive.deciding import dropped
from derive.derivation import Derivation
from derive.kinks import Kink, kinks
from derive.languages import said
from derive.statement import Fact, Statement

WORDS = {
    "en": {
        "counted": "No bound says so: {} is read as the size of the only range.",
        "used": "Fact used: {}. Without it the result is wrong, {}.",
        "open": "Fact used: {}. The steps need it.",
        "spare": "Fact not needed: {}.",
        "kink": "Not differentiable where {} = 0; there the result is a subgradient.",
        "max": "Not differentiable where the maximum of {} is reached twice; there the result is "
        "a subgradient, whatever shares of those places sum to 1.",
    },
    "zh": {
        "counted": "没有上界写明：把 {} 读作唯一求和范围的大小。",
        "used": "用到的事实：{}。没有它, 结果不成立：{}。",
        "open": "用到的事实：{}。推导步骤需要它。",
        "spare": "未用到的事实：{}。",
        "kink": "在 {} = 0 处不可微, 结果在该处是次梯度。",
        "max": "在 {} 的最大值被取到两次处不可微, 结果在该处是次梯度（各处份额任取, 和为 1）。",
    },
}


def standing(statement: Statement, made: Iterable[Derivation], lang: str = "en") -> Iterator[str]:
    """A sentence for an inferred size, each fact with what is wrong without it, each kink."""
    words = WORDS.get(lang, WORDS["en"])
    derivations = tuple(made)
    if statement.counted:
        yield words["counted"].format(statement.counted)
    for fact in statement.facts:
        yield _fact(fact, derivations, lang, words)
    for kink in kinks(statement):
        yield words["max" if kink.kind == "max" else "kink"].format(_where(kink))


def _fact(fact: Fact, derivations: tuple[Derivation, ...], lang: str, words: dict[str, str]) -> str:
    called = said(fact.say, lang) or fact.name
    users = [d for d in derivations if fact in d.facts]
    if not users:
        return words["spare"].format(called)
    shown = (dropped(d, fact.name) for d in reversed(users))
    found = next((c for c in shown if c is not None), None)
    return words["used" if found else "open"].format(called, found)


def _where(kink: Kink) -> str:
    return notation.text(kink.where)
