"""The few fixed words that printers of notes put around formulas, in each language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Fixed:
    """The words of one language; `math` maps words inside formulas."""

    lang: str
    facts: str
    where: str
    given: str
    derivation: str
    steps: str
    before: str
    rule: str
    figure: str
    contents: str
    proved: str
    stop: str
    colon: str
    comma: str
    semicolon: str
    math: tuple[tuple[str, str], ...]
    panel: dict[str, str]


FIXED = {
    "en": Fixed(
        "en", "Facts used", "where", "Given that ", "Derivation", "steps", "before", "rule",
        "Figure", "Contents",
        "Every line of every derivation in these notes is proved for every n.", ".", ": ", ", ",
        "; ", (),
        {
            "title": "Try it",
            "intro": "Move the scores and watch probabilities, loss and gradient.",
            "score": "score", "class": "class", "target": "correct class", "loss": "loss",
            "probability": "probability", "gradient": "gradient", "reset": "reset", "total": "sum",
        },
    ),
    "zh": Fixed(
        "zh", "所用条件", "其中", "已知", "推导", "步", "变形前", "规则", "图", "目录",
        "本讲义中每个推导的每一步，都已对任意 n 作出证明。", "。", "：", "，", "；",
        ((r"\text{if }", r"\text{若}\,"), (r"\text{otherwise}", r"\text{其他}")),
        {
            "title": "动手试一试", "intro": "拖动滑块改变得分，观察概率、损失与梯度如何变化。",
            "score": "得分", "class": "类别", "target": "正确类别", "loss": "损失",
            "probability": "概率",
            "gradient": "梯度", "reset": "复位", "total": "合计",
        },
    ),
}  # fmt: skip
