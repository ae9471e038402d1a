"""A statement written in LaTeX: `L = …`, where `p_i = …`, given `Σ y_i = 1`, with respect to
`z_j`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from sympy import Expr

from derive.errors import DeriveError
from derive.language import Array, At, LogGamma
from derive.notation import text
from derive.reading.heads import Setting
from derive.reading.macros import Macro, macros
from derive.reading.plan import Plan, Texts, parts, written
from derive.reading.reader import Equation, Session
from derive.reading.rivals import rivals
from derive.reading.scope import Scope
from derive.statement import Definition, Fact, Parametric, Statement
from derive.terms import arrays, free_indices
from derive.validity import contradiction

LABEL_LETTERS = frozenset("ty")
COUNTS = frozenset("nN")  # K and C may as well be constants, as in C Σ_i relu(1 - y_i z_i)


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
    session = Session(scope, COUNTS)
    said = [str(s) for s in (*_list(where), *_list(facts), latex)]
    plan = Plan(session, rivals([*said, wrt or ""]))
    _lay_out(plan, (latex, _list(where), _list(facts), wrt), name, macros("\n".join(said)))
    made = Assembly(plan, session.read(plan.jobs), name, wrt is not None).statement()
    return replace(made, counted=session.counted, source=latex)


def _lay_out(
    plan: Plan,
    said: tuple[str, list[str], list[str], str | None],
    name: str,
    known: Mapping[str, Macro],
) -> None:
    """Everything that is said, into the plan in the order in which it is read."""
    latex, wheres, givens, wrt = said
    for part in parts("where", wheres, known):
        plan.add(part, defining=True)
    for part in parts("fact", givens, known):
        plan.add(part, defining=False)
    plan.state(written("the statement", latex, known), name)
    if wrt is not None:
        plan.vary(written("wrt", wrt, known))
    plan.settle()


def _list(texts: Texts) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts or ())


class Assembly:
    """What was read, put together; whatever does not fit is refused where it stands.

    `made` are the results of the plan's jobs; `own` and `by` say which are the formula and the
    variable.
    """

    def __init__(self, plan: Plan, made: list[Any], name: str, has_wrt: bool):
        self.plan, self.made, self.name = plan, made, name
        self.by = len(made) - 1 if has_wrt else None
        self.own = len(made) - 1 - has_wrt

    def statement(self) -> Statement:
        """The statement, every part checked against the others."""
        own, wrt = self.made[self.own], None if self.by is None else self.made[self.by]
        here = {at: m for at, m in enumerate(self.made[: self.own]) if m is not None}
        meant = {at: self.definition(at) for at, m in here.items() if isinstance(m, Setting)}
        facts = {f: at for at, m in here.items() if at not in meant for f in self.facts(at)}
        definitions = (*self.plan.names.scope.definitions, *meant.values())
        self.acyclic(meant)
        self.depends(wrt, definitions)
        self.known(facts, definitions)
        try:
            made = Statement(self.name, _labelled(own), own.body, definitions, tuple(facts), wrt)
        except DeriveError as error:
            loose = free_indices(own.body) - free_indices(own.head)
            self.plan.refuse(self.own, error.reason, min(i.name for i in loose))
        self.consistent(made, facts)
        self.differentiable(made)
        return made

    def definition(self, at: int) -> Definition:
        """u_k = s (c_k - m δ_kt) depends on the label t, which is fixed."""
        made: Setting = self.made[at]
        loose = {i.name for i in free_indices(made.body) - set(made.head.indices)}
        kind = Parametric if loose and loose <= LABEL_LETTERS else Definition
        try:
            return kind(made.head.array, tuple(made.head.indices), made.body)
        except DeriveError as error:
            name = min(loose, default=made.head.array.name)
            self.plan.refuse(at, f"{error.reason}; sum over it or add it on the left", name)

    def facts(self, at: int) -> list[Fact]:
        """The equations of a part."""
        made = self.made[at]
        if not isinstance(made, Equation):
            return [Fact(f"{text(made[0])} = {text(made[1])}", *made)]
        if set(made.relations) != {"="}:
            self.plan.refuse(at, "a fact is an equation or a domain such as x > 0")
        pairs = zip(made.sides, made.sides[1:], strict=False)
        return [Fact(f"{text(left)} = {text(right)}", left, right) for left, right in pairs]

    def acyclic(self, meant: Mapping[int, Definition]) -> None:
        """No name may be defined twice, or by way of itself."""
        own = self.made[self.own]
        bodies = {own.head.array: own.body}
        for at, d in meant.items():
            if d.array in bodies:
                self.plan.refuse(at, f"{d.array.name} is defined twice; give each its own name")
            bodies[d.array] = d.body
        for at, d in meant.items():
            if d.array in _reached(d.body, bodies):
                name = d.array.name
                reason = f"{name} is defined by way of itself; give one {name} another name"
                self.plan.refuse(at, reason)

    def depends(self, wrt: At | None, definitions: tuple[Definition, ...]) -> None:
        """What is differentiated speaks of the variable."""
        own = self.made[self.own]
        bodies = arrays(own.body).union(*(arrays(d.body) for d in definitions))
        if wrt is not None and self.by is not None and wrt.array not in bodies:
            near = _nearest(wrt.array, definitions, own)
            self.plan.refuse(self.by, f"{self.name} does not depend on {wrt.array.name}; {near}")

    def known(self, facts: Mapping[Fact, int], definitions: tuple[Definition, ...]) -> None:
        """A fact about something else is a slip of the pen."""
        own = self.made[self.own]
        named = {a.name for a in _named(definitions, own)}
        for fact, at in facts.items():
            for array in sorted(arrays(fact.left) | arrays(fact.right), key=lambda a: a.name):
                if array.name not in named and array.domain != "size":
                    near = _nearest(array, definitions, own)
                    reason = f"the fact {fact.name} speaks of {array.name}, which the statement"
                    self.plan.refuse(at, f"{reason} does not have; {near}", array.name)

    def consistent(self, made: Statement, facts: Mapping[Fact, int]) -> None:
        """Some point satisfies all facts; the first that contradicts those ahead is refused."""
        if not facts or contradiction(made) is None:
            return
        for count, at in enumerate(facts.values(), 1):
            if contradiction(replace(made, facts=made.facts[:count])):
                ahead = " and ".join(f.name for f in made.facts[: count - 1])
                against = f"contradicts {ahead}" if ahead else "holds at no point"
                self.plan.refuse(at, f"the fact {made.facts[count - 1].name} {against}; drop one")

    def differentiable(self, made: Statement) -> None:
        """The variable takes all values near it, and nothing made of it leaves the language."""
        if made.wrt is None or self.by is None:
            return
        array = made.wrt.array
        others = [a.name for a in made.inputs() if a.domain not in DISCRETE and a != array]
        remedy = f"differentiate with respect to {' or '.join(others) or 'another array'}"
        if array.domain in DISCRETE:
            reason = f"{array.name} takes only {DISCRETE[array.domain]} and has no derivative"
            self.plan.refuse(self.by, f"{reason}; {remedy}")
        bodies = {d.array: d.body for d in made.definitions}
        gammas = (g for e in (made.body, *bodies.values()) for g in e.atoms(LogGamma))
        if any(array in _reached(g, bodies) for g in gammas):
            reason = f"the derivative of log Γ in {array.name} is outside the language"
            self.plan.refuse(self.by, f"{reason}; {remedy}")


DISCRETE = {"binary": "0 and 1", "sign": "-1 and 1", "integer": "whole numbers"}


def _reached(e: Expr, bodies: Mapping[Array, Expr]) -> set[Array]:
    """The arrays of an expression and of the definitions that it needs."""
    found, ahead = set[Array](), [e]
    while ahead:
        new = arrays(ahead.pop()) - found
        found |= new
        ahead += [bodies[array] for array in new & bodies.keys()]
    return found


def _named(definitions: tuple[Definition, ...], own: Setting) -> set[Array]:
    """Everything that the statement and its definitions speak of."""
    bodies = [own.head, own.body, *(e for d in definitions for e in (d.head, d.body))]
    return set().union(*(arrays(b) for b in bodies))


def _nearest(array: Array, definitions: tuple[Definition, ...], own: Setting) -> str:
    """What was probably meant, or what there is."""
    known = sorted(
        a.name for a in _named(definitions, own) - {own.head.array} if a.domain != "size"
    )
    close = get_close_matches(array.name, known, 3)
    return f"did you mean {' or '.join(close)}?" if close else f"it has {', '.join(known)}"


def _labelled(own: Setting) -> At:
    """The head; L = -log p_t depends on the label t, which becomes its index."""
    loose = sorted(free_indices(own.body) - set(own.head.indices), key=str)
    if own.head.indices or not loose or any(i.name not in LABEL_LETTERS for i in loose):
        return own.head
    return At(Array(own.head.array.name, tuple(i.range for i in loose)), *loose)
