"""Documents as people write them (tests/documents): right as they stand, wrong with their fault.

The last line of a document plants its fault: `fault: what stands there ==> what shall stand there`;
`open: 3, 7` are the lines that stay unread or not decided.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from unittest.mock import patch

import pytest

from benchmarks.read_back import Patient
from derive.reading.check import check
from tests.sampling import one_of

KEPT = {p.name: p.read_text(encoding="utf-8") for p in
        sorted((Path(__file__).parent / "documents").iterdir())}  # fmt: skip
FAULT = re.compile(r'^(?: *"<!--|<!--|%) fault: (.*) ==> (.*?)(?: -->"?)?$', re.MULTILINE)
OPEN = re.compile(r"^(?:<!--|%) open: ([\d, ]+)", re.MULTILINE)


# ∂(Σ_j y_j ln a_j)/∂a_j, and Σ_j w_j x_ja Σ_j w_j x_jb
SLOPPY = {"zh-softmax-csdn.md": 1, "zh-softmax-zhihu.md": 1, "en-cox.md": 1}


def report(name, text):
    with patch("derive.reading.check.Bounded", Patient):
        return check(text, "zh" if name.startswith("zh") else "en", name, explaining=False)


def found(name, text):
    return report(name, text).equalities


@pytest.mark.parametrize("name", one_of(2, KEPT))
def test_a_right_document_raises_no_alarm(name):
    all_ = report(name, KEPT[name])
    made = all_.equalities
    said = OPEN.search(KEPT[name])
    open_ = {int(n) for n in said[1].split(",")} if said else set()
    assert [e for e in made if e.verdict in ("wrong", "compensated")] == []
    assert {e.line for e in made if e.verdict in ("unread", "not decided")} == open_
    assert len(all_.remarks) == SLOPPY.get(name, 0)


@pytest.mark.long
@pytest.mark.parametrize("name", [n for n in KEPT if FAULT.search(KEPT[n])])
def test_its_planted_fault_is_found(name):
    old, new = FAULT.search(KEPT[name]).groups()
    first = KEPT[name][: KEPT[name].index(old)].count("\n") + 1
    lines = range(first, first + old.count("\n") + 1)
    wrong = [e for e in found(name, KEPT[name].replace(old, new, 1)) if e.verdict == "wrong"]
    assert wrong
    if name.endswith("ipynb"):  # lines count within the cell
        assert json.loads(f'"{new}"') in wrong[0].rhs.text
    else:
        assert wrong[0].line in lines
    shown = wrong[0].finding.counterexample
    assert shown.left != shown.right
    assert max(shown.sizes.values(), default=1) <= 3
