"""Course notes: the chapter and the catalog's sections, in every format a teacher uses.

`files` is pure: the same sources give the same bytes.  `write` puts them into a folder, and
builds PDF
where that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from codegen.backends import html, latex, markdown, notebook, slides
from codegen.errors import CodegenError
from codegen.notes import chapter, pictures
from codegen.notes.document import Block, Document, Picture, numbered, numbers, references
from codegen.notes.inline import Spans
from codegen.notes.lesson import lesson
from codegen.notes.texbuild import built, require_tex
from codegen.notes.typeset import document
from derive import catalog
from derive.errors import nearest

Content = str | bytes
Files = dict[str, Content]
Progress = Callable[[str], None]
LANGUAGES = ("en", "zh")
TITLES = {"en": "Losses and their gradients", "zh": "损失函数及其梯度"}


def quiet(_: str) -> None:
    """No progress is shown."""


def names() -> tuple[str, ...]:
    """Everything that has notes: the chapter, then each catalog entry."""
    return (chapter.NAME, *catalog.entries())


def documents(wanted: Sequence[str], lang: str, progress: Progress = quiet) -> list[Document]:
    """The documents of these names (all where there are none), numbered together, references
    checked."""
    if lang not in LANGUAGES:
        raise CodegenError(f'no notes in "{lang}": choose one of {", ".join(LANGUAGES)}')
    chosen = tuple(dict.fromkeys(wanted)) or names()
    made = [_document(name, lang, progress) for name in chosen]
    alone = len(made) == 1
    ready = [numbered(d, "" if alone else f"{place}.") for place, d in enumerate(made, 1)]
    known = numbers(ready)
    for d in ready:
        lost = sorted(references(d) - set(known))
        if lost:
            raise CodegenError(
                f"{d.name} refers to {', '.join(lost)}, which these notes do not have"
            )
    return ready


def _document(name: str, lang: str, progress: Progress) -> Document:
    progress(f"derive {name} {lang}")
    if name == chapter.NAME:
        return chapter.chapter(lang)
    if name not in catalog.entries():
        raise nearest("notes on", name, names())
    return document(lesson(catalog.entry(name), lang))


def files(
    wanted: Sequence[str] = (), lang: str = "en", to: str = "html", progress: Progress = quiet
) -> Files:
    """The files of these notes by name; for pdf and slides the sources that TeX takes."""
    if to not in FORMATS:
        raise CodegenError(f'no format "{to}" for notes: choose one of {", ".join(FORMATS)}')
    made = documents(wanted, lang, progress)
    return FORMATS[to](made, lang, progress)


def write(
    wanted: Sequence[str], lang: str, to: str, out: Path | str, progress: Progress | None = None
) -> list[Path]:
    """Write the notes into a folder; files that are as they should be are left alone.

    "pdf" writes the built PDF; slides write it beside their source where TeX is present.
    """
    say = progress or quiet
    require_tex(to)
    ready = built(files(wanted, lang, to, say), to, say)
    return [_put(Path(out) / name, content) for name, content in ready.items()]


def _put(path: Path, content: Content) -> Path:
    data = content.encode() if isinstance(content, str) else content
    if not path.exists() or path.read_bytes() != data:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return path


def title(made: Sequence[Document], lang: str) -> Spans | str:
    """The title of one document is its own."""
    return made[0].title if len(made) == 1 else TITLES[lang]


def _tex(made: list[Document], lang: str, progress: Progress) -> Files:
    found: Files = {}
    for d in made:
        progress(f"tex {d.name} {lang}")
        found[f"{d.name}.tex"] = latex.fragment(d)
    return found | _whole(made, lang) | _pdf_pictures(made, lang)


def _whole(made: list[Document], lang: str) -> Files:
    named = title(made, lang)
    heading = latex.prose(named, lang) if isinstance(named, tuple) else latex.escape(named, lang)
    return {"notes.tex": latex.standalone(made, heading)}


def _pdf(made: list[Document], lang: str, progress: Progress) -> Files:
    progress(f"pdf {lang}")
    return _whole(made, lang) | _pdf_pictures(made, lang)


def _pdf_pictures(made: list[Document], lang: str) -> Files:
    return {
        f"pictures/{p}-{lang}.pdf": pictures.pdf(p, lang)
        for d in made
        for p in pictures_of(d.blocks)
    }


def pictures_of(blocks: Iterable[Block]) -> list[str]:
    """The names of the pictures in these blocks."""
    return [b.name for b in blocks if isinstance(b, Picture)]


def _html(made: list[Document], lang: str, progress: Progress) -> Files:
    known = numbers(made)
    found: Files = {}
    for d in made:
        progress(f"html {d.name} {lang}")
        found[f"{d.name}.html"] = html.page(
            d, known, {p: pictures.svg(p, lang) for p in pictures_of(d.blocks)}
        )
    if len(made) > 1:
        found["index.html"] = html.index(made, TITLES[lang])
    return found


def _md(made: list[Document], lang: str, progress: Progress) -> Files:
    known = numbers(made)
    found: Files = {}
    for d in made:
        progress(f"md {d.name} {lang}")
        found[f"{d.name}.md"] = markdown.page(d, known, markdown.GITHUB)
        found[f"{d.name}.myst.md"] = markdown.page(d, known, markdown.MYST)
    return found | {
        f"pictures/{p}-{lang}.svg": pictures.svg(p, lang)
        for d in made
        for p in pictures_of(d.blocks)
    }


def _slides(made: list[Document], lang: str, progress: Progress) -> Files:
    known = numbers(made)
    found: Files = {}
    for d in made:
        progress(f"slides {d.name} {lang}")
        found[f"{d.name}-slides.tex"] = slides.source(d, known)
    return found | _pdf_pictures(made, lang)


def _ipynb(made: list[Document], lang: str, progress: Progress) -> Files:
    progress(f"ipynb {lang}: running the cells")
    drawn = {p: pictures.svg(p, lang) for d in made for p in pictures_of(d.blocks)}
    return {
        f"{name}.ipynb": text for name, text in notebook.sources(made, numbers(made), drawn).items()
    }


FORMATS: dict[str, Callable[[list[Document], str, Progress], Files]] = {
    "tex": _tex, "pdf": _pdf, "html": _html, "md": _md, "ipynb": _ipynb, "slides": _slides,
}  # fmt: skip
