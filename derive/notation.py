"""An expression as a person writes it: `latex(expr)` for a page, `text(expr)` for a terminal.

Law 7: what `latex` prints, `derive.reading` reads back to the same expression (but for `Group`,
which prints as plain parentheses).  Terms and factors are in the order of `derive.notation_order`,
so equal expressions print alike in every run.  Bound indices are renamed only where a letter would
mean two things.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import singledispatchmethod
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational, pi

from derive.errors import DeriveError
from derive.functions import BY_NODE
from derive.language import (
    Abs,
    At,
    Binder,
    Cases,
    Delta,
    Deriv,
    Elementwise,
    Exp,
    Group,
    Largest,
    Max,
    Maximum,
    Step,
    Sum,
    size,
)  # fmt: skip
from derive.notation_order import (
    decimal,
    fraction,
    inverse,
    is_negative,
    shows,
    terms,
)  # fmt: skip
from derive.notation_products import Products
from derive.notation_style import (
    ATOM,
    POWER,
    PREFIX,
    PRODUCT,
    RAISED,
    SUM,
    Latex,
    LatexOfOne,
    Piece,
    Style,
    Text,
    TextOfOne,
)  # fmt: skip
from derive.terms import apart, arrays

Mark = Mapping[Expr, str] | Callable[[Expr], str | None]


def latex(expr: Expr, mark: Mark | None = None, ordinary: bool = False) -> str:
    """LaTeX (needs amsmath, amssymb); `ordinary` writes d for ∂, where there is one variable.

    `mark` maps sub-expressions (as they occur in `expr`) to a LaTeX declaration that is put before
    them inside braces: `latex(e, mark={At(z, i): r"\\color{red}"})`; or it is a function that
    gives one or None.
    """
    return _Printer(LatexOfOne() if ordinary else Latex(), expr, mark).run(expr)


def text(expr: Expr, mark: Mark | None = None, ordinary: bool = False) -> str:
    """One line of Unicode; a mark is put before its sub-expression as it is."""
    return _Printer(TextOfOne() if ordinary else Text(), expr, mark).run(expr)


class _Printer(Products):
    """Walks an expression once; `style` decides the look, this class the brackets and the order."""

    def __init__(self, style: Style, whole: Expr, mark: Mark | None):
        super().__init__(style)
        self.marking = (mark or {}).get if isinstance(mark, Mapping) or mark is None else mark
        self.names = {a.name for a in arrays(whole)}

    def run(self, expr: Expr) -> str:
        return self.show(apart(expr, ())).text

    def show(self, expr: Expr) -> Piece:
        made = self.piece(expr)
        how = self.marking(expr)
        return Piece(self.style.mark(made.text, how), made.level, made.open) if how else made

    def paren(self, expr: Expr) -> str:
        return self.style.paren(self.show(expr).text)

    def position(self, place: Any) -> str:
        return str(place) if place.is_Integer else self.style.name(place.name)

    def positions(self, places: Any) -> list[str]:
        return [self.position(p) for p in places]

    @singledispatchmethod
    def piece(self, expr: Expr) -> Piece:
        if expr == pi:
            return Piece(self.style.name("pi"))
        raise DeriveError(
            f"{expr!r} is not an expression of the language: use the nodes of derive.language"
        )

    @piece.register(Rational)
    def _number(self, expr: Rational) -> Piece:
        if expr.is_Integer or decimal(abs(expr)):
            return Piece(decimal(expr) or str(expr), ATOM if expr >= 0 else SUM)
        return self.ratio(fraction(expr))

    @piece.register(Add)
    def _add(self, expr: Expr) -> Piece:
        first, *rest = terms(expr)
        written = self.show(first).text
        for term in rest:
            sign, size_ = ("-", -term) if is_negative(term) else ("+", term)
            written += f" {sign} {self.tight(size_, PRODUCT)}"
        return Piece(written, SUM, open=True)

    @piece.register(Mul)
    def _mul(self, expr: Expr) -> Piece:
        return self.ratio(fraction(expr))

    @piece.register(Pow)
    def _pow(self, expr: Pow) -> Piece:
        if inverse(expr) is not None:
            return self.ratio(fraction(expr))
        if expr.exp == Rational(1, 2):
            return Piece(self.style.root(self.show(expr.base).text))
        e = expr.exp
        raised = f"{e.p}/{e.q}" if e.is_Rational and not e.is_Integer else self.exponent(e)
        if e.is_Integer and self.raises(expr.base):
            return Piece(self.call(expr.base, raised), POWER)
        return Piece(self.style.power(self.tight(expr.base, ATOM, last=False), raised), POWER)

    @piece.register(Group)
    def _group(self, expr: Group) -> Piece:
        return Piece(self.paren(expr.arg))

    @piece.register(At)
    def _at(self, expr: At) -> Piece:
        return Piece(self.style.at(self.style.name(expr.array.name), self.positions(expr.indices)))

    @piece.register(Delta)
    def _delta(self, expr: Delta) -> Piece:
        return Piece(self.style.delta(self.positions(expr.args)))

    @piece.register(Exp)
    def _exp(self, expr: Exp) -> Piece:
        return Piece(self.style.exponential(self.exponent(expr.arg)), POWER)

    @piece.register(Abs)
    def _abs(self, expr: Abs) -> Piece:
        return Piece(self.style.bars(self.show(expr.arg).text))

    @piece.register(Step)
    def _step(self, expr: Step) -> Piece:
        return Piece(self.style.indicator(self.condition(expr)))

    @piece.register(Maximum)
    def _maximum(self, expr: Maximum) -> Piece:
        inner = ", ".join(self.show(a).text for a in expr.args)
        return Piece(self.style.function("max", r"\max", False) + self.style.paren(inner), POWER)

    @piece.register(Elementwise)
    def _function(self, expr: Elementwise) -> Piece:
        """`log x_i` and `log Σ…` need no parentheses; every other argument has them."""
        if BY_NODE[type(expr)].name == "log" and isinstance(expr.arg, (At, Binder)):
            return Piece(f"{self.called(expr)} {self.show(expr.arg).text}", PREFIX, open=True)
        return Piece(self.call(expr), POWER)

    def called(self, expr: Elementwise) -> str:
        """The name of a function where an array may have the same."""
        row = BY_NODE[type(expr)]
        taken = {Latex().name(name) for name in self.names}
        clash = bool(taken & {row.latex, r"\Gamma" if row.name == "lgamma" else row.latex})
        return self.style.function(row.name, row.latex, clash)

    def call(self, expr: Elementwise, raised: str = "") -> str:
        """f(x), or f²(x)."""
        named = self.called(expr)
        head = self.style.power(named, raised) if raised else named
        return self.style.call(head, self.show(expr.arg).text)

    def raises(self, base: Expr) -> bool:
        """Whether a power stands at the name, tanh² x, as it may where the call has no mark."""
        row = BY_NODE.get(type(base))
        return row is not None and row.name in RAISED and not self.marking(base)

    @piece.register(Binder)
    def _binder(self, expr: Binder) -> Piece:
        node = type(expr).__name__.lower()
        below, above = self.bounds(expr)
        body = self.tight(expr.body, PRODUCT) if isinstance(expr, Sum) else self.single(expr.body)
        return Piece(self.style.binder(node, below, above) + body, PRODUCT, open=True)

    def single(self, body: Expr) -> str:
        """The body of Π and max, in parentheses if it is a product: how far they reach is then
        plain."""
        made = self.show(body)
        fits = made.level >= PREFIX or isinstance(body, Binder)
        return made.text if fits else self.style.paren(made.text)

    def bounds(self, expr: Binder) -> tuple[str, str]:
        """k=1 and n, or k ≠ j alone (k then runs over the range of j), or k alone under a
        maximum."""
        k, end = self.position(expr.index), self.show(size(expr.index.range)).text
        apart_from = [f"{k}{self.style.differs}{p}" for p in self.positions(expr.excluded)]
        if any(not p.is_Integer for p in expr.excluded):
            return ", ".join(apart_from), ""
        if isinstance(self.style, Text) or (
            isinstance(expr, Max) and self.ranged(expr) and not apart_from
        ):
            return ", ".join(apart_from) or k, ""
        if isinstance(expr, Max):
            return ", ".join([rf"1 \le {k} \le {end}", *apart_from]), ""
        return ", ".join([f"{k}=1", *apart_from]), end

    def ranged(self, expr: Binder) -> bool:
        """Whether the body shows the range of the bound index by an element that has it."""
        return shows(expr.body, expr.index)

    @piece.register(Largest)
    def _largest(self, expr: Largest) -> Piece:
        body = self.single(expr.max.body)
        below, _ = self.bounds(expr.max)
        return Piece(self.style.argmax(self.position(expr.at), below, body))

    @piece.register(Deriv)
    def _deriv(self, expr: Deriv) -> Piece:
        variable, inner = self.show(expr.variable).text, self.show(expr.expr).text
        plain = isinstance(expr.expr, At)
        made = self.style.derivative(inner, variable, plain)
        return Piece(made, POWER) if plain else Piece(made, PRODUCT, open=True)

    @piece.register(Cases)
    def _cases(self, expr: Cases) -> Piece:
        branches = [(self.show(v).text, self.condition(c)) for v, c in expr.branches]
        tests = [c for _, c in expr.branches]
        lone = len(tests) == 1 and isinstance(tests[0], Delta)
        complement = self.condition(1 - tests[0]) if lone else ""
        return Piece(self.style.cases(branches, self.show(expr.otherwise).text, complement), POWER)

    def condition(self, test: Expr) -> str:
        """i = j, i ≠ j, a < b, a ≤ b for the {0, 1}-valued conditions of the language."""
        holds = not isinstance(test, Add)
        inner = test if holds else Integer(1) - test
        if isinstance(inner, Delta):
            differs = self.style.differs if isinstance(self.style, Text) else r" \ne "
            return (" = " if holds else differs).join(self.positions(inner.args))
        if not isinstance(inner, Step):
            return f"{self.show(test).text} = 1"
        sides = terms(inner.arg)
        if len(sides) == 2 and is_negative(sides[1]) and not is_negative(sides[0]):
            less, more = self.tight(-sides[1], PRODUCT), self.tight(sides[0], PRODUCT)
            return (less + self.style.less + more) if holds else (more + self.style.at_most + less)
        shown = self.show(inner.arg).text
        return f"{shown} > 0" if holds else shown + self.style.at_most + "0"
