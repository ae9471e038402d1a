"""What generated/ holds: a pure function of the sources, written only where it changed (law 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from codegen.backends import latex, markdown
from codegen.compiling import TARGETS, emit
from codegen.lesson import WORDS, lesson
from codegen.statements import SPECS
from derive import catalog

Files = dict[str, str]
Progress = Callable[[str], None]


def quiet(_: str) -> None:
    """No progress is shown."""


def kernel_files(progress: Progress = quiet) -> Iterator[tuple[str, str]]:
    """generated/numpy and generated/c: (path, text)."""
    for name in SPECS:
        for target in TARGETS:
            progress(f"emit {name} {target}")
            for file, text in emit(name, target).items():
                yield f"{target}/{file}", text


def note_files(progress: Progress = quiet) -> Iterator[tuple[str, str]]:
    """generated/notes: a LaTeX fragment and a Markdown page for each entry and language."""
    for lang in WORDS:
        for name, entry in catalog.entries().items():
            progress(f"notes {name} {lang}")
            made = lesson(entry, lang)
            yield f"notes/{lang}/{name}.tex", latex.source(made)
            yield f"notes/{lang}/{name}.md", markdown.source(made)


def files(progress: Progress = quiet) -> Files:
    """Every file of generated/, by its path in it."""
    return dict(kernel_files(progress)) | dict(note_files(progress))


def write(folder: Path, wanted: Files) -> list[str]:
    """Make the folder hold exactly these files; the paths that changed come back."""
    changed = []
    for path, text in wanted.items():
        target = folder / path
        if not target.exists() or target.read_text(encoding="utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8", newline="\n")
            changed.append(path)
    return changed + list(_remove_others(folder, wanted))


def _remove_others(folder: Path, wanted: Files) -> Iterator[str]:
    for found in sorted(folder.rglob("*")):
        path = found.relative_to(folder).as_posix()
        if found.is_file() and path not in wanted and "__pycache__" not in path:
            found.unlink()
            yield path
