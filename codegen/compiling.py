"""From a name or a statement to kernels that can be called, and to files that can be kept."""

from __future__ import annotations

from codegen import halves, quick
from codegen.backends import c, c_fast, numpy
from codegen.backends.preamble import Preamble
from codegen.build import build, kernels
from codegen.errors import CodegenError
from codegen.headers import math_header
from codegen.interface import Kernel
from codegen.kernel import Kernel as Lowered
from codegen.programs import Program, Variant, c_programs, numpy_programs
from codegen.specs import Spec
from codegen.statements import Specs, from_statement, specs, with_options
from derive.errors import DeriveError
from derive.statement import Statement

TARGETS = ("numpy", "c")
DTYPES = ("float32", "float64", "bfloat16", "float16")
TEMPLATES = {"numpy": "numpy/module.py.j2", "c": "c/source.c.j2"}


def compile(loss: str | Statement, target: str = "c", dtype: str = "float32") -> Kernel:
    """The kernel of a name or statement, checked against its arguments when called.

    `target` is "c" (compiled once and cached) or "numpy"; `dtype` is "float32", "float64", or
    "bfloat16" or "float16" with float32 inside (see `codegen.halves`).
    """
    name = loss if isinstance(loss, str) else loss.name
    return compile_specs(
        name, specs(loss) if isinstance(loss, str) else from_statement(loss), target, dtype
    )


def compile_specs(name: str, made: Specs, target: str = "c", dtype: str = "float32") -> Kernel:
    """A kernel from its variants: {"function" | "labels" | "targets": spec}."""
    if target not in TARGETS:
        raise CodegenError(f'unknown target "{target}": use one of {", ".join(TARGETS)}')
    if dtype not in DTYPES:
        raise CodegenError(f'unknown dtype "{dtype}": use one of {", ".join(DTYPES)}')

    def optional(options: tuple[str, ...]) -> dict[str, Variant]:
        return _variants(with_options(name, options), target, dtype)

    kernel = Kernel(name, target, dtype, _variants(made, target, dtype), optional)
    if target == "c":
        quick.attach(kernel)
    return kernel


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
        head = preamble(spec, target, lowered)
        if target == "numpy":
            made = numpy_programs(name, lowered, head)
            narrow = dtype in halves.WIDE
            return {k: halves.Narrowed(run) for k, run in made.items()} if narrow else made
        return c_programs(name, lowered, head, dtype)

    variant = Variant(spec, lambda words: load((build(spec, words),), f"{spec.name}_{words[0]}"))
    variant.programs.update(load(kernels(spec, 2), spec.name))
    return variant


def emit(name: str, target: str) -> dict[str, str]:
    """The files of a kernel for a target, by file name: the same text wherever and whenever."""
    if target not in TARGETS:
        raise CodegenError(f'unknown target "{target}": use one of {", ".join(TARGETS)}')
    files: dict[str, str] = {}
    for spec in specs(name).values():
        made = kernels(spec)
        head = preamble(spec, target, made)
        if target == "numpy":
            files[f"{spec.name}.py"] = numpy.source(made, head)
        else:
            files |= c.sources(spec.name, made, head) | math_header()
            files |= c_fast.sources(spec.name, made, head)
    return files


def preamble(spec: Spec, target: str, made: tuple[Lowered, ...]) -> Preamble:
    """What the files emitted for a spec say on top."""
    return Preamble(
        name=spec.name,
        statement=(made[0].formula, *made[0].where),
        facts=tuple(dict.fromkeys(f for k in made for f in k.facts)),
        rules=tuple(dict.fromkeys(rule for k in made for rule in k.rules)),
        template=TEMPLATES[target],
        parameters="none",
        command=f"lossmith emit {spec.name.removesuffix('_soft')} --target {target}",
    )
