"""Fuzzed calls of every function of the C library under AddressSanitizer and UBSan."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping

import clib
import clib_fuzz
import pytest
from clib import NAMES, PLAIN, program, tool

from codegen.build import kernels
from codegen.kernel import Kernel
from codegen.library import DEFAULT, library
from codegen.statements import specs

SANITIZE = ("-std=c11", "-g", "-O0", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
BUILDS = {"fast": ("-fopenmp",), "plain": PLAIN}


def lowered(names: tuple[str, ...]) -> list[Kernel]:
    return [k for name in names for spec in specs(name).values() for k in kernels(spec)]


def fuzzed(
    texts: Mapping[str, str], made: list[Kernel], *options: str, turns: int = 2,
    compiler: str = "cc",
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    """The fuzzing program for these kernels, built with sanitizers and run."""
    texts = {**texts, "fuzz.c": clib_fuzz.source(made, turns)}
    path = program([compiler, *SANITIZE, *options], texts)
    return subprocess.run([path], capture_output=True, text=True, check=False)


@pytest.mark.long
@pytest.mark.parametrize("build", BUILDS)
def test_sanitizers_find_nothing_in_fuzzed_calls(build: str) -> None:
    run = fuzzed(clib.files(), lowered(NAMES), *BUILDS[build])
    assert run.returncode == 0 and run.stdout == "done\n", run.stdout + run.stderr[-3000:]


@pytest.mark.toolchain
@pytest.mark.parametrize("options", [(), ("-mavx2", "-mfma"), PLAIN], ids=["", "AVX2", "plain"])
def test_clang_sanitizers_find_nothing_in_the_whole_library(options: tuple[str, ...]) -> None:
    compiler = tool("clang")
    run = fuzzed(library(), lowered(DEFAULT), *options, turns=1, compiler=compiler)
    assert run.returncode == 0 and run.stdout == "done\n", run.stdout + run.stderr[-3000:]


# What is wrong, in which file, what stands there, what is put there, and who notices.
BROKEN = [
    ("a class too far is read", "lossmith_blocks.h",
     "from[(int64_t)r * row + (int64_t)k * class_step]",
     "from[(int64_t)r * row + (int64_t)(k + 1) * class_step]", "AddressSanitizer"),
    ("a row too far is written", "lossmith_blocks.h",
     "for (size_t r = 0; r < block->count; r++) {\n        const int64_t row",
     "for (size_t r = 0; r < block->count + 1; r++) {\n        const int64_t row",
     "AddressSanitizer"),
    ("the workspace is too small", "lossmith.c", "return each > 0 ? 63 + lsm_threads() * each : 0;",
     "return each > 0 ? 0 * each : 0;", "function 0 differs"),
    ("the room is misaligned", "lossmith_blocks.h", "(float *)(void *)block->room",
     "(float *)(void *)(block->room + 1)", "misaligned address"),
    ("an input is written", "cross_entropy.c", "    const double m = (double)z[a];",
     "    ((float *)(uintptr_t)z)[a] += 1; const double m = (double)z[a];", "differs"),
    ("the label's stride is ignored", "lossmith_blocks.h",
     "((const int32_t *)t.first)[row * t.step]", "((const int32_t *)t.first)[row]", ""),
]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("plant", BROKEN, ids=[b[0] for b in BROKEN])
def test_a_planted_fault_is_noticed(plant: tuple[str, str, str, str, str]) -> None:
    _, file, old, new, says = plant
    units = ("lossmith.c", "cross_entropy.c", "lossmith_cross_entropy.c")
    texts = {f: t for f, t in clib.files().items() if f in units or not f.endswith(".c")}
    assert old in texts[file]
    texts[file] = texts[file].replace(old, new)
    some = list(kernels(specs("cross_entropy")["labels"]))
    run = fuzzed(texts, some, *PLAIN, turns=1)
    assert run.returncode != 0 and says in run.stdout + run.stderr
