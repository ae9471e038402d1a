"""From the shape of a formula to an expression of the language.

Names are resolved against `Names`, which is filled while reading: a formula is read again until
nothing new is learnt (`settle`), so that `z` in softmax(z) is a vector because z_i stands
elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Integer, Mul, Pow, Rational, nan, oo, zoo

from derive.errors import DeriveError
from derive.language import Abs
from derive.reading.conditions import cases, condition
from derive.reading.ellipsis import spelled_sum
from derive.reading.environment import Env
from derive.reading.inference import bias, offset
from derive.reading.norms import inner_product, norm
from derive.reading.products import Factors
from derive.reading.row import Reads, Row
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Over,
    Root,
    Rows,
    Scripted,
    Syntax,
    Terms,
)  # fmt: skip
from derive.reading.tokens import Place
from derive.reading.vectors import rank

MAX_BITS = 4096
MAX_STEPS = 6_000


class Elaborator(Reads):
    """Gives meaning to syntax; one for all formulas that share their names."""

    def expr(self, node: Chain | Terms, env: Env) -> Expr:
        """The value of an expression without relations."""
        if isinstance(node, Chain):
            if node.relations:
                raise DeriveError(
                    f"{node.relations[0]} cannot stand here; expected one expression",
                    node.relation_places[0],
                )
            node = node.exprs[0]
        node = spelled_sum(node)
        inner = env.deeper(node.place)
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise DeriveError(
                "this formula unfolds into too large an expression; name its parts", node.place
            )
        self.mixed(node, env)
        return self.checked(
            Add(*(sign * self.product(items, inner) for sign, items in node.parts)), node.place
        )

    def mixed(self, node: Terms, env: Env) -> None:
        """A lone letter beside vectors may be a number or a vector: refuse what nothing settles."""
        if not env.places or rank(self.names, node) == 0:
            return
        if env.row is not None:
            bias(self.names, node)
        else:
            offset(self.names, node)
        whole = {i.key for _, items in node.parts for i in items if isinstance(i, Name)}
        lone = [items[0] for _, items in node.parts if len(items) == 1]
        for item in lone if self.final else ():
            base = item.base if isinstance(item, Scripted) and item.sub else None
            indexed = isinstance(base, Name) and base.key not in whole
            if isinstance(base, Name) and indexed and rank(self.names, item) == 0:
                raise DeriveError(
                    f"an element of {base.key} stands beside a whole vector; write indices on both",
                    base.place,
                )
            if isinstance(item, Name) and self.unsettled(item, env):
                raise DeriveError(
                    f"{item.key} may be a number or a vector beside a vector; write "
                    f"{item.key}_i, or \\mathbf",
                    item.place,
                )

    def unsettled(self, name: Name, env: Env) -> bool:
        """Whether nothing says what kind of thing a bare name is."""
        names = self.names
        known = (
            names.is_declared(name.key)
            or name.key in names.heads | names.sizes
            or name.key in env.bound
        )
        return not known and name.key in names.bare and names.rank(name.key) == 0

    def row(self, items: Sequence[Syntax], env: Env) -> Row:
        return Factors(self, items, env)

    def product(self, items: Sequence[Syntax], env: Env) -> Expr:
        return self.row(items, env).value()

    def checked(self, value: Expr, place: Place) -> Expr:
        """Refuse what SymPy makes of a division by zero."""
        if value.has(zoo, nan, oo, -oo):
            raise DeriveError("this divides by zero", place)
        return value

    def power(self, base: Expr, exponent: Expr, place: Place) -> Expr:
        """base^exponent, with numbers bounded in size (towers are refused, not computed)."""
        if base.is_Rational and exponent.is_Rational:
            bits = max(abs(int(base.p)), int(base.q)).bit_length() * (abs(exponent) + 1)
            if bits > MAX_BITS or exponent.q > 64:
                raise DeriveError(
                    "this power is too large a number to compute; give it a name", place
                )
        if exponent.is_Integer and abs(exponent) > MAX_BITS:
            raise DeriveError("this exponent is too large; give it a name", place)
        return self.checked(Pow(base, exponent), place)

    def inverse(self, node: Chain, env: Env) -> Expr:
        """One over an expression."""
        return Mul(*(self.power(f, Integer(-1), node.place) for f in self.factors(node, env)))

    def factors(self, node: Chain, env: Env) -> list[Expr]:
        """The factors of an expression, kept apart so that SymPy multiplies no number into a
        sum."""
        (sign, items), *more = node.exprs[0].parts
        if node.relations or more:
            return [self.expr(node, env)]
        row = self.row(items, env.deeper(node.place))
        row.value()
        return [Integer(sign), *row.factors]

    # -- atoms ------------------------------------------------------------------------------------

    def atom(self, node: Syntax, env: Env) -> Expr:
        """The value of a bracket, number, fraction or root that stands alone."""
        inner = env.deeper(node.place)
        if isinstance(node, Number):
            return Rational(node.written)
        if isinstance(node, Name):
            return self.bare(node, inner)
        if isinstance(node, Over):
            above, below = self.factors(node.above, inner), self.inverse(node.below, inner)
            return self.checked(Mul(*above, below), node.place)
        if isinstance(node, Root):
            degree = self.expr(node.degree, inner) if node.degree else Integer(2)
            return self.power(
                self.expr(node.inner, inner),
                self.power(degree, Integer(-1), node.place),
                node.place,
            )
        if isinstance(node, Rows):
            return cases(self, node, inner)
        if isinstance(node, Bracket):
            return self.bracket(node, inner)
        what = node.value or node.kind if isinstance(node, Mark) else "this"
        raise DeriveError(f"{what!r} cannot stand alone here; write what it applies to", node.place)

    def bracket(self, node: Bracket, env: Env) -> Expr:
        if node.kind == "norm":
            return norm(self, node, env)
        if node.kind == "angle":
            return inner_product(self, node, env)
        if len(node.items) != 1:
            raise DeriveError("a list stands here; expected one expression", node.place)
        if node.kind == "[" and node.items[0].relations:
            return condition(self, node.items[0], env)
        value = self.expr(node.items[0], env)
        return Abs(value) if node.kind == "bars" else value

    def rank(self, node: Syntax) -> int:
        """How many whole axes an expression has; see `vectors.rank`."""
        try:
            return rank(self.names, node)
        except RecursionError:
            raise DeriveError(
                "nested too deeply; name the parts and write them apart", node.place
            ) from None
