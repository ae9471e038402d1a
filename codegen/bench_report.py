"""What `lossmith bench` prints and writes: a table of ratios, the samples, a plot, a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from codegen.bench import (
    KEPT,
    PLAIN,
    TASKS,
    Sample,
    as_json,
    from_json,
    machine,
    measure,
    ratio,
)  # fmt: skip
from codegen.bench_peers import LEAST, Task
from codegen.errors import CodegenError

TITLES = {"loss": "loss and gradient", "value": "loss alone", "softmax": "softmax"}
PLOT_WIDTH, BAR, LABEL = 560, 18, 230


OURS, INTO, OUR_NUMPY = "lossmith", "lossmith out=", "lossmith NumPy"
Target = tuple[str, float, str]


def targets(task: Task) -> tuple[Target, ...]:
    """(peer, how many times as long it must take, as which of ours): what we ask of ourselves."""
    numpy = (("NumPy in place", 1.0, OUR_NUMPY), ("NumPy textbook", 1.8, OUR_NUMPY))
    if task.dtype != "float32":
        return (("PyTorch", 3.0, OURS), ("lossmith float32", 1.0, OURS))
    if task.name == "softmax":
        return (("onnxruntime", 1.3 if task.n >= 32000 else 0.97, OURS), *numpy)
    if task.name == "value":
        return (("limit", 0.9, OURS),)
    eager = {(65536, 10): 30.0, (8192, 1000): 4.0, (32, 1000): 10.0, (1, 1000): 20.0}
    made = [("PyTorch", eager.get((task.rows, task.n), 5.0), OURS)]
    if task.n == 10 or task.n >= 32000:
        made.append(("torch.compile", 5.0, OURS))
    if task.n >= 32000:
        made.append(("limit", 0.9, OURS))
    return (*made, *numpy)


def reached(samples: list[Sample], target: Target) -> float | None:
    """The ratio that a target is about, with or without out=, whichever is better for us."""
    peer, _, ours = target
    which = (OURS, INTO) if ours == OURS else (ours,)
    if peer == "limit":
        parts = [s.of_the_copy for s in samples if s.peer in which and s.pages == KEPT]
        return max(parts, default=None)
    found = [r for o in which if (r := ratio(samples, peer, KEPT, o)) is not None]
    return max(found, default=None)


def title(task: Task) -> str:
    """The task in words."""
    kind = "" if task.dtype == "float32" else f", {task.dtype}"
    return f"({task.rows}, {task.n}), {TITLES[task.name]}{kind}"


def table(samples: list[Sample]) -> str:
    """One task as Markdown: median ms, the part of the limit, ratios to ours, what was asked."""
    task = samples[0].task
    limit = "a read" if task.name == "value" else "the copy"
    lines = [
        f"### {title(task)}",
        "",
        f"| | pages | median ms | of {limit} | ÷ lossmith | ÷ lossmith out= |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for s in samples:
        ours = [ratio(samples, s.peer, s.pages, o) for o in (OURS, INTO)]
        shown = " | ".join(f"{r:.2f}" if r is not None else "" for r in ours)
        name = s.peer if s.peer != "limit" else _limit(s)
        lines.append(f"| {name} | {s.pages} | {s.median:.4g} | {s.of_the_copy:.2f} | {shown} |")
    return "\n".join(lines) + "\n"


def _limit(sample: Sample) -> str:
    task = sample.task
    size = task.rows * task.n * (4 if task.dtype == "float32" else 2)
    moved = size * (1 if task.name == "value" else 2)
    name = "read" if task.name == "value" else "streaming copy"
    return f"{name}, {moved / sample.median / 1e6:.0f} GB/s"


def plot(samples: list[Sample]) -> str:
    """Bars as SVG: the ratio of each peer to ours, on a logarithmic axis, one group for a task."""
    import math

    rows: list[str] = []
    y = 0
    for task in dict.fromkeys(s.task for s in samples):
        mine = [s for s in samples if s.task == task]
        y += BAR + 6
        rows.append(f'<text x="4" y="{y}" font-weight="bold">{title(task)}</text>')
        for s in mine:
            r = ratio(mine, s.peer, s.pages) or 1.0
            y += BAR
            start, end = LABEL, LABEL + (PLOT_WIDTH - LABEL) * math.log2(max(r, 1.0)) / 7
            rows.append(
                f'<text x="4" y="{y}">{s.peer}{" *" if s.pages == PLAIN else ""}</text>'
                f'<rect x="{start}" y="{y - 11}" width="{max(end - start, 1):.1f}" height="12" '
                f'fill="#4a7ab5"/><text x="{end + 5:.1f}" y="{y}">{r:.2f}</text>'
            )
    body = "\n".join(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{PLOT_WIDTH + 60}" height="{y + 12}" '
        f'font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n'
    )


def page(samples: list[Sample]) -> str:
    """docs/bench.md."""
    features = "; ".join(
        f"{k}: {', '.join(v) if isinstance(v, list) else v}" for k, v in machine().items()
    )
    by_task = [[s for s in samples if s.task == t] for t in dict.fromkeys(_tasks(samples))]
    return "\n".join([PREFACE.format(features=features), summary(by_task), *map(table, by_task)])


PREFACE = f"""# Speed

Written by `lossmith bench`. {{features}}.

Every round times every peer once, in two processes: with the allocator as it comes ("{PLAIN}"),
and with one that keeps its pages ("{KEPT}"). Small tasks are called many times for a sample, and
after every sample all rest until the threads of the peer have stopped spinning. Just before each
sample the same process copies the logits to the place of the gradient with stores that go past
the caches (for the loss alone it reads them): the limit of reading once and writing once. Ratios
are medians of the ratios within a round; "out=" gives the result an array to go to. "{LEAST}" is
these three calls alone on whole arrays, into memory that is there: no maximum, no check, no
blocks. Where all is in the caches, no softmax in NumPy takes less. A machine
shared with others changes its memory speed within seconds: absolute times mean little.

![ratios to lossmith; * default allocator](bench.svg)
"""


def summary(by_task: list[list[Sample]]) -> str:
    """What was asked of each task, and what was found."""
    lines = ["## Asked and found", "", "| | ratio | found | asked | |"]
    lines.append("| --- | --- | ---: | ---: | --- |")
    for samples in by_task:
        for target in targets(samples[0].task):
            found = reached(samples, target)
            if found is not None:
                name = f"| {title(samples[0].task)} | {_ratio_name(target)} |"
                short = f"**short**{alone(samples, target)}"
                met = "met" if found >= target[1] else short
                lines.append(f"{name} {found:.2f} | {target[1]:g} | {met} |")
    return "\n".join(lines) + "\n"


def alone(samples: list[Sample], target: Target) -> str:
    """What the ratio is for the calls alone that a softmax in NumPy cannot do without."""
    peer, _, ours = target
    most = ratio(samples, peer, KEPT, LEAST) if ours == OUR_NUMPY else None
    return "" if most is None else f"; {LEAST} alone: {most:.2f}"


def _ratio_name(target: Target) -> str:
    peer, _, ours = target
    return f"limit ÷ {ours}" if peer == "limit" else f"{peer} ÷ {ours}"


def _tasks(samples: list[Sample]) -> list[Task]:
    return [s.task for s in samples]


def kept(file: Path, tasks: tuple[Task, ...]) -> list[Sample]:
    """The samples of an earlier run that are about other tasks."""
    earlier = from_json(file.read_text(encoding="utf-8")) if file.exists() else []
    return [s for s in earlier if s.task in TASKS and s.task not in tasks]


def chosen(words: list[str]) -> tuple[Task, ...]:
    """The tasks whose title has one of the words in it; all of them where there are no words."""
    titles = {title(t): t for t in TASKS}
    for word in words:
        if not any(word in name for name in titles):
            raise CodegenError(f'no task has "{word}" in its title: {"; ".join(titles)}')
    return tuple(t for name, t in titles.items() if not words or any(w in name for w in words))


def run(
    folder: Path, rounds: int, show: Callable[[str], None], tasks: tuple[Task, ...] = TASKS
) -> list[Sample]:
    """Measure, show each table as it comes, and write bench.md, bench.json and bench.svg.

    Some of the tasks join those of the bench.json that is there.
    """
    samples = kept(folder / "bench.json", tasks)
    for task in tasks:
        few = rounds if task.rows * task.n < 1 << 24 else max(5, rounds * 2 // 3)
        made = measure(task, few)
        show(table(made) + "\n" + summary([made]))
        samples += made
    samples.sort(key=lambda s: TASKS.index(s.task))
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in (
        ("bench.md", page(samples)), ("bench.json", as_json(samples) + "\n"),
        ("bench.svg", plot(samples)),
    ):  # fmt: skip
        (folder / file).write_text(text, encoding="utf-8")
    return samples
