"""Options of cross-entropy together: value and gradient against differences of the value at 300
digits, which no derivation has touched."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest

import codegen
from codegen.accuracy import ulps
from codegen.errors import CodegenError
from codegen.specs import Spec
from codegen.statements import OPTIONS, with_options
from codegen.truth import Truth

COMBINED = [
    ("label_smoothing", "weight"),
    ("softcap", "z_loss"),
    ("bias", "temperature", "weight"),
    ("label_smoothing", "softcap", "weight", "z_loss"),
    OPTIONS,
]
NUMBERS = {"label_smoothing": 0.125, "softcap": 16.0, "temperature": 0.75, "z_loss": 0.0625}
STEP = 10 ** mpmath.mpf(-60)
ULP = {"float32": 8.0, "float64": 64.0}  # of the larger of the terms that cancel


def inputs(dtype: str, options: tuple[str, ...]) -> tuple[Any, Any, dict[str, Any]]:
    """Rows with a confident label, a hopeless one and a large offset, and the options."""
    draw = np.random.default_rng(5)
    logits = draw.normal(size=(3, 4)) * 3
    logits[0, 1] += 20
    logits[1, 3] -= 30
    logits[2] += 100
    chosen: dict[str, Any] = {n: v for n, v in NUMBERS.items() if n in options}
    for name, values in (("weight", [0.5, 2.0, 0.0, 1.0]), ("bias", [1.0, -0.5, 0.25, 3.0])):
        if name in options:
            chosen[name] = np.array(values, dtype)
    return logits.astype(dtype), np.array([1, 3, 0]), chosen


def at(spec: Spec, z: list[Any], y: Any, t: int, chosen: dict[str, Any], size: bool) -> Truth:
    vectors = {"z": z, "y": y, **{n: v.tolist() for n, v in chosen.items() if np.ndim(v)}}
    numbers = {n: v for n, v in chosen.items() if not np.ndim(v)} | {"cotangent": 1}
    return Truth(len(z), vectors, numbers, {"t": t}, magnitude=size)


def differences(spec: Spec, z: list[Any], y: Any, t: int, chosen: dict[str, Any]) -> list[Any]:
    """The gradient as central differences of the value."""
    value, _ = spec.plain("value")
    made = []
    for k in range(len(z)):
        up, down = ([x + s * STEP * (c == k) for c, x in enumerate(z)] for s in (1, -1))
        ends = (at(spec, x, y, t, chosen, False).at(value) for x in (up, down))
        made.append((next(ends) - next(ends)) / (2 * STEP))
    return made


@pytest.mark.long
@pytest.mark.parametrize("options", COMBINED, ids=lambda o: "+".join(o))
@pytest.mark.parametrize("role", ["labels", "targets"])
def test_options_together_are_right(options: tuple[str, ...], role: str) -> None:
    spec = with_options("cross_entropy", options)[role]
    expr, here = spec.wanted("grad")
    from codegen.unfolding import unfold_definitions

    sizes = unfold_definitions(expr, spec.context("grad"))
    for target, dtype in (("numpy", "float64"), ("c", "float32"), ("c", "float64")):
        logits, labels, chosen = inputs(dtype, options)
        soft = np.full((3, 4), 0.125, dtype)
        soft[np.arange(3), labels] = 0.5
        given = labels if role == "labels" else soft
        kernel = codegen.compile("cross_entropy", target, dtype)
        values, gradient = kernel.value_and_grad(logits, given, reduction="none", **chosen)
        with mpmath.workdps(300):
            for row, t in enumerate(labels.tolist()):
                z = [mpmath.mpf(float(x)) for x in logits[row]]
                y = soft[row].tolist()
                value = at(spec, z, y, t, chosen, False).at(spec.plain("value")[0])
                size = at(spec, z, y, t, chosen, True).at(spec.plain("value")[0])
                assert ulps(values[row], value, size, dtype) <= ULP[dtype]
                true = differences(spec, z, y, t, chosen)
                scale = at(spec, z, y, t, chosen, True).over(sizes, here)
                for got, g, s in zip(gradient[row], true, scale, strict=True):
                    assert ulps(got, g, s, dtype) <= ULP[dtype]


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_weights_smoothing_and_ignored_rows_together(target: str) -> None:
    kernel = codegen.compile("cross_entropy", target, "float64")
    logits, labels, chosen = inputs("float64", ("weight", "label_smoothing"))
    ignored = np.array([1, -100, 0])
    each, gradients = kernel.value_and_grad(logits, labels, reduction="none", **chosen)
    value, gradient = kernel.value_and_grad(logits, ignored, cotangent=3.0, **chosen)
    counted = chosen["weight"][[1, 0]].sum()
    assert np.isclose(value, (each[0] + each[2]) / counted, rtol=1e-14)
    assert not gradient[1].any()
    assert np.allclose(gradient[[0, 2]], gradients[[0, 2]] * 3 / counted, rtol=1e-14)


@pytest.mark.parametrize(
    "option,words",
    [({"temperature": 0.0}, "greater than 0"), ({"softcap": -1.0}, "greater than 0"),
     ({"z_loss": -1.0}, "0 or more"), ({"temperature": np.inf}, "greater than 0"),
     ({"bias": np.ones(2)}, "bias is float64")],
)  # fmt: skip
def test_options_out_of_range_are_refused(option: dict[str, Any], words: str) -> None:
    kernel = codegen.compile("cross_entropy", "numpy", "float64")
    with pytest.raises(CodegenError, match=words):
        kernel.value(np.zeros((2, 3)), np.array([0, 1]), **option)
