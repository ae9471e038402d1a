"""Processes that share work with this one, and end with it, however it ends."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context, parent_process
from threading import Thread


def workers() -> ProcessPoolExecutor:
    """As many as there are processors.  Use it as a context manager.

    Each starts afresh: a fork would copy threads in the middle of their work.  One that was left
    alone would finish what it was given for nobody: a killed process tells its workers nothing.
    """
    return ProcessPoolExecutor(mp_context=get_context("spawn"), initializer=_end_with_parent)


def _end_with_parent() -> None:
    Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
