"""From a name or a statement to kernels that can be called, and to files that can be kept."""

from __future__ import annotations

from codegen import grid_interface, grids, halves, quick, quick_numpy
from codegen.backends import c, c_fast, c_grids, numpy, numpy_grids
from codegen.backends.preamble import Preamble
from codegen.build import build, kernels
from codegen.errors import CodegenError
from codegen.grid_interface import GridKernel
from codegen.grid_specs import GridSpec
from codegen.grids import Grid
from codegen.headers import math_header
from codegen.interface import Kernel
from codegen.kernel import Kernel as Lowered
from codegen.programs import Program, Variant, c_programs, numpy_programs
from codegen.specs import Spec
from codegen.statements import Specs, from_statement, grid_spec, specs, with_options
from codegen.unshifted import unshifted
from derive.errors import DeriveError
from derive.statement import Statement

TARGETS = ("numpy", "c")
NATIVE = ("float32", "float64")
"""Types that are measured against the truth by themselves; 16 bits are float32, rounded."""
DTYPES = (*NATIVE, "bfloat16", "float16")
TEMPLATES = {"numpy": "numpy/module.py.j2", "c": "c/source.c.j2"}


def compile(loss: str | Statement, target: str = "c", dtype: str = "float32") -> Kernel:
    """The kernel of a name or statement, checked against its arguments when called.

    `target` is "c" (compiled once and cached) or "numpy"; `dtype` is "float32", "float64", or
    "bfloat16" or "float16" with float32 inside (see `codegen.halves`).
    """
    grid = grid_spec(loss)
    if grid is not None:
        return compile_grid(grid, *_known(target, dtype))
    return compile_specs(_name(loss), _specs(loss), target, dtype)


def _name(loss: str | Statement) -> str:
    return loss if isinstance(loss, str) else loss.name


def _specs(loss: str | Statement) -> Specs:
    return specs(loss) if isinstance(loss, str) else from_statement(loss)


def compile_specs(name: str, made: Specs, target: str = "c", dtype: str = "float32") -> Kernel:
    """A kernel from its variants: {"function" | "labels" | "targets": spec}."""
    _known(target, dtype)

    def optional(options: tuple[str, ...]) -> dict[str, Variant]:
        return _variants(with_options(name, options), target, dtype)

    kernel = Kernel(name, target, dtype, _variants(made, target, dtype), optional)
    (quick if target == "c" else quick_numpy).attach(kernel)
    return kernel


def _known(target: str, dtype: str = "float32") -> tuple[str, str]:
    """The target and type, which must be known."""
    if target not in TARGETS:
        raise CodegenError(f'unknown target "{target}": use one of {", ".join(TARGETS)}')
    if dtype not in DTYPES:
        raise CodegenError(f'unknown dtype "{dtype}": use one of {", ".join(DTYPES)}')
    return target, dtype


def compile_grid(spec: GridSpec, target: str, dtype: str) -> GridKernel:
    """The kernel of a statement over several ranges."""
    if dtype in halves.WIDE:
        raise CodegenError(f"{spec.name} sums over several ranges: compile it for float32")

    def load(made: tuple[Grid, ...]) -> grid_interface.Programs:
        head = grid_preamble(spec, target, made)
        if target == "numpy":
            return grid_interface.numpy_programs(spec, made, head)
        return grid_interface.c_programs(spec, made, head, dtype)

    return GridKernel(
        spec.name, target, dtype, {}, lambda options: {}, spec=spec,
        programs=load(grids.kernels(spec, 2)), more=lambda words: load((grids.build(spec, words),)),
    )  # fmt: skip


def grid_preamble(
    spec: GridSpec, target: str, made: tuple[Grid, ...], command: str = ""
) -> Preamble:
    """What the files emitted for a statement over several ranges say on top."""
    template = "numpy/grid.py.j2" if target == "numpy" else "c/grid.c.j2"
    return Preamble(
        name=spec.name,
        statement=(made[0].formula, *made[0].where),
        facts=tuple(dict.fromkeys(f for k in made for f in k.facts)),
        rules=tuple(dict.fromkeys(rule for k in made for rule in k.rules)),
        template=template,
        parameters="none",
        command=command or f"lossmith emit {spec.name} --target {target}",
    )


def _variants(made: Specs, target: str, dtype: str) -> dict[str, Variant]:
    found = {}
    for role, spec in made.items():
        try:
            found[role] = _variant(spec, target, dtype)
        except DeriveError:
            if role != "labels" or "targets" not in made:
                raise  # y_k = δ_kt has no meaning in some statements: log y_k, for one
    return found


def _variant(spec: Spec, target: str, dtype: str) -> Variant:
    """The first two kernels at once, so that what is wrong shows here; the others when asked."""

    def load(lowered: tuple[Lowered, ...], name: str) -> dict[str, Program]:
        if target == "numpy":
            tried = unshifted(spec, lowered)
            head = preamble(spec, target, lowered + tried)
            made = numpy_programs(name, lowered, head, tried)
            narrow = dtype in halves.WIDE
            return {k: halves.Narrowed(run) for k, run in made.items()} if narrow else made
        return c_programs(name, lowered, preamble(spec, target, lowered), dtype)

    variant = Variant(spec, lambda words: load((build(spec, words),), f"{spec.name}_{words[0]}"))
    variant.programs.update(load(kernels(spec, 2), spec.name))
    return variant


def emit(loss: str | Statement, target: str, command: str = "") -> dict[str, str]:
    """The files of a kernel for a target, by file name: the same text wherever and whenever.

    `loss` is a catalog name or a statement; `command` is what the files name as their origin,
    `lossmith emit NAME` unless given.
    """
    _known(target)
    files: dict[str, str] = {}
    grid = grid_spec(loss)
    if grid is not None:
        tables = grids.kernels(grid)
        head = grid_preamble(grid, target, tables, command)
        if target == "numpy":
            return {f"{grid.name}.py": numpy_grids.source(tables, head)}
        return c_grids.sources(grid.name, tables, head) | math_header()
    for spec in _specs(loss).values():
        made = kernels(spec)
        if target == "numpy":
            tried = unshifted(spec, made)
            head = preamble(spec, target, made + tried, command)
            files[f"{spec.name}.py"] = numpy.source(made, head, tried)
        else:
            head = preamble(spec, target, made, command)
            files |= c.sources(spec.name, made, head) | math_header()
            files |= c_fast.sources(spec.name, made, head)
    return files


def preamble(spec: Spec, target: str, made: tuple[Lowered, ...], command: str = "") -> Preamble:
    """What the files emitted for a spec say on top."""
    return Preamble(
        name=spec.name,
        statement=(made[0].formula, *made[0].where),
        facts=tuple(dict.fromkeys(f for k in made for f in k.facts)),
        rules=tuple(dict.fromkeys(rule for k in made for rule in k.rules)),
        template=TEMPLATES[target],
        parameters="none",
        command=command or f"lossmith emit {spec.name.removesuffix('_soft')} --target {target}",
    )
