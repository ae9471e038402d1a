"""Programs in the notes: folded where a reader would, torn by no page within a function."""

from __future__ import annotations

import pytest

from codegen.backends.latex import fragment
from codegen.backends.listing import REST, WHOLE, chunks, folded
from codegen.notes.chapter import chapter

FOLDED = {
    "static void f(size_t n, const float *restrict z, size_t t)": [
        "static void f(size_t n, const float *restrict z,",
        "        size_t t)",
    ],
    "    if not (least(m, axis=None) >= 0 and most(m, axis=None) <= 5):": [
        "    if not (least(m, axis=None) >= 0",
        "            and most(m, axis=None) <= 5):",
    ],
    "    grad[t] = (float)(-(a == t ? rest : s - e[t]) * cotangent / s);": [
        "    grad[t] = (float)(-(a == t ? rest : s - e[t])",
        "            * cotangent / s);",
    ],
}


@pytest.mark.parametrize("line", FOLDED)
def test_lines_are_folded_between_arguments_and_before_operators(line: str) -> None:
    assert folded(line, 52).splitlines() == FOLDED[line]


def function(name: str, lines: int) -> str:
    body = "".join("    # more\n" if k % 7 == 0 else f"    x = {k}\n" for k in range(1, lines))
    return f"def {name}(x):\n{body}"


def test_a_page_ends_between_functions_or_before_a_comment_of_a_long_one() -> None:
    text = "\n".join([function("f", 9), function("g", 60), function("h", WHOLE)])
    parts = list(chunks(text))
    assert "\n".join(row for part in parts for row in part) + "\n" == text
    assert all(REST <= len([r for r in part if r]) <= WHOLE for part in parts)
    starts = [next(row for row in part if row) for part in parts]
    assert all(row.startswith("def ") or row == "    # more" for row in starts)
    assert len([s for s in starts if s.startswith("def ")]) == 3 < len(parts)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_part_of_a_program_is_a_lone_bracket(lang: str) -> None:
    text = fragment(chapter(lang))
    programs = text.split("\\begin{verbatim}\n")[1:]
    parts = [p.partition("\n\\end{verbatim}")[0].splitlines() for p in programs]
    assert all(len(part) >= REST or part[0][:1].strip() for part in parts)
    assert max(map(len, (row for part in parts for row in part))) <= 92
