"""Bugs planted in emitted code, those that shipped elsewhere among them: each is caught.

A kernel is judged by what the other tests demand: its outputs against the truth of the derivation,
with cotangents that differ from row to row, on hard inputs.
"""

from __future__ import annotations

import numpy as np
import pytest

from codegen.accuracy import measure_kernel
from codegen.backends import c, numpy
from codegen.build import kernels
from codegen.compiling import preamble
from codegen.hard import rows
from codegen.interface import Kernel
from codegen.programs import Variant, c_library, numpy_module
from codegen.statements import specs
from codegen.unshifted import unshifted

INPUTS = list(rows("float64", (1, 2, 5)))


def judged(name: str, role: str, target: str, old: str, new: str) -> float:
    """The worst error, in ulp, of a kernel in whose emitted code `old` was replaced by `new`."""
    spec = specs(name)[role]
    lowered = kernels(spec, 2)
    head = preamble(spec, target, lowered)
    if target == "numpy":
        text = numpy.source(lowered, head, unshifted(spec, lowered))
        assert old in text
        programs = numpy_module(spec.name, lowered, text.replace(old, new))
    else:
        texts = c.sources(spec.name, lowered, head)
        file = next(f for f in (f"{spec.name}.c", c.SHARED) if old in texts[f])
        texts[file] = texts[file].replace(old, new)
        programs = c_library(spec.name, lowered, texts, "float64")
    variant = Variant(spec, lambda words: {}, programs)
    planted = Kernel(name, target, "float64", {role: variant}, lambda options: {})
    return max(row.ulp for row in measure_kernel(planted, INPUTS))


SOFT = ("cross_entropy", "targets")
HARD = ("cross_entropy", "labels")
SOFTMAX = ("softmax", "function")
SIGMOID = ("sigmoid", "function")
BINARY = ("binary_cross_entropy", "targets")

PLANTED = [
    ("the row's cotangent is ignored", HARD, "numpy", "ratio = cotangent / s", "ratio = 1 / s"),
    (
        "every row takes the first cotangent",
        HARD,
        "numpy",
        "ratio = cotangent / s",
        "ratio = cotangent[0] / s",
    ),
    (
        "p_t - 1 computed as a difference",
        HARD,
        "numpy",
        "np.where(a == t, rest,",
        "np.where(a == -1, rest,",
    ),
    ("the label's gradient loses its sign", HARD, "numpy", "t, -np.where", "t, np.where"),
    ("log of the sum instead of log1p", HARD, "numpy", "np.log1p(rest)", "np.log(1 + rest)"),
    (
        "the maximum is added to the log first",
        HARD,
        "numpy",
        "log_s - (at(z, t) - m)",
        "(m + log_s) - at(z, t)",
    ),
    ("the label is left out of the sum", HARD, "numpy", "s = e_t + rest", "s = rest"),
    ("odds the wrong way round", HARD, "numpy", "np.log1p(rest / e_t)", "np.log1p(e_t / rest)"),
    ("the others' sum is 1 - p_t", HARD, "numpy", "-rest * cotangent", "(e_t - s) * cotangent"),
    ("rows that lost digits are kept", HARD, "numpy", "return np.flatnonzero(~fine)", "return ()"),
    ("what underflows counts", HARD, "numpy", "2.0**500, -708", "2.0**500, -1e9"),
    ("quotients overflow", HARD, "numpy", "(2.0**-500, 2.0**500", "(2.0**-1022, 2.0**1022"),
    ("sums overflow", SOFTMAX, "numpy", "high <= most and (", "("),
    ("the shift is not made good", HARD, "numpy", "e + e * r", "e"),
    ("rows without a finite maximum", HARD, "numpy", "rest = m - m + ", "rest = 0.5 * "),
    ("the largest is counted twice", HARD, "numpy", "s = 1 + rest", "s = 2 + rest"),
    ("the smallest is taken for the largest", SOFTMAX, "numpy", ".argmax(", ".argmin("),
    ("the diagonal of the Jacobian alone", SOFTMAX, "numpy", "cotangent - ", "cotangent - 0 * "),
    ("the sum of the targets is dropped", SOFT, "numpy", "(sum_y - y)", "(1 - y)"),
    ("the other targets", SOFT, "numpy", "weigh(y, ", "weigh(1 - y, "),
    ("0 times minus infinity", SOFT, "numpy", "np.where(weight == 0, 0, weight * x)", "weight * x"),
    ("the wrong branch", SIGMOID, "numpy", "z > 0", "z < 0"),
    (
        "sigma without its complement",
        SIGMOID,
        "numpy",
        "tail = np.exp(-np.abs(z))",
        "tail = np.exp(-z)",
    ),
    ("binary: the sign of a share", BINARY, "numpy", "np.maximum(-z, 0)", "np.maximum(z, 0)"),
    ("binary: log instead of log1p", BINARY, "numpy", "np.log1p(", "np.log(1 + "),
    (
        "the tail of a row is left out",
        HARD,
        "c",
        "for (; k < n; k++) {",
        "for (; k + 1 < n; k++) {",
    ),
    (
        "the label one further",
        HARD,
        "c",
        "(size_t)lsm_label(t, (size_t)row)",
        "((size_t)lsm_label(t, (size_t)row) + 1) % n",
    ),
    (
        "the row's cotangent is ignored in C",
        HARD,
        "c",
        "* (double)cotangent[row]",
        "* (double)cotangent[0]",
    ),
    ("gradient rows one apart", HARD, "c", "row * grad_row", "0 * grad_row"),
    ("no shift", SOFTMAX, "c", "const double d = x - m;", "const double d = x;"),
    ("a lane is lost", SOFTMAX, "c", "double left = lost[0];", "double left = lost[0] + lane[0];"),
    ("the largest is not left out", HARD, "c", "== a ? 0 :", "== n ? 0 :"),
]


@pytest.mark.parametrize("plant", PLANTED, ids=lambda p: p[0])
def test_planted_bugs_are_caught(plant: tuple[str, tuple[str, str], str, str, str]) -> None:
    _, (name, role), target, old, new = plant
    assert judged(name, role, target, old, new) > 16


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_unchanged_code_is_not(target: str) -> None:
    same = "rest" if target == "numpy" else "const"
    assert judged(*HARD, target, same, same) <= 4
    assert np.isfinite(judged(*SOFTMAX, target, same, same))
