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

from sympy import Expr

from codegen.notes.formula import Row, unmarked
from codegen.notes.formula_latex import plain
from codegen.notes.formula_reader import read
from derive.derivation import Derivation
from derive.language import Index, Step
from derive.primitives import unfold
from derive.prover import prove
from derive.reading.reader import read_expression
from derive.reading.scope import Scope
from derive.tactics.collecting import positive
from derive.terms import all_indices, arrays

WORDS = (
    (r"\text{若}\,", r"\text{if }"),
    (r"\text{其他}", r"\text{otherwise}"),
    (r"\mathbf{1}", r"\mathbb{1}"),
)
CONDITION = re.compile(r" \\quad \((?:(?:, )?\w \\ne \w)+\)$")
STEP = (
    r'<span class="relation"><math><mo>(.*?)</mo></math></span>'
    r'<span class="side">(.*?)</span><span class="why"'
)
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
    for word, meant in WORDS:
        latex = latex.replace(word, meant)
    latex = CONDITION.sub("", latex)
    made = unmarked(read(latex))
    assert isinstance(made, Row)
    return made


def from_tex(text: str) -> Iterator[Printed]:
    """The derivations of a LaTeX fragment: numbered equation, then the aligned chain where there
    is one."""
    pieces = re.split(r"\\label\{(lossmith:[^}]+)\}\n", text)
    for label, piece in zip(pieces[1::2], pieces[2::2], strict=True):
        claim = piece.split(r"\end{equation}")[0]
        found = re.search(r"\\begin\{flalign\*\}\n(.*?)\n\\end\{flalign\*\}", piece, re.DOTALL)
        yield Printed(label, _joined(claim), tuple(_rows(found[1])) if found else ())


def _joined(claim: str) -> str:
    inner = re.sub(r"\\(?:begin|end)\{aligned\}", "", claim)
    return re.sub(r"\\\\\n&\\quad|^\s*&", "", inner, flags=re.MULTILINE).strip()


def _rows(body: str) -> Iterator[tuple[str, str]]:
    """Rows of the alignment; those that go on from the row above are put to it."""
    made: list[list[str]] = []
    for row in re.split(r" \\\\\*?\[0\.5ex\]\n", body):
        shown = re.sub(
            r" && \\lossmithwhy\{.*|\\qquad \\lossmithunder\{.*| &&$", "", row, flags=re.DOTALL
        )
        head, side = _split(shown)
        side = _sized(side.strip().removeprefix(r"\quad ").strip())
        if not side or side == "&":
            continue
        if side.startswith(r"\qquad"):
            made[-1][1] += " " + _sized(side.removeprefix(r"\qquad").strip())
        elif side[0] in RELATIONS:
            made += [["", head.strip()]] if head.strip() else []
            made.append([side[0], _sized(side[1:].strip())])
        else:
            made.append(["", side])
    return ((relation, text) for relation, text in made)


def _split(row: str) -> tuple[str, str]:
    """What stands left and right of the alignment: at the relation, or at the very start."""
    if row.startswith("&"):
        return "", row[1:]
    head, _, side = re.split(r"(&)(?=(?:\\quad )?[=>])", row.lstrip(), maxsplit=1)
    return head, side


def _sized(text: str) -> str:
    found = re.fullmatch(r"\\text\{\\[a-z]+\$\\displaystyle (.*)\$\}", text, re.DOTALL)
    return found[1] if found else text


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
        head, side = _split(re.sub(r" && \\text\{\d+\.\}$", "", row))
        if head.strip():
            yield "", head.strip()
        yield side[0], side[1:].strip()


def from_html(text: str) -> Iterator[Printed]:
    """The derivations of a page, from the annotations of its formulas."""
    for section in re.findall(r'<section class="derivation">.*?</section>', text, re.DOTALL):
        label = re.search(r'<div class="formula" id="([^"]+)"', section)
        assert label
        claim, _, rest = section[label.start() :].partition("</div>")  # facts stand ahead of it
        chain = []
        start = re.search(r'<div class="start">(.*?)</div>', rest, re.DOTALL)
        if start:
            chain.append(("", _annotation(start[1])))
        for step in re.findall(STEP, rest, re.DOTALL):
            chain.append((html.unescape(step[0]), _annotation(step[1])))
        yield Printed(label[1], _annotation(claim), tuple(chain))


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


def holds(left: Expr, relation: str, right: Expr, derivation: Derivation) -> bool:
    """left = right by the prover; left > 0 as far as the derivation's own rule for it goes."""
    if relation == ">":
        ready = unfold(left, derivation.context)
        return right == 0 and positive(Step(ready), derivation.context, "") == 1
    return prove(left, right, derivation.context) is not None
