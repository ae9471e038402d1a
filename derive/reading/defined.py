"""Functions that the author defines: f(x) = …, and what f(z_i), f(Wx + b) or f'(x) then mean.

The parameters of a function are names of its own: the letter x of f(x) = x² has nothing to do with
an x elsewhere.  An application puts the arguments in their place without capturing any index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from sympy import Expr

from derive import terms
from derive.errors import DeriveError
from derive.functions import FUNCTIONS
from derive.language import Array, At, Deriv, Index
from derive.reading.inference import whole_element
from derive.reading.scope import Names
from derive.reading.syntax import Bracket, Chain, Name, Scripted, Syntax, Terms, names_in, sole
from derive.terms import apart, free_indices, rename, same

if TYPE_CHECKING:
    from derive.reading.products import Row

MAX_SIZE = 20_000


@dataclass(frozen=True)
class Head:
    """The left side of f(x) = …, f(z)_i = … or f_i(z) = …."""

    name: Name
    parameters: tuple[Name, ...]
    indices: tuple[Name, ...] = ()


@dataclass(frozen=True)
class Function:
    """f with its parameters renamed to names that nothing else can use; `whole` is the rank of its
    body."""

    head: Head
    body: Terms
    names: Names

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(private(self.head, p.key) for p in self.head.parameters)

    def rank(self, arguments: Sequence[int]) -> int:
        """The rank of an application: of the body, and of what is applied element by element."""
        from derive.reading.vectors import rank

        if self.head.indices:
            return len(self.head.indices)
        wanted = [self.names.rank(p) for p in self.parameters]
        beyond = max((a - w for a, w in zip(arguments, wanted, strict=False)), default=0)
        return rank(self.names, self.body) + max(0, beyond)


def head_with_arguments(side: Terms) -> Head | None:
    """The head f(x), f(x, y), f(z)_i or f_i(z) that stands alone on the left; None otherwise."""
    (sign, items), *more = side.parts
    if sign < 0 or more or len(items) != 2:
        return None
    first, second = items
    bracket = second.base if isinstance(second, Scripted) else second
    name = first.base if isinstance(first, Scripted) else first
    scripts = [s for s in (first, second) if isinstance(s, Scripted)]
    plain = not any(s.sup or s.primes for s in scripts) and len(scripts) < 2
    if not plain or not isinstance(name, Name) or not isinstance(bracket, Bracket):
        return None
    inner = [sole(c) for c in bracket.items]
    indices = [i for s in scripts for c in s.sub for i in c.exprs[0].parts[0][1]]
    if bracket.kind != "(" or not all(isinstance(i, Name) for i in (*inner, *indices)):
        return None
    return Head(name, tuple(inner), tuple(indices))  # type: ignore[arg-type]  # all are names


def defined(names: Names, head: Head, body: Terms) -> Function:
    """The function of a definition; its parameters are renamed in the body."""
    keys = {p.key: private(head, p.key) for p in head.parameters}
    if len(keys) < len(head.parameters):
        raise DeriveError(
            f"{head.name.key} has one parameter twice; name them apart", head.name.place
        )
    made = renamed(body, keys)
    for parameter in head.parameters:
        if parameter.bold:
            names.whole.add(keys[parameter.key])
    assert isinstance(made, Terms)
    return Function(head, made, names)


@dataclass(frozen=True)
class Meaning:
    """A definition with arguments, f(x) = body."""

    head: Head
    body: Terms


def note_functions(
    names: Names, meanings: Sequence[Meaning], chains: Sequence[Syntax], strict: bool = True
) -> list[Head]:
    """Note the functions among the definitions; the heads that are nothing else are returned.

    f(x) = … defines a function where f is applied to something else than x, or has a prime;
    otherwise f is a quantity that depends on x.  What is defined twice is no function.  Unless
    `strict`, σ(x) = … is a claim about the logistic function, and what is defined by way of itself
    is passed over.
    """
    calls, bare = list[tuple[str, tuple[str | None, ...], bool]](), set[str]()
    for chain in chains:
        _collect(chain, calls, bare)
    made = []
    for meaning in meanings:
        key, own = meaning.head.name.key, tuple(p.key for p in meaning.head.parameters)
        sigma = key == "sigma" and not meaning.head.indices
        others = [c for c in calls if c[0] == key and (c[1] != own or c[2])]
        count = len(own)
        same = [m for m in meanings if m.head.name.key == key and len(m.head.parameters) == count]
        unique = len(same) == 1 if strict else same[0] is meaning
        needed = others or meaning.head.indices or sigma
        if not unique or not needed or (sigma and not strict):
            continue
        circular = key in _reached(key, meanings)
        if circular and not strict:
            continue
        if circular:
            raise DeriveError(f"{key} is defined by way of itself", meaning.head.name.place)
        names.functions[key] = defined(names, meaning.head, meaning.body)
        used = strict and sum(c[0] == key and c[1] == own for c in calls) > 1
        if sigma or not (used or key in bare):
            made.append(meaning.head)
    return made


def _reached(key: str, meanings: Sequence[Meaning]) -> set[str]:
    """The names that a definition rests on, directly or through others."""
    bodies = {m.head.name.key: m.body for m in meanings}
    seen, queue = set[str](), [key]
    while queue:
        new = names_in(bodies[queue.pop()]) - seen
        seen |= new
        queue += [n for n in new if n in bodies]
    return seen


def _collect(
    node: Any, calls: list[tuple[str, tuple[str | None, ...], bool]], bare: set[str]
) -> None:
    """The applications f(a) in the syntax, and the names that stand without arguments."""
    if isinstance(node, Name):
        bare.add(node.key)
    elif isinstance(node, Terms):
        for _, items in node.parts:
            _collect_row(items, calls, bare)
    elif isinstance(node, tuple):
        for inner in node:
            _collect(inner, calls, bare)
    elif isinstance(node, Syntax):
        for f in fields(node):
            _collect(getattr(node, f.name), calls, bare)


def _collect_row(
    items: tuple[Syntax, ...],
    calls: list[tuple[str, tuple[str | None, ...], bool]],
    bare: set[str],
) -> None:
    for at, item in enumerate(items):
        name = item.base if isinstance(item, Scripted) else item
        after = items[at + 1] if at + 1 < len(items) else None
        bracket = after.base if isinstance(after, Scripted) else after
        if isinstance(name, Name) and isinstance(bracket, Bracket) and bracket.kind in ("(", "["):
            inner = [sole(c) for c in bracket.items]
            keys = tuple(i.key if isinstance(i, Name) else None for i in inner)
            calls.append((name.key, keys, isinstance(item, Scripted) and item.primes > 0))
            scripts = (item.sub, item.sup) if isinstance(item, Scripted) else ()
            _collect(scripts, calls, bare)
        else:
            _collect(item, calls, bare)


def private(head: Head, key: str) -> str:
    """The name of a parameter, which nothing else can have."""
    return f"{key}@{head.name.key}"


def renamed(node: Any, keys: dict[str, str]) -> Any:
    """The same syntax with other names."""
    if isinstance(node, Name):
        return replace(node, key=keys.get(node.key, node.key))
    if isinstance(node, tuple):
        return tuple(renamed(n, keys) for n in node)
    if isinstance(node, Syntax):
        parts = {f.name: renamed(getattr(node, f.name), keys) for f in fields(node)}
        return replace(node, **parts)
    return node


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
