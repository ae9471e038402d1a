"""How a call is run, by its shape and the machine: schedule, threads, prefetch, scratch.

Rows are computed alone: neither the number of rows nor that of threads changes a bit of a result.
"""

from __future__ import annotations

import ctypes
import os
import threading
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from codegen.fast import BLOCK, RESIDENT, SIDE_BY_SIDE, SIDE_MOST, STREAMED

PARALLEL_FROM = 16 * 1024
"""Elements from which a second thread is worth waking."""
STREAM_FROM = 2.0
"""Streaming stores win where input and output together are this many last-level caches."""
AHEAD = 2048
"""Elements between a read and its prefetch, where rows come from memory: 8 KiB, measured."""
LONGEST_SCRATCH = 192 * 1024
"""Columns whose scratch still fits the second-level cache, or nearly."""


@dataclass(frozen=True)
class Machine:
    """What the schedule depends on: threads, and bytes of the last-level cache."""

    threads: int
    cache: int


@dataclass(frozen=True)
class Plan:
    """The fields of `lsm_plan` (see `lossmith_plan.h`), `work` being floats for each thread."""

    schedule: int
    threads: int
    ahead: int
    work: int


@lru_cache(maxsize=1)
def machine() -> Machine:
    """This machine: OMP_NUM_THREADS or the processors we may use; 8 MiB where nothing is known."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    given = os.environ.get("OMP_NUM_THREADS", "")
    threads = int(given) if given.isdigit() and int(given) > 0 else allowed or 1
    return Machine(threads, _cache() or 8 << 20)


def _cache() -> int:
    names = os.sysconf_names if hasattr(os, "sysconf_names") else {}
    found = [os.sysconf(n) for n in ("SC_LEVEL3_CACHE_SIZE", "SC_LEVEL2_CACHE_SIZE") if n in names]
    return max(found, default=0)


def plan(rows: int, n: int, writes: bool, on: Machine) -> Plan:
    """The plan for rows of n floats; `writes`: whether the result has a vector for each row."""
    threads = 1 if rows * n < PARALLEL_FROM else max(1, min(on.threads, rows))
    if n <= SIDE_MOST:
        return Plan(SIDE_BY_SIDE, threads, 0, 0)
    bytes_moved = rows * n * 4 * (2 if writes else 1)
    streamed = writes and bytes_moved > STREAM_FROM * on.cache and 4096 <= n <= LONGEST_SCRATCH
    work = -(-n // BLOCK) * BLOCK + BLOCK if streamed else 0
    return Plan(
        STREAMED if streamed else RESIDENT, threads, AHEAD if bytes_moved > on.cache else 0, work
    )


class _Plan(ctypes.Structure):
    _fields_ = [
        ("schedule", ctypes.c_int),
        ("threads", ctypes.c_int),
        ("ahead", ctypes.c_size_t),
        ("work", ctypes.c_void_p),
        ("work_each", ctypes.c_size_t),
    ]


class _Scratch(threading.local):
    """Scratch for each Python thread, kept from call to call, on a 64-byte boundary."""

    buffer: Any = np.empty(0, np.float32)

    def address(self, floats: int) -> int:
        if self.buffer.size < floats + 16:
            self.buffer = np.empty(floats + 16, np.float32)
        return -(-int(self.buffer.ctypes.data) // 64) * 64


_SCRATCH = _Scratch()


def as_argument(made: Plan) -> Any:
    """The plan as the C functions take it; its scratch belongs to the calling thread."""
    work = _SCRATCH.address(made.work * made.threads) if made.work else None
    return ctypes.byref(_Plan(made.schedule, made.threads, made.ahead, work, made.work))
