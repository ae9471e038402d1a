"""A row of factors: how far sums, functions and ∂ reach, calls against products, slashes, dots.

The reading is the one people mean; where two are in use the row is refused and the remedy named.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sympy import Expr, Integer, Mul

from derive.errors import DeriveError
from derive.language import Exp
from derive.reading import binders, derivatives, functions
from derive.reading.calls import check_matrices, check_words, is_call, merged
from derive.reading.scope import Names
from derive.reading.syntax import Bracket, Chain, Mark, Name, Number, Over, Scripted, Syntax, sole
from derive.reading.tokens import Place
from derive.reading.vectors import is_position, is_transposed

if TYPE_CHECKING:
    from derive.reading.elaborate import Elaborator
    from derive.reading.naming import Env


class Row:
    """Reads the items of one term from left to right."""

    def __init__(self, reader: Elaborator, items: Sequence[Syntax], env: Env):
        self.reader, self.items, self.env = reader, items, env
        self.at = 0
        self.factors: list[Expr] = []
        self.vectors = 0

    # -- the row ----------------------------------------------------------------------------------

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

    def value(self) -> Expr:
        """The product of the row."""
        check_words(self.names, self.items)
        check_matrices(self.names, self.items)
        while not self.ended():
            item = self.peek()
            if _is(item, "times"):
                self.times()
            elif _is(item, "slash"):
                self.slash()
            else:
                self.factor()
        return self.reader.checked(Mul(*self.factors), self.items[0].place)

    def rest(self) -> Expr:
        """All that follows, as one product (the reach of a sum)."""
        items, self.at = self.items[self.at :], len(self.items)
        return Row(self.reader, items, self.env).value()

    def times(self) -> None:
        """a · b: both sides must be there; between two vectors a dot is their inner product."""
        sign = self.take()
        if self.at == 1 or self.ended() or _is(self.peek(), "times") or _is(self.peek(), "slash"):
            raise DeriveError("a product sign needs a factor on either side", sign.place)
        if isinstance(sign, Mark) and sign.value == "odot":
            self.vectors = 0

    def slash(self) -> None:
        """a/b; a/bc and a/b/c are ambiguous, but for a mere number in front."""
        sign = self.take()
        if not self.factors or self.ended():
            raise DeriveError("a slash needs something on either side", sign.place)
        numeric = len(self.items) > 2 and self.at == 2 and isinstance(self.items[0], Number)
        numeric = numeric and isinstance(self.peek(), Number)
        over = Row(self.reader, self.items[self.at :], self.env)
        below = over.only()
        self.at += over.at
        self.factors.append(self.reader.power(below, Integer(-1), sign.place))
        if not self.ended() and not _is(self.peek(), "times") and not numeric:
            raise DeriveError(
                "a/bc and a/b/c can be read in two ways; use \\frac or parentheses", self.place
            )

    def only(self) -> Expr:
        """The next factor alone."""
        self.factor()
        return Mul(*self.factors)

    # -- one factor -------------------------------------------------------------------------------

    def factor(self) -> None:
        """Append the next factor (a fraction appends its parts, so that signs and numbers stay
        put)."""
        item = self.take()
        head = item.base if isinstance(item, Scripted) else item
        if isinstance(head, Mark):
            self.factors.append(self.marked(item, head))
        elif isinstance(item, Over) and derivatives.is_derivative(self.names, item):
            self.factors.append(derivatives.fraction(self, item))
        elif isinstance(item, Over):
            self.over(item)
        elif isinstance(head, Name):
            self.factors.append(self.named(item, head))
        elif isinstance(head, Number) and self.indicates(item, head):
            self.factors.append(functions.indicator(self, item))
        elif isinstance(item, Scripted):
            self.factors.append(self.scripted(item))
        elif isinstance(item, Bracket) and item.kind == "braces":
            self.braces(item)
        else:
            self.count_vector(item)
            self.factors.append(self.reader.atom(item, self.env))

    def over(self, item: Over) -> None:
        inner = self.env.deeper(item.place)
        self.count_vector(item)
        self.factors += self.reader.factors(item.above, inner)
        self.factors.append(self.reader.inverse(item.below, inner))

    def braces(self, item: Bracket) -> None:
        """Invisible braces around a row belong to the row; around a sum they are its
        parentheses."""
        chain = item.items[0]
        (sign, _), *more = chain.exprs[0].parts
        if (more or sign < 0) and len(self.items) > 1:
            raise DeriveError("TeX does not show these braces; write parentheses", item.place)
        self.factors.append(self.reader.expr(chain, self.env.deeper(item.place)))

    def marked(self, item: Syntax, head: Mark) -> Expr:
        """A sum, a function, ∂, ∇, an indicator."""
        if head.kind == "big":
            return binders.big(self, item, head)
        if head.kind == "function":
            return functions.call(self, item, head.value)
        if head.kind == "partial":
            return derivatives.partial(self, item)
        if head.kind == "nabla":
            return derivatives.nabla(self, item)
        if head.kind == "one":
            return functions.indicator(self, item)
        raise DeriveError(f"{head.value or head.kind!r} cannot stand here", item.place)

    def indicates(self, item: Syntax, head: Number) -> bool:
        after = self.peek()
        brace = (
            isinstance(after, Bracket)
            and after.kind in ("{", "[")
            and bool(after.items[0].relations)
        )
        return item is head and head.written == "1" and brace

    # -- names ------------------------------------------------------------------------------------

    def named(self, item: Syntax, head: Name) -> Expr:
        node = item if isinstance(item, Scripted) else Scripted(item.place, item)
        kronecker = functions.delta(self, node) if head.key == "delta" else None
        if kronecker is not None:
            raised = self.argument(node.sup) if node.sup else Integer(1)
            return self.reader.power(kronecker, raised, node.place)
        if head.key == "e" and node.sup and not node.sub and "e" not in self.names.arity:
            return Exp(self.argument(node.sup))
        if head.key == "sigma" and functions.is_sigmoid(self, node):
            return functions.call(self, item, "sigmoid")
        if functions.is_gamma(self, item) and isinstance(self.peek(), Bracket):
            return Exp(functions.call(self, item, "lgamma"))
        if head.key == "D" and derivatives.is_operator(self, node):
            return derivatives.operator(self, node)
        if node.primes:
            raise DeriveError(f"{head.key}' is not read; give it a name of its own", node.place)
        return self.raised(node, head)

    def raised(self, node: Scripted, head: Name) -> Expr:
        """An element with its power; transposes pair with the vector that follows."""
        if is_transposed(node) and ((node.sup and self.reader.vectorial(head)) or not self.ended()):
            return self.transposed(node, head)
        rows = node.sup[0] if is_position(node.sup) else None
        positions = self.rows(rows) if rows is not None else ()
        if positions and not node.sub:
            self.styled(head, "superscript")
        elif node.sub and not positions:
            self.styled(head, "subscript")
        if is_call(self, node, head):
            self.at += 1
        if self.dotted(node, head):
            return self.dot(Scripted(node.place, head))
        if not node.sub and not positions:
            self.count_vector(head)
        base = self.reader.element(head, node.sub, positions, self.env)
        if not node.sup or positions:
            return base
        return self.reader.power(base, self.argument(node.sup), node.place)

    def rows(self, chain: Chain) -> tuple[Chain, ...]:
        bracket = sole(chain)
        return bracket.items if isinstance(bracket, Bracket) else ()

    def styled(self, head: Name, how: str) -> None:
        """x_i and x^{(i)} are different things to most authors: refuse the mixture."""
        if self.names.style.setdefault(head.key, how) != how:
            raise DeriveError(
                f"{head.key} has its index as a subscript and as a superscript; write both in "
                f"one place",
                head.place,
            )

    def argument(self, chains: tuple[Chain, ...]) -> Expr:
        if len(chains) != 1:
            raise DeriveError("a list stands here; expected one exponent", chains[0].place)
        return self.reader.expr(chains[0], self.env.deeper(chains[0].place))

    def scripted(self, item: Scripted) -> Expr:
        """A bracket, norm or fraction with a power."""
        base = item.base
        if isinstance(base, Bracket) and base.kind == "norm":
            return self.normed(item, base)
        inner = sole(base.items[0]) if isinstance(base, Bracket) and base.kind == "braces" else None
        if isinstance(inner, (Name, Scripted)):
            self.items = (*self.items[: self.at - 1], merged(inner, item), *self.items[self.at :])
            self.at -= 1
            self.factor()
            return self.factors.pop()
        if item.sub or item.primes:
            raise DeriveError(
                "an index or a prime on a bracket is not read; write the elements out", item.place
            )
        if isinstance(base, Bracket) and base.kind == "braces" and sole(base.items[0]) is None:
            raise DeriveError("TeX does not show these braces; write parentheses", base.place)
        if is_transposed(item):
            raise DeriveError(
                "a transposed bracket is not read; write the sum over its elements", item.place
            )
        self.count_vector(base)
        return self.reader.power(
            self.reader.atom(base, self.env), self.argument(item.sup), item.place
        )

    def normed(self, item: Scripted, base: Bracket) -> Expr:
        tail = sole(item.sub[0]) if len(item.sub) == 1 else None
        order = tail.written if isinstance(tail, Number) else "2" if not item.sub else ""
        if order not in ("1", "2"):
            raise DeriveError("only the norms 1 and 2 are read; write the sum out", item.place)
        value = self.reader.norm(base, int(order), self.env)
        return self.reader.power(value, self.argument(item.sup), item.place) if item.sup else value

    # -- vectors ----------------------------------------------------------------------------------

    def count_vector(self, item: Syntax) -> None:
        """Two vectors side by side have no product of their own."""
        if not self.reader.vectorial(item):
            return
        self.vectors += 1
        if self.vectors > 1:
            raise DeriveError(
                "two vectors side by side; write a^\\top b, a \\odot b, or indices", item.place
            )

    def dotted(self, node: Scripted, head: Name) -> bool:
        sign, after = self.peek(), self.peek(1)
        dot = _is(sign, "times") and isinstance(sign, Mark) and sign.value == "cdot"
        plain = not node.sub and not node.sup and self.reader.vectorial(head)
        return bool(dot and plain and after is not None and self.reader.vectorial(after))

    def dot(self, left: Scripted) -> Expr:
        self.take()
        return self.inner(left.base, self.take(), left.place)

    def transposed(self, node: Scripted, head: Name) -> Expr:
        """w^T x = Σ w_k x_k."""
        if _is(self.peek(), "times"):
            self.take()
        after = self.peek()
        self.names.whole.add(self.names.resolve(head.key, head.place))
        if isinstance(after, Name) and not self.names.is_declared(after.key):
            self.names.whole.add(self.names.resolve(after.key, after.place))
        if after is None or node.sub or not self.reader.vectorial(after):
            raise DeriveError(
                f"{head.key}^T must stand before a vector; write the sum over elements otherwise",
                node.place,
            )
        return self.inner(head, self.take(), node.place)

    def inner(self, left: Syntax, right: Syntax, place: Place) -> Expr:
        return self.reader.summed(
            place,
            self.env,
            "dot",
            lambda e: Row(self.reader, (left,), e).value() * Row(self.reader, (right,), e).value(),
        )


def _is(item: Syntax | None, kind: str) -> bool:
    return isinstance(item, Mark) and item.kind == kind
