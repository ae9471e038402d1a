"""The pictures of the notes: whole, the same each time, and what is missing for them is named."""

from __future__ import annotations

import sys

import pytest

from codegen.errors import CodegenError
from codegen.notes import book as notes
from codegen.notes import pictures


def test_a_picture_is_drawn_the_same_each_time() -> None:
    for draw in (pictures.svg, pictures.pdf):
        first = draw("bits", "en")
        draw.cache_clear()
        assert draw("bits", "en") == first


def reach(name: str, lang: str, monkeypatch: pytest.MonkeyPatch) -> tuple[float, ...]:
    """How far the ink of a picture reaches beyond its paper on each side, in inches."""
    from matplotlib.figure import Figure

    found: list[float] = []

    def look(figure: Figure, *_: object, **__: object) -> None:
        ink, paper = figure.get_tightbbox(), figure.get_size_inches()
        found.extend((-ink.x0, -ink.y0, ink.x1 - paper[0], ink.y1 - paper[1]))

    monkeypatch.setattr(Figure, "savefig", look)
    pictures._saved(name, lang, "svg", ["sans-serif"])
    return tuple(found)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", pictures.PICTURES)
def test_nothing_of_a_picture_lies_beyond_its_paper(
    name: str, lang: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert max(reach(name, lang, monkeypatch)) <= 0
    draw, size, (_, _, right, top) = pictures.PICTURES[name]
    monkeypatch.setitem(pictures.PICTURES, name, (draw, size, (0, 0, right, top)))
    assert max(reach(name, lang, monkeypatch)) > 0


def test_without_a_chinese_font_the_remedy_is_named_and_pages_need_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pictures.pdf.cache_clear()
    pictures.svg.cache_clear()
    monkeypatch.setattr(pictures, "_fonts", lambda look=False: {"DejaVu Sans"})
    with pytest.raises(CodegenError, match=r"Noto Sans CJK SC.*fonts-noto-cjk.*--to html"):
        notes.files(["chapter"], "zh", "tex")
    assert "平移前" in pictures.svg("shift", "zh")


def test_pictures_without_matplotlib_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    pictures.svg.cache_clear()
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(CodegenError, match=r"lossmith\[plots\]"):
        pictures.svg("margin", "en")
