"""Weights, smoothing, ignored rows, axis, and derivatives along a direction."""

from __future__ import annotations

import mmap
from typing import Any

import numpy as np
import pytest

import codegen
from codegen.accuracy import _claim, call, truth, ulps
from codegen.errors import CodegenError
from codegen.hard import rows
from codegen.interface import Kernel

EACH = [(t, d) for t in ("numpy", "c") for d in ("float32", "float64")]


@pytest.fixture(params=EACH, ids=lambda p: "-".join(p))
def loss(request: Any) -> Kernel:
    return codegen.compile("cross_entropy", *request.param)


def draw(kernel: Kernel, shape: tuple[int, ...]) -> tuple[Any, Any]:
    random = np.random.default_rng(2)
    logits = (random.normal(size=shape) * 3).astype(kernel.dtype)
    return logits, random.integers(0, shape[-1], shape[:-1])


def log_shares(logits: Any) -> Any:
    wide = logits.astype(np.float64)
    return wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))


def test_class_weights_weigh_rows_and_their_mean(loss: Kernel) -> None:
    logits, labels = draw(loss, (7, 5))
    weight = np.array([0.5, 1.0, 2.0, 0.0, 4.0], loss.dtype)
    value, gradient = loss.value_and_grad(logits, labels, weight=weight)
    w, p = weight.astype(np.float64)[labels], np.exp(log_shares(logits))
    expected = -(w * log_shares(logits)[np.arange(7), labels]).sum() / w.sum()
    assert np.isclose(value, expected, rtol=1e-6)
    assert np.allclose(gradient, (p - np.eye(5)[labels]) * (w / w.sum())[:, None], atol=1e-6)


def test_smoothing_gives_a_share_to_every_class(loss: Kernel) -> None:
    logits, labels = draw(loss, (7, 5))
    value, gradient = loss.value_and_grad(logits, labels, label_smoothing=0.25)
    targets = 0.75 * np.eye(5)[labels] + 0.05
    assert np.isclose(value, -(targets * log_shares(logits)).sum() / 7, rtol=1e-6)
    assert np.allclose(gradient, (np.exp(log_shares(logits)) - targets) / 7, atol=1e-7)
    soft = loss.value(logits, np.eye(5, dtype=loss.dtype)[labels], label_smoothing=0.25)
    assert np.isclose(soft, value, rtol=1e-6)


def test_weights_and_smoothing_together(loss: Kernel) -> None:
    logits, labels = draw(loss, (7, 5))
    weight = np.array([0.5, 1.0, 2.0, 3.0, 4.0], loss.dtype)
    value = loss.value(logits, labels, weight=weight, label_smoothing=0.25, reduction="sum")
    targets = (0.75 * np.eye(5)[labels] + 0.05) * weight
    assert np.isclose(value, -(targets * log_shares(logits)).sum(), rtol=1e-6)


@pytest.mark.parametrize("ignored", [-100, 2])
def test_ignored_rows_count_nothing(loss: Kernel, ignored: int) -> None:
    logits, labels = draw(loss, (9, 5))
    labels[::3] = ignored
    logits[0] = np.nan
    kept = labels != ignored
    value, gradient = loss.value_and_grad(logits, labels, ignore_index=ignored)
    expected = loss.value_and_grad(logits[kept], labels[kept])
    assert value == expected[0] and np.array_equal(gradient[kept], expected[1])
    assert not gradient[~kept].any()
    each = loss.value(logits, labels, ignore_index=ignored, reduction="none")
    assert not each[~kept].any()


def test_the_mean_of_no_rows_is_nan_and_its_gradient_0(loss: Kernel) -> None:
    logits, labels = draw(loss, (3, 5))
    value, gradient = loss.value_and_grad(logits, np.full_like(labels, -100))
    assert np.isnan(value) and not gradient.any()


def test_classes_on_any_axis(loss: Kernel) -> None:
    logits, labels = draw(loss, (2, 3, 5))
    expected = loss.value_and_grad(logits, labels)
    got = loss.value_and_grad(np.moveaxis(logits, -1, 1), labels, axis=1)
    assert got[0] == expected[0]
    assert np.array_equal(got[1], np.moveaxis(expected[1], -1, 1))


def test_options_that_do_not_fit_are_refused(loss: Kernel) -> None:
    logits, labels = draw(loss, (3, 5))
    with pytest.raises(CodegenError, match=r"expected a number in 0\.\.1"):
        loss.value(logits, labels, label_smoothing=2.0)
    with pytest.raises(CodegenError, match="weight is float"):
        loss.value(logits, labels, weight=np.ones(4, loss.dtype))
    with pytest.raises(CodegenError, match="ignore_index goes with integer labels"):
        loss.value(logits, np.eye(5, dtype=loss.dtype)[labels], ignore_index=1)
    with pytest.raises(CodegenError, match="only cross_entropy"):
        codegen.compile("mse", "numpy", "float64").value(
            np.zeros((2, 3)), np.zeros((2, 3)), label_smoothing=0.1
        )


DIRECTIONS = [
    (name, role, word)
    for name, role, words in (
        ("softmax", "function", ("jvp",)),
        ("log_softmax", "function", ("jvp",)),
        ("logsumexp", "function", ("jvp",)),
        ("sigmoid", "function", ("jvp",)),
        ("cross_entropy", "labels", ("jvp", "hvp")),
        ("cross_entropy", "targets", ("jvp", "hvp")),
        ("binary_cross_entropy", "targets", ("jvp", "hvp")),
    )
    for word in words
]


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("name,role,word", DIRECTIONS)
def test_directions_agree_with_their_derivation(
    name: str, role: str, word: str, target: str
) -> None:
    kernel = codegen.compile(name, target, "float64")
    spec = kernel.variants[role].spec
    claim = _claim(spec, word)
    for case in rows("float64", (1, 3, 5)):
        if not case.ordinary or case.name.startswith("masked"):
            continue
        got = call(kernel, role, word, case)
        for row in range(len(case.logits)):
            true, _ = truth(spec, claim, case, row, "float64")
            size = 1 + max(abs(x) for x in case.cotangents.ravel()) ** 2
            for g, t in zip(np.atleast_1d(got[row]), true, strict=True):
                assert ulps(g, t, size, "float64") < 16


def test_the_hessian_sends_ones_to_zero() -> None:
    kernel = codegen.compile("cross_entropy", "c", "float64")
    logits, labels = draw(kernel, (4, 6))
    made = kernel.hvp(logits, labels, v=np.ones_like(logits), reduction="sum")
    assert np.abs(made).max() < 1e-15


def test_weights_that_sum_to_zero_give_nan_and_no_gradient(loss: Kernel) -> None:
    logits, labels = draw(loss, (3, 5))
    value, gradient = loss.value_and_grad(logits, labels, weight=np.zeros(5, loss.dtype))
    assert np.isnan(value) and not gradient.any()


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 3, 0, 2), (3, 2, 1, 0)])
@pytest.mark.parametrize("axis", [0, 1, 3])
def test_any_strides_and_any_axis_give_the_same(
    loss: Kernel, order: tuple[int, ...], axis: int
) -> None:
    draw = np.random.default_rng(4)
    laid = draw.normal(size=(3, 4, 5, 8)).astype(loss.dtype).transpose(order)[..., ::-1]
    labels = draw.integers(0, laid.shape[axis], np.moveaxis(laid, axis, -1).shape[:-1])
    out = np.full((*laid.shape, 2), np.nan, loss.dtype)[..., 0]
    value, gradient = loss.value_and_grad(laid, labels, axis=axis, out=out)
    plain = np.ascontiguousarray(np.moveaxis(laid, axis, -1))
    expected = loss.value_and_grad(plain, labels)
    assert gradient is out and value == expected[0]
    assert np.array_equal(np.moveaxis(out, axis, -1), expected[1])


def test_a_square_out_on_another_axis_is_filled_the_right_way(loss: Kernel) -> None:
    logits, labels = draw(loss, (5, 5))
    out = np.empty_like(logits)
    loss.value_and_grad(logits.T, labels, axis=0, out=out)
    assert np.array_equal(out.T, loss.value_and_grad(logits, labels)[1])


def test_a_strided_array_is_not_copied_whole(loss: Kernel) -> None:
    import tracemalloc

    logits = np.zeros((64, 16, 4000), loss.dtype)
    labels, out = np.zeros((64, 4000), np.int64), np.empty_like(logits)
    loss.value_and_grad(logits[:1], labels[:1], axis=1, out=out[:1])
    tracemalloc.start()
    loss.value_and_grad(logits, labels, axis=1, out=out)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < logits.nbytes // 2 + 16 * labels.nbytes // 2


def test_rows_beyond_2_to_the_31_elements_are_addressed_right(loss: Kernel) -> None:
    """Pages that are never touched take no memory."""
    step = (1 << 29) + 5
    room = (mmap.mmap(-1, 5 * step * np.dtype(loss.dtype).itemsize) for _ in range(2))
    logits, out = (np.frombuffer(r, loss.dtype).reshape(5, step)[:, :7] for r in room)
    logits[...] = np.random.default_rng(6).normal(size=logits.shape)
    labels = np.array([0, 1, 2, 3, 6])
    value, gradient = loss.value_and_grad(logits, labels, out=out)
    expected = loss.value_and_grad(logits.copy(), labels)
    assert value == expected[0] and np.array_equal(gradient, expected[1])
