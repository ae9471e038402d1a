"""bfloat16 and float16 in and out: rounded once, whatever the kernel, schedule and options."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from codegen import fast, halves, plans
from codegen.compiling import compile
from codegen.errors import CodegenError
from codegen.plans import Machine, Plan

DIGITS = {"bfloat16": (8, -126), "float16": (11, -14)}
"""Bits of the significand, and the exponent of the least normal number."""


def drawn(dtype: str, rows: int, n: int) -> tuple[Any, Any]:
    """Hard rows in 16 bits: confident ones, equal ones, huge offsets, masks."""
    draw = np.random.default_rng(n)
    z = (draw.normal(size=(rows, n)) * 6).astype(np.float32)
    z[3] = 0
    z[5] += 500
    z[7, n // 2] = 60
    z[9, : n // 2] = -np.inf
    z[11] = 30000 if dtype == "float16" else 3e38
    return narrowed(z, dtype), draw.integers(n // 2, n, rows)


def narrowed(z: Any, dtype: str) -> Any:
    return halves.narrow(z, np.empty(0, np.float16 if dtype == "float16" else np.uint16))


def ulps(found: Any, truth: Any, dtype: str) -> float:
    """The largest error, in units of the last place of the format."""
    bits, least = DIGITS[dtype]
    wide = halves.widen(found).astype(np.float64)
    usual = np.isfinite(truth) & np.isfinite(wide)
    assert np.array_equal(wide[~usual], truth[~usual], equal_nan=True)
    exponent = np.maximum(np.frexp(truth[usual])[1] - 1, least)
    return float(np.max(np.abs(wide - truth)[usual] / np.exp2(exponent - (bits - 1)), initial=0))


@pytest.fixture(params=[fast.RESIDENT, fast.STREAMED, fast.SIDE_BY_SIDE])
def schedule(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """Every schedule, whatever the shape."""

    def chosen(rows: int, n: int, writes: bool, on: Machine, size: int = 4) -> Plan:
        side = request.param == fast.SIDE_BY_SIDE and n > fast.SIDE_MOST
        return Plan(fast.RESIDENT if side else request.param, 2, 3, 128, 5 * (n + 128))

    monkeypatch.setattr(plans, "plan", chosen)
    return int(request.param)


@pytest.mark.long
@pytest.mark.parametrize("n", [2, 17, 64, 300])
@pytest.mark.parametrize("dtype", halves.WIDE)
def test_gradients_and_values_are_rounded_once(dtype: str, n: int, schedule: int) -> None:
    z, t = drawn(dtype, 70, n)
    value, grad = compile("cross_entropy", dtype=dtype).value_and_grad(z, t, reduction="none")
    exact = compile("cross_entropy", "numpy", "float64")
    right, slope = exact.value_and_grad(halves.widen(z).astype(np.float64), t, reduction="none")
    assert grad.dtype == z.dtype and value.dtype == np.float32
    assert ulps(grad, slope, dtype) <= 1
    np.testing.assert_allclose(value, right, rtol=5e-7)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize("dtype", halves.WIDE)
def test_functions_are_rounded_once(dtype: str, name: str, schedule: int) -> None:
    for n in (1, 33, 129):
        z, _ = drawn(dtype, 20, n)
        made = compile(name, dtype=dtype).value(z)
        right = compile(name, "numpy", "float64").value(halves.widen(z).astype(np.float64))
        assert ulps(made, right, dtype) <= 1


@pytest.mark.parametrize("target", ["c", "numpy"])
@pytest.mark.parametrize("dtype", halves.WIDE)
def test_options_are_those_of_float32(dtype: str, target: str) -> None:
    z, t = drawn(dtype, 20, 12)
    z[9] = z[8]
    options: dict[str, Any] = {
        "weight": narrowed(np.linspace(0.5, 2, 12, dtype=np.float32), dtype),
        "ignore_index": int(t[0]), "label_smoothing": 0.1, "reduction": "mean", "cotangent": 0.5,
    }  # fmt: skip
    kernel, exact = (
        compile("cross_entropy", target, dtype),
        compile("cross_entropy", "numpy", "float64"),
    )
    value, grad = kernel.value_and_grad(z, t, **options)
    options["weight"] = halves.widen(options["weight"]).astype(np.float64)
    right, slope = exact.value_and_grad(halves.widen(z).astype(np.float64), t, **options)
    assert abs(value - right) <= 1e-6 * abs(right)
    size = np.max(np.abs(slope), axis=1, keepdims=True)
    assert np.all(np.abs(halves.widen(grad) - slope) <= 2.0 ** -DIGITS[dtype][0] * size + 1e-30)


def test_out_and_types_are_checked() -> None:
    kernel = compile("cross_entropy", dtype="bfloat16")
    z, t = drawn("bfloat16", 20, 5)
    out = np.zeros_like(z)
    _, grad = kernel.value_and_grad(z, t, out=out)
    assert grad is out and out.any()
    for wrong in (halves.widen(z), z.astype(np.float16), z.astype(np.int16)):
        with pytest.raises(CodegenError):
            kernel.value_and_grad(wrong, t)
    with pytest.raises(CodegenError):
        kernel.value_and_grad(z, t, out=np.zeros(z.shape, np.float32))


def test_arrays_of_ml_dtypes_come_back_as_such() -> None:
    ml = pytest.importorskip("ml_dtypes")
    z, t = drawn("bfloat16", 20, 5)
    value, grad = compile("cross_entropy", dtype="bfloat16").value_and_grad(z.view(ml.bfloat16), t)
    assert grad.dtype == ml.bfloat16 and value.dtype == np.float32


def test_every_float_is_rounded_to_the_nearest() -> None:
    ml = pytest.importorskip("ml_dtypes")
    bits = np.random.default_rng(0).integers(0, 2**32, 10**6, dtype=np.uint32)
    x = bits.view(np.float32)
    x = x[np.isfinite(x)]
    with np.errstate(over="ignore"):
        assert np.array_equal(narrowed(x, "bfloat16"), x.astype(ml.bfloat16).view(np.uint16))
    every = np.arange(2**16, dtype=np.uint16)
    assert np.array_equal(halves.widen(every), every.view(ml.bfloat16).astype(np.float32), True)
