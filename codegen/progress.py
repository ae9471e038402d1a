"""What a person sees while a long command runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn


@contextmanager
def bar(title: str) -> Iterator[Any]:
    """A progress bar on a terminal, nothing elsewhere; yields a function of the current job."""
    console = Console(stderr=True)
    if not console.is_interactive:
        yield lambda words, done=None, total=None: None
        return
    columns = (TextColumn("{task.description:<34}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda words, done=None, total=None: shown.update(
            task, description=words[:34], completed=done, total=total
        )
