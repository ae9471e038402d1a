"""What is known of the sign of a polynomial over atoms, and the normal form of sign x."""

from __future__ import annotations

from sympy import Add, Expr, Mul, Pow, Symbol, pi

from derive.language import At, Delta, Exp, Largest, Prod, Sign, Sum
from derive.normal.atoms import ONE, ZERO, Atoms, is_loose
from derive.normal.polynomials import expand, factor_list, fraction
from derive.positivity import NONNEGATIVE_DOMAINS, POSITIVE_DOMAINS, never_negative
from derive.terms import free_indices, rename


class Signs(Atoms):
    """Signs that are known, assumed or open."""

    def open_signs(self) -> list[Expr]:
        """Signs without bound indices that were met and are not assumed: candidates for a split."""
        return [
            m
            for m in self.symbols
            if isinstance(m, Sign) and m not in self.assumed and not is_loose(m)
        ]

    def _sign_seen(self, base: Expr, form: Expr) -> None:
        """Keep that the one factor of `form` whose sign is open has the sign that `base` shows."""
        if not form.free_symbols or not never_negative(base):
            return
        sign, open_factors = ONE, []
        for part in fraction(self.ratio(form)):
            content, factors = factor_list(part)
            sign *= content
            open_factors += [f for f, count in factors if count % 2 and not self.nonnegative(f)]
        if len(open_factors) == 1:
            factor = expand(sign / abs(sign) * open_factors[0])
            self.signed[factor] = never_negative(base, strict=True)

    def _sign(self, form: Expr) -> Expr:
        top, bottom = fraction(self.ratio(form))
        if top == 0:
            return ZERO
        return self._sign_factors(top) * self._sign_factors(bottom)

    def _sign_factors(self, polynomial: Expr) -> Expr:
        content, factors = factor_list(polynomial)
        signs = [self._sign_of_factor(f) for f, count in factors if count % 2]
        return Mul(ONE if content > 0 else -ONE, *signs)

    def _sign_of_factor(self, factor: Expr) -> Expr:
        if self.positive(factor):
            return ONE
        if self.positive(expand(-factor)):
            return -ONE
        if factor.is_Symbol and self.relation(factor)[0] == 2 and self.relation(factor)[1] == 1:
            return factor
        sign = self.atom(Sign(self.spell(factor)))
        return self.assumed.get(self.meanings[sign], sign)

    def positive(self, form: Expr) -> bool:
        """Known to be greater than 0: seen to be, or a polynomial with positive terms only."""
        return self.signed.get(form, False) or self._terms_known(form, POSITIVE_DOMAINS)

    def nonnegative(self, form: Expr) -> bool:
        """Known not to be negative: by its terms, at both ends of a [0, 1], or as a sum less one
        term."""
        if form == 0 or form in self.signed or self.positive(form):
            return True
        return self._terms_known(form, NONNEGATIVE_DOMAINS) or self._ends_known(form)

    def _ends_known(self, form: Expr) -> bool:
        """Linear in an element of [0, 1] and nonnegative at 0 and 1; or C (Σ_k f_k - f_t) + ...
        with f ≥ 0."""
        polynomial = expand(form)
        for symbol in sorted(polynomial.free_symbols, key=str):
            meaning = self.meanings[symbol]
            if isinstance(meaning, At) and meaning.array.domain == "unit":
                ends = (expand(polynomial.subs(symbol, end)) for end in (0, 1))
                if polynomial.diff(symbol, 2) == 0 and all(map(self.nonnegative, ends)):
                    return True
            if isinstance(meaning, Sum) and self._less_one_term(polynomial, symbol, meaning):
                return True
        return False

    def _less_one_term(self, polynomial: Expr, total: Symbol, meaning: Sum) -> bool:
        """Whether the polynomial is seen to be nonnegative with Σ_k f_k = f_t + something
        nonnegative."""
        places = {i for s in polynomial.free_symbols for i in free_indices(self.meanings[s])}
        for t in sorted(places, key=str):
            if t.range == meaning.index.range and self._terms_known(total, NONNEGATIVE_DOMAINS):
                term = self.ratio(self.form(rename(meaning.body, {meaning.index: t})))
                if self._terms_known(polynomial.subs(total, total + term), NONNEGATIVE_DOMAINS):
                    return True
        return False

    def _terms_known(self, form: Expr, domains: tuple[str, ...]) -> bool:
        terms = Add.make_args(expand(form))
        known = [self._term_known(t, domains) for t in terms]
        weak = "nonnegative" in domains
        if weak:
            return all(known)
        return any(known) and all(
            k or self._term_known(t, NONNEGATIVE_DOMAINS) for k, t in zip(known, terms, strict=True)
        )

    def _term_known(self, term: Expr, domains: tuple[str, ...]) -> bool:
        coefficient, rest = term.as_coeff_Mul()
        return bool(coefficient > 0) and all(
            self._factor_known(f, domains) for f in Mul.make_args(rest)
        )

    def _factor_known(self, factor: Expr, domains: tuple[str, ...]) -> bool:
        base, exponent = factor.as_base_exp()
        if base == 1:
            return True
        if "nonnegative" in domains and exponent.is_Integer and exponent % 2 == 0:
            return True
        return base.is_Symbol and self._atom_known(base, domains)

    def _atom_known(self, symbol: Symbol, domains: tuple[str, ...]) -> bool:
        meaning = self.meanings[symbol]
        if isinstance(meaning, At):
            return meaning.array.domain in domains or meaning.array in self.positives
        if isinstance(meaning, (Sum, Prod)) and self.folding:
            return never_negative(meaning, strict=domains == POSITIVE_DOMAINS)
        if isinstance(meaning, (Sum, Prod)):
            parts = fraction(self.form(meaning.body))
            return all(self._terms_known(part, domains) for part in parts)
        return (
            (
                isinstance(meaning, (Exp, Delta, Largest))
                and (isinstance(meaning, Exp) or "nonnegative" in domains)
            )
            or meaning == pi
            or (isinstance(meaning, Pow) and self._root_known(symbol, domains))
        )

    def _root_known(self, root: Symbol, domains: tuple[str, ...]) -> bool:
        """A root is not negative; it is positive where what is under it is."""
        if root not in self.relations:
            return False
        return "nonnegative" in domains or self._terms_known(self.relations[root][1], domains)
