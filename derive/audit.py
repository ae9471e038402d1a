"""Tables of claimed derivatives, each row proved, refuted with a counterexample, or not decided.

A row names a function and what its derivative is claimed to be, in LaTeX:

    - name: softmax keeps only its diagonal
      function: 'p_i = \\frac{e^{z_i}}{\\sum_k e^{z_k}}'
      wrt: z_j
      claim: '\\delta_{ij} p_i (1 - p_i)'
      expect: refuted

`where` and `facts` are as in `lossmith derive`.  `second: z_k` asks for the second derivative.
With
`equation` instead of `claim` any equation about the function is put to the proof.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from derive import kinks, semantics
from derive.deciding import Decision, decide
from derive.errors import DeriveError
from derive.language import Deriv
from derive.reading.reader import read_equation
from derive.reading.scope import Scope
from derive.reading.statements import read_statement
from derive.statement import Statement
from derive.strategy import context_of, subject
from derive.terms import all_indices, arrays

KEYS = {
    "name",
    "function",
    "where",
    "facts",
    "wrt",
    "second",
    "claim",
    "equation",
    "expect",
    "source",
}
VERDICTS = ("proved", "refuted", "not decided")


@dataclass(frozen=True)
class Audited:
    """One row and what was found; `as_expected` is None where the row expects nothing."""

    name: str
    claim: str
    decision: Decision
    expect: str = ""
    source: str = ""

    @property
    def as_expected(self) -> bool | None:
        return self.decision.verdict == self.expect if self.expect else None

    @property
    def surprising(self) -> bool:
        """Not as the row expects or, where it expects nothing, refuted."""
        return not self.as_expected if self.expect else self.decision.verdict == "refuted"


def audit(path: str | Path) -> tuple[Audited, ...]:
    """Every row of a YAML table, in order.

    Raises DeriveError for a file that is no such table, and for LaTeX that is not understood.
    """
    return tuple(audit_row(row, where) for row, where in rows(Path(path)))


def named() -> tuple[Audited, ...]:
    """Every meaning on which the world disagrees (derive/semantics.py), and what holds at kinks."""
    meanings = (Audited(f"{c.name} ({c.kind})", "", c.decision, c.expect) for c in semantics.CLAIMS)
    at_kinks = (Audited(c.name, "", c.decision, "proved") for c in kinks.CLAIMS)
    return (*meanings, *at_kinks)


def rows(path: Path) -> Iterator[tuple[Mapping[str, Any], str]]:
    """The rows of a table with what to call each in an error."""
    try:
        table = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DeriveError(f"{path} cannot be read as a table: {error}") from error
    if not isinstance(table, list):
        raise DeriveError(f"{path} holds no list of rows; each row starts with '- name: ...'")
    for number, row in enumerate(table, 1):
        where = f"{path}, row {number}"
        _check(row, where)
        yield row, where


def _check(row: Any, where: str) -> None:
    if not isinstance(row, Mapping) or not {"name", "function"} <= set(row):
        raise DeriveError(f"{where}: a row has at least a name and a function")
    odd = sorted(set(map(str, row)) - KEYS)
    if odd:
        raise DeriveError(f"{where}: unknown key {odd[0]!r}; a row has {', '.join(sorted(KEYS))}")
    if ("claim" in row) == ("equation" in row):
        raise DeriveError(f"{where}: give either a claim or an equation")
    if row.get("expect", VERDICTS[0]) not in VERDICTS:
        raise DeriveError(f"{where}: expect is one of {', '.join(VERDICTS)}")


def audit_row(row: Mapping[str, Any], where: str = "row") -> Audited:
    """One row decided."""
    try:
        statement = read_statement(
            row["function"], row.get("where"), row.get("facts"), row.get("wrt")
        )
        left, right = _sides(row, statement)
        decision = decide(left, right, context_of(statement))
    except DeriveError as error:
        raise DeriveError(f"{where}: {error}") from error
    claim = str(row.get("claim") or row.get("equation"))
    return Audited(row["name"], claim, decision, row.get("expect", ""), row.get("source", ""))


def _sides(row: Mapping[str, Any], statement: Statement) -> tuple[Any, Any]:
    context = context_of(statement)
    known = [statement.head, statement.body, *(d.body for d in context.definitions)]
    known += [d.head for d in context.definitions] + ([statement.wrt] if statement.wrt else [])
    found = {a for e in known for a in arrays(e)} | set(statement.inputs())
    letters = {i.name: i.range for e in known for i in all_indices(e)}
    scope = Scope(tuple(sorted(found, key=str)), letters, context.definitions)
    if "equation" in row:
        made = read_equation(row["equation"], scope)
        if len(made.sides) != 2:
            raise DeriveError("an equation has a left and a right side")
        return made.sides
    claim = read_equation(row["claim"], scope).sides[0]
    if statement.wrt is None:
        raise DeriveError("a claim about a derivative needs wrt, such as wrt: z_j")
    derivative = Deriv(subject(statement), statement.wrt)
    if "second" in row:
        derivative = Deriv(derivative, read_equation(row["second"], scope).sides[0])
    return derivative, claim


def report(found: Iterable[Audited]) -> str:
    """One line a row, as the command line prints it."""
    return "\n".join(f"{a.name}: {a.decision}" for a in found)
