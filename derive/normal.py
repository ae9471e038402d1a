"""The normal form: a fraction of polynomials over atoms, in which a zero is a proof for every n.

Atoms are array elements, exp of one term of an expanded exponent, the log of an irreducible factor,
signs, roots, and canonical sums (body normalised, what is free of the index pulled out).  Sizes
never
enter as numbers.  The argument is written out in docs/proof.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise, permutations, product
from typing import Any

from sympy import (
    Add,
    Expr,
    Integer,
    Mul,
    Pow,
    Rational,
    Symbol,
    cancel,
    expand,
    factor_list,
    factorint,
    fraction,
    pi,
    reduced,
    together,
)

from derive.errors import DeriveError
from derive.language import (
    Array,
    At,
    Cases,
    Delta,
    Deriv,
    Elementwise,
    Erf,
    Exp,
    Index,
    Largest,
    Log,
    LogGamma,
    Max,
    Maximum,
    Prod,
    Sign,
    Sum,
    size,
)  # fmt: skip
from derive.positivity import NONNEGATIVE_DOMAINS, POSITIVE_DOMAINS, never_negative
from derive.terms import canonical, free_indices, rename, unused

Known = tuple[Expr, tuple[Index, ...], Expr]
ZERO, ONE = Integer(0), Integer(1)
LARGEST_POWER = 64


class Field:
    """The atoms met so far, and normal forms over them; one Field serves one case of one proof."""

    def __init__(self, assumed: Mapping[Expr, Expr] | None = None) -> None:
        self.assumed = dict(assumed or {})
        self.symbols: dict[Expr, Symbol] = {}
        self.meanings: dict[Symbol, Expr] = {}
        self.relations: dict[Symbol, tuple[int, Expr]] = {}
        self.memo: dict[Expr, Expr] = {}
        self.facts: list[Known] = []
        self.active: list[Known] = []
        self.closed: list[tuple[Expr, tuple[Index, ...]]] = []
        self.signed: dict[Expr, bool] = {}
        self.folding = False
        self.outside = False
        self.crossing: dict[Expr, bool] = {}
        self.defined: frozenset[Array] = frozenset()

    # Atoms

    def atom(self, meaning: Expr) -> Symbol:
        """The symbol of an atom; its meaning is kept with bound indices named by depth."""
        key = canonical(meaning)
        if key not in self.symbols:
            made = Symbol(f"a{len(self.symbols)}")
            self.symbols[key], self.meanings[made] = made, key
        return self.symbols[key]

    def spell(self, form: Expr) -> Expr:
        """The expression of the language that a form over atoms stands for."""
        return form.xreplace({s: self.meanings[s] for s in form.free_symbols})

    def depends(self, symbol: Symbol, k: Index) -> bool:
        return k in free_indices(self.meanings[symbol])

    def known(self, meaning: Expr) -> Expr:
        """The atom, or what a fact says of it, whatever its free indices are called."""
        for fact in self.facts:
            renaming = None if fact in self.active else _fits(fact[0], fact[1], meaning)
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
        equation = expand(fraction(self.ratio(self.form(left - right)))[0])
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
        self.facts.append((meaning, _loose_indices(meaning), value))
        self.folding = self.folding or folding
        if folding:
            self.closed += [(total, _loose_indices(total)) for total in _sums(value)]
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

    # Normal forms

    def form(self, e: Expr) -> Expr:
        """The expression as a rational expression over atoms, not yet brought over one bar."""
        if self.active:
            return self._form(e)
        if e not in self.memo:
            self.memo[e] = self._form(e)
        return self.memo[e]

    def _form(self, e: Expr) -> Expr:
        if e.is_Rational:
            return e
        if isinstance(e, Add):
            return Add(*(self.form(a) for a in e.args))
        if isinstance(e, Mul):
            return Mul(*(self.form(a) for a in e.args))
        if isinstance(e, Pow):
            return self._power(*e.args)
        handler = _HANDLERS.get(type(e))
        if handler is not None:
            return handler(self, e)
        if self.outside and isinstance(e, At) and _loose(e):
            return self.atom(e)
        if e == pi or isinstance(e, (At, Delta)):
            return self.known(e)
        if isinstance(e, (Elementwise, Maximum, Deriv, Cases)):
            return self.known(self._inside(e))
        raise DeriveError(f"{type(e).__name__} has no normal form: unfold it to primitives first")

    def _inside(self, e: Expr) -> Expr:
        """A closed function with its arguments in normal form (only proposals keep functions
        closed)."""
        if isinstance(e, (Deriv, Cases)):
            return e
        return e.func(*(self.spell(self.ratio(self.form(a))) for a in e.args))

    def ratio(self, form: Expr) -> Expr:
        """Over one bar, common factors cancelled, the relations of signs and roots used."""
        if not form.free_symbols:
            return form
        top, bottom = fraction(together(form))
        if bottom.free_symbols:
            top, bottom = fraction(cancel(top / bottom))
        reduced = self.reduce(expand(top))
        return reduced / bottom if reduced != 0 else ZERO

    def reduce(self, polynomial: Expr) -> Expr:
        """s² = 1 for signs, r^q = base for roots, y² = y for binary elements; exponents brought
        down."""
        while True:
            terms = [self._reduce_term(t) for t in Add.make_args(polynomial)]
            new = expand(Add(*terms))
            if new == polynomial:
                return new
            polynomial = new

    def _reduce_term(self, term: Expr) -> Expr:
        factors = []
        for factor in Mul.make_args(term):
            base, exponent = factor.as_base_exp()
            degree, value = self.relation(base) if base.is_Symbol else (0, ONE)
            if degree and exponent.is_Integer and exponent >= degree:
                whole, part = divmod(int(exponent), degree)
                factors.append(value**whole * base**part)
            else:
                factors.append(factor)
        return Mul(*factors)

    def relation(self, symbol: Symbol) -> tuple[int, Expr]:
        """(q, value) when symbol**q = value, else (0, 1)."""
        if symbol in self.relations:
            return self.relations[symbol]
        meaning = self.meanings[symbol]
        domain = meaning.array.domain if isinstance(meaning, At) else ""
        if isinstance(meaning, Sign):
            return (0, ONE) if self._vanishes_inside(meaning) else (2, ONE)
        if domain == "sign" or meaning == Prod(-ONE, Index("·0", _range_of(meaning))):
            return 2, ONE
        return (2, symbol) if domain == "binary" or isinstance(meaning, Delta) else (0, ONE)

    def _vanishes_inside(self, sign: Sign) -> bool:
        """Whether the argument is 0 where a bound index meets another, so that it is 0 at every
        point."""
        if sign not in self.crossing:
            pairs = permutations(free_indices(sign), 2)
            meets = ({a: b} for a, b in pairs if a.range == b.range and _loose(a))
            self.crossing[sign] = any(
                self.ratio(self.form(rename(sign.arg, m))) == 0 for m in meets
            )
        return self.crossing[sign]

    def open_signs(self) -> list[Expr]:
        """Signs without bound indices that were met and are not assumed: candidates for a split."""
        return [
            m
            for m in self.symbols
            if isinstance(m, Sign) and m not in self.assumed and not _loose(m)
        ]

    def is_zero(self, e: Expr) -> bool:
        """Whether the normal form is zero: a proof.  False says only that no proof was found."""
        top, _ = fraction(together(self.form(e)))
        return bool(self.reduce(expand(top)) == 0)

    # Powers, exponentials, logarithms

    def _power(self, base: Expr, exponent: Expr) -> Expr:
        if exponent.is_Integer:
            if abs(exponent) > LARGEST_POWER:
                raise DeriveError(
                    f"the exponent {exponent} is larger than {LARGEST_POWER}, the largest that "
                    f"is expanded; use a symbol"
                )
            return self.form(base) ** exponent
        form = self.form(base)
        self._sign_seen(base, form)
        if _whole(exponent) and not self.nonnegative(self.ratio(form)):
            return self.atom(Pow(self.spell(self.ratio(form)), exponent, evaluate=False))
        return self._exp(self.form(exponent) * self._log(form))

    def _sign_seen(self, base: Expr, form: Expr) -> None:
        """Keep that the one factor of `form` whose sign is open has the sign that `base` shows."""
        if not form.free_symbols or not never_negative(base):
            return
        sign, open_factors = ONE, []
        for part in fraction(self.ratio(form)):
            content, factors = factor_list(part) if part.free_symbols else (part, [])
            sign *= content
            open_factors += [f for f, count in factors if count % 2 and not self.nonnegative(f)]
        if len(open_factors) == 1:
            factor = expand(sign / abs(sign) * open_factors[0])
            self.signed[factor] = never_negative(base, strict=True)

    def _exp(self, form: Expr) -> Expr:
        top, bottom = fraction(self.ratio(form))
        return (
            Mul(*(self._exp_term(t, bottom) for t in Add.make_args(expand(top))))
            if top != 0
            else ONE
        )

    def _exp_term(self, term: Expr, bottom: Expr) -> Expr:
        content, bottom = _content(bottom)
        coefficient, rest = (term / content).as_coeff_Mul()
        rest = rest / bottom
        if rest.is_Symbol and isinstance(self.meanings[rest], Log):
            return self._absolute_power(self.form(self.meanings[rest].arg), coefficient)
        if rest == 1:
            return self._absolute_power(self.atom(Exp(ONE)), coefficient)
        return self._known_power(Exp(self.spell(rest)), coefficient)

    def _known_power(self, atom: Exp, c: Rational) -> Expr:
        value = self.known(atom)
        if value.is_Symbol or not c.is_Integer:
            return self._absolute_power(value if value.is_Symbol else self.atom(atom), c)
        return value**c

    def _absolute_power(self, base: Expr, c: Rational) -> Expr:
        """|base| ** c for rational c; the base is an irreducible polynomial over atoms."""
        if not self.nonnegative(base) and self.nonnegative(expand(-base)):
            base = expand(-base)
        if c.is_Integer and (c % 2 == 0 or self.nonnegative(base)):
            return base**c
        value = base if self.nonnegative(base) else base * self._sign_of_factor(base)
        if c.is_Integer:
            return value**c
        root = self.atom(Pow(self.spell(base), Rational(1, c.q), evaluate=False))
        self.relations[root] = (int(c.q), value)
        return root**c.p

    def _log(self, form: Expr) -> Expr:
        """log |form| as a sum over irreducible factors (arguments of logs are taken to be
        positive).

        The one factor whose sign is open is written the way round in which the argument is
        positive.
        """
        parts = [
            factor_list(part) if part.free_symbols else (part, [])
            for part in fraction(self.ratio(form))
        ]
        odd = [f for _, factors in parts for f, count in factors if count % 2]
        unknown = [f for f in odd if not self.nonnegative(f)]
        turned = unknown if len(unknown) == 1 and parts[0][0] * parts[1][0] < 0 else []
        (over, above), (under, below) = parts
        return self._log_factors(over, above, turned) - self._log_factors(under, below, turned)

    def _log_factors(
        self, content: Rational, factors: list[tuple[Expr, int]], turned: list[Expr]
    ) -> Expr:
        total = self._log_number(content)
        for factor, count in factors:
            total += count * self._log_factor(expand(-factor) if factor in turned else factor)
        return total

    def _log_number(self, number: Rational) -> Expr:
        if number == 0:
            raise DeriveError("log 0 occurs: the expression is defined nowhere")
        return Add(*(c * self.atom(Log(Integer(p))) for p, c in factorint(abs(number)).items()))

    def _log_factor(self, factor: Expr) -> Expr:
        if factor.is_Symbol:
            meaning = self.meanings[factor]
            if isinstance(meaning, Exp):
                return self.form(meaning.arg)
            if isinstance(meaning, Prod):
                return self.form(Sum(Log(meaning.body), meaning.index))
            if factor in self.relations:
                degree, value = self.relations[factor]
                return self._log(value) / degree
            if isinstance(meaning, Sign):
                return ZERO
        other = canonical(Log(self.spell(expand(-factor))))
        return self.symbols[other] if other in self.symbols else self.known(Log(self.spell(factor)))

    # Signs

    def _sign(self, form: Expr) -> Expr:
        top, bottom = fraction(self.ratio(form))
        if top == 0:
            return ZERO
        return self._sign_factors(top) * self._sign_factors(bottom)

    def _sign_factors(self, polynomial: Expr) -> Expr:
        content, factors = factor_list(polynomial) if polynomial.free_symbols else (polynomial, [])
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
            return meaning.array.domain in domains
        if isinstance(meaning, (Sum, Prod)) and self.folding:
            return never_negative(meaning, strict=domains == POSITIVE_DOMAINS)
        if isinstance(meaning, (Sum, Prod)):
            return self._terms_known(
                fraction(together(self.form(meaning.body)))[0], domains
            ) and self._terms_known(fraction(together(self.form(meaning.body)))[1], domains)
        return (
            (
                isinstance(meaning, (Exp, Delta, Largest))
                and (isinstance(meaning, Exp) or "nonnegative" in domains)
            )
            or meaning == pi
            or (symbol in self.relations and self._root_known(symbol, domains))
        )

    def _root_known(self, root: Symbol, domains: tuple[str, ...]) -> bool:
        """A root is not negative; it is positive where what is under it is."""
        return "nonnegative" in domains or self._terms_known(self.relations[root][1], domains)

    # Binders

    def _sum(self, e: Sum) -> Expr:
        k = e.index
        if any(_fits(total, loose, e) is not None for total, loose in self.closed):
            return self.atom(e)
        if self.folding and any(_fits(f[0], f[1], e) is not None for f in self.facts):
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

    def _known_sum(self, total: Sum) -> Expr | None:
        """What a fact says of a sum."""
        for pattern, loose, value in self.facts:
            renaming = _fits(pattern, loose, total)
            if renaming is not None:
                return rename(value, renaming)
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
        content, factors = factor_list(polynomial) if polynomial.free_symbols else (polynomial, [])
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

    def _odd(self, e: Elementwise) -> Expr:
        """erf(-x) = -erf(x)."""
        form = self.ratio(self.form(e.arg))
        if form == 0:
            return ZERO
        top, _ = fraction(form)
        lead = sorted(Add.make_args(expand(top)), key=lambda t: str(t.as_coeff_Mul()[1]))[0]
        turn = -1 if lead.as_coeff_Mul()[0] < 0 else 1
        return turn * self.atom(Erf(self.spell(turn * form)))


_HANDLERS: dict[type[Expr], Any] = {
    Exp: lambda f, e: f._exp(f.form(e.arg)),
    Log: lambda f, e: f._log(f.form(e.arg)),
    Sign: lambda f, e: f._sign(f.form(e.arg)),
    Erf: Field._odd,
    LogGamma: lambda f, e: f.atom(LogGamma(f.spell(f.ratio(f.form(e.arg))))),
    Sum: Field._sum,
    Prod: Field._prod,
    Max: Field._max,
    Largest: Field._largest,
}


def _fits(pattern: Expr, loose: tuple[Index, ...], e: Expr) -> dict[Index, Index] | None:
    """The renaming of the loose indices that makes the pattern e, or None."""
    if type(pattern) is not type(e):
        return None
    key = canonical(e)
    spots = sorted(free_indices(e), key=str)
    for chosen in product(spots, repeat=len(loose)):
        renaming = dict(zip(loose, chosen, strict=True))
        if canonical(rename(pattern, renaming)) == key:
            return renaming
    return None


def _divisors(e: Expr) -> set[Expr]:
    """The sums below the bar of a product."""
    powers = (f.as_base_exp() for f in Mul.make_args(e))
    return {canonical(base) for base, c in powers if isinstance(base, Sum) and c.is_negative}


def _loose_indices(e: Expr) -> tuple[Index, ...]:
    return tuple(sorted(free_indices(e), key=str))


def _sums(e: Expr) -> list[Expr]:
    """The sums that stand in an expression, outermost only."""
    return [e] if isinstance(e, Sum) else [s for a in e.args for s in _sums(a)]


def _whole(exponent: Expr) -> bool:
    """Whether a symbolic exponent takes only integer values, so that its base may be negative."""
    integers = ("integer", "size", "binary", "sign")
    if isinstance(exponent, At):
        return exponent.array.domain in integers
    if isinstance(exponent, (Add, Mul)):
        return all(_whole(a) for a in exponent.args)
    return bool(exponent.is_Integer)


def _range_of(meaning: Expr) -> str:
    """The range that a binder runs over."""
    return str(meaning.args[1].range) if isinstance(meaning, Prod) else ""


def _loose(meaning: Expr) -> bool:
    """Whether an index of an enclosing binder occurs."""
    return any(i.name.startswith("_") for i in free_indices(meaning))


def _content(polynomial: Expr) -> tuple[Expr, Expr]:
    """The rational content and the rest."""
    if not polynomial.free_symbols:
        return polynomial, ONE
    content, rest = (
        polynomial.primitive() if isinstance(polynomial, Add) else polynomial.as_coeff_Mul()
    )
    return content, rest


def height(e: Expr) -> int:
    """How many binders are nested."""
    inner = max((height(a) for a in e.args), default=0)
    return inner + 1 if isinstance(e, (Sum, Prod, Max, Largest)) else inner


def flatten(body: Expr, k: Index) -> tuple[list[Index], Expr]:
    """A product with inner sums as one multiple sum: its bound indices and its body."""
    bounds, factors = [k], []
    for factor in Mul.make_args(body):
        base, exponent = factor.as_base_exp()
        if not isinstance(base, Sum) or not exponent.is_Integer or exponent < 1:
            factors.append(factor)
            continue
        for _ in range(int(exponent)):
            inner, own = base, list[Index]()
            while isinstance(inner, Sum):
                name = Index(f"_m{len(bounds) + len(own)}", inner.index.range)
                own.append(name)
                inner = rename(inner.body, {inner.index: name})
            bounds += own
            factors.append(inner)
    return bounds, Mul(*factors)


def order_sums(bounds: Iterable[Index], body: Expr) -> Expr:
    """The multiple sum in the one order and naming whose text is smallest.

    Orders differ only among indices that play the same part in the body; of indices that may be
    swapped without changing it, one order is tried.
    """
    groups: dict[str, list[Index]] = {}
    for b in bounds:
        groups.setdefault(_part_played(b, bounds, body), []).append(b)
    choices = [_orders(groups[part], body) for part in sorted(groups)]
    made = (_ordered([b for group in order for b in group], body) for order in product(*choices))
    return min(made, key=str)


def _part_played(b: Index, bounds: Iterable[Index], body: Expr) -> str:
    """How b occurs in the body, whatever the bound indices are called."""
    names = {other: Index("_o", other.range) for other in bounds} | {b: Index("_x", b.range)}
    return b.range + " " + str(canonical(rename(body, names)))


def _orders(group: list[Index], body: Expr) -> list[tuple[Index, ...]]:
    key = canonical(body)
    swaps = ({a: b, b: a} for a, b in pairwise(group))
    if all(canonical(rename(body, swap)) == key for swap in swaps):
        return [tuple(group)]
    return list(permutations(group))


def _ordered(order: list[Index], body: Expr) -> Expr:
    made = rename(body, {b: Index(f"_s{c}", b.range) for c, b in enumerate(order)})
    for c, b in enumerate(order):
        made = Sum(made, Index(f"_s{c}", b.range))
    return canonical(made)
