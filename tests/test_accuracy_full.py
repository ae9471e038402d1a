"""`lossmith verify --full`: what it measures, the page it writes, and that it can fail."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import numpy as np
import pytest

from codegen import full
from codegen.accuracy import Row, measure, ulps
from codegen.build import kernels
from codegen.compiling import preamble
from codegen.full import Full, Sized
from codegen.hard import FULL_SIZES, full_rows
from codegen.kernel import Kernel, Let, Op
from codegen.minimax_check import Finding
from codegen.programs import numpy_programs
from codegen.statements import specs


def row(ulp: float) -> Sized:
    return Sized(Row("softmax[function]", "value", "c", "float32", ulp, "gap 87", 10), 10)


@pytest.mark.parametrize("ulp", [4.01, np.inf, np.nan])
def test_a_kernel_beyond_its_bound_is_named(ulp: float) -> None:
    assert not Full((row(4.0),), ()).missed
    assert len(Full((row(1.0), row(ulp)), ()).missed) == 1


def test_a_function_beyond_its_bound_is_named() -> None:
    found = Finding(1.01, 1.0, 2.7)
    assert Full((), (("exp", "baseline", found),)).missed
    assert not Full((), (("sigmoid", "baseline", found),)).missed


def test_the_page_has_a_line_for_each_output_and_a_column_for_each_size() -> None:
    text = full.page(Full((row(1.0), replace(row(2.5), n=1000)), ()))
    assert "| kernel | output | target | dtype | 10 | 1,000 | worst at |" in text
    assert "| softmax[function] | value | c | float32 | 1.00 | 2.50 | gap 87 |" in text


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_labels_stand_at_the_largest_the_smallest_and_a_middle_logit(dtype: str) -> None:
    for n in (3, 1000):
        for case in full_rows(dtype, n):
            ranks = np.argsort(np.argsort(case.logits, kind="stable"), kind="stable")
            at = [case.logits[r, case.labels[r]] for r in range(3)]
            assert at[0] == case.logits[0].max() and at[1] == case.logits[1].min()
            assert 0 < ranks[2, case.labels[2]] < n - 1 or len(set(case.logits[2])) < 3
    assert {1, 2, 3, 10, 1000, 32_000, 262_144} == set(FULL_SIZES)


@pytest.mark.long
def test_long_rows_are_measured_in_every_component() -> None:
    given = [case for case in full_rows("float32", 32_000) if case.name.startswith("gap 87")]
    assert np.all(given[0].logits[0] <= given[0].logits[0, given[0].labels[0]])
    found = measure("softmax", "c", "float32", given)
    assert all(r.compared == 3 * 32_000 and r.ulp <= 4 for r in found)


def plainly(kernel: Kernel) -> Kernel:
    """The kernel with m + log s as a mere sum."""
    return replace(kernel, passes=tuple(
        replace(p, value=Op("add", p.value.args[:2]))
        if isinstance(p, Let) and isinstance(p.value, Op) and p.value.name == "log_sum" else p
        for p in kernel.passes
    ))  # fmt: skip


def test_a_log_sum_that_is_a_mere_sum_is_caught() -> None:
    spec = specs("logsumexp")["function"]
    (kernel,) = kernels(spec, 1)
    logits = np.array([[np.log(0.5), np.log(0.5)]])
    with mpmath.workdps(60):
        true = mpmath.log(2 * mpmath.exp(mpmath.mpf(float(logits[0, 0]))))
    errors = []
    for made in (kernel, plainly(kernel)):
        program = numpy_programs("planted", (made,), preamble(spec, "numpy", (made,)))[kernel.name]
        out = {"value": np.empty(1)}
        program({"z": logits}, out)
        errors.append(ulps(out["value"][0], true, true, "float64"))
    assert errors[0] <= 4 < errors[1]
