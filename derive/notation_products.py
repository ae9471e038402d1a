"""Products and quotients as a person writes them: fractions, factors side by side, exponents."""

from __future__ import annotations

from abc import ABC, abstractmethod

from sympy import Expr

from derive.notation_order import Fraction
from derive.notation_style import CALLED, ONE, POWER, PREFIX, PRODUCT, SUM, Piece, Style, Text


class Products(ABC):
    """The part of the printer that brackets and joins factors."""

    def __init__(self, style: Style):
        self.style = style
        self.raised = False  # inside an exponent, where fractions are written with a slash

    @abstractmethod
    def show(self, expr: Expr) -> Piece:
        """An expression as text, and how tightly it binds."""

    def tight(self, expr: Expr, level: int, last: bool = True) -> str:
        """The text of `expr`, in parentheses if it is looser than `level` or would swallow what
        follows."""
        made = self.show(expr)
        keep = made.level >= level or (last and made.open and made.level == PRODUCT)
        return made.text if keep and (last or not made.open) else self.style.paren(made.text)

    def ratio(self, parts: Fraction) -> Piece:
        """sign · numerator/denominator · trailing factors."""
        made = self.quotient(parts) if parts.below else self.product(parts.above)
        if parts.after:
            front = self.style.paren(made.text) if made.level < POWER else made.text
            tail = self.product(parts.after)
            made = Piece(
                f"{front} {self.bracketed_sum(tail)}", PRODUCT, tail.open and tail.level != SUM
            )
        return Piece(f"-{self.bracketed_sum(made)}", SUM, made.open) if parts.negative else made

    def bracketed_sum(self, made: Piece) -> str:
        return self.style.paren(made.text) if made.level == SUM else made.text

    def quotient(self, parts: Fraction) -> Piece:
        """A fraction; in an exponent with a slash, as in e^{z/τ}, where that is plain to read."""
        if not self.raised or parts.after or isinstance(self.style, Text):
            return self.bar(parts)
        above = self.product(parts.above) if parts.above else Piece("1")
        below = self.product(parts.below)
        plain = above.level >= PRODUCT and not above.open
        top = above.text if plain else self.style.paren(above.text)
        bottom = below.text if below.level >= POWER else self.style.paren(below.text)
        return Piece(f"{top}/{bottom}", PRODUCT)

    def exponent(self, expr: Expr) -> str:
        """What stands above a base."""
        outside, self.raised = self.raised, True
        made = self.show(expr).text
        self.raised = outside
        return made

    def bar(self, parts: Fraction) -> Piece:
        above = self.product(parts.above) if parts.above else Piece("1")
        below = self.product(parts.below)
        if isinstance(self.style, Text):
            top = above.text if above.level >= PRODUCT and not above.open else f"({above.text})"
            bottom = below.text if below.level >= POWER else f"({below.text})"
            return Piece(self.style.fraction(top, bottom), PRODUCT)
        return Piece(self.style.fraction(above.text, below.text), POWER)

    def product(self, factors: tuple[Expr, ...]) -> Piece:
        """Factors side by side; a lone factor keeps its own level."""
        if len(factors) == 1:
            return self.show(factors[0])
        written = [self.tight(f, PREFIX, last=f is factors[-1]) for f in factors]
        joined = written[0]
        for factor in written[1:]:
            called = factor.startswith((r"\left(", "(")) and joined.endswith(CALLED)
            number = factor[0].isdigit() or (factor.startswith(ONE) and joined[-1].isdigit())
            joined += (self.style.times if number or called else " ") + factor
        tail = self.show(factors[-1])
        return Piece(joined, PRODUCT, tail.open and tail.level in (PRODUCT, PREFIX))
