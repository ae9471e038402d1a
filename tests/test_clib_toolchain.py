"""The emitted C library under other compilers, for other machines, and as other builds find it.

These need what `.ci/run` installs, and fail where it is missing: `pytest -m toolchain`.
"""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path

import clib
import clib_remote
import pytest
from clib import NAMES, PLAIN, SPEED, STRICT, built, cc, loaded, program, tool, units, written, zig

from codegen.accuracy import measure_kernel
from codegen.build import kernels
from codegen.hard import rows
from codegen.statements import specs

pytestmark = pytest.mark.toolchain
TARGETS = ("aarch64-linux-musl", "x86_64-windows-gnu", "aarch64-macos", "x86_64-macos")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("toolchain"))


def test_what_is_missing_is_said() -> None:
    with pytest.raises(pytest.fail.Exception, match="no-such-compiler is not installed"):
        tool("no-such-compiler")


@pytest.mark.parametrize("options", [(), ("-mavx2", "-mfma"), PLAIN], ids=["", "AVX2", "plain"])
def test_clang_has_no_warning(folder: Path, options: tuple[str, ...]) -> None:
    sources = (*units(folder), "example/example.c")
    cc(folder, tool("clang"), *STRICT, "-O1", *options, "-I.", "-c", *sources)


def test_clang_reads_the_header_as_c_plus_plus(folder: Path) -> None:
    options = ("-std=c++11", "-Wall", "-Wextra", "-Wconversion", "-pedantic", "-Werror")
    (folder / "example" / "header.cpp").write_text('#include "lossmith.h"\n')
    cc(folder, tool("clang++"), *options, "-I.", "-fsyntax-only", "example/header.cpp")


@pytest.mark.parametrize("target", TARGETS)
def test_it_is_built_for(folder: Path, target: str) -> None:
    out = ("-o", f"example-{target}", "-lm")
    cc(folder, *zig(target), *STRICT, *SPEED, "-I.", *units(folder), "example/example.c", *out)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("options", [(), ("-march=native",), PLAIN], ids=["", "native", "plain"])
def test_clang_keeps_every_digit(name: str, options: tuple[str, ...]) -> None:
    library = built(*options, compiler=tool("clang"))
    for dtype in ("float32", "float64"):
        for row in measure_kernel(clib.kernel(name, dtype, loaded(library)), rows(dtype, (1, 17))):
            assert row.ulp <= 4, row


@pytest.mark.parametrize("options", [(), PLAIN], ids=["NEON", "plain"])
def test_aarch64_keeps_every_digit(options: tuple[str, ...]) -> None:
    made = [k for name in NAMES for spec in specs(name).values() for k in kernels(spec)]
    texts = clib.files() | {"remote.c": clib_remote.source(made)}
    command = [*zig("aarch64-linux-musl"), "-std=c11", *SPEED, *options, "-static"]
    run = [str(program(command, texts))]
    run = run if platform.machine() == "aarch64" else [tool("qemu-aarch64"), *run]
    with subprocess.Popen(run, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for name in NAMES:
            for dtype in ("float32", "float64"):
                kernel = clib.kernel(name, dtype, clib_remote.remote(process, made))
                for row in measure_kernel(kernel, rows(dtype, (1, 17))):
                    assert row.ulp <= 4, row
        assert process.stdin is not None
        process.stdin.close()


def test_cmake_installs_what_find_package_and_pkg_config_find(folder: Path, tmp_path: Path) -> None:
    cmake, prefix = tool("cmake"), tmp_path / "prefix"
    cc(folder, cmake, "-S", ".", "-B", str(tmp_path / "build"), "-DLOSSMITH_EXAMPLE=ON")
    cc(folder, cmake, "--build", str(tmp_path / "build"))
    cc(folder, cmake, "--install", str(tmp_path / "build"), "--prefix", str(prefix))
    said = {run(tmp_path / "build/example/lossmith_example")}
    own = tmp_path / "own"
    cc(folder, cmake, "-S", "example", "-B", str(own), f"-DCMAKE_PREFIX_PATH={prefix}")
    cc(folder, cmake, "--build", str(own))
    said |= {run(own / "lossmith_example")}
    cc(folder, "cc", "example/example.c", *flags(prefix), "-o", str(tmp_path / "example"))
    said |= {run(tmp_path / "example")}
    assert len(said) == 1 and "mean loss" in said.pop()


def flags(prefix: Path) -> list[str]:
    """What pkg-config says, wherever the library was installed."""
    found = next(prefix.rglob("lossmith.pc")).parent
    made = subprocess.run(
        [tool("pkg-config"), "--cflags", "--libs", "lossmith"], capture_output=True, text=True,
        check=True, env=os.environ | {"PKG_CONFIG_PATH": str(found)},
    )  # fmt: skip
    return made.stdout.split()


def run(path: Path) -> str:
    return subprocess.run([path], capture_output=True, text=True, check=True).stdout


def test_a_shared_library_is_found_too(folder: Path, tmp_path: Path) -> None:
    prefix, build = tmp_path / "prefix", str(tmp_path / "build")
    options = ["-DBUILD_SHARED_LIBS=ON", "-DLOSSMITH_FAST=OFF", "-DLOSSMITH_OPENMP=OFF"]
    cc(folder, tool("cmake"), "-S", ".", "-B", build, *options)
    cc(folder, "cmake", "--build", build)
    cc(folder, "cmake", "--install", build, "--prefix", str(prefix))
    own = tmp_path / "own"
    cc(folder, "cmake", "-S", "example", "-B", str(own), f"-DCMAKE_PREFIX_PATH={prefix}")
    cc(folder, "cmake", "--build", str(own))
    assert "mean loss" in run(own / "lossmith_example")
