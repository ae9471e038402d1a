"""What is timed: our kernels, the limits of the memory, and whatever peers are installed.

Each peer makes, for a task and its arrays, a function without arguments; None where it has none.
A worker process holds one group of peers and answers each line of its input with a time.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Run = Callable[[], Any]


@dataclass(frozen=True)
class Task:
    """ "loss" (value and gradient), "value" or "softmax", on logits of a shape and a type."""

    name: str
    rows: int
    n: int
    dtype: str = "float32"


@dataclass(frozen=True)
class Data:
    """Logits, labels and a place for the result; bfloat16 as its bits in uint16."""

    z: Any
    t: Any
    out: Any


def data(task: Task) -> Data:
    """The same numbers for every peer."""
    random = np.random.default_rng(0)
    z = random.standard_normal((task.rows, task.n), dtype=np.float32)
    z *= 3
    if task.dtype == "bfloat16":
        z = (z.view(np.uint32) >> 16).astype(np.uint16)
    return Data(z, random.integers(0, task.n, task.rows), np.zeros_like(z))


def lossmith(task: Task, given: Data, into: bool) -> Run:
    """Our kernels as a person calls them; `into`: with out=."""
    from codegen.compiling import compile

    options = {"out": given.out} if into else {}
    if task.name == "softmax":
        kernel = compile("softmax", dtype=task.dtype)
        return lambda: kernel.value(given.z, **options)
    kernel = compile("cross_entropy", dtype=task.dtype)
    if task.name == "value":
        return lambda: kernel.value(given.z, given.t)
    return lambda: kernel.value_and_grad(given.z, given.t, **options)


def lossmith_float32(task: Task, given: Data) -> Run:
    """Our float32 beside a narrower type."""
    wide = Task(task.name, task.rows, task.n)
    return lossmith(wide, data(wide), True)


def limit(task: Task, given: Data) -> Run:
    """A streaming copy of the logits to the result; for the value alone a read."""
    from codegen import native, plans
    from codegen.backends import c_fast
    from codegen.headers import math_header

    library = native.load("lossmith_copy", c_fast.limit_sources() | math_header())
    threads = plans.machine().threads
    size, x, y = (
        ctypes.c_size_t(given.z.nbytes // 4),
        ctypes.c_void_p(given.z.ctypes.data),
        ctypes.c_void_p(given.out.ctypes.data),
    )
    if task.name == "value":
        return lambda: library.lsm_read(size, x, threads)
    return lambda: library.lsm_copy(size, x, y, threads)


def numpy_by_hand(task: Task, given: Data) -> Run:
    """What a careful person writes: every step in place."""
    z, t, e = given.z, given.t, given.out
    rows = np.arange(task.rows)

    def softmax() -> Any:
        np.subtract(z, z.max(axis=-1, keepdims=True), out=e)
        np.exp(e, out=e)
        s = e.sum(axis=-1, keepdims=True)
        np.divide(e, s, out=e)
        return s

    def loss() -> Any:
        m = z.max(axis=-1, keepdims=True)
        np.subtract(z, m, out=e)
        np.exp(e, out=e)
        s = e.sum(axis=-1, keepdims=True)
        value = np.mean(np.log(s[:, 0]) - (z[rows, t] - m[:, 0]))
        np.multiply(e, 1 / (s * task.rows), out=e)
        e[rows, t] -= 1 / task.rows
        return value

    return softmax if task.name == "softmax" else loss


def numpy_textbook(task: Task, given: Data) -> Run:
    """The formulas as they stand in textbooks."""

    def softmax() -> Any:
        e = np.exp(given.z - given.z.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    def loss() -> Any:
        p = softmax()
        y = np.eye(task.n, dtype=np.float32)[given.t] if task.n <= 1000 else None
        value = -np.mean(np.log(p[np.arange(task.rows), given.t]))
        if y is not None:
            return value, (p - y) / task.rows
        p[np.arange(task.rows), given.t] -= 1
        return value, p / task.rows

    return softmax if task.name == "softmax" else loss


def numpy_least(task: Task, given: Data) -> Run:
    """The calls that no softmax in NumPy can do without, on whole arrays, into memory that is
    there: no maximum, no check, no blocks."""
    z, e = given.z, given.out

    def run() -> Any:
        np.exp(z, e)
        return np.divide(e, np.add.reduce(e, -1, keepdims=True), e)

    return run


def our_numpy(task: Task, given: Data) -> Run:
    """The emitted NumPy."""
    from codegen.compiling import compile

    kernel = compile("softmax" if task.name == "softmax" else "cross_entropy", "numpy")
    if task.name == "softmax":
        return lambda: kernel.value(given.z, out=given.out)
    return lambda: kernel.value_and_grad(given.z, given.t, out=given.out)


def torch_eager(task: Task, given: Data, compiled: bool = False) -> Run:
    """PyTorch: F.cross_entropy and backward, or softmax; `compiled`: under torch.compile."""
    import torch

    z, t = torch.from_numpy(given.z), torch.from_numpy(given.t)
    z = z.view(torch.bfloat16) if task.dtype == "bfloat16" else z
    if task.name == "softmax":
        with torch.no_grad():
            made = torch.compile(torch.softmax) if compiled else torch.softmax
            return lambda: made(z, -1)
    z.requires_grad_(task.name == "loss")
    function = torch.nn.functional.cross_entropy
    function = torch.compile(function) if compiled else function

    def loss() -> Any:
        z.grad = None
        value = function(z, t)
        if task.name == "loss":
            value.backward()
        return value

    return loss


def optax_jit(task: Task, given: Data) -> Run:
    """optax under jax.jit, or jax.nn.softmax."""
    import jax
    import optax

    z, t = jax.device_put(given.z), jax.device_put(given.t.astype(np.int32))

    def mean(logits: Any) -> Any:
        return optax.softmax_cross_entropy_with_integer_labels(logits, t).mean()

    function = {"loss": jax.value_and_grad(mean), "value": mean, "softmax": jax.nn.softmax}
    made = jax.jit(function[task.name])
    return lambda: jax.block_until_ready(made(z))


def onnx(task: Task, given: Data) -> Run:
    """onnxruntime's Softmax, the result bound to the same buffer; its model is written by hand."""
    import onnxruntime

    from codegen.bench_onnx import softmax_model

    options = onnxruntime.SessionOptions()
    session = onnxruntime.InferenceSession(softmax_model(), options, ["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_cpu_input("x", given.z)
    binding.bind_output("y", "cpu", 0, np.float32, list(given.out.shape), given.out.ctypes.data)
    return lambda: session.run_with_iobinding(binding)


def numba_loops(task: Task, given: Data) -> Run:
    """The loop by rows under numba, parallel, with fast mathematics."""
    import numba

    def loop(z: Any, t: Any, e: Any) -> Any:
        rows, n = z.shape
        total = 0.0
        for r in numba.prange(rows):
            m = z[r].max()
            s = np.float32(0)
            for k in range(n):
                e[r, k] = np.exp(z[r, k] - m)
                s += e[r, k]
            total += np.log(s) - (z[r, t[r]] - m)
            for k in range(n):
                e[r, k] *= 1 / (s * rows)
            e[r, t[r]] -= 1 / rows
        return total / rows

    loss = numba.njit(parallel=True, fastmath=True)(loop)
    return lambda: loss(given.z, given.t, given.out)


WIDE, BOTH = ("float32",), ("float32", "bfloat16")
ALL = ("loss", "value", "softmax")


@dataclass(frozen=True)
class Peer:
    """The packages it needs, the tasks and types it does, and how."""

    make: Callable[[Task, Data], Run]
    tasks: tuple[str, ...] = ("loss", "softmax")
    types: tuple[str, ...] = WIDE
    packages: tuple[str, ...] = ()


LEAST = "NumPy exp, sum, divide"
"""The limit of any softmax in NumPy."""

PEERS: dict[str, Peer] = {
    "limit": Peer(limit, ALL, BOTH),
    "lossmith out=": Peer(lambda t, d: lossmith(t, d, True), types=BOTH),
    "lossmith": Peer(lambda t, d: lossmith(t, d, False), ALL, BOTH),
    "lossmith float32": Peer(lossmith_float32, types=("bfloat16",)),
    "lossmith NumPy": Peer(our_numpy),
    "NumPy in place": Peer(numpy_by_hand),
    "NumPy textbook": Peer(numpy_textbook),
    LEAST: Peer(numpy_least, ("softmax",)),
    "numba": Peer(numba_loops, ("loss",), packages=("numba",)),
    "optax": Peer(optax_jit, ALL, packages=("jax", "optax")),
    "onnxruntime": Peer(onnx, ("softmax",), packages=("onnxruntime",)),
    "PyTorch": Peer(torch_eager, ALL, BOTH, ("torch",)),
    "torch.compile": Peer(lambda t, d: torch_eager(t, d, True), types=BOTH, packages=("torch",)),
}


def available(name: str, task: Task) -> bool:
    """Whether a peer is installed and does the task."""
    peer = PEERS[name]
    does = task.name in peer.tasks and task.dtype in peer.types
    return does and all(importlib.util.find_spec(p) is not None for p in peer.packages)


def seconds(run: Run, repeats: int) -> float:
    """The mean of back-to-back calls."""
    begin = time.perf_counter()
    for _ in range(repeats):
        run()
    return (time.perf_counter() - begin) / repeats


def serve() -> None:
    """The worker: {"task": [...], "peers": [...]} makes, {"peer": name, "repeats": n} times."""
    runs: dict[str, Run] = {}
    for line in sys.stdin:
        asked = json.loads(line)
        if "task" in asked:
            task = Task(*asked["task"])
            given = data(task)
            runs = {}
            for name in asked["peers"]:
                runs[name] = PEERS[name].make(task, given)
                runs[name]()
                runs[name]()
            answer: Any = sorted(runs)
        else:
            answer = seconds(runs[asked["peer"]], asked["repeats"])
        print("@" + json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
