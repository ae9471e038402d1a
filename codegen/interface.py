"""Kernels as people call them: arguments are checked before any work, inputs are never written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from codegen.arguments import Call, Checker, Floats
from codegen.errors import CodegenError
from codegen.programs import Variant
from codegen.specs import TANGENT

REDUCTIONS = ("none", "mean", "sum")
IGNORED = -100
CHANGES: dict[str, Callable[[float], bool]] = {
    "softcap": lambda c: c > 0, "temperature": lambda c: c > 0, "z_loss": lambda c: c >= 0,
}  # fmt: skip
"""Options that are one number, and what that must satisfy."""


@dataclass(frozen=True)
class Kernel:
    """A compiled loss or function.

    Cross-entropy takes the options weight, ignore_index, label_smoothing, softcap, bias,
    temperature and z_loss, in any combination (`codegen.statements.cross_entropy`).

    `variants` holds "function" for a function of the logits, "labels" and "targets" for a loss
    with integer labels and with targets that are real numbers.  Logits have shape (..., n) with
    the classes on `axis`; labels have shape (...), targets the shape and type of the logits.  Other
    arrays and numbers of the statement are given by name; an array of n is shared by the rows.
    Every method raises CodegenError, and computes nothing, when an argument does not fit.
    """

    name: str
    target: str
    dtype: str
    variants: Mapping[str, Variant]
    optional: Callable[[tuple[str, ...]], dict[str, Variant]] = field(repr=False)
    made: dict[tuple[str, ...], Mapping[str, Variant]] = field(default_factory=dict, repr=False)

    @property
    def function(self) -> Variant | None:
        """The variant of a function of the logits."""
        return self.variants.get("function")

    @property
    def labels(self) -> Variant | None:
        """The variant of a loss with integer labels."""
        return self.variants.get("labels")

    @property
    def targets(self) -> Variant | None:
        """The variant of a loss with targets."""
        return self.variants.get("targets")

    def value(self, logits: Any, labels: Any = None, **options: Any) -> Any:
        """The value: for a function an array, for a loss what `reduction` says."""
        if self.function is None:
            call = self._loss(("value",), logits, labels, **options)
            return call.reduced()
        return self._apply(("value",), logits, labels, **options)

    def value_and_grad(self, logits: Any, labels: Any = None, **options: Any) -> Any:
        """The value of a loss and its gradient with respect to the logits.

        The gradient is of the reduced value times `cotangent` (one number, or with reduction "none"
        one for each row); `out` receives it.
        """
        if self.function is not None:
            raise CodegenError(
                f"{self.name} is a function, not a loss: call vjp(logits, cotangent=...)"
            )
        call = self._loss(("value", "grad"), logits, labels, **options)
        return call.reduced(), call.result("grad")

    def vjp(self, logits: Any, labels: Any = None, *, cotangent: Any, **options: Any) -> Any:
        """The product of the cotangent with the Jacobian: an array like the logits."""
        if self.function is None:
            return self.value_and_grad(logits, labels, cotangent=cotangent, **options)[1]
        return self._apply(("vjp",), logits, labels, cotangent=cotangent, **options)

    def jvp(self, logits: Any, labels: Any = None, *, tangent: Any, **options: Any) -> Any:
        """The derivative along the tangent, an array like the logits."""
        if self.function is not None:
            return self._apply(("jvp",), logits, labels, tangent=tangent, **options)
        return self._loss(("jvp",), logits, labels, tangent=tangent, **options).reduced("jvp")

    def hvp(self, logits: Any, labels: Any = None, *, v: Any, **options: Any) -> Any:
        """The product of the Hessian of the reduced loss with v, both arrays like the logits."""
        if self.function is not None:
            raise CodegenError(f"{self.name} is a function, not a loss: it has no Hessian")
        return self._loss(("hvp",), logits, labels, tangent=v, **options).result("hvp")

    def _apply(
        self, words: tuple[str, ...], logits: Any, labels: Any, *, axis: int = -1, out: Any = None,
        cotangent: Any = None, tangent: Any = None, **inputs: Any,
    ) -> Floats:  # fmt: skip
        variant = self.variants["function"]
        if labels is not None:
            raise CodegenError(f"{self.name} takes logits only: leave out labels")
        check = Checker(self.name, self.dtype, variant.spec)
        call = check.logits(logits, axis)
        check.inputs(call, inputs)
        if "vjp" in words:
            check.weigh(call, cotangent, "none")
        if tangent is not None:
            check.vector(call, TANGENT, tangent)
        check.out(call, words[0], out, tangent is None or variant.spec.out is not None)
        call.run(variant.program(words))
        return call.result(words[0])

    def _loss(
        self, words: tuple[str, ...], logits: Any, labels: Any, *, axis: int = -1, out: Any = None,
        weight: Any = None, ignore_index: int = IGNORED, label_smoothing: float = 0.0,
        reduction: str = "mean", cotangent: Any = None, tangent: Any = None, **inputs: Any,
    ) -> Call:  # fmt: skip
        if reduction not in REDUCTIONS:
            raise CodegenError(
                f'unknown reduction "{reduction}": use one of {", ".join(REDUCTIONS)}'
            )
        variants = self._with(weight, label_smoothing, inputs)
        variant, by_label = self._which(variants, labels)
        check = Checker(self.name, self.dtype, variant.spec)
        call = check.logits(logits, axis)
        if by_label:
            check.labels(call, labels, ignore_index)
        elif ignore_index != IGNORED:
            raise CodegenError("ignore_index goes with integer labels: leave it out")
        elif labels is not None:
            inputs = {"y": labels, **inputs}
        check.inputs(call, inputs)
        call.divide(reduction, weight)
        if tangent is not None:
            check.vector(call, TANGENT, tangent)
        if {"grad", "hvp"} & set(words):
            check.weigh(call, cotangent, reduction)
        elif cotangent is not None or out is not None:
            raise CodegenError(f"{self.name}: out and cotangent belong to value_and_grad and hvp")
        for word in words:
            wide = word in ("grad", "hvp")
            elementwise = variant.spec.out is not None
            check.out(call, word, out if wide else None, wide or elementwise)
        call.run(variant.program(words))
        return call

    def _with(
        self, weight: Any, label_smoothing: float, inputs: dict[str, Any]
    ) -> Mapping[str, Variant]:
        """The variants that take the options given; the options join the inputs."""
        given = {"label_smoothing": label_smoothing} if label_smoothing != 0 else {}
        given |= {"weight": weight} if weight is not None else {}
        own = {a.name for v in self.variants.values() for a in v.spec.statement.inputs()}
        given |= {n: inputs.pop(n) for n in (*CHANGES, "bias") if n in inputs and n not in own}
        if not given:
            return self.variants
        if not 0 <= label_smoothing <= 1:
            raise CodegenError(f"label_smoothing={label_smoothing}: expected a number in 0..1")
        for name, least in CHANGES.items():
            number = given.get(name, 1.0)
            if not (np.ndim(number) == 0 and np.isfinite(number) and least(number)):
                words = "0 or more" if name == "z_loss" else "greater than 0"
                raise CodegenError(f"{name}={number!r}: expected a number, {words}")
        options = tuple(sorted(given))
        if options not in self.made:
            self.made[options] = self.optional(options)
        inputs |= given
        return self.made[options]

    def _which(self, variants: Mapping[str, Variant], labels: Any) -> tuple[Variant, bool]:
        """The variant for what stands beside the logits, and whether that is integer labels."""
        integer = labels is not None and np.issubdtype(np.asarray(labels).dtype, np.integer)
        if integer and "labels" in variants:
            return variants["labels"], True
        if integer:
            raise CodegenError(
                f"{self.name} takes targets of type {self.dtype}, not integer labels"
            )
        needs = "targets" in variants and any(
            a.name == "y" for a in variants["targets"].spec.statement.inputs()
        )
        if labels is None and (needs or "targets" not in variants):
            raise CodegenError(f"{self.name} needs labels or targets beside the logits")
        if "targets" not in variants:
            raise CodegenError(f"{self.name} takes integer labels: use int32 or int64")
        return variants["targets"], False
