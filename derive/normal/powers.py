"""Powers, exponentials and logarithms over atoms."""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Pow, Rational, factorint

from derive.errors import DeriveError
from derive.language import At, Exp, Log, Prod, Sign, Sum
from derive.normal.atoms import ONE, ZERO
from derive.normal.facts import Facts
from derive.normal.polynomials import expand, factor_list, fraction
from derive.terms import canonical

LARGEST_POWER = 64


class Powers(Facts):
    """|b|^c, e^a and log|a|."""

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
        if is_whole(exponent) and not self.nonnegative(self.ratio(form)):
            return self.atom(Pow(self.spell(self.ratio(form)), exponent, evaluate=False))
        return self._exp(self.form(exponent) * self._log(form))

    def _exp(self, form: Expr) -> Expr:
        top, bottom = fraction(self.ratio(form))
        return (
            Mul(*(self._exp_term(t, bottom) for t in Add.make_args(expand(top))))
            if top != 0
            else ONE
        )

    def _exp_term(self, term: Expr, bottom: Expr) -> Expr:
        content, bottom = primitive(bottom)
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
        parts = [factor_list(part) for part in fraction(self.ratio(form))]
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


def is_whole(exponent: Expr) -> bool:
    """Whether a symbolic exponent takes only integer values, so that its base may be negative."""
    integers = ("integer", "size", "binary", "sign")
    if isinstance(exponent, At):
        return exponent.array.domain in integers
    if isinstance(exponent, (Add, Mul)):
        return all(is_whole(a) for a in exponent.args)
    return bool(exponent.is_Integer)


def primitive(polynomial: Expr) -> tuple[Expr, Expr]:
    """The rational content and the rest."""
    if not polynomial.free_symbols:
        return polynomial, ONE
    content, rest = (
        polynomial.primitive() if isinstance(polynomial, Add) else polynomial.as_coeff_Mul()
    )
    return content, rest
