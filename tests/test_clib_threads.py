"""Several Python threads at once: kernels and the C library are shared, and the GIL is released."""

from __future__ import annotations

import ctypes
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from clib import built, functions

import codegen
from codegen.statements import specs

WORKERS = 4


def drawn(seed: int, count: int = 300, n: int = 70) -> tuple[Any, Any]:
    random = np.random.default_rng(seed)
    logits = (random.normal(size=(count, n)) * 5).astype(np.float32)
    return logits, random.integers(0, n, count)


def alike(run: Callable[[int], Any]) -> None:
    """What `run` makes of a seed is the same whether others run beside it or not."""
    seeds = list(range(WORKERS)) * 5
    with ThreadPoolExecutor(WORKERS) as pool:
        beside = list(pool.map(run, seeds))
    for seed, made in zip(seeds, beside, strict=True):
        for got, alone in zip(made, run(seed), strict=True):
            assert np.array_equal(got, alone)


def test_threads_share_a_kernel_and_what_it_makes_when_first_asked() -> None:
    """`hvp` and the options are compiled at the first call: here by several threads at once."""
    kernel = codegen.compile("cross_entropy", "c", "float32")

    def run(seed: int) -> list[Any]:
        logits, labels = drawn(seed)
        before = logits.copy()
        value, grad = kernel.value_and_grad(logits, labels)
        hvp = kernel.hvp(logits, labels, v=logits)
        weight = np.linspace(0.5, 1, logits.shape[1], dtype=np.float32)
        weighted = kernel.value(logits, labels, weight=weight)
        assert np.array_equal(before, logits)
        return [value, grad, hvp, weighted]

    alike(run)


@pytest.mark.long
@pytest.mark.parametrize("turned", [False, True], ids=["side by side", "apart"])
def test_threads_share_the_library(turned: bool) -> None:
    gradient = functions(specs("cross_entropy")["labels"], "float32", built("-fopenmp"))[
        "cross_entropy_value_and_grad"
    ]

    def run(seed: int) -> list[Any]:
        logits, labels = drawn(seed)
        outs = {"value": np.empty(len(logits), np.float32), "grad": np.empty_like(logits)}
        given = np.asfortranarray(logits) if turned else logits
        each = codegen.programs.Scaled(None, 1.0, (len(logits),))
        gradient({"z": given, "t": labels, "cotangent": each}, outs)
        return list(outs.values())

    alike(run)


@contextmanager
def ticking() -> Iterator[list[int]]:
    """A Python thread that counts whenever the GIL is given up; it is never taken away."""
    ticks, done, interval = [0], threading.Event(), sys.getswitchinterval()

    def tick() -> None:
        while not done.is_set():
            ticks[0] += 1
            time.sleep(0)

    thread = threading.Thread(target=tick)
    thread.start()
    sys.setswitchinterval(1000)
    try:
        yield ticks
    finally:
        sys.setswitchinterval(interval)
        done.set()
        thread.join()


def let_others_run(call: Callable[[], Any], tries: int = 20) -> int:
    """How many of some calls let another Python thread run."""
    found = 0
    with ticking() as ticks:
        for _ in range(tries):
            before = ticks[0]
            call()
            found += ticks[0] > before
    return found


@pytest.mark.long
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_gil_is_released(dtype: str) -> None:
    kernel = codegen.compile("cross_entropy", "c", dtype)
    logits, labels = drawn(0, 1500, 1000)
    out = np.empty(logits.shape, dtype)
    given = logits.astype(dtype)
    kernel.value_and_grad(given, labels, out=out)
    assert let_others_run(lambda: kernel.value_and_grad(given, labels, out=out))


@pytest.mark.long
@pytest.mark.parametrize("kind,runs", [(ctypes.CDLL, True), (ctypes.PyDLL, False)])
def test_a_call_that_keeps_the_gil_is_noticed(kind: type[ctypes.CDLL], runs: bool) -> None:
    """PyDLL calls the same function of the library and keeps the GIL."""
    library = kind(built("-fopenmp")._name)
    softmax = functions(specs("softmax")["function"], "float32", library)["softmax_value"]
    logits, _ = drawn(0, 1500, 1000)
    outs = {"value": np.empty_like(logits)}
    assert bool(let_others_run(lambda: softmax({"z": logits}, outs))) is runs
