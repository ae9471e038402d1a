"""The general strategy: any statement is unfolded, differentiated, sifted, collected and folded.

Every move goes through `derive.engine.Chain`, so every step of it is proved.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sympy import Expr

from derive.derivation import Derivation
from derive.domains import positives
from derive.engine import Chain
from derive.errors import DeriveError
from derive.language import At, Deriv, Index
from derive.rules import DERIVATIVE
from derive.statement import Context, Definition, Fact, Parametric, Statement
from derive.terms import arrays, free_indices, rename
from derive.tidying import concerns, tidy, totals
from derive.validity import check
from derive.weighing import reading

Variables = At | tuple[At, At]
LABEL = "t"


def derive(statement: Statement, wrt: Variables | None = None) -> Derivation:
    """The gradient of a statement, or with a pair (z_j, z_k) its Hessian, by the general
    strategy."""
    check(statement)
    if isinstance(wrt, tuple):
        return second(statement, *wrt)
    target = statement.variable(wrt)
    return differentiate(statement.name, subject(statement), target, context_of(statement))


def subject(statement: Statement) -> Expr:
    """What is differentiated: the head, or the body where labels keep it from being a
    definition."""
    return statement.body if statement.labels else statement.head


def context_of(statement: Statement) -> Context:
    """The statement's own context, in which its head is defined too."""
    known = {d.array for d in statement.definitions}
    own = () if statement.labels or statement.head.array in known else (statement.own,)
    return Context(statement.definitions + own, statement.facts)


@lru_cache(maxsize=500)
def differentiate(name: str, expr: Expr, target: At, context: Context) -> Derivation:
    """∂ expr / ∂ target: unfold, differentiate, insert partials, sift, collect."""
    lemmas = tuple(_lemmas(_opened(expr, context), target, context))
    chain = Chain(context, Deriv(expr, target), lemmas)
    if isinstance(expr, At) and expr.array in context.by_array:
        chain.move("unfold", expr.array.name)
    carry_out(chain)
    return Derivation(name, chain.start, tuple(chain.steps), context)


@lru_cache(maxsize=200)
def second(statement: Statement, first: At, then: At) -> Derivation:
    """∂² head / ∂first ∂then: the gradient is inserted, then differentiated."""
    context, head = context_of(statement), subject(statement)
    gradient = differentiate(statement.name, head, first, context)
    lemmas = tuple(_lemmas(gradient.result, then, context))
    chain = Chain(context, Deriv(Deriv(head, first), then), lemmas)
    chain.add("insert-the-gradient", "", Deriv(gradient.result, then))
    carry_out(chain)
    return Derivation(f"{statement.name}/hessian", chain.start, tuple(chain.steps), context)


def carry_out(chain: Chain) -> None:
    """Differentiate until no derivative is left, then collect and fold."""
    while _has(chain.now, Deriv):
        if not _differentiate_once(chain):
            raise DeriveError(f"no rule differentiates {chain.now}")
    finish(chain)


def _lemmas(expr: Expr, target: At, context: Context) -> Iterable[Derivation]:
    """The derivatives of the defined arrays that occur in the expression."""
    below = arrays(expr)
    for d in context.definitions:
        if d.array in below and d.array != target.array:
            clear = _clear_of(d.head, target)
            yield differentiate(d.array.name, clear, target, context)


def _opened(expr: Expr, context: Context) -> Expr:
    """The body of a defined element, which is unfolded before it is differentiated."""
    own = context.by_array.get(expr.array) if isinstance(expr, At) else None
    return own.body if own else expr


def lemmas(statement: Statement) -> tuple[Derivation, ...]:
    """The derivatives of definitions that the gradient inserts, each behind those it inserts."""
    context, target = context_of(statement), statement.wrt
    made: dict[str, Derivation] = {}

    def gather(expr: Expr, by: At) -> None:
        for lemma in _lemmas(_opened(expr, context), by, context):
            gather(lemma.start.args[0], by)
            made.setdefault(lemma.name, lemma)

    if target is not None:
        gather(subject(statement), target)
    return tuple(made.values())


def _clear_of(head: At, target: At) -> At:
    """The head with indices apart from those of the target."""
    body = head
    for i in head.indices:
        if i in free_indices(target):
            body = rename(body, {i: Index(f"{i.name}_", i.range)})
    return body


def _differentiate_once(chain: Chain) -> bool:
    if chain.move("insert-the-partials"):
        return True
    return any(chain.move(rule.name) for rule in DERIVATIVE)


def finish(chain: Chain) -> None:
    """Sift and collect, fold definitions, then use what is known of their sums, and the facts."""
    known: list[Fact] = []
    origin = chain.now
    definitions = tuple(d for d in chain.context.definitions if not _of_a_label(d))
    positive = positives([chain.start, origin], chain.context)
    _propose(chain, "collect-terms", "", tidy(origin, positive=positive))
    _propose(chain, "fold-definitions", "", tidy(origin, definitions, positive=positive))
    for rule, argument, fact in (
        *(("sum-of-the-definition", d.array.name, total) for d, total in totals(chain.context)),
        *(("use-fact", fact.name, fact) for fact in chain.context.facts),
    ):
        if concerns(fact, chain.now) and _propose(
            chain, rule, argument, tidy(origin, definitions, [*known, fact], positive)
        ):
            known.append(fact)


def _of_a_label(d: Definition) -> bool:
    """L_t = -log p_t: nobody reads p_j as e^(-L_j)."""
    return isinstance(d, Parametric) and any(i.name == LABEL for i in d.indices)


def _propose(chain: Chain, rule: str, argument: str, made: Expr) -> bool:
    """Enter the step if it leaves less to read and can be proved; a proposal may be turned down."""
    if reading(made) >= reading(chain.now):
        return False
    try:
        return chain.add(rule, argument, made)
    except DeriveError:
        return False


def _has(expr: Expr, node: type[Any]) -> bool:
    return isinstance(expr, node) or any(_has(a, node) for a in expr.args)
