"""What f(z_i), f(Wx + b) and f'(x) mean for a function that the author defines.

An application puts the arguments in their place without capturing any index.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sympy import Expr

from derive import terms
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.language import Array, At, Deriv, Index
from derive.reading.inference import whole_element
from derive.reading.row import Row
from derive.reading.scope import Function
from derive.reading.syntax import Bracket, Chain, Name, Scripted, Syntax, chain_of, sole
from derive.terms import apart, free_indices, rename, same

MAX_SIZE = 20_000


def is_own_head(function: Function, bracket: Bracket) -> bool:
    """Whether f stands with the very arguments it was defined with: then it is the defined
    quantity."""
    written = [sole(c) for c in bracket.items]
    keys = [w.key if isinstance(w, Name) else None for w in written]
    return keys == [p.key for p in function.head.parameters]


def applied(row: Row, function: Function, node: Scripted, item: Syntax) -> Expr:
    """f(a), f(a)_i, f_i(a), f(a)^2 and f'(a)."""
    bracket = item.base if isinstance(item, Scripted) else item
    assert isinstance(bracket, Bracket)
    sub = node.sub or (item.sub if isinstance(item, Scripted) else ())
    if len(bracket.items) != len(function.parameters) or node.sup:
        raise DeriveError(
            f"{function.head.name.key} takes {len(function.parameters)} arguments, and its power "
            f"needs parentheses",
            bracket.place,
        )
    value = _Application(row, function, bracket, sub).value()
    if node.primes:
        value = _primed(row, value, bracket, node)
    sup = item.sup if isinstance(item, Scripted) else ()
    return row.reader.power(value, row.argument(sup), item.place) if sup else value


def primed_name(row: Row, node: Scripted, item: Syntax | None) -> Expr | None:
    """\\ell'(\\eta) of a name that the document defines without an argument."""
    own = isinstance(node.base, Name) and node.base.key in row.names.heads
    called = isinstance(item, Bracket) and item.kind == "(" and len(item.items) == 1
    if not own or not called or node.sub or node.sup or not isinstance(item, Bracket):
        return None
    row.take()
    value = row.reader.expr(chain_of(node.base), row.env.deeper(node.place))
    return _primed(row, value, item, node)


def _primed(row: Row, value: Expr, bracket: Bracket, node: Scripted) -> Expr:
    """f'(x) is df/dx where x is an element; elsewhere the chain rule would have to be carried
    out."""
    at = row.reader.expr(bracket.items[0], row.env.deeper(bracket.place))
    if node.primes > 2 or len(bracket.items) > 1 or not isinstance(at, At):
        raise DeriveError(
            "a prime on a defined function is read at one element only; write the derivative out",
            node.place,
        )
    return Deriv(value, at) if node.primes == 1 else Deriv(Deriv(value, at), at)


@dataclass
class _Application:
    row: Row
    function: Function
    bracket: Bracket
    sub: tuple[Chain, ...]

    def value(self) -> Expr:
        reader, name = self.row.reader, self.function.head.name.key
        if name in reader.applying:
            raise DeriveError(f"{name} is defined by way of itself", self.bracket.place)
        reader.applying.append(name)
        try:
            body = self._body()
        finally:
            reader.applying.pop()
        made = body
        for parameter, chain in zip(self.function.parameters, self.bracket.items, strict=True):
            made = self._put(made, parameter, chain)
            if _size(made) > MAX_SIZE:
                raise DeriveError(
                    "this function unfolds into too large an expression; name its parts",
                    self.bracket.place,
                )
        return made

    def _body(self) -> Expr:
        """The body at the positions asked for, in its parameters."""
        row, head = self.row, self.function.head
        env = row.env.deeper(self.bracket.place, 2)
        if not head.indices:
            return row.reader.expr(self.function.body, self._surrounding(env))
        places = row.reader.positions(self.sub, row.env) if self.sub else env.places
        if len(places) != len(head.indices):
            raise DeriveError(
                f"{head.name.key}(…) is a vector; write its index, {head.name.key}(…)_i",
                self.bracket.place,
            )
        own = {i.key: row.reader.fresh(self.bracket.place, env, f"at{i.key}") for i in head.indices}
        inner = replace(env, bound={**env.bound, **own}, axis=None, row=None)
        value = row.reader.expr(self.function.body, inner)
        for index, position in zip(own.values(), places, strict=True):
            self._join(index, position)
        return rename(value, dict(zip(own.values(), places, strict=True)))

    def _surrounding(self, env: Any) -> Any:
        if not self.sub:
            return env
        return env.at(self.row.reader.positions(self.sub, self.row.env), self.bracket.place)

    def _join(self, index: Index, position: Any) -> None:
        if isinstance(position, Index):
            reader = self.row.reader
            keys = reader.key_of(index), reader.key_of(position)
            reader.names.ranges.same(*keys, self.function.head.name.key, self.bracket.place)

    def _put(self, body: Expr, parameter: str, chain: Chain) -> Expr:
        """The argument in the place of a parameter."""
        row, names = self.row, self.row.names
        array, env = names.array(parameter), row.env.deeper(self.bracket.place)
        own: list[Index] = []
        if array.ranges:
            whole_element(names, sole(chain))
        for at in range(len(array.ranges)):
            index = row.reader.fresh(chain.place, env, f"of{at}")
            own.append(index)
            env = env.binding(index)
            key = ("array", parameter, at)
            names.ranges.same(row.reader.key_of(index), key, parameter, chain.place)
        value = row.reader.expr(chain, env.at(tuple(own), chain.place) if own else env)
        if not own and (known := _known(body, array, value)) is not None:
            return known
        return _substituted(body, array, own, value)


def _substituted(body: Expr, array: Array, own: list[Index], value: Expr) -> Expr:
    """The body with the parameter's elements replaced; no index of the argument is captured."""
    made = apart(body, {*free_indices(value), *own})

    def change(node: Expr) -> Expr | None:
        if not isinstance(node, At) or node.array.name != array.name:
            return None
        return rename(value, dict(zip(own, node.indices, strict=False)))

    return terms.replace(made, change)


def _known(body: Expr, array: Array, value: Expr) -> Expr | None:
    """A definition of σ, softplus and the like, as the table has it, is that function."""
    x = At(array)
    found = (f for f in FUNCTIONS if f.meaning is not None and same(f.meaning(x), body))
    function = next(found, None)
    return None if function is None else function.node(value)


@lru_cache(maxsize=50_000)
def _size(expr: Expr) -> int:
    return 1 + sum(_size(a) for a in expr.args)
