"""Course notes in every format: pure, numbered alike, small, and proved again from what was
printed."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest
from markdown_it import MarkdownIt
from pages import LANGUAGES, page
from recheck import (
    Printed,
    bare,
    from_html,
    from_markdown,
    from_tex,
    miscoloured,
    spoken,
    strays,
    uneven,
    wrong_pairs,
)

from codegen.errors import CodegenError
from codegen.notes import book as notes
from codegen.notes import chapter
from codegen.notes.document import Formula, Picture, Steps, numbers
from codegen.notes.exercises import PARTS, solutions
from derive import catalog
from derive.derivation import Derivation
from derive.languages import language
from derive.reading.check import check
from derive.reading.layout import unlaid
from derive.strategy import lemmas

TEXTS = ("tex", "html", "md")
READERS = {"tex": from_tex, "md": from_markdown, "html": from_html}
SAMPLE = (
    "softmax",
    "cross_entropy",
    "binary_cross_entropy",
    "sigmoid_focal",
    "triplet",
    "soft_dice",
)


def derivations(name: str) -> dict[str, Derivation]:
    """The derivations of a document by the label they have in it."""
    if name != chapter.NAME:
        entry = catalog.entry(name)
        inserted = () if entry.parts else lemmas(entry.statement)  # a lesson brings its own
        return {
            f"lossmith:{name}:{'gradient' if d.name == name else d.name.rpartition('/')[2]}": d
            for d in (*inserted, *entry.derivations)
        }
    found = {f"lossmith:{name}:exercise-{n}": d for n, d in solutions().items()}
    for entry in catalog.entries().values():
        if entry.parts:
            found |= {f"lossmith:{name}:{d.name.replace('/', '-')}": d for d in entry.derivations}
    return found


def printed(name: str, lang: str, to: str) -> dict[str, Printed]:
    """What a page says of each derivation, by label."""
    known = derivations(name)
    plain = {label.replace(":", "-"): label for label in known}
    found = {plain.get(p.label, p.label): p for p in READERS[to](page(name, lang, to))}
    return {label: p for label, p in found.items() if label in known}


# Law 7: what is printed is read back, and proved.


@pytest.mark.parametrize("to", TEXTS)
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", (chapter.NAME, *SAMPLE))
def test_every_printed_line_is_proved_again(name: str, lang: str, to: str) -> None:
    known = derivations(name)
    for label, made in printed(name, lang, to).items():
        steps = len(spoken(known[label]))
        if made.chain:
            assert len(made.chain) == steps + 1
        assert wrong_pairs(made, known[label]) == []


@pytest.mark.parametrize("name", notes.names())
def test_chinese_stands_apart_from_formulas(name: str) -> None:
    """TeX puts a space there by itself, Markdown does not."""
    assert tight(str(page(name, "zh", "md"))) == []


def tight(text: str) -> list[str]:
    """A formula of GitHub's Markdown right beside a Chinese character."""
    return re.findall(r"[\u4e00-\u9fff]\$`[^`]*`|`\$[\u4e00-\u9fff]", text)


def test_a_formula_beside_chinese_is_seen() -> None:
    assert tight("这里$`x`$，") and tight("$`x`$的") and not tight("设 $`x`$，$`y`$ 为")


def test_letters_functions_and_zeros_are_explained() -> None:
    """σ and relu are defined where they are used, q before it is summed, and 0 has its reason."""
    assert r"\sigma(u) = \frac{1}{1 + e^{-u}}" in page("bce_positive_weight", "en", "md")
    assert r"\mathrm{relu}(x) = \max (x, 0)" in page("triplet", "en", "md")
    whole = page(chapter.NAME, "zh", "md")
    assert whole.index(r"q_i = \frac{z_i}") < whole.index(r"\sum_{i=1}^n q_i = 1")
    assert "$`q_i`$ 与 $`z_j`$ 无关" in page("distillation", "zh", "md")


@pytest.mark.parametrize("name", notes.names())
def test_every_page_says_what_was_proved(name: str) -> None:
    """All derivations, both languages, all texts: each line read back is the record's or proved
    anew, and its coloured parts are what changed."""
    known = derivations(name)
    read: set[Printed] = set()
    for lang, to in product(LANGUAGES, TEXTS):
        found = printed(name, lang, to)
        assert name == chapter.NAME or set(found) == set(known)
        for label, made in found.items():
            said = replace(bare(made), label=label)
            assert said in read or strays(said, known[label]) == []
            read.add(said)
            assert to == "html" or miscoloured(made) == []
        assert to != "html" or uneven(page(name, lang, to)) == []


@pytest.mark.parametrize("name", notes.names())
def test_numbers_and_labels_do_not_depend_on_the_language(name: str) -> None:
    english, chinese = (numbers(notes.documents([name], lang)) for lang in LANGUAGES)
    assert english == chinese
    assert all(label.startswith(f"lossmith:{name}:") for label in english)


PLANTED = [("p_j - y_j", "p_j + y_j"), (r"\sum_{i \ne j}", r"\sum_{i=1}^n"),
           (r"\frac{y_i}{p_i}", r"\frac{y_i}{p_j}"),
           ("(1 - p_j)", "(1 + p_j)")]  # fmt: skip


@pytest.mark.parametrize("old, new", PLANTED)
def test_an_error_planted_in_the_text_is_seen(old: str, new: str) -> None:
    known = derivations("cross_entropy")["lossmith:cross_entropy:gradient"]
    made = printed("cross_entropy", "en", "html")["lossmith:cross_entropy:gradient"]
    place = next(k for k, (_, text) in enumerate(made.chain) if old in text)
    relation, text = made.chain[place]
    wrong = (*made.chain[:place], (relation, text.replace(old, new)), *made.chain[place + 1 :])
    assert wrong_pairs(Printed(made.label, made.claim, wrong), known)


@pytest.mark.parametrize("old, new", PLANTED)
def test_strays_sees_what_wrong_pairs_sees(old: str, new: str) -> None:
    known = derivations("cross_entropy")["lossmith:cross_entropy:gradient"]
    made = printed("cross_entropy", "en", "md")["lossmith:cross_entropy:gradient"]
    chain = tuple((relation, text.replace(old, new)) for relation, text in made.chain)
    assert strays(Printed(made.label, made.claim, chain), known)
    assert strays(Printed(made.label, made.claim.replace("- y", "+ y"), made.chain), known)


def test_planted_colours_are_seen() -> None:
    made = printed("softmax", "en", "tex")["lossmith:softmax:diagonal"]
    bare = tuple((r, re.sub(r"\\color\{\w+\}", "", text)) for r, text in made.chain)
    assert len(miscoloured(Printed(made.label, made.claim, bare))) > 3
    text = page("softmax", "zh", "html")
    assert uneven(text.replace('class="new"', 'class="old"', 5))


def test_a_planted_claim_is_seen() -> None:
    known = derivations("softmax")["lossmith:softmax:diagonal"]
    made = printed("softmax", "en", "tex")["lossmith:softmax:diagonal"]
    assert wrong_pairs(Printed(made.label, made.claim.replace("1 -", "2 -"), made.chain), known)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_checker_reads_a_fragment_as_it_is_printed(lang: str) -> None:
    """Its layout is painted over, so every place stays a place in the file; a planted error is
    found wrong."""
    text = page("softmax", lang, "tex")
    painted = unlaid(text)
    assert [len(line) for line in painted.splitlines()] == [len(x) for x in text.splitlines()]
    assert unlaid("no layout of ours") == "no layout of ours"
    verdicts = [e.verdict for e in check(text, name="softmax.tex").equalities]
    assert verdicts.count("proved") > 30 and set(verdicts) <= {"proved", "conditional"}
    if lang == "en":
        wrong = text.replace(r"\delta_{ij} - p_j", r"\delta_{ij} + p_j")
        assert "wrong" in [e.verdict for e in check(wrong, name="softmax.tex").equalities]


# Numbers, labels and references.


@pytest.mark.parametrize("lang", LANGUAGES)
def test_numbers_are_the_same_in_all_formats(lang: str) -> None:
    (made,) = notes.documents([chapter.NAME], lang)
    wanted = {b.label: b.number for b in made.blocks if isinstance(b, (Formula, Steps)) and b.label}
    tex = re.findall(r"\\begin\{equation\}\\label\{([^}]+)\}", page("chapter", lang, "tex"))
    assert {label: str(place) for place, label in enumerate(tex, 1)} == wanted
    web = re.findall(
        r'<div class="formula" id="([^"]+)".*?<span class="number">\((.*?)\)</span>',
        page("chapter", lang, "html"),
    )
    assert dict(web) == wanted
    files = notes.texts(["chapter"], lang, "md")
    github = re.findall(
        r'<a id="([^"]+)"></a>\n\n```math\n.*?\\tag\{(.*?)\}', str(files["chapter.md"]), re.DOTALL
    )
    myst = re.findall(r"^:label: (\S+)$", str(files["chapter.myst.md"]), re.MULTILINE)
    counted = {label: str(place) for place, label in enumerate(myst, 1)}
    assert dict(github) == counted == {label.replace(":", "-"): n for label, n in wanted.items()}
    slides = str(notes.texts(["chapter"], lang, "slides")["chapter-slides.tex"])
    assert re.findall(r"\\tag\{(.*?)\}", slides) == list(wanted.values())


def test_a_label_that_occurs_twice_is_refused() -> None:
    (made,) = notes.documents(["exp"], "en")
    with pytest.raises(CodegenError, match="occurs twice"):
        numbers([made, made])


def test_documents_of_one_book_have_numbers_of_their_own() -> None:
    made = numbers(notes.documents(["exp", "softmax"], "en"))
    shown = [n for n in made.values() if n]
    assert len(shown) == len(set(shown)) and {n.partition(".")[0] for n in shown} == {"1", "2"}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_link_of_a_page_has_its_target(lang: str) -> None:
    text = page("chapter", lang, "html")
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', text)) <= set(ids)


def write_chapter(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A chapter with this text in the place of ours."""
    monkeypatch.setattr(chapter, "language", lambda _: {"chapter": {"text": text}})


def test_a_reference_to_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    write_chapter("# T\n\nSee {ref:softmax/nothing}.\n", monkeypatch)
    with pytest.raises(CodegenError, match="softmax-nothing"):
        notes.documents(["chapter"], "en")


BAD_SLOTS = {
    ":: derivation softmax/nothing": "has no such derivation",
    ":: derivation softmax/article": "is a table",
    ":: code softmax numpy nothing": "no function nothing", ":: dance": "unknown slot",
    ":: meaning exp": "primitive",
    "The value is {value:softmax/diagonal:1:2}.": "is a derivation",
    "The value is {value:softmax/article:1}.": "is how it is written",
}  # fmt: skip


@pytest.mark.parametrize("slot", BAD_SLOTS)
def test_a_slot_that_asks_for_what_is_not_there_is_refused(
    slot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_chapter(f"# T\n\n{slot}\n", monkeypatch)
    with pytest.raises(CodegenError, match=BAD_SLOTS[slot]):
        notes.documents(["chapter"], "en")


# The chapter itself.


ORDER = (
    "sigmoid-meaning", "exp-positive", "softmax-statement", "softmax-diagonal",
    "softmax-off-diagonal", "softmax-cases", "softmax_loss-statement", "cross_entropy-statement",
    "cross_entropy-gradient", "softmax-shift", "sigmoid-two-classes",
    "binary_cross_entropy-two-classes", "exercise-odds",
)  # fmt: skip


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_chapter_covers_the_subject_in_order(lang: str) -> None:
    made = chapter.chapter(lang)
    labels = [getattr(b, "label", "") for b in made.blocks]
    places = [labels.index(f"lossmith:chapter:{name}") for name in ORDER]
    assert places == sorted(places)
    drawn = [b.name for b in made.blocks if isinstance(b, Picture)]
    assert drawn == ["exponential", "normalisation", "jacobian", "margin", "shift", "bits"]


def test_both_languages_have_the_same_blocks() -> None:
    made = [chapter.chapter(lang).blocks for lang in LANGUAGES]
    formal = [[(type(b), b.label) for b in blocks if hasattr(b, "label")] for blocks in made]
    assert formal[0] == formal[1]


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "number", ["0.0026", "0.2309", "0.7666", "0.04201007", "0.11419520", "0.84379473", "22026.47"]
)
def test_worked_numbers_are_in_the_chapter(lang: str, number: str) -> None:
    assert number in page("chapter", lang, "html")


def test_every_exercise_has_its_solution() -> None:
    assert set(solutions()) == {part.name for part in PARTS}
    text = language("zh")["chapter"]["text"]
    asked = re.findall(r"^:: exercise (\S+)", text, re.MULTILINE)
    assert asked == re.findall(r"^:: solution (\S+)", text, re.MULTILINE)
    assert set(asked) == set(solutions()) | {"numbers"}


def test_chinese_is_set_in_full_width_punctuation() -> None:
    text = re.sub(
        r"<(style|script|math|pre|svg)\b.*?</\1>",
        "",
        page("chapter", "zh", "html"),
        flags=re.DOTALL,
    )
    words = re.sub(r"<[^>]+>", "", text)
    assert re.findall(r"[\u4e00-\u9fff] ?[,;:?](?!\w)", words) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_emphasis_of_markdown_is_one(lang: str) -> None:
    shown = MarkdownIt().render(page("chapter", lang, "md"))
    assert "**" not in shown and shown.count("<strong>") > 10
    assert "**" in MarkdownIt().render("**甲。**乙")
