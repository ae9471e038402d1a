"""Σ, Π, max and min: what they bind, over which range, and how far they reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import Index, Max, Maximum, Prod, Sum
from derive.reading.ellipsis import listed
from derive.reading.row import Row
from derive.reading.syntax import Bracket, Chain, Mark, Name, Number, Scripted, Syntax, Terms, sole
from derive.reading.tokens import Place
from derive.terms import free_indices, rename

LARGEST_START = 4


@dataclass
class Bound:
    """One bound index as written: its letter, its range's name if given, the excluded positions."""

    letter: str
    place: Place
    end: str | None = None
    excluded: list[Syntax] = field(default_factory=list)
    skipped: int = 0


def big(row: Row, item: Syntax, head: Mark) -> Expr:
    """Σ or Π: reaches over the rest of the row."""
    node = item if isinstance(item, Scripted) else Scripted(item.place, item)
    made = Sum if head.value == "sum" else Prod
    if row.ended():
        raise DeriveError(
            f"\\{head.value} needs something to run over; a sign after it needs parentheses",
            item.place,
        )
    if not node.sub:
        return _bare(row, node, made)
    bounds = _bounds(node.sub, node.sup)
    return _bind(row, made, bounds, node.place)


def _bind(row: Row, made: Any, bounds: list[Bound], place: Place) -> Expr:
    reader, env = row.reader, row.env.deeper(place, 2)
    bound = []
    for one in bounds:
        index = reader.bind(one.letter, ("bound", reader.formula, one.place, one.letter))
        row.names.letters.add(one.letter)
        if one.end is not None:
            _fix(row, index, one)
        excluded = tuple(_excluded(row, env, index, e) for e in one.excluded)
        skipped = tuple(Integer(c) for c in range(1, one.skipped + 1))
        bound.append((index, excluded + skipped))
        env = env.binding(index)
    body = _body(row, env, made, [i for i, _ in bound])
    for index, excluded in reversed(bound):
        body = made(body, index, *excluded)
    return body


def _body(row: Row, env: Any, made: Any, bound: list[Index]) -> Expr:
    """What the sign runs over.  A factor behind a product or maximum that lacks the index is
    ambiguous."""
    items, row.at = row.items[row.at :], len(row.items)
    inner = type(row)(row.reader, items, env)
    value = inner.value()
    parts = [f for f in inner.factors if not f.is_number]
    lacking = any(not free_indices(f) & set(bound) for f in parts)
    if made is not Sum and len(items) > 1 and len(parts) > 1 and lacking:
        raise DeriveError(
            "how far this product or maximum reaches can be read in two ways; use parentheses",
            items[0].place,
        )
    return value


def _fix(row: Row, index: Index, one: Bound) -> None:
    end = one.end or ""
    if not end.isdigit():
        row.names.sizes.add(end)
    row.names.ranges.fix(row.reader.key_of(index), end, f"the index {one.letter}", one.place)


def _excluded(row: Row, env: Any, index: Index, item: Syntax) -> Any:
    if isinstance(item, Name) and item.key == index.name:
        raise DeriveError(
            f"{item.key} \\ne {item.key} leaves nothing; name another index", item.place
        )
    position = row.reader.position((item,), 0, env)
    if isinstance(position, Index):
        row.names.ranges.same(
            row.reader.key_of(index),
            row.reader.key_of(position),
            f"{index.name} ≠ {position.name}",
            item.place,
        )
    return position


# -- what stands under and over the sign ---


def _bounds(sub: tuple[Chain, ...], sup: tuple[Chain, ...]) -> list[Bound]:
    """k, k=1, k≠j, 1≤k≤n, k=1,k≠j and lists of letters, with the upper bound from the
    superscript."""
    chains = [c for chain in sub for c in _unstacked(chain)]
    made: dict[str, Bound] = {}
    for chain in chains:
        for one in _read(chain):
            known = made.setdefault(one.letter, one)
            if known is not one:
                known.excluded += one.excluded
                known.end = known.end or one.end
    if sup:
        _upper(list(made.values()), sup)
    return list(made.values())


def _unstacked(chain: Chain) -> tuple[Chain, ...]:
    inner = sole(chain)
    return inner.items if isinstance(inner, Bracket) and inner.kind == "stack" else (chain,)


def _read(chain: Chain) -> list[Bound]:
    if not chain.relations:
        return [Bound(i.key, i.place) for i in _letters(chain.exprs[0])]
    if chain.relations in (("=",), ("!=",)):
        letters = _letters(chain.exprs[0])
        right = sole(chain.exprs[1])
        if len(letters) != 1 or right is None:
            raise DeriveError("expected k = 1 or k \\ne j under the sign", chain.place)
        one = Bound(letters[0].key, letters[0].place)
        if chain.relations == ("!=",):
            one.excluded = [right]
        else:
            one.skipped = _start(right)
        return [one]
    if chain.relations == ("<=", "<=") and isinstance(sole(chain.exprs[0]), Number):
        (letter,) = _letters(chain.exprs[1])
        skipped = _start(sole(chain.exprs[0]))
        return [Bound(letter.key, letter.place, end=_end(chain.exprs[2]), skipped=skipped)]
    raise DeriveError(
        "this condition under the sign is not read; expected k, k = 1 or k \\ne j", chain.place
    )


def _letters(terms: Terms) -> list[Name]:
    items = terms.parts[0][1] if len(terms.parts) == 1 and terms.parts[0][0] == 1 else ()
    made = [_letter(i) for i in items]
    letters = [m for m in made if m is not None]
    if not letters or len(letters) != len(items):
        raise DeriveError("expected an index here", terms.place)
    return letters


def _letter(item: Syntax) -> Name | None:
    """k or k_1 as an index name."""
    if isinstance(item, Name) and not item.word:
        return item
    tail = (
        sole(item.sub[0])
        if isinstance(item, Scripted) and len(item.sub) == 1 and not item.sup
        else None
    )
    if isinstance(item, Scripted) and isinstance(item.base, Name) and isinstance(tail, Number):
        return Name(item.place, item.base.key + tail.written)
    return None


def _start(item: Syntax | None) -> int:
    """Ranges count from 1; starting later leaves out the first positions."""
    first = int(item.written) if isinstance(item, Number) and item.written.isdigit() else 0
    if not 1 <= first <= LARGEST_START:
        raise DeriveError(
            "ranges count from 1; write k = 1 and rename the elements", item.place if item else None
        )
    return first - 1


def _upper(bounds: list[Bound], sup: tuple[Chain, ...]) -> None:
    end = _end(sup[0].exprs[0]) if len(sup) == 1 and not sup[0].relations else None
    if end is None:
        raise DeriveError("expected the name of a size over the sign", sup[0].place)
    for one in bounds:
        one.end = end


def _end(terms: Terms) -> str:
    item = sole(terms)
    if isinstance(item, Name):
        return item.key
    if isinstance(item, Number) and item.written.isdigit() and int(item.written) > 0:
        return str(int(item.written))
    raise DeriveError(
        "an upper bound is the name of a size (n, C) or a numeral; write n - 1 terms with k \\ne j",
        terms.place,
    )


def _bare(row: Row, node: Scripted, made: Any) -> Expr:
    """A sign without an index binds the only index of its body that is not bound around it."""
    if node.sup:
        raise DeriveError(
            "which index the sum runs over is not said; write it under the sign", node.place
        )
    items, row.at = row.items[row.at :], len(row.items)
    body = type(row)(row.reader, items, row.env.deeper(node.place)).value()
    around = set(row.env.bound.values())
    loose = sorted(free_indices(body) - around, key=str)
    if len(loose) != 1:
        raise DeriveError(
            "which index the sum runs over is not said; write it under the sign", node.place
        )
    index = row.reader.bind(loose[0].name, ("bare", row.reader.formula, node.place))
    free = row.reader.key_of(loose[0])
    row.names.ranges.same(row.reader.key_of(index), free, "the sum", node.place)
    row.reader.bare_sums[loose[0].name] = node.place
    return made(rename(body, {loose[0]: index}), index)


# -- max and min ---


def extreme(row: Row, script: Scripted, name: str) -> Expr:
    """max_k z_k, max(a, b), max{z_k}, max(z) of a whole vector; min likewise."""
    if name in ("arg", "argmax", "argmin"):
        raise DeriveError(
            "arg max stands only in an indicator: 1[j = arg max_k z_k]; it has no derivative",
            script.place,
        )
    if script.sup or script.primes:
        raise DeriveError(
            f"a power of {name} can be read in two ways; add parentheses", script.place
        )
    sign = Integer(1) if name == "max" else Integer(-1)
    if script.sub:
        bounds = _bounds(script.sub, ())
        return _bind(row, Max if name == "max" else _least, bounds, script.place)
    return _listed(row, script, sign, name)


def _least(body: Expr, index: Index, *excluded: Any) -> Expr:
    """min is -max of the opposite."""
    return -Max(-body, index, *excluded)


def _listed(row: Row, script: Scripted, sign: Integer, name: str) -> Expr:
    item = row.take()
    base = item.base if isinstance(item, Scripted) else item
    if isinstance(base, Name) and row.reader.rank(base) and item is base:
        return _whole(row, base, sign)
    if not isinstance(base, Bracket) or base.kind not in ("(", "{", "["):
        raise DeriveError(f"expected {name}_k, or a list in parentheses after {name}", item.place)
    env = row.env.deeper(base.place)
    found = listed(base.items, base.place)
    if found is not None:
        made = Max if name == "max" else _least
        bound = Bound(found.letter, base.place, found.size)
        value = _bind(type(row)(row.reader, found.member, row.env), made, [bound], base.place)
    elif len(base.items) == 1:
        value = _set(row, base, sign, name)
    else:
        values = [sign * row.reader.expr(c, env) for c in base.items]
        made = values[0]
        for other in values[1:]:
            made = Maximum(made, other)
        value = sign * made
    return (
        row.reader.power(value, row.argument(item.sup), item.place)
        if isinstance(item, Scripted)
        else value
    )


def _whole(row: Row, node: Syntax, sign: Integer) -> Expr:
    index = row.reader.fresh(node.place, row.env, "max")
    body = row.reader.atom(node, row.env.along(index).binding(index))
    return sign * Max(sign * body, index)


def _set(row: Row, base: Bracket, sign: Integer, name: str) -> Expr:
    """max{z_k} runs over k; max(z) over a vector; max(z_k) says nothing."""
    if row.reader.rank(base.items[0]):
        return _whole(row, base, sign)
    value = row.reader.expr(base.items[0], row.env.deeper(base.place))
    loose = free_indices(value) - set(row.env.bound.values())
    if base.kind != "{" or len(loose) != 1:
        raise DeriveError(f"which index {name} runs over is not said; write {name}_k", base.place)
    (old,) = loose
    index = row.reader.bind(old.name, ("set", row.reader.formula, base.place))
    row.names.ranges.same(row.reader.key_of(index), row.reader.key_of(old), name, base.place)
    row.reader.bare_sums[old.name] = base.place
    return sign * Max(sign * rename(value, {old: index}), index)
