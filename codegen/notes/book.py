"""Course notes: the chapter and the catalog's sections, in every format a teacher uses.

`files` is pure: the same sources give the same bytes.  `write` puts them into a folder, in several
languages and formats at once, and builds PDF where that is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from codegen.backends import html, latex, markdown, notebook, slides
from codegen.errors import CodegenError
from codegen.folders import writable
from codegen.notes import chapter, pictures
from codegen.notes.check_cells import program_cells
from codegen.notes.document import Block, Document, Picture, numbered, numbers, references
from codegen.notes.inline import Spans
from codegen.notes.lesson import lesson
from codegen.notes.texbuild import built, require_tex
from codegen.notes.typeset import document
from codegen.notes.vocabulary import fixed
from codegen.workers import workers
from derive import catalog
from derive.catalog.entry import Entry
from derive.errors import nearest
from derive.languages import language, languages
from derive.statement import Statement

Content = str | bytes
Wanted = str | Entry
"""The chapter, a catalog entry by name, or an entry of somebody's own."""
Files = dict[str, Content]
Progress = Callable[..., None]
"""Called with the current job, how many are done and how many there are."""
Run = Callable[[Callable[[Any], Any], Sequence[Any]], Iterable[Any]]
MANY = 8
"""From so many documents on, all cores work on them."""


def quiet(*_: object) -> None:
    """No progress is shown."""


def names() -> tuple[str, ...]:
    """Everything that has notes: the chapter, then each catalog entry."""
    return (chapter.NAME, *catalog.entries())


def own(statement: Statement, title: str = "") -> Entry:
    """An entry for a statement that is not in the catalog: its gradient by the general strategy."""
    known = languages()
    kind = "function" if statement.head.indices else "loss"
    return Entry(statement, {at: title or language(at)["words"]["own"] for at in known}, kind)


def documents(wanted: Sequence[Wanted], lang: str, form: str = "") -> list[Document]:
    """The documents of these names (all where there are none), numbered together, references
    checked."""
    made = (_documents((one, (lang,), (form,)))[0] for one in chosen_names(wanted))
    return together(list(made))


def chosen_names(wanted: Sequence[Wanted]) -> tuple[Wanted, ...]:
    """What is asked for, each once; a name that has no notes is refused."""
    chosen: tuple[Wanted, ...] = tuple({_name(one): one for one in wanted}.values()) or names()
    for one in chosen:
        if isinstance(one, str) and one not in names():
            raise nearest("chapter or entry", one, names())
    return chosen


def _name(one: Wanted) -> str:
    return one if isinstance(one, str) else one.name


def _documents(job: tuple[Wanted, Sequence[str], Sequence[str]]) -> list[Document]:
    """One document in several languages; what it derives is derived once, and what it emits, for
    notebooks alone."""
    one, langs, formats = job
    if one == chapter.NAME:
        return [chapter.chapter(lang) for lang in langs]
    made = catalog.entry(one) if isinstance(one, str) else one
    cells = program_cells(made) if "ipynb" in formats else ()
    return [replace(document(lesson(made, lang)), cells=cells) for lang in langs]


def together(made: Sequence[Document]) -> list[Document]:
    """Documents of one book: numbered, every reference leading somewhere."""
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


def files(wanted: Sequence[Wanted] = (), lang: str = "en", to: str = "html") -> Files:
    """The files of these notes by name; for pdf and slides the sources that TeX takes."""
    (form,) = chosen("format", to, FORMATS)
    return FORMATS[form].files(documents(wanted, lang, form), lang)


def texts(wanted: Sequence[Wanted] = (), lang: str = "en", to: str = "html") -> Files:
    """The same files without the pictures that stand beside them."""
    (form,) = chosen("format", to, FORMATS)
    return FORMATS[form].texts(documents(wanted, lang, form), lang)


def write(
    wanted: Sequence[Wanted], lang: str, to: str, out: Path | str, progress: Progress = quiet
) -> list[Path]:
    """Write the notes into a folder, once all of them are made; what is right is left alone.

    `lang` and `to` name one, several ("en,zh") or "all"; several languages have a folder each.
    "pdf" writes the built PDF; slides write it beside their source where TeX is present.  "all"
    is every format that needs no TeX, slides as sources.
    """
    langs, formats = chosen("language", lang, languages()), chosen("format", to, FORMATS)
    wanted = chosen_names(wanted)
    for form in formats:
        require_tex(form)
    folder = writable(Path(out), "notes")
    made: Files = {}
    with _runner(len(wanted)) as run:
        books = _books([(one, langs, formats) for one in wanted], run, progress)
        jobs = [
            (book, at, form, to != "all")
            for book, at in zip(books, langs, strict=True)
            for form in formats
        ]
        for done, (job, ready) in enumerate(zip(jobs, run(_printed, jobs), strict=True)):
            _, at, form, _ = job
            progress(f"{form} {at}", done, len(jobs))
            made |= {f"{at}/{n}" if len(langs) > 1 else n: c for n, c in ready.items()}
    return [_put(folder / name, content) for name, content in made.items()]


def chosen(what: str, text: str, known: Iterable[str]) -> tuple[str, ...]:
    """The words of a list with commas; "all" are all but pdf."""
    known = tuple(known)
    words = tuple(k for k in known if k != "pdf") if text == "all" else tuple(text.split(","))
    for word in words:
        if word not in known:
            raise CodegenError(
                f'no {what} "{word}" for notes: choose of {", ".join(known)}, or all'
            )
    return words


def _books(
    jobs: Sequence[tuple[Wanted, Sequence[str], Sequence[str]]], run: Run, progress: Progress
) -> list[list[Document]]:
    """The documents of a book in each language."""
    made: list[list[Document]] = []
    for (one, *_), ready in zip(jobs, run(_documents, jobs), strict=True):
        progress(f"derive {_name(one)}", len(made), len(jobs))
        made.append(ready)
    return [together(book) for book in zip(*made, strict=True)]


def _printed(job: tuple[list[Document], str, str, bool]) -> Files:
    """The files of one format in one language, built by TeX or not."""
    made, lang, form, with_tex = job
    found = FORMATS[form].files(made, lang)
    return built(found, form) if with_tex else found


@contextmanager
def _runner(jobs: int) -> Iterator[Run]:
    """What carries jobs out and gives their results in order: this process, or one a core."""
    if jobs < MANY:
        yield map
        return
    with workers() as pool:
        yield pool.map


def _put(path: Path, content: Content) -> Path:
    """A file is there whole, or it is as it was."""
    data = content.encode() if isinstance(content, str) else content
    part = path.with_name(f"{path.name}.part")
    try:
        if not path.exists() or path.read_bytes() != data:
            path.parent.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CodegenError(f"cannot write {path}: {error.strerror}; name another folder") from None
    return path


def title(made: Sequence[Document], lang: str) -> Spans | str:
    """The title of one document is its own."""
    return made[0].title if len(made) == 1 else fixed(lang).title


def _tex(made: list[Document], lang: str) -> Files:
    return {f"{d.name}.tex": latex.fragment(d) for d in made} | _whole(made, lang)


def _whole(made: list[Document], lang: str) -> Files:
    named = title(made, lang)
    heading = latex.prose(named, lang) if isinstance(named, tuple) else latex.escape(named, lang)
    return {"notes.tex": latex.standalone(made, heading)}


def _html(made: list[Document], lang: str) -> Files:
    known = numbers(made)
    found: Files = {}
    for d in made:
        found[f"{d.name}.html"] = html.page(
            d, known, {p: pictures.svg(p, lang) for p in pictures_of(d.blocks)}
        )
    if len(made) > 1:
        found["index.html"] = html.index(made, fixed(lang).title)
    return found


def _md(made: list[Document], lang: str) -> Files:
    known = numbers(made)
    found: Files = {}
    for d in made:
        found[f"{d.name}.md"] = markdown.page(d, known, markdown.GITHUB)
        found[f"{d.name}.myst.md"] = markdown.page(d, known, markdown.MYST)
    return found


def _slides(made: list[Document], lang: str) -> Files:
    known = numbers(made)
    return {f"{d.name}-slides.tex": slides.source(d, known) for d in made}


def _ipynb(made: list[Document], lang: str) -> Files:
    drawn = {p: pictures.svg(p, lang) for d in made for p in pictures_of(d.blocks)}
    return {
        f"{name}.ipynb": text for name, text in notebook.sources(made, numbers(made), drawn).items()
    }


def pictures_of(blocks: Iterable[Block]) -> list[str]:
    """The names of the pictures in these blocks."""
    return [b.name for b in blocks if isinstance(b, Picture)]


@dataclass(frozen=True)
class Format:
    """What makes the texts of documents in one language, and what drawings stand beside them."""

    texts: Callable[[list[Document], str], Files]
    beside: str = ""

    def files(self, made: list[Document], lang: str) -> Files:
        """The texts and, in a folder of their own, the pictures that they show."""
        found = self.texts(made, lang)
        wanted = [p for d in made for p in pictures_of(d.blocks)] if self.beside else []
        return found | {
            f"pictures/{p}-{lang}.{self.beside}": pictures.KINDS[self.beside](p, lang)
            for p in wanted
        }


FORMATS = {
    "tex": Format(_tex, "pdf"), "pdf": Format(_whole, "pdf"), "html": Format(_html),
    "md": Format(_md, "svg"), "ipynb": Format(_ipynb), "slides": Format(_slides, "pdf"),
}  # fmt: skip
