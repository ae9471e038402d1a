"""Derivations: rules and tactics applied in the order of a plan, every step proved before it
enters."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import Expr, Integer, Mul

from derive.derivation import Derivation, Step
from derive.errors import DeriveError
from derive.language import At, Binder, Delta, Deriv, Group, Index
from derive.matching import Bindings, fill, match
from derive.prover import prove
from derive.rules import RULES, Rule
from derive.statement import Context
from derive.tactics import TACTICS
from derive.tactics.collecting import cost
from derive.tactics.fractions import distribute
from derive.tactics.sums import settle_deltas
from derive.terms import all_indices, apart, arrays, elements, rebuild, rename, same

Guard = Callable[[Bindings, "Chain"], bool]


@dataclass
class Chain:
    """A derivation under construction: the expression now, and the proved steps that led to it."""

    context: Context
    start: Expr
    lemmas: tuple[Derivation, ...] = ()
    steps: list[Step] = field(default_factory=list)

    @property
    def now(self) -> Expr:
        return self.steps[-1].after if self.steps else self.start

    def add(
        self, rule: str, argument: str, after: Expr, note: Mapping[str, str] | None = None
    ) -> bool:
        """Enter a step if it changes anything; a step that cannot be proved is an error (law 1)."""
        before = self.now
        after = apart(after, ())
        if same(before, after) and cost(before) == cost(after):
            return False
        proof = prove(before, after, self.context)
        if proof is None:
            raise DeriveError(f"the step {rule} {argument} cannot be proved: {before} = {after}")
        self.steps.append(Step(rule, argument, before, after, proof.cases, proof.facts, note or {}))
        return True

    def move(self, name: str, argument: str = "", note: Mapping[str, str] | None = None) -> bool:
        """Apply one rule or tactic everywhere; True if it changed the expression."""
        if name in MOVES:
            after = MOVES[name](self.now, self, argument)
        elif name in TACTICS:
            after = TACTICS[name](self.now, self.context, argument)
        elif name in RULES:
            after = rewrite(self.now, RULES[name], self)
        else:
            raise DeriveError(f"no rule or tactic {name!r}: see derive/rules.py and derive/tactics")
        return self.add(name, argument, quiet(after, self), note)

    def constant(self, expr: Expr, variable: At) -> bool:
        """Whether the expression cannot depend on the variable, definitions seen through."""
        depends = self._arrays_below(expr)
        if variable.array not in depends:
            return True
        if any(
            variable.array in self._arrays_below(d.body) and d.array in arrays(expr)
            for d in self.context.definitions
        ):
            return False
        return all(self.differ(e.indices, variable.indices) for e in elements(expr, variable.array))

    def _arrays_below(self, expr: Expr) -> set[Any]:
        found = set(arrays(expr))
        for d in self.context.definitions:
            if d.array in arrays(expr):
                found |= self._arrays_below(d.body)
        return found

    def differ(self, first: tuple[Any, ...], second: tuple[Any, ...]) -> bool:
        """Whether two places of one array are known to be different."""
        pairs = {frozenset(p) for p in self.context.distinct}
        return any(
            frozenset((a, b)) in pairs or (a.is_Integer and b.is_Integer and a != b)
            for a, b in zip(first, second, strict=True)
        )


def rewrite(expr: Expr, rule: Rule, chain: Chain) -> Expr:
    """The rule at every outermost place where it fits."""
    made = _rewrite_here(expr, rule, chain)
    if made is not None:
        return made
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    return rebuild(expr, (rewrite(a, rule, chain) for a in expr.args))


def _rewrite_here(expr: Expr, rule: Rule, chain: Chain) -> Expr | None:
    variable = expr.variable if isinstance(expr, Deriv) else None

    def constant(e: Expr) -> bool:
        return variable is None or chain.constant(e, variable)

    for got in match(rule.left, expr, constant):
        if all(GUARDS[g](got, chain) for g in rule.when):
            return fill(rule.right, got)
    return None


def _both_vary(got: Bindings, chain: Chain) -> bool:
    """A quotient with a constant top or bottom is better served by other rules."""
    return not chain.constant(got["v"], got["x"])


def _nothing_excluded(got: Bindings, chain: Chain) -> bool:
    return not got.get("excluded ?k")


GUARDS: dict[str, Guard] = {"both-vary": _both_vary, "nothing-excluded": _nothing_excluded}


# Moves that need the lemmas or the dependence of definitions on each other.


def _elements(expr: Expr, chain: Chain) -> Expr:
    """∂z_i/∂z_j = δ_ij."""
    if (
        isinstance(expr, Deriv)
        and isinstance(expr.expr, At)
        and expr.expr.array == expr.variable.array
    ):
        pairs = zip(expr.expr.indices, expr.variable.indices, strict=True)
        made = Mul(*(Integer(1) if a == b else Delta(a, b) for a, b in pairs))
        return settle_deltas(made, chain.context)
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    return rebuild(expr, (_elements(a, chain) for a in expr.args))


def one_term(expr: Expr, chain: Chain, argument: str) -> Expr:
    """∂/∂z_j Σ_k f(z_k) → ∂/∂z_j f(z_j): every other term is constant."""
    if isinstance(expr, Deriv) and isinstance(expr.expr, Binder):
        total, v = expr.expr, expr.variable
        inside = elements(total.body, v.array)
        if (
            len(v.indices) == 1
            and not total.excluded
            and {e.indices for e in inside} == {(total.index,)}
        ):
            return Deriv(rename(total.body, {total.index: v.indices[0]}), v)
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    return rebuild(expr, (one_term(a, chain, argument) for a in expr.args))


def partials(expr: Expr, chain: Chain, argument: str) -> Expr:
    """Insert the derivatives of defined arrays that were derived before."""
    if isinstance(expr, Deriv) and isinstance(expr.expr, At):
        for lemma in chain.lemmas:
            made = _instance(lemma, expr)
            if made is not None:
                return Group(made) if argument == "in-parentheses" else made
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    inner = rebuild(expr, (partials(a, chain, argument) for a in expr.args))
    return settle_deltas(inner, chain.context)


def insert(expr: Expr, chain: Chain, argument: str) -> Expr:
    """The left end of an earlier derivation → its right end, wherever it stands."""
    lemma = next(d for d in chain.lemmas if d.name.endswith("/" + argument))
    if same(expr, lemma.start):
        return lemma.result
    if not expr.args or isinstance(expr, Index):
        return expr
    return rebuild(expr, (insert(a, chain, argument) for a in expr.args))


def _instance(lemma: Derivation, expr: Deriv) -> Expr | None:
    """The lemma's result at the places of this derivative."""
    known = lemma.start
    if not isinstance(known, Deriv) or known.expr.array != expr.expr.array:
        return None
    if known.variable.array != expr.variable.array:
        return None
    old = known.expr.indices + known.variable.indices
    new = expr.expr.indices + expr.variable.indices
    places = dict(zip(old, new, strict=True))
    if any(places[a] != b or (a.is_Integer and a != b) for a, b in zip(old, new, strict=True)):
        return None
    letters = [a for a in places if not a.is_Integer]
    middle = {a: Index(f"_p{c}", a.range) for c, a in enumerate(letters)}
    made = rename(apart(lemma.result, all_indices(expr)), middle)
    return rename(made, {middle[a]: places[a] for a in letters})


def quiet(expr: Expr, chain: Chain) -> Expr:
    """What needs no line of its own: derivatives of constants and of the variable itself."""
    while True:
        made = rewrite(expr, RULES["derivative-of-a-constant"], chain)
        made = _elements(made, chain)
        made = rewrite(made, RULES["sum-of-zeros"], chain)
        if made == expr:
            return made
        expr = made


Move = Callable[[Expr, Chain, str], Expr]
MOVES: dict[str, Move] = {
    "one-term-of-the-sum": one_term,
    "insert-the-partials": partials,
    "insert": insert,
    "sifting": lambda e, chain, _: sifted(e, chain),
}


def sifted(expr: Expr, chain: Chain) -> Expr:
    """Σ_k δ_ki f_k → f_i, wherever it occurs, after splitting sums and pulling constants out."""
    while True:
        made = expr
        for name in ("sifting", "sifting-alone", "pull-out-of-the-sum", "split-the-sum-of-terms"):
            made = rewrite(made, RULES[name], chain)
        if made == expr:
            spread = distribute(expr, chain.context, "")
            return expr if cost(spread) >= cost(expr) else spread
        expr = settle_deltas(made, chain.context)


def follow(
    name: str,
    start: Expr,
    plan: Iterable[Any],
    context: Context,
    lemmas: tuple[Derivation, ...] = (),
    title: Mapping[str, str] | None = None,
) -> Derivation:
    """A teaching plan carried out: each entry is "rule", "rule argument", or (entry, {lang:
    sentence})."""
    chain = Chain(context, apart(start, ()), lemmas)
    for entry in plan:
        words, note = entry if isinstance(entry, tuple) else (entry, {})
        rule, _, argument = words.partition(" ")
        if not chain.move(rule, argument, note):
            raise DeriveError(
                f"in the plan of {name} the move {words!r} changes nothing in {chain.now}"
            )
    return Derivation(name, chain.start, tuple(chain.steps), context, title or {})
