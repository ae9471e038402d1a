"""Documents glued together to one long note, whose sections give one letter many meanings: no line
becomes wrong that is right in its own document, and none proved that is wrong there."""

from __future__ import annotations

import random
import re
from functools import lru_cache

import pytest

from derive.reading import limits
from derive.reading.check import check
from tests.check_written import DOCUMENTS
from tests.test_check_kept import KEPT

BREAKS = [f"\n\n{b}\n\n" for b in ("---", "## Example {}", "例 {}", "\\section{{Problem {}}}")]
PLANTED = re.compile(r"^<!-- (?:fault|open): .*$", re.MULTILINE)
PARTS = {n: (PLANTED.sub("", t), []) for n, t in KEPT.items() if n.endswith(".md")}
PARTS |= {n: (t, wrong) for n, (_, t, wrong, _) in DOCUMENTS.items()}


@pytest.fixture(autouse=True)
def _time_enough(monkeypatch):
    """What a line is does not depend on the machine."""
    monkeypatch.setattr(limits, "SECONDS_PER_LINES", 90.0)


@lru_cache
def faulty(name: str) -> frozenset[int]:
    """The lines that are wrong in their own document, and those that make up for them there."""
    text, wrong = PARTS[name]
    made = check(text, name="note.md", explaining=False).equalities if wrong else ()
    return frozenset([*wrong, *(e.line for e in made if e.verdict == "compensated")])


def glued(seed: int, count: int) -> tuple[str, set[int]]:
    """A long note, and the lines that are wrong in their own documents."""
    rng, text, wrong = random.Random(seed), "", set[int]()
    for k, name in enumerate(rng.sample(sorted(PARTS), count), 1):
        text += BREAKS[seed % len(BREAKS)].format(k)
        wrong |= {text.count("\n") + line for line in faulty(name)}
        text += PARTS[name][0]
    return text, wrong


def assert_as_by_themselves(seed: int, count: int) -> None:
    text, wrong = glued(seed, count)
    made = check(text, name="note.md", explaining=False).equalities
    assert {e.line for e in made if e.verdict in ("wrong", "compensated")} <= wrong
    for line in wrong:
        assert {e.verdict for e in made if e.line == line} != {"proved"}
    assert sum(e.verdict in ("proved", "conditional") for e in made) > len(made) / 2


@pytest.mark.parametrize("seed", range(2))
def test_a_note_made_of_a_few_documents(seed):
    assert_as_by_themselves(seed, 6)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(2, 14))
def test_a_note_made_of_many_documents(seed):
    assert_as_by_themselves(seed, 16)


def test_a_second_meaning_under_another_heading_is_no_mistake():
    text = (
        "## A\n\nLet $J = \\sum_i p_i^2$. Then $\\frac{\\partial J}{\\partial p_i} = 2p_i$.\n\n"
        "## B\n\n$$J = -\\sum_i p_i^2$$\n\nThen $\\frac{\\partial J}{\\partial p_i} = %sp_i$.\n"
    )
    verdicts = [e.verdict for e in check(text % "-2", name="a.md", explaining=False).equalities]
    assert "wrong" not in verdicts and verdicts[-1] == "proved"
    assert check(text % "-3", name="a.md", explaining=False).equalities[-1].verdict == "wrong"


@pytest.mark.parametrize("said", [
    "Let $J$ now be", "From here on", "Redefine", "Henceforth", "Now let", "现在令", "重新定义",
])  # fmt: skip
def test_words_that_plainly_start_anew_give_a_letter_a_new_meaning(said):
    text = (
        "Let $J = \\sum_i p_i$. Then $\\frac{\\partial J}{\\partial p_i} = 1$.\n\n"
        "%s $J = -\\sum_i p_i$. Then $\\frac{\\partial J}{\\partial p_i} = %s$.\n"
    )
    good = check(text % (said, "-1"), name="a.md", explaining=False).equalities
    assert [e.verdict for e in good] == ["proved", "proved"]
    bad = check(text % (said, "1"), name="a.md", explaining=False).equalities
    assert [e.verdict for e in bad] == ["proved", "wrong"]


@pytest.mark.parametrize(("heading", "line", "right"), [
    ("Sums", r"\sum_i p_i = 2", r"\sum_i p_i = 1"),
    ("Summary", r"L = \sum_i y_i \log p_i", r"L = -\sum_i y_i \log p_i"),
    ("小结", r"L = \sum_i y_i \log p_i", r"L = -\sum_i y_i \log p_i"),
])  # fmt: skip
def test_a_line_that_contradicts_an_earlier_section_of_its_problem_is_wrong(heading, line, right):
    note = (
        "# Softmax\n\n$$p_i = \\frac{e^{z_i}}{\\sum_k e^{z_k}}$$\n\n# Loss\n\n"
        "With $\\sum_i y_i = 1$ the loss is\n\n$$L = -\\sum_i y_i \\log p_i$$\n\n"
        f"# {heading}\n\n$$%s$$\n"
    )
    bad = check(note % line, name="a.md", explaining=False).equalities
    assert [e.verdict for e in bad] == ["wrong"]
    good = check(note % right, name="a.md", explaining=False).equalities
    assert "wrong" not in [e.verdict for e in good]
