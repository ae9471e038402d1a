"""The emitted C library: builds, statuses, strides, threads, digits, and no memory but its own."""

from __future__ import annotations

import ctypes
import re
import shutil
import subprocess
from itertools import product
from pathlib import Path
from typing import Any

import clib
import numpy as np
import pytest
from clib import PLAIN, STRICT, built, cc, functions, loaded, units, written

import codegen
from codegen.accuracy import measure_kernel
from codegen.backends.c_library import STATUSES, VERSION
from codegen.errors import CodegenError
from codegen.hard import rows
from codegen.library import emit_files, library
from codegen.programs import Scaled
from codegen.statements import specs

HERE = Path(__file__).parent
LABELS = specs("cross_entropy")["labels"]
GRAD = "cross_entropy_value_and_grad"
BUILDS = {"fast": ("-fopenmp",), "plain": (*PLAIN, "-O2", "-fmath-errno", "-ftrapping-math")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("clib"))


def drawn(dtype: str, count: int, n: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Arrays of a call of the gradient, and its outputs."""
    random = np.random.default_rng(n)
    arrays = {
        "z": (random.normal(size=(count, n)) * 5).astype(dtype),
        "t": random.integers(0, n, count),
        "cotangent": Scaled(random.normal(size=count).astype(dtype), 0.5, (count,)),
    }
    return arrays, {"value": np.empty(count, dtype), "grad": np.empty((count, n), dtype)}


@pytest.mark.long
@pytest.mark.parametrize("options", [("-fopenmp",), PLAIN], ids=["OpenMP", "plain"])
def test_it_builds_without_a_warning(folder: Path, options: tuple[str, ...]) -> None:
    cc(folder, "cc", *STRICT, "-O1", *options, "-I.", "-c", *units(folder), "example/example.c")


def test_the_header_is_c_plus_plus_too(folder: Path) -> None:
    if shutil.which("g++") is None:
        assert 'extern "C"' in (folder / "lossmith.h").read_text()
        return
    (folder / "example" / "header.cpp").write_text('#include "lossmith.h"\n')
    options = ("-std=c++11", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")
    cc(folder, "g++", *options, "-I.", "-fsyntax-only", "example/header.cpp")


def test_the_example_runs(folder: Path) -> None:
    made = ("-o", "shown", "-lm")
    cc(folder, "cc", "-std=c11", "-I.", *units(folder), "example/example.c", *made)
    said = subprocess.run([folder / "shown"], capture_output=True, text=True, check=True).stdout
    logits = np.array([[2, 0, 40, 0], [0, 1, 0, 0], [-1, -1, 3, 0]], np.float32)
    loss = codegen.compile("cross_entropy", "numpy", "float32")
    value, grad = loss.value_and_grad(logits, np.array([2, -100, 0]))
    numbers = [float(x) for x in re.findall(r"(?<= )-?[\d.]+(?:e-?\d+)?(?=[ \n,])", said)]
    assert np.isclose(numbers[0], value, rtol=1e-6)
    assert np.allclose(np.reshape(numbers[1:], (3, 5))[:, 1:], grad, rtol=1e-6, atol=0)


def test_the_text_is_the_same_each_time() -> None:
    assert library(("softmax",)) == library(("softmax",))


def test_the_version_is_that_of_the_distribution() -> None:
    text = (HERE.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'version = "{VERSION}"' in text


def test_emitting_says_what_is_missing() -> None:
    with pytest.raises(CodegenError, match="say what to emit"):
        emit_files((), "c")
    with pytest.raises(CodegenError, match="goes with --target c"):
        emit_files(("softmax",), "numpy", as_library=True)
    with pytest.raises(CodegenError, match="several ranges"):
        emit_files(("info_nce",), "c", as_library=True)
    assert "softmax.py" in emit_files(("softmax",), "numpy")


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", clib.NAMES)
def test_every_component_is_within_4_ulp(name: str, dtype: str) -> None:
    for options in BUILDS.values():
        made = clib.kernel(name, dtype, loaded(built(*options)))
        for row in measure_kernel(made, rows(dtype, (1, 17))):
            assert row.ulp <= 4, (options, row)


STRIDES = [
    ("classes first", lambda a: np.ascontiguousarray(a.T).T),
    ("every third class", lambda a: np.repeat(a, 3, axis=1)[:, ::3]),
    ("backwards", lambda a: np.ascontiguousarray(a[::-1, ::-1])[::-1, ::-1]),
    ("rows apart", lambda a: np.repeat(a, 2, axis=0)[::2]),
]


@pytest.mark.long
@pytest.mark.parametrize("lay", [s[1] for s in STRIDES], ids=[s[0] for s in STRIDES])
@pytest.mark.parametrize("dtype,n", [("float32", 5), ("float32", 301), ("float64", 67)])
def test_strides_change_no_bit(dtype: str, n: int, lay: Any) -> None:
    run = functions(LABELS, dtype, built("-fopenmp"))[GRAD]
    arrays, outs = drawn(dtype, 400, n)
    run(arrays, outs)
    strided = {word: lay(out * 0) if out.ndim == 2 else np.repeat(out * 0, 2)[::2]
               for word, out in outs.items()}  # fmt: skip
    c = arrays["cotangent"]
    given = {
        "z": lay(arrays["z"]),
        "t": np.repeat(arrays["t"].astype(np.int32), 3)[::3],
        "cotangent": Scaled(np.repeat(c.array, 2)[::2], c.factor, c.shape),
    }
    before = given["z"].copy()
    run(given, strided)
    assert all(np.array_equal(strided[word], outs[word]) for word in outs)
    assert np.array_equal(before, given["z"])


@pytest.mark.long
def test_a_shared_row_is_read_with_a_stride_of_0() -> None:
    found = functions(specs("cross_entropy")["targets"], "float64", built("-fopenmp"))
    run = found["cross_entropy_soft_value"]
    arrays, outs = drawn("float64", 7, 9)
    y = np.full(9, 1 / 9)
    given = {"z": arrays["z"], "y": np.broadcast_to(y, (7, 9))}
    run(given, {"value": outs["value"]})
    each = outs["value"].copy()
    run({**given, "y": np.tile(y, (7, 1))}, {"value": outs["value"]})
    assert np.array_equal(each, outs["value"])


@pytest.mark.long
@pytest.mark.parametrize("dtype,n", [("float32", 5), ("float32", 1000), ("float64", 100)])
def test_threads_change_no_bit(dtype: str, n: int) -> None:
    run, made = functions(LABELS, dtype, built("-fopenmp"))[GRAD], []
    openmp = ctypes.CDLL("libgomp.so.1")
    for threads, turned in product((1, 2, 3, 5), (False, True)):
        openmp.omp_set_num_threads(threads)
        arrays, outs = drawn(dtype, 70_000 // n, n)
        arrays["z"] = np.asfortranarray(arrays["z"]) if turned else arrays["z"]
        run(arrays, outs)
        made.append(outs)
    assert all(np.array_equal(made[0][w], other[w]) for other in made for w in other)


@pytest.mark.long
def test_a_small_workspace_takes_fewer_threads_not_other_bits() -> None:
    ctypes.CDLL("libgomp.so.1").omp_set_num_threads(4)
    arrays, outs = drawn("float64", 300, 100)
    functions(LABELS, "float64", built("-fopenmp"))[GRAD](arrays, outs)
    full = {w: o.copy() for w, o in outs.items()}
    arrays["z"] = np.asfortranarray(arrays["z"])
    run = functions(LABELS, "float64", built("-fopenmp"), spare=2 * 256 * 100 * 8 * 3)[GRAD]
    run(arrays, outs)
    assert all(np.array_equal(full[w], outs[w]) for w in outs)


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_ignored_rows_get_0_and_touch_no_other(dtype: str) -> None:
    lib = built("-fopenmp")
    arrays, outs = drawn(dtype, 50, 12)
    functions(LABELS, dtype, lib)[GRAD](arrays, outs)
    kept = np.arange(50) % 3 != 0
    arrays["t"][~kept] = -7
    arrays["z"][0] = np.nan
    got = {word: np.full_like(out, 3) for word, out in outs.items()}
    functions(LABELS, dtype, lib, ignored=-7)[GRAD](arrays, got)
    for word, out in got.items():
        assert np.array_equal(out[kept], outs[word][kept]) and not out[~kept].any()


def bad(arrays: Any, outs: Any) -> list[tuple[str, Any, Any, dict[str, Any]]]:
    """Calls that are refused, each with the status it gets."""
    t = arrays["t"]
    empty = np.empty((2, 0))
    return [
        ("LOSSMITH_BAD_LABEL", {**arrays, "t": t * 0 + 12}, outs, {}),
        ("LOSSMITH_BAD_LABEL", {**arrays, "t": t * 0 - 1}, outs, {}),
        ("LOSSMITH_BAD_LABEL", {**arrays, "t": (t * 0 - 1).astype(np.int32)}, outs, {}),
        ("LOSSMITH_BAD_SIZE", {**arrays, "z": empty}, outs, {}),
        ("LOSSMITH_BAD_STRIDE", arrays, {**outs, "grad": np.broadcast_to(1.0, (2, 12))}, {}),
        ("LOSSMITH_BAD_STRIDE", arrays, {**outs, "value": np.broadcast_to(1.0, (2,))}, {}),
        ("LOSSMITH_SMALL_WORKSPACE", {**arrays, "z": np.asfortranarray(arrays["z"])}, outs,
         {"spare": 10**9}),
    ]  # fmt: skip


@pytest.mark.long
def test_bad_calls_write_nothing_and_say_why() -> None:
    lib = built("-fopenmp")
    arrays, outs = drawn("float64", 2, 12)
    for word in outs:
        outs[word][...] = 3
    for name, given, to, more in bad(arrays, outs):
        status = functions(LABELS, "float64", lib, **more)[GRAD].status(given, to)
        assert STATUSES[status].name == name
        assert all((out == 3).all() for out in outs.values())
    lib.lossmith_cross_entropy_value_f64.restype = ctypes.c_int
    null = [ctypes.c_int64(2), ctypes.c_int64(2), None, ctypes.c_int64(2), ctypes.c_int64(1)]
    labels = clib.Labels(None, 1, -1, 1)
    rest = [None, ctypes.c_int64(1), None, None, ctypes.c_int64(0)]
    status = lib.lossmith_cross_entropy_value_f64(*null, labels, *rest)
    assert STATUSES[status].name == "LOSSMITH_NULL_POINTER"


@pytest.mark.long
def test_every_status_has_a_text() -> None:
    text = built("-fopenmp").lossmith_status_text
    text.restype = ctypes.c_char_p
    assert [text(c).decode() for c in range(len(STATUSES))] == [s.text for s in STATUSES]
    assert text(99) == b"not a status of lossmith"
