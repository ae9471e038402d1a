"""The benchmark's arithmetic and its texts; no time is asserted."""

from __future__ import annotations

import json
import xml.etree.ElementTree as tree
from pathlib import Path

import numpy as np
import pytest

from codegen.bench import (
    KEPT,
    PLAIN,
    TASKS,
    Sample,
    as_json,
    from_json,
    groups,
    measure,
    ratio,
)  # fmt: skip
from codegen.bench_peers import LEAST, PEERS, Task, available, data
from codegen.bench_report import chosen, kept, page, plot, summary, table, targets
from codegen.errors import CodegenError

NARROW = [n for n in PEERS if "bfloat16" in PEERS[n].types]
TASK = Task("loss", 8192, 1000)
SAMPLES = [
    Sample(TASK, "lossmith", KEPT, (1.0, 10.0, 2.0), (0.9, 5.0, 1.9)),
    Sample(TASK, "PyTorch", KEPT, (4.0, 50.0, 6.0), (1.0, 5.0, 2.0)),
]


def test_a_ratio_is_taken_within_a_round() -> None:
    assert ratio(SAMPLES, "PyTorch", KEPT) == 4.0
    assert ratio(SAMPLES, "PyTorch", PLAIN) is None


def test_the_summary_says_what_was_asked_and_whether_it_was_met() -> None:
    assert "PyTorch ÷ lossmith | 4.00 | 4 | met |" in summary([SAMPLES])
    slow = [SAMPLES[0], Sample(TASK, "PyTorch", KEPT, (3.0, 30.0, 6.0), (1.0, 1.0, 1.0))]
    assert "PyTorch ÷ lossmith | 3.00 | 4 | **short** |" in summary([slow])
    assert summary([slow]) in page(slow) and table(slow) in page(slow)


def test_each_sample_has_the_copy_just_before_it() -> None:
    assert SAMPLES[0].of_the_copy == 0.9
    task = Task("loss", 2048, 32000)
    samples = [Sample(task, "lossmith", KEPT, (1.0, 1.0), (0.8, 0.8))]
    assert "limit ÷ lossmith | 0.80 | 0.9 | **short** |" in summary([samples])


def test_a_short_row_of_numpy_stands_beside_what_numpy_cannot_do_without() -> None:
    task = Task("softmax", 1, 1000)
    times = {"lossmith NumPy": 4.0, "NumPy textbook": 6.0, LEAST: 3.0}
    made = [Sample(task, peer, KEPT, (ms,), (1.0,)) for peer, ms in times.items()]
    assert f"lossmith NumPy | 1.50 | 1.8 | **short**; {LEAST} alone: 2.00 |" in summary([made])
    assert "lossmith NumPy | 1.50 | 1.8 | **short** |" in summary([made[:2]])


def test_every_task_asks_something() -> None:
    assert all(targets(task) for task in TASKS)


def test_the_plot_and_the_samples_can_be_read() -> None:
    assert tree.fromstring(plot(SAMPLES)).tag.endswith("svg")
    assert len(json.loads(as_json(SAMPLES))["samples"]) == 2


def test_some_tasks_join_those_measured_before(tmp_path: Path) -> None:
    file = tmp_path / "bench.json"
    assert kept(file, (TASK,)) == []
    file.write_text(as_json(SAMPLES), encoding="utf-8")
    assert from_json(file.read_text(encoding="utf-8")) == SAMPLES
    assert kept(file, (Task("loss", 1, 1000),)) == SAMPLES
    assert kept(file, (TASK,)) == []


def test_tasks_are_chosen_by_a_part_of_their_title() -> None:
    assert chosen(["(8192, 1000), loss"]) == (TASK,)
    assert chosen([]) == TASKS
    with pytest.raises(CodegenError, match=r'"no such task".*\(65536, 10\), loss'):
        chosen(["no such task"])


def test_both_allocators_run_what_is_there() -> None:
    found = groups(TASK)
    assert (KEPT, "lossmith") in found and (PLAIN, "lossmith") in found


@pytest.mark.long
def test_a_worker_times_our_kernels() -> None:
    made = measure(Task("loss", 4, 10), 2, ("lossmith", "limit"))
    assert {(s.peer, s.pages) for s in made} == {
        ("lossmith", KEPT), ("lossmith", PLAIN), ("limit", KEPT),
    }  # fmt: skip
    assert all(len(s.ms) == 2 and min(s.ms) > 0 for s in made)


@pytest.mark.parametrize("name", [n for n in PEERS if n != "limit"])
@pytest.mark.parametrize("kind", ["loss", "softmax"])
def test_every_peer_computes_the_same(name: str, kind: str) -> None:
    task = Task(kind, 6, 10)
    if not available(name, task):
        assert PEERS[name].packages or kind not in PEERS[name].tasks or name in NARROW
        return
    given = data(task)
    made = PEERS[name].make(task, given)()
    z = given.z.astype(np.float64)
    p = np.exp(z) / np.exp(z).sum(-1, keepdims=True)
    if kind == "loss":
        value = made[0] if isinstance(made, tuple) else made
        expected = -np.log(p[np.arange(6), given.t]).mean()
        assert abs(float(value) - expected) < 1e-5 * expected
    else:
        array = made if getattr(made, "shape", None) == (6, 10) else given.out
        np.testing.assert_allclose(np.asarray(array), p, rtol=1e-5)


@pytest.mark.parametrize("name", [n for n in NARROW if n != "limit"])
def test_every_peer_takes_bfloat16(name: str) -> None:
    task = Task("loss", 6, 10, "bfloat16")
    if not available(name, task):
        assert PEERS[name].packages
        return
    given = data(task)
    made = PEERS[name].make(task, given)()
    z = (given.z.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
    expected = -np.log(np.exp(z) / np.exp(z).sum(-1, keepdims=True))[np.arange(6), given.t].mean()
    assert abs(float(made[0] if isinstance(made, tuple) else made) - expected) < 2e-2 * expected
