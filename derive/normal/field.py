"""The normal form: a fraction of polynomials over atoms, in which a zero is a proof for every n.

Atoms are array elements, exp of one term of an expanded exponent, sin and cos of one of an expanded
angle, the log of an irreducible factor, signs, roots, and canonical sums (body normalised, what is
free of the index pulled out).  Sizes never enter as numbers.  The
argument is written out in docs/proof.md.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Mul, Pow, pi

from derive.errors import DeriveError
from derive.language import (
    At,
    Cases,
    Cos,
    Delta,
    Deriv,
    Elementwise,
    Erf,
    Exp,
    Largest,
    Log,
    LogGamma,
    Max,
    Maximum,
    Prod,
    Sign,
    Sin,
    Sum,
)
from derive.normal.atoms import ZERO, is_loose
from derive.normal.binders import Binders
from derive.normal.polynomials import fraction, leading


class Field(Binders):
    """Normal forms over the atoms met so far; one Field serves one case of one proof."""

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
        if self.outside and isinstance(e, At) and is_loose(e):
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

    def is_zero(self, e: Expr) -> bool:
        """Whether the normal form is zero: a proof.  False says only that no proof was found."""
        return bool(self.ratio(self.form(e)) == 0)

    def _odd(self, e: Elementwise) -> Expr:
        """erf(-x) = -erf(x)."""
        form = self.ratio(self.form(e.arg))
        if form == 0:
            return ZERO
        top, _ = fraction(form)
        turn = -1 if leading(top) < 0 else 1
        return turn * self.atom(Erf(self.spell(turn * form)))


_HANDLERS: dict[type[Expr], Any] = {
    Exp: lambda f, e: f._exp(f.form(e.arg)),
    Log: lambda f, e: f._log(f.form(e.arg)),
    Sign: lambda f, e: f._sign(f.form(e.arg)),
    Sin: lambda f, e: f._sin(f.form(e.arg)),
    Cos: lambda f, e: f._cos(f.form(e.arg)),
    Erf: Field._odd,
    LogGamma: lambda f, e: f.atom(LogGamma(f.spell(f.ratio(f.form(e.arg))))),
    Sum: Field._sum,
    Prod: Field._prod,
    Max: Field._max,
    Largest: Field._largest,
}
