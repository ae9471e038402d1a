"""Lessons for a terminal."""

from __future__ import annotations

from codegen.backends.rendering import render
from codegen.notes.lesson import Lesson
from codegen.notes.vocabulary import fixed
from derive import notation


def source(made: Lesson) -> str:
    """The lesson as plain text, one step a line."""
    return render("text/lesson.txt.j2", lesson=made, text=notation.text, words=fixed(made.lang))
