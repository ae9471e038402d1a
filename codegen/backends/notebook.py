"""Documents as notebooks: formulas, the emitted NumPy beside them, a check cell after it, all
executed."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from codegen.backends.markdown import NOTEBOOK, Blocks
from codegen.errors import CodegenError
from codegen.notes import check_cells, excerpt
from codegen.notes.document import Document, Heading, Listing, Picture

Cell = dict[str, Any]
MARK = "\x1e"
"""Printed between the cells of a notebook while it runs."""
RUNNER = Path(__file__).with_name("notebook_runner.py")
SECONDS = 300


def sources(
    made: Sequence[Document], known: Mapping[str, str], pictures: Mapping[str, str]
) -> dict[str, str]:
    """The texts of the notebooks by document; all of them run in one Python process, apart from
    each other."""
    cells = {d.name: list(_cells(d, known, pictures)) for d in made}
    programs = {
        name: [_text(c) for c in found if c["cell_type"] == "code"] for name, found in cells.items()
    }
    outputs = executed({name: found for name, found in programs.items() if found})
    return {name: _notebook(found, outputs.get(name, [])) for name, found in cells.items()}


def _text(cell: Cell) -> str:
    return "".join(cell["source"])


def _cells(made: Document, known: Mapping[str, str], pictures: Mapping[str, str]) -> Iterator[Cell]:
    """Markdown up to the next heading, picture or program in one cell."""
    blocks = Blocks(made, known, NOTEBOOK)
    waiting = [f"# {blocks.text(made.title)}"]
    for block in made.blocks:
        if isinstance(block, (Heading, Picture, Listing)):
            yield from _prose(waiting)
            waiting = []
        if isinstance(block, Listing) and block.kernel:
            yield _cell("code", excerpt.program(block.kernel))
            yield _cell("code", check_cells.check(excerpt.first_spec(block.kernel)))
        elif isinstance(block, Picture):
            yield _picture(blocks.block(block), block.name, made.lang, pictures[block.name])
        else:
            waiting += [text] if (text := blocks.block(block)) else []
    yield from _prose(waiting)
    yield from (_cell("code", text) for text in made.cells)


def _prose(waiting: list[str]) -> Iterator[Cell]:
    if waiting:
        yield _cell("markdown", "\n\n".join(waiting))


def _picture(text: str, name: str, lang: str, svg: str) -> Cell:
    """The picture goes along in the cell."""
    file = f"{name}-{lang}.svg"
    cell = _cell("markdown", text.replace(f"pictures/{file}", f"attachment:{file}"))
    return cell | {
        "attachments": {file: {"image/svg+xml": base64.b64encode(svg.encode()).decode()}}
    }


def _cell(kind: str, text: str) -> Cell:
    cell: Cell = {
        "cell_type": kind,
        "metadata": {},
        "source": text.rstrip("\n").splitlines(keepends=True),
    }
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _notebook(cells: list[Cell], outputs: list[str]) -> str:
    """nbformat 4.5: cells with their ids, code cells with their count and what they printed."""
    count = 0
    for place, cell in enumerate(cells, 1):
        cell["id"] = f"cell-{place}"
        if cell["cell_type"] == "code":
            printed = outputs[count]
            count += 1
            cell["execution_count"] = count
            cell["outputs"] = [_stream(printed)] if printed else []
    spec = {"display_name": "Python 3", "language": "python", "name": "python3"}
    whole = {"cells": cells, "metadata": {"kernelspec": spec, "language_info": {"name": "python"}},
             "nbformat": 4, "nbformat_minor": 5}  # fmt: skip
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _stream(text: str) -> Cell:
    return {"name": "stdout", "output_type": "stream", "text": text.splitlines(keepends=True)}


def executed(programs: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What each cell of each notebook printed; a cell that fails is an error."""
    if not programs:
        return {}
    with tempfile.TemporaryDirectory(prefix="lossmith-notebook-") as place:
        paths = [_written(Path(place) / f"{name}.py", cells) for name, cells in programs.items()]
        command = [sys.executable, "-P", str(RUNNER), *map(str, paths)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, cwd=place)
    if ran.returncode:
        raise CodegenError(f"a cell of a notebook fails: {ran.stderr.strip().splitlines()[-1]}")
    printed: dict[str, str] = json.loads(ran.stdout)
    return {name: [_cleared(part) for part in printed[name].split(MARK)] for name in programs}


def _cleared(part: str) -> str:
    return part.removeprefix("\n")


def _written(path: Path, cells: Sequence[str]) -> Path:
    path.write_text(f"\nprint({MARK!r})\n".join(cells), encoding="utf-8")
    return path
