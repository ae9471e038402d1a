"""lossmith: losses written once in index notation; derived, proved, emitted and checked.

import lossmith
loss = lossmith.loss("cross_entropy")            # from the catalog, or LaTeX: loss(r"L = ...")
d = lossmith.derive(loss, wrt="z_j")             # d.steps, d.result, d.certificate, d.latex("zh")
k = lossmith.compile("cross_entropy", target="c", dtype="float32")
value, grad = k.value_and_grad(logits, labels)
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from codegen import generated
from codegen.backends import latex, markdown, report, text
from codegen.bench_report import chosen as bench_tasks
from codegen.bench_report import run as run_bench
from codegen.compiling import compile, emit
from codegen.errors import CodegenError
from codegen.full import run as run_full
from codegen.full import tables as full_tables
from codegen.library import emit_files
from codegen.main_job import run as run_main_job
from codegen.notes import book
from codegen.notes.lesson import Lesson, chain, lesson
from codegen.tables import catalog_table, summary, verify_table
from derive import catalog as _catalog
from derive.audit import audit, named
from derive.audit import report as audit_report
from derive.derivation import Derivation
from derive.errors import DeriveError, nearest
from derive.language import At
from derive.languages import said
from derive.orders import ORDERS
from derive.reading.check import check, check_file
from derive.reading.reader import read_expression
from derive.reading.scope import Scope
from derive.reading.statements import read_statement
from derive.standing import standing
from derive.statement import Statement
from derive.strategy import derive as _derive
from derive.witness import WitnessError

__all__ = [
    "Derivation",
    "Statement",
    "catalog",
    "check",
    "compile",
    "derive",
    "emit",
    "loss",
    "main",
]
ERRORS = (DeriveError, CodegenError, WitnessError)
FORMATS = {"text": text.source, "latex": latex.source, "markdown": markdown.source}


Wrt = str | At


@dataclass(frozen=True)
class Listed:
    """One row of `catalog()`: a name, its title, and the derivations that are proved for it."""

    name: str
    kind: str
    title: str
    derivations: tuple[str, ...]
    emitted: bool


def catalog(lang: str = "en") -> dict[str, Listed]:
    """The catalog by name, with what is proved and emitted for each entry; derived on call."""
    return {name: listed(name, lang) for name in _catalog.entries()}


def listed(name: str, lang: str = "en") -> Listed:
    """One row of `catalog()`, its derivations carried out and proved now."""
    from codegen.statements import SPECS

    e = _catalog.entry(name)
    proved = tuple(d.name for d in e.derivations)
    return Listed(name, e.kind, said(e.title, lang), proved, name in SPECS)


def loss(
    source: str,
    where: str | list[str] | None = None,
    facts: str | list[str] | None = None,
    wrt: str | None = None,
    name: str = "loss",
) -> Statement:
    """A statement: a catalog name, or the LaTeX of a formula with what holds beside it.

    `where` gives definitions (`p_i = ...`), `facts` equations (`\\sum_i y_i = 1`) and domains,
    `wrt`
    the element to differentiate by.  Raises DeriveError, with line and column, for what is not
    understood; nothing of the text is ever evaluated.
    """
    if source.isidentifier():
        return _catalog.entry(source).statement
    return read_statement(source, where, facts, wrt, name)


def derive(statement: Statement | str, wrt: Wrt | tuple[Wrt, Wrt] | None = None) -> Derivation:
    """∂ statement / ∂ wrt for symbolic n, every step named and proved; a pair gives the Hessian.

    Raises DeriveError if a step cannot be proved or wrt is not an element of an array.
    """
    made = loss(statement) if isinstance(statement, str) else statement
    if isinstance(wrt, tuple):
        first, then = (_element(made, w) if isinstance(w, str) else w for w in wrt)
        return _derive(made, (first, then))
    return _derive(made, _element(made, wrt) if isinstance(wrt, str) else wrt)


def _element(statement: Statement, latex_source: str) -> At:
    scope = Scope(arrays=tuple(statement.inputs()), definitions=statement.definitions, closed=True)
    element = read_expression(latex_source, scope)
    if not isinstance(element, At):
        raise DeriveError(
            f"cannot differentiate with respect to {latex_source}: name an element such as z_j"
        )
    return element


# The command line: the same words.

app = typer.Typer(
    help="Losses written once in index notation: derived, proved, emitted, checked.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
Lang = Annotated[str, typer.Option("--lang", help="en or zh")]
Name = Annotated[str, typer.Argument(help="a catalog name; see `lossmith list`")]
Texts = Annotated[list[str] | None, typer.Option(help="may be given several times")]


@app.command("list")
def list_command(lang: Lang = "en") -> None:
    """The catalog: names, titles, what is proved and what is emitted."""
    names = list(_catalog.entries())
    with bar("list") as progress, ProcessPoolExecutor(mp_context=get_context("spawn")) as pool:
        rows = []
        for row in pool.map(partial(listed, lang=lang), names):
            rows.append(row)
            progress(f"prove {row.name}", len(rows), len(names))
    console.print(catalog_table(rows))


@app.command("derive")
def derive_command(
    name: Annotated[str | None, typer.Argument(help="a catalog name")] = None,
    source: Annotated[str | None, typer.Option("--latex", help="a statement, L = ...")] = None,
    where: Texts = None,
    fact: Texts = None,
    wrt: Annotated[str | None, typer.Option(help="an element, such as z_j")] = None,
    order: Annotated[
        str | None,
        typer.Option(help="gradient, hessian, diagonal, jvp, vjp, hvp, fisher, gauss-newton"),
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
    d = ORDERS[order](statement) if order else derive(statement, wrt)
    blocks = (chain(d, lang),)
    return Lesson(statement.name, statement.name, lang, statement.head, statement.body, blocks), (
        d,
    )


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
    target: Annotated[str, typer.Option(help="numpy or c")] = "c",
    library: Annotated[
        bool, typer.Option("--library", help="a C library: header, sources, CMake, pkg-config")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(help="a folder; without it the text is printed")
    ] = None,
) -> None:
    """Emit the kernels of entries, or a C library of them to vendor."""
    files = emit_files(tuple(names or ()), target, library)
    if out is None:
        sys.stdout.write("\n".join(files.values()))
        return
    for file, content in files.items():
        (out / file).parent.mkdir(parents=True, exist_ok=True)
        (out / file).write_text(content, encoding="utf-8")
        console.print(str(out / file))


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
        made = run_full(out, progress, names)
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
) -> None:
    """Course notes from the derivations, in English or Chinese."""
    with bar("notes") as progress:
        written = book.write(names or [], lang, to, out, progress)
    for path in written:
        console.print(str(path))


@app.command("build")
def build_command(
    out: Annotated[Path, typer.Option(help="where generated files go")] = Path("generated"),
) -> None:
    """The main job: derive, prove, replay, emit, compile, verify, write notes, train on digits."""
    with bar("build") as progress:
        report = run_main_job(out, progress)
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
    run_bench(out, rounds, lambda table: console.print(table, markup=False, soft_wrap=True), tasks)


@app.command("generate")
def generate_command(
    out: Annotated[Path, typer.Option(help="where generated files go")] = Path("generated"),
) -> None:
    """Write generated/ from the sources; prints the paths that changed."""
    with bar("generate") as progress:
        changed = generated.write(out, generated.files(progress))
    for path in changed:
        console.print(path)


@contextmanager
def bar(title: str) -> Iterator[Any]:
    """A progress bar on a terminal, nothing elsewhere; yields a function of the current job."""
    columns = (TextColumn("{task.description:<34}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(title, total=None)
        yield lambda words, done=None, total=None: shown.update(
            task, description=words[:34], completed=done, total=total
        )


def main() -> None:
    """The command `lossmith`: bad input is one line on standard error and exit status 2."""
    try:
        app()
    except ERRORS as error:
        sys.stderr.write(f"lossmith: {error}\n")
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
