"""Hard inputs, hardest first: what breaks kernels, by name, for each element type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZES = (1, 2, 3, 10, 17, 130, 1000)
LONG = 500
LONG_KINDS = ("normal", "gap 20", "offset 1e8", "masked")
FULL_SIZES = (1, 2, 3, 10, 1000, 32_000, 262_144)
GAPS = {"float32": (0, 1, 5, 20, 40, 60, 87), "float64": (0, 1, 20, 40, 87, 300, 700)}
TOP = {"float32": 3e38, "float64": 1.7e308}
POOL = 500
"""Rows longer than LONGEST_DRAWN repeat the elements of this many classes, so that the truth of
each class is evaluated once."""
LONGEST_DRAWN = 2000

DOMAINS: dict[str, Callable[[np.random.Generator, tuple[int, ...]], Any]] = {
    "real": lambda draw, shape: draw.normal(size=shape),
    "positive": lambda draw, shape: np.exp(draw.normal(size=shape) / 2),
    "nonnegative": lambda draw, shape: np.abs(draw.normal(size=shape)),
    "unit": lambda draw, shape: draw.uniform(0.05, 0.95, size=shape),
    "binary": lambda draw, shape: np.maximum(draw.integers(0, 2, size=shape), 0),
    "sign": lambda draw, shape: draw.integers(0, 2, size=shape) * 2 - 1,
}


@dataclass(frozen=True)
class Rows:
    """Logits of shape (rows, n), a label for each row, and targets and cotangents like the logits.

    `exact_targets` says that the targets are 0 or 1, where nothing may cancel.
    """

    name: str
    logits: NDArray[Any]
    labels: NDArray[Any]
    targets: NDArray[Any]
    cotangents: NDArray[Any]
    exact_targets: bool

    @property
    def tangents(self) -> NDArray[Any]:
        """A direction like the logits."""
        made: NDArray[Any] = np.ascontiguousarray(self.cotangents[::-1, ::-1])
        return made

    def drawn(self, name: str, domain: str, vector: bool) -> Any:
        """Another array or number of a statement, in its domain; targets are the row's own."""
        if name == "y" and domain in ("nonnegative", "unit", "real"):
            return self.targets
        draw = np.random.default_rng(len(name) + 100 * self.logits.shape[1])
        made = DOMAINS[domain](draw, self.logits.shape if vector else ())
        if domain == "binary" and vector:
            made[..., 0] = 1
        return np.asarray(made, self.logits.dtype) if vector else float(made)

    @property
    def ordinary(self) -> bool:
        """Whether no exponential of the logits overflows or vanishes: all an exhibit can take."""
        return bool(np.abs(self.logits).max() < 40)


def rows(dtype: str, sizes: tuple[int, ...] = SIZES) -> Iterator[Rows]:
    """The hard inputs of a type; the same on every machine."""
    for name, logits in _logits(dtype, sizes):
        if logits.shape[1] < LONG:
            yield _with_targets(name, logits, False)
            yield _with_targets(name, logits, True)
        elif name.split(",")[0] in LONG_KINDS:
            yield _with_targets(name, logits[:1], name.startswith("gap"))


def _logits(dtype: str, sizes: tuple[int, ...]) -> Iterator[tuple[str, NDArray[Any]]]:
    top, gap = TOP[dtype], float(GAPS[dtype][-1])
    for n in sizes:
        draw = np.random.default_rng(n)
        base = draw.normal(size=(3, n))
        yield from (
            (f"{kind}, n={n}", logits.astype(dtype))
            for kind, logits in (
                ("normal", base * 3),
                ("times 1000", base * 1000),
                (f"gap {gap:g}", _gap(base, gap)),
                ("gap 20", _gap(base, 20.0)),
                ("low gap", _low_gap(base, gap)),
                ("whole range", np.stack([np.linspace(-0.9, 0.95, n) * gap] * 3)),
                ("all equal", np.full((2, n), 0.1)),
                ("huge", np.stack([np.full(n, top), base[0] * 0 - top])),
                ("offset 1e8", base * 30 + 1e8),
                ("offset -1e8", base * 30 - 1e8),
                ("tiny", base * 1e-30),
                ("masked", _masked(base)),
                ("log shares", _log_shares(base)),
                ("mixed scales", base * np.exp(draw.normal(size=(3, n)) * 4)),
            )
        )


def _gap(base: NDArray[Any], gap: float) -> NDArray[Any]:
    """One class stands `gap` above the rest."""
    logits = base.copy()
    for row, place in enumerate((0, base.shape[1] // 2, base.shape[1] - 1)):
        logits[row, place] = np.max(base[row]) + gap
    return logits


def _low_gap(base: NDArray[Any], gap: float) -> NDArray[Any]:
    """Shares that are normal numbers while the exponentials they are made of are not."""
    return _gap(base, 0.65 * gap) - 1.05 * gap


def _log_shares(base: NDArray[Any]) -> NDArray[Any]:
    """Logits whose exponentials sum to nearly 1: their log-sum-exp crosses 0."""
    level = np.log(np.exp(base).sum(axis=-1, keepdims=True))
    moved: NDArray[Any] = base - level + np.array([[0.0], [1e-3], [-0.3]])
    return moved


def _masked(base: NDArray[Any]) -> NDArray[Any]:
    """Every third class at minus infinity, but not a whole row."""
    logits = base.copy()
    logits[:, 2::3] = -np.inf
    return logits


def full_rows(dtype: str, n: int) -> Iterator[Rows]:
    """What `lossmith verify --full` measures: labels at the largest, the smallest and a middle
    logit; 0/1 targets there, and soft targets up to 1000 classes."""
    draw = np.random.default_rng(n)
    count = n if n <= LONGEST_DRAWN else POOL
    base = draw.normal(size=(3, count))
    kinds = [(f"gap {gap}", _gap(base, gap)) for gap in GAPS[dtype]]
    kinds += [(f"offset {sign}1e8", base * 30 + float(f"{sign}1e8")) for sign in "+-"]
    kinds += [("low gap", _low_gap(base, GAPS[dtype][-1])), ("log shares", _log_shares(base))]
    places = _stretched(draw, count, n)
    for name, logits in kinds:
        made = _with_targets(f"{name}, n={n}", logits.astype(dtype), False, places)
        yield made
        if n <= 1000:
            yield _with_targets(f"{name}, n={n}", logits.astype(dtype), True, places)


def _stretched(draw: np.random.Generator, count: int, n: int) -> NDArray[Any]:
    """n classes of a pool, each at least once; those that may stand apart once only."""
    if n == count:
        return np.arange(n)
    common = np.setdiff1d(np.arange(count), (0, count // 2, count - 1))
    classes = np.concatenate((np.arange(count), draw.choice(common, n - count)))
    mixed: NDArray[Any] = draw.permutation(classes)
    return mixed


def _with_targets(
    name: str, pool: NDArray[Any], soft: bool, classes: NDArray[Any] | None = None
) -> Rows:
    count, n = pool.shape
    draw = np.random.default_rng(n + 7)
    cotangents = draw.normal(size=pool.shape)
    if classes is not None:
        pool, cotangents, n = pool[:, classes], cotangents[:, classes], len(classes)
    middle = np.argsort(pool, axis=-1)[:, n // 2]
    places = [np.argmax(pool, axis=-1), np.argmin(pool, axis=-1), middle]
    labels = np.array([places[row % 3][row] for row in range(count)])
    if soft:
        sums = np.array([1.0, 0.5, 0.25])[np.arange(count) % 3, None]  # not only targets of sum 1
        targets = draw.dirichlet(np.ones(n), size=count) * sums
    else:
        targets = _one_hot(labels, n)
    kind = "soft targets" if soft else "one-hot"
    return Rows(
        f"{name}, {kind}", pool, labels.astype(np.int64), targets.astype(pool.dtype),
        cotangents.astype(pool.dtype), not soft,
    )  # fmt: skip


def _one_hot(labels: NDArray[Any], n: int) -> NDArray[Any]:
    made = np.zeros((len(labels), n))
    made[np.arange(len(labels)), labels] = 1
    return made
