"""C kernels: compiled with the system's compiler, kept by content, loaded."""

from __future__ import annotations

import ctypes
import hashlib
import os
import platform
import shutil
import subprocess
import tempfile
from functools import lru_cache
from pathlib import Path

from codegen.errors import CodegenError

FLAGS = (
    "-std=c11", "-O3", "-march=native", "-fno-math-errno", "-fno-trapping-math", "-fPIC", "-shared",
    *(("-mprefer-vector-width=512",) if platform.machine() in ("x86_64", "AMD64") else ()),
)  # fmt: skip
"""Whole registers: by itself gcc takes half of a 512-bit one on many processors."""


def compiler() -> str:
    """The path of the C compiler: $CC, or cc."""
    name = os.environ.get("CC") or "cc"
    found = shutil.which(name)
    if found is None:
        raise CodegenError(
            f'no C compiler: "{name}" was not found; install one or set CC, or use target="numpy"'
        )
    return found


def cache_folder() -> Path:
    """Where compiled kernels are kept, made if need be: $LOSSMITH_CACHE or the user's cache."""
    default = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "lossmith"
    folder = Path(os.environ.get("LOSSMITH_CACHE") or default)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise CodegenError(
            f"the cache folder {folder} cannot be written ({error.strerror}); "
            'set LOSSMITH_CACHE to one that can, or use target="numpy"'
        ) from error
    return folder


def load(name: str, sources: dict[str, str]) -> ctypes.CDLL:
    """The library made of these files, compiled only when the same was not compiled before."""
    return ctypes.CDLL(str(build(name, sources)))


def build(name: str, sources: dict[str, str], more: tuple[str, ...] = ()) -> Path:
    """The file of the library, with `more` options for the compiler."""
    cc = compiler()
    what = (sorted(sources.items()), FLAGS, more, _identity(cc))
    key = hashlib.sha256(repr(what).encode()).hexdigest()
    library = cache_folder() / f"{name}-{key[:24]}.so"
    if not library.exists():
        _compile(cc, name, sources, library, more)
    return library


@lru_cache(maxsize=8)
def _identity(cc: str) -> str:
    """What else the machine code depends on: the compiler, and the processor it tunes for."""
    version = subprocess.run([cc, "--version"], capture_output=True, text=True, check=False).stdout
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8", errors="replace").splitlines() if info.exists() else []
    return version + next((line for line in lines if line.startswith("flags")), "") + _openmp(cc)


@lru_cache(maxsize=8)
def _openmp(cc: str) -> str:
    """The flag for OpenMP, or nothing where the compiler cannot link it."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.c")
        source.write_text(
            "#include <omp.h>\nint probe(void) { return omp_get_max_threads(); }\n",
            encoding="utf-8",
        )
        command = [
            cc,
            "-fopenmp",
            "-fPIC",
            "-shared",
            str(source),
            "-o",
            str(Path(folder, "probe.so")),
        ]
        return (
            "-fopenmp"
            if subprocess.run(command, capture_output=True, check=False).returncode == 0
            else ""
        )


def _compile(
    cc: str, name: str, sources: dict[str, str], library: Path, more: tuple[str, ...]
) -> None:
    """Compile beside the library and move it into place whole: no half-written one is seen."""
    with tempfile.TemporaryDirectory(dir=library.parent) as folder:
        for file, text in sources.items():
            Path(folder, file).write_text(text, encoding="utf-8")
        made = Path(folder, "library.so")
        units = [str(Path(folder, file)) for file in sources if file.endswith(".c")]
        openmp = [_openmp(cc)] if _openmp(cc) else []
        command = [cc, *FLAGS, *more, *openmp, *units, "-o", str(made), "-lm"]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise CodegenError(f"{cc} could not compile {name}.c:\n{result.stderr}")
        made.replace(library)
