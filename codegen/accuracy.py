"""How many units in the last place a kernel is off, against the truth of its own derivation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from mpmath import mp, mpf
from numpy.typing import NDArray
from sympy import Expr

from codegen.compiling import compile
from codegen.hard import Rows, rows
from codegen.interface import Kernel
from codegen.programs import Variant
from codegen.specs import COTANGENT, TANGENT, Spec
from codegen.statements import SPECS
from codegen.truth import Truth, precision, settled, working_digits

STRICT = {s.name for made in SPECS.values() for s in made.values()} | {"softplus"}
WIDEST = 800.0
BESIDE = "value with grad"
"""The value as the kernel gives it that makes the gradient too."""
DIGITS_OF = {"float32": 24, "float64": 53}


@dataclass(frozen=True)
class Row:
    """One line of the report: the worst error of one output, and the input that gave it."""

    kernel: str
    output: str
    target: str
    dtype: str
    ulp: float
    at: str
    compared: int


@dataclass(frozen=True)
class Claim:
    """What an output must equal: an expression, and the class index it runs over (or None)."""

    word: str
    expr: Expr
    here: Any
    may_cancel: Callable[[Rows], bool]


def claims(variant: Variant) -> tuple[Claim, ...]:
    """The expressions of the derivation that the outputs of a variant must equal."""
    spec = variant.spec
    words = [word for words in spec.words[:2] for word in words]
    made = tuple(_claim(spec, word) for word in dict.fromkeys(words))
    beside = [replace(c, word=BESIDE) for c in made if c.word == "value" and "grad" in words]
    return (*made, *beside)


def _claim(spec: Spec, word: str) -> Claim:
    expr, here = spec.plain(word)

    def may_cancel(rows: Rows) -> bool:
        return (word != "value" or spec.name not in STRICT) and _cancels(spec, rows)

    return Claim(word, expr, here, may_cancel)


def _cancels(spec: Spec, rows: Rows) -> bool:
    """Whether a derivative is a difference of given numbers: soft targets, a cotangent's mean.

    Of the other statements of the catalog nothing better is claimed.
    """
    if spec.name not in STRICT:
        return True
    if spec.is_function:
        return spec.out is not None and spec.is_row
    return spec.label is None and not rows.exact_targets


def measure(name: str, target: str, dtype: str, inputs: Iterable[Rows] | None = None) -> list[Row]:
    """The worst error of every output of a kernel, one `Row` for each."""
    return measure_kernel(compile(name, target, dtype), rows(dtype) if inputs is None else inputs)


def measure_kernel(kernel: Kernel, inputs: Iterable[Rows]) -> list[Row]:
    """As `measure`, for a kernel at hand; an exhibit is measured on ordinary inputs only."""
    given, found = list(inputs), []
    for role in ("function", "labels", "targets"):
        variant: Variant | None = getattr(kernel, role)
        if variant is not None:
            mine = [case for case in given if variant.spec.stable or case.ordinary]
            found += [_worst(kernel, role, variant, claim, mine) for claim in claims(variant)]
    return found


def _worst(kernel: Kernel, role: str, variant: Variant, claim: Claim, given: list[Rows]) -> Row:
    worst, where, compared = 0.0, "nothing compared", 0
    for case in given:
        got = call(kernel, role, claim.word, case)
        for row in range(len(case.logits)):
            true, size = truth(variant.spec, claim, case, row, kernel.dtype)
            errors = _errors(np.atleast_1d(got[row]), true, size, kernel.dtype)
            compared += errors.size
            if errors.max() > worst:
                worst, where = (
                    float(errors.max()),
                    f"{case.name}, row {row}, class {int(errors.argmax())}",
                )
    return Row(
        f"{kernel.name}[{role}]", claim.word, kernel.target, kernel.dtype, worst, where, compared
    )


def _errors(got: Any, true: list[Any], size: list[Any], dtype: str) -> NDArray[Any]:
    """The error of each component; what was found before for the same truth is not counted anew."""
    known: dict[Any, float] = {}
    made = []
    for g, t, s in zip(got.tolist(), true, size, strict=True):
        key = (g, id(t), id(s))
        if key not in known:
            known[key] = ulps(g, t, s, dtype)
        made.append(known[key])
    return np.array(made)


def call(kernel: Kernel, role: str, word: str, case: Rows) -> NDArray[Any]:
    """The output of a kernel on hard inputs, row by row, with the cotangents of the input."""
    spec = kernel.variants[role].spec
    given: dict[str, Any] = others(spec, case)
    labels = case.labels if role == "labels" else given.pop("y", None)
    if role != "function":
        given["reduction"] = "none"
    if word in ("grad", "vjp", "hvp", BESIDE):
        given["cotangent"] = (
            case.cotangents if spec.out is not None else case.cotangents[:, 0].copy()
        )
    if word == "jvp":
        given["tangent"] = case.tangents
    if word == "hvp":
        given["v"] = case.tangents
    if word in ("grad", BESIDE):
        both = kernel.value_and_grad(case.logits, labels, **given)
        return np.asarray(both[word == "grad"])
    return np.asarray(getattr(kernel, word)(case.logits, labels, **given))


def others(spec: Spec, case: Rows) -> dict[str, Any]:
    """The other arrays and numbers of a statement, in their domains."""
    made: dict[str, Any] = {}
    for array in spec.statement.inputs():
        if array != spec.wrt.array:
            made[array.name] = case.drawn(array.name, array.domain, bool(array.ranges))
    return made


_TRUTHS: dict[Any, Any] = {}


def truth(
    spec: Spec, claim: Claim, case: Rows, row: int, dtype: str
) -> tuple[list[Any], list[Any]]:
    """The true components of a row, and for each the size that its error is measured against."""
    key: tuple[Any, ...] = (
        spec.name,
        claim.word,
        case.name,
        row,
        dtype,
        case.logits.tobytes() if case.logits.size < 64 else case.logits.size,
    )
    if key not in _TRUTHS:
        _TRUTHS[key] = _truth(spec, claim, case, row)
    made: tuple[list[Any], list[Any]] = _TRUTHS[key]
    return made


def _truth(spec: Spec, claim: Claim, case: Rows, row: int) -> tuple[list[Any], list[Any]]:
    z = case.logits[row].astype(np.float64)
    finite = z[np.isfinite(z)]
    largest = float(np.abs(finite).max())
    spread = min(float(finite.max() / 2 - finite.min() / 2), 1e300) * 2 if spec.is_row else largest
    if any(np.ndim(given) == 0 for given in others(spec, case).values()):
        spread = max(spread, WIDEST)  # a number of the statement may stretch the logits
    with working_digits(precision(spread, largest)):
        vectors, numbers = {spec.wrt.array.name: z.tolist()}, {}
        for name, given in others(spec, case).items():
            if np.ndim(given):
                vectors[name] = given[row].tolist()
            else:
                numbers[name] = given
        vectors |= {TANGENT: case.tangents[row].tolist(), COTANGENT: case.cotangents[row].tolist()}
        numbers[COTANGENT] = float(case.cotangents[row, 0])
        places = {spec.label.name: int(case.labels[row])} if spec.label else {}
        kinds = [Truth(len(z), vectors, numbers, places)]
        if claim.may_cancel(case):
            kinds.append(Truth(len(z), vectors, numbers, places, magnitude=True))
        found = [
            k.over(claim.expr, claim.here) if claim.here else [k.at(claim.expr)] for k in kinds
        ]
        known = {id(v): settled(v, spread) for v in found[0]}
        settle = [known[id(v)] for v in found[0]]
    return settle, found[-1]


def ulps(got: Any, true: Any, size: Any, dtype: str) -> float:
    """The error in units in the last place of `size`, where that is a normal number.

    Below the normal range an error is counted in the smallest normal number; above the range the
    result must be infinite.  A NaN where there is a true value is infinitely wrong.
    """
    info = np.finfo(dtype)
    if mp.isnan(true):
        return 0.0 if np.isnan(got) else np.inf
    if mp.isinf(true) or abs(true) > float(info.max):
        return (
            0.0
            if float(got) == float(mp.sign(true)) * np.inf or abs(float(got)) == float(info.max)
            else np.inf
        )
    if not np.isfinite(got):
        return np.inf
    size = max(abs(size), abs(true)) if mp.isfinite(size) else abs(true)
    if size < float(info.tiny):
        return 0.0 if abs(mpf(float(got)) - true) <= float(info.tiny) else np.inf
    unit = mp.ldexp(mpf(1), mp.frexp(size)[1] - DIGITS_OF[dtype])
    return float(abs(mpf(float(got)) - true) / unit)
