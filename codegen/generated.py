"""What generated/ holds: a pure function of the sources, written only where it changed (law 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context
from pathlib import Path

from codegen.backends import latex, markdown
from codegen.build import kernels
from codegen.compiling import TARGETS, emit
from codegen.errors import CodegenError
from codegen.notes.lesson import lesson
from codegen.statements import SPECS, grid_spec, specs
from derive import catalog
from derive.errors import DeriveError
from derive.languages import languages
from derive.ledger import Cell, cells
from derive.ledger import markdown as markdown_ledger

Files = dict[str, str]
LEDGER = "ledger.md"
EMITTED: dict[str, tuple[str, ...]] = {
    "gradient": ("_value_and_grad", "_vjp"),
    "vjp": ("_value_and_grad", "_vjp"),
    "jvp": ("_jvp",),
    "hvp": ("_hvp",),
}
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
    for lang in languages():
        for name, entry in catalog.entries().items():
            progress(f"notes {name} {lang}")
            made = lesson(entry, lang)
            yield f"notes/{lang}/{name}.tex", latex.source(made)
            yield f"notes/{lang}/{name}.md", markdown.source(made)


def emission(name: str, order: str) -> str | None:
    """ "" where code is emitted for a derivative of an entry, otherwise the reason why not."""
    words = EMITTED.get(order)
    if words is None:
        return "kernels compute products with the Hessian, not the matrix"
    made, reason = lowered(name)
    return "" if any(k.endswith(words) for k in made) else reason or f"no kernel of the {order}"


@cache
def lowered(name: str) -> tuple[tuple[str, ...], str]:
    """The names of an entry's kernels, every one of them lowered; or why there are none."""
    grid = grid_spec(name)
    if grid is not None:
        return tuple(f"{grid.name}_{'_and_'.join(w)}" for w in grid.words), ""
    try:
        return tuple(k.name for spec in specs(name).values() for k in kernels(spec)), ""
    except (CodegenError, DeriveError) as error:
        return (), str(error)


def ledger_rows(name: str) -> list[Cell]:
    """The ledger of one entry."""
    return list(cells([catalog.entry(name)], emission))


def ledger_file(progress: Progress = quiet) -> str:
    """generated/ledger.md, every derivative derived, proved and replayed anew, on all cores."""
    names = list(catalog.entries())
    found: list[Cell] = []
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        for name, rows in zip(names, pool.map(ledger_rows, names), strict=True):
            progress(f"ledger {name}")
            found += rows
    return markdown_ledger(found)


def files(progress: Progress = quiet, ledger: bool = True) -> Files:
    """Every file of generated/, by its path in it; the ledger takes a minute and can be left
    out."""
    made = dict(kernel_files(progress)) | dict(note_files(progress))
    return made | {LEDGER: ledger_file(progress)} if ledger else made


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
        if found.is_file() and path not in {*wanted, LEDGER} and "__pycache__" not in path:
            found.unlink()
            yield path
