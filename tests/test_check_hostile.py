"""Hostile documents: no crash, no hang, no other file, bounded time and memory for each formula."""

from __future__ import annotations

import os
import random
import time

import pytest

from codegen.backends.report import FORMATS, exit_status, render
from derive.errors import DeriveError
from derive.reading import limits
from derive.reading.check import check, check_file
from derive.reading.limits import Bounded
from derive.reading.shapes import MAX_SIDES
from derive.reading.verdicts import Finding, Question, judge

MEGABYTE = 1_000_000
HOSTILE = {
    "deep brackets": "$$" + "(" * 5000 + "x" + ")" * 5000 + " = 1$$\n",
    "deep fractions": "$$y = " + r"\frac{1}{" * 400 + "x" + "}" * 400 + "$$\n",
    "a megabyte on one line": "$$a = " + "x + " * (MEGABYTE // 4) + "x$$\n",
    "a megabyte of dollars": "$" * MEGABYTE + "\n",
    "a megabyte of begins": r"\begin{align}" * (MEGABYTE // 13) + "\n",
    "a megabyte of inline openings": r"\(" * (MEGABYTE // 2) + "\n",
    "a megabyte of braces": "$$" + "{" * MEGABYTE + "$$\n",
    "fences": "```\n" * 100_000,
    "exponent tower": "$$y = 9^{9^{9^{9^{9}}}}$$\n",
    "power of a sum": r"$$y = (a+b+c+d+e)^{4000}, \quad y = 2$$" + "\n",
    "many sums": "$$y = " + r"\sum_{i=1}^n \sum_{j=1}^n " * 25 + "z_i z_j = 0$$\n",
    "many definitions": "".join(rf"$a_{{{k}}} = a_{{{k + 1}}}^2$ " for k in range(60)) + "\n",
    "macros": r"\newcommand{\x}{\x\x} $$\x = \x$$" + "\n",
    "never closed": "$$\\begin{aligned} a &= b \\\\ \n",
}


def spent() -> float:
    """The seconds that this process and those it has ended have computed: what else the machine
    does is no fault of the reader."""
    return sum(os.times()[:4])


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_survived(name):
    start = spent()
    report = check(HOSTILE[name], explaining=False)
    assert spent() - start < 20
    assert not any(e.verdict == "proved" for e in report.equalities)


def test_the_rest_of_a_chain_that_is_too_long_is_shown_as_unread():
    made = check("$$" + " = ".join(1200 * ["a"]) + "$$\n", explaining=False).equalities
    assert [e.verdict for e in made][-2:] == ["proved", "unread"]
    assert len(made) == MAX_SIDES and str(MAX_SIDES) in made[-1].finding.reason


def test_other_files_are_never_read(tmp_path):
    (tmp_path / "secret.tex").write_text("$$1 = 2$$\n", encoding="utf-8")
    document = tmp_path / "a.tex"
    document.write_text(rf"\input{{{tmp_path}/secret}} \include{{secret}}" + "\n$1 = 1$\n")
    report = check_file(document)
    assert [e.verdict for e in report.equalities] == ["proved"]


def _forever(question: Question) -> Finding:
    while True:
        pass


def _greedy(question: Question) -> Finding:
    held = [bytearray(1 << 28) for _ in range(64)]
    return Finding("proved", reason=str(len(held)))


def _broken(question: Question) -> Finding:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("work", "said"), [(_forever, "seconds"), (_greedy, "memory"), (_broken, "ZeroDivision")]
)
def test_an_equality_is_stopped_at_its_limits_and_the_next_is_judged(work, said):
    one = check("$1 = 1$\n").equalities[0].question
    with Bounded(seconds=3 if work is _forever else 20, work=work) as bounded:
        start = time.monotonic()
        found = bounded(one)
        assert found.verdict == "not decided" and said in found.reason
        assert time.monotonic() - start < 30
        bounded.work = judge
        assert bounded(one).verdict == "proved"


def test_a_document_has_a_time_limit_as_well(monkeypatch):
    monkeypatch.setattr(limits, "SECONDS_PER_LINES", 0.0)
    assert [e.verdict for e in check("$1 = 1$\n").equalities] == ["not decided"]


TOKENS = [
    r"\frac", r"\sum", r"\partial", "{", "}", "(", ")", "_", "^", "z", "i", "j", "p", "=", "&=",
    r"\\", r"\begin{aligned}", r"\end{aligned}", "$$", "$", r"\[", r"\]", r"\left(", r"\right)",
    r"\log", "e", "1", "+", "-", ",", r"\text{if}", r"\begin{cases}", r"\end{cases}", "&", r"\quad",
    "\n", "\n\n", "# x\n", r"\delta_{ij}", r"\max", r"\sqrt", "|", r"\|", "^{", "_{", "当 i=j 时",
    "one-hot", r"\hat", r"\color{red}", r"\underbrace", r"\tag{1}", r"\stackrel{a}{=}", "'", " ",
]  # fmt: skip
WHOLE = r"""Let $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$ and $S = \sum_k e^{z_k}$. If $i = j$:
\begin{align} \frac{\partial p_i}{\partial z_j} &= \frac{e^{z_i}S - e^{z_i}e^{z_j}}{S^2} \\
&= \begin{cases} p_i(1-p_i) & i = j \\ -p_i p_j & i \neq j\end{cases} \tag{3} \end{align}
"""


def _random_text(rng: random.Random) -> str:
    kind = rng.randrange(4)
    if kind == 0:
        return "".join(rng.choice(TOKENS) for _ in range(rng.randrange(1, 120)))
    if kind == 1:
        return "$$" + " ".join(rng.choice(TOKENS) for _ in range(rng.randrange(1, 60))) + "$$"
    if kind == 2:
        return WHOLE[: rng.randrange(len(WHOLE))] + rng.choice(TOKENS)
    return bytes(rng.randrange(256) for _ in range(rng.randrange(1, 300))).decode("latin1")


@pytest.mark.parametrize("seed", range(6))
def test_random_documents_are_survived_in_every_format(seed):
    rng = random.Random(seed)
    for _ in range(25):
        name = rng.choice(["a.md", "a.tex"])
        report = check(_random_text(rng) + "\n", rng.choice(["en", "zh"]), name, explaining=False)
        assert all(render([report], form) is not None for form in FORMATS)


@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_and_broken_notebooks_are_refused_or_read(seed, tmp_path):
    rng = random.Random(seed)
    for ending in ("md", "tex", "ipynb"):
        file = tmp_path / f"a.{ending}"
        file.write_bytes(bytes(rng.randrange(256) for _ in range(2000)))
        assert exit_status([check_file(file)]) in (0, 2)
    file.write_text('{"cells": [{"cell_type": "markdown"}]}')
    assert exit_status([check_file(file)]) == 2


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_lines_count_alike_whatever_ends_them(end, tmp_path):
    (tmp_path / "a.md").write_bytes(f"Let $a = b$.{end}{end}Then $a = 2b$.{end}".encode())
    report = check_file(tmp_path / "a.md")
    assert [(e.line, e.verdict) for e in report.equalities] == [(3, "wrong")]
    assert "Then" in render([report], "text")


def test_a_document_that_is_too_long_is_refused():
    with pytest.raises(DeriveError, match="split it"):
        check("x\n" * 1_500_000)
