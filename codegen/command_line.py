"""The command line: the words of `import lossmith`, typed."""

from __future__ import annotations

import gc
import json
import shlex
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from codegen import generated
from codegen.backends import latex, markdown, report, text
from codegen.bench_report import chosen as bench_tasks
from codegen.bench_report import run as run_bench
from codegen.compiling import emit
from codegen.errors import CodegenError
from codegen.folders import writable
from codegen.front import derive, listed, loss, recorded
from codegen.full import run as run_full
from codegen.full import tables as full_tables
from codegen.library import emit_files
from codegen.main_job import run as run_main_job
from codegen.notes import book
from codegen.notes.lesson import Lesson, derivative, lesson
from codegen.progress import bar
from codegen.tables import catalog_table, summary, verify_table
from codegen.workers import workers
from derive import catalog as _catalog
from derive.audit import audit, named
from derive.audit import report as audit_report
from derive.derivation import Derivation
from derive.errors import DeriveError, about, nearest
from derive.orders import ORDERS
from derive.reading.check import check_file
from derive.reading.statements import read_statement
from derive.standing import standing
from derive.statement import Statement
from derive.witness import WitnessError

ERRORS = (DeriveError, CodegenError, WitnessError)
FORMATS = {"text": text.source, "latex": latex.source, "markdown": markdown.source}

app = typer.Typer(
    help="Losses written once in index notation: derived, proved, emitted, checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
Lang = Annotated[str, typer.Option("--lang", help="en or zh")]
Name = Annotated[str, typer.Argument(help="a catalog name; see `lossmith list`")]
Source = Annotated[str | None, typer.Option("--latex", help="a statement, L = ...")]
Where = Annotated[list[str] | None, typer.Option("--where", help="a definition; several times")]
Fact = Annotated[list[str] | None, typer.Option("--fact", help="what holds; several times")]
Element = Annotated[str | None, typer.Option("--wrt", help="an element, such as z_j")]


@app.command("list")
def list_command(lang: Lang = "en") -> None:
    """The catalog: names, titles, what is proved and what is emitted."""
    rows = recorded(lang)
    if rows is not None:
        console.print(catalog_table(rows))
        console.print("By generated/ledger.md, which was made of exactly these sources.")
        return
    names, rows = list(_catalog.entries()), []
    with bar("list") as progress, workers() as pool:
        for row in pool.map(partial(listed, lang=lang), names):
            rows.append(row)
            progress(f"prove {row.name}", len(rows), len(names))
    console.print(catalog_table(rows))
    console.print("Proved just now: generated/ledger.md was made of other sources, or is not here.")


@app.command("derive")
def derive_command(
    name: Annotated[str | None, typer.Argument(help="a catalog name")] = None,
    source: Source = None,
    where: Where = None,
    fact: Fact = None,
    wrt: Element = None,
    order: Annotated[
        str | None,
        typer.Option(help=", ".join(ORDERS)),
    ] = None,
    lang: Lang = "en",
    form: Annotated[str, typer.Option("--format", help="text, latex, markdown or json")] = "text",
) -> None:
    """Derive and prove, and print the steps: of a catalog entry, or of your own statement."""
    if (name is None) == (source is None):
        raise DeriveError("say what to derive: a catalog name, or --latex 'L = ...' (one of them)")
    if form not in (*FORMATS, "json"):
        raise DeriveError(f"no format {form!r}: choose one of {', '.join((*FORMATS, 'json'))}")
    if order is not None and order not in ORDERS:
        raise nearest("order of derivative", order, ORDERS)
    if source is None and wrt is None and order is None:
        assert name is not None
        entry = _catalog.entry(name)
        statement, made, derivations = entry.statement, lesson(entry, lang), entry.derivations
    else:
        statement = loss(source, where, fact, wrt) if source else loss(name or "")
        made, derivations = _own_lesson(statement, wrt if not source else None, order, lang)
    if form == "json":
        sys.stdout.write(json.dumps([d.certificate for d in derivations], indent=1) + "\n")
    else:
        sys.stdout.write(FORMATS[form](made))
    if form == "text":
        lines = standing(statement, derivations, lang)
        sys.stdout.write("".join(f"\n{line}\n" for line in lines))


def _own_lesson(
    statement: Statement, wrt: str | None, order: str | None, lang: str
) -> tuple[Lesson, tuple[Derivation, ...]]:
    """The lesson of one derivative."""
    with about(statement.source):
        d = ORDERS[order](statement) if order else derive(statement, wrt)
    return derivative(statement, d, order or "", lang), (d,)


@app.command("check")
def check_command(
    files: Annotated[list[str], typer.Argument(help=".tex, .md, .ipynb; - is standard input")],
    form: Annotated[
        str, typer.Option("--format", help="text, json, html, sarif or github")
    ] = "text",
    lang: Lang = "en",
) -> None:
    """Check a person's derivation: a verdict on every equality, a counterexample for the wrong
    ones.

    Exit status 0: nothing wrong; 1: something wrong; 2: the input could not be read.
    """
    if form not in report.FORMATS:
        raise DeriveError(f"no format {form!r}: choose one of {', '.join(report.FORMATS)}")
    if lang not in report.LANGUAGES:
        raise DeriveError(f"no language {lang!r}: choose one of {', '.join(report.LANGUAGES)}")
    reports = [check_file(file, lang) for file in files]
    sys.stdout.write(report.render(reports, form))
    raise typer.Exit(report.exit_status(reports))


@app.command("audit")
def audit_command(
    table: Annotated[
        Path | None, typer.Argument(help="a YAML table of functions and claimed derivatives")
    ] = None,
) -> None:
    """Prove or refute claimed derivatives, each refutation with a counterexample.

    Without a table: what has several meanings in the world, and what is claimed at kinks.
    Exit status 1 when a claim is refuted, or does not come out as its row expects.
    """
    found = audit(table) if table else named()
    console.print(audit_report(found), soft_wrap=True)
    if any(row.surprising for row in found):
        raise typer.Exit(1)


@app.command("emit")
def emit_command(
    names: Annotated[
        list[str] | None, typer.Argument(help="catalog names; --library has a default")
    ] = None,
    source: Source = None,
    where: Where = None,
    fact: Fact = None,
    wrt: Element = None,
    name: Annotated[
        str, typer.Option(help="what the files and functions of --latex are called")
    ] = "loss",
    target: Annotated[str, typer.Option(help="numpy or c")] = "c",
    library: Annotated[
        bool, typer.Option("--library", help="a C library: header, sources, CMake, pkg-config")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="a folder; without it the text is printed")
    ] = None,
) -> None:
    """Emit the kernels of entries or of your own statement, or a C library to vendor."""
    out = None if out is None else writable(out)
    if source is None:
        files = emit_files(tuple(names or ()), target, library)
    elif names or library:
        raise DeriveError("say what to emit: catalog names, or --latex 'L = ...' (one of them)")
    else:
        files = emit(loss(source, where, fact, wrt, name), target, shlex.join(_typed()))
    if out is None:
        sys.stdout.write("\n".join(files.values()))
        return
    for file, content in files.items():
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        (out / file).write_text(content, encoding="utf-8")
        console.print(str(out / file))


def _typed() -> list[str]:
    """The command that makes the same text again: as typed, but for where it is written."""
    words = [word for word in sys.argv[1:] if not word.startswith("--out=")]
    if "--out" in words:
        place = words.index("--out")
        del words[place : place + 2]
    return ["lossmith", *words]


@app.command("verify")
def verify_command(
    names: Annotated[list[str] | None, typer.Argument(help="kernels; all without any")] = None,
    full: Annotated[
        bool, typer.Option("--full", help="every size to 262,144 classes, and every float")
    ] = False,
    out: Annotated[Path, typer.Option(help="where --full writes accuracy.md")] = Path("docs"),
) -> None:
    """Compare each kernel with its own symbolic result at 60 digits; print the worst ulp."""
    if full:
        _verify_full(names or [], out)
        return
    with bar("verify") as progress:
        table, good = verify_table(names or [], progress)
    console.print(table)
    if not good:
        raise typer.Exit(1)


def _verify_full(names: list[str], out: Path) -> None:
    """Measure every promise, write the page, and name what is missed."""
    with bar("verify") as progress:
        made = run_full(writable(out), progress, names)
    console.print(full_tables(made), soft_wrap=True, markup=False)
    for words in made.missed:
        console.print(f"missed: {words}", markup=False, soft_wrap=True)
    if made.missed:
        raise typer.Exit(1)


@app.command("notes")
def notes_command(
    names: Annotated[
        list[str] | None, typer.Argument(help="entries; the whole book without any")
    ] = None,
    lang: Annotated[str, typer.Option(help="en, zh, several (en,zh), or all")] = "en",
    to: Annotated[
        str, typer.Option(help="tex, pdf, html, md, ipynb or slides, several, or all")
    ] = "html",
    out: Annotated[Path, typer.Option(help="a folder")] = Path("notes"),
    source: Source = None,
    where: Where = None,
    fact: Fact = None,
    wrt: Element = None,
    title: Annotated[str, typer.Option(help="what your own loss is called")] = "",
) -> None:
    """Course notes from the derivations, in English or Chinese; also of a loss of your own."""
    wanted: list[book.Wanted] = [*(names or [])]
    if source is not None:
        wanted.append(book.own(read_statement(source, where, fact, wrt, "own"), title))
    elif where or fact or wrt or title:
        raise DeriveError("--where, --fact, --wrt and --title go with --latex 'L = ...'")
    with bar("notes") as progress:
        written = book.write(wanted, lang, to, out, progress)
    for path in written:
        console.print(str(path))


@app.command("build")
def build_command(
    out: Annotated[Path, typer.Option(help="where generated files go")] = Path("generated"),
) -> None:
    """The main job: derive, prove, replay, emit, compile, verify, write notes, train on digits."""
    with bar("build") as progress:
        report = run_main_job(writable(out), progress)
    console.print(summary(report))
    if not report.good:
        raise typer.Exit(1)


@app.command("bench")
def bench_command(
    out: Annotated[Path, typer.Option(help="where bench.md, .json and .svg go")] = Path("docs"),
    rounds: Annotated[int, typer.Option(help="how often each is timed")] = 31,
    only: Annotated[list[str] | None, typer.Option(help="a part of a task's title")] = None,
) -> None:
    """Our kernels beside whatever peers are installed, and the limit of the memory.

    With --only, as in --only "(65536, 10), loss", the tables of the other tasks stay as they are.
    """
    tasks = bench_tasks(only or [])
    show = partial(console.print, markup=False, soft_wrap=True)
    run_bench(writable(out), rounds, show, tasks)


@app.command("generate")
def generate_command(
    out: Annotated[Path, typer.Option(help="where generated files go")] = Path("generated"),
) -> None:
    """Write generated/ from the sources; prints the paths that changed."""
    with bar("generate") as progress:
        changed = generated.write(writable(out), generated.files(progress))
    for path in changed:
        console.print(path)


def main() -> None:
    """The command `lossmith`: bad input is one line on standard error and exit status 2."""
    gc.freeze()  # what importing made stays: collecting garbage need not walk it again
    try:
        app()
    except ERRORS as error:
        sys.stderr.write(f"lossmith: {error}\n")
        raise SystemExit(2) from None
