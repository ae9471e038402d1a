"""Workers do not outlive the process that they work for."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import codegen.workers

ROOT = Path(codegen.workers.__file__).parent.parent
PROGRAM = """
import os, time
from codegen import workers
{change}

def pid(_):
    time.sleep(0.05)
    return os.getpid()

if __name__ == "__main__":
    with workers.workers() as pool:
        print(*set(pool.map(pid, range(8))), flush=True)
        list(pool.map(time.sleep, [30] * 4))
"""


def alive(pid: int) -> bool:
    """Whether the process runs; one that waits to be counted as dead does not."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] != "Z"


def left_over(folder: Path, change: str = "") -> list[int]:
    """The workers of a killed process that still run some seconds later; they are ended then."""
    file = folder / "program.py"
    file.write_text(PROGRAM.format(change=change))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, str(file)], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert process.stdout is not None
    pids = [int(word) for word in process.stdout.readline().split()]
    assert pids
    process.kill()
    process.wait()
    process.stdout.close()
    end = time.monotonic() + 5
    while time.monotonic() < end and any(map(alive, pids)):
        time.sleep(0.05)
    left = [pid for pid in pids if alive(pid)]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    return left


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc")
def test_workers_end_with_a_killed_process(tmp_path: Path) -> None:
    assert left_over(tmp_path) == []


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="asks /proc")
def test_workers_that_watch_nothing_would_stay(tmp_path: Path) -> None:
    assert left_over(tmp_path, "workers._end_with_parent = time.time")
