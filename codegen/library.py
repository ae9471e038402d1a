"""The C library: the kernels of some entries and the files around them, one folder to vendor."""

from __future__ import annotations

from codegen.backends import c_library
from codegen.build import kernels
from codegen.compiling import emit
from codegen.errors import CodegenError
from codegen.kernel import Kernel
from codegen.statements import NAMED, SPECS, cross_entropy, grid_spec, specs

DEFAULT = (
    *(name for name, made in SPECS.items() if all(spec.stable for spec in made.values())),
    *(statement.name for statement in map(cross_entropy, NAMED)),
)
"""What the library holds where nothing is named: all that generated/ has, but the exhibits, and
the cross-entropies with options."""


def emit_files(names: tuple[str, ...], target: str, as_library: bool = False) -> dict[str, str]:
    """What `lossmith emit NAMES` writes, by file name: the kernels of the entries, or a library."""
    if as_library and target == "c":
        return library(names)
    if as_library:
        raise CodegenError(f'--library goes with --target c, not "{target}"')
    if not names:
        raise CodegenError(
            "say what to emit: catalog names, --latex 'L = ...', or --library for all main ones"
        )
    return {file: text for name in names for file, text in emit(name, target).items()}


def library(names: tuple[str, ...] = ()) -> dict[str, str]:
    """The files of the library, by file name: header, sources, CMake, pkg-config, example."""
    wanted = names or DEFAULT
    files: dict[str, str] = {}
    made: dict[str, tuple[Kernel, ...]] = {}
    for name in wanted:
        if grid_spec(name) is not None:
            raise CodegenError(
                f"{name} has arrays over several ranges, the library is for rows of classes: "
                f"lossmith emit {name} --target c"
            )
        files |= emit(name, "c")
        made |= {spec.name: kernels(spec) for spec in specs(name).values()}
    command = " ".join(("lossmith emit --library", *names))
    return files | c_library.sources(made, command)
