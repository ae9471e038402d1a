"""The math header of emitted C: computed once, then kept in the user's cache by content."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from codegen import native
from codegen.errors import CodegenError
from codegen.minimax import FILE_NAME, render_math_header


@lru_cache(maxsize=1)
def math_header() -> dict[str, str]:
    """{file name: text} of `lossmith_math.h`; computing it takes seconds, reading it does not."""
    try:
        kept = native.cache_folder() / f"{_key()}-{FILE_NAME}"
    except CodegenError:
        return {FILE_NAME: render_math_header()}
    if not kept.exists():
        fresh = kept.with_suffix(".new")
        fresh.write_text(render_math_header(), encoding="utf-8")
        fresh.replace(kept)
    return {FILE_NAME: kept.read_text(encoding="utf-8")}


def _key() -> str:
    """What the header depends on: the program that computes it, and its template."""
    here = Path(__file__).parent
    sources = [*sorted(here.glob("minimax*.py")), here / "templates" / "c" / "math.h.j2"]
    return hashlib.sha256(b"".join(p.read_bytes() for p in sources)).hexdigest()[:24]
