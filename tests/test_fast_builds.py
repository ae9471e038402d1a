"""The emitted fast C under compilers: no warnings, vectorised, no memory touched but its own."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from codegen.backends import c, c_fast
from codegen.build import kernels
from codegen.compiling import preamble
from codegen.headers import math_header
from codegen.statements import specs

HERE = Path(__file__).parent
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")
SPEED = ("-O3", "-fno-math-errno", "-fno-trapping-math")
BUILDS = {
    "native": ("-march=native",),
    "AVX-512": ("-mavx512f", "-mavx512dq", "-mfma"),
    "AVX2": ("-mavx2", "-mfma"),
    "SSE2": (),
    "plain C": ("-DLSM_NO_INTRINSICS",),
}
PACKED = {
    "AVX-512": r"vfmadd\d+ps\s.*%zmm",
    "AVX2": r"vfmadd\d+ps\s.*%ymm",
    "SSE2": r"\smulps\s.*%xmm",
}
"""The products of the polynomial, as the assembler of each build writes them."""
HOT = {
    "lossmith_fast.h": ("seen->unit[r] = lsm_exp(",),
    "cross_entropy_fast.c": ("out[k] = e[k] * factor;",),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("fast")
    for name in ("cross_entropy", "softmax", "log_softmax", "logsumexp"):
        for file, text in sources(name).items():
            (made / file).write_text(text, encoding="utf-8")
    return made


def sources(name: str) -> dict[str, str]:
    """The files of the kernels that have fast schedules."""
    spec = specs(name).get("labels") or specs(name)["function"]
    made = kernels(spec, 2)
    head = preamble(spec, "c", made)
    return c.sources(name, made, head) | c_fast.sources(name, made, head) | math_header()


def cc(folder: Path, *options: str) -> str:
    result = subprocess.run(
        ["cc", *options], cwd=folder, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stderr


@pytest.mark.parametrize("build", BUILDS)
def test_every_build_is_without_warnings(folder: Path, build: str) -> None:
    for name in ("cross_entropy", "softmax", "log_softmax", "logsumexp"):
        cc(folder, *STRICT, *BUILDS[build], "-O1", "-c", f"{name}_fast.c", "-o", "out.o")


@pytest.mark.parametrize("build", ["AVX-512", "AVX2", "SSE2"])
def test_the_hot_loops_are_vectorised(folder: Path, build: str) -> None:
    report = cc(
        folder, "-std=c11", *SPEED, *BUILDS[build], "-fopt-info-vec-optimized",
        "-c", "cross_entropy_fast.c", "-o", "out.o",
    )  # fmt: skip
    assert missing(folder, report) == []


def test_a_loop_that_is_not_vectorised_is_noticed(folder: Path) -> None:
    report = cc(
        folder, "-std=c11", *SPEED, "-fno-tree-vectorize", "-fopt-info-vec-optimized",
        "-c", "cross_entropy_fast.c", "-o", "out.o",
    )  # fmt: skip
    assert missing(folder, report)


@pytest.mark.parametrize("build", PACKED)
def test_the_exponentials_fill_whole_registers(folder: Path, build: str) -> None:
    assembly = ("-std=c11", *SPEED, "-S", "softmax_fast.c", "-o", "out.s")
    cc(folder, *assembly, *BUILDS[build])
    assert len(re.findall(PACKED[build], (folder / "out.s").read_text())) > 100
    cc(folder, *assembly, "-DLSM_NO_INTRINSICS", "-fno-tree-vectorize")
    assert not re.findall(PACKED[build], (folder / "out.s").read_text())


def missing(folder: Path, report: str) -> list[str]:
    """The hot statements whose loop the report of the compiler does not name."""
    done = set(re.findall(r"(\w+\.[ch]):(\d+):\d+: optimized: loop vectorized", report))
    lost = []
    for file, hot in HOT.items():
        for number, line in enumerate((folder / file).read_text().splitlines(), 1):
            if line.strip().startswith(hot):
                near = {(file, str(number - back)) for back in range(4)}
                lost += [] if near & done else [f"{file}:{number}: {line.strip()}"]
    return lost


@pytest.mark.parametrize("build", ["native", "SSE2", "plain C"])
def test_sanitizers_find_nothing(folder: Path, build: str) -> None:
    shutil.copy(HERE / "fast_driver.c", folder)
    cc(
        folder, "-std=c11", "-g", "-O1", "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all", *BUILDS[build], "fast_driver.c", "cross_entropy_fast.c",
        "cross_entropy.c", "-lm", "-o", "driver",
    )  # fmt: skip
    run = subprocess.run([str(folder / "driver")], capture_output=True, text=True, check=False)
    assert run.returncode == 0 and run.stdout == "done\n", run.stderr[-2000:]


def test_a_row_read_too_far_is_noticed(folder: Path) -> None:
    text = (folder / "lossmith_lanes.h").read_text()
    right = "lane[l] = l < count ? p[l] : -INFINITY;"
    assert right in text
    broken = folder / "broken"
    shutil.copytree(folder, broken, ignore=shutil.ignore_patterns("broken"))
    (broken / "lossmith_lanes.h").write_text(text.replace(right, "lane[l] = p[l];"))
    shutil.copy(HERE / "fast_driver.c", broken)
    cc(
        broken, "-std=c11", "-g", "-O1", "-w", "-fsanitize=address", "fast_driver.c",
        "cross_entropy_fast.c", "cross_entropy.c", "-lm", "-o", "driver",
    )  # fmt: skip
    run = subprocess.run([str(broken / "driver")], capture_output=True, text=True, check=False)
    assert run.returncode != 0 and "AddressSanitizer" in run.stderr


def test_the_text_is_the_same_each_time() -> None:
    made = sources("cross_entropy")
    assert made == sources("cross_entropy")
    assert {"cross_entropy_fast.c", "cross_entropy_fast.h"} < set(made)
    assert {"lossmith_fast.h", "lossmith_lanes.h", "lossmith_plan.h", "lossmith_math.h"} < set(made)


def test_the_emitted_text_is_the_golden_one() -> None:
    """Rewritten by hand when the templates change: a reader should see what changed."""
    golden = (HERE / "golden" / "softmax_fast.c").read_text(encoding="utf-8")
    assert sources("softmax")["softmax_fast.c"] == golden
