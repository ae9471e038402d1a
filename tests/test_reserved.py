"""An input whose name emitted code uses for something else does not take its place."""

from __future__ import annotations

import re

import numpy as np
import pytest

import lossmith
from codegen import reserved
from codegen.backends import c, numpy
from codegen.errors import CodegenError
from tests.sampling import one_of

SHARE = r"p_i = \frac{e^{\mathrm{NAME}_i}}{\sum_k e^{\mathrm{NAME}_k}}"


def gradient(name: str, target: str) -> object:
    where = SHARE.replace("NAME", name)
    statement = lossmith.loss(r"L = -\log p_t", where=where, wrt=rf"\mathrm{{{name}}}_j")
    z, t = np.array([[1.0, 2, 3], [900, 2, 3]]), np.array([0, 1])
    return lossmith.compile(statement, target=target, dtype="float64").value_and_grad(z, t)[1]


@pytest.mark.parametrize("name", one_of(3, ["spot", "lossy", "memory", "np", "at", "larger"]))
def test_an_input_may_be_called_like_a_helper(name: str) -> None:
    expected = gradient("z", "numpy")
    for target in ("numpy", "c"):
        np.testing.assert_allclose(gradient(name, target), expected, rtol=1e-14)


def test_what_kernels_call_is_reserved() -> None:
    texts = " ".join([*numpy.FUNCTIONS.values(), *(f"{h}(" for h in numpy.HELPERS)])
    called = set(re.findall(r"(?<![\w.])([a-z]\w*)(?=[(.])", texts)) - {"refuse_others", "ends"}
    called |= {f for f in c.FUNCTIONS.values() if not f.startswith("lsm_")}
    assert called <= reserved.CALLED


def test_without_the_underscore_the_helper_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reserved, "CALLED", frozenset())
    with pytest.raises((TypeError, CodegenError)):
        gradient("spot", "numpy")
