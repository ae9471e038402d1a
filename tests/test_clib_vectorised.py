"""The hot loops of the emitted C library are vectorised: read from the compilers' own reports."""

from __future__ import annotations

import re
from pathlib import Path

import clib
import pytest
from clib import SPEED, cc, tool, written, zig

LANEWISE = r"for \(; k \+ \d+ <= n; k \+= \d+\)"
UNITS = (
    "cross_entropy.c", "softmax.c",
    "cross_entropy_fast.c", "cross_entropy_avx2.c", "cross_entropy_avx512.c",
)  # fmt: skip
# Where the hot loops are: what a line of them looks like, and in which files it may stand.
HOT = [
    (LANEWISE, r"(cross_entropy|softmax)\.c"),
    (r"(e\[k\]|const float a) = lsm_expf_scaled\(", r"\w+\.h"),
    (r"out\[k\] = e\[k\] \* factor;", r"cross_entropy_fast\.c"),
]
GCC = r"(\w+\.[ch]):(\d+):\d+: optimized: (?:loop|basic block part) vectorized"
CLANG = r"(\w+\.[ch]):(\d+):\d+: remark: vectorized loop"
MACHINES = {"AVX2": ("-mavx2", "-mfma"), "AVX-512": ("-march=skylake-avx512",)}
# (what a loop is made of, what stands there instead): a volatile read keeps a loop from vectors.
PLANTS = [
    ("rest_lanes[lane] += ",
     "rest_lanes[lane] += *(const volatile double *)&m + "),
    ("e[k] = lsm_expf_scaled(x[k], ",
     "e[k] = lsm_expf_scaled(*(const volatile float *)(x + k), "),
]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("vectors"))


def hot(folder: Path) -> list[tuple[str, int]]:
    """The lines of the loops over the classes, or of their bodies."""
    found = [
        [
            (path.name, number)
            for path in folder.glob("*.[ch]")
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if re.fullmatch(files, path.name) and re.search(pattern, line)
        ]
        for pattern, files in HOT
    ]
    assert all(found)
    return [place for places in found for place in places]


def lost(folder: Path, report: str, done: str) -> list[str]:
    """The hot loops that the report of a compiler does not name as vectorised."""
    found = {(file, int(line)) for file, line in re.findall(done, report)}
    near = {(file, line + by) for file, line in found for by in range(-3, 4)}
    return [f"{file}:{line}" for file, line in hot(folder) if (file, line) not in near]


def gcc(folder: Path, *options: str) -> list[str]:
    said = [cc(folder, "cc", "-std=c11", *SPEED, *options, "-fopt-info-vec-optimized", "-c", unit)
            for unit in UNITS]  # fmt: skip
    return lost(folder, "".join(said), GCC)


def clang(folder: Path, *command: str) -> list[str]:
    said = [cc(folder, *command, "-std=c11", *SPEED, "-Rpass=loop-vectorize", "-c", unit)
            for unit in UNITS]  # fmt: skip
    return lost(folder, "".join(said), CLANG)


def test_hot_loops_are_vectorised_by_cc(folder: Path) -> None:
    assert gcc(folder, *MACHINES["AVX2"]) == []


@pytest.mark.toolchain
@pytest.mark.parametrize("machine", MACHINES)
def test_hot_loops_are_vectorised_by_gcc(folder: Path, machine: str) -> None:
    assert gcc(folder, *MACHINES[machine]) == []


@pytest.mark.toolchain
@pytest.mark.parametrize("machine", MACHINES)
def test_hot_loops_are_vectorised_by_clang(folder: Path, machine: str) -> None:
    assert clang(folder, tool("clang"), *MACHINES[machine]) == []


@pytest.mark.toolchain
@pytest.mark.parametrize("target", ["aarch64-linux-musl", "aarch64-macos"])
def test_hot_loops_are_vectorised_for_aarch64(folder: Path, target: str) -> None:
    assert clang(folder, *zig(target)) == []


def planted(folder: Path, plant: tuple[str, str]) -> str:
    """A folder with a loop that no compiler vectorises; its file."""
    old, new = plant
    file = next(f for f, t in clib.files().items() if old in t and f.startswith(("cross", "loss")))
    written(folder, {file: clib.files()[file].replace(old, new, 1)})
    return file


@pytest.mark.parametrize("plant", PLANTS, ids=["lanes", "fast"])
def test_a_loop_that_gcc_cannot_vectorise_is_noticed(
    tmp_path: Path, plant: tuple[str, str]
) -> None:
    file = planted(tmp_path, plant)
    assert {line.split(":")[0] for line in gcc(tmp_path, *MACHINES["AVX2"])} == {file}


@pytest.mark.toolchain
@pytest.mark.parametrize("plant", PLANTS, ids=["lanes", "fast"])
def test_a_loop_that_clang_cannot_vectorise_is_noticed(
    tmp_path: Path, plant: tuple[str, str]
) -> None:
    file = planted(tmp_path, plant)
    found = clang(tmp_path, tool("clang"), *MACHINES["AVX2"])
    assert {line.split(":")[0] for line in found} == {file}
