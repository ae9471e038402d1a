"""Tests that need TeX, a browser or more compilers, and those that take minutes, run where they are
asked for by their marker (`-m "tex or browser or toolchain or long"`, as `.ci/run` does).

Asked for, they fail where the program is missing; otherwise they are deselected, and the summary
says so.
"""

from __future__ import annotations

import pytest

MARKERS = {
    "tex": "builds PDF: needs latexmk, XeLaTeX, the Chinese packages and pdffonts",
    "browser": "opens the page: needs chromium",
    "long": "takes minutes: libraries built whole, mutants by the hundred, floats by the million",
    "toolchain": "builds C elsewhere: needs clang, cmake, pkg-config, qemu-user, ziglang",
}


def pytest_configure(config: pytest.Config) -> None:
    for name, needs in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {needs}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("markexpr"):
        return
    left_out = [i for i in items if any(i.get_closest_marker(m) for m in MARKERS)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [i for i in items if i not in left_out]
