"""Canonical sums, products and maxima: what is free of the index stands in front."""

from __future__ import annotations

from sympy import Add, Expr, Mul, reduced

from derive.language import Exp, Index, Largest, Max, Prod, Sum, size
from derive.normal.angles import Angles
from derive.normal.atoms import ONE, ZERO
from derive.normal.facts import fits
from derive.normal.order import flatten, height, order_sums
from derive.normal.polynomials import expand, factor_list, fraction
from derive.terms import canonical, free_indices, rename, unused


class Binders(Angles):
    """Σ, Π and max."""

    def _sum(self, e: Sum) -> Expr:
        k = e.index
        if any(fits(total, loose, e) is not None for total, loose in self.closed):
            return self.atom(e)
        if self.folding and any(fits(f[0], f[1], e) is not None for f in self.facts):
            return self.known(e)
        level = unused("_", k, e, height(e.body))
        if k != level:
            return self.form(Sum(rename(e.body, {k: level}), level))
        top, bottom = fraction(self.ratio(self.form(e.body)))
        outer, inner = self._split(bottom, k)
        return Add(*(self._sum_over(t, b, k) for t, b in self._divided(top, inner, k))) / outer

    def _sum_over(self, top: Expr, bottom: Expr, k: Index) -> Expr:
        """Σ_k top/bottom, term by term of the top."""
        return (
            Add(*(self._sum_term(t, bottom, k) for t in Add.make_args(expand(top))))
            if top != 0
            else ZERO
        )

    def _divided(self, top: Expr, bottom: Expr, k: Index) -> list[tuple[Expr, Expr]]:
        """top/bottom as r_0/1 + r_1/b + r_2/b² + ..., each r the remainder of division by b =
        bottom.

        The remainder is unique for one divisor and linear in the top, so equal sums of fractions
        over
        powers of one divisor get equal forms.
        """
        base, power = bottom.as_base_exp()
        if not isinstance(base, Add) or not power.is_Integer:
            return [(top, bottom)]
        tied = {s for s in base.free_symbols | top.free_symbols if self.depends(s, k)}
        gens = sorted(tied, key=lambda s: str(self.meanings[s]))
        parts: list[tuple[Expr, Expr]] = []
        for exponent in range(int(power), 0, -1):
            if top == 0:
                break
            (quotient,), rest = reduced(top, [base], *gens, order="grevlex", field=True)
            parts.append((rest, base**exponent))
            top = quotient
        return [(top, ONE), *parts]

    def _split(self, form: Expr, k: Index) -> tuple[Expr, Expr]:
        """A polynomial as (what is free of k) * (what depends on k)."""
        if not any(self.depends(s, k) for s in form.free_symbols):
            return form, ONE
        content, factors = factor_list(form)
        tied = [f**c for f, c in factors if any(self.depends(s, k) for s in f.free_symbols)]
        free = [f**c for f, c in factors if not any(self.depends(s, k) for s in f.free_symbols)]
        return Mul(content, *free), Mul(*tied)

    def _sum_term(self, term: Expr, bottom: Expr, k: Index) -> Expr:
        term, bottom = fraction(term / bottom)
        number, bottom = bottom.as_coeff_Mul()
        free, tied = (term / number).as_independent(
            *(s for s in term.free_symbols if self.depends(s, k)), as_Add=False
        )
        if tied == 1 and bottom == 1:
            return free * self.form(size(k.range))
        if tied.is_Symbol and bottom == 1 and self._sums_to_one(self.meanings[tied], k):
            return free
        bounds, body = flatten(self.spell(tied), k)
        body = body / self.spell(bottom)
        exact = unused("_", k, Sum(body, k), height(body))
        if len(bounds) == 1 and exact != k:
            return free * self.form(Sum(rename(body, {k: exact}), exact))
        simpler = self._simpler(bounds, body) if len(bounds) > 1 else None
        if simpler is not None:
            return free * self.form(simpler)
        meaning = order_sums(bounds, body)
        return free * self.known(meaning)

    def _simpler(self, bounds: list[Index], body: Expr) -> Expr | None:
        """A multiple sum of which one sum is given by a fact, or stands below the bar: without
        it."""
        for b in bounds:
            free = Mul(*(f for f in Mul.make_args(body) if b not in free_indices(f)))
            total = Sum(body / free, b)
            value = self._known_sum(total)
            if value is None and canonical(total) in _divisors(free):
                value = total
            if value is not None:
                rest = free * value
                for other in bounds:
                    rest = rest if other == b else Sum(rest, other)
                return rest
        return None

    @staticmethod
    def _sums_to_one(meaning: Expr, k: Index) -> bool:
        return (
            isinstance(meaning, Largest) and meaning.at == k and k not in free_indices(meaning.max)
        )

    def _prod(self, e: Prod) -> Expr:
        k = e.index
        top, bottom = fraction(self.ratio(self.form(e.body)))
        return self._prod_factors(top, k) / self._prod_factors(bottom, k)

    def _prod_factors(self, polynomial: Expr, k: Index) -> Expr:
        content, factors = factor_list(polynomial)
        made = [self._power(abs(content), size(k.range))] if abs(content) != 1 else []
        made += [self.atom(Prod(-ONE, k))] if content < 0 else []
        made += [self._prod_factor(factor, k) ** count for factor, count in factors]
        return Mul(*made)

    def _prod_factor(self, factor: Expr, k: Index) -> Expr:
        free = not any(self.depends(s, k) for s in factor.free_symbols)
        if free and self.nonnegative(factor):
            return self._power(self.spell(factor), size(k.range))
        if factor.is_Symbol and isinstance(self.meanings[factor], Exp):
            return self._exp(self.form(Sum(self.meanings[factor].arg, k)))
        return self.atom(Prod(self.spell(factor), k))

    def _max_parts(self, e: Expr) -> tuple[Expr, Expr]:
        """A body as (terms free of the index, the rest)."""
        k = e.args[1]
        top, bottom = fraction(self.ratio(self.form(e.args[0])))
        outer, inner = self._split(bottom, k)
        if inner != 1 or any(self.depends(s, k) for s in outer.free_symbols):
            return ZERO, top / bottom
        free: list[Expr] = []
        tied: list[Expr] = []
        for term in Add.make_args(expand(top)):
            (tied if any(self.depends(s, k) for s in term.free_symbols) else free).append(term)
        return Add(*free) / outer, Add(*tied) / outer

    def _max(self, e: Max) -> Expr:
        free, tied = self._max_parts(e)
        return free if tied == 0 else free + self.atom(Max(self.spell(tied), *e.args[1:]))

    def _largest(self, e: Largest) -> Expr:
        _, tied = self._max_parts(e)
        return self.atom(Largest(self.spell(tied), *e.args[1:]))


def _divisors(e: Expr) -> set[Expr]:
    """The sums below the bar of a product."""
    powers = (f.as_base_exp() for f in Mul.make_args(e))
    return {canonical(base) for base, c in powers if isinstance(base, Sum) and c.is_negative}
