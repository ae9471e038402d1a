"""What generated/ holds: a pure function of the sources, written only where it changed (law 9)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from codegen import grids
from codegen.backends import latex, markdown
from codegen.build import build
from codegen.compiling import TARGETS, emit
from codegen.errors import CodegenError
from codegen.notes.lesson import lesson
from codegen.specs import Spec
from codegen.statements import SPECS, grid_spec, specs
from codegen.workers import workers
from derive import catalog
from derive.errors import DeriveError
from derive.languages import languages
from derive.ledger import Cell, cells
from derive.ledger import markdown as markdown_ledger

Files = dict[str, str]
LEDGER = "ledger.md"
EMITTED: dict[str, tuple[str, ...]] = {
    "gradient": ("value_and_grad", "vjp"),
    "vjp": ("value_and_grad", "vjp"),
    "jvp": ("jvp",),
    "hvp": ("hvp",),
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
    ends = EMITTED.get(order)
    if ends is None:
        return "kernels compute products with the Hessian, not the matrix"
    try:
        words = [w for w in kernel_words(name) if "_and_".join(w) in ends]
        return "" if any(map(partial(lowered, name), words)) else f"no kernel of the {order}"
    except (CodegenError, DeriveError) as error:
        return str(error)


def kernel_words(name: str) -> tuple[tuple[str, ...], ...]:
    """What the kernels of an entry compute."""
    grid = grid_spec(name)
    return grid.words if grid is not None else as_stated(name).words


@cache
def as_stated(name: str) -> Spec:
    """The spec of an entry as it is stated, not the variant for labels."""
    return [*specs(name).values()][-1]


@cache
def lowered(name: str, words: tuple[str, ...]) -> bool:
    """That a kernel of an entry is lowered; an error says why it is not."""
    grid = grid_spec(name)
    made = build(as_stated(name), words).passes if grid is None else grids.build(grid, words).tables
    return bool(made)


def ledger_rows(name: str) -> list[Cell]:
    """The ledger of one entry."""
    return list(cells([catalog.entry(name)], emission))


def ledger_file(progress: Progress = quiet) -> str:
    """generated/ledger.md, every derivative derived, proved and replayed anew, on all cores.

    The longest statements, which take longest, come first, so that no core waits at the end.
    """
    entries = catalog.entries()
    names = sorted(entries, key=lambda name: -len(str(entries[name].statement)))
    found: dict[str, list[Cell]] = {}
    with workers() as pool:
        for name, rows in zip(names, pool.map(ledger_rows, names), strict=True):
            progress(f"ledger {name}")
            found[name] = rows
    return markdown_ledger(cell for name in entries for cell in found[name])


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
