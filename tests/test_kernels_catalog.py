"""Every statement of the catalog over one range compiles for both targets and is right; those over
several: test_kernels_grids."""

from __future__ import annotations

import math

import numpy as np
import pytest

import codegen
from codegen.accuracy import measure_kernel
from codegen.errors import CodegenError
from codegen.hard import Rows, rows
from codegen.statements import grid_spec
from derive import catalog
from derive.language import Array, At, Exp, Sum, index
from derive.statement import Statement

ONE_RANGE = [name for name in catalog.entries() if grid_spec(name) is None]
LOG_OF_RATIO = {"jensen_shannon"}  # log(y / h) loses digits where y and h are nearly equal
ULP = 64.0  # of the larger of the terms that cancel: parameters add roundings of their own


def ordinary() -> list[Rows]:
    return [r for r in rows("float64", (2, 5)) if r.ordinary and not r.name.startswith("masked")]


@pytest.mark.parametrize("name", ONE_RANGE)
def test_a_catalog_entry_compiles_and_is_right(name: str) -> None:
    given = [r for r in ordinary() if name not in LOG_OF_RATIO or r.name.startswith("normal")]
    for target in ("numpy", "c"):
        found = measure_kernel(codegen.compile(name, target, "float64"), given)
        assert found
        for row in found:
            assert row.compared > 10 and row.ulp <= ULP, row


def test_a_statement_of_ones_own_compiles() -> None:
    j, k = index("j k")
    z, power = Array("z", ("n",)), Array("power", (), "positive")()
    body = Sum(Exp(power * z[k]), k)
    statement = Statement("own", At(Array("L")), body, wrt=z[j])
    kernel = codegen.compile(statement, "c", "float64")
    logits = np.array([[0.5, -1.0]])
    value, gradient = kernel.value_and_grad(logits, power=2.0, reduction="sum")
    assert math.isclose(value, math.exp(1.0) + math.exp(-2.0), rel_tol=1e-15)
    assert np.allclose(gradient, 2 * np.exp(2 * logits), rtol=1e-15)


def test_inputs_by_name_are_asked_for() -> None:
    kernel = codegen.compile("focal", "numpy", "float64")
    logits, labels = np.zeros((2, 3)), np.array([0, 1])
    with pytest.raises(CodegenError, match="needs gamma"):
        kernel.value(logits, labels)
    with pytest.raises(CodegenError, match="takes no beta"):
        kernel.value(logits, labels, gamma=2.0, beta=1.0)
    assert kernel.value(logits, labels, gamma=2.0) > 0
