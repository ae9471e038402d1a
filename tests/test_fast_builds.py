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
from tests.sampling import one_of

HERE = Path(__file__).parent
SIXTEEN = ("bfloat16", "float16")
STRICT = ("-std=c11", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")
SPEED = ("-O3", "-fno-math-errno", "-fno-trapping-math")
BUILDS = {
    "native": ("-march=native",),
    "AVX-512": ("-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl", "-mfma"),
    "AVX2": ("-mavx2", "-mfma", "-mf16c", "-DLSM_NO_CLONES"),
    "SSE2": ("-DLSM_NO_CLONES",),
    "asked": (),
    "plain C": ("-DLSM_NO_INTRINSICS",),
}
PACKED = {
    "AVX-512": r"vfmadd\d+ps\s.*%zmm",
    "AVX2": r"vfmadd\d+ps\s.*%ymm",
    "SSE2": r"\smulps\s.*%xmm",
}
"""The products of the polynomial, as the assembler of each build writes them."""
HOT = {
    "lossmith_fast.h": ("k[r] = LSM_FMAF(m[r]", "of->high[r] = same.high"),
    "cross_entropy_fast.c": ("const lsm_pair unit = lsm_unit_pair_beside(",),
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("fast")
    for name in ("cross_entropy", "softmax", "log_softmax", "logsumexp"):
        for dtype in c_fast.ITEMS:
            for file, text in sources(name, dtype).items():
                (made / file).write_text(text, encoding="utf-8")
    return made


def named(name: str, dtype: str) -> str:
    """The name of the files for a type."""
    return name + c_fast.ITEMS[dtype].tail


def sources(name: str, dtype: str = "float32") -> dict[str, str]:
    """The files of the kernels that have fast schedules."""
    spec = specs(name).get("labels") or specs(name)["function"]
    made = kernels(spec, 2)
    head = preamble(spec, "c", made)
    name = named(name, dtype)
    return c.sources(name, made, head) | c_fast.sources(name, made, head, dtype) | math_header()


def cc(folder: Path, *options: str, compiler: str = "cc") -> str:
    result = subprocess.run(
        [compiler, *options], cwd=folder, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stderr


@pytest.mark.long
@pytest.mark.parametrize("build", BUILDS)
def test_every_build_is_without_warnings(folder: Path, build: str) -> None:
    for name in ("cross_entropy", "softmax", "log_softmax", "logsumexp"):
        cc(folder, *STRICT, *BUILDS[build], "-O1", "-c", f"{name}_fast.c", "-o", "out.o")
    sixteen = [f"{named(n, d)}_fast.c" for n in ("cross_entropy", "log_softmax") for d in SIXTEEN]
    cc(folder, *STRICT, *BUILDS[build], "-fsyntax-only", *sixteen)


@pytest.mark.parametrize("unit", c_fast.units("cross_entropy")[1:])
def test_every_set_is_without_warnings(folder: Path, unit: str) -> None:
    cc(folder, *STRICT, "-O1", "-c", unit, unit.replace("_avx", "_bf16_avx"))


@pytest.mark.skipif(shutil.which("clang") is None, reason="clang is not installed")
def test_clang_builds_every_set_without_warnings(folder: Path) -> None:
    for unit in c_fast.units("cross_entropy") + c_fast.units("softmax_f16"):
        cc(folder, *STRICT, "-O1", "-c", unit, "-o", "out.o", compiler="clang")


@pytest.mark.parametrize("build", ["AVX-512", "AVX2", "SSE2"])
def test_the_hot_loops_are_vectorised(folder: Path, build: str) -> None:
    lost = missing(folder, reported(folder, *BUILDS[build]))
    # what is made for each row takes masks, which SSE2 has not
    assert [m for m in lost if build != "SSE2" or m.startswith("lossmith_fast.h")] == []


def test_a_loop_that_is_not_vectorised_is_noticed(folder: Path) -> None:
    assert len(missing(folder, reported(folder, "-fno-tree-vectorize"))) == 4


def reported(folder: Path, *options: str) -> str:
    """What the compiler says of the loops of kernels with a label, and without one."""
    told = ("-std=c11", *SPEED, *options, "-fopt-info-vec-optimized", "-o", "out.o", "-c")
    return cc(folder, *told, "cross_entropy_fast.c") + cc(folder, *told, "softmax_fast.c")


@pytest.mark.parametrize("build", one_of(3, PACKED))
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


def driven(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The driver, built with sanitizers and run."""
    shutil.copy(HERE / "fast_driver.c", folder)
    cc(
        folder, "-std=c11", "-g", "-O1", "-w", "-fsanitize=address,undefined",
        "-fno-sanitize-recover=all", *options, "fast_driver.c", *c_fast.units("cross_entropy"),
        "cross_entropy.c", "-lm", "-o", "driver",
    )  # fmt: skip
    return subprocess.run([str(folder / "driver")], capture_output=True, text=True, check=False)


@pytest.mark.long
@pytest.mark.parametrize("build", ["native", "AVX2", "SSE2", "asked", "plain C"])
def test_every_schedule_agrees_and_touches_its_own_memory_only(folder: Path, build: str) -> None:
    run = driven(folder, *BUILDS[build])
    assert run.returncode == 0 and run.stdout == "done\n", run.stdout + run.stderr[-2000:]


BROKEN = {
    "only one register of the rest is read": (
        "lossmith_fast.h", "left = k < n ? n - k : 0,", "left = i == 0 ? n : 0,",
    ),
    "steps behind the last block are not read": (
        "cross_entropy_fast.c", "whole = n - n % LSM_STEP;", "whole = n - n % LSM_BLOCK;",
    ),
    "a row is read too far": (
        "lossmith_lanes.h", "lane[l] = l < count ? p[l] : -INFINITY;", "lane[l] = p[l];",
    ),
}  # fmt: skip


@pytest.mark.parametrize("bug", one_of(3, BROKEN))
def test_the_driver_notices(folder: Path, bug: str, tmp_path: Path) -> None:
    file, right, wrong = BROKEN[bug]
    text = (folder / file).read_text()
    assert right in text
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / file).write_text(text.replace(right, wrong))
    assert driven(broken, *BUILDS["SSE2"]).returncode != 0


LOSSES = {
    "the low part of a factor": (
        "LSM_FMAF(x.low, y.high, LSM_FMAF(x.high, y.low, -less))",
        "LSM_FMAF(x.high, y.low, -less)",
    ),
    "what a product loses": ("LSM_FMAF(x.high, y.low, -less)", "(x.high * y.low)"),
    "what the quotient leaves": ("{ q, left * near }", "{ q, 0 }"),
    "the low part of what is divided": (", q, s.high) + x.low);", ", q, s.high));"),
    "the low part of what divides": ("LSM_FMAF(-q, s.low, ", "("),
    "what a sum loses": ("((1.0f - (s - v)) + (x.high - v)) + x.low }", "x.low }"),
    "the low part of 1 + x": ("((1.0f - (u - v)) + (hi - v)) + lo;", "0.0f;"),
    "the lower half": ("(float)(x - (double)high) }", "0 }"),
    "half of a product": ("LSM_FMAF(x.high, y.low, x.low * y.high)", "(x.low * y.high)"),
    "what 1 leaves": ("lsm_less_product(1, near, s) * near", "0"),
}


def paired(folder: Path, build: str) -> subprocess.CompletedProcess[str]:
    """The check of pairs of floats, built and run."""
    shutil.copy(HERE / "pairs_check.c", folder)
    cc(folder, "-std=c11", "-O2", *BUILDS[build], "pairs_check.c", "-lm", "-o", "pairs")
    return subprocess.run([str(folder / "pairs")], capture_output=True, text=True, check=False)


@pytest.mark.parametrize("build", ["native", "plain C"])
def test_pairs_of_floats_hold_44_bits(folder: Path, build: str) -> None:
    run = paired(folder, build)
    assert run.returncode == 0, run.stdout


@pytest.mark.long
@pytest.mark.parametrize("loss", LOSSES)
def test_what_pairs_lose_is_noticed(folder: Path, loss: str, tmp_path: Path) -> None:
    right, wrong = LOSSES[loss]
    text = (folder / "lossmith_fast.h").read_text()
    assert right in text
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    (broken / "lossmith_fast.h").write_text(text.replace(right, wrong))
    assert paired(broken, "native").returncode != 0


def test_the_text_is_the_same_each_time() -> None:
    made = sources("cross_entropy")
    assert made == sources("cross_entropy")
    assert {"cross_entropy_fast.c", "cross_entropy_fast.h"} < set(made)
    assert {"lossmith_fast.h", "lossmith_lanes.h", "lossmith_plan.h", "lossmith_math.h"} < set(made)


def test_the_emitted_text_is_the_golden_one() -> None:
    """Rewritten by hand when the templates change: a reader should see what changed."""
    golden = (HERE / "golden" / "softmax_fast.c").read_text(encoding="utf-8")
    assert sources("softmax")["softmax_fast.c"] == golden
