"""Reads the notes that were printed and proves every adjacent pair of lines again, from the text
alone.

Nothing of the derivation is used but its context (which letters are arrays, what is defined,
which facts
are given): the formulas are those of the page.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from xml.etree import ElementTree

from sympy import Expr

from benchmarks.read_back import STEP
from codegen.notes.difference import changed, uncoloured
from codegen.notes.formula import Row, unmarked
from codegen.notes.formula_latex import plain
from codegen.notes.formula_reader import read
from derive import notation
from derive.derivation import Derivation
from derive.language import Index, Step
from derive.primitives import unfold
from derive.prover import prove
from derive.reading.reader import read_expression
from derive.reading.scope import Scope
from derive.tactics.collecting import positive
from derive.terms import all_indices, arrays, canonical

WORDS = (
    (r"\text{若}\,", r"\text{if }"),
    (r"\text{其他}", r"\text{otherwise}"),
    (r"\mathbf{1}", r"\mathbb{1}"),
)
CONDITION = re.compile(r" \\quad \((?:(?:, )?\w \\ne \w)+\)$")
RELATIONS = ("=", ">")
BRACKETS = (("{", "}"), (r"\left", r"\right"), (r"\begin", r"\end"))


@dataclass(frozen=True)
class Printed:
    """A derivation as it stands on a page: the claim, and the chain as (relation, formula)."""

    label: str
    claim: str
    chain: tuple[tuple[str, str], ...]


def formula(latex: str) -> Row:
    """The formula without colours, in the words of formulas."""
    return _bare(read(_worded(latex)))


def _worded(latex: str) -> str:
    for word, meant in WORDS:
        latex = latex.replace(word, meant)
    return CONDITION.sub("", latex)


def from_tex(text: str) -> Iterator[Printed]:
    """The derivations of a LaTeX fragment: numbered equation, then its steps."""
    pieces = re.split(r"\\begin\{equation\}\\label\{(lossmith:[^}]+)\}\n", text)
    for label, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        claim, _, rest = piece.partition("\\end{equation}")
        made = _unbroken(_arguments(claim, "lossmithformula", 1)[0])
        yield Printed(label, made, tuple(_steps(rest)))


def _steps(text: str) -> Iterator[tuple[str, str]]:
    """The start of a chain and its lines; the sentences on why are left out."""
    if r"\begin{lossmithsteps}" not in text:
        return
    body = text.partition(r"\begin{lossmithsteps}")[2].partition(r"\end{lossmithsteps}")[0]
    yield "", _unbroken(_arguments("\\start" + body, "start", 1)[0])
    for place in re.finditer(r"\\lossmithstep(?=\{)", body):
        relation, line, _ = _arguments(body[place.start() :], "lossmithstep", 3)
        yield relation, _unbroken(line)


def _arguments(text: str, command: str, count: int) -> list[str]:
    """The arguments of the first call of a command: what stands between matching braces."""
    at = text.index(f"\\{command}") + len(command) + 1
    found = []
    for _ in range(count):
        depth, start = 0, at
        while depth or at == start:
            depth += {"{": 1, "}": -1}.get(text[at], 0) if text[at - 1] != "\\" else 0
            at += 1
        found.append(text[start + 1 : at - 1])
    return found


def _unbroken(text: str) -> str:
    """The formula without the places where its line may break, and all in one size."""
    whole = text.replace("lossmithfrac", "frac")
    return re.sub(r"\\lossmith(?:break|inner|cut|fit)\b", "", whole).strip()


def from_markdown(text: str) -> Iterator[Printed]:
    """The derivations of a page in GitHub's Markdown."""
    pieces = re.split(r'<a id="(lossmith-[^"]+)"></a>\n\n', text)
    for label, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        blocks = re.findall(r"```math\n(.*?)\n```", piece, re.DOTALL)
        if not blocks:
            continue
        chain = blocks[1] if len(blocks) > 1 and r"\begin{aligned}" in blocks[1] else ""
        rows = re.sub(r"\\(?:begin|end)\{aligned\}", "", chain).strip().split(" \\\\\n")
        yield Printed(
            label,
            re.sub(r" \\tag\{[^}]*\}$", "", blocks[0]),
            tuple(_aligned(rows)) if chain else (),
        )


def _aligned(rows: list[str]) -> Iterator[tuple[str, str]]:
    for row in rows:
        shown = re.sub(r" && \\text\{\d+\.\}$", "", row).lstrip()
        head, _, side = re.split(r"(&)(?=[=>])", shown, maxsplit=1)
        if head.strip():
            yield "", head.strip()
        yield side[0], side[1:].strip()


def from_html(text: str) -> Iterator[Printed]:
    """The derivations of a page, from the annotations of its formulas; what another page derives
    is a formula alone."""
    whole = r'(<section class="derivation">.*?</section>)'
    for place, piece in enumerate(re.split(whole, text, flags=re.DOTALL)):
        for label in re.finditer(r'<div class="formula" id="([^"]+)"', piece):
            claim, _, rest = piece[label.start() :].partition("</div>")  # facts stand ahead of it
            yield Printed(label[1], _annotation(claim), tuple(_chain(rest)) if place % 2 else ())


def _chain(text: str) -> Iterator[tuple[str, str]]:
    start = re.search(r'<div class="start">(.*?)</div>', text, re.DOTALL)
    if start:
        yield "", _annotation(start[1])
    for relation, side, _ in STEP.findall(text):
        yield html.unescape(relation), _annotation(side)


def _annotation(element: str) -> str:
    found = re.search(
        r'<annotation encoding="application/x-tex">(.*?)</annotation>', element, re.DOTALL
    )
    assert found
    return html.unescape(found[1])


def scope(derivation: Derivation) -> Scope:
    """The names of a derivation: its arrays and indices, nothing of its steps."""
    exprs = [derivation.start, *(s.after for s in derivation.steps)]
    exprs += [side for d in derivation.context.definitions for side in (d.head, d.body)]
    exprs += [side for f in derivation.context.facts for side in (f.left, f.right)]
    known = frozenset().union(*(arrays(e) for e in exprs))
    indices = {i.name: i.range for e in exprs for i in all_indices(e) if isinstance(i, Index)}
    return Scope(
        tuple(sorted((a for a in known if a.domain != "size"), key=lambda a: a.name)), indices
    )


def wrong_pairs(printed: Printed, derivation: Derivation) -> list[str]:
    """The adjacent lines, and the claim, that the prover does not prove from the printed text."""
    names = scope(derivation)
    made = [
        (relation, read_expression(plain(formula(text)), names)) for relation, text in printed.chain
    ]
    found = []
    for (_, before), (relation, after) in pairwise(made):
        if not holds(before, relation, after, derivation):
            found.append(f"{before} {relation} {after}")
    return found + _wrong_claim(printed, derivation, names)


def _wrong_claim(printed: Printed, derivation: Derivation, names: Scope) -> list[str]:
    sides = re.split(r" ([=>]) ", plain(formula(printed.claim)))
    whole = _sides(sides)
    left, right = (read_expression(s, names) for s in (whole[0], whole[2]))
    return [] if holds(left, whole[1], right, derivation) else [printed.claim]


def _sides(parts: list[str]) -> tuple[str, str, str]:
    """Cut at the relation outside all brackets."""
    for k in range(1, len(parts), 2):
        left = "".join(f" {p} " if n % 2 else p for n, p in enumerate(parts[:k]))
        if all(left.count(a) == left.count(b) for a, b in BRACKETS):
            right = "".join(f" {p} " if n % 2 else p for n, p in enumerate(parts[k + 1 :]))
            return left, parts[k], right
    raise AssertionError(f"no relation in {parts}")


def bare(printed: Printed) -> Printed:
    """What is said, in the words of formulas and without colours: it does not depend on the
    language or the format."""
    chain = tuple((relation, plain(formula(text))) for relation, text in printed.chain)
    return Printed(printed.label, plain(formula(printed.claim)), chain)


def strays(printed: Printed, derivation: Derivation) -> list[str]:
    """What `wrong_pairs` finds, with less work: where the text says just what the record says, up
    to the names of bound indices, the pair was proved when it entered the record."""
    names = scope(derivation)
    made = [canonical(read_expression(plain(formula(text)), names)) for _, text in printed.chain]
    record = [canonical(e) for e in (derivation.start, *(s.after for s in derivation.steps))]
    if made and made != record:
        return wrong_pairs(printed, derivation)
    left, relation, right = _sides(re.split(r" ([=>]) ", plain(formula(printed.claim))))
    ends = [canonical(read_expression(side, names)) for side in (left, right)]
    same = relation == "=" and ends == [record[0], record[-1]]
    return [] if same else _wrong_claim(printed, derivation, names)


def spoken(derivation: Derivation) -> list[str]:
    """The rules of the steps that notes show: all but one that takes away brackets round a single
    letter or function, which no reader sees."""
    lone = re.compile(r"(?<!\w)\((?:\w_\w|σ\(\w\))\)")
    return [
        s.rule
        for s in derivation.steps
        if s.rule != "remove-parentheses" or not lone.search(notation.text(s.before))
    ]


def miscoloured(printed: Printed) -> list[str]:
    """The lines of a chain whose coloured parts are not what the line before has not."""
    lines = [read(_worded(text)) for _, text in printed.chain]
    found = []
    for (before, after), (relation, text) in zip(pairwise(lines), printed.chain[1:], strict=True):
        wanted = changed(_bare(before), _bare(after))[1]
        if relation == "=" and _black_latex(after) != _black_latex(wanted):
            found.append(text)
    return found


def _black_latex(made: Row) -> str:
    """What is not coloured; brackets opened for a line to break inside lose their colour."""
    text, shorter = "", re.sub(r"\s|\\,", "", plain(uncoloured(made)))
    while text != shorter:
        text, shorter = shorter, re.sub(r"(?:\\left)?[(\[](?:\\right)?[)\]]", "", shorter)
    return text


def _bare(made: Row) -> Row:
    """The formula without colours, as it is when it was never coloured."""
    return read(plain(unmarked(made)))


def uneven(page: str) -> list[str]:
    """The steps of an HTML page whose two lines differ outside what they colour."""
    found = []
    for step in re.findall(r'<details class="step">.*?</details>', page, re.DOTALL):
        parts = r'<span class="side"[^>]*>|<span class="why"'
        relation, new, rest = re.split(parts, step, maxsplit=2)
        sides = [_uncoloured_text(part) for part in (rest.partition('class="before"')[2], new)]
        if "<mo>=</mo>" in relation and sides[0] != sides[1]:
            found.append(" | ".join(sides))
    return found


def _uncoloured_text(part: str) -> str:
    """The characters of the first formula that are not coloured."""
    shown = re.search(r"<math.*?</math>", part, re.DOTALL)
    assert shown
    tree = ElementTree.fromstring(shown[0].replace("&#xA0;", "\u00a0"))
    return re.sub(r"\((?:,?\w≠\w)+\)$", "", _black(tree).replace("\u2061", ""))


def _black(element: ElementTree.Element) -> str:
    """A plus that a row begins with only because what stood before it is coloured is left out."""
    if element.get("class") == "new" or element.tag == "annotation":
        return ""
    text = (element.text or "") + "".join(map(_black, element))
    return text.removeprefix("+") if len(element) else text


def holds(left: Expr, relation: str, right: Expr, derivation: Derivation) -> bool:
    """left = right by the prover; left > 0 as far as the derivation's own rule for it goes."""
    if relation == ">":
        ready = unfold(left, derivation.context)
        return right == 0 and positive(Step(ready), derivation.context, "") == 1
    return prove(left, right, derivation.context) is not None
