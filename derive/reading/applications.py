"""What p(x_i), P(y = 1 | x), H(p, q) and f(x) stand for in a document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from derive.reading.scripts import base_of
from derive.reading.shaping import Items, key_of, rows, summed
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
    sole,
)

HOT = "=·"  # the name of one-hot targets that are written as labels ends so


APPLIED = frozenset(["p", "q", "P", "Q", "f", "g", "h", "F", "G", "H", "pi", "phi", "Pr"])


NO_FUNCTION = frozenset(["sigma", "Gamma", "e", "d"])


@dataclass(frozen=True)
class _Use:
    """One application: what it is written with, by shape and by the indices in it."""

    skeleton: str
    positions: tuple[Chain, ...]
    plain: bool
    count: int


@dataclass
class _Uses:
    """How a name is applied in a document, and the parameters that its definitions give it."""

    found: list[_Use] = field(default_factory=list)
    heads: dict[int, str] = field(default_factory=dict)


class Calls:
    """p(x_i), P(y = 1 | x), H(p, q) beside H(p): names of their own, unless they are defined."""

    def __init__(self, known: list[Terms], shapes: list[list[Any]]):
        self.bound = summed(known)
        self.uses: defaultdict[str, _Uses] = defaultdict(_Uses)
        self.indices = self.bound | _subscripts(known)
        self.labels = set(_labels(known))
        pairs = [(item, after) for items in rows(tuple(known))
                 for item, after in zip(items, (*items[1:], None), strict=True)
                 if isinstance(base_of(item), Name)]  # fmt: skip
        self.lone = {key_of(item) for item, after in pairs if not _calls(after)}
        for item, after in pairs:
            if (use := self._use(item, after)) is not None:
                self.uses[key_of(item)].found.append(use)
        self.labelled: dict[str, _Use] = {}
        for row in shapes:
            self._note_head(row)
        self.only = dict(self._arguments(known))

    def _arguments(self, known: list[Terms]) -> Iterator[tuple[str, Bracket]]:
        """The functions of one letter that are applied to one name only, and that name."""
        seen: defaultdict[str, list[Bracket]] = defaultdict(list)
        raised = set[str]()
        for items in rows(tuple(known)):
            for item, after in zip(items, (*items[1:], None), strict=True):
                if isinstance(base_of(item), Name) and isinstance(after, Bracket):
                    if after.kind == "(" and not _complements(after, key_of(item)):
                        seen[key_of(item)].append(after)
                elif isinstance(item, Scripted) and isinstance(item.base, Name):
                    raised |= {item.base.key} if item.sub or item.sup else set()
        for key, found in seen.items():
            lone = isinstance(sole(found[0].items[0]), Name) and len(found[0].items) == 1
            known_ = key == "sigma" or set(self.uses[key].heads) == {1}
            if lone and known_ and key not in raised and all(f == found[0] for f in found):
                yield key, found[0]

    def _note_head(self, row: list[Any]) -> None:
        first = row[0] if len(row) > 1 and isinstance(row[0], Terms) else None
        if first is None or len(first.parts) > 1 or len(first.parts[0][1]) != 2:
            return
        item, after = first.parts[0][1]
        use = self._use(item, after)
        if use is not None and use.plain and not use.positions:
            self.uses[key_of(item)].heads.setdefault(use.count, use.skeleton)
        elif use is not None and isinstance(item, Name):
            found = self.uses[item.key].found
            self.labelled |= {item.key: use} if all(u == use for u in found) else {}

    def change(self, items: Items) -> Items:
        """One row."""
        made: list[Syntax] = []
        at = 0
        while at < len(items):
            after = items[at + 1] if at + 1 < len(items) else None
            if (test := self._indicator(items[at], after)) is not None:
                made.append(test)
                at += 2
                continue
            if (call := self._itself(items[at], after)) is not None:
                made += call
                at += 1
                continue
            name, taken = self._renamed(items[at], after)
            made.append(name)
            at += taken
        return tuple(made)

    def _indicator(self, item: Syntax, after: Syntax | None) -> Syntax | None:
        """1{y^{(i)} = k} with a sum over i is the element (i, k) of the one-hot targets, unless y_i
        is the label of one example: f_{y_i}."""
        one = (isinstance(item, Mark) and item.kind == "one") or (
            isinstance(item, Number) and item.written == "1"
        )
        chain = after.items[0] if isinstance(after, Bracket) and len(after.items) == 1 else None
        if not one or chain is None or chain.relations != ("=",):
            return None
        for label, index in (chain.exprs, chain.exprs[::-1]):
            left, right = self._side(label), sole(index)
            positions = left[1] if left is not None and left[0] else ()
            letter = sole(positions[0]) if len(positions) == 1 else None
            summed_ = isinstance(letter, Name) and letter.key in self.bound
            known = isinstance(right, Name) and right.key in self.indices
            own = left is not None and left[0] not in self.labels
            if left is not None and own and summed_ and known and right is not None:
                name = Name(item.place, f"{left[0]}{HOT}", word=True)
                return Scripted(item.place, name, (*positions, chain_of(right)))
        return None

    def _itself(self, item: Syntax, after: Syntax | None) -> Items | None:
        """σ' = σ(1 - σ) where σ(z) is all that σ is applied to: σ'(z) = σ(z) (1 - σ(z))."""
        name = base_of(item)
        argument = self.only.get(name.key) if isinstance(name, Name) else None
        plain = item is name or (isinstance(item, Scripted) and not (item.sub or item.sup))
        if argument is None or not plain or not isinstance(name, Name):
            return None
        bracket = None if after is None else base_of(after)
        called = isinstance(bracket, Bracket) and bracket.kind == "("
        if called and not (isinstance(bracket, Bracket) and _complements(bracket, name.key)):
            return None
        primed = isinstance(item, Scripted)
        return (item, argument) if called or primed or name.key == "sigma" else None

    def _renamed(self, item: Syntax, after: Syntax | None) -> tuple[Syntax, int]:
        """The name that an application becomes, and how many items it takes up."""
        name, bracket = base_of(item), base_of(after) if after is not None else None
        if isinstance(item, Name) and not _calls(after) and item.key in self.labelled:
            return self._applied(item, self.labelled[item.key], (), ()), 1
        if not isinstance(name, Name) or not isinstance(bracket, Bracket) or bracket.kind != "(":
            return item, 1
        uses, count = self.uses.get(name.key, _Uses()), len(bracket.items)
        if count in uses.heads:
            own = min(uses.heads)
            key = name.key if count == own else f"{name.key}({count})"
            made = replace(name, key=key)
            return (replace(item, base=made) if isinstance(item, Scripted) else made), 1
        use = self._use(item, after)
        if use is None or not self._stands_for_aname_at(name, use, uses):
            return item, 1
        sub = item.sub if isinstance(item, Scripted) else ()
        sup = after.sup if isinstance(after, Scripted) else ()
        return self._applied(name, use, sub, sup), 2

    def _applied(
        self, name: Name, use: _Use, sub: tuple[Chain, ...], sup: tuple[Chain, ...]
    ) -> Syntax:
        """The name of what is applied; a lone ℓ is the ℓ(x, t) that the document defines."""
        made, sub = replace(name, key=f"{name.key}({use.skeleton})", word=True), sub + use.positions
        return Scripted(name.place, made, sub, sup) if sub or sup else made

    def _stands_for_aname_at(self, name: Name, use: _Use, uses: _Uses) -> bool:
        """Whether an application that nothing defines is a name: not where it may be a product."""
        if use.count > 1 or not use.plain or use.positions:
            return True
        return len({u.skeleton for u in uses.found}) > 1 or name.key not in self.lone

    def _use(self, item: Syntax, after: Syntax | None) -> _Use | None:
        name, bracket = base_of(item), None if after is None else base_of(after)
        if not isinstance(name, Name) or not isinstance(bracket, Bracket) or bracket.kind != "(":
            return None
        scripted = isinstance(item, Scripted) and (item.sup or item.primes)
        if scripted or name.key in NO_FUNCTION or (isinstance(after, Scripted) and after.sub):
            return None
        read = [self._argument(c) for c in bracket.items]
        if any(r is None for r in read) or not self._may_apply(item, name, bracket):
            return None
        words = [r[0] for r in read if r is not None]
        positions = tuple(dict.fromkeys(p for r in read if r is not None for p in r[1]))
        plain = all(r is not None and r[2] for r in read)
        return _Use(",".join(words), positions, plain, len(read))

    def _may_apply(self, item: Syntax, name: Name, bracket: Bracket) -> bool:
        """p(x_i) is an application, y_k(p_i) beside y_i is a product."""
        lone = sole(bracket.items[0]) if len(bracket.items) == 1 else None
        if not isinstance(lone, Scripted) or name.key not in self.lone:
            return True
        return item is name and name.key in APPLIED

    def _argument(self, chain: Chain) -> tuple[str, tuple[Chain, ...], bool] | None:
        """(shape, indices, whether it is a mere name) of one argument; None if it is a value."""
        parts = [self._side(e) for e in chain.exprs]
        if any(p is None for p in parts) or not {*chain.relations} <= {"="}:
            return None
        words = "=".join(p[0] for p in parts if p is not None)
        indices = tuple(i for p in parts if p is not None for i in p[1])
        return words, indices, not chain.relations and not indices

    def _side(self, terms: Terms) -> tuple[str, tuple[Chain, ...]] | None:
        item = sole(terms)
        if isinstance(item, Number):
            return item.written, ()
        if isinstance(item, Name):
            here = Chain(item.place, (terms,))
            return ("", (here,)) if item.key in self.indices else (item.key, ())
        if not isinstance(item, Scripted) or not isinstance(item.base, Name) or item.primes:
            return None
        rows_ = [b for c in item.sup if isinstance(b := sole(c), Bracket) and b.kind == "("]
        if len(rows_) != len(item.sup):
            return None
        return item.base.key, (*(c for b in rows_ for c in b.items), *item.sub)


def _calls(after: Syntax | None) -> bool:
    bracket = None if after is None else base_of(after)
    return isinstance(bracket, Bracket) and bracket.kind == "("


def _complements(bracket: Bracket, key: str) -> bool:
    """Whether this is (1 - f)."""
    parts = bracket.items[0].exprs[0].parts
    if len(bracket.items) > 1 or len(parts) != 2 or [s for s, _ in parts] != [1, -1]:
        return False
    one, other = parts[0][1], parts[1][1]
    named = isinstance(base_of(other[0]), Name) and key_of(other[0]) == key
    return len(one) == 1 and isinstance(one[0], Number) and one[0].written == "1" and named


def _labels(known: list[Terms]) -> Iterator[str]:
    """The y of f_{y_i}."""
    for items in rows(tuple(known)):
        for item in items:
            if isinstance(item, Scripted) and isinstance(item.base, Name):
                below = (sole(c) for c in item.sub)
                yield from (key_of(i) for i in below if isinstance(i, Scripted))


def _subscripts(known: list[Terms]) -> set[str]:
    """The letters that stand alone below a name."""
    made: set[str] = set()
    for items in rows(tuple(known)):
        for item in items:
            if isinstance(item, Scripted) and isinstance(item.base, Name):
                lone = (sole(c) for c in item.sub)
                made |= {n.key for n in lone if isinstance(n, Name) and not n.word}
    return made
