"""What every emitted file says of itself; nothing of the time, the place or the machine."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Preamble:
    """The head of an emitted file: what it is, what was used to make it, how to make it again."""

    name: str
    statement: tuple[str, ...]
    facts: tuple[str, ...]
    rules: tuple[tuple[str, str], ...]
    template: str
    parameters: str
    command: str
