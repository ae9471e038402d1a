"""`lossmith verify --full`: every promise of docs/numerics.md measured, and the page that says so.

Kernels on `hard.full_rows` at every size, and the functions of the math header on every float.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path

from codegen import accuracy
from codegen.accuracy import Row, measure
from codegen.bench import machine
from codegen.compiling import NATIVE, TARGETS
from codegen.errors import CodegenError
from codegen.full_plot import plot
from codegen.hard import FULL_SIZES, full_rows
from codegen.minimax_check import BUILDS, MEASURED, Finding, every_float, supported
from codegen.workers import workers

Progress = Callable[..., None]
NAMES = (
    "softmax", "log_softmax", "logsumexp", "cross_entropy", "sigmoid", "softplus",
    "binary_cross_entropy",
)  # fmt: skip
LIMIT = {"c": 4.0, "numpy": 8.0}
"""ulp; NumPy's own exponential of float32 may be 2.5 ulp off, and its sums are not compensated."""
FLOAT_LIMIT = {"tanh": 2.0, "sigmoid": 2.0, "expm1": 2.0, "exp_flush_pair": 1.0}
PICTURE = "accuracy.svg"


@dataclass(frozen=True)
class Sized:
    """A row of the report with the number of classes it was measured at."""

    row: Row
    n: int


@dataclass(frozen=True)
class Full:
    """All that was measured: kernels, and functions on every float by name and build."""

    rows: tuple[Sized, ...]
    floats: tuple[tuple[str, str, Finding], ...]

    @property
    def missed(self) -> list[str]:
        """What is beyond its bound, in words."""
        rows = [f"{s.row} at n={s.n}" for s in self.rows if not s.row.ulp <= LIMIT[s.row.target]]
        floats = [
            f"lsm_{name} ({build}): {found}"
            for name, build, found in self.floats
            if not found.ulp <= FLOAT_LIMIT.get(name, 1.0)
        ]
        return rows + floats


def measure_full(
    progress: Progress, names: Iterable[str] = NAMES, sizes: Iterable[int] = FULL_SIZES
) -> Full:
    """Measure everything; minutes on two processors."""
    jobs = [(name, dtype, n) for n in sorted(sizes, reverse=True) for name in names
            for dtype in NATIVE]  # fmt: skip
    found: list[Sized] = []
    with workers() as pool:
        waiting = {pool.submit(_measure_size, *job): job for job in jobs}
        for done, future in enumerate(as_completed(waiting), 1):
            found += future.result()
            progress("verify " + " ".join(map(str, waiting[future])), done, len(jobs))
    return Full(tuple(found), tuple(_floats(progress)))


def _measure_size(name: str, dtype: str, n: int) -> list[Sized]:
    given = list(full_rows(dtype, n))
    made = [Sized(row, n) for target in TARGETS for row in measure(name, target, dtype, given)]
    accuracy._TRUTHS.clear()
    return made


def _floats(progress: Progress) -> Iterable[tuple[str, str, Finding]]:
    """Every function on every float, in the most capable build that runs here; exp in all."""
    builds = [name for name, flags in BUILDS.items() if supported(flags)]
    for done, build in enumerate(builds):
        names = [m.name for m in MEASURED] if build == builds[-1] else ["exp"]
        progress(f"every float, {build}", done, len(builds))
        for name, found in every_float(names, BUILDS[build]).items():
            yield name, build, found


def page(full: Full) -> str:
    """docs/accuracy.md."""
    features = "; ".join(
        f"{k}: {', '.join(v) if isinstance(v, list) else v}" for k, v in machine().items()
    )
    compared = sum(s.row.compared for s in full.rows)
    return (
        "# Accuracy\n\n"
        f"`lossmith verify --full`: {compared:,} components of values and gradients against the "
        f"truth of their derivation at 60 digits. {features}.\n\n"
        "The error is in units in the last place (ulp) of the true component, wherever that is a "
        "normal number; with soft targets, and for a cotangent less its mean, of the larger of the "
        f"terms that cancel. The bound is {LIMIT['c']:g} ulp in C and {LIMIT['numpy']:g} in NumPy, "
        "whose own exponential of float32 may be 2.5 ulp off and whose sums are not compensated. "
        "Labels stand at the largest, the smallest and a middle logit.\n\n"
        f"{tables(full)}\n"
        "## Bits of error, beside the textbook form\n\n"
        f"![bits of error against the gap, ours and the textbook form]({PICTURE})\n"
    )


def tables(full: Full) -> str:
    """Kernels and functions, as Markdown."""
    return (
        f"## Kernels: the worst error by the number of classes\n\n{kernel_table(full)}\n"
        f"## Functions of `lossmith_math.h` on every float\n\n{float_table(full)}"
    )


def kernel_table(full: Full) -> str:
    """One line for each output, target and type, as Markdown."""
    sizes = sorted({s.n for s in full.rows})
    heads = ["kernel", "output", "target", "dtype", *(f"{n:,}" for n in sizes), "worst at"]
    lines = [f"| {' | '.join(heads)} |", f"|{' --- |' * 4}{' ---: |' * len(sizes)} --- |"]
    groups: dict[tuple[str, ...], dict[int, Row]] = {}
    for s in full.rows:
        key: tuple[str, ...] = (s.row.kernel, s.row.output, s.row.target, s.row.dtype)
        groups.setdefault(key, {})[s.n] = s.row
    for key, mine in sorted(groups.items(), key=lambda g: (_place(g[0][0]), g[0])):
        worst = max(mine.values(), key=lambda r: r.ulp)
        cells = [f"{mine[n].ulp:.2f}" if n in mine else "" for n in sizes]
        lines.append(f"| {' | '.join((*key, *cells, worst.at))} |")
    return "\n".join(lines) + "\n"


def _place(kernel: str) -> int:
    return NAMES.index(kernel.split("[")[0])


def float_table(full: Full) -> str:
    """One line for each function and build, as Markdown."""
    lines = ["| function | build | worst ulp | at |", "| --- | --- | ---: | --- |"]
    for name, build, found in full.floats:
        at = f"{found.argument.hex()} ({found.argument:.9g})"
        lines.append(f"| {name} | {build} | {found.ulp:.3f} | {at} |")
    return "\n".join(lines) + "\n"


def run(folder: Path, progress: Progress, names: Iterable[str] = ()) -> Full:
    """Measure, and write accuracy.md and its picture into a folder."""
    chosen = tuple(names) or NAMES
    if unknown := set(chosen) - set(NAMES):
        raise CodegenError(
            f"nothing is promised for {', '.join(sorted(unknown))}: use {', '.join(NAMES)}"
        )
    full = measure_full(progress, chosen)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "accuracy.md").write_text(page(full), encoding="utf-8")
    (folder / PICTURE).write_text(plot(), encoding="utf-8")
    return full
