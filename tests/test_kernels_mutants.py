"""Every place of a kernel changed in the ways that people go wrong: over a hundred, all caught.

The passes themselves are changed, not their text: a sum turned into a difference, operands swapped,
a factor dropped, a logarithm without its 1 +, a patch left out, a label taken for another place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from codegen.accuracy import measure_kernel
from codegen.build import kernels
from codegen.compiling import preamble
from codegen.hard import rows
from codegen.interface import Kernel
from codegen.kernel import Gather, Let, Map, Op, Pass, Reduce, Value
from codegen.kernel import Kernel as Lowered
from codegen.programs import Variant, numpy_programs
from codegen.specs import Spec
from codegen.statements import specs

KINDS = ("normal", "gap 20", "gap 700", "offset 1e8", "masked", "log shares")
INPUTS = [r for r in rows("float64", (5,)) if r.name.split(",")[0] in KINDS]
SPECS = [
    ("cross_entropy", "labels"), ("cross_entropy", "targets"), ("softmax", "function"),
    ("log_softmax", "function"), ("logsumexp", "function"), ("binary_cross_entropy", "targets"),
    ("sigmoid", "function"),
]  # fmt: skip
OTHERS = {"add": "sub", "sub": "add", "mul": "div", "div": "mul", "weigh": "mul",
          "log1p": "log", "exp_difference": "sub", "relu": "neg", "abs": "neg"}  # fmt: skip
LEAST = 100


def changed(value: Value) -> Iterator[tuple[str, Value]]:
    """The value with one place changed."""
    if isinstance(value, Gather) and value.at == "t":
        yield "the largest for the label", replace(value, at="a")
    if not isinstance(value, Op):
        return
    if value.name in OTHERS:
        yield f"{value.name} as {OTHERS[value.name]}", Op(OTHERS[value.name], value.args)
    if value.name in ("sub", "div", "exp_difference"):
        yield f"{value.name} the wrong way round", Op(value.name, value.args[::-1])
    if value.name in ("mul", "add", "sub", "div", "neg", "weigh"):
        yield f"{value.name} left out", value.args[0]
    if value.name == "select":
        yield "branches swapped", Op("select", (value.args[0], value.args[2], value.args[1]))
    for c, arg in enumerate(value.args):
        for say, inner in changed(arg):
            yield say, Op(value.name, (*value.args[:c], inner, *value.args[c + 1 :]))


def changes(step: Pass) -> Iterator[tuple[str, Pass]]:
    """A pass with one place changed."""
    if isinstance(step, Let):
        yield from ((say, replace(step, value=v)) for say, v in changed(step.value))
        return
    yield from ((say, replace(step, body=v)) for say, v in changed(step.body))
    if isinstance(step, Map):
        for c, patch in enumerate(step.patches):
            others = step.patches[:c] + step.patches[c + 1 :]
            yield "a patch left out", replace(step, patches=others)
            for say, v in changed(patch.value):
                yield say, replace(step, patches=(*others, replace(patch, value=v)))
    if isinstance(step, Reduce) and step.skip:
        yield "the largest counted too", replace(step, skip=())


def mutants(spec: Spec) -> Iterator[tuple[str, tuple[Lowered, ...]]]:
    """The kernels of a spec with one place of one of them changed."""
    made = kernels(spec, 2)
    for c, kernel in enumerate(made):
        for p, step in enumerate(kernel.passes):
            for say, other in changes(step):
                passes = (*kernel.passes[:p], other, *kernel.passes[p + 1 :])
                if other not in kernel.passes:
                    one = replace(kernel, passes=passes)
                    yield f"{kernel.name}: {step.name}: {say}", (*made[:c], one, *made[c + 1 :])


def wrong(name: str, role: str, spec: Spec, made: tuple[Lowered, ...]) -> bool:
    """Whether the measure against the truth notices."""
    programs = numpy_programs(spec.name, made, preamble(spec, "numpy", made))
    variant = Variant(spec, lambda words: {}, programs)
    planted = Kernel(name, "numpy", "float64", {role: variant}, lambda options: {})
    try:
        return max(row.ulp for row in measure_kernel(planted, INPUTS)) > 16
    except (TypeError, IndexError, ValueError, NameError):
        return True


HARMLESS = (
    ("binary_cross_entropy", "weigh as mul"),  # matters at +inf: test_kernels_special
    ("log_softmax_vjp: vjp", "a patch left out"),  # the same to 16 ulp
)


@pytest.mark.parametrize("name,role", SPECS)
def test_every_changed_place_is_noticed(name: str, role: str) -> None:
    spec = specs(name)[role]
    missed = [say for say, made in mutants(spec) if not wrong(name, role, spec, made)]
    assert [say for say in missed if not any(a in say and b in say for a, b in HARMLESS)] == []


def test_there_are_more_than_a_hundred() -> None:
    count = sum(1 for name, role in SPECS for _ in mutants(specs(name)[role]))
    assert count >= LEAST and np.isfinite(count)
