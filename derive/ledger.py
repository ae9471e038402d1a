"""What the catalog's proofs stand on: entry × derivative × {derived, proved, replayed, emitted}.

Written to generated/ledger.md: no times, no paths, the same text from the same sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from derive import notation
from derive.catalog.entry import Entry
from derive.derivation import Derivation
from derive.errors import DeriveError
from derive.orders import ORDERS
from derive.witness import WitnessError, replay

EVERY = ("gradient", "hessian", "jvp", "vjp", "hvp")
YES, NO = "✓", "–"
OF_SOURCES = "Made of the sources"
SOURCES = ("*.py", "*.lark", "*.toml")
COLUMNS = 8


@dataclass(frozen=True)
class Cell:
    """One derivative of one entry; `reasons` says why something is missing."""

    entry: str
    order: str
    result: str = ""
    facts: tuple[str, ...] = ()
    derived: bool = False
    proved: bool = False
    replayed: bool = False
    emitted: bool = False
    reasons: tuple[str, ...] = ()


def cells(
    entries: Iterable[Entry], emitted: Callable[[str, str], str | None] = lambda entry, order: None
) -> Iterator[Cell]:
    """Every cell, derived, proved and replayed anew.

    `emitted(entry, order)` gives "" for a derivative that code is emitted for, else the reason
    why not.
    """
    for entry in entries:
        for order in (*EVERY, *more(entry.name)):
            yield cell(entry, order, emitted(entry.name, order))


SOFTMAX_FAMILY = (
    "cross_entropy",
    "softmax_loss",
    "label_smoothing",
    "temperature_cross_entropy",
    "biased_cross_entropy",
)
REGRESSION = tuple(f"softmax_regression_{name}" for name in ("weights", "bias", "inputs"))


def more(name: str) -> tuple[str, ...]:
    """Fisher where there is a softmax; Gauss–Newton where there are logits between."""
    if name in REGRESSION:
        return ("fisher", "gauss-newton")
    return ("fisher",) if name in SOFTMAX_FAMILY else ()


def cell(entry: Entry, order: str, emission: str | None = None) -> Cell:
    """One derivative, carried as far as it goes."""
    why_not = () if emission == "" else (emission or "no kernel of this order",)
    try:
        made = ORDERS[order](entry.statement)
    except DeriveError as error:
        return Cell(entry.name, order, reasons=(str(error), *why_not))
    agreed, doubt = _replayed(made)
    reasons = (*([doubt] if doubt else []), *why_not)
    facts = tuple(f.name for f in made.facts)
    shown = notation.text(made.result)
    return Cell(entry.name, order, shown, facts, True, True, agreed, emission == "", reasons)


def _replayed(made: Derivation) -> tuple[bool, str]:
    """Whether the witness agrees with every step, and its doubt otherwise."""
    try:
        report = replay(made.certificate)
    except WitnessError as error:
        return False, str(error)
    open_steps = [s for s in report.steps if s.verdict.verdict != "agrees"]
    doubts = [*report.problems, *(f"step {s.number} ({s.rule}): {s.verdict}" for s in open_steps)]
    return not doubts, "; ".join(doubts)


def markdown(found: Iterable[Cell]) -> str:
    """The ledger as a table, its totals first, the reasons for what is missing at the end."""
    rows = list(found)
    counts = [
        sum(getattr(c, k) for c in rows) for k in ("derived", "proved", "replayed", "emitted")
    ]
    lines = [
        "# Ledger",
        "",
        f"{len(rows)} derivatives of {len({c.entry for c in rows})} entries: {counts[0]} derived, "
        f"{counts[1]} proved for every n, {counts[2]} replayed by the witness, {counts[3]} "
        f"emitted.",
        "",
        "Regenerate with `lossmith generate`. A derivative is derived by named steps; each step "
        "is proved by the",
        "normal form (docs/proof.md) and evaluated again at sizes 1 to 3 by the witness, which "
        "shares no code.",
        "",
        f"{OF_SOURCES} {fingerprint()}.",
        "",
        "| entry | derivative | result | facts used | derived | proved | replayed | emitted |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
        *map(_line, rows),
        "",
        "## What is missing, and why",
        "",
        *_missing(rows),
    ]
    return "\n".join(lines) + "\n"


def _line(c: Cell) -> str:
    marks = [YES if m else NO for m in (c.derived, c.proved, c.replayed, c.emitted)]
    result = c.result.replace("|", r"\|")
    return f"| {c.entry} | {c.order} | {result} | {', '.join(c.facts)} | {' | '.join(marks)} |"


def _missing(rows: list[Cell]) -> list[str]:
    """The cells by reason, the common ones together."""
    by_reason: dict[str, list[str]] = {}
    for c in rows:
        for reason in c.reasons:
            by_reason.setdefault(reason, []).append(f"{c.entry} {c.order}")
    return [f"- {reason}: {', '.join(names)}" for reason, names in sorted(by_reason.items())]


def fingerprint() -> str:
    """A hash of all that derivations, proofs and replays depend on: the sources of this package."""
    made, folder = sha256(), Path(__file__).parent
    for path in sorted(p for kind in SOURCES for p in folder.rglob(kind)):
        made.update(path.relative_to(folder).as_posix().encode())
        made.update(path.read_text(encoding="utf-8").encode())
    return made.hexdigest()


def recorded(text: str) -> dict[str, list[str]] | None:
    """From a ledger, the orders of each entry that were proved and replayed; None if it is not of
    these sources."""
    if f"{OF_SOURCES} {fingerprint()}." not in text.split("\n"):
        return None
    found: dict[str, list[str]] = {}
    for line in text.split("\n"):
        row = [part.strip() for part in line.replace(r"\|", "").strip("|").split("|")]
        if len(row) == COLUMNS and row[4] == row[5] == row[6] == YES:
            found.setdefault(row[0], []).append(row[1])
    return found
