"""What the words around a formula set: i = j, one-hot targets, "let", "therefore"; English and
Chinese."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.reading.lines import Formula

_LETTER = r"[c-dg-nq-vyC-DG-NQ-VY]"
_SIDE = rf"[ytcl]_\{{?[a-z]\}}?|{_LETTER}"
_COMPARED = re.compile(
    rf"(?<![A-Za-z\\_^{{=])({_SIDE})\s*"
    r"(=|\\neq?(?![a-z])|≠|!=|\\not\s*=|is equal to|equals|is not equal to|differs from"
    r"|is different from|不等于|等于)"
    rf"\s*\$?\s*({_SIDE})(?![A-Za-z(_^=']|\s*\\?[+\-*])"
)
_DIFFERENT = frozenset(
    ["is not equal to", "differs from", "is different from", "不等于", "≠", "!="]
)
_ONE_HOT = re.compile(r"one[\s\-]?hot|独热|only one (?:component|element|entry)", re.IGNORECASE)
_SYMMETRIC = re.compile(
    r"\b(?:symmetric|covariance|positive[ -](?:semi-?)?definite)\b|对称|协方差|正定", re.IGNORECASE
)
_ROWS = re.compile(r"\brows?\b|行", re.IGNORECASE)
_MATRIX = re.compile(r"(?:\\(?:mathbf|boldsymbol|bm)\s*\{?\s*)?([A-Z])\}?\s*(?:\\in\b|∈|$)")
_SUPPOSED = re.compile(
    r"(?:\b(?:if|when|whenever|provided(?: that)?)\b|当|若|如果)[^.。;；\n]*?(?:symmetric|对称)",
    re.IGNORECASE,
)
_SIGMOID = re.compile(r"sigmoid|logistic|\\sigma\s*'|逻辑|对数几率|S\s*型", re.IGNORECASE)
_SENTENCE = re.compile(r"(?<=[.!?。！？；])\s+|(?<=[。！？；])|\n[ \t]*\n")
ITEM = re.compile(r"(?:^|\n)[ \t]*(?:[-*+•]|[(（]?\d+[.)）、]|\\item\b)[ \t]+|[①-⑳]")
_FORMULA = re.compile(r"\$([^$]+)\$")
_LONE = re.compile(
    r"\s*(?:\\(?:mathbf|boldsymbol|bm|vec|hat|tilde|bar)\s*\{?\s*)?(\\?[A-Za-z]+)\}?"
    r"(?:_\{?[A-Za-z]\w*\}?|\^\{?\(?[a-z]\)?\}?)?\s*"
)
_SETS = re.compile(
    r"\b(?:let|define|denote|set|suppose|where|with|consider|given|assume|write|now|call|instead|"
    r"another|alternatively|for the|in the case)\b"
    r"|设|令|已知|满足|假定|定义|记|其中|假设|给定|考虑|若取|对于|另",
    re.IGNORECASE,
)
_ANEW = re.compile(
    r"\b(?:let|define|set|consider|suppose|assume|now|instead|another|alternatively|for the|"
    r"in the case|from (?:here|now) on|redefin\w*|henceforth|this time)\b"
    r"|设|令|假定|定义|假设|考虑|若取|对于|另|重新|改为|改取|从现在起|现在",
    re.IGNORECASE,
)
_PROBLEM = re.compile(
    r"(?:^|\n)[\W_]*(?:Problem|Example|Exercise|Question|Case|例|问题|习题|情形)\s*"
    r"[(（]?(?:\d|[A-Za-z]\b|[一二三四五六七八九十])",
    re.IGNORECASE,
)
_BREAK = re.compile(
    r"(?:^|[\W_])(?:(?:Example|Exercise|Problem|Question)s?|例题?|习题|练习|问题)"
    r"[\s}]*[(（]?(?:\d|[A-Z]\b|[一二三四五六七八九十])"
    r"|\\begin|^\s*[-*_]{3,}\s*$|\\(?:hrule|newpage|clearpage)"
)
_GENERIC = re.compile(
    r"[\W\d_]*(?:(?:the|our|total|final|overall|总|最终)\s*)?(?:loss|cost|objective|"
    r"损失|代价|目标)(?:\s*(?:function|is|函数|为|是))*[\W_]*",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"\b(?:so|hence|thus|therefore|then|it follows|we (?:get|have|obtain|find|see)|this gives|"
    r"one (?:has|gets|obtains|finds)|can be written|gives|yields|implies|which is|simplif|"
    r"finally|becomes|equals)\b"
    r"|所以|因此|故|于是|得到?|可得|则|从而|化简",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"\s*(?:[-*+>]\s+|\d+[.)]\s+|\\item\s+)?[*_]*(?:[^.:：。$\n]{1,40}[.:：。]"
    r"|[^.:：。$\n]{0,30}(?:[Ll]oss|cost|objective|损失|目标|代价)(?:函数)?)[*_]*\s*"
)
_CONCLUDES = re.compile(
    r"simplif|result|\bstep\b|gradient|derivative|answer|proof|rewrit|expan|substitut|equivalent"
    r"|\bform\b|\bstab(?:le|ly|ility)\b|\bidentit|summar|conclu|recap"
    r"|化简|结果|步骤?|梯度|导数|证明|代入|展开|整理|等价|形式|稳定|总结|小结|结论|回顾",
    re.IGNORECASE,
)
_CHOSEN = re.compile(
    r"\b(?:choice (?:is|of)|choos\w+|pick\w*|tak(?:e|ing)|set(?:ting)?)\s*$"
    r"|(?:取|选取?|选择|令)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Comparison:
    """i = j or i ≠ j, by the letters."""

    left: str
    right: str
    equal: bool

    @property
    def words(self) -> str:
        return f"{self.left} {'=' if self.equal else '≠'} {self.right}"


def comparisons(text: str) -> tuple[Comparison, ...]:
    """The comparisons of two index letters that a text makes, in order, without repeats."""
    made: dict[Comparison, None] = {}
    for match in _COMPARED.finditer(text.replace("\\;", " ").replace("\\,", " ")):
        left, right = (re.sub(r"[{}]", "", match[k]) for k in (1, 3))
        sign = match[2]
        different = sign in _DIFFERENT or sign.startswith("\\n")
        if left != right and min(len(left), len(right)) == 1:
            made.setdefault(Comparison(left, right, not different))
    return tuple(made)


def own_conditions(formula: Formula) -> tuple[Comparison, ...]:
    """What is said in the row of the formula itself."""
    return comparisons(" ; ".join(formula.said))


def near_conditions(formula: Formula) -> tuple[Comparison, ...]:
    """What the sentence ahead of the formula says, or the clause right behind it."""
    last = last_sentence(formula.before)
    behind = re.split(r"[.。;；\n]", formula.after.strip(), maxsplit=1)[0]
    clause = re.match(r"[,，(（\s]*(?:if|for|when|where|with|当|若|如果|其中)", behind)
    return comparisons(last) or (comparisons(behind) if clause else ())


def last_sentence(before: str) -> str:
    """The last sentence of what stands ahead of a formula; of a list what leads to it, and the
    last item."""
    ahead = [p for p in re.split(r"\n[ \t]*\n", before) if p.strip()]
    first, *items = ITEM.split(_sentences(ahead[-1])[-1] if ahead else "")
    return "\n- ".join([first, *items[-1:]])


def _sentences(text: str) -> list[str]:
    return [s for s in _SENTENCE.split(text) if s and s.strip()] or [""]


def labelled(formula: Formula) -> bool:
    """Whether only a label stands ahead of a formula in its paragraph: Poisson: , **Hinge.**"""
    ahead = [p for p in re.split(r"\n[ \t]*\n", formula.before) if p.strip()]
    label = _LABEL.fullmatch(ahead[-1]) if ahead else None
    if label is None or _GENERIC.fullmatch(label[0]):
        return False
    return not concludes(label[0]) and not follows(formula)


def concludes(words: str) -> bool:
    """Whether a label or heading announces what follows from before: Simplification:"""
    return _CONCLUDES.search(words) is not None


def breaks(heading: str) -> bool:
    """Whether a heading starts another problem: Example 2, 习题 3, a horizontal rule."""
    return _BREAK.search(heading) is not None


def chosen(formula: Formula) -> bool:
    """Whether the words ahead of a formula make a choice: a common choice is."""
    return _CHOSEN.search(formula.before) is not None


def sets(formula: Formula) -> bool:
    """Whether the words ahead of a formula introduce something."""
    return _SETS.search(_lead(formula)) is not None


def anew(formula: Formula) -> bool:
    """Whether the words ahead of a formula plainly start something new: another loss, 例 2."""
    said = _ANEW.search(_lead(formula)) or _PROBLEM.search(formula.before)
    return said is not None or ":=" in formula.relations


def follows(formula: Formula) -> bool:
    """Whether the words ahead of a formula draw a conclusion."""
    return formula.follows or _FOLLOWS.search(_lead(formula)) is not None


def _lead(formula: Formula) -> str:
    return " ".join([_sentences(formula.before.rstrip()[-400:])[-1], *formula.said])


def says_sigmoid(text: str) -> bool:
    """Whether a document speaks of the sigmoid, so that its σ is that function."""
    return _SIGMOID.search(text) is not None


def matrices_of_rows(text: str) -> set[str]:
    """The X of sentences that call the x_i its rows: the matrix X whose i-th row is x_i^T."""
    made = set[str]()
    for sentence in filter(_ROWS.search, _sentences(text)):
        formulas = [m[1].strip() for m in _FORMULA.finditer(sentence)]
        found = {m[1] for f in formulas if (m := _MATRIX.match(f))}
        made |= {x for x in found for f in formulas if re.match(rf"\{{?{x.lower()}\s*[_^]", f)}
    return made


def one_hot_names(text: str) -> tuple[set[str], bool]:
    """The names that sentences call one-hot, and whether a sentence says it of no name."""
    return _called(text, _ONE_HOT)


def symmetric_names(text: str) -> set[str]:
    """The names that sentences call symmetric matrices, or covariances, which are; "if A is
    symmetric" says it of nothing but its own clause."""
    return _called(_SUPPOSED.sub(" ", text), _SYMMETRIC)[0]


def supposed_symmetric(clause: str) -> set[str]:
    """The names that are supposed to be symmetric for what stands behind a clause."""
    return _called(clause, _SYMMETRIC)[0] if _SUPPOSED.search(clause) else set()


def _called(text: str, words: re.Pattern[str]) -> tuple[set[str], bool]:
    """The names next to which sentences use these words, and whether one uses them of no name."""
    names: set[str] = set()
    loose = False
    for sentence in _sentences(text):
        said = words.search(sentence)
        if said is None:
            continue
        near = [(abs(m.start() - said.start()), lone[1]) for m in _FORMULA.finditer(sentence)
                if (lone := _LONE.fullmatch(m[1])) is not None]  # fmt: skip
        if near:
            names.add(min(near)[1].lstrip("\\"))
        else:
            loose = True
    return names, loose
