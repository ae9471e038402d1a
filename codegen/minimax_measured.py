"""The largest errors measured, as printed into the header; `minimax_check` measures them again."""

from __future__ import annotations

from codegen.minimax_remez import Format

HOW = {
    "float": "every float was tried",
    "double": "ten million random and structured arguments for double",
}


def worst_line(name: str, machine: Format) -> str:
    return f"Worst: {name} {machine.name}"
