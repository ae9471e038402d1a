"""The files of the notes: the same each time, whole or not at all, and in order."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pages import LANGUAGES, page
from recheck import (
    from_markdown,
    wrong_pairs,
)

import lossmith
from codegen.backends import notebook
from codegen.compiling import emit
from codegen.errors import CodegenError
from codegen.notes import book as notes
from codegen.notes import chapter, excerpt
from derive.errors import DeriveError
from derive.reading.statements import read_statement
from derive.strategy import derive


@pytest.fixture(scope="module")
def emitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chapter as a teacher gets it; the book in both languages is in test_notes_tex.py, for
    Chinese pictures in PDF need a font."""
    out = tmp_path_factory.mktemp("notes")
    command(out, 1)
    return out


def command(out: Path, seed: int) -> None:
    """The command in a process of its own, where sets have an order of their own."""
    run = [sys.executable, "-m", "lossmith", "notes", "chapter", "--to", "all", "--out", str(out)]
    subprocess.run(run, check=True, capture_output=True, cwd=Path(__file__).parent.parent,
                   env={**os.environ, "PYTHONHASHSEED": str(seed)})  # fmt: skip


def stamps(out: Path) -> dict[str, tuple[int, int]]:
    """When each file was written, and which one it is: a new file in its place is seen too."""
    files = [p for p in out.rglob("*") if p.is_file()]
    return {str(p): (p.stat().st_mtime_ns, p.stat().st_ino) for p in files}


def test_regenerating_changes_nothing(emitted: Path) -> None:
    before = stamps(emitted)
    command(emitted, 2)
    assert stamps(emitted) == before and len(before) > 15
    wrong = emitted / "chapter.md"
    wrong.write_text("changed")
    notes.write(["chapter"], "en", "md", emitted)
    changed = [p for p, time in stamps(emitted).items() if before[p] != time]
    assert changed == [str(wrong)] and wrong.read_text(encoding="utf-8").startswith("# Softmax")


def test_a_rerun_that_writes_the_same_again_is_seen(
    emitted: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def rewritten(path: Path, content: notes.Content) -> Path:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    before = stamps(emitted)
    notes.write(["chapter"], "en", "md", emitted)
    assert stamps(emitted) == before
    monkeypatch.setattr(notes, "_put", rewritten)
    notes.write(["chapter"], "en", "md", emitted)
    changed = [p for p, stamp in stamps(emitted).items() if stamp != before[p]]
    assert len(changed) > 5 and set(stamps(emitted)) == set(before)


def test_what_a_text_shows_of_a_program_is_in_the_emitted_file() -> None:
    shown = excerpt.excerpt("cross_entropy", "numpy", "value_and_grad", set())
    whole = emit("cross_entropy", "numpy")["cross_entropy.py"]
    assert all(line in whole.splitlines() for line in shown.splitlines())
    row = excerpt.excerpt("cross_entropy", "c", "value_and_grad", set())
    assert row in emit("cross_entropy", "c")["cross_entropy.c"]


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
    with pytest.raises(CodegenError, match=r"cannot write /proc/nothing-here.*; name another"):
        notes.write(["exp"], "en", "html", "/proc/nothing-here")
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize(
    ("words", "said"),
    [(["focl", "--to", "html"], "did you mean focal"),
     (["exp", "--to", "pdf"], "PDF needs latexmk and xelatex: install TeX"),
     (["exp", "--out", "/proc/nothing-here"], "name another folder")],
)  # fmt: skip
def test_the_command_says_what_is_wrong_in_one_line(
    words: list[str], said: str, tmp_path: Path
) -> None:
    """No empty line before it, and its end after it; nothing is written."""
    command = [sys.executable, "-c", "import lossmith; lossmith.main()", "notes", *words]
    home = str(Path(lossmith.__file__).parent)
    environ = os.environ | {"PATH": str(tmp_path), "PYTHONPATH": home}
    run = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True)
    assert run.returncode == 2 and run.stdout == ""
    assert re.fullmatch(r"lossmith: [^\n]+\n", run.stderr) and said in run.stderr
    assert list(tmp_path.iterdir()) == []


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


def test_a_loss_of_ones_own_becomes_notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rest = ("--title", "My loss", "--lang", "all", "--to", "html,md", "--out", str(tmp_path))
    monkeypatch.setattr(sys, "argv", [*OWN, *rest])
    with pytest.raises(SystemExit) as left:
        lossmith.main()
    assert not left.value.code
    text = (tmp_path / "zh" / "own.md").read_text(encoding="utf-8")
    assert text.startswith("# My loss") and "已知 $`\\sum_{i=1}^n y_i = 1`$" in text
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
    made = json.loads((emitted / "chapter.ipynb").read_text(encoding="utf-8"))
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
