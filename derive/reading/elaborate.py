"""From the shape of a formula to an expression of the language.

Names are resolved against `Names`, which is filled while reading: a formula is read again until
nothing new is learnt (`settle`), so that `z` in softmax(z) is a vector because z_i stands elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow, Rational, nan, oo, pi, zoo

from derive.errors import DeriveError
from derive.language import Abs, At, Exp, Index, Sum, size
from derive.reading.scope import Names
from derive.reading.syntax import (
    Bracket, Chain, Mark, Name, Number, Over, Root, Rows, Scripted, Syntax, Terms, sole,
)  # fmt: skip
from derive.reading.tokens import MAX_NESTING, Place

MAX_BITS = 4096
MAX_DEPTH = 2 * MAX_NESTING + 4
MAX_STEPS = 20_000
SIZE_LETTERS = frozenset("nNKC")
_LABELS = frozenset("ce bce mse mae kl nll reg pos neg avg total loss true pred out tot sum max min new old".split())


@dataclass(frozen=True)
class Env:
    """The bound indices around a place, the position that whole vectors take, and the depth."""

    bound: Mapping[str, Index] = field(default_factory=dict)
    axis: Index | None = None
    depth: int = 0

    def deeper(self, place: Place, levels: int = 1) -> Env:
        """The surroundings one level down; a bracket costs two levels, as a sum or a function does."""
        if self.depth >= MAX_DEPTH:
            raise DeriveError(f"nested more than {MAX_NESTING} deep; name the parts", place)
        return replace(self, depth=self.depth + levels)

    def binding(self, index: Index) -> Env:
        return replace(self, bound={**self.bound, index.name: index})

    def along(self, axis: Index | None) -> Env:
        return replace(self, axis=axis)


class Elaborator:
    """Gives meaning to syntax; one for all formulas that share their names."""

    def __init__(self, names: Names):
        self.names = names
        self.formula = 0
        self.final = False
        self.steps = 0
        self.keys: dict[Index, Any] = {}
        self.bare_sums: dict[str, Place] = {}

    def expr(self, node: Chain | Terms, env: Env) -> Expr:
        """The value of an expression without relations."""
        if isinstance(node, Chain):
            if node.relations:
                raise DeriveError(f"{node.relations[0]} cannot stand here; expected one expression", node.relation_places[0])
            node = node.exprs[0]
        inner = env.deeper(node.place)
        self.steps += 1
        if self.steps > MAX_STEPS:
            raise DeriveError("this formula unfolds into too large an expression; name its parts", node.place)
        self.mixed(node, env)
        return self.checked(Add(*(sign * self.product(items, inner) for sign, items in node.parts)), node.place)

    def mixed(self, node: Terms, env: Env) -> None:
        """A lone letter beside vectors may be a number or a vector: refuse what nothing settles."""
        if env.axis is None or not self.final or not self.vectorial(node):
            return
        whole = {i.key for _, items in node.parts for i in items if isinstance(i, Name)}
        for _, items in node.parts:
            name = items[0]
            lone = name.base if isinstance(name, Scripted) and name.sub else None
            if len(items) == 1 and isinstance(lone, Name) and lone.key not in whole:
                raise DeriveError(f"an element of {lone.key} stands beside a whole vector; write indices on both", lone.place)
            if len(items) == 1 and isinstance(name, Name) and self.unsettled(name, env):
                raise DeriveError(f"{name.key} may be a number or a vector beside a vector; write {name.key}_i, or \\mathbf", name.place)

    def unsettled(self, name: Name, env: Env) -> bool:
        """Whether nothing says what kind of thing a bare name is."""
        names = self.names
        known = names.is_declared(name.key) or name.key in names.heads | names.sizes or name.key in env.bound
        return not known and name.key in names.bare and not names.is_vector(name.key)

    def product(self, items: Sequence[Syntax], env: Env) -> Expr:
        from derive.reading.products import Row

        return Row(self, items, env).value()

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
                raise DeriveError("this power is too large a number to compute; give it a name", place)
        if exponent.is_Integer and abs(exponent) > MAX_BITS:
            raise DeriveError("this exponent is too large; give it a name", place)
        return self.checked(Pow(base, exponent), place)

    def inverse(self, node: Chain, env: Env) -> Expr:
        """One over an expression."""
        return Mul(*(self.power(f, Integer(-1), node.place) for f in self.factors(node, env)))

    def factors(self, node: Chain, env: Env) -> list[Expr]:
        """The factors of an expression, kept apart so that SymPy multiplies no number into a sum."""
        from derive.reading.products import Row

        (sign, items), *more = node.exprs[0].parts
        if node.relations or more:
            return [self.expr(node, env)]
        row = Row(self, items, env.deeper(node.place))
        row.value()
        return [Integer(sign), *row.factors]

    # -- names ------------------------------------------------------------------------------------

    def position(self, items: Sequence[Syntax], at: int, env: Env, numeral: bool = True) -> Any:
        """An index position from one item of a subscript: a letter, k_1, or a numeral."""
        item = items[at]
        if isinstance(item, Number) and item.written.isdigit() and int(item.written) > 0:
            if len(items) == 1 and len(item.written) > 1 and not numeral:
                raise DeriveError(f"{item.written} may be one position or several; declare the array, or write commas", item.place)
            return Integer(item.written)
        if isinstance(item, Scripted) and isinstance(item.base, Name) and not item.sup and len(item.sub) == 1:
            tail = sole(item.sub[0])
            if isinstance(tail, Number):
                return self.index(item.base.key + tail.written, item.place, env)
        if isinstance(item, Bracket) and item.kind == "braces" and (inner := sole(item.items[0])):
            return self.position((inner,), 0, env)
        if not isinstance(item, Name) or item.word:
            raise DeriveError("expected an index (a letter or a numeral) here; shifted and nested indices are not read", item.place)
        return self.index(item.key, item.place, env)

    def index(self, letter: str, place: Place, env: Env) -> Index:
        """The index of this letter: the innermost bound one, else a free one."""
        if letter in env.bound:
            return env.bound[letter]
        if letter in self.names.sizes and letter not in self.names.scope.indices:
            raise DeriveError(f"{letter} is the size of a range, and an index here; use another letter for one", place)
        if letter in self.names.bare:
            raise DeriveError(f"{letter} is an index here and a number elsewhere; use another letter for one", place)
        self.names.indices.add(letter)
        return self.names.index(("free", letter), letter)

    def positions(self, chains: tuple[Chain, ...], env: Env, numeral: bool = True) -> tuple[Any, ...]:
        """Index positions of a subscript: ij, i,j or i,2."""
        made: list[Any] = []
        for chain in chains:
            terms = chain.exprs[0]
            if chain.relations or len(terms.parts) != 1 or terms.parts[0][0] < 0:
                raise DeriveError("expected indices here; an index can be a letter or a numeral, without arithmetic", chain.place)
            items = terms.parts[0][1]
            if len(items) > 1 and any(isinstance(i, Number) for i in items):
                raise DeriveError("ambiguous indices; separate them by commas", chain.place)
            single = numeral or len(chains) > 1
            made += [self.position(items, at, env, single) for at in range(len(items))]
        return tuple(made)

    def label(self, chains: tuple[Chain, ...], env: Env) -> str | None:
        """The subscript as a label (L_{CE}, S_C, w_0), or None when it is made of indices."""
        if len(chains) != 1 or chains[0].relations or len(chains[0].exprs[0].parts) != 1:
            return None
        items = chains[0].exprs[0].parts[0][1]
        if len(items) == 1 and isinstance(items[0], Name) and items[0].word:
            return items[0].key
        if len(items) == 1 and isinstance(items[0], Number) and items[0].written == "0":
            return "0"
        letters = [i.key for i in items if isinstance(i, Name)]
        if len(letters) != len(items):
            return None
        word = "".join(letters)
        known = any(l in env.bound or l in self.names.scope.indices for l in letters)
        upper = all(len(l) == 1 and l.isupper() for l in letters)
        return word if not known and (upper or word in _LABELS) else None

    def labelled(self, key: str, label: str) -> str:
        return f"{key}_{label}"

    def element(self, name: Name, sub: tuple[Chain, ...], rows: tuple[Chain, ...], env: Env) -> Expr:
        """An element or a scalar: the name with the positions in its superscript and subscript."""
        key = name.key
        label = self.label(sub, env) if sub else None
        numeral = sole(sub[0]) if len(sub) == 1 else None
        if isinstance(numeral, Number) and self.names.is_declared(self.labelled(key, numeral.written)):
            label = numeral.written
        if label is not None:
            key, sub = self.labelled(key, label), ()
        elif len(sub) > 1 and (first := self.label(sub[:1], env)) and isinstance(sole(sub[0]), Name):
            key, sub = self.labelled(key, first), sub[1:]
        if not sub and not rows:
            return self.bare(replace(name, key=key), env)
        known = self.names.is_declared(key)
        return self.indexed(key, self.positions(rows, env) + self.positions(sub, env, known), name.place)

    def indexed(self, key: str, positions: tuple[Any, ...], place: Place) -> Expr:
        """array[positions]; each index runs over the range of its position."""
        name = self.names.resolve(key, place)
        for at, position in enumerate(positions):
            if isinstance(position, Index):
                self.names.ranges.same(self.key_of(position), ("array", name, at), f"index {position.name} of {name}", place)
        return At(self.names.used(name, len(positions), place), *positions)

    def key_of(self, index: Index) -> Any:
        """The key of an index in the union-find (it is kept beside its name while reading)."""
        return self.keys.get(index, ("free", index.name))

    def bare(self, name: Name, env: Env) -> Expr:
        """A name without indices: a size, a constant, a scalar, or a whole vector along the axis."""
        key = name.key
        if key in env.bound or (key in self.names.indices and not self.names.is_vector(key) and key not in self.names.bare):
            raise DeriveError(f"the index {key} is used as a number; only elements such as z_{key} have values", name.place)
        if key in self.names.sizes and not self.names.is_declared(key):
            return size(key)
        if not self.names.is_declared(key) and key not in self.names.arity and key not in self.names.bare:
            if key == "pi":
                return pi
            if key == "e":
                return Exp(Integer(1))
        resolved = self.names.resolve(key, name.place)
        if name.bold and not self.names.is_declared(key):
            self.names.whole.add(resolved)
        if self.names.is_vector(resolved):
            return self.whole(resolved, name.place, env)
        if self.names.arity.get(resolved, 0) > 1:
            raise DeriveError(f"{key} has {self.names.arity[resolved]} indices; write them here", name.place)
        if not self.names.is_declared(key):
            self.names.bare.setdefault(key, name.place)
        return At(self.names.array(resolved))

    def whole(self, name: str, place: Place, env: Env) -> Expr:
        """The vector's element at the position that the surrounding reduction gives it."""
        if env.axis is None:
            raise DeriveError(f"{name} is a vector; write its index ({name}_i) here", place)
        self.names.ranges.same(self.key_of(env.axis), ("array", name, 0), f"the vector {name}", place)
        return At(self.names.array(name), env.axis)

    def fresh(self, place: Place, env: Env, tag: str) -> Index:
        """A bound index of our own, over a range of its own until it is unified with others."""
        taken = {*env.bound, *self.names.indices, *self.names.bare}
        letter = next(l for l in ("k", "l", "r", "s", "q", *(f"k{c}" for c in range(1, 200))) if l not in taken)
        return self.bind(letter, ("own", self.formula, place, tag, env.depth))

    def bind(self, letter: str, key: Any) -> Index:
        index = self.names.index(key, letter)
        self.keys[index] = key
        return index

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
            return self.power(self.expr(node.inner, inner), self.power(degree, Integer(-1), node.place), node.place)
        if isinstance(node, Rows):
            from derive.reading.conditions import cases

            return cases(self, node, inner)
        if isinstance(node, Bracket):
            return self.bracket(node, inner)
        what = node.value or node.kind if isinstance(node, Mark) else "this"
        raise DeriveError(f"{what!r} cannot stand alone here; write what it applies to", node.place)

    def bracket(self, node: Bracket, env: Env) -> Expr:
        if node.kind == "norm":
            return self.norm(node, 2, env)
        if node.kind == "angle":
            return self.inner(node, env)
        if len(node.items) != 1:
            raise DeriveError("a list stands here; expected one expression", node.place)
        if node.kind == "[" and node.items[0].relations:
            from derive.reading.conditions import condition

            return condition(self, node.items[0], env)
        value = self.expr(node.items[0], env)
        return Abs(value) if node.kind == "bars" else value

    def along(self, node: Chain | Terms, place: Place, env: Env, tag: str) -> tuple[Expr, Index]:
        """The vector inside a reduction, as an expression in a fresh index that runs along it."""
        index = self.fresh(place, env, tag)
        return self.expr(node, env.along(index)), index

    def summed(self, place: Place, env: Env, tag: str, of: Callable[[Env], Expr]) -> Expr:
        index = self.fresh(place, env, tag)
        return Sum(of(env.along(index).binding(index)), index)

    def norm(self, node: Bracket, order: int, env: Env) -> Expr:
        """‖v‖₂ or ‖v‖₁ of a vector."""
        self.mark_whole(node.items[0])
        if not self.vectorial(node.items[0]):
            raise DeriveError("a norm of something that is not a vector; use |x|, or write the sum", node.place)
        inner = node.items[0]
        if order == 1:
            return self.summed(node.place, env, "norm", lambda e: Abs(self.expr(inner, e)))
        return Pow(self.summed(node.place, env, "norm", lambda e: self.expr(inner, e) ** 2), Rational(1, 2))

    def mark_whole(self, chain: Chain) -> None:
        """The lone letters of ‖a - b‖ are vectors: for numbers one writes |a - b|."""
        for _, items in chain.exprs[0].parts:
            name = items[0]
            if len(items) == 1 and isinstance(name, Name) and not self.names.is_declared(name.key):
                self.names.whole.add(name.key)

    def inner(self, node: Bracket, env: Env) -> Expr:
        """⟨a, b⟩ = Σ a_k b_k."""
        if len(node.items) != 2 or not all(self.vectorial(i) for i in node.items):
            raise DeriveError("expected two vectors between the angle brackets", node.place)
        a, b = node.items
        return self.summed(node.place, env, "inner", lambda e: self.expr(a, e) * self.expr(b, e))

    def vectorial(self, node: Syntax) -> bool:
        from derive.reading.vectors import vectorial

        return vectorial(self.names, node)
