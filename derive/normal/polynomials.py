"""Fractions of polynomials over symbols: over one bar, expanded, factored.

Each function is SymPy's of the same name, for rational expressions over symbols only: these make up
the normal form, and SymPy's own way there through expressions is what took its time.  The
polynomials are python-flint's where it is installed and SymPy's otherwise; both have one result.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache, reduce
from importlib import import_module
from typing import Any

from sympy import ZZ, Add, Expr, Integer, Mul, Pow, Symbol, nan, oo, zoo
from sympy.polys.orderings import lex
from sympy.polys.rings import PolyRing

from derive.errors import DeriveError

INFINITE = frozenset([zoo, nan, oo, -oo])

flint: Any
try:
    flint = import_module("flint")
except ImportError:  # the optional dependency
    flint = None

Quotient = tuple[Any, Any]  # two polynomials with integer coefficients


class Ring:
    """Polynomials with integer coefficients over symbols, in the order in which atoms were met."""

    def __init__(self, symbols: tuple[Symbol, ...], fast: bool = flint is not None) -> None:
        self.symbols = symbols
        names = [s.name for s in symbols]
        made: Any = flint.fmpz_mpoly_ctx.get(names, "lex") if fast else PolyRing(names, ZZ, lex)
        self.generators = dict(zip(symbols, made.gens() if fast else made.gens, strict=True))
        self.fast, self.one = fast, made.constant(1) if fast else made.one

    def quotient(self, e: Expr) -> Quotient:
        """A rational expression as top and bottom, in lowest terms."""
        if e.is_Rational:
            return self.one * int(e.p), self.one * int(e.q)
        if e.is_Symbol:
            return self.generators[e], self.one
        if isinstance(e, Pow):
            top, bottom = self.quotient(e.base)
            n = int(e.exp)
            return self._signed(*((top**n, bottom**n) if n > 0 else (bottom**-n, top**-n)))
        parts = map(self.quotient, e.args)
        return self._lowest(*reduce(self._sum if isinstance(e, Add) else self._product, parts))

    def _sum(self, left: Quotient, right: Quotient) -> Quotient:
        (a, b), (c, d) = left, right
        if b == d:
            return a + c, b
        shared = b.gcd(d)
        return a * (d // shared) + c * (b // shared), b * (d // shared)

    def _product(self, left: Quotient, right: Quotient) -> Quotient:
        return left[0] * right[0], left[1] * right[1]

    def _lowest(self, top: Any, bottom: Any) -> Quotient:
        if bottom != self.one:
            shared = top.gcd(bottom)
            top, bottom = top // shared, bottom // shared
        return self._signed(top, bottom)

    def _signed(self, top: Any, bottom: Any) -> Quotient:
        """The leading coefficient below the bar is positive."""
        if (bottom.leading_coefficient() if self.fast else bottom.LC) < 0:
            return -top, -bottom
        return top, bottom

    def spell(self, polynomial: Any) -> Expr:
        """The polynomial as an expression, term by term."""
        terms = polynomial.to_dict() if self.fast else dict(polynomial)
        return Add(*(self._term(powers, int(c)) for powers, c in terms.items()))

    def _term(self, powers: Iterable[Any], c: int) -> Expr:
        raised = (s ** int(n) for s, n in zip(self.symbols, powers, strict=True) if n)
        return Mul(Integer(c), *raised)

    def factors(self, polynomial: Any) -> tuple[int, list[tuple[Expr, int]]]:
        """Content, and irreducible factors with positive leading coefficients."""
        content, found = polynomial.factor() if self.fast else polynomial.factor_list()
        return int(content), [(self.spell(f), int(count)) for f, count in found]


@lru_cache(maxsize=1_000)
def ring(symbols: frozenset[Symbol]) -> Ring:
    """The ring over these symbols."""
    return Ring(tuple(sorted(symbols, key=lambda s: (len(s.name), s.name))))


@lru_cache(maxsize=50_000)
def fraction(e: Expr) -> tuple[Expr, Expr]:
    """Top and bottom over one bar, expanded, with nothing in common."""
    if e in INFINITE or not INFINITE.isdisjoint(e.args):
        raise DeriveError(f"{e} is no number: something divides by zero here")
    if not e.free_symbols:
        return Integer(e.p), Integer(e.q)
    over = ring(frozenset(e.free_symbols))
    top, bottom = over.quotient(e)
    return over.spell(top), over.spell(bottom)


@lru_cache(maxsize=50_000)
def expand(e: Expr) -> Expr:
    """A polynomial with rational coefficients, term by term."""
    if not isinstance(e, (Add, Mul, Pow)):
        return e
    top, bottom = fraction(e)
    return Add(*(t / bottom for t in Add.make_args(top)))


@lru_cache(maxsize=20_000)
def factor_list(polynomial: Expr) -> tuple[Expr, list[tuple[Expr, int]]]:
    """The rational content of a polynomial, and its irreducible factors with their powers."""
    if not polynomial.free_symbols:
        return polynomial, []
    over = ring(frozenset(polynomial.free_symbols))
    top, bottom = over.quotient(polynomial)
    content, found = over.factors(top)
    return Integer(content) / over.spell(bottom), found


@lru_cache(maxsize=20_000)
def factor(e: Expr) -> Expr:
    """Both sides of the bar as products of irreducible factors."""
    (above, tops), (below, bottoms) = map(factor_list, fraction(e))
    number = above / below
    rest = Mul(*(f**c for f, c in tops), *(f**-c for f, c in bottoms))
    whole = not isinstance(rest, Add) or number == 1
    return number * rest if whole else Mul(number, rest, evaluate=False)


def leading(polynomial: Expr) -> Expr:
    """The coefficient of the term whose text comes first: its sign tells f from -f."""
    terms = (t.as_coeff_Mul() for t in Add.make_args(polynomial))
    return min(terms, key=lambda t: str(t[1]))[0]
