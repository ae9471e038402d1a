"""Sines and cosines over atoms: sums and whole multiples of angles turned into products."""

from __future__ import annotations

from functools import reduce

from sympy import Add, Expr, Integer, Rational, pi

from derive.errors import DeriveError
from derive.language import Cos, Sin
from derive.normal.atoms import ONE, ZERO
from derive.normal.polynomials import expand, fraction, leading
from derive.normal.powers import Powers, primitive

Turn = tuple[Expr, Expr]
LARGEST_MULTIPLE = 32
QUARTERS: tuple[Turn, ...] = ((ONE, ZERO), (ZERO, ONE), (-ONE, ZERO), (ZERO, -ONE))


class Angles(Powers):
    """cos and sin of an angle, which is expanded like an exponent: e^(i(a + b)) = e^(ia) e^(ib).

    sin² of an atom is 1 - cos²; the atoms are sines and cosines of one term over its denominator,
    or for proposals (`whole_angles`) of the angle as it is.
    """

    def _cos(self, form: Expr) -> Expr:
        return self._turn(form)[0]

    def _sin(self, form: Expr) -> Expr:
        return self._turn(form)[1]

    def _turn(self, form: Expr) -> Turn:
        """(cos, sin) of an angle."""
        form = self.ratio(form)
        top, bottom = fraction(form)
        if self.whole_angles and top != 0:
            sign = -1 if leading(top) < 0 else 1
            cos, sin = self._unit(self.spell(sign * form))
            return cos, sign * sin
        terms = Add.make_args(expand(top)) if top != 0 else ()
        return reduce(_after, (self._turn_of_term(t, bottom) for t in terms), QUARTERS[0])

    def _turn_of_term(self, term: Expr, bottom: Expr) -> Turn:
        number, bottom = primitive(bottom)
        coefficient, rest = (term / number).as_coeff_Mul()
        rest = rest / bottom
        quarters = 2 * coefficient
        if rest.is_Symbol and self.meanings[rest] == pi and quarters.is_Integer:
            return QUARTERS[int(quarters) % 4]
        times = int(coefficient.p)
        if abs(times) > LARGEST_MULTIPLE:
            raise DeriveError(f"{times} times an angle is more than is expanded; use a symbol")
        cos, sin = self._unit(self.spell(rest) * Rational(1, coefficient.q))
        one = (cos, sin) if times > 0 else (cos, -sin)
        return reduce(_after, [one] * abs(times), QUARTERS[0])

    def _unit(self, angle: Expr) -> Turn:
        """The atoms of an angle, and that their squares add up to 1."""
        cos, sin = self.atom(Cos(angle)), self.atom(Sin(angle))
        self.relations[sin] = (2, ONE - cos ** Integer(2))
        return cos, sin


def _after(first: Turn, second: Turn) -> Turn:
    """One turn after another."""
    (a, b), (c, d) = first, second
    return a * c - b * d, b * c + a * d
