"""The hot loops of the emitted C library are vectorised: read from the compilers' own reports."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import clib
import pytest
from clib import SPEED, cc, tool, written, zig

LANEWISE = r"for \(; k \+ \d+ <= n; k \+= \d+\)"
UNITS = ("cross_entropy.c", "softmax.c")
# The planned rows are written in whole registers: what their arithmetic looks like in assembler.
REGISTERS = {"avx2": r"\tvfn?madd\w+\t.*%ymm", "avx512": r"\tvfn?madd\w+\t.*%zmm"}
# Where the hot loops are: what a line of them looks like, and in which files it may stand.
HOT = [(LANEWISE, r"(cross_entropy|softmax)\.c")]
GCC = r"(\w+\.[ch]):(\d+):\d+: optimized: (?:loop|basic block part) vectorized"
CLANG = r"(\w+\.[ch]):(\d+):\d+: remark: vectorized loop"
MACHINES = {"AVX2": ("-mavx2", "-mfma"), "AVX-512": ("-march=skylake-avx512",)}
# (what a loop is made of, what stands there instead): a volatile read keeps a loop from vectors.
PLANT = ("rest_lanes[lane] += ", "rest_lanes[lane] += *(const volatile double *)&m + ")


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


@pytest.mark.long
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


def planted(folder: Path) -> str:
    """A folder with a loop that no compiler vectorises; its file."""
    old, new = PLANT
    file = next(f for f, t in clib.files().items() if old in t and f.startswith("cross"))
    written(folder, {file: clib.files()[file].replace(old, new, 1)})
    return file


def test_a_loop_that_gcc_cannot_vectorise_is_noticed(tmp_path: Path) -> None:
    file = planted(tmp_path)
    assert {line.split(":")[0] for line in gcc(tmp_path, *MACHINES["AVX2"])} == {file}


@pytest.mark.toolchain
def test_a_loop_that_clang_cannot_vectorise_is_noticed(tmp_path: Path) -> None:
    file = planted(tmp_path)
    found = clang(tmp_path, tool("clang"), *MACHINES["AVX2"])
    assert {line.split(":")[0] for line in found} == {file}


def fused(folder: Path, compiler: str, name: str, *options: str) -> int:
    """How many fused products of whole registers the planned rows of a processor hold."""
    unit = f"cross_entropy_{name}.c"
    cc(folder, compiler, "-std=c11", *SPEED, *options, "-S", "-o", f"{name}.s", unit)
    return len(re.findall(REGISTERS[name], (folder / f"{name}.s").read_text()))


@pytest.mark.long
@pytest.mark.skipif(platform.machine() != "x86_64", reason="registers of x86-64")
@pytest.mark.parametrize("name", REGISTERS)
def test_planned_rows_fill_the_registers_of_their_processor(folder: Path, name: str) -> None:
    assert fused(folder, "cc", name) > 100
    assert fused(folder, "cc", name, "-DLSM_NO_INTRINSICS") == 0  # plain C is noticed


@pytest.mark.toolchain
@pytest.mark.parametrize("name", REGISTERS)
def test_planned_rows_fill_the_registers_with_clang(folder: Path, name: str) -> None:
    assert fused(folder, tool("clang"), name) > 100
