"""The time and memory that one equality may take: it is judged in a process of its own.

An equality gets SECONDS of processor time and MEMORY bytes, a document SECONDS_PER_LINES for each
300 lines or part of them, and EXPLAINING for saying why lines are wrong, so that this keeps no line
from being judged: a verdict must not depend on what else the machine does.  By the clock it
may take PATIENCE times as long.  What takes longer is killed and marked `not decided`; the next one
starts afresh.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from derive.reading.explain import Explanation, explain, slips
from derive.reading.verdicts import Finding, Question, judge

SECONDS = 4.0
PATIENCE = 4.0
MEMORY = 1 << 30
SECONDS_PER_LINES = 13.0
EXPLAINING = 3.0
Work = Callable[[Question], object]


class Bounded:
    """Judges equalities within the limits; a context manager, so that its process ends."""

    def __init__(
        self, lines: int = 1, seconds: float = SECONDS, work: Work = judge, explaining: bool = True
    ):
        self.seconds, self.work = seconds, work
        parts = 1 + (max(lines, 1) - 1) // 300
        self.left, self.spare = SECONDS_PER_LINES * parts, EXPLAINING * parts
        self.explaining = explaining
        self.process: Any = None
        self.pipe: Connection | None = None

    def __enter__(self) -> Bounded:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def __call__(self, question: Question) -> Finding:
        """The finding, or `not decided` when a limit was reached."""
        made = self._within(self.work, question)
        return made if isinstance(made, Finding) else Finding("not decided", reason=str(made))

    def explain(self, question: Question) -> Explanation:
        """The explanation of a wrong equality, empty when a limit was reached."""
        if not self.explaining:
            return Explanation()
        self.left, judging = self.spare, self.left
        made = self._within(explain, question)
        self.left, self.spare = judging, self.left
        return made if isinstance(made, Explanation) else Explanation()

    def slips(self, question: Question) -> bool:
        """Whether one named mistake separates the sides; False when a limit was reached."""
        return self._within(slips, question) is True

    def _within(self, work: Work, question: Question) -> object:
        """What the work gives, or the reason why it gave nothing."""
        allowed = min(self.seconds, self.left)
        if allowed <= 0:
            return "the time for this document is used up"
        try:
            return self._ask(work, question, allowed)
        except (EOFError, OSError):
            self._end()
            return "it takes more memory than is allowed"

    def _ask(self, work: Work, question: Question, allowed: float) -> object:
        if self.pipe is None:
            self._start()
        assert self.pipe is not None
        self.pipe.send((work, question))
        late = time.monotonic() + PATIENCE * allowed
        start = _processor_time(self.process.pid)
        while not self.pipe.poll(0.2):
            spent = _processor_time(self.process.pid) - start
            if spent > allowed or time.monotonic() > late:
                self._end()
                self.left -= allowed
                return f"it takes more than {allowed:.0f} seconds"
        made, took = self.pipe.recv()
        self.left -= took
        return made

    def _start(self) -> None:
        methods = multiprocessing.get_all_start_methods()
        context: Any = multiprocessing.get_context("fork" if "fork" in methods else "spawn")
        self.pipe, theirs = context.Pipe()
        self.process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()

    def _end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.join()
        if self.pipe is not None:
            self.pipe.close()
        self.process = self.pipe = None


def _serve(pipe: Connection) -> None:
    """Answer questions until the other side closes."""
    _limit_memory()
    with contextlib.suppress(EOFError, OSError, KeyboardInterrupt):
        while True:
            work, question = pipe.recv()
            start = time.process_time()
            try:
                made = work(question)
            except MemoryError:
                made = "it takes more memory than is allowed"
            except Exception as error:
                made = f"it could not be worked out ({type(error).__name__})"
            pipe.send((made, time.process_time() - start))


def _processor_time(pid: int) -> float:
    """The seconds that a process has computed; where the system does not say, the clock's."""
    try:
        with open(f"/proc/{pid}/stat") as status:
            fields = status.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.monotonic()


def _limit_memory() -> None:
    """At most MEMORY more than what is in use now; where the system has no such limit, none."""
    try:
        import resource

        with open("/proc/self/statm") as status:
            used = int(status.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
    except (ImportError, OSError, ValueError):
        return
