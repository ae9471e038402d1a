"""Where results go: a folder that cannot be written is refused before any work."""

from __future__ import annotations

import os
from pathlib import Path

from codegen.errors import CodegenError


def writable(out: Path, what: str = "") -> Path:
    """The folder itself; CodegenError where files cannot be written into it, or it into another."""
    words = f"cannot write {what} to {out}" if what else f"cannot write to {out}"
    there = next(p for p in (out.absolute(), *out.absolute().parents) if p.exists())
    if not there.is_dir():
        raise CodegenError(f"{words}: {there} is a file; name a folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise CodegenError(f"{words}: {there} is not yours to write in; name another folder")
    return out
