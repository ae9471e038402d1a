"""What the C library says of its functions: the header, its comments, the tables of the docs."""

from __future__ import annotations

import re
from pathlib import Path

import clib
import pytest
from clib import NAMES

from codegen.backends.c_library import STATUSES, table
from codegen.build import kernels
from codegen.kernel import Kernel
from codegen.library import DEFAULT
from codegen.statements import specs

ROOT = Path(__file__).parent.parent
DOCS = (ROOT / "docs" / "c_library.md").read_text(encoding="utf-8")
FUNCTION = re.compile(
    r" \* Reads (?P<reads>.*)\.\n \* Writes (?P<writes>.*)\. \*/\n"
    r"lossmith_status (?P<name>\w+)\((?P<given>[^;]*)\);"
)
SHAPES = [
    (r"\*(\w+), int64_t \w+_row, int64_t \w+_class,", "[rows][n]"),
    (r"\*(\w+), int64_t \w+_row, double \w+_all,", "[rows] or NULL"),
    (r"\*(\w+), int64_t \w+_row, double \*\w+_sum,", "[rows]"),
    (r"lossmith_labels (\w+),", "[rows]"),
    (r"\n    double (\w+),", ""),
]
WRITTEN = "(float|double) "


def lowered(names: tuple[str, ...]) -> list[Kernel]:
    return [k for name in names for spec in specs(name).values() for k in kernels(spec)]


def declared(given: str) -> tuple[set[str], set[str]]:
    """The arrays, with shapes, that a prototype reads and writes."""
    reads, writes = set(), set()
    for line in given.splitlines():
        for pattern, shape in SHAPES:
            for name in re.findall(pattern, f"\n{line}"):
                (writes if re.match(rf"    {WRITTEN}\*", line) else reads).add(name + shape)
    return reads, writes


def test_every_prototype_is_what_its_comment_says() -> None:
    header = clib.files()["lossmith.h"]
    found = list(FUNCTION.finditer(header))
    assert len(found) == header.count("lossmith_status lossmith_") == 2 * len(lowered(NAMES))
    for made in found:
        reads, writes = declared(made["given"])
        assert reads == set(re.sub(r" \([^)]*\)", "", made["reads"]).split(", "))
        assert writes == {w for w in made["writes"].split(", ") if not w.endswith("_sum")}


def test_a_prototype_that_differs_would_be_noticed() -> None:
    assert declared("\n    const float *z, int64_t z_row, int64_t z_class,") == (
        {"z[rows][n]"},
        set(),
    )
    assert declared("\n    float *L, int64_t L_row, double *L_sum,") == (set(), {"L[rows]"})
    assert declared("\n    float *z, int64_t z_row, int64_t z_class,") == (set(), {"z[rows][n]"})


def test_the_docs_have_every_function_of_the_library() -> None:
    names = {
        f"lossmith_{spec.name}_{'_and_'.join(words)}"
        for name in DEFAULT
        for spec in specs(name).values()
        for words in spec.words
    }
    assert set(re.findall(r"^\| `(lossmith_\w+)` ", DOCS, re.MULTILINE)) == names
    assert set(table(lowered(NAMES)).splitlines()) <= set(DOCS.splitlines())


@pytest.mark.toolchain
def test_the_docs_have_the_table_of_the_whole_library() -> None:
    assert DOCS.endswith(f"\n\n{table(lowered(DEFAULT))}\n")


def test_the_folder_says_the_same() -> None:
    files = clib.files()
    assert files["README.md"].endswith(f"\n\n{table(lowered(NAMES))}\n")
    assert files["LICENSE"] == (ROOT / "LICENSE").read_text(encoding="utf-8")


def test_the_docs_have_every_status() -> None:
    rows = [f"| `{s.name}` | {s.text} |" for s in STATUSES]
    assert "\n".join(["| status | text |", "| --- | --- |", *rows, "", ""]) in DOCS
