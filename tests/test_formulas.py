"""Formulas of the notes: read, printed, coloured where they changed, broken where they are wide."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from random_expressions import random_expression

from codegen.backends.mathml import mathml
from codegen.errors import CodegenError
from codegen.notes.difference import changed, uncoloured
from codegen.notes.formula import Atom, Mark, Node, Row, unmarked
from codegen.notes.formula_latex import Latex, plain, width
from codegen.notes.formula_reader import read
from codegen.notes.inline import Math
from codegen.notes.inline import plain as sentence
from codegen.notes.linebreak import lines
from codegen.notes.typeset import shown
from derive import catalog, notation
from derive.language import Array, At, Step
from derive.languages import languages, phrases

LESSONS = [e for e in catalog.entries().values() if e.parts]
PAIRS = [
    (before, after)
    for e in LESSONS
    for d in e.derivations
    for before, after in pairwise((d.start, *(s.after for s in d.steps)))
]


def colours(made: Row) -> list[str]:
    """The coloured parts, in order."""
    return [plain(m.inner) for m in marks(made)]


def marks(node: Node) -> list[Mark]:
    if isinstance(node, Mark):
        return [node]
    parts = [v for v in vars(node).values() if not isinstance(v, (str, bool, type(None)))]
    flat = [x for part in parts for x in (part if isinstance(part, tuple) else (part,))]
    opened = [x for item in flat for x in (item if isinstance(item, tuple) else (item,))]
    return [m for x in opened for m in marks(x)]


@pytest.mark.parametrize("seed", range(300))
def test_what_the_notation_prints_is_read_and_printed_alike(seed: int) -> None:
    expr = random_expression(seed)
    if expr is None:  # the seed makes no expression that means something
        return
    latex = notation.latex(expr)
    made = read(latex)
    assert read(plain(made)) == made
    assert bare(Latex().show(made)) == bare(latex)


def bare(latex: str) -> str:
    """Without blanks, the size of brackets, and braces round a single symbol of a script."""
    spaceless = re.sub(r" |\\,|\\(?:left|right)(?=[()\[\]])", "", latex)
    return re.sub(r"([_^])\{(\w)\}", r"\1\2", spaceless)


@pytest.mark.parametrize(
    "latex", [r"\int x", r"a \& b", r"\frac{a}", "x_", r"\left( a", "{a", r"a \\ b", "a $ b"]
)
def test_what_is_not_ours_is_refused(latex: str) -> None:
    with pytest.raises(CodegenError, match="the notes know no such thing"):
        read(latex)


@pytest.mark.parametrize("pair", PAIRS, ids=range(len(PAIRS)))
def test_the_coloured_parts_are_the_difference(pair: tuple[object, object]) -> None:
    old, new = (shown(e) for e in pair)  # type: ignore[arg-type]
    before, after = changed(old, new)
    assert unmarked(before) == old and unmarked(after) == new
    assert uncoloured(before) == uncoloured(after)
    assert marks(before) or marks(after)


COLOURED = {
    (r"p_i - p_i p_j", r"p_i \left(1 - p_j\right)"): (
        ["p_i", "- p_i p_j"], [r"p_i \left(1 - p_j\right)"]),
    (r"\frac{a}{b} + c", r"\frac{d}{b} + c"): (["a"], ["d"]),
    (r"a + b", "b"): (["a"], []),
    (r"e^{z_i + c}", r"e^{z_i}"): (["+ c"], []),
    (r"\sum_{k=1}^n z_k", r"\sum_{k=1}^n y_k"): (["z_k"], ["y_k"]),
    (r"z_i", "z_j"): (["z_i"], ["z_j"]),
    (r"x \left(a + b\right)", r"x \left(a + c\right)"): (["b"], ["c"]),
    ("- y_j", "y_j"): (["-"], []),
}  # fmt: skip


@pytest.mark.parametrize("pair", COLOURED)
def test_the_smallest_parts_are_coloured(pair: tuple[str, str]) -> None:
    made = changed(read(pair[0]), read(pair[1]))
    assert tuple(map(colours, made)) == tuple(
        [plain(read(c)) for c in side] for side in COLOURED[pair]
    )


TYPESET = {
    r"p_i \left(1 - p_i\right)": "p_i(1 - p_i)",
    r"\left(\frac{a}{b}\right)": r"\left(\frac{a}{b}\right)",
    r"\left|z_k\right|": r"\left|z_k\right|",
    r"\frac{a}{b} \frac{c}{d}": r"\frac{a}{b} \, \frac{c}{d}",
}


@pytest.mark.parametrize("latex", TYPESET)
def test_brackets_grow_round_what_is_tall_and_fractions_stand_apart(latex: str) -> None:
    """Brackets that may grow have a space around them, which p_i(1 - p_i) has not."""
    assert plain(read(latex)) == TYPESET[latex]


def test_coloured_fractions_stand_apart_too() -> None:
    _, after = changed(read(r"x \frac{c}{d}"), read(r"\frac{a}{b} \frac{c}{d}"))
    assert r"}} \, \frac{c}{d}" in Latex("red").show(after)
    assert mathml(after).count("<mspace") == 1


def test_nothing_at_all_is_drawn_as_an_empty_row() -> None:
    assert "<mrow></mrow>" in mathml(Row(()))


def test_a_number_before_an_indicator_is_no_number_of_two_digits() -> None:
    x = At(Array("x"))
    assert notation.latex(2 * Step(x)) == r"2 \cdot \mathbb{1}\left[x > 0\right]"


def test_a_planted_colour_is_seen() -> None:
    before, after = changed(read("a + b"), read("a + c"))
    wider = Row((Mark(Row(after.items)),))
    assert uncoloured(before) == uncoloured(after)
    assert uncoloured(before) != uncoloured(wider)


@pytest.mark.parametrize("pair", PAIRS[:60], ids=range(60))
def test_coloured_latex_reads_back_as_coloured(pair: tuple[object, object]) -> None:
    _, after = changed(*(shown(e) for e in pair))  # type: ignore[arg-type]
    text = Latex("red").show(after)
    assert unmarked(read(text)) == unmarked(after)
    assert len(marks(after)) <= len(marks(read(text))) <= 2 * len(marks(after))


WIDE = [shown(d.start) for e in LESSONS for d in e.derivations] + [
    shown(s.after)
    for name in ("cross_entropy", "binary_cross_entropy")
    for d in catalog.entry(name).derivations
    for s in d.steps
]


@pytest.mark.parametrize("most", [6.0, 12.0, 24.0])
def test_lines_together_are_the_formula(most: float) -> None:
    for made in WIDE:
        pieces = lines(made, most)
        assert read(" ".join(Latex().show(p) for p in pieces)) == made
        if width(made) <= most:
            assert len(pieces) == 1


def test_lines_break_inside_a_wide_bracket() -> None:
    made = read(r"x \left(" + " + ".join(["a b c d"] * 8) + r"\right)")
    pieces = lines(made, 12)
    assert len(pieces) > 2 and max(width(p) for p in pieces) <= 12
    assert read(" ".join(Latex().show(p) for p in pieces)) == made


SENTENCES = {
    "the derivative of log u is 1/u times the derivative of u": [r"\log u", "1/u", "u"],
    "σ′ = σ(1 − σ)": [r"\sigma ' = \sigma (1 - \sigma )"],
    "tanh′ = 1 − tanh²": [r"\tanh' = 1 - \tanh^2"],
    "a constant factor stays": [],
    "the one-hot target (2, 3, 5)": [],
    "当 i ≠ j 时的偏导数": [r"i \ne  j"],
    "Without Σy = 1 the sum stays": [r"\sum y = 1"],
    "about 1.8·10^308": [r"1.8\cdot 10^{308}"],
    "I take a look": [],
    "règle de dérivation à écrire": [],
}


@pytest.mark.parametrize("text", SENTENCES)
def test_formulas_in_plain_sentences(text: str) -> None:
    assert [s.latex for s in sentence(text) if isinstance(s, Math)] == SENTENCES[text]


@pytest.mark.parametrize("lang", languages())
def test_every_phrase_can_be_printed(lang: str) -> None:
    assert all(sentence(said) for said in phrases(lang).values())


def test_a_coloured_sum_keeps_its_space_behind_a_place_where_the_line_may_break() -> None:
    first, *rest = read(r"\frac{1}{2} \sum_k p_k").items
    for kind, space in (("break", r"\, "), ("space", "")):
        row = Row((first, Atom(kind, r"\cut"), Mark(Row((rest[0],))), *rest[1:]))
        assert f"\\cut {space}{{\\color{{c}}{{\\sum_k" in Latex("c").show(row)
