"""What the words around a formula suppose of values: y = 1, x > 0, n = 2 classes, no tie, a
derivative that is set to zero; English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from derive.reading.lines import Formula, is_condition
from derive.reading.prose import ITEM, last_sentence

IF = (
    r"(?:\b(?:if|when|whenever|for|assuming|provided(?:\s+that)?|suppose(?:\s+that)?|case)\b"
    r"|当|若|如果|假设|假定|对于?)"
)
_AHEAD = rf"(?:^|[$,;，；(（]|{IF}|\b(?:and|or|with|where|let|assume)\b|其中|设|且)\s*"
_BEHIND = r"\s*(?=$|[$,;，；.。)）:：]|\s[A-Za-z]{2,}|[^\x00-\x7f])"
_NAME = r"(?P<name>\\?[A-Za-z]+)(?:_\{?(?P<index>[a-z0-9](?:\s*,?\s*[a-z0-9])?)\}?)?"
_COMPARED = r"(?P<sign>=|>|<|\\(?:ge|le|gt|lt)q?(?:slant)?(?![a-z])|≥|≤)\s*\$?\s*(?P<number>-?\d+)"
_SET = (
    r"(?:\\in(?![a-z])|∈)\s*(?P<set>\\?\{\s*(?:0\s*,\s*\+?1|1\s*,\s*0|[-−+]?1\s*,\s*[-−+]?1|\\pm\s*1)\s*\\?\}"
    r"|[\[(]\s*0\s*,\s*1\s*[\])])"
)
_VALUED = re.compile(
    rf"{_AHEAD}(?:(?P<low>0)\s*(?:<|\\leq?|≤)\s*)?{_NAME}\s*(?:{_COMPARED}|{_SET}){_BEHIND}",
    re.IGNORECASE,
)
_DOMAINS = {(">", "0"): "positive", (">=", "0"): "nonnegative"}
_JUST_SUPPOSED = rf"{IF}\s*(?:the\s+\w+\s+)?$"
_SUBJECT = (
    r"(?:\bsubject to|\bs\.\s?t\.|\bunder the constraints?|约束条件?(?:为|是)?|约束于)"
    r"\s*(?:\$[^$]*\$\s*(?:,|，|、|and|和|以及)\s*)*$"
)
_MATHEMATICS = re.compile(rf"{IF}\s*(?:the\s+\w+\s+)?\$([^$]*)\$", re.IGNORECASE)
_RELATION = re.compile(r"[=<>≤≥≠∈]|\\(?:ge|le|ne|in|gt|lt|not)(?:q|qslant)?(?![a-z])")
_BETWEEN = re.compile(
    r"([^<>≤≥=,]+?)(<|>|≤|≥|\\(?:le|ge|lt|gt)q?(?:slant)?(?![a-z]))([^<>≤≥=,]+?)"
    r"(<|>|≤|≥|\\(?:le|ge|lt|gt)q?(?:slant)?(?![a-z]))([^<>≤≥=,]+)"
)
_LETTER = r"[nNKCmMdDVBJT]"
_COUNTED = re.compile(
    rf"(?:=\s*1\s*,|\\\{{\s*1\s*,)\s*(?:2\s*,\s*)?(?:\\[lc]?dots[bc]?|…|\.\.\.)\s*,\s*({_LETTER})\b"
    rf"|\\mathbb\s*\{{?R\}}?\s*\^\s*\{{?({_LETTER})\b"
    rf"|\b[Nn]umber of [a-z]+\s+(?:is\s+)?\$?({_LETTER})\b"
    rf"|(?:共有?|维度为?|个数为?|类别数为?)\s*\$?({_LETTER})(?![A-Za-z])"
    rf"|(?<![A-Za-z\\])({_LETTER})\s*\$?\s*-?\s*(?:(?:classes|categories|samples|examples|terms"
    r"|elements|points|observations|dimension\w*|units|features|tokens|outcomes)\b|个|类|维)"
)
_CLAUSE = re.compile(
    r"[;；]|\b(?:and|but|while)\s+(?=(?:if|when|for)\b)|而(?=当)"
    rf"|{ITEM.pattern}",
    re.IGNORECASE,
)
_NO_TIE = re.compile(
    r"\bno ties?\b|\bwithout ties\b|\bunique (?:max|arg)|\b(?:max|argmax)\w* is unique"
    r"|attained (?:only )?at (?:a single|exactly one|one)|almost everywhere"
    r"|最大值?(?:是)?唯一|唯一的?最大|没有并列",
    re.IGNORECASE,
)
_SOLVED = re.compile(
    r"\b(?:set|setting|put|putting|equat\w+|solv\w+|requir\w+)\b[^.]{0,90}(?:\bzero\b|=\s*0)"
    r"|\b(?:set|setting)\b[^.]{0,90}\\partial|\bsolv(?:e|ing) for\b|first[- ]order|stationar"
    r"|\b(?:score|likelihood|normal|estimating)\W{1,3}equations?\b"
    r"|critical point|\b(?:at the|the) (?:optim|minim|maxim)(?:um|al|iser|izer)\b"
    r"|令[^。]{0,90}(?:为\s*\$?\s*0|为零|等于\s*\$?\s*(?:0|零)|=\s*0)|(?:得分|似然|正规|估计)方程|解得|极值|驻点|最优解",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Valued:
    """What a text says of the values of one name: `sign` is =, <, <=, >, >=, unit, binary or
    sign (one of -1 and 1).

    `local` says that it is supposed for what follows only ("if y = 1").
    """

    name: str
    index: str
    sign: str
    number: str
    words: str
    local: bool = False

    @property
    def domain(self) -> str:
        """The domain of the language that this is; empty if it is none."""
        named = self.sign in ("binary", "unit", "sign")
        return self.sign if named else _DOMAINS.get((self.sign, self.number), "")


def valued(text: str) -> tuple[Valued, ...]:
    """What a text says of values, in order; of one name the last word counts."""
    made: dict[tuple[str, str], Valued] = {}
    for said in _all(text):
        made.pop((said.name, said.index), None)
        made[said.name, said.index] = said
    return tuple(made.values())


def _all(text: str) -> Iterator[Valued]:
    at = 0
    while (match := _VALUED.search(text, at)) is not None:
        at = max(match.end(), at + 1)
        yield _valued(match)


def lasting(text: str) -> tuple[Valued, ...]:
    """What a whole document says of domains and sizes, where it says one thing of each name."""
    said: dict[str, dict[tuple[str, str], Valued]] = {}
    for one in _all(text):
        said.setdefault(one.name, {})[one.sign, one.number] = one
    alone = (next(iter(all_.values())) for all_ in said.values() if len(all_) == 1)
    return tuple(v for v in alone if v.domain or v.sign == "=")


def _valued(match: re.Match[str]) -> Valued:
    sign, number = _sign(match["sign"] or ""), match["number"] or ""
    if match["set"]:
        fence, signs = "{" in match["set"], re.search(r"[-−]|pm", match["set"])
        sign = "sign" if signs else "binary" if fence else "unit"
    elif match["low"]:
        sign = "unit" if number == "1" and sign[0] == "<" else "between"
    start = match.start("low") if match["low"] else match.start("name")
    words = " ".join(match.string[start : match.end()].replace("$", "").split())
    ahead = match.string[max(0, start - 40) : start]
    local = re.search(rf"{IF}\s*(?:the\s+\w+\s+)?[$\s]*$", ahead, re.IGNORECASE) is not None
    index = re.sub(r"[\s,]", "", match["index"] or "")
    return Valued(match["name"].lstrip("\\"), index, sign, number, words, local)


def _sign(written: str) -> str:
    sign = written.lstrip("\\")
    for strict, plain in (("g≥>", ">"), ("l≤<", "<")):
        if sign and sign[0] in strict:
            return plain if sign in (plain, "gt", "lt") else plain + "="
    return sign


def counted(text: str) -> set[str]:
    """The letters that a text calls the number of something: i = 1, …, n; K classes; 共 n 个."""
    return {next(filter(None, m.groups())) for m in _COUNTED.finditer(text)}


def excludes_ties(text: str) -> bool:
    """Whether a text says that the maximum is attained once."""
    return _NO_TIE.search(text) is not None


def solves(text: str) -> bool:
    """Whether a text sets a derivative to zero, or speaks of where it is zero."""
    return _SOLVED.search(text) is not None


def equated(formula: Formula) -> bool:
    """Whether a derivative is set to zero in the words ahead of a formula or in it: 令 $f' = 0$."""
    written = " = ".join(s.text for s in formula.sides)
    return solves(f"{last_sentence(formula.before)} {written}")


def solved(formula: Formula) -> bool:
    """Whether a chain ends in the 0 that a derivative is set to."""
    return formula.sides[-1].text.strip() == "0" and equated(formula)


def supposed(formula: Formula) -> bool:
    """Whether a formula is itself what is supposed, and no more: "if $y = 1$", "set $f' = 0$"."""
    if len(formula.sides) == 2 and solved(formula):
        return True
    said, ahead = formula.piece.text.strip(), formula.before.rstrip()[-60:]
    if formula.piece.kind == "inline" and re.search(_SUBJECT, last_sentence(formula.before)):
        return True
    if formula.piece.kind != "inline" or not re.search(_JUST_SUPPOSED, ahead, re.IGNORECASE):
        return False
    return is_condition(said) or any(v.words == " ".join(said.split()) for v in valued(said))


def near_text(formula: Formula) -> str:
    """The words that a formula stands under: those of its row, else of the sentence ahead, else
    of the clause behind it."""
    own = " ; ".join(formula.said)
    if own.strip():
        return own
    clauses = _CLAUSE.split(last_sentence(formula.before))
    if re.search(IF, clauses[-1], re.IGNORECASE):
        return clauses[-1]
    last = " ; ".join(clauses)
    if re.search(IF, last, re.IGNORECASE):
        return last
    behind = re.split(r"[.。;；\n]", formula.after.strip(), maxsplit=1)[0]
    return behind if re.match(rf"[,，(（\s]*{IF}", behind, re.IGNORECASE) else ""


def suppositions(formula: Formula) -> tuple[str, ...]:
    """The formulas that a formula stands under, as written: "when $|x| < 1$"; of a < r < b both
    inequalities."""
    own = [s for s in formula.said if _RELATION.search(s)]
    found = (m[1].strip() for m in _MATHEMATICS.finditer(near_text(formula)))
    whole = own or [s for s in found if _RELATION.search(s)]
    return tuple(link for said in whole for link in _links(said))


def _links(said: str) -> tuple[str, ...]:
    """a < r and r < b of a < r < b; |r| < b of -b < r < b, which says both at once."""
    chain = _BETWEEN.fullmatch(said.strip())
    if chain is None or _sign(chain[2])[0] != _sign(chain[4])[0]:
        return (said,)
    low, first, middle, second, high = (part.strip() for part in chain.groups())
    small, large = (low, high) if _sign(first)[0] == "<" else (high, low)
    if first == second and re.sub(r"[\s{}]", "", small) == "-" + re.sub(r"[\s{}]", "", large):
        return (f"|{middle}| {'<' if _sign(first) in '<>' else '<='} {large}",)
    return f"{low} {first} {middle}", f"{middle} {second} {high}"
