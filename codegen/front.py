"""The public functions: losses by name or in LaTeX, their derivatives, the catalog."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from codegen.statements import SPECS
from derive import catalog as _catalog
from derive.derivation import Derivation
from derive.errors import DeriveError, about
from derive.language import At
from derive.languages import said
from derive.ledger import recorded as of_ledger
from derive.reading.reader import read_expression
from derive.reading.scope import Scope
from derive.reading.statements import read_statement
from derive.statement import Statement
from derive.strategy import derive as _derive

Wrt = str | At
LEDGER = Path(__file__).parent.parent / "generated" / "ledger.md"


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
    e = _catalog.entry(name)
    proved = tuple(d.name for d in e.derivations)
    return Listed(name, e.kind, said(e.title, lang), proved, name in SPECS)


def recorded(lang: str = "en") -> list[Listed] | None:
    """The rows of `catalog()` by the committed ledger; None if it was made of other sources."""
    try:
        known = of_ledger(LEDGER.read_text(encoding="utf-8"))
    except OSError:
        return None
    if known is None:
        return None
    return [
        Listed(e.name, e.kind, said(e.title, lang), tuple(known.get(e.name, ())), e.name in SPECS)
        for e in _catalog.entries().values()
    ]


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
    if not (name.isidentifier() and name.isascii()):
        raise DeriveError(f"the name {name!r} is not one of a file and a function: use a-z, 0-9, _")
    if source.isidentifier():
        return _catalog.entry(source).statement
    return read_statement(source, where, facts, wrt, name)


def derive(statement: Statement | str, wrt: Wrt | tuple[Wrt, Wrt] | None = None) -> Derivation:
    """∂ statement / ∂ wrt for symbolic n, every step named and proved; a pair gives the Hessian.

    Raises DeriveError if a step cannot be proved or wrt is not an element of an array.
    """
    made = loss(statement) if isinstance(statement, str) else statement
    with about(made.source):
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
