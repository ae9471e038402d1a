"""Applying the numeric rewrites, from the outside in, until none fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sympy import Add, Expr, Mul, Pow

from codegen.matching import MARK, Binding, fill, partial_matches
from codegen.stability import EXPANSIONS, REWRITES, Rewrite, a, j, t
from derive.language import At, Index
from derive.terms import all_indices, canonical, free_indices, rebuild, rename, replace

STABLE = (REWRITES, EXPANSIONS)
"""The phases of rewriting, in order."""


@dataclass
class Rewriter:
    """Rewrites expressions of one kernel; the positions chosen and the rules used collect here.

    `choices` maps a chosen position to the expression (in `MARK`) that is largest there; `settled`
    holds what no rule of a phase fits while so many positions are chosen.
    """

    phases: tuple[tuple[Rewrite, ...], ...] = STABLE
    label: Index | None = None
    choices: dict[Index, Expr] = field(default_factory=dict)
    settled: set[tuple[Expr, int, int]] = field(default_factory=set)
    used: dict[str, Rewrite] = field(default_factory=dict)

    def apply(self, expr: Expr) -> Expr:
        """The expression with every rule applied wherever it fits, one phase after the other."""
        for rules in self.phases:
            expr = self._apply(expr, rules)
        return expr

    def _apply(self, expr: Expr, rules: tuple[Rewrite, ...]) -> Expr:
        if (expr, id(rules), len(self.choices)) in self.settled:
            return expr
        made = self._outermost(expr, rules)
        self.settled.add((made, id(rules), len(self.choices)))
        return made

    def _outermost(self, expr: Expr, rules: tuple[Rewrite, ...]) -> Expr:
        for _ in range(200):
            changed = self._at_root(expr, rules)
            if changed is None:
                break
            expr = changed
        if not expr.args or isinstance(expr, Index):
            return expr
        args = (e if isinstance(e, Index) else self._apply(e, rules) for e in expr.args)
        again = rebuild(expr, args)
        return again if again is expr else self._apply(again, rules)

    def largest(self, position: Index, at: Index) -> Expr:
        """The expression that is largest at a chosen position, taken at `at`.

        A positive number as a factor changes no place, and z / c may overflow where z does not.
        """
        return rename(_without_scale(self.choices[position]), {MARK: at})

    def _at_root(self, expr: Expr, rules: tuple[Rewrite, ...]) -> Expr | None:
        """The expression after the first rule that fits; a difference fits both ways round."""
        for rule in rules:
            for sign in (1, -1) if isinstance(expr, Add) else (1,):
                made = self._use(rule, expr if sign > 0 else -expr)
                if made is not None:
                    return made if sign > 0 else -made
        return None

    def _use(self, rule: Rewrite, expr: Expr) -> Expr | None:
        for binding, left_over in partial_matches(rule.left, expr, Binding()):
            chosen = self._choose(rule, binding, expr)
            if chosen is not None:
                self.used[rule.name] = rule
                made = fill(rule.right, chosen)
                return expr.func(made, *left_over) if left_over else made
        return None

    def _choose(self, rule: Rewrite, b: Binding, expr: Expr) -> Binding | None:
        """The binding with its largest position, or None where the rule must not be used."""
        if rule.needs_choice and b.places.get(a) not in self.choices:
            return None
        if b.places.get(j) in self.choices or (rule.per_class and b.places.get(j) == self.label):
            return None
        if rule.at_label:
            return None if self.label is None else b.with_place(t, self.label)
        if rule.largest is None:
            return b
        body = replace(rule.largest, lambda e: b.arrays[e.array] if isinstance(e, At) else None)
        if free_indices(body) & set(self.choices):
            return None
        return b.with_place(a, self._position(body, expr))

    def _position(self, body: Expr, expr: Expr) -> Index:
        for position, known in self.choices.items():
            if canonical(known) == canonical(body):
                return position
        taken = {i.name for i in all_indices(expr)} | {p.name for p in self.choices}
        name = next(n for n in _names() if n not in taken)
        position = Index(name, _range(body))
        self.choices[position] = body
        return position


def _range(body: Expr) -> str:
    """The range that `MARK` runs over, where it stands in the body."""
    if isinstance(body, At) and MARK in body.indices:
        return str(body.array.ranges[body.indices.index(MARK)])
    inner = (e for e in body.args if MARK in free_indices(e))
    return next((_range(e) for e in inner), MARK.range)


def _without_scale(e: Expr) -> Expr:
    factors = [u for u in Mul.make_args(e) if not _is_scale(u)]
    return Mul(*factors)


def _is_scale(e: Expr) -> bool:
    base = e.args[0] if isinstance(e, Pow) and e.args[1] == -1 else None
    return isinstance(base, At) and not base.indices and base.array.domain == "positive"


def _names() -> Iterator[str]:
    yield "a"
    yield from (f"a{c}" for c in range(2, 100))
