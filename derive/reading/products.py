"""A row of factors: how far sums, functions and ∂ reach, calls against products, slashes, dots.

The reading is the one people mean; where two are in use the row is refused and the remedy named.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integer, Mul

from derive.errors import DeriveError
from derive.language import Exp, Relu
from derive.reading import binders, derivatives, functions
from derive.reading.applying import applied, is_own_head, primed_name
from derive.reading.calls import check_words, is_call, merged
from derive.reading.differentials import is_derivative, upright
from derive.reading.ellipsis import spelled_product
from derive.reading.environment import Env
from derive.reading.inference import inferred, whole_parts
from derive.reading.matrices import is_product, product
from derive.reading.norms import normed
from derive.reading.row import Row
from derive.reading.scripts import counted, is_plus, is_position, is_transposed, listed
from derive.reading.syntax import Bracket, Mark, Name, Number, Over, Scripted, Syntax, sole
from derive.reading.vectors import rank, units


class Factors(Row):
    """Reads the items of one term from left to right."""

    def value(self) -> Expr:
        """The product of the row."""
        check_words(self.names, self.items)
        self.items = spelled_product(upright(self.names, self.items))
        inferred(self.names, self.items, len(self.env.places))
        made = units(self.names, self.items)
        if is_product(made):
            product(self, made)
            self.at = len(self.items)
        while not self.ended():
            item = self.peek()
            if _is(item, "times"):
                self.times()
            elif _is(item, "slash"):
                self.slash()
            else:
                self.factor()
        return self.reader.checked(Mul(*self.factors), self.items[0].place)

    def part(self, items: Sequence[Syntax], env: Env) -> list[Expr]:
        """The factors of some of the items, in surroundings of their own."""
        row = Factors(self.reader, items, env)
        row.value()
        return row.factors

    def times(self) -> None:
        """a · b: both sides must be there."""
        sign = self.take()
        if self.at == 1 or self.ended() or _is(self.peek(), "times") or _is(self.peek(), "slash"):
            raise DeriveError("a product sign needs a factor on either side", sign.place)
        if isinstance(sign, Mark) and sign.value == "oslash":
            self.factor()
            below = self.factors.pop()
            self.factors.append(self.reader.power(below, Integer(-1), sign.place))

    def slash(self) -> None:
        """a/b; a/bc and a/b/c are ambiguous, but for a mere number in front."""
        sign = self.take()
        if not self.factors or self.ended():
            raise DeriveError("a slash needs something on either side", sign.place)
        numeric = len(self.items) > 2 and self.at == 2 and isinstance(self.items[0], Number)
        numeric = numeric and isinstance(self.peek(), Number)
        over = Factors(self.reader, self.items[self.at :], self.env)
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

    def factor(self) -> None:
        """Append the next factor (a fraction appends its parts, so that signs and numbers stay
        put)."""
        item = self.take()
        head = item.base if isinstance(item, Scripted) else item
        if functions.indicates(self, item):
            self.factors.append(functions.indicator(self, item))
        elif isinstance(head, Mark):
            self.factors.append(self.marked(item, head))
        elif isinstance(item, Over) and is_derivative(self.names, item):
            self.factors.append(derivatives.fraction(self, item))
        elif isinstance(item, Over):
            self.over(item)
        elif isinstance(head, Name):
            self.factors.append(self.named(item, head))
        elif isinstance(item, Scripted):
            self.factors.append(self.scripted(item))
        elif isinstance(item, Bracket) and item.kind == "braces":
            self.braces(item)
        else:
            self.factors.append(self.reader.atom(item, self.env))

    def over(self, item: Over) -> None:
        inner = self.env.deeper(item.place)
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
            return functions.ones(self, item) or functions.indicator(self, item)
        if head.kind == "expectation":
            return functions.expectation(self, item)
        raise DeriveError(f"{head.value or head.kind!r} cannot stand here", item.place)

    # -- names ------------------------------------------------------------------------------------

    def named(self, item: Syntax, head: Name) -> Expr:
        node = item if isinstance(item, Scripted) else Scripted(item.place, item)
        kronecker = functions.delta(self, node) if head.key == "delta" else None
        if kronecker is not None:
            raised = self.argument(node.sup) if node.sup else Integer(1)
            return self.reader.power(kronecker, raised, node.place)
        if head.key == "e" and node.sup and not node.sub and "e" not in self.names.arity:
            return Exp(self.argument(node.sup))
        if (made := self.defined(node, head)) is not None:
            return made
        if head.key == "sigma" and functions.is_sigmoid(self, node):
            return functions.call(self, item, "sigmoid")
        if functions.is_gamma(self, item) and isinstance(self.peek(), Bracket):
            return Exp(functions.call(self, item, "lgamma"))
        if head.key == "D" and derivatives.is_operator(self, node):
            return derivatives.operator(self, node)
        if node.primes and (made := primed_name(self, node, self.peek())) is not None:
            return made
        if node.primes:
            raise DeriveError(f"{head.key}' is not read; give it a name of its own", node.place)
        return self.raised(node, head)

    def defined(self, node: Scripted, head: Name) -> Expr | None:
        """f(a) of a function that was defined; with its own arguments f is the quantity itself."""
        function, after = self.names.functions.get(head.key), self.peek()
        bracket = after.base if isinstance(after, Scripted) else after
        if function is None or not isinstance(bracket, Bracket) or bracket.kind not in ("(", "["):
            return None
        names = self.names
        own = head.key in names.heads or head.key in names.head_ranks or head.key in names.arity
        if not own or node.primes or node.sub or not is_own_head(function, bracket):
            return applied(self, function, node, self.take())
        self.take()
        sub, sup = (after.sub, after.sup) if isinstance(after, Scripted) else ((), ())
        value = self.reader.element(head, sub, (), self.env)
        return self.reader.power(value, self.argument(sup), node.place) if sup else value

    def raised(self, node: Scripted, head: Name) -> Expr:
        """An element with its power."""
        if is_transposed(node) and rank(self.names, node):
            raise DeriveError(f"{head.key}^T must stand in a product of matrices", node.place)
        rows = node.sup[0] if is_position(node.sup) else None
        positions = listed(rows) if rows is not None else ()
        if positions and not node.sub:
            self.styled(head, "superscript")
        elif node.sub and not positions:
            self.styled(head, "subscript")
        if is_call(self, node, head):
            self.at += 1
        base = self.reader.element(head, node.sub, positions, self.env)
        if not node.sup or positions:
            return base
        return self.reader.power(base, self.argument(node.sup), node.place)

    def styled(self, head: Name, how: str) -> None:
        """x_i and x^{(i)} are different things to most authors: refuse the mixture."""
        if self.names.style.setdefault(head.key, how) != how:
            raise DeriveError(
                f"{head.key} has its index as a subscript and as a superscript; write both in "
                f"one place",
                head.place,
            )

    def scripted(self, item: Scripted) -> Expr:
        """A bracket, norm or fraction with a power."""
        base = item.base
        if isinstance(base, Bracket) and base.kind == "norm":
            return normed(self, item, base)
        inner = sole(base.items[0]) if isinstance(base, Bracket) and base.kind == "braces" else None
        if isinstance(inner, (Name, Scripted)):
            self.items = (*self.items[: self.at - 1], merged(inner, item), *self.items[self.at :])
            self.at -= 1
            self.factor()
            return self.factors.pop()
        if is_plus(item.sub) and not item.primes:
            return self.positive(item, base)
        if item.sub and not item.primes and isinstance(base, Bracket):
            return self.picked(item, base)
        if item.primes == 1 and isinstance(base, Bracket) and not item.sub:
            return derivatives.primed(self, item, base)
        return self.powered(item, base)

    def powered(self, item: Scripted, base: Syntax) -> Expr:
        """A bracket or fraction with a power and nothing else."""
        if item.sub or item.primes:
            raise DeriveError(
                "an index or a prime on a bracket is not read; write the elements out", item.place
            )
        if isinstance(base, Bracket) and base.kind == "braces" and sole(base.items[0]) is None:
            raise DeriveError("TeX does not show these braces; write parentheses", base.place)
        if is_transposed(item):
            raise DeriveError("this transpose stands in no product of matrices", item.place)
        value = self.reader.atom(base, self.env)
        return self.reader.power(value, self.argument(item.sup), item.place)

    def positive(self, item: Scripted, base: Syntax) -> Expr:
        """[x]_+ = max(0, x)."""
        value = Relu(self.reader.atom(base, self.env))
        return self.reader.power(value, self.argument(item.sup), item.place) if item.sup else value

    def picked(self, item: Scripted, base: Bracket) -> Expr:
        """(A B)_{ij}, (p - y)_j: the element of a bracketed vector or matrix."""
        if len(base.items) == 1:
            for _, items in base.items[0].exprs[0].parts:
                inferred(self.names, items, counted(item.sub))
            whole_parts(self.names, base.items[0])
        whole = rank(self.names, base)
        positions = self.reader.positions(item.sub, self.env)
        if base.kind not in ("(", "[") or whole != len(positions):
            raise DeriveError(
                "an index on a bracket is read where the bracket is a vector or matrix with as "
                "many indices; write the elements out",
                item.place,
            )
        value = self.reader.atom(base, self.env.at(positions, item.place))
        return self.reader.power(value, self.argument(item.sup), item.place) if item.sup else value


def _is(item: Syntax | None, kind: str) -> bool:
    return isinstance(item, Mark) and item.kind == kind
