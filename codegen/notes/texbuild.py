"""From TeX sources to PDF, by latexmk and XeLaTeX where they are installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from codegen.errors import CodegenError

Content = str | bytes
PACKAGES = (
    "texlive-xetex texlive-latex-extra texlive-lang-chinese texlive-fonts-recommended latexmk"
)
PROBLEMS = re.compile(
    r"^(?:Overfull .*|! .*|LaTeX Warning: (?:Reference|Citation|Label|There were).*"
    r"|Missing character.*)$",
    re.MULTILINE,
)
MINUTES = 10


def missing() -> list[str]:
    """The programs of TeX that are not there."""
    return [p for p in ("latexmk", "xelatex") if shutil.which(p) is None]


def require_tex(to: str) -> None:
    """Refuse "pdf" where TeX is not installed, before anything is computed."""
    lost = missing()
    if to == "pdf" and lost:
        raise CodegenError(
            f"PDF needs {' and '.join(lost)}: install TeX "
            f"(Debian: apt-get install {PACKAGES}), or take --to tex or html"
        )


def built(files: Mapping[str, Content], to: str) -> dict[str, Content]:
    """The files, with the PDF of each whole document: for "pdf" alone, for slides beside them."""
    require_tex(to)
    if to not in ("pdf", "slides") or missing():
        return dict(files)
    sources = [
        n
        for n, c in files.items()
        if n.endswith(".tex") and isinstance(c, str) and r"\documentclass" in c
    ]
    made: dict[str, Content] = dict(files) if to == "slides" else {}
    for name in sources:
        made[name.replace(".tex", ".pdf")] = compiled(files, name)[0]
    return made


def compiled(files: Mapping[str, Content], name: str) -> tuple[bytes, str, str]:
    """The PDF of one source, TeX's log and its .aux file."""
    with tempfile.TemporaryDirectory(prefix="lossmith-tex-") as place:
        folder = Path(place)
        for path, content in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
        ran = _latexmk(folder, name)
        stem = folder / name.removesuffix(".tex")
        log = stem.with_suffix(".log")
        text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ran.stdout
        if ran.returncode or not stem.with_suffix(".pdf").exists():
            raise CodegenError(f"XeLaTeX does not take {name}: {_first_error(text)}")
        return (
            stem.with_suffix(".pdf").read_bytes(),
            text,
            stem.with_suffix(".aux").read_text(encoding="utf-8"),
        )


def _latexmk(folder: Path, name: str) -> subprocess.CompletedProcess[str]:
    """A fixed date makes the PDF the same each time."""
    fixed = {
        **os.environ,
        "SOURCE_DATE_EPOCH": "0",
        "FORCE_SOURCE_DATE": "1",
        "max_print_line": "1000",
    }
    command = ["latexmk", "-xelatex", "-interaction=nonstopmode", "-halt-on-error", name]
    try:
        return subprocess.run(
            command,
            cwd=folder,
            env=fixed,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=60 * MINUTES,
        )
    except subprocess.TimeoutExpired:
        raise CodegenError(f"XeLaTeX did not finish {name} in {MINUTES} minutes") from None


def _first_error(log: str) -> str:
    found = re.search(r"^!.*(?:\n.*){0,3}", log, re.MULTILINE)
    return found[0] if found else log[-500:]


def problems(log: str) -> list[str]:
    """What a reader of the PDF would see go wrong: overfull boxes, lost references, missing
    glyphs."""
    return PROBLEMS.findall(log)
