"""Facts: each is solved for one atom, which it then replaces wherever it occurs."""

from __future__ import annotations

from itertools import product
from typing import Any

from sympy import Add, Expr, Pow, Symbol

from derive.language import At, Elementwise, Exp, Index, Log, Sum
from derive.normal.order import height
from derive.normal.polynomials import expand, fraction
from derive.normal.signs import Signs
from derive.terms import arrays, canonical, free_indices, rename


class Facts(Signs):
    """The facts in use."""

    def known(self, meaning: Expr) -> Expr:
        """The atom, or what a fact says of it, whatever its free indices are called."""
        for fact in self.facts:
            renaming = None if fact in self.active else fits(fact[0], fact[1], meaning)
            if renaming is not None:
                self.active.append(fact)
                value = self.form(rename(fact[2], renaming))
                self.active.remove(fact)
                return value
        return self.atom(meaning)

    def take(self, left: Expr, right: Expr, folding: bool = False) -> bool:
        """Use left = right from now on; False if no atom of it can be solved for.

        A fact is solved only where the factor of the atom is a number.  `folding` is for proposals,
        where left is the head of a definition: the factor may be a product, which could vanish.
        """
        equation, _ = fraction(self.ratio(self.form(left - right)))
        solutions = [self._solve(equation, a, folding) for a in equation.free_symbols]
        best = [
            s
            for s in solutions
            if s and (s[1].is_Number or (folding and not isinstance(s[1], Add)))
        ]
        best = [s for s in best if not folding or (s[0] != left and self._divides(s[1]))]
        best.sort(key=self._preference)
        if not best:
            return False
        meaning, _, value = best[0]
        if isinstance(meaning, Pow):
            degree, polynomial = self.relations[self.symbols[canonical(meaning)]]
            return self.take(Pow(value, degree), self.spell(polynomial), folding)
        self.facts.append((meaning, loose_indices(meaning), value))
        self.folding = self.folding or folding
        if folding:
            self.closed += [(total, loose_indices(total)) for total in _sums(value)]
        self.memo.clear()
        return True

    def _divides(self, slope: Expr) -> bool:
        """Whether everything in the slope is known not to be 0."""
        return all(self.positive(s) for s in slope.free_symbols)

    def _preference(self, solution: tuple[Expr, Expr, Expr]) -> tuple[Any, ...]:
        """Sums before functions before elements, given arrays before defined ones."""
        meaning, slope, _ = solution
        element = isinstance(meaning, At)
        defined = element and meaning.array in self.defined
        return element, defined, not slope.is_Number, -height(meaning), str(meaning)

    def _solve(
        self, equation: Expr, symbol: Symbol, folding: bool
    ) -> tuple[Expr, Expr, Expr] | None:
        """(atom, its factor, its value), when the equation is linear in a sum, scalar, exp, log
        or root.

        For folding, an element or a closed function will do as well.
        """
        slope = equation.coeff(symbol, 1)
        rest = expand(equation - slope * symbol)
        meaning = self.meanings[symbol]
        scalar = isinstance(meaning, At) and not free_indices(meaning)
        kinds = (Sum, Exp, Log, Pow, At, Elementwise) if folding else (Sum, Exp, Log, Pow)
        if symbol in rest.free_symbols or not (scalar or isinstance(meaning, kinds)):
            return None
        if isinstance(meaning, Pow) and symbol not in self.relations:
            return None
        value = self.spell(-rest / slope)
        return (meaning, slope, value) if free_indices(value) <= free_indices(meaning) else None

    def _known_sum(self, total: Sum) -> Expr | None:
        """What a fact says of a sum."""
        for pattern, loose, value in self.facts:
            renaming = fits(pattern, loose, total)
            if renaming is not None:
                return rename(value, renaming)
        return None


def fits(pattern: Expr, loose: tuple[Index, ...], e: Expr) -> dict[Index, Index] | None:
    """The renaming of the loose indices that makes the pattern e, or None."""
    if type(pattern) is not type(e) or arrays(pattern) != arrays(e):
        return None
    key = canonical(e)
    spots = sorted(free_indices(e), key=str)
    for chosen in product(spots, repeat=len(loose)):
        renaming = dict(zip(loose, chosen, strict=True))
        if canonical(rename(pattern, renaming)) == key:
            return renaming
    return None


def loose_indices(e: Expr) -> tuple[Index, ...]:
    """The free indices in one order: a fact holds whatever they are called."""
    return tuple(sorted(free_indices(e), key=str))


def _sums(e: Expr) -> list[Expr]:
    """The sums that stand in an expression, outermost only."""
    return [e] if isinstance(e, Sum) else [s for a in e.args for s in _sums(a)]
