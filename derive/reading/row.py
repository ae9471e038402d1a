"""What the readers of signs, functions and derivatives have in hand: the row they stand in, and
the reader of whole expressions that stands above them all.

Both are declared here and made in `products` and `elaborate`, so that each reader of a part can ask
for the value of what stands in it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sympy import Expr

from derive.errors import DeriveError
from derive.reading.environment import Env
from derive.reading.naming import Naming
from derive.reading.scope import Names
from derive.reading.syntax import Chain, Syntax, Terms
from derive.reading.tokens import Place


class Reads(Naming, ABC):
    """Gives values to whole expressions, and rows to read the parts of a term in."""

    @abstractmethod
    def expr(self, node: Chain | Terms, env: Env) -> Expr:
        """The value of an expression without relations."""

    @abstractmethod
    def atom(self, node: Syntax, env: Env) -> Expr:
        """The value of a bracket, number, fraction or root that stands alone."""

    @abstractmethod
    def power(self, base: Expr, exponent: Expr, place: Place) -> Expr:
        """base^exponent, with numbers bounded in size."""

    @abstractmethod
    def inverse(self, node: Chain, env: Env) -> Expr:
        """One over an expression."""

    @abstractmethod
    def factors(self, node: Chain, env: Env) -> list[Expr]:
        """The factors of an expression, kept apart."""

    @abstractmethod
    def checked(self, value: Expr, place: Place) -> Expr:
        """The value, unless it divides by zero."""

    @abstractmethod
    def rank(self, node: Syntax) -> int:
        """How many whole axes an expression has."""

    @abstractmethod
    def row(self, items: Sequence[Syntax], env: Env) -> Row:
        """The items of one term, to be read from left to right."""


class Row(ABC):
    """The items of one term, read from left to right."""

    def __init__(self, reader: Reads, items: Sequence[Syntax], env: Env):
        self.reader, self.items, self.env = reader, items, env
        self.at = 0
        self.factors: list[Expr] = []

    @property
    def names(self) -> Names:
        return self.reader.names

    def peek(self, ahead: int = 0) -> Syntax | None:
        return self.items[self.at + ahead] if self.at + ahead < len(self.items) else None

    def take(self) -> Syntax:
        self.at += 1
        return self.items[self.at - 1]

    def ended(self) -> bool:
        return self.at >= len(self.items)

    @property
    def place(self) -> Place:
        return self.items[min(self.at, len(self.items) - 1)].place

    @abstractmethod
    def value(self) -> Expr:
        """The product of the row."""

    @abstractmethod
    def only(self) -> Expr:
        """The next factor alone."""

    @abstractmethod
    def part(self, items: Sequence[Syntax], env: Env) -> list[Expr]:
        """The factors of some of the items, in surroundings of their own."""

    def argument(self, chains: tuple[Chain, ...]) -> Expr:
        if len(chains) != 1:
            raise DeriveError("a list stands here; expected one exponent", chains[0].place)
        return self.reader.expr(chains[0], self.env.deeper(chains[0].place))
