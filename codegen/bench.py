"""`lossmith bench`: our kernels beside their peers and the limit of the memory, interleaved.

Memory speed of shared machines changes within seconds, so only ratios within a round count: every
round times every peer once, a ratio is the median over the rounds.  Peers run in two worker
processes: with the allocator as it comes, and with one that keeps its pages ("no page faults").
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from dataclasses import asdict, astuple, dataclass
from importlib import metadata
from pathlib import Path
from typing import IO, Any

from codegen import native, plans
from codegen.bench_peers import PEERS, Task, available

KEEP_PAGES = {
    "MALLOC_MMAP_MAX_": "0",
    "MALLOC_TRIM_THRESHOLD_": "100000000000",
    "MALLOC_TOP_PAD_": "67108864",
}
SHAPES = ((65536, 10), (8192, 1000), (2048, 32000), (512, 128256), (1, 1000), (32, 1000))
TASKS = (
    *(Task("loss", r, n) for r, n in SHAPES),
    *(Task("softmax", r, n) for r, n in SHAPES),
    *(Task("value", r, n) for r, n in SHAPES if r * n > 1 << 24),
    Task("loss", 2048, 32000, "bfloat16"),
)
REST = 0.02
"""Seconds between two samples.  Threads of PyTorch spin for some ms when their work is done, on the
processors of whoever comes next: after 2 ms the copy took three times as long."""
ELEMENTS, CALLS = 20_000_000, 2000
"""A sample calls its peer until so many elements are done, at most so often: what the first call
after the rest takes longer, with threads asleep and cold memory, must not be what is measured."""
PLAIN, KEPT = "default", "no page faults"
FEATURES = ("avx2", "fma", "avx512f", "avx512_bf16", "asimd", "sve")


@dataclass(frozen=True)
class Sample:
    """The times of one peer at one task, in ms, one for each round, and of the copy just before."""

    task: Task
    peer: str
    pages: str
    ms: tuple[float, ...]
    copy: tuple[float, ...]

    @property
    def median(self) -> float:
        """The median time in ms."""
        return statistics.median(self.ms)

    @property
    def of_the_copy(self) -> float:
        """What part of the limit is reached: the median over the rounds."""
        return statistics.median(c / m for c, m in zip(self.copy, self.ms, strict=True))


class Worker:
    """A process that times peers on request."""

    def __init__(self, pages: str):
        extra = KEEP_PAGES if pages == KEPT else {}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "codegen.bench_peers"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **extra}, cwd=Path(__file__).parents[1],
        )  # fmt: skip

    def ask(self, **question: Any) -> Any:
        """The answer to one line; what libraries print in between is passed over."""
        sender, answers = _pipe(self.process.stdin), _pipe(self.process.stdout)
        sender.write(json.dumps(question) + "\n")
        sender.flush()
        for line in answers:
            if line.startswith("@"):
                return json.loads(line[1:])
        raise RuntimeError(f"the worker ended while it was asked {question}")

    def close(self) -> None:
        """End the process by ending its input."""
        _pipe(self.process.stdin).close()
        self.process.wait()


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def groups(task: Task, only: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """(pages, peer) in the order of a round."""
    names = [p for p in PEERS if available(p, task) and (not only or p in only)]
    plain = [(PLAIN, p) for p in names if p in ("PyTorch", "lossmith")]
    return [(KEPT, p) for p in names] + plain


def measure(task: Task, rounds: int, only: tuple[str, ...] = ()) -> list[Sample]:
    """The samples of one task."""
    wanted = groups(task, only)
    workers = {pages: Worker(pages) for pages in dict.fromkeys(p for p, _ in wanted)}
    for pages, worker in workers.items():
        peers = [peer for where, peer in wanted if where == pages]
        worker.ask(task=astuple(task), peers=list(dict.fromkeys(["limit", *peers])))
    repeats = max(1, min(CALLS, ELEMENTS // (task.rows * task.n)))
    times: dict[tuple[str, str], list[tuple[float, float]]] = {who: [] for who in wanted}
    for _ in range(rounds):
        for pages, peer in wanted:
            pair = [workers[pages].ask(peer=p, repeats=repeats) * 1e3 for p in ("limit", peer)]
            times[pages, peer].append((pair[0], pair[1]))
            time.sleep(REST)
    for worker in workers.values():
        worker.close()
    return [_sample(task, peer, pages, pairs) for (pages, peer), pairs in times.items()]


def _sample(task: Task, peer: str, pages: str, pairs: list[tuple[float, float]]) -> Sample:
    copy, ms = zip(*pairs, strict=True)
    return Sample(task, peer, pages, ms, copy)


def ratio(samples: list[Sample], peer: str, pages: str, ours: str = "lossmith") -> float | None:
    """How many times as long as ours a peer takes: the median of the ratios of the rounds."""
    by = {(s.peer, s.pages): s.ms for s in samples}
    if (peer, pages) not in by or (ours, KEPT) not in by:
        return None
    pairs = zip(by[peer, pages], by[ours, KEPT], strict=True)
    return statistics.median(theirs / mine for theirs, mine in pairs)


def machine() -> dict[str, Any]:
    """What the figures depend on, by features: no name of a machine."""
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8", errors="replace") if info.exists() else ""
    flags = next((x for x in text.splitlines() if x.startswith(("flags", "Features"))), "").split()
    packages = ("numpy", "torch", "onnxruntime", "numba", "scipy", "jax", "optax")
    versions = {p: v for p in packages if (v := _version(p))}
    compiler = subprocess.run(
        [native.compiler(), "-dumpfullversion"], capture_output=True, text=True, check=False
    ).stdout.strip()
    return {
        "architecture": platform.machine(), "threads": plans.machine().threads,
        "last-level cache": f"{plans.machine().cache >> 20} MiB",
        "features": [f for f in FEATURES if f in flags],
        "python": platform.python_version(), "compiler": compiler, **versions,
    }  # fmt: skip


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""


def from_json(text: str) -> list[Sample]:
    """The samples that `as_json` wrote."""
    return [
        Sample(Task(**s["task"]), s["peer"], s["pages"], tuple(s["ms"]), tuple(s["copy"]))
        for s in json.loads(text)["samples"]
    ]


def as_json(samples: list[Sample]) -> str:
    """Every sample, and the machine."""
    return json.dumps({"machine": machine(), "samples": [asdict(s) for s in samples]}, indent=1)
