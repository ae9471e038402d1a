"""Each kind of bad input: one clear error, nothing computed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import codegen
from codegen import CodegenError, native

LOGITS = np.zeros((2, 3), np.float32)
LABELS = np.array([0, 1])


@pytest.fixture(params=("numpy", "c"))
def loss(request: Any) -> Any:
    return codegen.compile("cross_entropy", request.param, "float32")


BAD = [
    ("label 3 is out of range", {"labels": np.array([0, 3])}),
    ("label -1 is out of range", {"labels": np.array([-1, 0])}),
    ("labels are uint8", {"labels": np.array([0, 1], np.uint8)}),
    ("labels of shape", {"labels": np.array([0])}),
    ("targets is float64", {"labels": np.zeros((2, 3))}),
    ("needs labels or targets", {"labels": None}),
    ("logits are float64", {"logits": np.zeros((2, 3))}),
    ("at least one row", {"logits": np.zeros((0, 3), np.float32)}),
    ("at least one row", {"logits": np.zeros((2, 0), np.float32)}),
    ("unknown reduction", {"reduction": "average"}),
    ("cotangent of shape", {"cotangent": np.ones(2, np.float32)}),
    ("cotangent of shape", {"cotangent": np.ones(3, np.float32), "reduction": "none"}),
    ("out must be a float", {"out": np.zeros((3, 2), np.float32)}),
    ("out must be a float", {"out": np.zeros((2, 3))}),
    ("must not overlap", {"out": LOGITS}),
]


@pytest.mark.parametrize("says,change", BAD, ids=[f"{b[0]}-{c}" for c, b in enumerate(BAD)])
def test_bad_arguments_are_refused(loss: Any, says: str, change: dict[str, Any]) -> None:
    given = {"logits": LOGITS, "labels": LABELS, **change}
    with pytest.raises(CodegenError, match=says):
        loss.value_and_grad(given.pop("logits"), given.pop("labels"), **given)


@pytest.mark.parametrize(
    "says,arguments",
    [
        ("unknown target", ("softmax", "fortran", "float32")),
        ("unknown dtype", ("softmax", "c", "float8")),
        ("no kernel is named", ("sofmax", "c", "float32")),
    ],
)
def test_unknown_names_are_refused(says: str, arguments: Any) -> None:
    with pytest.raises(CodegenError, match=says):
        codegen.compile(*arguments)


def test_without_a_compiler_numpy_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(CodegenError, match='target="numpy"'):
        codegen.compile("softmax", "c", "float32")
    assert codegen.compile("softmax", "numpy", "float32").value(LOGITS).shape == (2, 3)


def test_a_cache_that_cannot_be_written_names_its_variable(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    monkeypatch.setenv("LOSSMITH_CACHE", str(in_the_way / "cache"))
    with pytest.raises(CodegenError, match="LOSSMITH_CACHE"):
        codegen.compile("softmax", "c", "float32")


def test_a_file_is_compiled_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOSSMITH_CACHE", str(tmp_path))
    source = {"once.h": "", "once.c": "int once(void) { return 1; }\n"}
    native.load("once", source)
    (made,) = tmp_path.iterdir()
    stamp = made.stat().st_mtime_ns
    native.load("once", source)
    assert [p.stat().st_mtime_ns for p in tmp_path.iterdir()] == [stamp]
    native.load("once", {**source, "once.c": "int once(void) { return 2; }\n"})
    assert len(list(tmp_path.iterdir())) == 2


def test_source_that_does_not_compile_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LOSSMITH_CACHE", str(tmp_path))
    with pytest.raises(CodegenError, match=r"could not compile broken\.c"):
        native.load("broken", {"broken.c": "int broken( { }\n"})
    assert list(tmp_path.iterdir()) == []
