"""Headers of emitted C that hold computed numbers: computed once, then kept by content."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from codegen import native
from codegen.errors import CodegenError
from codegen.minimax import FILE_NAME, LANES_NAME, render_lanes_header, render_math_header


@lru_cache(maxsize=1)
def math_header() -> dict[str, str]:
    """{file name: text} of `lossmith_math.h`; computing it takes seconds, reading it does not."""
    return {FILE_NAME: _kept(FILE_NAME, render_math_header)}


@lru_cache(maxsize=1)
def lanes_header() -> dict[str, str]:
    """{file name: text} of `lossmith_lanes.h`, which has the same polynomials."""
    return {LANES_NAME: _kept(LANES_NAME, render_lanes_header)}


def _kept(name: str, render: Callable[[], str]) -> str:
    try:
        kept = native.cache_folder() / f"{_key()}-{name}"
    except CodegenError:
        return render()
    if not kept.exists():
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_text(render(), encoding="utf-8")
        fresh.replace(kept)
    return kept.read_text(encoding="utf-8")


def _key() -> str:
    """What the headers depend on: the program that computes them, and their templates."""
    here = Path(__file__).parent
    templates = [here / "templates" / "c" / name for name in ("math.h.j2", "lanes.h.j2")]
    sources = [*sorted(here.glob("minimax*.py")), *templates]
    return hashlib.sha256(b"".join(p.read_bytes() for p in sources)).hexdigest()[:24]
