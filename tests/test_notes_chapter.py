"""The chapter beside the two articles it covers, and what a teacher would mend."""

from __future__ import annotations

import json
import re

import pytest
from pages import LANGUAGES, page

from codegen.backends.latex import prose
from codegen.backends.notebook import executed
from codegen.backends.slides import CODE_LINES, pieces
from codegen.notes import book as notes
from codegen.notes import pictures
from codegen.notes.check_cells import program_cells
from codegen.notes.document import Listing, Paragraph
from codegen.notes.inline import Code, Ref, Span, Strong, Words, marked_up
from codegen.statements import grid_spec
from derive import catalog
from derive.reading.statements import read_statement

FIRST = (
    ("both-in-one-sentence", "goes together with **cross-entropy**", "用**交叉熵**作损失函数"),
    ("graph-of-exp", ":: picture exponential", ":: picture exponential"),
    ("nonnegative", "It is positive", "恒为正"),
    ("spread", "It spreads values apart", "拉大差距"),
    ("easy-derivative", "It is easy to differentiate", "求导方便"),
    ("overflow-and-remedy", "The remedy is to subtract", "解决办法是先减去得分中的最大值"),
    ("two-steps", "## Softmax and its two moves", "## softmax 的两步"),
    ("example", "$-3$, $1.5$ and $2.7$", "$-3$、$1.5$、$2.7$"),
    ("two-cases", "two cases to distinguish", "分两种情况讨论"),
    ("equal", ":: derivation softmax/diagonal", ":: derivation softmax/diagonal"),
    ("different", ":: derivation softmax/off-diagonal", ":: derivation softmax/off-diagonal"),
    ("final-form", ":: derivation softmax/cases", ":: derivation softmax/cases"),
    ("monotone-log", "The logarithm is increasing", "对数函数单调递增"),
    ("minus-sign", "put a minus sign in front", "再添一个负号"),
    ("softmax-loss", ":: derivation softmax_loss/form", ":: derivation softmax_loss/form"),
    ("one-hot", "**one-hot**", "**one-hot**"),
    ("second-class", "$y$ is $(0, 1, 0)$", "$y$ 为 $(0, 1, 0)$"),
    ("how-they-differ", "The difference lies in", "二者的区别在于"),
    ("chain-rule", "The chain rule gives a sum", "由链式法则得到对 $i$ 的求和"),
    ("gradient", ":: derivation cross_entropy/gradient", ":: derivation cross_entropy/gradient"),
    ("prediction-minus-target", "**prediction minus target**", "**预测值减去标签**"),
)
SECOND = (
    ("sigmoid", "A model that decides between two classes", "二分类问题只需要预测一个数"),
    ("clicks", "whether a visitor will click", "会不会被点击"),
    ("digits", "ten digits 0 to 9", "从 0 到 9 这十个数字"),
    ("last-layer", "VGG16", "VGG16"),
    ("small-example", ":: numbers softmax/small", ":: numbers softmax/small"),
    ("derivative-of-exp", ":: derivation exp/derivative", ":: derivation exp/derivative"),
    ("plain", ":: numbers plain_normalisation/plain", ":: numbers plain_normalisation/plain"),
    ("over-and-underflow", "**overflows**", "**上溢**"),
    ("20-300-5000", ":: numbers softmax/overflow", ":: numbers softmax/overflow"),
    ("warning", "overflow encountered in exp", "overflow encountered in exp"),
    ("shift", ":: derivation softmax/maximum", ":: derivation softmax/maximum"),
    ("special-case", "## Sigmoid, the special case", "## 二分类的特例"),
    ("numpy", ":: code softmax_naive numpy", ":: code softmax_naive numpy"),
)
"""What each article says, in the order in which the chapter says it: English, Chinese."""


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("article", [FIRST, SECOND], ids=["first", "second"])
def test_the_chapter_covers_an_article_in_order(article: tuple[tuple[str, ...], ...],
                                                lang: str) -> None:  # fmt: skip
    from derive.languages import language

    text = language(lang)["chapter"]["text"]
    words = [row[1 + LANGUAGES.index(lang)] for row in article]
    places = [text.find(w) for w in words]
    assert -1 not in places, words[places.index(-1)]
    assert places == sorted(places)


def names(spans: tuple[Span, ...]) -> set[str]:
    """The names in typewriter in some prose."""
    found = {s.text for s in spans if isinstance(s, Code)}
    return found.union(*(names(s.spans) for s in spans if isinstance(s, Strong)))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_name_that_the_prose_explains_is_in_a_program_that_is_shown(lang: str) -> None:
    (made,) = notes.documents(["chapter"], lang)
    programs = " ".join(b.text for b in made.blocks if isinstance(b, Listing))
    said = set().union(*(names(b.spans) for b in made.blocks if isinstance(b, Paragraph)))
    assert len(said) >= 4 and [n for n in said if n not in programs] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_figure_is_referred_to(lang: str) -> None:
    text = page("chapter", lang, "tex")
    figures = set(re.findall(r"lossmith:chapter:fig-\w+", text))
    assert len(figures) == len(pictures.PICTURES)
    assert {f for f in figures if rf"\ref{{{f}}}" in text} == figures


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_line_of_the_page_begins_with_punctuation(lang: str) -> None:
    text = page("chapter", lang, "html")
    loose = r"(?<!</span>)(?:</math>|</a>|</code>)[.,;:，。；：、](?!</span>)"
    body = re.sub(r"<(script|style|nav)\b.*?</\1>", "", text, flags=re.DOTALL)
    assert re.findall(loose, body) == []
    assert body.count('<span class="held">') > 20
    assert re.search(loose, re.sub(r'<span class="held">(.*?)</span>', r"\1", body))


def test_a_sentence_does_not_end_with_a_sign_on_a_line_of_its_own() -> None:
    assert prose(marked_up("They sum to 1."), "en") == "They sum to~1."
    assert prose(marked_up("in terms of $z_j$."), "en") == "in terms of~$z_j$."
    assert prose(marked_up("1 of $z_j$ and more."), "en") == "1 of $z_j$ and more."
    assert prose(marked_up("the scores $(2, 3, 5)$ too"), "en") == "the scores $(2, 3, 5)$ too"


def test_a_figure_and_its_number_stay_on_one_line() -> None:
    spans = (Words("(Figure "), Ref("lossmith:chapter:fig-bits"), Words(")."))
    assert prose(spans, "en") == r"(Figure~\ref{lossmith:chapter:fig-bits})."
    assert prose(spans, "en", {"lossmith:chapter:fig-bits": "6"}) == "(Figure~6)."


def test_a_sentence_and_the_derivation_it_leads_to_stand_on_one_page() -> None:
    """The place to end a page is before the sentence, and never behind a heading."""
    text = page("chapter", "en", "tex")
    assert r"\lossmithneed" + "\n" + r"\textbf{\boldmath Second case" in text
    assert not re.search(r"section\{.*\n+\\lossmithneed", text)


# Slides.


def frames(lang: str) -> list[str]:
    text = str(notes.texts(["chapter"], lang, "slides")["chapter-slides.tex"])
    return re.findall(r"\\begin\{frame\}.*?\\end\{frame\}", text, re.DOTALL)


@pytest.mark.parametrize("lang, word", [("en", "shifted by one number"), ("zh", "$p$ 不变")])
def test_a_remark_stands_on_a_frame_of_its_own_exercise(lang: str, word: str) -> None:
    (found,) = [f for f in frames(lang) if word in f]
    assert re.match(r"\\begin\{frame\}\{3\. ", found)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_programs_fit_their_frames_and_keep_their_words(lang: str) -> None:
    found = [f for f in frames(lang) if r"\begin{verbatim}" in f]
    assert len(found) > 5
    for frame in found:
        program = frame.partition(r"\begin{verbatim}")[2].partition(r"\end{verbatim}")[0]
        assert len(program.strip("\n").splitlines()) <= CODE_LINES
    assert sum(f.count("numpy as np") for f in found) == 1


def test_programs_are_cut_between_functions() -> None:
    rows = [*["f"] * 12, "", *["g"] * 12]
    assert list(pieces(rows, 0)) == [["f"] * 12, ["g"] * 12]
    assert [len(p) for p in pieces(["x"] * 40, 4)] == [CODE_LINES - 4, CODE_LINES, 6]


# Pictures without colour.


def grey(color: str) -> float:
    """How light a colour prints in black and white."""
    parts = (int(color[k : k + 2], 16) / 255 for k in (1, 3, 5))
    return sum(w * c for w, c in zip((0.299, 0.587, 0.114), parts, strict=True))


def test_pictures_need_no_colour() -> None:
    assert grey(pictures.PALE) - grey(pictures.BLUE) > 0.4
    assert grey(pictures.GREY) - grey(pictures.BLUE) < 0.4  # what the bars were before
    for name in ("margin", "bits"):
        drawn = pictures.svg(name, "en")
        lines = re.findall(
            r'style="fill: none; (stroke-dasharray[^"]*)?[^"]*stroke-width: 1.6', drawn
        )
        assert len(lines) == 2 and sum("stroke-dasharray" in line for line in lines) == 1


def test_the_words_of_a_picture_are_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    """The minus of TeX's symbol font is the letter ¡ in every other."""

    def foreign() -> list[str]:
        drawn = "".join(pictures.svg.__wrapped__(n, "en") for n in pictures.PICTURES)
        return re.findall("¡|'cm[a-z]+10'", drawn)

    assert foreign() == []
    monkeypatch.setitem(pictures.LETTERS, "svg", "cm")
    assert "¡" in foreign()


# Notebooks of entries, and of one's own loss.


OWN = r"L = -\sum_i (1-p_i)^\gamma y_i \log p_i"
P = r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}"


def printed(text: str) -> str:
    cells = json.loads(text)["cells"]
    return "".join("".join(o["text"]) for c in cells for o in c.get("outputs", ()))


def test_notebooks_of_entries_run_the_emitted_numpy() -> None:
    made = notes.texts(["huber", "focal", "layer_norm", "triplet"], "zh", "ipynb")
    for text in made.values():
        assert printed(str(text)).count("agrees with differences: True") == 1


def test_every_entry_has_a_notebook_that_checks_its_program() -> None:
    """Also those over several ranges; a function whose gradient is wrong does not agree."""
    for name, entry in catalog.entries().items():
        assert len(program_cells(entry)) == 2, name
    grids = [name for name in catalog.entries() if grid_spec(name) is not None]
    made = notes.texts(grids, "en", "ipynb")
    assert len(grids) == 8 == len(made)
    for text in made.values():
        assert printed(str(text)).count("agrees with differences: True") == 1


def test_a_wrong_gradient_does_not_agree() -> None:
    program, check = program_cells(catalog.entry("clip"))
    wrong = program.replace("- 2 * B)", "- B)")
    assert wrong != program
    (out,) = executed({"clip": [wrong + check]}).values()
    assert "agrees with differences: False" in out[0]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_loss_of_ones_own_comes_in_every_format(lang: str) -> None:
    statement = read_statement(OWN, [P], [r"\sum_i y_i = 1"], "z_j", "own")
    entry = notes.own(statement, "我的损失 50% <b>_x_</b>")
    for to in notes.FORMATS:
        made = {n: str(t) for n, t in notes.texts([entry], lang, to).items()}
        assert made and all("我的损失 50" in t for t in made.values())
        assert all("<b>" not in t for n, t in made.items() if n.endswith("html"))
    assert "agrees with differences: True" in printed(
        str(notes.texts([entry], lang, "ipynb")["own.ipynb"]))  # fmt: skip


def test_a_function_of_ones_own_has_partial_derivatives() -> None:
    entry = notes.own(read_statement(r"f_i = z_i \sigma(\beta z_i)", [], [], "z_j", "own"))
    text = str(notes.texts([entry], "en", "md")["own.md"])
    assert "## The partial derivatives of" in text and "## The gradient" not in text
