"""The NumPy target's own decisions: types, layouts, memory, and calls that take the short way."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import codegen
from codegen import numpy_plans
from codegen.build import kernels
from codegen.compiling import preamble
from codegen.errors import CodegenError
from codegen.interface import Kernel
from codegen.programs import numpy_programs
from codegen.quick_numpy import Call
from codegen.statements import specs

SIZES = (2, 10, 63, 64, 300, 4096, 5000)
LEVELS = (0.0, 5.0, 79.0, 81.0, -5.0, -79.0, -81.0, 1e4, -1e4, 1e8)
LOSS = codegen.compile("cross_entropy", "numpy", "float32")


def drawn(n: int) -> tuple[Any, Any]:
    """A row for each level of its largest logit; down to 85 below that; masks in some."""
    draw = np.random.default_rng(n)
    below = draw.uniform(0, 85, (2 * len(LEVELS), n))
    below[:, n // 2] = 0
    below[1::4, 0] = np.inf
    z = (np.repeat(LEVELS, 2)[:, None] - below).astype(np.float32)
    return z, draw.integers(0, n, len(z)).astype(np.int64)


def worst(n: int, kernel: Kernel = LOSS) -> float:
    """The largest relative error of value and gradient, in units of 2^-24, against float64."""
    z, t = drawn(n)
    exact = codegen.compile("cross_entropy", "numpy", "float64")
    got = kernel.value_and_grad(z, t, reduction="none")
    true = exact.value_and_grad(z.astype(np.float64), t, reduction="none")
    errors = []
    for g, r in zip(got, true, strict=True):
        usual = np.isfinite(r) & (np.abs(r) > np.finfo(np.float32).tiny)
        assert np.array_equal(np.isfinite(g), np.isfinite(r))
        errors.append(np.max(np.abs(g[usual] / r[usual] - 1)))
    return float(max(errors)) * 2**24


@pytest.mark.parametrize("n", SIZES)
def test_rows_at_every_level_keep_their_digits(n: int) -> None:
    assert worst(n) <= 8


def test_rows_beyond_the_range_of_exp_need_another_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(numpy_plans, "EXP_MOST", {"float32": 1e30, "float64": 1e30})
    with np.errstate(all="ignore"):
        broken = codegen.compile("softmax", "numpy", "float32")
        p = broken.value(drawn(10)[0])
    assert not np.isfinite(p).all() or np.any(np.abs(p.sum(axis=-1) - 1) > 1e-3)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_only_rows_out_of_range_are_shifted(dtype: str) -> None:
    space: dict[str, Any] = {}
    exec(codegen.emit("cross_entropy", "numpy")["cross_entropy.py"], space)
    z, t = drawn(10)
    with np.errstate(all="ignore"):
        _, lost = space["cross_entropy_value_and_grad_unshifted"](
            z.astype(dtype), t[:, None], 1.0, np.empty(z.shape, dtype)
        )
    far = np.repeat(np.abs(LEVELS) >= (90 if dtype == "float32" else 700), 2)
    assert set(np.flatnonzero(far)) <= set(lost) < set(range(len(z)))


@pytest.mark.parametrize("n", SIZES)
def test_a_row_does_not_depend_on_its_neighbours(n: int) -> None:
    z, t = drawn(n)
    value, grad = LOSS.value_and_grad(z, t, reduction="none")
    for r in range(len(z)):
        alone = LOSS.value_and_grad(z[r : r + 1], t[r : r + 1], reduction="none")
        assert np.array_equal(alone[0][0], value[r]) and np.array_equal(alone[1][0], grad[r])


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("rows,n", [(1, 1), (3, 10), (40_000, 10), (300, 1000)])
def test_the_short_way_gives_what_the_method_gives(rows: int, n: int, dtype: str) -> None:
    draw = np.random.default_rng(rows)
    z, t = draw.normal(size=(rows, n)).astype(dtype), draw.integers(0, n, rows)
    for name, labels in (("cross_entropy", (t,)), ("softmax", ())):
        kernel = codegen.compile(name, "numpy", dtype)
        for word in ("value", "value_and_grad")[: 1 + len(labels)]:
            short = getattr(kernel, word)
            assert isinstance(short, Call)
            made, expected = short(z, *labels), short.method(z, *labels)
            both = word == "value_and_grad"
            for a, b in zip(made, expected, strict=True) if both else [(made, expected)]:
                assert np.array_equal(a, b) and np.asarray(a).dtype == np.dtype(dtype)


def test_the_short_way_leaves_bad_calls_to_the_method() -> None:
    z, t = drawn(10)
    for labels, options, words in (
        (t + 10, {}, "out of range"), (t[1:], {}, "do not fit"), (t, {"out": z}, "overlap"),
        (t, {"out": z[:2].copy()}, "out must be"), (None, {}, "needs labels"),
    ):  # fmt: skip
        with pytest.raises(CodegenError, match=words):
            LOSS.value_and_grad(z, labels, **options)
    ignored = t.copy()
    ignored[3] = -100
    assert not LOSS.value_and_grad(z, ignored)[1][3].any()


def test_the_result_may_take_the_place_of_the_logits() -> None:
    spec = specs("cross_entropy")["labels"]
    made = kernels(spec, 2)
    programs: Any = numpy_programs(spec.name, made, preamble(spec, "numpy", made))
    function = programs["cross_entropy_value_and_grad"].function
    z, t = drawn(300)
    value, grad = function(z, t, 1.0)
    beside = np.empty_like(value)
    function(z, t, 1.0, out=(beside, z))
    assert np.array_equal(z, grad, equal_nan=True) and np.array_equal(beside, value)


def test_what_is_made_of_vectors_beside_exponentials_is_float64() -> None:
    wide = {
        k.name: numpy_plans.plan(k).wide
        for name in ("softmax", "cross_entropy", "log_softmax", "sigmoid")
        for k in kernels(next(iter(specs(name).values())))
    }
    assert not wide["softmax_value"] and not wide["cross_entropy_value_and_grad"]
    assert not wide["log_softmax_value"]
    assert wide["softmax_vjp"] and wide["cross_entropy_hvp"] and wide["sigmoid_value"]


@pytest.mark.parametrize("label", [-1, 3])
def test_a_copied_file_refuses_a_label_that_is_no_class(label):
    space = {}
    exec(codegen.emit("cross_entropy", "numpy")["cross_entropy.py"], space)
    with pytest.raises(IndexError, match="labels are 0 to 2"):
        space["cross_entropy_value_and_grad"](np.zeros((2, 3)), np.array([0, label]), 1.0)


@pytest.mark.parametrize("n", (1, *SIZES))
def test_a_single_row_gives_what_the_method_gives(n: int) -> None:
    z, t = drawn(n)
    softmax = codegen.compile("softmax", "numpy", "float32")
    for r in range(len(z)):
        row, label = z[r : r + 1], t[r : r + 1]
        for short in (LOSS.value, LOSS.value_and_grad):
            assert isinstance(short, Call)
            both = (short(row, label), short.method(row, label))
            for a, b in zip(*(x if isinstance(x, tuple) else (x,) for x in both), strict=True):
                assert np.array_equal(a, b, equal_nan=True) and a.dtype == b.dtype
        assert isinstance(softmax.value, Call)
        assert np.array_equal(softmax.value(row), softmax.value.method(row), equal_nan=True)


def test_nothing_warns_and_what_numpy_does_elsewhere_stays() -> None:
    z, t = drawn(300)
    with np.errstate(all="raise"):
        before = np.geterr()
        for rows in (slice(None), *(slice(r, r + 1) for r in range(len(z)))):
            LOSS.value_and_grad(z[rows], t[rows])
            LOSS.value(z[rows], t[rows], reduction="none")
        assert np.geterr() == before
        with pytest.raises(FloatingPointError):
            np.exp(np.float32(1000))


@pytest.mark.parametrize("label", [-1, 300, 2**40])
def test_a_single_label_that_is_no_class_is_refused(label: int) -> None:
    z, _ = drawn(300)
    with pytest.raises(CodegenError, match="out of range"):
        LOSS.value_and_grad(z[:1], np.array([label]))
