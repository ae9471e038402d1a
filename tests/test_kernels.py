"""Kernels against the truth of their derivations on hard inputs, and the special inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import codegen
from codegen.accuracy import measure
from codegen.hard import rows
from codegen.interface import Kernel

NAMES = ("softmax", "log_softmax", "logsumexp", "cross_entropy", "sigmoid", "binary_cross_entropy")
TARGETS = ("numpy", "c")
DTYPES = ("float32", "float64")
EACH = [(t, d) for t in TARGETS for d in DTYPES]


@pytest.fixture(params=EACH, ids=lambda p: "-".join(p))
def loss(request: Any) -> Kernel:
    return codegen.compile("cross_entropy", *request.param)


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", NAMES)
def test_every_component_is_within_4_ulp(name: str, target: str, dtype: str) -> None:
    found = measure(name, target, dtype, rows(dtype, (1, 2, 3, 17)))
    assert found
    for row in found:
        assert row.compared > 100
        assert row.ulp <= 4.0, row


def draw(kernel: Kernel, shape: tuple[int, ...], scale: float = 5.0) -> tuple[Any, Any]:
    random = np.random.default_rng(1)
    logits = (random.normal(size=shape) * scale).astype(kernel.dtype)
    return logits, random.integers(0, shape[-1], shape[:-1])


def test_the_gradient_of_a_row_sums_to_zero(loss: Kernel) -> None:
    logits, labels = draw(loss, (20, 37))
    _, gradient = loss.value_and_grad(logits, labels, reduction="none")
    assert np.all(np.abs(gradient.sum(axis=-1)) < 8 * np.finfo(loss.dtype).eps)


def test_an_offset_changes_nothing(loss: Kernel) -> None:
    logits, labels = draw(loss, (20, 37))
    moved = np.round(logits * 8) / 8
    value, gradient = loss.value_and_grad(moved, labels)
    value_moved, gradient_moved = loss.value_and_grad(moved + 1024, labels)
    # Fast schedules scale e^z itself by a power of two: the same to 4 ulp, not bitwise.
    np.testing.assert_array_max_ulp(value, value_moved, 4)
    np.testing.assert_array_max_ulp(gradient, gradient_moved, 4)


def test_each_row_has_its_own_cotangent(loss: Kernel) -> None:
    logits, labels = draw(loss, (6, 9))
    cotangent = np.array([0.5, -2.0, 4.0, 0.0, 1.0, -0.25], loss.dtype)
    _, ones = loss.value_and_grad(logits, labels, reduction="none")
    _, weighted = loss.value_and_grad(logits, labels, reduction="none", cotangent=cotangent)
    assert np.array_equal(weighted, ones * cotangent[:, None])


def test_reductions_agree(loss: Kernel) -> None:
    logits, labels = draw(loss, (6, 9))
    each, gradient = loss.value_and_grad(logits, labels, reduction="none")
    total, summed = loss.value_and_grad(logits, labels, reduction="sum")
    mean, averaged = loss.value_and_grad(logits, labels, cotangent=3.0)
    assert np.isclose(total, each.sum(), rtol=1e-6) and np.isclose(mean, each.mean(), rtol=1e-6)
    assert np.array_equal(summed, gradient)
    assert np.allclose(averaged, gradient * 3 / 6, rtol=1e-6, atol=0)


def test_labels_of_both_sizes_and_one_hot_targets_agree(loss: Kernel) -> None:
    logits, labels = draw(loss, (6, 9))
    one_hot = np.eye(9, dtype=loss.dtype)[labels]
    wide, narrow = (loss.value_and_grad(logits, labels.astype(t)) for t in (np.int64, np.int32))
    soft = loss.value_and_grad(logits, one_hot)
    assert wide[0] == narrow[0] and np.array_equal(wide[1], narrow[1])
    assert np.allclose(soft[1], wide[1], rtol=1e-6, atol=0) and np.isclose(soft[0], wide[0])


def test_unnormalised_targets_keep_their_sum(loss: Kernel) -> None:
    logits, _ = draw(loss, (4, 5))
    targets = np.full((4, 5), 2.0, loss.dtype)
    _, gradient = loss.value_and_grad(logits, targets, reduction="none")
    p = codegen.compile("softmax", loss.target, loss.dtype).value(logits)
    assert np.allclose(gradient, p * 10 - 2, rtol=1e-5, atol=1e-5)


def test_confident_rows_keep_loss_and_gradient(loss: Kernel) -> None:
    logits = np.array([[40.0, 0.0]], loss.dtype)
    value, gradient = loss.value_and_grad(logits, np.array([0]))
    assert np.isclose(value, np.exp(-40.0), rtol=1e-6, atol=0)
    assert np.allclose(gradient, [[-np.exp(-40.0), np.exp(-40.0)]], rtol=1e-6, atol=0)


SPECIAL = [
    ("a mask", [0.0, -np.inf, 0.0], 0, np.log(2.0), [-0.5, 0.0, 0.5]),
    ("label masked", [0.0, -np.inf, 0.0], 1, np.inf, [0.5, -1.0, 0.5]),
    ("all masked", [-np.inf] * 3, 0, np.nan, [np.nan] * 3),
    ("plus infinity", [np.inf, 0.0, 0.0], 1, np.nan, [np.nan] * 3),
    ("NaN in front", [np.nan, 0.0, 0.0], 1, np.nan, [np.nan] * 3),
    ("NaN behind", [0.0, 0.0, np.nan], 1, np.nan, [np.nan] * 3),
    ("huge, right", [3e38, -3e38, 0.0], 0, 0.0, [0.0, 0.0, 0.0]),
    ("huge, wrong by 3e38", [3e38, 0.0, 0.0], 1, 3e38, [1.0, -1.0, 0.0]),
    ("all equal and huge", [-3e38] * 3, 2, np.log(3.0), [1 / 3, 1 / 3, -2 / 3]),
]


@pytest.mark.parametrize("case", SPECIAL, ids=lambda c: c[0])
def test_special_inputs_give_what_the_table_says(loss: Kernel, case: Any) -> None:
    _, logits, label, value, gradient = case
    got = loss.value_and_grad(np.array([logits], loss.dtype), np.array([label]))
    assert np.allclose(got[0], value, rtol=1e-6, atol=0, equal_nan=True)
    assert np.allclose(got[1], [gradient], rtol=1e-6, atol=0, equal_nan=True)


def test_a_zero_target_at_a_mask_counts_nothing(loss: Kernel) -> None:
    logits = np.array([[0.0, -np.inf]], loss.dtype)
    value, gradient = loss.value_and_grad(logits, np.array([[1.0, 0.0]], loss.dtype))
    assert value == 0 and np.array_equal(gradient, [[0.0, 0.0]])


@pytest.mark.parametrize("target", TARGETS)
def test_the_naive_softmax_overflows(target: str) -> None:
    logits = np.array([[20.0, 300.0, 5000.0]])
    assert np.isnan(codegen.compile("softmax_naive", target, "float64").value(logits)).any()
    assert np.array_equal(codegen.compile("softmax", target, "float64").value(logits), [[0, 0, 1]])


@pytest.mark.parametrize("name", NAMES)
def test_inputs_are_never_written_and_targets_agree(name: str) -> None:
    made = []
    for target in TARGETS:
        kernel = codegen.compile(name, target, "float64")
        logits, _ = draw(kernel, (3, 4, 11))
        before = logits.copy()
        if kernel.function is not None:
            made.append(kernel.value(logits))
        else:
            made.append(kernel.value_and_grad(logits, np.full_like(logits, 0.25))[1])
        assert np.array_equal(before, logits)
    assert np.allclose(made[0], made[1], rtol=1e-14, atol=1e-16)


def test_large_rows_keep_their_digits() -> None:
    kernel = codegen.compile("softmax", "c", "float32")
    p = kernel.value(np.zeros((1, 300_000), np.float32))
    assert np.all(np.abs(p * 300_000 - 1) < 1e-6)


def test_out_is_filled(loss: Kernel) -> None:
    logits, labels = draw(loss, (6, 9))
    out = np.empty_like(logits)
    _, gradient = loss.value_and_grad(logits, labels, out=out)
    assert gradient is out and np.array_equal(out, loss.value_and_grad(logits, labels)[1])


def test_rows_apart_in_memory_are_read_where_they_are(loss: Kernel) -> None:
    logits, labels = draw(loss, (6, 18))
    every_other = logits[::2, :9]
    got = loss.value_and_grad(every_other, labels[::2] % 9)
    expected = loss.value_and_grad(every_other.copy(), labels[::2] % 9)
    assert got[0] == expected[0] and np.array_equal(got[1], expected[1])
