"""The fast schedules: every one of them meets the bounds, whatever the shape, threads and build."""

from __future__ import annotations

import dataclasses
import platform
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from codegen import fast, native, plans
from codegen.accuracy import measure
from codegen.backends import c_fast
from codegen.bench import machine
from codegen.build import kernels
from codegen.compiling import compile
from codegen.errors import CodegenError
from codegen.hard import rows
from codegen.interface import Kernel
from codegen.plans import Machine, Plan, plan
from codegen.statements import specs
from tests.sampling import one_of

NAMES = ("cross_entropy", "softmax", "log_softmax", "logsumexp")
SCHEDULES = (fast.RESIDENT, fast.STREAMED, fast.SIDE_BY_SIDE)
Force = Callable[..., None]


@pytest.fixture
def force(monkeypatch: pytest.MonkeyPatch) -> Force:
    """Runs every call by one schedule; as many threads as told take `share` rows at a time."""

    def set_plan(schedule: int, threads: int = 1, share: int = 3) -> None:
        def chosen(count: int, n: int, writes: bool, on: Machine, size: int = 4) -> Plan:
            side = schedule == fast.SIDE_BY_SIDE and n > fast.SIDE_MOST
            work = 3 * (n + 2 * fast.SLOT)  # three rows together at most
            way = fast.RESIDENT if side else schedule
            return Plan(way, threads, share, 64 * (n % 2), work)

        monkeypatch.setattr(plans, "plan", chosen)

    return set_plan


def test_the_shape_is_found_in_the_passes_whatever_the_loss() -> None:
    found = {
        k.name: fast.recognise(k) is not None
        for name in NAMES
        for spec in specs(name).values()
        for k in kernels(spec, 2)
    }
    quick = {name for name, yes in found.items() if yes}
    assert {
        "cross_entropy_value",
        "cross_entropy_value_and_grad",
        "softmax_value",
        "log_softmax_value",
        "logsumexp_value",
        "logsumexp_vjp",
    } <= quick
    assert not found["softmax_vjp"] and not found["cross_entropy_soft_value"]


def test_a_sum_over_other_exponents_is_not_taken_for_the_shape() -> None:
    whole = kernels(specs("softmax")["function"], 2)[0]
    for at, step in enumerate(whole.passes):
        if step.name == "rest":
            broken = dataclasses.replace(step, skip=())
            passes = (*whole.passes[:at], broken, *whole.passes[at + 1 :])
            assert fast.recognise(dataclasses.replace(whole, passes=passes)) is None


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("name", NAMES)
def test_every_schedule_is_within_4_ulp(name: str, schedule: int, force: Force) -> None:
    force(schedule)
    sizes = (1, 2, 17) if schedule == fast.SIDE_BY_SIDE else (1, 3, 300)
    for row in measure(name, "c", "float32", rows("float32", sizes)):
        assert row.ulp <= 4.0, row


def hard_rows(n: int) -> tuple[Any, Any]:
    """Ordinary rows, and between them rows that leave the path in every way."""
    draw = np.random.default_rng(n)
    z = (draw.normal(size=(131, n)) * 5).astype(np.float32)
    specials = (np.nan, np.inf, -np.inf, 3e38, -3e38, 1e8, -2599, 2600, 2700)
    for r, special in enumerate(specials):
        z[5 * r, r % n] = special
        z[5 * r + 2, :] = special
    z[100:110] += np.float32(500)
    z[110, : n // 2] = -np.inf
    z[111, -1] += 95
    t = draw.integers(0, n, len(z))
    z[112] = draw.normal(size=n)
    z[112, 1] = z[112].max() + 87
    t[112] = 1
    z[113, 0], t[113] = z[113].max() + 5, 0
    z[113, -1] = z[113, 0] + 75
    far = np.concatenate([[200, 3e3, 1e6, 3e20], 10 ** draw.uniform(7, 12, 12)])
    z[114:130, -1], t[114:130] = far, 0  # behind what is guessed from
    return z, t


def beside_a_line(shape: tuple[int, int]) -> Any:
    """An array 16 bytes behind the start of a line, as large ones are: rows share lines."""
    room = np.empty(shape[0] * shape[1] + 32, np.float32)
    start = (16 - room.ctypes.data) % 64 // 4
    return room[start : start + shape[0] * shape[1]].reshape(shape)


def computed(kernel: Kernel, z: Any, t: Any) -> tuple[Any, ...]:
    """Softmax, or value and gradient of a loss."""
    if kernel.name == "softmax":
        return (type(kernel).value(kernel, z, out=beside_a_line(z.shape)),)  # not the short way
    value = kernel.value(z, t, reduction="none")
    _, grad = kernel.value_and_grad(z, t, reduction="none", out=beside_a_line(z.shape))
    return value, grad


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("n", [2, 10, 64, 257, 1000, 1601])
@pytest.mark.parametrize("name", ["cross_entropy", "softmax"])
def test_hard_rows_are_those_of_the_plain_path(
    name: str, n: int, schedule: int, force: Force
) -> None:
    z, t = hard_rows(n)
    kernel = compile(name)
    made = []
    for way in (fast.PLAIN, schedule):
        force(way, 2)
        made.append(computed(kernel, z, t))
    for exact, found in zip(*made, strict=True):
        strange = ~np.isfinite(exact) | (np.abs(exact) < np.finfo(np.float32).tiny)
        assert np.array_equal(np.isnan(exact), np.isnan(found))
        assert np.array_equal(exact[np.isinf(exact)], found[np.isinf(exact)])
        np.testing.assert_array_max_ulp(exact[~strange], found[~strange], maxulp=8)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("n", [10, 300])
def test_cotangents_of_any_size_keep_the_digits(n: int, schedule: int, force: Force) -> None:
    """The label is the largest, the smallest, or not guessed; no part of a pair is too small."""
    gaps, scales = np.arange(0, 84, 3), 2.0 ** np.arange(-100, 41, 10)
    gap, cotangent = (a.ravel() for a in np.meshgrid(gaps, scales))
    z = np.random.default_rng(5).normal(size=(3, gap.size, n)).astype(np.float32)
    z[0, :, 0] += gap
    z[1, :, 0] -= gap
    z[2, :, 64:] += gap[:, None] / 2
    t = np.zeros(z.shape[:2], np.int64)
    each = np.stack([cotangent, -cotangent, cotangent]).astype(np.float32)
    force(schedule, 2)
    _, grad = compile("cross_entropy").value_and_grad(z, t, reduction="none", cotangent=each)
    e = np.exp(z.astype(np.float64) - z[..., :1])
    e[..., 0] = 0
    exact = e / (1 + e.sum(axis=-1, keepdims=True))
    exact[..., 0] = -exact.sum(axis=-1)
    exact *= each[..., None]
    usual = np.abs(exact) >= np.finfo(np.float32).tiny
    ulp = np.spacing(np.abs(exact[usual]).astype(np.float32))
    assert np.max(np.abs(grad[usual] - exact[usual]) / ulp) <= 4


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("n", [10, 64, 700])
def test_one_to_three_threads_give_the_same_bits(n: int, schedule: int, force: Force) -> None:
    z, t = hard_rows(n)
    kernel = compile("cross_entropy")
    made = []
    for threads, share in ((1, 3), (2, 3), (3, 3), (2, 0), (3, 0)):
        force(schedule, threads, share)
        out = np.full_like(z, 7)
        value, grad = kernel.value_and_grad(z, t, reduction="none", out=out)
        made.append((value.tobytes(), grad.tobytes()))
    assert all(bits == made[0] for bits in made)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_many_rows_are_summed_alike_whatever_the_threads(schedule: int, force: Force) -> None:
    draw = np.random.default_rng(2)
    z, t = draw.normal(size=(20011, 3)).astype(np.float32), draw.integers(0, 3, 20011)
    kernel = compile("cross_entropy")
    sums = set()
    for threads in (1, 2, 3):
        force(schedule, threads)
        rows = kernel.value(z, t, reduction="none")
        sums.add(float(kernel.value(z, t, reduction="sum")))
        out = np.full_like(z, 7)
        with pytest.raises(CodegenError, match="label"):
            kernel.value_and_grad(z, np.where(np.arange(20011) == 17000, 3, t), out=out)
        assert np.all(out == 7)
    assert sums == {float(np.float32(np.sum(rows, dtype=np.float64)))}


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_rows_far_apart_give_the_same_bits(schedule: int, force: Force) -> None:
    z, t = hard_rows(50)
    wide = np.full((len(z), 77), np.nan, np.float32)
    wide[:, :50] = z
    kernel = compile("cross_entropy")
    force(schedule)
    _, grad = kernel.value_and_grad(z, t, reduction="none")
    _, strided = kernel.value_and_grad(wide[:, :50], t, reduction="none")
    assert grad.tobytes() == strided.tobytes()


def test_how_many_rows_there_are_changes_no_bit_of_one() -> None:
    softmax, loss = compile("softmax"), compile("cross_entropy")
    for n in (*range(1, 66), 300, 1000):  # every way to turn 16 rows, and groups of rows
        draw = np.random.default_rng(n)
        z, t = draw.normal(size=(21, n)).astype(np.float32) * 4, draw.integers(0, n, 21)
        alone = [softmax.value(z[r : r + 1])[0] for r in range(21)]
        assert softmax.value(z).tobytes() == np.stack(alone).tobytes()
        grads = [loss.value_and_grad(z[r], t[r], reduction="sum")[1] for r in range(21)]
        assert loss.value_and_grad(z, t, reduction="sum")[1].tobytes() == np.stack(grads).tobytes()


def test_a_million_classes_and_more() -> None:
    z = np.zeros((1, 3_000_001), np.float32)
    z[0, 5] = 30
    value, grad = compile("cross_entropy").value_and_grad(z, np.array([5]))
    rest = 3_000_000 * np.exp(-30.0)
    assert abs(value - np.log1p(rest)) <= 4 * np.spacing(np.float32(value))
    assert abs(grad[0, 5] + rest / (1 + rest)) <= 4 * np.spacing(-grad[0, 5])


def test_the_plan_follows_shape_and_cache() -> None:
    small, large = Machine(2, 1 << 20), Machine(2, 1 << 40)
    assert plan(64, 32000, True, small).schedule == fast.STREAMED
    assert plan(64, 32000, True, small).work >= 32000 + fast.SLOT
    assert plan(64, 32000, True, large).schedule == fast.RESIDENT
    assert plan(64, 32000, False, small).schedule == fast.RESIDENT
    assert plan(64, 10, True, small).schedule == fast.SIDE_BY_SIDE
    assert plan(1, 1000, True, small).threads == 1
    assert plan(1, 10**6, True, small).threads == 1
    assert plan(32, 1000, True, small).threads == 2
    assert plan(10**6, 300, True, small).schedule == fast.RESIDENT
    assert plan(65536, 10, True, small).share % fast.SIDE == 0 < plan(65536, 10, True, small).share
    assert plan(2048, 32000, True, small).share == 16
    assert plan(2048, 32000, True, Machine(1, 1 << 20)).share == 0
    assert plan(4, 262144, True, small).share == plan(32, 1000, True, small).share == 0


PLANTED = {
    "a lane is lost": ("others[l] += others[l + half]", "others[l] += (l < 1) * others[l + half]"),
    "far rows stay": ("#define LSM_FAR 2600.0f", "#define LSM_FAR 1e9f"),
    "no headroom": ("#define LSM_HEADROOM 32", "#define LSM_HEADROOM 0"),
    "a streamed tail is left": ("if (k < to && k < n) {", "if (k + 1 < to && k + 1 < n) {"),
    "the last line of all is left": ("    lsm_edge_out(&edge);\n", ""),
    "an edge is filled by a stranger": ("&& edge->line + edge->count == out", ""),
    "the rest of a row is left": ("lsm_store_some(e + k, a[i], count);", "(void)count;"),
    "behind the row stands 0": ("_load_some(x + k, count)", "_load(x + k)"),
    "the label is not patched": (
        "patch.value : e[k + l] * factor)",
        "e[k + l] * factor : e[k + l] * factor)",
    ),
    "the label is patched beside": ("ready->t, ready->at_t }", "ready->t + 1, ready->at_t }"),
    "the label goes out among the lines": (" && patch - from >= some", ""),
    "lines go out of another column": ("lsm_load(e + k + lines->shift)", "lsm_load(e + k)"),
    "any odds fit": ("*fits &= rest.high <= 0x1p64f;", ""),
    "the label counts": ("made[label] = 0;", ""),
    "the label counts beside": (
        "return lsm_part(label, lsm_all(lsm_columns[k]), a, top);",
        "return (void)lsm_part(label, lsm_all(lsm_columns[k]), a, top), a;",
    ),
    "eight columns count again": ("            sum = lsm_all(0);\n        }", "        }"),
    "the first eight columns are forgotten": ("high = lsm_plus(sum, four);", "high = four;"),
    "the last columns are forgotten": ("if (n % 8)\n", "if (n % 8 == 9)\n"),
    "what is above the top goes round": ("return lsm_lower(top, x);", "return (void)top, x;"),
    "a row takes the numbers of another": (".factor = factor[r],", ".factor = factor[0],"),
    "the last share is left": ("(turn->row < end &&", "(turn->row + turn->share < end &&"),
    "the logarithm loses what 1 + x loses": ("b.m - 1.0f, low * scale)", "b.m - 1.0f, 0.0f)"),
    "the power of two comes last": (
        "_mm512_maskz_fmadd_ps(counts, near, more, near)",
        "_mm512_maskz_scalef_ps(counts, lsm_fused(power, more, power), raised)",
    ),
    "the unit is forgotten": ("lsm_near_product(unit, ratio)", "lsm_near_pair(ratio)"),
}
TRACKED = {
    "the largest counts twice": ("low[i] = lsm_lower(seen->top, a[i])", "low[i] = a[i]"),
    "the second largest is lost": ("others[l + half] + (double)low", "others[l + half]"),
    "the guess is taken for the largest": (
        "lsm_sum_beside_largest(&seen, &seen_of->m[r]);",
        "lsm_sum_beside_largest(&seen, &seen_of->m[r]), seen_of->m[r] = (double)guess;",
    ),
}
"""Where no label stands apart."""
NARROW = ("what is above the top goes round",)
"""Where the registers have 512 bits, what is too large is not finite."""
BUGS = [("cross_entropy", *b) for b in PLANTED.items()]
BUGS += [("softmax", *b) for b in TRACKED.items()]
WIDE = ("the quotient is corrected the wrong way", ("(2.0 - s * near)", "(2.0 + s * near)"))
BUGS.append(("kl_forward", *WIDE))  # the numbers of its rows are doubles


TURNED = {
    "a column is taken twice": ("(pairs[0], pairs[1], 0xdd)", "(pairs[0], pairs[1], 0x88)"),
    "rows are taken for others": ("row + 4 * step), 1);", "row + 3 * step), 1);"),
    "rows are put in the place of others": ("(row + 8 * step, _mm512", "(row + 7 * step, _mm512"),
    "the last column is left": ("else if (n > k) ", "else if (n > k + 1) "),
}  # fmt: skip
"""Where 16 rows are turned in registers."""


def plant(monkeypatch: pytest.MonkeyPatch, change: tuple[str, str]) -> list[str]:
    """Emitted files are changed from here on; their names, as they come."""
    right, wrong = change
    whole, changed = c_fast.sources, []

    def planted(*given: Any) -> dict[str, str]:
        files = whole(*given)
        changed.extend(file for file, text in files.items() if right in text)
        return {file: text.replace(right, wrong) for file, text in files.items()}

    monkeypatch.setattr(c_fast, "sources", planted)
    return changed


def use_planted(monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], *names: str) -> None:
    """The tests of this module get these kernels, compiled from changed text."""
    changed = plant(monkeypatch, change)
    made = {name: compile(name) for name in names or ("cross_entropy",)}
    assert changed
    monkeypatch.setattr("test_fast.compile", made.__getitem__)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_cotangents_that_are_not_finite_are_those_of_the_plain_path(
    schedule: int, force: Force
) -> None:
    z, t = np.zeros((4, 10), np.float32), np.zeros(4, np.int64)
    z[:, 3] = -np.inf
    cotangent = np.array([np.nan, np.inf, -np.inf, 3e38], np.float32)
    made = []
    for way in (fast.PLAIN, schedule):
        force(way)
        kernel = compile("cross_entropy")
        made.append(kernel.value_and_grad(z, t, reduction="none", cotangent=cotangent)[1])
    np.testing.assert_array_equal(*made)


EDGES = {
    "small cotangents stay": ("lsm_is_whole(out.high, 0x1p-40f) ?", "1 ?"),
    "any odds stay": ("rest.high <= 0x1p64f", "rest.high <= FLT_MAX"),
    "small factors stay": ("seen.fits[r] &= lsm_is_whole(factor[r], FLT_MIN);", ""),
    "factors that are not finite stay": ("*fits &= fabsf(factor) <= 1;", ""),
}


@pytest.mark.long
@pytest.mark.parametrize("bug", EDGES)
def test_planted_edges_are_caught(bug: str, force: Force, monkeypatch: pytest.MonkeyPatch) -> None:
    use_planted(monkeypatch, EDGES[bug])
    with pytest.raises(AssertionError):
        for n in (10, 300):
            test_cotangents_of_any_size_keep_the_digits(n, fast.RESIDENT, force)
        test_cotangents_of_any_size_keep_the_digits(10, fast.SIDE_BY_SIDE, force)
        test_cotangents_that_are_not_finite_are_those_of_the_plain_path(fast.RESIDENT, force)


PARTS = {
    "a part ends early": ("rows * (mine + 1) / team }", "(rows - 1) * (mine + 1) / team }"),
    "parts of a share are left": ("part = (turn->mine + i) % turn->parts", "part = 0"),
}


@pytest.mark.parametrize("bug", one_of(2, PARTS))
def test_planted_parts_are_caught(bug: str, force: Force, monkeypatch: pytest.MonkeyPatch) -> None:
    use_planted(monkeypatch, PARTS[bug])
    with pytest.raises(AssertionError):
        test_one_to_three_threads_give_the_same_bits(700, fast.RESIDENT, force)


@pytest.mark.long
@pytest.mark.skipif("avx512f" not in machine()["features"], reason="needs AVX-512")
@pytest.mark.parametrize("bug", TURNED)
def test_planted_turns_are_caught(bug: str, monkeypatch: pytest.MonkeyPatch) -> None:
    use_planted(monkeypatch, TURNED[bug], "softmax", "cross_entropy")
    with pytest.raises(AssertionError):
        test_how_many_rows_there_are_changes_no_bit_of_one()


@pytest.mark.long
@pytest.mark.parametrize("name,bug,change", BUGS)
def test_planted_bugs_are_caught(
    name: str, bug: str, change: tuple[str, str], force: Force, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bug in NARROW and platform.machine() in ("x86_64", "AMD64"):
        monkeypatch.setattr(native, "FLAGS", (*native.FLAGS, "-mno-avx512f", "-DLSM_NO_CLONES"))
    use_planted(monkeypatch, change, name)
    with pytest.raises(AssertionError):
        ways = (*SCHEDULES, fast.STREAMED, fast.STREAMED, fast.SIDE_BY_SIDE)
        for schedule, n in zip(ways, (300, 257, 64, 64, 1601, 10), strict=True):
            test_hard_rows_are_those_of_the_plain_path(name, n, schedule, force)


@pytest.mark.long
def test_the_plain_c_build_meets_the_same_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = ("-DLSM_NO_INTRINSICS", "-DLSM_NO_FMA", "-mno-fma", "-ffp-contract=off")
    monkeypatch.setattr(native, "FLAGS", (*native.FLAGS, *plain))
    for name in ("cross_entropy", "softmax"):
        for row in measure(name, "c", "float32", rows("float32", (3, 17, 130))):
            assert row.ulp <= 4.0, row


def test_bad_calls_of_the_quick_path_raise_the_error_of_the_method() -> None:
    kernel = compile("cross_entropy")
    z = np.zeros((3, 5), np.float32)
    for labels in (np.array([0, 5, 1]), np.array([0, -1, 1]), np.array([0, 1]), [0.5, 1, 2]):
        with pytest.raises(CodegenError):
            kernel.value_and_grad(z, labels)
    with pytest.raises(CodegenError):
        kernel.value_and_grad(z.astype(np.float64), np.array([0, 1, 2]))
    with pytest.raises(CodegenError):
        kernel.value_and_grad(z, np.array([0, 1, 2]), out=z)
    with pytest.raises(CodegenError):
        kernel.value_and_grad(z, np.array([0, 1, 2]), out=np.zeros((3, 4), np.float32))


def test_the_quick_path_is_the_method() -> None:
    kernel = compile("cross_entropy")
    for shape in ((1, 10), (7, 100), (2, 3, 70), (5,)):
        z = np.random.default_rng(3).normal(size=shape).astype(np.float32)
        for kind in (np.int32, np.int64):
            t = np.zeros(shape[:-1], kind)
            value, grad = kernel.value_and_grad(z, t)
            again, same = type(kernel).value_and_grad(kernel, z, t)
            assert type(value) is type(again) and value == again
            assert grad.tobytes() == same.tobytes() and grad.shape == same.shape
