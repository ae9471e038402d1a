"""The general strategy: any statement is unfolded, differentiated, sifted, collected and folded.

Every move goes through `derive.engine.Chain`, so every step of it is proved.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sympy import Expr

from derive.derivation import Derivation
from derive.engine import Chain
from derive.errors import DeriveError
from derive.language import At, Deriv, Index
from derive.rules import DERIVATIVE
from derive.statement import Context, Fact, Statement
from derive.terms import arrays, free_indices, rename
from derive.tidying import concerns, reading, tidy, totals


def derive(statement: Statement, wrt: At | None = None) -> Derivation:
    """The gradient of a statement, derived with the general strategy."""
    target = wrt or statement.wrt
    if target is None:
        raise DeriveError(
            f"{statement.name} does not say what to differentiate with respect to; pass wrt="
        )
    return differentiate(statement.name, statement.head, target, _with_own(statement))


def _with_own(statement: Statement) -> Context:
    known = {d.array for d in statement.definitions}
    own = () if statement.head.array in known else (statement.own,)
    return Context(statement.definitions + own, statement.facts)


def differentiate(name: str, head: At, target: At, context: Context) -> Derivation:
    """∂ head / ∂ target by the general strategy: unfold, differentiate, insert partials, sift, collect."""
    lemmas = tuple(_lemmas(head, target, context))
    chain = Chain(context, Deriv(head, target), lemmas)
    if head.array in context.by_array:
        chain.move("unfold", head.array.name)
    while _has(chain.now, Deriv):
        if not _differentiate_once(chain):
            raise DeriveError(f"no rule differentiates {chain.now}")
    finish(chain)
    return Derivation(name, chain.start, tuple(chain.steps), context)


def _lemmas(head: At, target: At, context: Context) -> Iterable[Derivation]:
    own = context.by_array.get(head.array)
    below = arrays(own.body) if own else set()
    for d in context.definitions:
        if d.array in below and d.array != target.array:
            clear = _clear_of(d.head, target)
            yield differentiate(d.array.name, clear, target, context)


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
    for rule in DERIVATIVE:
        if chain.move(rule.name):
            return True
    return False


def finish(chain: Chain) -> None:
    """Sift and collect, fold definitions, then use what is known of their sums, and the facts."""
    known: list[Fact] = []
    origin, definitions = chain.now, chain.context.definitions
    _propose(chain, "collect-terms", "", tidy(origin))
    _propose(chain, "fold-definitions", "", tidy(origin, definitions))
    for rule, argument, fact in (
        *(("sum-of-the-definition", d.array.name, total) for d, total in totals(chain.context)),
        *(("use-fact", fact.name, fact) for fact in chain.context.facts),
    ):
        if concerns(fact, chain.now) and _propose(
            chain, rule, argument, tidy(origin, definitions, [*known, fact])
        ):
            known.append(fact)


def _propose(chain: Chain, rule: str, argument: str, made: Expr) -> bool:
    """Enter the step if that leaves less to read."""
    return reading(made) < reading(chain.now) and chain.add(rule, argument, made)


def _has(expr: Expr, node: type[Any]) -> bool:
    return isinstance(expr, node) or any(_has(a, node) for a in expr.args)
