"""Bits of error of loss and gradient against the gap, ours beside the textbook form, as SVG."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
from mpmath import mp
from numpy.typing import NDArray

from codegen.compiling import compile
from codegen.errors import CodegenError

Array = NDArray[Any]
CLASSES = 10
BITS = {"float32": 24, "float64": 53}
TOP = {"float32": 87.0, "float64": 700.0}
POINTS = 88
STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "lossmith", "font.size": 9}


def textbook(logits: Array) -> tuple[Array, Array]:
    """Loss and gradient at class 0 as textbooks write them: shifted, -log p and p - 1."""
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = e / e.sum(axis=-1, keepdims=True)
    with np.errstate(divide="ignore"):
        return -np.log(p[:, 0]), p[:, 0] - 1


def emitted(logits: Array, target: str) -> tuple[Array, Array]:
    """The same from our kernel."""
    kernel = compile("cross_entropy", target, str(logits.dtype))
    labels = np.zeros(len(logits), np.int64)
    value, gradient = kernel.value_and_grad(logits, labels, reduction="none")
    return value, gradient[:, 0]


def true(logits: Array) -> tuple[list[Any], list[Any]]:
    """Loss and gradient to 400 digits: log(1 + r) and -r/(1 + r) for r = the sum of the others."""
    with mp.workdps(400):
        rows = [[mp.mpf(v) for v in row] for row in logits.tolist()]
        rests = [mp.fsum(mp.exp(z - row[0]) for z in row[1:]) for row in rows]
        return [mp.log1p(r) for r in rests], [-r / (1 + r) for r in rests]


def bits(made: Array, truth: list[Any], dtype: str) -> list[float]:
    """log2 of the error in units of the last bit, between 0 and the digits of the type."""
    found = []
    for m, t in zip(made.tolist(), truth, strict=True):
        error = abs(m - t) / abs(t) * 2 ** BITS[dtype] if np.isfinite(m) else mp.inf
        found.append(min(float(mp.log(error, 2)) if error > 1 else 0.0, float(BITS[dtype])))
    return found


def curves(dtype: str) -> tuple[Array, dict[str, tuple[list[float], list[float]]]]:
    """Gaps, and by form the bits of error of loss and gradient."""
    gaps = np.linspace(0, TOP[dtype], POINTS)
    logits = np.tile(np.linspace(-1, 0, CLASSES), (POINTS, 1))
    logits[:, 0] = gaps
    logits = logits.astype(dtype)
    loss, slope = true(logits)
    forms: dict[str, Callable[[Array], tuple[Array, Array]]] = {
        "textbook": textbook,
        "emitted NumPy": lambda z: emitted(z, "numpy"),
        "emitted C": lambda z: emitted(z, "c"),
    }
    made = {name: form(logits) for name, form in forms.items()}
    return gaps, {
        name: (bits(v, loss, dtype), bits(g, slope, dtype)) for name, (v, g) in made.items()
    }


def plot() -> str:
    """The picture: one panel for each type and output."""
    try:
        import matplotlib
    except ImportError as error:
        raise CodegenError("the picture needs matplotlib: pip install 'lossmith[bench]'") from error
    from matplotlib.figure import Figure

    file = io.StringIO()
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(8, 5), layout="constrained")
        panels = figure.subplots(2, 2, sharey="row")
        for (left, right), dtype in zip(panels, BITS, strict=True):
            gaps, found = curves(dtype)
            for panel, output in ((left, 0), (right, 1)):
                for name, lines in found.items():
                    panel.plot(gaps, lines[output], label=name, linewidth=1.4)
                panel.set_title(f"{dtype}, {('loss', 'gradient at the label')[output]}")
                panel.set_xlabel("gap of the true class")
            left.set_ylabel("bits of error")
        panels[0][0].legend(frameon=False)
        figure.savefig(file, format="svg", metadata={"Date": None})
    return file.getvalue()
