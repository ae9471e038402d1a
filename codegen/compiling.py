"""From a name or specs to kernels that can be called, and to files that can be kept."""

from __future__ import annotations

from codegen.backends import c, numpy
from codegen.backends.preamble import Preamble
from codegen.build import kernels
from codegen.errors import CodegenError
from codegen.headers import math_header
from codegen.interface import Kernel, Variant
from codegen.programs import c_programs, numpy_programs
from codegen.specs import Spec
from codegen.statements import specs

TARGETS = ("numpy", "c")
DTYPES = ("float32", "float64")


def compile_specs(
    name: str, specs: dict[str, Spec], target: str = "c", dtype: str = "float32"
) -> Kernel:
    """A kernel from its variants: {"function" | "labels" | "targets": spec}."""
    if target not in TARGETS:
        raise CodegenError(f'unknown target "{target}": use one of {", ".join(TARGETS)}')
    if dtype not in DTYPES:
        raise CodegenError(f'unknown dtype "{dtype}": use one of {", ".join(DTYPES)}')
    variants = {role: _variant(spec, target, dtype) for role, spec in specs.items()}
    return Kernel(name, target, dtype, **variants)


def compile(name: str, target: str = "c", dtype: str = "float32") -> Kernel:
    """The kernel of a name, checked against its arguments when called.

    `target` is "c" (compiled once and cached) or "numpy"; `dtype` is "float32" or "float64".
    """
    return compile_specs(name, specs(name), target, dtype)


def emit(name: str, target: str) -> dict[str, str]:
    """The files of a kernel for a target, by file name: the same text wherever and whenever."""
    if target not in TARGETS:
        raise CodegenError(f'unknown target "{target}": use one of {", ".join(TARGETS)}')
    files: dict[str, str] = {}
    for spec in specs(name).values():
        made, head = kernels(spec), preamble(spec, target)
        if target == "numpy":
            files[f"{spec.name}.py"] = numpy.source(made, head)
        else:
            files |= c.sources(spec.name, made, head) | math_header()
    return files


def _variant(spec: Spec, target: str, dtype: str) -> Variant:
    made = kernels(spec)
    head = preamble(spec, target)
    programs = (
        numpy_programs(spec.name, made, head)
        if target == "numpy"
        else c_programs(spec.name, made, head, dtype)
    )
    return Variant(spec, {k.name.removeprefix(f"{spec.name}_"): programs[k.name] for k in made})


def preamble(spec: Spec, target: str) -> Preamble:
    """What the files emitted for a spec say on top."""
    made = kernels(spec)
    template = {"numpy": "numpy/module.py.j2", "c": "c/source.c.j2"}[target]
    rules = tuple(dict.fromkeys(rule for k in made for rule in k.rules))
    return Preamble(
        name=spec.name,
        statement=(made[0].formula,),
        facts=tuple(dict.fromkeys(f for k in made for f in k.facts)),
        rules=rules,
        template=template,
        parameters="none",
        command=f"lossmith emit {spec.name} --target {target}",
    )
