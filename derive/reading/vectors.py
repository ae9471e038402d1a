"""How many whole axes an expression has: 0 for a number, 1 for a vector, 2 for a matrix.

A row of factors is taken apart into units (a name, a bracket, a function with its argument), and
the units are multiplied as matrices are: a vector is a column, x^T a row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from derive.errors import DeriveError
from derive.reading.differentials import is_derivative, upright, variables_of
from derive.reading.kinds import COLUMN, MATRIX, ROW, SCALAR, Kind, Unit, folded, grouped
from derive.reading.scope import Function, Names
from derive.reading.scripts import (
    base_of,
    counted,
    is_plus,
    is_position,
    is_transposed,
    untransposed,
)
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Over,
    Root,
    Scripted,
    Syntax,
    Terms,
    sole,
)

REDUCING = frozenset({"logsumexp", "max", "min", "argmax", "arg", "trace"})
Items = Sequence[Syntax]


def rank(names: Names, node: Syntax) -> int:
    """The number of whole axes of an expression that no reduction has taken up."""
    if isinstance(node, Name):
        return name_rank(names, node)
    if isinstance(node, Chain):
        return max(rank(names, e) for e in node.exprs)
    if isinstance(node, Terms):
        return max(row_rank(names, items) for _, items in node.parts)
    if isinstance(node, Bracket):
        plain = node.kind not in ("norm", "angle") and not any(c.relations for c in node.items)
        return max(rank(names, c) for c in node.items) if plain else 0
    if isinstance(node, Over):
        return _over(names, node)
    if isinstance(node, Root):
        return rank(names, node.inner)
    if isinstance(node, Scripted):
        return _scripted(names, node)
    return int(isinstance(node, Mark) and node.kind == "one")


def name_rank(names: Names, name: Name) -> int:
    """The rank of a bare name; bold letters are vectors until something says more."""
    try:
        known = names.rank(names.resolve(name.key, name.place))
    except DeriveError:
        return 0
    return known or int(name.bold)


def _over(names: Names, node: Over) -> int:
    if is_derivative(names, node):
        above = node.above.exprs[0].parts[0][1][1:]
        inner = row_rank(names, above) if above else 0
        return inner + sum(rank(names, v) for v in variables_of(node))
    return max(rank(names, node.above), rank(names, node.below))


def _scripted(names: Names, node: Scripted) -> int:
    base = node.base
    if isinstance(base, Mark):
        if base.kind in ("nabla", "partial") and len(node.sub) == 1:
            inner = sole(node.sub[0])
            whole = rank(names, inner) if inner else 0
            least = base.kind == "nabla" and not (inner and _is_element(names, inner))
            return max(whole, int(least)) * (1 + bool(node.sup))
        return int(base.kind == "one" and not any(c.relations for c in node.sub))
    if isinstance(base, Name) and base.key == "e" and node.sup and not node.sub:
        return rank(names, node.sup[0])
    if isinstance(base, Name) and node.sub:
        return _element(names, base, node)
    if is_transposed(node):
        return rank(names, untransposed(node))
    whole = rank(names, base)
    if is_plus(node.sub):
        return whole
    positions = counted(node.sub) + int(is_position(node.sup))
    return max(0, whole - positions) if positions else whole


def _is_element(names: Names, node: Syntax) -> bool:
    """θ_j of a known vector θ."""
    if not isinstance(node, Scripted) or not isinstance(node.base, Name) or node.sup:
        return False
    return bool(node.sub) and names.rank(names.known(node.base.key)) == counted(node.sub)


def _element(names: Names, base: Name, node: Scripted) -> int:
    """z_i has no axis left, w_k of a matrix one; W_1 may be a name of its own."""
    label = sole(node.sub[0]) if len(node.sub) == 1 else None
    if isinstance(label, (Name, Number)):
        written = label.key if isinstance(label, Name) else label.written
        if own := names.rank(names.known(f"{base.key}_{written}")):
            return own
    key = names.known(base.key)
    if key not in names.rows and not names.is_declared(base.key):
        return 0
    return max(0, names.rank(key) - counted(node.sub) - int(is_position(node.sup)))


# -- rows of factors ---


def row_rank(names: Names, items: Items) -> int:
    """The rank of a product; 0 where the kinds do not fit (the reading itself refuses that)."""
    groups = grouped(units(names, upright(names, items)))
    return max((folded(g).rank for g in groups), default=0)


def units(names: Names, items: Items) -> list[Unit]:
    """The factors of a row; what follows a slash belongs to the factor ahead of it."""
    made: list[Unit] = []
    at, sign = 0, ""
    while at < len(items):
        item = items[at]
        if isinstance(item, Mark) and item.kind == "times":
            sign, at = item.value, at + 1
            continue
        end = at + _length(names, items, at)
        while end < len(items) and _is(items[end], "slash"):
            end += 1 + _length(names, items, end + 1)
        taken = tuple(items[at:end])
        made.append(Unit(taken, _kind(names, taken), sign))
        at, sign = end, ""
    return made


def _length(names: Names, items: Items, at: int) -> int:
    """How many items the factor takes up that starts there."""
    if at >= len(items):
        return 0
    item, after = items[at], items[at + 1] if at + 1 < len(items) else None
    head, left = item.base if isinstance(item, Scripted) else item, len(items) - at
    if isinstance(item, Over) and is_derivative(names, item):
        return 1 if len(item.above.exprs[0].parts[0][1]) > 1 else left
    if isinstance(head, Name):
        return 2 if after is not None and _calls(names, head, after) else 1
    if isinstance(head, Number):
        return 2 if after is not None and head.written == "1" and _is_test(after) else 1
    if not isinstance(head, Mark):
        return 1
    if head.kind == "nabla" and isinstance(after, Name) and after.key in names.heads:
        called = at + 2 < len(items) and _calls(names, after, items[at + 2])
        return 3 if called else 2
    if head.kind in ("big", "nabla", "partial"):
        return left
    if head.kind == "one":
        return 2 if after is not None and head is item and _is_test(after) else 1
    if head.kind == "function":
        return _function_length(names, items, at)
    return min(2, left) if head.kind == "expectation" else 1


def _function_length(names: Names, items: Items, at: int) -> int:
    """A function with its argument; \\log \\log x is a chain of them."""
    start = at
    while at < len(items):
        item = items[at]
        head = item.base if isinstance(item, Scripted) else item
        if not isinstance(head, Mark) or head.kind != "function":
            break
        indexed = isinstance(item, Scripted) and bool(item.sub)
        if head.value in ("arg", "argmax") or (head.value in ("max", "min") and indexed):
            return len(items) - start
        at += 1
    if at < len(items) and isinstance(base_of(items[at]), Bracket):
        return at + 1 - start
    return at - start + _length(names, items, at)


def multiplied(names: Names, chain: Chain) -> Chain:
    """The vectors that stand side by side in diag(p (1 - p)) multiplied element by element: there
    nothing else can be meant."""

    def joined(items: tuple[Syntax, ...]) -> tuple[Syntax, ...]:
        parts = units(names, items)
        if sum(u.kind == COLUMN for u in parts) < 2 or any(u.kind.cols or u.sign for u in parts):
            return items
        first, *more = parts
        times = [(Mark(u.items[0].place, "times", "odot"), *u.items) for u in more]
        return (*first.items, *(i for group in times for i in group))

    terms = chain.exprs[0]
    parts = tuple((sign, joined(items)) for sign, items in terms.parts)
    return replace(chain, exprs=(replace(terms, parts=parts), *chain.exprs[1:]))


def _kind(names: Names, items: tuple[Syntax, ...]) -> Kind:
    item = items[0]
    if is_transposed(item) and len(items) == 1:
        return {0: SCALAR, 1: ROW, 2: MATRIX}.get(rank(names, item), MATRIX)
    return {0: SCALAR, 1: COLUMN, 2: MATRIX}.get(_unit_rank(names, items), MATRIX)


def _unit_rank(names: Names, items: tuple[Syntax, ...]) -> int:
    """The rank of one unit, with the signs and functions that take the items behind them."""
    item, rest = items[0], items[1:]
    head = item.base if isinstance(item, Scripted) else item
    if any(_is(i, "slash") for i in rest) and not _is(item, "big"):
        return max((row_rank(names, part) for part in _split(items) if part), default=0)
    if isinstance(item, Over) and rest:
        return _over(names, item) + row_rank(names, rest)
    if not rest or not isinstance(head, (Mark, Name)):
        return rank(names, item)
    if isinstance(head, Name):
        return _call_rank(names, item, head, rest[0])
    if head.kind in ("nabla", "partial"):
        return _scripted(names, item) + row_rank(names, rest) if isinstance(item, Scripted) else 0
    if head.kind == "function":
        return _function_rank(names, item, head, rest)
    return row_rank(names, rest) if head.kind == "big" else 0


def _split(items: tuple[Syntax, ...]) -> list[tuple[Syntax, ...]]:
    """The items between the slashes."""
    cuts = [-1, *(k for k, i in enumerate(items) if _is(i, "slash")), len(items)]
    return [items[a + 1 : b] for a, b in pairwise(cuts)]


def _function_rank(names: Names, item: Syntax, head: Mark, rest: tuple[Syntax, ...]) -> int:
    if head.value in REDUCING:
        return 0
    inner = row_rank(names, rest)
    if head.value == "diag":
        return {0: 2, 1: 2, 2: 1}.get(inner, 0)
    indexed = isinstance(item, Scripted) and item.sub and head.value in ("softmax", "logsoftmax")
    return max(0, inner - counted(item.sub)) if isinstance(item, Scripted) and indexed else inner


def _call_rank(names: Names, item: Syntax, head: Name, after: Syntax) -> int:
    """The rank of f(z); of the element f_i(z), f(z)_i with an index less."""
    bracket = after.base if isinstance(after, Scripted) else after
    assert isinstance(bracket, Bracket)
    known = names.functions.get(head.key)
    if known is not None:
        whole = _applied_rank(known, [rank(names, c) for c in bracket.items])
        given = [i for i in (item, after) if isinstance(i, Scripted)]
        return max(0, whole - sum(counted(i.sub) for i in given))
    return rank(names, bracket) if head.key in ("sigma", "Gamma") else 0


def _applied_rank(function: Function, arguments: Sequence[int]) -> int:
    """The rank of an application: of the body, and of what is applied element by element."""
    if function.head.indices:
        return len(function.head.indices)
    wanted = [function.names.rank(p) for p in function.parameters]
    beyond = max((a - w for a, w in zip(arguments, wanted, strict=False)), default=0)
    return rank(function.names, function.body) + max(0, beyond)


def _calls(names: Names, name: Name, after: Syntax) -> bool:
    """f(x) of a function, σ(x), and L(y, p): a head with the names it depends on."""
    bracket = after.base if isinstance(after, Scripted) else after
    if not isinstance(bracket, Bracket) or bracket.kind not in ("(", "["):
        return False
    if name.key in names.functions:
        return True
    if bracket.kind == "[" or names.is_declared(name.key):
        return False
    special = name.key in ("sigma", "Gamma") and name.key not in names.arity
    return len(bracket.items) > 1 or special or name.key in names.heads


def _is_test(item: Syntax) -> bool:
    base = base_of(item)
    return isinstance(base, Bracket) and any(c.relations for c in base.items)


def _is(item: Syntax, kind: str) -> bool:
    return isinstance(item, Mark) and item.kind == kind
