"""Golden files: emitted text changes only when somebody looks at the change.

To accept a change, write `codegen.emit(name, target)[file]` to the golden file and read the diff.
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

import codegen
from codegen.backends import numpy
from codegen.backends.c import REALS, _Printer
from codegen.backends.numpy import expression
from codegen.backends.rendering import render
from codegen.errors import CodegenError
from codegen.kernel import Const, Op, SamePlace

GOLDEN = Path(__file__).parent / "golden"
FILES = [
    ("softmax", "numpy", "softmax.py"),
    ("cross_entropy", "numpy", "cross_entropy.py"),
    ("clip", "numpy", "clip.py"),
    ("clip", "c", "clip.c"),
    ("softcap_cross_entropy", "c", "softcap_cross_entropy.c"),
    ("softmax_naive", "c", "softmax_naive.c"),
    ("softmax_naive", "c", "softmax_naive.h"),
]


@pytest.mark.parametrize("name,target,file", FILES)
def test_emitted_text_is_the_golden_one(name: str, target: str, file: str) -> None:
    assert codegen.emit(name, target)[file] == (GOLDEN / file).read_text(encoding="utf-8")


def test_emitting_twice_gives_the_same() -> None:
    assert codegen.emit("cross_entropy", "c") == codegen.emit("cross_entropy", "c")


def test_emitted_files_say_where_they_come_from() -> None:
    for target in ("numpy", "c"):
        for file, text in codegen.emit("binary_cross_entropy", target).items():
            if file.startswith("lossmith_"):  # shared: they say so themselves
                continue
            assert f"lossmith emit binary_cross_entropy --target {target}" in text
            assert "softplus-split" in text and "facts used" in text


def test_a_template_and_its_printer_must_agree() -> None:
    with pytest.raises(CodegenError, match="disagree about: preamble"):
        render("numpy/module.py.j2", functions=[], **numpy.helpers([]))


def test_a_comparison_in_a_product_has_brackets() -> None:
    value = Op("mul", (Const(Fraction(4)), SamePlace("a", "t")))
    assert expression(value) == "4 * (a == t)"
    assert _Printer(REALS["float64"], {}).text(value) == "4.0 * (a == t)"
    assert expression(SamePlace("a", "t")) == "a == t"
