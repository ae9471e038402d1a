"""Statements over several ranges: both targets against the truth, planted bugs, bad calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import mpmath
import numpy as np
import pytest

import codegen
import lossmith
from codegen import grids, sifting
from codegen.accuracy import ulps
from codegen.backends import c_grids, numpy_grids
from codegen.compiling import grid_preamble
from codegen.errors import CodegenError
from codegen.grid_interface import GridKernel, Programs, c_programs, numpy_programs
from codegen.grid_specs import GridSpec
from codegen.statements import grid_spec
from codegen.truth import Truth
from derive import catalog

NAMES = [name for name in catalog.entries() if grid_spec(name) is not None]
SIZES = {"N": 5, "n": 4, "d": 3}
ULP = 64.0  # of the larger of the terms that cancel
EACH = [(t, d) for t in ("numpy", "c") for d in ("float32", "float64")]


def spec_of(name: str) -> GridSpec:
    made = grid_spec(name)
    assert made is not None
    return made


def given(spec: GridSpec, dtype: str, scale: float = 1.0) -> dict[str, Any]:
    """Arrays of the sizes above, in their domains; scores up to some hundred times `scale`."""
    draw = np.random.default_rng(len(spec.name))
    made: dict[str, Any] = {}
    for array in spec.inputs:
        shape = tuple(SIZES[r] for r in array.ranges)
        values = draw.normal(size=shape) * scale
        if array.domain == "binary" or (spec.name == "plackett_luce" and array.ranges[1:]):
            values = np.tril(np.ones(shape)) if array.ranges[1:] else np.arange(shape[0]) % 2
        elif array.domain != "real":
            values = np.abs(draw.normal(size=shape)) + 0.1
        made[array.name] = values.astype(dtype) if shape else float(values)
    return made


def direction(spec: GridSpec, dtype: str) -> Any:
    shape = [SIZES[r] for r in spec.wrt.array.ranges]
    return np.random.default_rng(5).normal(size=shape).astype(dtype)


def truths(spec: GridSpec, word: str, arrays: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The true components of an output, and the sizes that errors are measured against."""
    vectors = {n: a.astype(float).tolist() for n, a in arrays.items() if np.ndim(a)}
    numbers = {n: a for n, a in arrays.items() if not np.ndim(a)} | {"cotangent": 1.5}
    expr = spec.plain(word)
    with mpmath.workdps(400):
        found = []
        for magnitude in (False, True):
            at = Truth(0, vectors, numbers, magnitude=magnitude, sizes=SIZES)
            places = spec.wrt.indices if word != "value" else ()
            shape = [SIZES[i.range] for i in places]
            where = (dict(zip(places, w, strict=True)) for w in np.ndindex(*shape))
            found.append([at.at(expr, w) for w in where])
    return found[0], found[1]


def worst(kernel: GridKernel, scale: float = 1.0) -> float:
    """The worst error of value, gradient and Hessian times a direction, in ulp."""
    spec, arrays = kernel.spec, given(kernel.spec, kernel.dtype, scale)
    first, *_ = (arrays[a.name] for a in spec.inputs)
    others = {a.name: arrays[a.name] for a in spec.inputs[1:]}
    value, gradient = kernel.value_and_grad(first, cotangent=1.5, **others)
    assert kernel.value(first, **others) == value
    along = direction(spec, kernel.dtype)
    product = kernel.hvp(first, v=along, cotangent=1.5, **others)
    outputs = {"value": np.array([value]), "grad": gradient.ravel(), "hvp": product.ravel()}
    errors = []
    for word, got in outputs.items():
        true, size = truths(spec, word, {**arrays, spec.direction.name: along})
        errors += [ulps(g, t, s, kernel.dtype) for g, t, s in zip(got, true, size, strict=True)]
    return max(errors)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("target,dtype", EACH)
def test_value_gradient_and_product_are_right(name: str, target: str, dtype: str) -> None:
    kernel = codegen.compile(name, target, dtype)
    assert isinstance(kernel, GridKernel) and worst(kernel) <= ULP


@pytest.mark.parametrize("target", ["numpy", "c"])
@pytest.mark.parametrize("name", ["info_nce", "clip", "softmax_regression_weights", "ignored_rows"])
def test_scores_beyond_the_range_of_exp_are_right(name: str, target: str) -> None:
    kernel = codegen.compile(name, target, "float64")
    assert isinstance(kernel, GridKernel)
    arrays = given(kernel.spec, "float64", 100.0)
    first = arrays.pop(kernel.spec.wrt.array.name)
    value, gradient = kernel.value_and_grad(first, **arrays)
    (true,), _ = truths(kernel.spec, "value", {**arrays, kernel.spec.wrt.array.name: first})
    assert np.isclose(value, float(true), rtol=1e-11) and np.isfinite(gradient).all()


def test_what_stands_behind_the_winner_of_a_masked_row_is_right() -> None:
    """The largest of those that count is taken, not one that the mask leaves out."""
    for target in ("numpy", "c"):
        kernel = codegen.compile("plackett_luce", target, "float64")
        z, mask = np.array([900.0, 0.0, 1.0]), np.array([[1.0, 1, 1], [0, 1, 1], [0, 0, 1]])
        value = kernel.value(z, A=mask)
        assert np.isclose(value, np.log1p(np.e), rtol=1e-14)


@pytest.mark.parametrize("target", ["numpy", "c"])
def test_ignored_rows_may_hold_anything(target: str) -> None:
    kernel = codegen.compile("ignored_rows", target, "float64")
    z, y = np.zeros((2, 3)), np.eye(3)[:2].copy()
    z[1] = np.nan
    value, gradient = kernel.value_and_grad(z, Y=y, m=np.array([1.0, 0.0]))
    assert np.isclose(value, np.log(3)) and np.array_equal(gradient[1], np.zeros(3))


def test_the_gradient_of_a_row_sums_to_zero_and_an_offset_changes_nothing() -> None:
    for target in ("numpy", "c"):
        kernel = codegen.compile("ignored_rows", target, "float64")
        z, y = np.arange(12.0).reshape(4, 3) / 8, np.eye(3)[[0, 1, 2, 0]]
        value, gradient = kernel.value_and_grad(z, Y=y, m=np.ones(4))
        assert np.abs(gradient.sum(axis=-1)).max() < 1e-16
        again, same = kernel.value_and_grad(z + 1024, Y=y, m=np.ones(4))
        assert value == again and np.array_equal(gradient, same)


def test_directions_and_cotangents() -> None:
    kernel = codegen.compile("clip", "c", "float64")
    assert isinstance(kernel, GridKernel)
    arrays = given(kernel.spec, "float64")
    first = arrays.pop("A")
    _, gradient = kernel.value_and_grad(first, **arrays)
    along = np.random.default_rng(3).normal(size=first.shape)
    assert np.isclose(kernel.jvp(first, tangent=along, **arrays), (along * gradient).sum())
    out = np.empty_like(first)
    assert np.allclose(kernel.vjp(first, cotangent=-2.0, out=out, **arrays), -2 * gradient)
    assert np.array_equal(out, kernel.vjp(first, cotangent=-2.0, **arrays))


def test_bad_calls_are_refused() -> None:
    kernel = codegen.compile("info_nce", "numpy", "float64")
    a, b = np.ones((4, 3)), np.ones((4, 3))
    for call, words in (
        (lambda: kernel.value(a, tau=1.0), "needs B"),
        (lambda: kernel.value(a, B=b, tau=1.0, C=b), "takes no C"),
        (lambda: kernel.value(a, B=b[:3], tau=1.0), "where N = 4"),
        (lambda: kernel.value(a, B=b.astype("float32"), tau=1.0), "expected float64"),
        (lambda: kernel.value(a[0], B=b, tau=1.0), "2 axes"),
        (lambda: kernel.value(a, B=b, tau=np.ones(2)), "one number"),
        (lambda: kernel.value(a, b, B=b, tau=1.0), "leave out labels"),
        (lambda: kernel.value(a, B=b, tau=1.0, reduction="mean"), "nothing to reduce"),
        (lambda: kernel.value_and_grad(a, B=b, tau=1.0, cotangent=np.ones(4)), "one number"),
        (lambda: kernel.value_and_grad(a, B=b, tau=1.0, out=a), "overlap"),
        (lambda: kernel.value_and_grad(a, B=b, tau=1.0, out=a[:2]), "like A_s_b"),
        (lambda: kernel.hvp(a, v=a[:3], B=b, tau=1.0), r"tangent of shape \(3, 3\) does not fit"),
        (lambda: kernel.hvp(a, v=a, B=b, tau=1.0, out=a), "overlap"),
        (lambda: kernel.hvp(a, v=a[0], B=b, tau=1.0), "tangent is float64 of shape .* 2 axes"),
    ):  # fmt: skip
        with pytest.raises(CodegenError, match=words):
            call()


@pytest.mark.parametrize("name", NAMES)
def test_the_product_is_how_the_gradient_changes(name: str) -> None:
    kernel = codegen.compile(name, "c", "float64")
    assert isinstance(kernel, GridKernel)
    arrays, v = given(kernel.spec, "float64"), direction(kernel.spec, "float64")
    first = arrays.pop(str(kernel.spec.wrt.array.name))
    ahead, behind = (kernel.vjp(first + h * v, cotangent=1.0, **arrays) for h in (1e-5, -1e-5))
    product = kernel.hvp(first, v=v, **arrays)
    assert np.allclose(product, (ahead - behind) / 2e-5, rtol=1e-6, atol=1e-8)
    other = np.cos(np.arange(v.size)).reshape(v.shape)
    assert np.isclose((other * product).sum(), (v * kernel.hvp(first, v=other, **arrays)).sum())


@pytest.mark.parametrize("name", NAMES)
def test_no_table_needs_more_loops_than_a_product_of_matrices(name: str) -> None:
    """And in NumPy such a product is one call: no array over all three indices is made."""
    for grid in grids.kernels(spec_of(name)):
        loops = {t.name: len(t.indices) + (t.over is not None) for t in grid.tables}
        assert max(loops.values()) <= 3
        assert all(loops[t.name] <= 2 for t in grid.tables if t.op == "map")
        lines = dict(zip(loops, map(numpy_grids._table, grid.tables), strict=True))
        assert all("np.einsum(" in lines[t][-1] for t, count in loops.items() if count == 3)


def test_what_a_row_would_hold_over_all_indices_is_multiplied_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Without that the test above fails."""
    monkeypatch.setattr(sifting, "_made_of_matrices", lambda body: False)
    with pytest.raises(AssertionError):
        test_no_table_needs_more_loops_than_a_product_of_matrices("softmax_regression_inputs")


def test_a_direction_has_a_name_of_its_own() -> None:
    latex = r"L = \sum_r \sum_a (x_{ra} - \mathrm{tangent}_{ra})^2"
    for target in ("numpy", "c"):
        kernel = codegen.compile(lossmith.loss(latex, wrt="x_{ra}"), target, "float64")
        x, v = np.ones((2, 3)), np.arange(6.0).reshape(2, 3)
        assert np.array_equal(kernel.hvp(x, v=v, tangent=np.zeros((2, 3))), 2 * v)


PLANTED = [
    ("clip", "numpy", "(S, S[a, r])", "(S, S[r, a][:, None])"),
    ("clip", "numpy", "- 2 * B", "- B"),
    ("info_nce", "numpy", "np.where(k == a[:, None], 0,", "np.where(k == -1, 0,"),
    ("info_nce", "numpy", "/ (N * tau)", "/ N"),
    ("gaussian_mixture", "numpy", "np.log(sum", "np.log1p(sum"),
    ("softmax_regression_inputs", "numpy", "sum_W_Z.transpose([1, 0])", "sum_W_Z"),
    ("ignored_rows", "c", "m[s]", "m[0]"),
    ("plackett_luce", "c", "A[i * n + j]", "A[j * n + i]"),
    ("clip", "c", "S[r * N + r]", "S[r]"),
    ("softmax_regression_weights", "c", "(sum_Y[r]", "(s[r]"),
    ("softmax_regression_bias", "c", "k < n; k++", "k + 1 < n; k++"),
    ("softmax_regression_weights", "numpy", "sum_X_tangent - sum", "sum_X_tangent + sum"),
    ("info_nce", "c", "tangent[s * d + a]", "tangent[a]"),
]


@pytest.mark.parametrize("name,target,old,new", PLANTED)
def test_planted_bugs_are_caught(name: str, target: str, old: str, new: str) -> None:
    spec = spec_of(name)
    made = grids.kernels(spec)
    head = grid_preamble(spec, target, made)
    changed = planting(old, new)
    with pytest.MonkeyPatch.context() as patch:
        if target == "numpy":
            whole = numpy_grids.source(made, head)
            patch.setattr(numpy_grids, "source", lambda *a: changed(whole))
            programs = numpy_programs(spec, made, head)
        else:
            texts = c_grids.sources(spec.name, made, head)
            texts[f"{name}.c"] = changed(texts[f"{name}.c"])
            patch.setattr(c_grids, "sources", lambda *a: texts)
            programs = c_programs(spec, made, head, "float64")
    assert not right(spec, target, programs)


def planting(old: str, new: str) -> Callable[[str], str]:
    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return change


def right(spec: GridSpec, target: str, programs: Programs) -> bool:
    kernel = GridKernel(
        spec.name, target, "float64", {}, lambda o: {}, spec=spec, programs=programs, more=dict
    )
    try:
        return worst(kernel) <= ULP
    except (AssertionError, ValueError, IndexError):
        return False


def test_a_statement_with_labels_over_several_ranges_is_refused() -> None:
    statement = catalog.entry("info_nce").statement
    with pytest.raises(CodegenError, match="says what it is differentiated by"):
        GridSpec(replace(statement, wrt=None))
