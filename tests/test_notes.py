"""Course notes in every format: pure, numbered alike, small, and proved again from what was
printed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from itertools import product
from pathlib import Path
from xml.etree import ElementTree

import pytest
from markdown_it import MarkdownIt
from recheck import (
    Printed,
    bare,
    from_html,
    from_markdown,
    from_tex,
    miscoloured,
    strays,
    uneven,
    wrong_pairs,
)

import lossmith
from codegen.backends import notebook
from codegen.compiling import emit
from codegen.errors import CodegenError
from codegen.notes import book as notes
from codegen.notes import chapter, excerpt
from codegen.notes.document import Formula, Picture, Steps, numbers
from codegen.notes.exercises import PARTS, solutions
from codegen.notes.vocabulary import fixed
from derive import catalog, languages
from derive.derivation import Derivation
from derive.errors import DeriveError
from derive.languages import language
from derive.reading.check import check
from derive.reading.layout import unlaid
from derive.reading.statements import read_statement
from derive.strategy import derive, lemmas

LANGUAGES = ("en", "zh")
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


@cache
def page(name: str, lang: str, to: str) -> str:
    text = notes.texts([name], lang, to)[f"{name}.{to}"]
    assert isinstance(text, str)
    return text


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
        steps = len(known[label].steps)
        if made.chain:
            assert len(made.chain) == steps + 1
        assert wrong_pairs(made, known[label]) == []


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
           (r"\left(1 - p_j\right)", r"\left(1 + p_j\right)")]  # fmt: skip


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


# Files.


@pytest.fixture(scope="module")
def emitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chapter and an entry as a teacher gets them; Chinese pictures in PDF need a font, so
    they are built in test_notes_tex.py."""
    out = tmp_path_factory.mktemp("notes")
    command(out, 1)
    return out


def command(out: Path, seed: int) -> None:
    """The command in a process of its own, where sets have an order of their own."""
    for lang, to in (("en", "all"), ("zh", "html,md,ipynb")):
        run = [sys.executable, "-m", "lossmith", "notes", "chapter", "softmax", "--lang", lang]
        subprocess.run(
            [*run, "--to", to, "--out", str(out / lang)], check=True, capture_output=True,
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
        )  # fmt: skip


def stamps(out: Path) -> dict[str, int]:
    return {str(p): p.stat().st_mtime_ns for p in out.rglob("*") if p.is_file()}


def test_regenerating_changes_nothing(emitted: Path) -> None:
    before = stamps(emitted)
    command(emitted, 2)
    assert stamps(emitted) == before and len(before) > 40
    wrong = emitted / "en" / "softmax.md"
    wrong.write_text("changed")
    notes.write(["chapter", "softmax"], "en", "md", emitted / "en")
    changed = [p for p, time in stamps(emitted).items() if before[p] != time]
    assert changed == [str(wrong)] and wrong.read_text(encoding="utf-8").startswith("# Softmax")


def test_without_a_chinese_font_the_remedy_is_named_and_pages_need_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from codegen.notes import pictures

    pictures.pdf.cache_clear()
    pictures.svg.cache_clear()
    monkeypatch.setattr(pictures, "_fonts", lambda look=False: {"DejaVu Sans"})
    with pytest.raises(CodegenError, match=r"Noto Sans CJK SC.*fonts-noto-cjk.*--to html"):
        notes.files(["chapter"], "zh", "tex")
    assert "平移前" in pictures.svg("shift", "zh")


def test_what_a_text_shows_of_a_program_is_in_the_emitted_file() -> None:
    shown = excerpt.excerpt("cross_entropy", "numpy", "value_and_grad", set())
    whole = emit("cross_entropy", "numpy")["cross_entropy.py"]
    assert all(line in whole.splitlines() for line in shown.splitlines())
    row = excerpt.excerpt("cross_entropy", "c", "value_and_grad", set())
    assert row in emit("cross_entropy", "c")["cross_entropy.c"]


def test_a_picture_is_drawn_the_same_each_time() -> None:
    from codegen.notes import pictures

    for draw in (pictures.svg, pictures.pdf):
        first = draw("bits", "en")
        draw.cache_clear()
        assert draw("bits", "en") == first


def test_bad_names_languages_and_formats_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match="softmax"):
        notes.write(["sofmax"], "en", "html", tmp_path)
    with pytest.raises(CodegenError, match='no language "fr" for notes: choose of en, zh'):
        notes.write(["exp"], "fr", "html", tmp_path)
    with pytest.raises(CodegenError, match='no format "docx"'):
        notes.write(["exp"], "en", "docx", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_refused_before_any_work(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path / "file", tmp_path / "file" / "deeper"):
        with pytest.raises(CodegenError, match=r"cannot write notes to .*file is a file"):
            notes.write(["chapter"], "en", "html", out)
    with pytest.raises(CodegenError, match="cannot write /proc/nothing-here"):
        notes.write(["exp"], "en", "html", "/proc/nothing-here")
    assert (tmp_path / "file").read_text() == "mine"


def test_what_fails_on_the_way_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise CodegenError("a cell of a notebook fails: planted")

    monkeypatch.setattr(notebook, "executed", broken)
    with pytest.raises(CodegenError, match="planted"):
        notes.write(["exp"], "en", "md,ipynb", tmp_path / "out")
    assert not (tmp_path / "out").exists()


OWN = (
    "lossmith", "notes", "--latex", r"L = -\sum_i (1-p_i)^\gamma y_i \log p_i",
    "--where", r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}", "--fact", r"\sum_i y_i = 1",
    "--wrt", "z_j",
)  # fmt: skip


def test_a_loss_of_ones_own_becomes_notes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest = ("--title", "My loss", "--lang", "all", "--to", "html,md", "--out", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [*OWN, *rest])
    with pytest.raises(SystemExit) as left:
        lossmith.main()
    assert not left.value.code
    text = (tmp_path / "zh" / "own.md").read_text(encoding="utf-8")
    assert text.startswith("# My loss") and "已知$`\\sum_{i=1}^n y_i = 1`$" in text
    gradient = next(p for p in from_markdown(text) if p.label == "lossmith-own-gradient")
    statement = read_statement(OWN[3], OWN[5], OWN[7], OWN[9], "own")
    assert wrong_pairs(gradient, derive(statement)) == []
    assert faults((tmp_path / "en" / "own.html").read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("extra", [("--title", "x"), ("--latex", "L = z_")])
def test_what_is_not_understood_of_a_loss_is_one_line(
    extra: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["lossmith", "notes", *extra])
    with pytest.raises(SystemExit, match="2"):
        lossmith.main()
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_pdf_without_tex_names_the_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(CodegenError, match=r"latexmk and xelatex.*texlive-lang-chinese"):
        notes.write(["exp"], "en", "pdf", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_pictures_without_matplotlib_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    from codegen.notes import pictures

    pictures.svg.cache_clear()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(CodegenError, match=r"lossmith\[plots\]"):
        pictures.svg("margin", "en")


# Pages and notebooks.


class Strict(HTMLParser):
    """Every element that is opened is closed in its order; nothing points outside."""

    VOID = {"meta", "input", "br", "link", "img"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.faults += [
            f"{tag} {k}={v}"
            for k, v in attrs
            if k in ("src", "href", "data") and re.match(r"\w+:|//", v or "")
        ]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")


def faults(text: str) -> list[str]:
    parser = Strict()
    parser.feed(re.sub(r"<(\w+)([^<>]*)/>", r"<\1\2></\1>", text))
    return parser.faults + parser.open


@pytest.mark.parametrize("name", (chapter.NAME, "softmax", "huber"))
def test_a_page_is_well_formed_self_contained_and_small(name: str) -> None:
    for lang in LANGUAGES:
        text = page(name, lang, "html")
        assert faults(text) == []
        assert len(text.encode()) < 1_000_000
        assert not re.search(r"@import|url\((?!#)|fetch\(|XMLHttp", text)


def test_a_planted_request_is_seen() -> None:
    assert faults('<p><a href="https://example.org">x</a></p>')
    assert faults("<p><b>x</p></b>")


def test_formulas_are_well_formed_mathml() -> None:
    text = page("chapter", "zh", "html")
    for element in re.findall(r"<math.*?</math>", text, re.DOTALL):
        tree = ElementTree.fromstring(element.replace("&#xA0;", "\u00a0"))
        for bad in tree.iter():
            arity = {
                "mfrac": 2,
                "msub": 2,
                "msup": 2,
                "msubsup": 3,
                "munder": 2,
                "munderover": 3,
                "mover": 2,
            }
            assert len(bad) == arity.get(bad.tag, len(bad))


def test_notebooks_are_executed_and_their_checks_agree(emitted: Path) -> None:
    made = json.loads((emitted / "en" / "chapter.ipynb").read_text(encoding="utf-8"))
    assert (made["nbformat"], made["nbformat_minor"]) == (4, 5)
    ids = [c["id"] for c in made["cells"]]
    assert len(ids) == len(set(ids))
    said = [
        "".join(o["text"]) for c in made["cells"] if c["cell_type"] == "code" for o in c["outputs"]
    ]
    assert [t.splitlines()[-1] for t in said] == [
        "[[0.659001 0.242433 0.098566]]",
        *["agrees with differences: True"] * 2,
    ]


def test_a_cell_that_fails_is_an_error() -> None:
    with pytest.raises(CodegenError, match="ZeroDivisionError"):
        notebook.executed({"bad": ["x = 1", "1 / 0"]})


def test_cells_have_their_own_output_and_notebooks_their_own_names() -> None:
    ran = notebook.executed(
        {"a": ["x = 1\nprint(x)", "print(x + 1)"], "b": ["print('x' in dir())"]}
    )
    assert ran == {"a": ["1\n", "2\n"], "b": ["False\n"]}


# A third language.


TOY = """\
[rules]
"quotient-rule" = "règle du quotient"

[words]
tag = "fr"
derivation = "Calcul"

[texts]
"Softmax" = "La fonction softmax"

[chapter]
text = '''
# Un chapitre

Voici $p_i$ :

:: derivation softmax/diagonal
'''
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of phrases with one more file in it."""
    for path in languages.FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "fr.toml").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    yield tmp_path
    for cached in (languages.language, fixed):
        cached.cache_clear()


def test_a_third_language_is_one_file(toy: Path) -> None:
    for to in notes.FORMATS:
        made = notes.texts(["chapter"], "fr", to)
        whole = "".join(map(str, made.values()))
        assert "Un chapitre" in whole and "règle du quotient" in whole
    assert "La fonction softmax" in str(notes.texts(["softmax"], "fr", "html"))
    assert '<html lang="fr">' in str(notes.texts(["softmax"], "fr", "html"))


def test_a_language_with_an_unknown_key_is_refused(toy: Path) -> None:
    (toy / "fr.toml").write_text('[rules]\n"quotient" = "x"\n', encoding="utf-8")
    with pytest.raises(DeriveError, match=r"fr.toml has \[rules\] quotient"):
        notes.texts(["softmax"], "fr", "html")


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
