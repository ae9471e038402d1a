"""What `lossmith bench` prints and writes: a table of ratios, the samples, a plot, a page."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from pathlib import Path

from codegen.bench import KEPT, PLAIN, TASKS, Sample, as_json, machine, measure, ratio
from codegen.bench_peers import Task

TITLES = {"loss": "loss and gradient", "value": "loss alone", "softmax": "softmax"}
PLOT_WIDTH, BAR, LABEL = 560, 18, 230


def targets(task: Task) -> tuple[tuple[str, str, float], ...]:
    """(peer, pages, how many times our time it must take): what this project asks of itself."""
    if task.name == "softmax":
        return (("onnxruntime", KEPT, 1.3 if task.n >= 32000 else 0.97),)
    if task.name == "value":
        return (("limit", KEPT, 0.9),)
    eager = {(65536, 10): 30.0, (8192, 1000): 4.0, (32, 1000): 10.0, (1, 1000): 20.0}
    made = [("PyTorch", KEPT, eager.get((task.rows, task.n), 5.0))]
    if task.n == 10 or task.n >= 32000:
        made.append(("torch.compile", KEPT, 5.0))
    if task.n >= 32000:
        made.append(("limit", KEPT, 0.9))
    return tuple(made)


def table(samples: list[Sample]) -> str:
    """One task as Markdown: median ms, and the ratio to ours with what was asked."""
    task = samples[0].task
    asked = {(peer, pages): least for peer, pages, least in targets(task)}
    lines = [
        f"### ({task.rows}, {task.n}), {TITLES[task.name]}",
        "",
        "| | pages | median ms | ÷ lossmith | ÷ lossmith out= | asked |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    for s in samples:
        ours = [ratio(samples, s.peer, s.pages, o) for o in ("lossmith", "lossmith out=")]
        shown = [f"{r:.2f}" if r is not None else "" for r in ours]
        best = max((r for r in ours if r is not None), default=0.0)
        least = asked.get((s.peer, s.pages))
        verdict = "" if least is None else f"{least:g} {'met' if best >= least else 'not met'}"
        name = "streaming copy" if s.peer == "limit" and task.name != "value" else s.peer
        name = "read" if s.peer == "limit" and task.name == "value" else name
        lines.append(f"| {name} | {s.pages} | {s.median:.4g} | {' | '.join(shown)} | {verdict} |")
    return "\n".join(lines) + "\n"


def plot(samples: list[Sample]) -> str:
    """Bars as SVG: the ratio of each peer to ours, on a logarithmic axis, one group for a task."""
    import math

    rows: list[str] = []
    y = 0
    for task in dict.fromkeys(s.task for s in samples):
        mine = [s for s in samples if s.task == task]
        y += BAR + 6
        rows.append(f'<text x="4" y="{y}" font-weight="bold">({task.rows}, {task.n}), '
                    f"{TITLES[task.name]}</text>")  # fmt: skip
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
    rounds = statistics.median(len(s.ms) for s in samples)
    parts = [table([s for s in samples if s.task == t]) for t in dict.fromkeys(_tasks(samples))]
    return (
        "# Speed\n\n"
        f"`lossmith bench`, float32, {rounds:g} rounds (the median over the tasks). {features}.\n\n"
        "Every round times every peer once, in two processes: with the allocator as it comes "
        f'("{PLAIN}"), and with one that keeps its pages ("{KEPT}"). Ratios are medians of the '
        "ratios within a round, times medians over the rounds. The streaming copy moves the logits "
        "to the place of the gradient past the caches: the limit of reading once and writing "
        'once. "out=" gives the result an array to go to.\n\n'
        "![ratios to lossmith; * default allocator](bench.svg)\n\n" + "\n".join(parts)
    )


def _tasks(samples: list[Sample]) -> list[Task]:
    return [s.task for s in samples]


def run(
    folder: Path, rounds: int, show: Callable[[str], None], tasks: tuple[Task, ...] = TASKS
) -> list[Sample]:
    """Measure, show each table as it comes, and write bench.md, bench.json and bench.svg."""
    samples: list[Sample] = []
    for task in tasks:
        few = rounds if task.rows * task.n < 1 << 24 else max(5, rounds // 3)
        made = measure(task, few)
        show(table(made))
        samples += made
    folder.mkdir(parents=True, exist_ok=True)
    for file, text in (
        ("bench.md", page(samples)), ("bench.json", as_json(samples) + "\n"),
        ("bench.svg", plot(samples)),
    ):  # fmt: skip
        (folder / file).write_text(text, encoding="utf-8")
    return samples
