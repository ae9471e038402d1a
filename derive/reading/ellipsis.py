"""e^{z_1} + \\dots + e^{z_n}, p_1 p_2 \\cdots p_n and max(z_1, \\dots, z_n), read as Σ, Π and max.

Only a certain pattern is read: the terms differ in subscripts alone, which count 1, 2, ... and end
with the name of a size.  All other dots are refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from derive.errors import DeriveError
from derive.reading.naming import unused
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Scripted,
    Syntax,
    Terms,
    chain_of,
    names_in,
    sole,
)
from derive.reading.tokens import Place

MAX_LISTED = 4
Items = tuple[Syntax, ...]


@dataclass(frozen=True)
class Pattern:
    """The k-th member, the letter k, and the name of the size it runs up to."""

    member: Any
    letter: str
    size: str


def spelled_sum(node: Terms) -> Terms:
    """A sum without dots: a_1 + \\dots + a_n has become Σ_{k=1}^n a_k."""
    at = next((k for k, (_, items) in enumerate(node.parts) if _is_dots(items)), None)
    if at is None:
        return node
    place = node.parts[at][1][0].place
    rows = [items for _, items in node.parts]
    count, found = _found(rows[:at], rows[at + 1 :], place)
    signs = {sign for sign, _ in node.parts[at - count : at + 2]}
    if len(signs) > 1:
        raise _uncertain(place)
    made = (signs.pop(), (_sign("sum", found, place), *found.member))
    parts = (*node.parts[: at - count], made, *node.parts[at + 2 :])
    return spelled_sum(replace(node, parts=parts))


def spelled_product(items: Sequence[Syntax]) -> Sequence[Syntax]:
    """A product without dots: p_1 \\cdots p_n has become (Π_{k=1}^n p_k)."""
    at = next((k for k, item in enumerate(items) if _dots(item)), None)
    if at is None:
        return items
    before = [i for i in items[:at] if not _times(i)]
    after = [i for i in items[at + 1 :] if not _times(i)]
    count, found = _found([(i,) for i in before], [(i,) for i in after], items[at].place)
    made = _row((_sign("prod", found, items[at].place), *found.member))
    kept = before[: len(before) - count]
    return (*kept, Bracket(items[at].place, "(", (made,)), *after[1:])


def listed(chains: Sequence[Chain], place: Place) -> Pattern | None:
    """The pattern of a list with dots (z_1, \\dots, z_n); None if there are no dots."""
    at = next((k for k, c in enumerate(chains) if _dots(sole(c))), None)
    if at is None:
        return None
    rows = [c.exprs[0].parts[0][1] if len(c.exprs[0].parts) == 1 else () for c in chains]
    count, found = _found(rows[:at], rows[at + 1 :], place)
    if count < at or at + 2 < len(chains) or any(c.relations for c in chains):
        raise _uncertain(place)
    return found


def _found(before: Sequence[Items], after: Sequence[Items], place: Place) -> tuple[int, Pattern]:
    """How many members stand ahead of the dots, and their pattern."""
    for count in range(min(MAX_LISTED, len(before)), 0, -1):
        made = [_pattern(m, after[0], k) for k, m in enumerate(before[-count:], 1)] if after else []
        if made and made[0] is not None and all(m == made[0] for m in made):
            return count, made[0]
    raise _uncertain(place)


def _pattern(member: Items, last: Items, number: int) -> Pattern | None:
    used = {*names_in(member), *names_in(last)}
    sizes: set[str] = set()
    letter = unused("kljrsuv", used)
    made = _general(member, last, str(number), letter, sizes, False)
    return Pattern(made, letter, sizes.pop()) if made is not None and len(sizes) == 1 else None


def _general(first: Any, last: Any, number: str, letter: str, sizes: set[str], below: bool) -> Any:
    """The common shape of two members, with the letter where one counts and the other ends."""
    if below and isinstance(first, Number) and first.written == number and _lone(last):
        sizes.add(last.key)
        return Name(first.place, letter)
    if type(first) is not type(last):
        return None
    if isinstance(first, tuple):
        if len(first) != len(last):
            return None
        pairs = zip(first, last, strict=True)
        made = tuple(_general(a, b, number, letter, sizes, below) for a, b in pairs)
        return None if any(m is None for m in made) else made
    if not is_dataclass(first):
        return first if first == last else None
    parts = {}
    for field in fields(first):
        if field.compare:
            inside = below or (isinstance(first, Scripted) and field.name == "sub")
            pair = getattr(first, field.name), getattr(last, field.name)
            parts[field.name] = _general(*pair, number, letter, sizes, inside)
            if parts[field.name] is None and pair[0] is not None:
                return None
    return replace(first, **parts)  # type: ignore[type-var]  # one of the records of syntax


def _sign(kind: str, found: Pattern, place: Place) -> Scripted:
    """Σ_{k=1}^n."""
    k, one, end = Name(place, found.letter), Number(place, "1"), Name(place, found.size)
    below = Chain(place, (_row((k,)).exprs[0], _row((one,)).exprs[0]), ("=",), (place,))
    return Scripted(place, Mark(place, "big", kind), (below,), (chain_of(end),))


def _row(items: Items) -> Chain:
    place = items[0].place
    return Chain(place, (Terms(place, ((1, items),)),))


def _uncertain(place: Place) -> DeriveError:
    return DeriveError(
        "what the dots stand for is not certain; write the sum, \\sum_{k=1}^n, or begin with the "
        "members 1 and 2 and end with n",
        place,
    )


def _lone(node: Any) -> bool:
    return isinstance(node, Name) and len(node.key) == 1 and not node.bold


def _is_dots(items: Items) -> bool:
    return len(items) == 1 and _dots(items[0])


def _dots(item: Syntax | None) -> bool:
    return isinstance(item, Mark) and item.kind == "dots"


def _times(item: Syntax) -> bool:
    return isinstance(item, Mark) and item.kind == "times"
