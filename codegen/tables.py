"""What the commands show in a terminal, as rich tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Literal

from rich.console import Group
from rich.table import Table

from codegen.accuracy import Row
from codegen.compiling import NATIVE, TARGETS
from codegen.main_job import Report, measure_all, over_the_limit
from codegen.statements import SPECS, specs


def columns(title: str, *names: str) -> Table:
    """An empty table; names that start with ">" are aligned right."""
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in names:
        side: Literal["left", "right"] = "right" if name.startswith(">") else "left"
        table.add_column(name.lstrip(">"), justify=side, no_wrap=not name.startswith("title"))
    return table


def catalog_table(rows: Iterable[Any]) -> Table:
    """The catalog."""
    table = columns("Catalog", "name", "kind", "title", ">derivations proved", "kernels")
    for row in rows:
        table.add_row(
            row.name,
            row.kind,
            row.title,
            str(len(row.derivations)),
            "NumPy, C" if row.emitted else "",
        )
    return table


def verify_table(names: list[str], progress: Callable[..., None]) -> tuple[Table, bool]:
    """The worst error of each output, and whether all are within the limit."""
    for name in names:
        specs(name)
    rows = measure_all(names or list(SPECS), progress)
    return accuracy_table(rows), not any(over_the_limit(r) for r in rows)


def accuracy_table(rows: Iterable[Row]) -> Table:
    """Kernel × output × target × type with the worst ulp and the input that gave it."""
    table = columns(
        "Accuracy against 60 digits", "kernel", "output", "target", "dtype", ">worst ulp", "at"
    )
    for r in rows:
        table.add_row(r.kernel, r.output, r.target, r.dtype, f"{r.ulp:.2f}", r.at)
    return table


def summary(report: Report) -> Group:
    """The main job's one summary."""
    return Group(_proofs(report), "", _kernels(report), "", _training(report), "", _stages(report))


def _proofs(report: Report) -> Table:
    table = columns(
        "Derived, proved for every n, replayed",
        "entry",
        ">derivations",
        ">steps",
        ">replayed",
        "facts used",
    )
    for p in report.proved:
        table.add_row(p.name, str(p.derivations), str(p.steps), str(p.agreed), ", ".join(p.facts))
    return table


def _kernels(report: Report) -> Table:
    table = columns(
        "Emitted and verified: worst ulp of all outputs",
        "kernel",
        *(f">{t} {d}" for t in TARGETS for d in NATIVE),
    )
    for name in SPECS:
        cells = []
        for target in TARGETS:
            for dtype in NATIVE:
                mine = [
                    r.ulp
                    for r in report.rows
                    if r.kernel.split("[")[0] == name and (r.target, r.dtype) == (target, dtype)
                ]
                cells.append(f"{max(mine):.2f}" if mine else "")
        table.add_row(name, *cells)
    return table


def _training(report: Report) -> Table:
    table = columns(
        "Softmax regression on 1,797 digits",
        "solver",
        ">objective",
        ">from optimum",
        ">held-out accuracy",
        ">seconds",
    )
    for fit in [f for f in (report.reference, *report.fits) if f]:
        table.add_row(
            fit.target,
            f"{fit.objective:.8f}",
            f"{report.gap(fit):.1e}",
            f"{fit.accuracy:.2%}",
            f"{fit.seconds:.1f}",
        )
    return table


def _stages(report: Report) -> Table:
    table = columns("Stages", "stage", ">seconds")
    for name, seconds in report.seconds.items():
        table.add_row(name, f"{seconds:.1f}")
    table.add_row(f"files in generated/: {report.files}, changed: {len(report.changed)}", "")
    return table
