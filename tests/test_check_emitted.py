"""What the notes print is read back and proved again (law 7); planted faults are found."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.check_mutants import measure
from benchmarks.page import steps
from benchmarks.read_back import equalities, stated
from codegen.backends.latex_chain import BREAK, CUT, INNER
from codegen.notes import book as notes
from derive.reading.check import check
from derive.reading.layout import unlaid

READ_BACK = ["softmax", "softmax_loss", "log_softmax", "sigmoid", "focal", "kl_forward", "mse"]


@pytest.mark.parametrize("command", [a.latex for a in (BREAK, INNER, CUT)])
def test_commands_that_let_a_line_break_are_painted_over(command):
    text = rf"\lossmithformula{{a {command} + b}}"
    assert command in text and "\\" not in unlaid(text)
    assert len(unlaid(text)) == len(text)


@pytest.mark.parametrize("torn", [r"\lossmithformula{a \lossmithfit{b", r"\lossmithformula{",
                                  r"\lossmithformula{a} \lossmithstep{=}{b}{"])  # fmt: skip
def test_a_torn_fragment_of_ours_is_survived(torn):
    assert len(unlaid(torn)) == len(torn)
    check(f"$a = {torn}$", name="a.tex", explaining=False)


def test_what_is_set_smaller_reads_as_it_stands():
    text = r"\lossmithformula{a \lossmithfit{\sum_k b_k} c_k}"
    assert unlaid(text).split() == [r"a", r"\sum_k", r"b_k", r"c_k"]


@pytest.mark.long
@pytest.mark.parametrize("form", ["md", "tex"])
@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", READ_BACK)
def test_emitted_notes_are_proved_again(name, lang, form):
    text = notes.files((name,), lang, form)[f"{name}.{form}"]
    made = check(text, lang, f"{name}.{form}", explaining=False).equalities
    assert len(made) > 3
    assert {e.verdict for e in made} <= {"proved", "conditional"}


def test_no_step_of_a_page_falls_out_in_silence():
    page = notes.files(("softmax",), "en", "html")["softmax.html"]
    first = page[page.index('<div class="start">') :].partition("</div></details></section>")[0]
    assert len(steps(first)) == first.count('class="step"') > 1
    with pytest.raises(AssertionError):
        steps(first.replace('class="side"', 'class="side" hidden', 1).replace("</summary>", "", 1))


@pytest.mark.long
@pytest.mark.parametrize("name", ["focal", "softmax_loss"])
def test_an_emitted_page_is_proved_again(name):
    made = equalities(notes.files((name,), "en", "html")[f"{name}.html"], "en", "html")
    assert len(made) > 3 and all(stated(e) for _, e in made)


@pytest.mark.long
def test_planted_faults_are_found():
    rows = list(measure(range(0, 240, 8), 2, ("en", "zh")))
    counts = Counter(said for _, said, _ in rows)
    missed = [m for _, said, m in rows if said.startswith("missed")]
    unequal = sum(n for what, n in counts.items() if not what.startswith("equal"))
    assert unequal > 15 and counts["found"] >= 0.97 * unequal, [m.text for m in missed]
    assert not counts["equal: false alarm"]
