"""Σ and Π: what they bind, over which range, and how far they reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import Index, Prod, Sum
from derive.reading.row import Row
from derive.reading.syntax import Bracket, Chain, Mark, Name, Number, Scripted, Syntax, Terms, sole
from derive.reading.tokens import Place
from derive.terms import free_indices, rename

LARGEST_START = 4


@dataclass
class Bound:
    """One bound index as written: its letter, its range's name if given, the excluded positions,
    the number that it is said to start at."""

    letter: str
    place: Place
    end: str | None = None
    excluded: list[Syntax] = field(default_factory=list)
    skipped: int = 0
    start: int | None = None


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
    bounds = bounds_of(node.sub, node.sup)
    return bind(row, made, bounds, node.place)


def bind(row: Row, made: Any, bounds: list[Bound], place: Place) -> Expr:
    """What stands behind a sign, bound by it over all these indices."""
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
    zero = one.start == 0
    if one.start is not None and row.names.from_zero.setdefault(end, zero) != zero:
        raise DeriveError(f"indices up to {end} count from 0 here and from 1 elsewhere", one.place)
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


def bounds_of(sub: tuple[Chain, ...], sup: tuple[Chain, ...]) -> list[Bound]:
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
            one.start, one.skipped = _start(right)
        return [one]
    if chain.relations[:1] == ("<=",) and isinstance(sole(chain.exprs[0]), Number):
        (letter,) = _letters(chain.exprs[1])
        start, skipped = _start(sole(chain.exprs[0]))
        if chain.relations == ("<=", "<=") or (chain.relations == ("<=", "<") and not start):
            last = chain.relations[1] == "<=" and not start
            end = _last(chain.exprs[2]) if last else _end(chain.exprs[2])
            return [Bound(letter.key, letter.place, end, skipped=skipped, start=start)]
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


def _start(item: Syntax | None) -> tuple[int, int]:
    """Where a range starts, and how many first positions that leaves out; counted from 0 or 1."""
    first = int(item.written) if isinstance(item, Number) and item.written.isdigit() else -1
    if not 0 <= first <= LARGEST_START:
        raise DeriveError(
            "ranges count from 1; write k = 1 and rename the elements", item.place if item else None
        )
    return first, max(first - 1, 0)


def _upper(bounds: list[Bound], sup: tuple[Chain, ...]) -> None:
    if len(sup) != 1 or sup[0].relations:
        raise DeriveError("expected the name of a size over the sign", sup[0].place)
    for one in bounds:
        one.end = (_last if one.start == 0 else _end)(sup[0].exprs[0])


def _last(terms: Terms) -> str:
    """The size of what runs from 0 to n - 1, or to a numeral."""
    (sign, items), *more = terms.parts
    less = [(s, i[0].written) for s, i in more if len(i) == 1 and isinstance(i[0], Number)]
    head = items[0] if len(items) == 1 and sign > 0 else None
    if isinstance(head, Name) and len(more) == 1 and less == [(-1, "1")]:
        return head.key
    if isinstance(head, Number) and head.written.isdigit() and not more:
        return str(int(head.written) + 1)
    raise DeriveError("what counts from 0 to n has n + 1 terms; expected n - 1", terms.place)


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
