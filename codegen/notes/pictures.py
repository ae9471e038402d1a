"""The pictures of the notes: drawn by matplotlib from numbers computed now, as vectors, the same
each time.

In SVG words stay text, so the page's reader sees his own fonts and the file needs none; in PDF
the fonts are embedded, and Chinese needs an installed Chinese font.
"""

from __future__ import annotations

import io
import logging
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any

from codegen.errors import CodegenError
from codegen.notes import curves
from codegen.notes.vocabulary import fixed

BLUE, RED, GREY, PALE = "#0b57d0", "#b3261e", "#5f6368", "#d5d9de"
"""Never colour alone: lines differ in dashes, dots in shape, bars in lightness."""
STYLE = {
    "svg.fonttype": "none", "svg.hashsalt": "lossmith", "pdf.fonttype": 3, "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False, "axes.edgecolor": GREY, "axes.labelcolor": "#1f2328",
    "lines.linewidth": 1.6,
    "axes.unicode_minus": True, "path.simplify": True,
}  # fmt: skip
TEX_FONT = "FandolHei-Regular.otf"
Words = Mapping[str, str]
Draw = Callable[[Any, Words], None]


def _exponential(axes: Any, words: Words) -> None:
    x, y = curves.exponential()
    axes.plot(x, y, color=BLUE)
    for place in (0, 1, 2):
        height = curves.exponential_at(place)
        axes.vlines(place, 0, height, colors=GREY, linewidth=0.7, linestyles=":")
        axes.plot([place], [height], "o", color=BLUE, markersize=4)
        axes.annotate(f"$e^{place}$", (place, height), textcoords="offset points", xytext=(-20, 2))
    axes.set_xlabel("$z$")
    axes.set_ylabel("$e^z$")
    axes.set_ylim(0, None)


def _normalisation(axes: Any, words: Words) -> None:
    plain, soft = curves.shares()
    places = range(len(plain))
    for shift, values, color, name in (
        (-0.2, plain, PALE, words["plain"]),
        (0.2, soft, BLUE, "softmax"),
    ):
        at = [k + shift for k in places]
        axes.bar(at, values, 0.36, color=color, edgecolor=GREY, linewidth=0.7, label=name)
        for k, value in enumerate(values):
            axes.annotate(
                f"{value:.3f}",
                (k + shift, value),
                textcoords="offset points",
                xytext=(0, 2),
                ha="center",
            )
    axes.set_xticks(list(places), [f"$z_{k + 1}={v}$" for k, v in enumerate(curves.SCORES)])
    axes.legend(frameon=False, loc="upper left")
    axes.set_ylim(0, 1)


def _jacobian(axes: Any, words: Words) -> None:
    rows = curves.jacobian()
    size = max(abs(v) for row in rows for v in row)
    for a, row in enumerate(rows):
        for b, value in enumerate(row):
            axes.add_patch(_square(a, b, value / size))
            weight = "bold" if value > 0 else "normal"
            shown = f"{value:.3f}".replace("-", "−")
            axes.text(b, a, shown, ha="center", va="center", fontweight=weight)
    n = len(rows)
    axes.set(xlim=(-0.5, n - 0.5), ylim=(n - 0.5, -0.5), aspect="equal")
    axes.set_xticks(range(n), [f"$z_{k + 1}$" for k in range(n)])
    axes.set_yticks(range(n), [f"$p_{k + 1}$" for k in range(n)])
    axes.xaxis.tick_top()
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)


def _square(a: int, b: int, weight: float) -> Any:
    """One cell of the heat map: red above 0, blue below, white at 0."""
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    full = to_rgb(RED if weight > 0 else BLUE)
    mixed = tuple(1 - 0.55 * abs(weight) * (1 - c) for c in full)
    return Rectangle((b - 0.5, a - 0.5), 1, 1, facecolor=mixed, edgecolor="white")


def _margin(axes: Any, words: Words) -> None:
    x, loss, gradient = curves.margin()
    axes.plot(x, loss, color=BLUE)
    axes.plot(x, gradient, color=RED, linestyle="--")
    axes.axhline(0, color=GREY, linewidth=0.7)
    axes.annotate(
        words["loss"], (x[8], loss[8]), textcoords="offset points", xytext=(12, 4), color=BLUE
    )
    axes.annotate(
        words["gradient"], (x[8], gradient[8]), textcoords="offset points", xytext=(0, 8), color=RED
    )
    axes.set_xlabel(words["margin"])


def _shift(axes: Any, words: Words) -> None:
    before, after = curves.SHIFTED
    rows = (("without", before, 1.0, RED, "s"), ("with", after, 0.0, BLUE, "o"))
    for name, values, height, color, shape in rows:
        axes.plot(values, [height] * len(values), shape, color=color)
        side = -1500 if values[-1] > 0 else 1500
        axes.annotate(words[name], (side, height), ha="center", va="center", color=color)
        for score, value, rise in zip(curves.THREE, values, (-13, 6, -13), strict=True):
            axes.annotate(
                f"{score}", (value, height), textcoords="offset points", xytext=(0, rise),
                ha="center", fontsize=7,
            )  # fmt: skip
    low, high = curves.LIMITS
    for limit, name, side in ((low, "underflow", -1), (high, "overflow", 1)):
        axes.axvline(limit, color=GREY, linestyle="--", linewidth=0.9)
        axes.annotate(
            words[name],
            (limit, 0.5),
            textcoords="offset points",
            xytext=(8 * side, 0),
            ha="left" if side > 0 else "right",
            color=GREY,
        )
    axes.set(xlim=(-2500, 2500), ylim=(-0.5, 1.6))
    axes.set_yticks([])
    axes.set_xlabel(r"$\log_{10} e^z$")
    axes.spines["left"].set_visible(False)


def _bits(axes: Any, words: Words) -> None:
    gaps, naive, emitted = curves.lost_bits()
    axes.plot(gaps, naive, color=RED, linestyle="--")
    axes.plot(gaps, emitted, color=BLUE)
    axes.annotate(
        words["naive"],
        (gaps[10], naive[10]),
        textcoords="offset points",
        xytext=(6, -10),
        color=RED,
    )
    axes.annotate(
        words["emitted"],
        (gaps[-1], emitted[-1]),
        textcoords="offset points",
        xytext=(-4, 6),
        color=BLUE,
        ha="right",
    )
    axes.set_ylim(-1, 25)
    axes.set_xlabel("$z_t - z_k$")
    axes.set_ylabel(words["bits"])


Box = tuple[float, float, float, float]
PICTURES: dict[str, tuple[Draw, tuple[float, float], Box]] = {
    "exponential": (_exponential, (3.4, 2.4), (0.177, 0.185, 0.988, 0.983)),
    "normalisation": (_normalisation, (4.2, 2.4), (0.08, 0.11, 0.99, 0.963)),
    "jacobian": (_jacobian, (2.6, 2.4), (0.098, 0.017, 0.923, 0.91)),
    "margin": (_margin, (4.0, 2.4), (0.055, 0.185, 0.99, 0.983)),
    "shift": (_shift, (4.6, 1.9), (0.009, 0.237, 0.991, 0.978)),
    "bits": (_bits, (4.2, 2.4), (0.114, 0.185, 0.99, 0.963)),
}
"""What draws each, its inches, and where its axes lie: left, bottom, right, top.

A layout engine would draw everything twice to find that out."""


@cache
def svg(name: str, lang: str) -> str:
    """The picture as SVG whose words are text; the ids in it begin with the picture's name."""
    text = _saved(name, lang, "svg", ["sans-serif"]).decode()
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    ids = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)
    return "\n".join(line.rstrip() for line in ids.splitlines()) + "\n"


@cache
def pdf(name: str, lang: str) -> bytes:
    """The picture as PDF with its fonts embedded."""
    return _saved(name, lang, "pdf", _installed(lang))


LETTERS = {"svg": "dejavuserif", "pdf": "cm"}
"""The fonts of formulas: an embedded one may count its signs as it likes, text must be Unicode."""
KINDS: dict[str, Callable[[str, str], str | bytes]] = {"svg": svg, "pdf": pdf}


def _saved(name: str, lang: str, kind: str, fonts: list[str]) -> bytes:
    matplotlib = _matplotlib()
    from matplotlib.figure import Figure

    draw, size, (left, bottom, right, top) = PICTURES[name]
    style = {**STYLE, "font.family": fonts, "mathtext.fontset": LETTERS[kind]}
    with matplotlib.rc_context({**matplotlib.rcParamsDefault, **style}), _quietly():
        figure = Figure(figsize=size)
        box = (left, bottom, right - left, top - bottom)
        draw(figure.add_axes(box), fixed(lang).picture)
        written = io.BytesIO()
        nothing = (
            {"Creator": None, "Date": None}
            if kind == "svg"
            else {"Creator": None, "Producer": None, "CreationDate": None}
        )
        figure.savefig(written, format=kind, metadata=nothing)
    return written.getvalue()


def _matplotlib() -> Any:
    try:
        import matplotlib
    except ImportError:
        raise CodegenError(
            "the pictures of the notes need matplotlib: pip install lossmith[plots]"
        ) from None
    return matplotlib


def _installed(lang: str) -> list[str]:
    """The fonts of a language: DejaVu for what it has, then the first of the wanted ones."""
    wanted = fixed(lang).picture["fonts"]
    found = [n for n in wanted if n in _fonts()] or [n for n in wanted if n in _fonts(look=True)]
    if not found:
        raise CodegenError(
            f"pictures in PDF need a font for {lang}: install one of {', '.join(wanted)} "
            "(Debian: fonts-noto-cjk), or take --to html, md or ipynb"
        )
    return ["DejaVu Sans", found[0]]


def _fonts(look: bool = False) -> set[str]:
    """The names of the fonts matplotlib knows; it remembers those of its first run, so we look for
    newer ones, and for those that come with TeX."""
    _matplotlib()
    from matplotlib.font_manager import findSystemFonts, fontManager

    known = {f.fname for f in fontManager.ttflist}
    for path in sorted({*findSystemFonts(), *_fonts_of_tex()} - known) if look else ():
        with suppress(OSError, RuntimeError):  # a file that FreeType does not take
            fontManager.addfont(path)
    return {f.name for f in fontManager.ttflist}


def _fonts_of_tex() -> list[str]:
    """The Chinese font that TeX's Chinese packages bring, where they are installed."""
    if shutil.which("kpsewhich") is None:
        return []
    ran = subprocess.run(["kpsewhich", TEX_FONT], capture_output=True, text=True, check=False)
    return ran.stdout.split()


@contextmanager
def _quietly() -> Iterator[None]:
    """SVG text is set by the reader's fonts: that ours here lack a glyph is no fault."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        logging.getLogger("fontTools").setLevel(logging.ERROR)
        yield
