"""A document checked: every equality of every chain gets its verdict.

`lossmith check FILE... --format F --lang L` is

    from derive.reading.check import check_file
    reports = [check_file(path, lang) for path in files]     # "-" is standard input
    text = codegen.backends.report.render(reports, form)     # text, json, html, sarif, github
    status = codegen.backends.report.exit_status(reports)    # 0, 1 or 2
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from derive.errors import DeriveError
from derive.reading.body import Body, Sections
from derive.reading.branches import inequalities
from derive.reading.documents import document as taken_apart
from derive.reading.judged import NOT_EXPLAINED, Equality
from derive.reading.layers import implied
from derive.reading.layouts import TURNED, Layouts
from derive.reading.ledger import Ledger
from derive.reading.limits import Bounded
from derive.reading.lines import chains
from derive.reading.moments import ahead
from derive.reading.scoping import Remark, one_sided, redefined, remarks
from derive.reading.shapes import shapes_of
from derive.reading.suggested import in_own_symbols
from derive.reading.together import Reading

__all__ = ["Equality", "Remark", "Report", "check", "check_file", "load"]


@dataclass(frozen=True)
class Report:
    """A document, its equalities in order, and the remarks on scope."""

    file: str
    source: str
    lang: str
    equalities: tuple[Equality, ...]
    error: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def wrong(self) -> tuple[Equality, ...]:
        return tuple(e for e in self.equalities if e.verdict in ("wrong", "compensated"))


def check(
    document: str | Path, lang: str = "en", name: str | None = None, explaining: bool = True
) -> Report:
    """The report on a document: a path, or its text (if it holds a line end or a formula)."""
    file, source, kind = load(document) if name is None else (name, str(document), _kind(name))
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    parts = taken_apart(source, kind)
    formulas = chains(parts.pieces)
    formulas += [*implied(formulas), *ahead(formulas), *inequalities(formulas)]
    body = Body(formulas, [shapes_of(f) for f in formulas], parts.pieces)
    sections, layouts = Sections(body), Layouts(body)
    made: list[Equality] = []
    with Bounded(source.count("\n") + 1, explaining=explaining) as judge:
        for number in range(len(formulas)):
            found = sections.second(number, body.judged(number, judge), judge)
            made += layouts.second(number, found, judge)
    written = [s.text for f in formulas for s in f.sides]
    made = [_in_own_symbols(e, written) for e in made]
    placed = tuple(replace(e, column=parts.column(e.cell, e.line, e.column)) for e in made)
    said = {*_remarks(made, body.readings, body.ledger)}
    noted = tuple(replace(r, column=parts.column(r.cell, r.line, r.column))
                  for r in sorted(said, key=lambda r: (r.cell or 0, r.line)))  # fmt: skip
    return Report(file, source, lang, placed, remarks=noted)


def _in_own_symbols(e: Equality, written: Sequence[str]) -> Equality:
    """The explanation in the document's own symbols."""
    steps = tuple((in_own_symbols(s, written), en, zh) for s, en, zh in e.why.steps)
    why = replace(e.why, should=in_own_symbols(e.why.should, written), steps=steps)
    return replace(e, why=why) if e.why != NOT_EXPLAINED else e


def _remarks(
    made: Sequence[Equality], readings: Sequence[Reading], ledger: Ledger
) -> Iterator[Remark]:
    turned = {e.line for e in made if TURNED in e.finding.conditions}
    for reading in readings:
        said = reading.formula.piece.kind != "implied"
        other = reading.laid_out and any(s.line in turned for s in reading.formula.sides)
        yield from remarks(reading) if said and not other else ()
    for e in made:
        if e.question is not None and e.finding.verdict in ("wrong", "not decided"):
            yield from one_sided(e.question.left, e.question.right, e.rhs, e.cell)
    yield from redefined(ledger.definitions, dict(enumerate(readings)))


def load(document: str | Path) -> tuple[str, str, str]:
    """(name, text, kind) of a path; a string with a line end, $ or backslash is the text itself."""
    if isinstance(document, str) and any(c in document for c in "\n$\\"):
        return "<text>", document, "md"
    path = Path(document)
    try:
        return str(path), _decoded(path.read_bytes(), path), _kind(str(path))
    except OSError as error:
        raise DeriveError(
            f"cannot read {path}: {error.strerror}; give a .tex, .md or .ipynb file"
        ) from None


def check_file(path: str | Path, lang: str = "en") -> Report:
    """As `check` of a path ("-" is standard input); what cannot be read is the report's error."""
    try:
        if str(path) == "-":
            return check(sys.stdin.read(), lang, "<stdin>")
        return check(Path(path), lang)
    except (DeriveError, UnicodeDecodeError) as error:
        return Report(str(path), "", lang, (), str(error))


def _decoded(data: bytes, path: Path) -> str:
    """UTF-8 text, UTF-16 where its mark says so, or GB 18030 for older Chinese files."""
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise DeriveError(f"{path} is not a text file; give a .tex, .md or .ipynb file")


def _kind(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return ending if ending in ("tex", "ipynb") else "md"
