"""The main job: statement → derivation → proof → replay → files → kernels → measured, in one
run."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from codegen import generated, regression
from codegen.accuracy import Row, measure
from codegen.compiling import NATIVE, TARGETS
from codegen.statements import SPECS
from codegen.workers import workers
from derive import catalog
from derive.witness import replay

Progress = Callable[..., None]
ULP_LIMIT = 16.0
CLOSENESS = 1e-6


def over_the_limit(row: Row) -> bool:
    """Whether a kernel misses its bound; the naive softmax is measured on ordinary inputs only."""
    return row.ulp > ULP_LIMIT


@dataclass(frozen=True)
class Proved:
    """One entry: its derivations, their steps, how many steps the witness agreed with."""

    name: str
    derivations: int
    steps: int
    agreed: int
    facts: tuple[str, ...]


@dataclass
class Report:
    """What the main job did; `seconds` by stage."""

    proved: list[Proved] = field(default_factory=list)
    files: int = 0
    changed: list[str] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    reference: regression.Fit | None = None
    fits: list[regression.Fit] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        """Every step agreed, every kernel within its bound, both trainings at the optimum."""
        replayed = all(p.agreed == p.steps for p in self.proved)
        accurate = not any(over_the_limit(r) for r in self.rows)
        return replayed and accurate and all(self.gap(f) <= CLOSENESS for f in self.fits)

    def gap(self, fit: regression.Fit) -> float:
        """How far an objective is from the reference's, relative."""
        assert self.reference is not None
        return abs(fit.objective - self.reference.objective) / self.reference.objective


def run(folder: Path, progress: Progress) -> Report:
    """Do it all; generated files go to `folder`."""
    report = Report()
    stages: dict[str, Callable[[Report, Progress], Any]] = {
        "derive, prove, replay": prove_all,
        "emit and write notes": lambda r, p: write_files(r, folder, p),
        "compile and verify": verify,
        "train on digits": train,
    }
    for name, stage in stages.items():
        began = time.perf_counter()
        stage(report, progress)
        report.seconds[name] = time.perf_counter() - began
    return report


def prove_all(report: Report, progress: Progress) -> None:
    """Every derivation of the catalog, proved step by step and replayed by the witness."""
    entries = catalog.entries()
    for done, (name, entry) in enumerate(entries.items()):
        progress(f"prove {name}", done, len(entries))
        made = entry.derivations
        verdicts = [s.verdict.verdict for d in made for s in replay(d.certificate).steps]
        facts = tuple(dict.fromkeys(f.name for d in made for f in d.facts))
        agreed = verdicts.count("agrees")
        report.proved.append(Proved(name, len(made), len(verdicts), agreed, facts))


def write_files(report: Report, folder: Path, progress: Progress) -> None:
    """generated/: kernels and notes; only what changed is written."""
    made = generated.files(progress, ledger=False)
    report.files = len(made)
    report.changed = generated.write(folder, made)


def verify(report: Report, progress: Progress) -> None:
    """Every kernel on both targets and types, against its own symbolic result."""
    report.rows += measure_all(list(SPECS), progress)


def measure_all(names: list[str], progress: Progress) -> list[Row]:
    """The worst errors of these kernels, one process for each core.

    A kernel and a type make one job: the truth is computed once and shared by the targets.
    """
    jobs = [(name, dtype) for name in names for dtype in NATIVE]
    found: dict[tuple[str, str], list[Row]] = {}
    with workers() as pool:
        waiting = {pool.submit(_measure_targets, *job): job for job in jobs}
        for done, future in enumerate(as_completed(waiting), 1):
            found[waiting[future]] = future.result()
            progress(f"verify {' '.join(waiting[future])}", done, len(jobs))
    return [row for job in jobs for row in found[job]]


def _measure_targets(name: str, dtype: str) -> list[Row]:
    return [row for target in TARGETS for row in measure(name, target, dtype)]


def train(report: Report, progress: Progress) -> None:
    """Softmax regression on the digits, by scikit-learn and with each target's kernel."""
    digits = regression.load()
    progress("train scikit-learn", 0, 3)
    report.reference = regression.reference(digits)
    for done, target in enumerate(TARGETS):
        progress(f"train {target}", done + 1, 3)
        report.fits.append(regression.train(target, digits))
