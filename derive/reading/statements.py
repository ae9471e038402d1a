"""A statement written in LaTeX: `L = …`, where `p_i = …`, given `Σ y_i = 1`, with respect to
`z_j`."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from derive.errors import DeriveError
from derive.language import Array, At
from derive.notation import text
from derive.reading.heads import Setting
from derive.reading.macros import macros
from derive.reading.plan import Plan, Texts, parts, written
from derive.reading.reader import Equation, Session
from derive.reading.scope import Scope
from derive.statement import Definition, Fact, Parametric, Statement
from derive.terms import arrays, free_indices

LABEL_LETTERS = frozenset("ty")


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
    wheres, givens = _list(where), _list(facts)
    plan, known = Plan(session), macros("\n".join(map(str, (*wheres, *givens, latex))))
    for part in parts("where", wheres, known):
        plan.add(part, defining=True)
    for part in parts("fact", givens, known):
        plan.add(part, defining=False)
    plan.state(written("the statement", latex, known), name)
    if wrt is not None:
        plan.vary(written("wrt", wrt, known))
    plan.settle()
    made = _statement(plan, session.read(plan.jobs), name, wrt is not None)
    return replace(made, counted=session.counted)


def _list(texts: Texts) -> list[str]:
    return [texts] if isinstance(texts, str) else list(texts or ())


def _statement(plan: Plan, made: list[Any], name: str, has_wrt: bool) -> Statement:
    wrt = made.pop() if has_wrt else None
    own = made.pop()
    definitions = tuple(_definition(m) for m in made if isinstance(m, Setting))
    given = [m for m in made if m is not None and not isinstance(m, Setting)]
    facts = tuple(f for m in given for f in _facts(m))
    definitions = (*plan.names.scope.definitions, *definitions)
    _acyclic(definitions, own)
    if wrt is not None and wrt.array not in set().union(
        arrays(own.body), *(arrays(d.body) for d in definitions)
    ):
        raise DeriveError(
            f"{name} does not depend on {wrt.array.name}; {_nearest(wrt.array, definitions, own)}"
        )
    _known(facts, definitions, own)
    return Statement(name, _labelled(own), own.body, definitions, facts, wrt)


def _definition(made: Setting) -> Definition:
    """u_k = s (c_k - m δ_kt) depends on the label t, which is fixed."""
    loose = free_indices(made.body) - set(made.head.indices)
    kind = Parametric if loose and all(i.name in LABEL_LETTERS for i in loose) else Definition
    return kind(made.head.array, tuple(made.head.indices), made.body)


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


def _known(facts: tuple[Fact, ...], definitions: tuple[Definition, ...], own: Setting) -> None:
    """A fact about something else is a slip of the pen."""
    named = {a.name for a in _named(definitions, own)}
    for fact in facts:
        for array in sorted(arrays(fact.left) | arrays(fact.right), key=lambda a: a.name):
            if array.name not in named and array.domain != "size":
                raise DeriveError(
                    f"the fact {fact.name} speaks of {array.name}, which the statement does not "
                    f"have; {_nearest(array, definitions, own)}"
                )


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
