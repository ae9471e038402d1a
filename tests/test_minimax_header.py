"""The C header: errors no worse than it prints, hard inputs, planted errors, vectorised loops."""

from __future__ import annotations

import re
import struct
import subprocess
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

import mpmath
import pytest

from codegen.errors import CodegenError
from codegen.minimax import FILE_NAME, LANES_NAME, render_lanes_header, render_math_header
from codegen.minimax_check import (
    BUILDS,
    MEASURED,
    build,
    doubles,
    exhaustive_expf,
    floats,
    run,
    scalar_loops,
    supported,
)
from codegen.minimax_measured import WORST
from tests.sampling import one_of

RUNNABLE = [name for name, flags in BUILDS.items() if supported(flags)]
NAMES = [m.name for m in MEASURED]
WIDE = [m.name for m in MEASURED if not m.narrow]
WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-pedantic", "-Werror")


@cache
def program(name: str) -> Path:
    return build("cc", Path(mkdtemp(prefix="minimax-")), BUILDS[name])


def one(built: str, name: str, argument: str) -> tuple[float, float, float]:
    """Error, argument and value of a function at one float."""
    (bits,) = struct.unpack("<I", struct.pack("<f", float.fromhex(argument)))
    error, at, got = run(program(built), "one", name, bits, 1)
    return float(error), float.fromhex(at), float.fromhex(got)


@pytest.mark.long
def test_every_seventh_float_of_exp_is_within_an_ulp() -> None:
    assert 0.5 < floats(program(RUNNABLE[-1]), "exp", 3, 7).ulp <= 1


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("built", RUNNABLE)
def test_floats_are_no_worse_than_printed(built: str, name: str) -> None:
    printed = WORST[name].get(built, WORST[name]["float"])
    assert 0.45 < floats(program(built), name, 1, 1013).ulp <= printed[0]


@pytest.mark.parametrize("name", WIDE)
@pytest.mark.parametrize("built", RUNNABLE)
def test_doubles_are_no_worse_than_printed(built: str, name: str) -> None:
    assert 0.45 < doubles(program(built), name, 200_000).ulp <= WORST[name]["double"][0]


def test_what_is_printed_is_within_an_ulp_for_exp_and_two_for_the_rest() -> None:
    for name, row in WORST.items():
        exact = name in ("exp", "exp_pair", "exp_flush", "exp_scaled", "exp_split", "exp_lanes")
        assert all(ulp <= (1 if exact else 2) for ulp, _ in row.values())


HARD = {
    "exp": {
        "inf": "inf", "-inf": "0x0p+0", "nan": "nan", "-0x0p+0": "0x1p+0", "0x1.64p+6": "inf",
        "0x1.62e43p+6": "inf", "-0x1.ap+6": "0x0p+0", "-0x1p+127": "0x0p+0",
    },
    "exp_flush": {
        "inf": "inf", "-inf": "0x0p+0", "nan": "nan", "-0x1.5d58ap+6": "0x0p+0",
        "0x1.62e43p+6": "inf", "0x1p+120": "inf", "-0x1p+120": "0x0p+0",
    },
    "exp_scaled": {"inf": "inf", "-inf": "0x0p+0", "nan": "nan", "-0x1.5d58ap+6": "0x0p+0"},
    "exp_lanes": {"-inf": "0x0p+0", "nan": "nan", "-0x1.5e9p+6": "0x0p+0", "0x1.64p+6": "inf"},
    "exp_flush_pair": {"inf": "inf", "-inf": "0x0p+0", "nan": "nan", "0x1p+100": "inf"},
    "exp_pair": {"inf": "inf", "-inf": "0x0p+0", "nan": "nan", "0x1p+100": "inf"},
    "exp_split": {"inf": "inf", "-inf": "0x0p+0", "nan": "nan", "0x0p+0": "0x1p+0"},
    "expm1": {
        "inf": "inf", "-inf": "-0x1p+0", "nan": "nan", "-0x0p+0": "-0x0p+0",
        "0x1p-149": "0x1p-149",
    },
    "log": {
        "inf": "inf", "0x0p+0": "-inf", "-0x0p+0": "-inf", "-0x1p-149": "nan", "nan": "nan",
        "0x1p+0": "0x0p+0", "-inf": "nan",
    },
    "log1p": {
        "inf": "inf", "-0x1p+0": "-inf", "-0x1.000002p+0": "nan", "nan": "nan",
        "-0x0p+0": "-0x0p+0", "-inf": "nan", "-0x1p-149": "-0x1p-149",
    },
    "tanh": {
        "inf": "0x1p+0", "-inf": "-0x1p+0", "nan": "nan", "-0x0p+0": "-0x0p+0",
        "0x1p-149": "0x1p-149",
    },
    "sigmoid": {"inf": "0x1p+0", "-inf": "0x0p+0", "nan": "nan", "-0x0p+0": "0x1p-1"},
}  # fmt: skip


@pytest.mark.parametrize("built", RUNNABLE)
@pytest.mark.parametrize("name", NAMES)
def test_hard_inputs(built: str, name: str) -> None:
    for argument, expected in HARD[name].items():
        got = one(built, name, argument)[2]
        assert got.hex() == float.fromhex(expected).hex(), argument


@pytest.mark.parametrize("name", ["exp", "log", "expm1", "log1p", "tanh"])
def test_the_error_printed_is_that_of_mpmath(name: str) -> None:
    """The worst float again, in the build that is worst there, its error from mpmath, not libm."""
    ulp, text = WORST[name]["float"]
    found = [one(built, name, text) for built in RUNNABLE]
    for error, argument, got in found:
        with mpmath.workdps(40):
            exact = getattr(mpmath, name)(mpmath.mpf(argument))
            exponent = max(int(mpmath.floor(mpmath.log(abs(exact), 2))), -126)
            assert abs(float(abs(got - exact) / mpmath.ldexp(1, exponent - 23)) - error) < 1e-5
    assert ulp - 0.0011 < max(error for error, _, _ in found) <= ulp


PLANTED = [
    ("exp", "a digit of a coefficient", r"0x1\.5554\w+p-3f", "0x1.5553p-3f"),
    ("exp", "1/ln 2", r"0x1\.715476p\+0f", "0x1.6ap+0f"),
    ("exp", "the low part of ln 2", r"0x1\.7f7d1cp-20f", "0x1.7f7d1cp-21f"),
    ("exp", "the bound below", r"lowest = -0x1\.ap\+6f", "lowest = -0x1.9p+6f"),
    ("exp", "NaN lost in a clamp", r"hi < lowest \? lowest : hi", "hi > lowest ? hi : lowest"),
    ("exp_pair", "the low part", r"x == hi \? lo : 0\.0f", "0.0f"),
    ("exp_pair", "NaN in the low part", r"x == hi \? lo : 0\.0f", "lo"),
    ("exp_flush", "the edge of overflow", r"finite_to = 0x1\.62\w+p", "finite_to = 0x1.63p"),
    ("exp_flush", "the edge of flushing", r"normal_from = -0x1\.5\w+p", "normal_from = -0x1.4p"),
    ("exp_scaled", "1/ln 2", r"(_scaled[^}]*?inv_ln2) = 0x1\.715476p\+0f", r"\1 = 0x1.6ap+0f"),
    ("expm1", "the lost half", r"sum_low \+ step_low", "sum_low"),
    ("expm1", "the lost sum", r"sum_low \+ step_low", "step_low"),
    ("expm1", "minus zero", r"\? x : 2\.0f \* \(sum", "? x + 0.0f : 2.0f * (sum"),
    ("log", "subnormal numbers", r"x < least \? x \* lift : x", "x"),
    ("log", "the sign of h", r"rest\) - h\)", "rest) + h)"),
    ("log1p", "the lost part of 1 + x", r"\(1\.0f - \(u - v\)\) \+ \(x - v\)", "0.0f"),
    ("tanh", "the sign", r"outer\) \| sign", "outer)"),
    ("sigmoid", "the tail", r"x > 0\.0f \? 1\.0f : t", "1.0f"),
]


@pytest.mark.parametrize(
    ("name", "what", "old", "new"), one_of(4, PLANTED), ids=[p[1] for p in PLANTED]
)
def test_planted_errors_are_caught(
    name: str, what: str, old: str, new: str, tmp_path: Path
) -> None:
    text, places = re.subn(old, new, render_math_header())
    assert places, f"{what}: nothing to change"
    wrong = build("cc", tmp_path, ("-std=c11",), {FILE_NAME: text})
    assert floats(wrong, name, 0, 256).ulp > WORST[name]["float"][0]


LANES_PLANTED = [
    ("a power of two", r"0x1\.44f3p\+0f", "0x1.44f4p+0f"),
    ("the offset", r"(LSM_OFFSET 0x1\.668)7", r"\g<1>8"),
    ("a coefficient", r"0x1\.000226p-1f", "0x1p-1f"),
    ("the low part of ln 2", r"0x1\.7f7d1cp-20f", "0x1.7f7d1cp-21f"),
    ("whole numbers for sixteenths", r"MAGIC 0x1\.8p\+19f", "MAGIC 0x1.8p+23f"),
    ("no cut", "_CMP_NLT_UQ", "_CMP_TRUE_UQ"),
    ("NaN below the cut", "_CMP_NLT_UQ", "_CMP_GE_OQ"),
]


@pytest.mark.skipif("avx512" not in RUNNABLE, reason="no AVX-512 here")
@pytest.mark.parametrize(
    ("what", "old", "new"), one_of(4, LANES_PLANTED), ids=[p[0] for p in LANES_PLANTED]
)
def test_planted_errors_of_registers_are_caught(
    what: str, old: str, new: str, tmp_path: Path
) -> None:
    text, places = re.subn(old, new, render_lanes_header())
    assert places, f"{what}: nothing to change"
    wrong = build("cc", tmp_path, BUILDS["avx512"], {LANES_NAME: text})
    assert floats(wrong, "exp_lanes", 0, 256).ulp > WORST["exp_lanes"]["avx512"][0]


def test_a_planted_double_coefficient_is_caught(tmp_path: Path) -> None:
    header = render_math_header()
    text, places = re.subn(r"(c1 = 0x1\.55555555)\w+(p-3;)", r"\g<1>\g<2>", header)
    assert places
    wrong = build("cc", tmp_path, ("-std=c11",), {FILE_NAME: text})
    assert doubles(wrong, "exp", 50_000).ulp > 1


@pytest.mark.parametrize("name", list(BUILDS))
def test_every_loop_is_vectorised(name: str) -> None:
    assert scalar_loops("cc", BUILDS[name]) == []


def test_a_scalar_loop_is_noticed() -> None:
    line = "void f(int n, float *y) { for (int i = 1; i < n; i++) y[i] = lsm_expf(y[i - 1]); }"
    assert scalar_loops("cc", BUILDS["avx2"], [line]) == [line]


@pytest.mark.parametrize(("language", "standard"), [("c", "-std=c11"), ("c++", "-std=c++17")])
def test_the_header_compiles_without_a_warning(
    language: str, standard: str, tmp_path: Path
) -> None:
    (tmp_path / FILE_NAME).write_text(render_math_header())
    source = tmp_path / "use.c"
    use = "float f(float);\nfloat f(float x) { return lsm_expf(x); }\n"
    source.write_text(f'#include "{FILE_NAME}"\n{use}')
    command = ["cc", "-x", language, standard, *WARNINGS, "-c", str(source), "-o", "/dev/null"]
    assert subprocess.run(command).returncode == 0
    fast = subprocess.run([*command, "-ffast-math"], capture_output=True)
    assert fast.returncode != 0 and b"-ffast-math" in fast.stderr


def test_the_text_depends_on_the_sources_alone() -> None:
    command = "from codegen.minimax import *; print(render_math_header(), end='')"
    root = Path(__file__).parent.parent
    environment = {"PYTHONHASHSEED": "7", "PYTHONPATH": str(root)}
    again = subprocess.run(
        [sys.executable, "-c", command], capture_output=True, text=True, env=environment, check=True
    )
    assert again.stdout == render_math_header()
    assert str(root) not in again.stdout


def test_an_absent_compiler_is_one_clear_error() -> None:
    with pytest.raises(CodegenError, match="no-such-cc"):
        exhaustive_expf("no-such-cc")
