"""How long the checker takes for long documents; asked: 300 lines in under 20 s.

    python benchmarks/long_notes.py [--lines 300] [NAME ...]

`derivation` is one chain of two formulas that take turns, row after row; `notes` are the emitted
notes of catalog entries, one after another, with their chains; `glued` are documents as people
write them (tests/documents), each under a heading of its own, whose letters mean something else in
each.  Definitions of a letter that stand far apart are what costs time in the last.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from itertools import count
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codegen.notes import book
from derive import catalog
from derive.reading.check import check
from tests.test_check_glued import glued

ASKED = 20.0
HEAD = r"""Let $p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}$, $\sum_i y_i = 1$,
$L = -\sum_i y_i \log p_i$.

$$\begin{aligned}
\frac{\partial L}{\partial z_j}
"""
TURNS = (
    r"&= -\sum_i \frac{y_i}{p_i} \frac{\partial p_i}{\partial z_j} \\",
    r"&= -\sum_i y_i (\delta_{ij} - p_j) \\",
    r"&= p_j \sum_i y_i - y_j \\",
    r"&= p_j - y_j \\",
)


def derivation(lines: int) -> str:
    """One chain with as many rows as there is room for."""
    rows = [TURNS[k % len(TURNS)] for k in range(lines - HEAD.count("\n") - 1)]
    return HEAD + "\n".join([*rows, r"\end{aligned}$$", ""])


def notes(lines: int) -> str:
    """The emitted notes of entries, until there are enough lines."""
    text = ""
    for name in catalog.entries():
        if text.count("\n") >= lines:
            break
        text += str(book.files([name], "en", "md")[f"{name}.md"]) + "\n"
    return _first(text, lines)


def documents(lines: int) -> str:
    """Documents as people write them, glued, until there are enough lines."""
    texts = (glued(0, n)[0] for n in count(8, 8))
    return _first(next(t for t in texts if t.count("\n") >= lines), lines)


def _first(text: str, lines: int) -> str:
    """The first lines, as far as the last paragraph is whole."""
    return "\n".join(text.split("\n")[:lines]).rpartition("\n\n")[0] + "\n"


KINDS: dict[str, Callable[[int], str]] = {
    "derivation": derivation, "notes": notes, "glued": documents,
}  # fmt: skip


def main() -> None:
    """Print lines, equalities, verdicts and seconds; exit status 1 where it took too long."""
    parser = argparse.ArgumentParser(description="how long long documents take")
    parser.add_argument("names", nargs="*", choices=[[], *KINDS])
    parser.add_argument("--lines", type=int, default=300)
    options = parser.parse_args()
    slow = False
    for name in options.names or KINDS:
        text = KINDS[name](options.lines)
        start, before = time.monotonic(), sum(os.times()[:4])
        made = check(text, name="note.md").equalities
        took = time.monotonic() - start
        computed = sum(os.times()[:4])
        verdicts = ", ".join(f"{n} {v}" for v, n in Counter(e.verdict for e in made).most_common())
        print(f"{name}: {text.count(chr(10))} lines, {len(made)} equalities ({verdicts}): "
              f"{took:.1f} s, of them {computed - before:.1f} computed", flush=True)  # fmt: skip
        slow |= took > ASKED * max(1, options.lines / 300)
    sys.exit(slow)


if __name__ == "__main__":
    main()
