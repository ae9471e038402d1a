"""Atoms, and fractions of polynomials over them, with the relations of signs and roots."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from itertools import permutations
from typing import Self

from sympy import Add, Expr, Integer, Mul, Symbol

from derive.language import Array, At, Delta, Index, Prod, Sign
from derive.normal.polynomials import expand, fraction
from derive.terms import canonical, free_indices, rename

Known = tuple[Expr, tuple[Index, ...], Expr]
ZERO, ONE = Integer(0), Integer(1)


class Atoms:
    """The atoms met so far; `form` takes an expression to them."""

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
        self.positives: frozenset[Array] = frozenset()

    def copied(self) -> Self:
        """The same atoms and facts; what is met from now on is the copy's own."""
        made = copy(self)
        for name, value in vars(self).items():
            if isinstance(value, (dict, list)):
                setattr(made, name, copy(value))
        return made

    def form(self, e: Expr) -> Expr:
        """The expression as a rational expression over atoms, not yet brought over one bar."""
        raise NotImplementedError

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
        """Whether what the symbol stands for has the index k."""
        return k in free_indices(self.meanings[symbol])

    def ratio(self, form: Expr) -> Expr:
        """Over one bar, common factors cancelled, the relations of signs and roots used."""
        if not form.free_symbols:
            return form
        top, bottom = fraction(form)
        reduced = self.reduce(top)
        return reduced / bottom if reduced != 0 else ZERO

    def reduce(self, polynomial: Expr) -> Expr:
        """s² = 1 for signs, r^q = base for roots, y² = y for binary elements; exponents brought
        down."""
        while any(self.relation(s)[0] for s in polynomial.free_symbols):
            terms = [self._reduce_term(t) for t in Add.make_args(polynomial)]
            new = expand(Add(*terms))
            if new == polynomial:
                break
            polynomial = new
        return polynomial

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
        if domain == "sign" or meaning == Prod(-ONE, Index("·0", range_of(meaning))):
            return 2, ONE
        return (2, symbol) if domain == "binary" or isinstance(meaning, Delta) else (0, ONE)

    def _vanishes_inside(self, sign: Sign) -> bool:
        """Whether the argument is 0 where a bound index meets another, so that it is 0 at every
        point."""
        if sign not in self.crossing:
            pairs = permutations(free_indices(sign), 2)
            meets = ({a: b} for a, b in pairs if a.range == b.range and is_loose(a))
            self.crossing[sign] = any(
                self.ratio(self.form(rename(sign.arg, m))) == 0 for m in meets
            )
        return self.crossing[sign]


def range_of(meaning: Expr) -> str:
    """The range that a binder runs over."""
    return str(meaning.args[1].range) if isinstance(meaning, Prod) else ""


def is_loose(meaning: Expr) -> bool:
    """Whether an index of an enclosing binder occurs."""
    return any(i.name.startswith("_") for i in free_indices(meaning))
