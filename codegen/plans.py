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

from codegen.fast import (
    AHEAD,
    GROUP,
    GROUP_COLUMNS,
    RESIDENT,
    SIDE,
    SIDE_BY_SIDE,
    SIDE_MOST,
    SLOT,
    STREAMED,
)

PARALLEL_FROM = 16 * 1024
"""Elements from which a second thread is worth waking."""
SHARES = 64
LEAST_SHARE = 4 * 1024
"""Elements that are worth the question for the next share."""
FEW_SHARES = 3
"""Shares of a part that are not worth any question: it takes 5 % of a call with 32 rows of 1000."""
STREAM_FROM = 8
"""Streaming stores win where input and output together are this many times the caches of the
threads, or twice the last-level cache: more of that belongs to others."""
STREAM_LEAST = 900
"""Columns from which a row is worth streaming: at 800 it loses 5 %, at 1000 it wins as much."""
HUGE_PAGE = 2 << 20
LONGEST_SCRATCH = 192 * 1024
"""Columns whose scratch still fits the second-level cache, or nearly."""


@dataclass(frozen=True)
class Machine:
    """What the schedule depends on: threads, bytes of the last-level cache, of one of their own."""

    threads: int
    cache: int
    own: int = 1 << 20

    @property
    def resident(self) -> int:
        """Bytes that one call can expect to find in the caches again."""
        return min(2 * self.cache, STREAM_FROM * self.threads * self.own)


@dataclass(frozen=True)
class Plan:
    """The fields of `lsm_plan` (see `lossmith_plan.h`), `work` being floats for each thread."""

    schedule: int
    threads: int
    share: int
    ahead: int
    work: int


@lru_cache(maxsize=1)
def machine() -> Machine:
    """This machine: OMP_NUM_THREADS or the processors we may use; 8 MiB where nothing is known."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    given = os.environ.get("OMP_NUM_THREADS", "")
    threads = int(given) if given.isdigit() and int(given) > 0 else allowed or 1
    own = _cache("SC_LEVEL2_CACHE_SIZE") or 1 << 20
    return Machine(threads, max(_cache("SC_LEVEL3_CACHE_SIZE") or 8 << 20, own), own)


def _cache(name: str) -> int:
    known = name in getattr(os, "sysconf_names", {})
    return max(os.sysconf(name), 0) if known else 0


def plan(rows: int, n: int, writes: bool, on: Machine, size: int = 4) -> Plan:
    """The plan for rows of n items of `size` bytes; `writes`: the result has a vector for each row.

    Items of two bytes need scratch for rows of floats, which the output cannot be, and for two more
    where a row is given to the plain function.
    """
    threads = 1 if rows * n < PARALLEL_FROM else max(1, min(on.threads, rows))
    if n <= SIDE_MOST:
        return Plan(SIDE_BY_SIDE, threads, _share(rows, n, threads, SIDE), 0, 0)
    touched = rows * n * size * (2 if writes else 1)
    far = touched > on.resident
    ahead = AHEAD * 4 // size if touched > threads * on.own else 0
    streamed = writes and far and STREAM_LEAST <= n <= LONGEST_SCRATCH
    slot = -(-n // SLOT) * SLOT + SLOT  # lsm_slot
    together = max(1, min(GROUP, GROUP_COLUMNS // (n + 1)))
    work = (together + 2) * slot if size < 4 else together * slot if streamed else 0
    share = _share(rows, n, threads, GROUP)
    return Plan(STREAMED if streamed else RESIDENT, threads, share, ahead, work)


def _share(rows: int, n: int, threads: int, step: int) -> int:
    """Rows that a thread takes at a time, a multiple of `step`: some SHARES of its part, if those
    are work enough.  The threads of a shared machine are not equally fast, nor for long.  0, its
    whole part, where that is a few shares: nobody is slow before they are done."""
    least = max(-(-rows // (threads * SHARES)), -(-LEAST_SHARE // n))
    share = -(-least // step) * step
    return share if threads > 1 and rows > FEW_SHARES * threads * share else 0


class _Plan(ctypes.Structure):
    _fields_ = [
        ("schedule", ctypes.c_int),
        ("threads", ctypes.c_int),
        ("share", ctypes.c_size_t),
        ("ahead", ctypes.c_size_t),
        ("work", ctypes.c_void_p),
        ("work_each", ctypes.c_size_t),
    ]


class _Scratch(threading.local):
    """Scratch for each Python thread, kept from call to call, in huge pages where there are any.

    NumPy asks for those from 4 MiB on; with small pages the scratch of a row falls on few sets of
    the second-level cache by bad luck.
    """

    buffer: Any = np.empty(0, np.float32)

    def address(self, floats: int) -> int:
        if self.buffer.size * 4 < floats * 4 + HUGE_PAGE:
            self.buffer = np.empty(max(floats * 4 + HUGE_PAGE, 2 * HUGE_PAGE) // 4, np.float32)
        return -(-int(self.buffer.ctypes.data) // HUGE_PAGE) * HUGE_PAGE


_SCRATCH = _Scratch()


def as_argument(made: Plan) -> Any:
    """The plan as the C functions take it; its scratch belongs to the calling thread."""
    work = _SCRATCH.address(made.work * made.threads) if made.work else None
    return ctypes.byref(_Plan(made.schedule, made.threads, made.share, made.ahead, work, made.work))
