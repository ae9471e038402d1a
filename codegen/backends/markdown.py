"""Lessons as Markdown (GitHub's flavour of mathematics)."""

from __future__ import annotations

from codegen.backends.rendering import render
from codegen.lesson import WORDS, Lesson
from derive import notation


def source(made: Lesson) -> str:
    """The lesson as Markdown; formulas stand in `$$` blocks of LaTeX."""
    keys = {"lesson": made, "latex": notation.latex, "words": WORDS[made.lang]}
    return render("markdown/lesson.md.j2", **keys)
