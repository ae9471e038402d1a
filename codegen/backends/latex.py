"""Lessons as LaTeX fragments for course notes."""

from __future__ import annotations

from codegen.backends.rendering import render
from codegen.lesson import WORDS, Lesson
from derive import notation

SPECIAL = {"&": r"\&", "%": r"\%", "#": r"\#", "_": r"\_", "·": r"$\cdot$", "≠": r"$\ne$",
           "Σ": r"$\sum$", "δ": r"$\delta$", "σ": r"$\sigma$", "′": r"$'$", "²": r"$^2$",
           "^": r"\textasciicircum{}", "−": "$-$"}  # fmt: skip


def source(made: Lesson) -> str:
    """A fragment for `\\input`; needs amsmath and amssymb."""
    keys = {"lesson": made, "latex": notation.latex, "words": WORDS[made.lang], "prose": prose}
    return render("latex/lesson.tex.j2", **keys)


def prose(text: str) -> str:
    """A sentence with the characters that TeX treats specially written for TeX."""
    return "".join(SPECIAL.get(c, c) for c in text)
