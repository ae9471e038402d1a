"""Kernels that take e^z as it is: no largest logit is looked for, and nothing is shifted.

They keep every digit where the sums of exponentials are normal numbers, and what is too small to be
one counts for nothing.  That is seen once the sums are made; the rows where it is not so go to the
shifted kernel.
"""

from __future__ import annotations

from dataclasses import replace

from codegen import fast
from codegen.build import build
from codegen.errors import CodegenError
from codegen.kernel import (
    Element,
    Gather,
    Kernel,
    Let,
    Op,
    Pass,
    Reduce,
    is_vector,
    kernel_name,
    pass_values,
    walk,
)  # fmt: skip
from codegen.schedule import name_number
from codegen.specs import Spec
from codegen.stability import EXPANSIONS, UNSHIFTED

MADE_OF = frozenset({"add", "mul", "div", "neg", "exp", "log1p"})
"""Operations of positive numbers that lose no digits."""


def unshifted(spec: Spec, kernels: tuple[Kernel, ...]) -> tuple[Kernel, ...]:
    """The kernels that can do without a shift, made so."""
    return tuple(made for k in kernels if (made := _unshifted(spec, k)) is not None)


def _unshifted(spec: Spec, kernel: Kernel) -> Kernel | None:
    """The same kernel without a shift; None where it would lose digits that the other one keeps."""
    if not fast.only_scales(kernel):
        return None
    words = next(w for w in spec.words if kernel.name == kernel_name(spec.name, w))
    try:
        made = build(spec, words, (UNSHIFTED, EXPANSIONS))
    except CodegenError:  # the sum without each class in turn
        return None
    fits = {v.name for v in _operations(made.passes)} <= MADE_OF and _sums_of_powers(made.passes)
    return replace(made, passes=_named(made.passes)) if fits else None


def _sums_of_powers(passes: tuple[Pass, ...]) -> bool:
    """Whether there is one sum, and the exponentials are those of the logits."""
    powers = (v.args[0] for v in _operations(passes) if v.name == "exp")
    return sum(isinstance(p, Reduce) for p in passes) == 1 and all(
        isinstance(v, (Element, Gather)) for v in powers
    )


def _operations(passes: tuple[Pass, ...]) -> list[Op]:
    return [v for p in passes for top in pass_values(p) for v in walk(top) if isinstance(v, Op)]


def _named(passes: tuple[Pass, ...]) -> tuple[Pass, ...]:
    """Exponentials of single logits get names: they must turn out to be normal numbers."""
    for value in _operations(passes):
        made = any(isinstance(p, Let) and p.value == value for p in passes)
        if value.name == "exp" and not is_vector(value) and not made:
            passes = name_number(passes, value)
    return passes
