"""Gradients here and in plain SymPy, side by side: python benchmarks/bench_derive.py [FOLDER].

SymPy gets the same statements with its own Sum over IndexedBase and symbolic n, first with diff
alone, then with diff, doit and simplify; each run is a process of its own and stopped after 20
seconds. "right" means that it agrees with central differences of the statement at n = 3. Ours is
derived and proved for every n, and replayed by the witness. Last, SymPy's explicit n×n softmax
Jacobian for n = 3 … 8 against ours. The page goes to FOLDER/bench_derive.md. What has been measured
is kept until the page is written, so a run that is stopped goes on where it was.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import sympy

from benchmarks import sympy_statements as plain
from codegen.generated import ledger_file
from derive.catalog import entries
from derive.normal import polynomials
from derive.witness import replay

LIMIT = 20
STEP = 1e-6
HERE = Path(__file__).parent
KEPT = Path(tempfile.gettempdir()) / "lossmith_bench_derive.json"


def once(key: str, measure: Callable[[], Any]) -> Any:
    """A measurement, or what it gave in a run before this one that was stopped."""
    known = json.loads(KEPT.read_text(encoding="utf-8")) if KEPT.exists() else {}
    if key not in known:
        known[key] = measure()
        KEPT.write_text(json.dumps(known), encoding="utf-8")
    return known[key]


def forget() -> None:
    """Empty every cache of derive, so that nothing is known from another measurement."""
    for module in [m for name, m in sys.modules.items() if name.startswith("derive.")]:
        for value in vars(module).values():
            if hasattr(value, "cache_clear") and value is not entries:
                value.cache_clear()


def ours(name: str) -> tuple[float, str]:
    """Seconds to derive and prove a gradient from nothing, and what the witness says of it."""
    forget()
    entry = entries()[name]
    start = time.perf_counter()
    made = type(entry)(entry.statement, {}, "").gradient
    seconds = time.perf_counter() - start
    return seconds, replay(made.certificate).verdict


def theirs(*arguments: str) -> dict[str, Any]:
    """What SymPy makes of a statement in a process of its own."""
    return dict(once(" ".join(arguments), lambda: _theirs(*arguments)))


def _theirs(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(HERE / "sympy_statements.py"), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT, check=False)
    except subprocess.TimeoutExpired:
        return {"seconds": LIMIT, "kind": f"stopped after {LIMIT} s", "value": None}
    if done.returncode:
        error = done.stderr.strip().splitlines()[-1].partition(":")[0]
        return {"seconds": 0.0, "kind": error, "value": None}
    return dict(json.loads(done.stdout))


def slope(name: str) -> float:
    """The derivative at n = 3 by central differences of the statement itself."""
    statement, variable = plain.STATEMENTS[name]
    kept = dict(plain.VALUES)
    ends = []
    for sign in (1, -1):
        moved = dict(kept)
        if variable == plain.x:
            moved["x"] = kept["x"] + sign * STEP
        else:
            row = list(kept["z"])
            row[plain.PLACES["j"] - 1] += sign * STEP
            moved["z"] = tuple(row)
        plain.VALUES.update(moved)
        ends.append(plain.number(statement))
    plain.VALUES.update(kept)
    return (ends[0] - ends[1]) / (2 * STEP)  # type: ignore[operator]


def judged(made: dict[str, Any], expected: float) -> str:
    """What came out, and whether it is right."""
    if made["value"] is None:
        return f"{made['kind']}, no value"
    right = abs(made["value"] - expected) < 1e-5
    return f"{made['kind']}, {'right' if right else '**wrong**'}"


def whole_ledger() -> tuple[float, int]:
    """Seconds to derive, prove, replay and lower every derivative of the catalog on all cores, and
    how many there are."""
    start = time.perf_counter()
    lines = ledger_file().splitlines()
    return time.perf_counter() - start, sum(line.endswith((" ✓ |", " – |")) for line in lines)


def row(name: str, times: dict[str, float]) -> str:
    """One line of the table."""
    expected = slope(name)
    bare, full = theirs(name, "diff"), theirs(name, "full")
    return (
        f"| {name} | {times[name]:.2f} | {bare['seconds']:.2f} | {judged(bare, expected)} | "
        f"{full['seconds']:.2f} | {judged(full, expected)} |"
    )


def page() -> str:
    """The whole comparison as Markdown."""
    found = {name: once(name, partial(ours, name)) for name in entries()}
    times = {name: seconds for name, (seconds, _) in found.items()}
    agreed = sum(verdict == "agrees" for _, verdict in found.values())
    worst = max(times, key=lambda name: times[name])
    ledger, derivatives = once("whole ledger", whole_ledger)
    jacobians = [(size, theirs("jacobian", str(size))["seconds"]) for size in range(3, 9)]
    library = "python-flint" if polynomials.flint is not None else "SymPy's own polynomials"
    return "\n".join(
        [
            "# Derivatives here and in plain SymPy",
            "",
            f"{os.cpu_count()} cores, Python {platform.python_version()}, SymPy "
            f"{sympy.__version__}, {library}. Made by `python -m benchmarks.bench_derive docs`.",
            "",
            f"{len(times)} gradients of the catalog derived and proved for every n: median "
            f"{statistics.median(times.values()):.2f} s, worst {times[worst]:.2f} s ({worst}); "
            f"{agreed} replayed by the witness. All {derivatives} derivatives of "
            f"`generated/ledger.md` derived, proved, replayed and lowered: {ledger:.0f} s.",
            "",
            "The same statements in SymPy, with symbolic n. *Closed form*: no derivative, no δ "
            "under a sum, no condition on an index",
            f"is left. *Right*: the value at n = {plain.SIZE}, i = 1, j = 2 is that of central "
            f"differences. Each run is stopped after {LIMIT} s.",
            "",
            "| statement | here, s | diff, s | what came out | diff, doit, simplify, s | what "
            "came out |",
            "| --- | --- | --- | --- | --- | --- |",
            *(row(name, times) for name in plain.STATEMENTS),
            "",
            "SymPy's explicit n×n Jacobian of softmax, simplified, against one proof for every n:",
            "",
            "| n | SymPy, s | here, every n, s |",
            "| --- | --- | --- |",
            *(f"| {size} | {s:.2f} | {times['softmax']:.2f} |" for size, s in jacobians),
            "",
        ]
    )


if __name__ == "__main__":
    text = page()
    print(text)
    if sys.argv[1:]:
        (Path(sys.argv[1]) / "bench_derive.md").write_text(text, encoding="utf-8")
    KEPT.unlink()
