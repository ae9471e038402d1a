"""The notes as PDF: built by XeLaTeX in both languages without anything that a reader would see
go wrong."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from codegen.notes import book as notes
from codegen.notes import pictures, texbuild
from codegen.notes.document import numbers

pytestmark = pytest.mark.tex
LANGUAGES = ("en", "zh")
ROOT = Path(__file__).parent.parent


@cache
def built(name: str, lang: str, to: str = "pdf") -> tuple[bytes, str, str]:
    files = notes.files([name] if name else [], lang, to)
    return texbuild.compiled(files, "notes.tex" if to == "pdf" else f"{name}-slides.tex")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["chapter", ""], ids=["chapter", "everything"])
def test_nothing_goes_wrong(name: str, lang: str) -> None:
    pdf, log, _ = built(name, lang)
    assert pdf.startswith(b"%PDF")
    assert texbuild.problems(log) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_slides_are_built(lang: str) -> None:
    _, log, _ = built("chapter", lang, "slides")
    assert texbuild.problems(log) == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_numbers_of_tex_are_those_of_the_page(lang: str) -> None:
    _, _, aux = built("chapter", lang)
    known = {k: n for k, n in numbers(notes.documents(["chapter"], lang)).items() if n}
    counted = dict(re.findall(r"\\newlabel\{(lossmith:[^}]+)\}\{\{([^}]*)\}", aux))
    assert {label: counted[label] for label in known} == known


HOST = r"""\documentclass[OPTIONS]{CLASS}
\usepackage{amsmath,xcolor}
\pagestyle{plain}
SETTINGS
\begin{document}
INPUTS
See (\ref{lossmith:softmax:diagonal}) and (\ref{lossmith:cross_entropy:gradient}).
\end{document}
"""


LAYOUTS = {"page": ("", ""), "columns": ("twocolumn", ""),
           "72mm": ("", r"\setlength{\textwidth}{72mm}"),
           "65mm": ("", r"\setlength{\textwidth}{65mm}")}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_fragments_go_into_somebody_elses_document(lang: str, layout: str) -> None:
    """Each entry's, on a page of LaTeX's own width, in its columns and in narrower ones: amsmath
    and xcolor are all they need."""
    files = notes.texts([], lang, "tex")
    names = [n.removesuffix(".tex") for n in files if n not in ("chapter.tex", "notes.tex")]
    options, settings = LAYOUTS[layout]
    host = (
        HOST.replace("CLASS", "ctexart" if lang == "zh" else "article")
        .replace("OPTIONS", f"fontset=fandol,{options}" if lang == "zh" else options)
        .replace("SETTINGS", settings)
        .replace("INPUTS", "\n".join(rf"\input{{{n}}}" for n in names))
    )
    _, log, _ = texbuild.compiled({**files, "host.tex": host}, "host.tex")
    assert texbuild.problems(log) == []


PLANTED = {
    r"\hbox to 10pt{\hbox to 90pt{}}": "Overfull", r"\ref{nowhere}": "nowhere",
    "\u4e2d": "Missing character",
}  # fmt: skip


@pytest.mark.parametrize("text", PLANTED)
def test_planted_faults_are_seen(text: str) -> None:
    source = f"\\documentclass{{article}}\\begin{{document}}{text}\\end{{document}}\n"
    _, log, _ = texbuild.compiled({"planted.tex": source}, "planted.tex")
    assert any(PLANTED[text] in found for found in texbuild.problems(log))


def test_pictures_are_drawn_the_same_each_time_and_their_fonts_are_embedded() -> None:
    first = pictures.pdf("shift", "zh")
    pictures.pdf.cache_clear()
    assert pictures.pdf("shift", "zh") == first


def test_the_pdf_is_the_same_each_time(tmp_path: Path) -> None:
    files = notes.files(["exp"], "zh", "pdf")
    assert texbuild.compiled(files, "notes.tex")[0] == texbuild.compiled(files, "notes.tex")[0]


def test_regenerating_the_book_changes_nothing(tmp_path: Path) -> None:
    """Both languages, all formats but PDF, by two processes with sets in different orders."""
    seen = []
    for seed in ("1", "2"):
        run = [sys.executable, "-m", "lossmith", "notes", "--lang", "all", "--to", "all"]
        subprocess.run([*run, "--out", str(tmp_path)], check=True, capture_output=True,
                       cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed})  # fmt: skip
        seen.append({p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p.is_file()})
    assert seen[0] == seen[1] and len(seen[0]) > 12 * len(notes.names())
    assert max(p.stat().st_size for p in seen[0] if p.suffix == ".html") < 1_000_000


def test_write_gives_the_pdf_alone(tmp_path: Path) -> None:
    assert [p.name for p in notes.write(["exp"], "en", "pdf", tmp_path)] == ["notes.pdf"]
