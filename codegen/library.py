"""The C library: the kernels of some entries and the files around them, one folder to vendor."""

from __future__ import annotations

from codegen.backends import c_library
from codegen.build import kernels
from codegen.compiling import emit
from codegen.kernel import Kernel
from codegen.statements import SPECS, specs

DEFAULT = tuple(
    name for name, made in SPECS.items() if all(spec.stable for spec in made.values())
)
"""What the library holds where nothing is named: all that generated/ has, but the exhibits."""


def library(names: tuple[str, ...] = ()) -> dict[str, str]:
    """The files of the library, by file name: header, sources, CMake, pkg-config, example."""
    wanted = names or DEFAULT
    files: dict[str, str] = {}
    made: dict[str, tuple[Kernel, ...]] = {}
    for name in wanted:
        files |= emit(name, "c")
        made |= {spec.name: kernels(spec) for spec in specs(name).values()}
    command = " ".join(("lossmith emit --library", *names))
    return files | c_library.sources(made, command)
