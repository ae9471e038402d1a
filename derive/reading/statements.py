"""A statement written in LaTeX: `L = …`, where `p_i = …`, given `Σ y_i = 1`, with respect to
`z_j`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from derive.errors import DeriveError
from derive.language import Array, At
from derive.notation import text
from derive.reading.elaborate import Elaborator
from derive.reading.heads import (
    Setting,
    domain_of,
    head_of,
    hot,
    name_of,
    note_domain,
    note_space,
    one_hot,
    setting,
)  # fmt: skip
from derive.reading.naming import Env, unused
from derive.reading.parsing import parse, parse_all
from derive.reading.reader import Equation, Session, equation
from derive.reading.scope import Scope
from derive.reading.syntax import Chain, Name, Scripted, sole
from derive.statement import Definition, Fact, Statement
from derive.terms import arrays, free_indices

LABEL_LETTERS = frozenset("ty")
Texts = str | Iterable[str] | None
Job = Callable[[Elaborator], Any]


def read_statement(
    latex: str,
    where: Texts = None,
    facts: Texts = None,
    wrt: str | None = None,
    name: str = "loss",
    scope: Scope | None = None,
) -> Statement:
    """A loss or function from LaTeX.

    `latex` is `L = …`, `p_i = …` or an expression alone (its head is then called `name`).  `where`
    holds definitions, `facts` equations, domains (`\\sigma > 0`, `y_i \\in \\{0, 1\\}`) and
    sentences
    ("y is one-hot"); each may be one string (parts separated by commas, semicolons or lines) or
    several.  `wrt` is an element (`z_j`), or a vector or scalar by its name.

    Raises DeriveError for whatever is not understood, with its place and the remedy.
    """
    session = Session(scope)
    plan = _Plan(session)
    for part in _parts(where):
        plan.add(part, defining=True)
    for part in _parts(facts):
        plan.add(part, defining=False)
    plan.state(latex, name)
    if wrt is not None:
        plan.jobs.append(_variable(parse(wrt)))
    return _statement(plan, session.read(plan.jobs), name, wrt is not None)


class _Plan:
    """The jobs of a statement in order: settings and facts, then the statement, then the
    variable."""

    def __init__(self, session: Session):
        self.names = session.names
        self.jobs: list[Job] = []

    def add(self, part: str, defining: bool) -> None:
        said = one_hot(part)
        if said is not None:
            self.jobs.append(hot(parse(said)))
            return
        waiting: list[Chain] = []
        for chain in parse_all(part):
            if not chain.relations:
                waiting.append(chain)
                continue
            self._relation(chain, waiting, defining)
            waiting = []
        if waiting:
            raise DeriveError(
                "expected an equation, a domain such as x > 0, or 'y one-hot'", waiting[0].place
            )

    def _relation(self, chain: Chain, waiting: list[Chain], defining: bool) -> None:
        domain = domain_of(chain)
        if domain is not None:
            for name in (domain[0], *map(_lone, waiting)):
                note_domain(self.names, name, domain[1])
                note_space(self.names, chain, name)
            return
        if waiting:
            raise DeriveError("expected an equation here", waiting[0].place)
        head = head_of(chain.exprs[0])
        if defining and head is not None and chain.relations == ("=",):
            self.jobs.append(setting(head, chain.exprs[1]))
        elif defining and _powered(chain):
            raise DeriveError(
                "a power stands on the left; define the name itself, \\sigma = \\sqrt{...}",
                chain.place,
            )
        else:
            self.jobs.append(equation(chain))

    def state(self, latex: str, name: str) -> None:
        chain = parse(latex)
        if len(chain.relations) > 1:
            raise DeriveError(
                "a statement has one equality; expected L = …", chain.relation_places[1]
            )
        if not chain.relations:
            self.jobs.append(_nameless(chain, name))
            return
        head = head_of(chain.exprs[0])
        if head is None or chain.relations != ("=",):
            raise DeriveError("expected L = … or p_i = …: one element on the left", chain.place)
        self.jobs.append(setting(head, chain.exprs[1]))


def _powered(chain: Chain) -> bool:
    item = sole(chain.exprs[0])
    return isinstance(item, Scripted) and isinstance(item.base, Name) and bool(item.sup)


def _lone(chain: Chain) -> Name:
    item = sole(chain)
    head = head_of(chain.exprs[0]) if item is not None else None
    if head is None:
        raise DeriveError("expected a name", chain.place)
    return name_of(head)


def _parts(texts: Texts) -> list[str]:
    """The strings, taken apart at semicolons and line ends."""
    listed = [texts] if isinstance(texts, str) else list(texts or ())
    parts = [p for said in listed for line in said.split("\n") for p in line.split(";")]
    return [p.replace("\\;", " ").strip() for p in parts if p.strip()]


def _nameless(chain: Chain, name: str) -> Job:
    """An expression alone: its head is called `name` and has its free indices."""

    def job(reader: Elaborator) -> Setting:
        made = equation(chain)(reader)
        loose = sorted(free_indices(made.sides[0]), key=lambda i: i.name)
        head = Array(name, tuple(i.range for i in loose))
        return Setting(At(head, *loose), made.sides[0])

    return job


def _variable(chain: Chain) -> Job:
    """The element of wrt; a bare vector gets an index of its own."""

    def job(reader: Elaborator) -> At:
        names = reader.names
        axis = None
        if reader.vectorial(chain):
            letter = unused("jklrs", {*names.indices, *names.bare, *names.sizes})
            axis = reader.bind(letter, ("wrt",))
        value = reader.expr(chain, Env(axis=axis))
        if not isinstance(value, At) or value.array.domain == "size":
            raise DeriveError(
                "expected an element such as z_j to differentiate with respect to", chain.place
            )
        return value

    return job


def _statement(plan: _Plan, made: list[Any], name: str, has_wrt: bool) -> Statement:
    wrt = made.pop() if has_wrt else None
    own = made.pop()
    definitions = tuple(
        Definition(m.head.array, tuple(m.head.indices), m.body)
        for m in made
        if isinstance(m, Setting)
    )
    facts = tuple(f for m in made if not isinstance(m, Setting) for f in _facts(m))
    definitions = (*plan.names.scope.definitions, *definitions)
    _acyclic(definitions, own)
    if wrt is not None and wrt.array not in set().union(
        arrays(own.body), *(arrays(d.body) for d in definitions)
    ):
        known = ", ".join(sorted(a.name for a in arrays(own.body) if a.domain != "size"))
        raise DeriveError(f"{name} does not depend on {wrt.array.name}; it has {known}")
    return Statement(name, _labelled(own), own.body, definitions, facts, wrt)


def _labelled(own: Setting) -> At:
    """The head; L = -log p_t depends on the label t, which becomes its index."""
    loose = sorted(free_indices(own.body) - set(own.head.indices), key=str)
    if own.head.indices or not loose or any(i.name not in LABEL_LETTERS for i in loose):
        return own.head
    return At(Array(own.head.array.name, tuple(i.range for i in loose)), *loose)


def _facts(made: Any) -> list[Fact]:
    if isinstance(made, Equation):
        if set(made.relations) != {"="}:
            raise DeriveError("a fact is an equation or a domain such as x > 0", made.places[0])
        pairs = list(zip(made.sides, made.sides[1:], strict=False))
    else:
        pairs = [made]
    return [Fact(f"{text(left)} = {text(right)}", left, right) for left, right in pairs]


def _acyclic(definitions: tuple[Definition, ...], own: Setting) -> None:
    """No name may be defined twice, or by way of itself."""
    bodies = {**{d.array: d.body for d in definitions}, own.head.array: own.body}
    if len(bodies) <= len(definitions):
        raise DeriveError("a name is defined twice; give each its own")
    for start in bodies:
        seen: set[Array] = set()
        queue = [start]
        while queue:
            for array in arrays(bodies[queue.pop()]) & set(bodies):
                if array == start:
                    raise DeriveError(f"{start.name} is defined by way of itself")
                if array not in seen:
                    seen.add(array)
                    queue.append(array)
