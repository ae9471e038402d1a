"""How authors write names: labels in scripts, layers, acronyms, and what p(x | y) stands for.

The shapes of a whole document are rewritten before any name means anything, so that z^l_j, h_θ(x),
D_KL(p ‖ q), y^{LS} and FL are names, and are never read as powers or products of letters.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Any

from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Rows,
    Scripted,
    Syntax,
    Terms,
    chain_of,
    sole,
)
from derive.reading.vectors import counted

PARAMETERS = frozenset(["theta", "phi", "Theta", "psi", "w", "W", "beta", "omega"])
LABELS = frozenset(
    ["new", "old", "true", "pred", "pos", "neg", "out", "in", "ref", "train", "test", "target",
     "smooth", "LS", "soft", "hard", "teacher", "student"]
)  # fmt: skip
WORDS = frozenset(
    ["loss", "cost", "net", "out", "logit", "score", "target", "error", "obj", "Loss", "Cost",
     "label", "pred", "logits", "prob", "odds", "FL", "CE", "KL", "JS"]
)  # fmt: skip
LAYERED = frozenset(["z", "a", "w", "W", "b", "delta", "h", "x", "o", "s", "u", "y"])
HOT = "=·"  # the name of one-hot targets that are written as labels ends so
APPLIED = frozenset(["p", "q", "P", "Q", "f", "g", "h", "F", "G", "H", "pi", "phi", "Pr"])
NO_FUNCTION = frozenset(["sigma", "Gamma", "e", "d"])
Items = tuple[Syntax, ...]


def mapped(node: Any, change: Callable[[Items], Items]) -> Any:
    """The same syntax with every row of factors changed, innermost rows first."""
    if isinstance(node, tuple):
        return tuple(mapped(n, change) for n in node)
    if not isinstance(node, Syntax):
        return node
    parts = {
        f.name: mapped(getattr(node, f.name), change) for f in fields(node) if f.name != "place"
    }
    if isinstance(node, Terms):
        parts["parts"] = tuple((sign, change(items)) for sign, items in parts["parts"])
    return replace(node, **parts)


def rows(node: Any) -> Iterator[Items]:
    """Every row of factors in the syntax."""
    if isinstance(node, tuple):
        for part in node:
            yield from rows(part)
    elif isinstance(node, Syntax):
        if isinstance(node, Terms):
            yield from (items for _, items in node.parts)
        for f in fields(node):
            yield from rows(getattr(node, f.name))


def conventional(shapes: list[list[Any]]) -> list[list[Any]]:
    """The shapes of a document's formulas (Terms or errors), with names as their authors mean
    them."""
    made = shapes
    for convention in (_Plain, _Labels, _Calls):
        known = [s for row in made for s in row if isinstance(s, Terms)]
        change = convention(known, made).change
        made = [[mapped(s, change) if isinstance(s, Terms) else s for s in row] for row in made]
    return made


def summed(shapes: Iterable[Syntax]) -> set[str]:
    """The letters that a sum, product or maximum binds somewhere."""
    made: set[str] = set()
    for items in rows(tuple(shapes)):
        for item in items:
            head = item.base if isinstance(item, Scripted) else item
            binds = isinstance(head, Mark) and head.kind in ("big", "function", "expectation")
            if binds and isinstance(item, Scripted):
                made |= {n.key for c in item.sub for n in _names(c.exprs[0])}
    return made


def _names(node: Any) -> Iterator[Name]:
    for items in rows(node):
        yield from (i for i in items if isinstance(i, Name))


class _Plain:
    """Braces that nobody sees are taken away, and words that are set as letters put together."""

    def __init__(self, known: list[Terms], _: list[list[Any]]):
        runs = Counter[str]()
        alone = set[str]()
        for items in rows(tuple(known)):
            for run in _runs(items):
                word = "".join(n.key for n in run)
                if word.isupper() and len(run) > 1:
                    runs[word] += 1
                else:
                    alone |= set(word)
        self.words = WORDS | {w for w, n in runs.items() if n > 1 and not alone & set(w)}

    def change(self, items: Items) -> Items:
        """One row."""
        made: list[Syntax] = []
        for item in items:
            made += _opened(item, len(items))
        return tuple(_gradient(list(self._joined(made))))

    def _joined(self, items: list[Syntax]) -> Iterator[Syntax]:
        runs = {id(run[0]): run for run in _runs(tuple(items))}
        at = 0
        while at < len(items):
            run = runs.get(id(_base(items[at])), [])
            word = "".join(n.key for n in run)
            if len(run) > 1 and word in self.words:
                name = Name(run[0].place, word, word=True)
                last = items[at + len(run) - 1]
                yield replace(last, base=name) if isinstance(last, Scripted) else name
                at += len(run)
            else:
                yield items[at]
                at += 1


def _gradient(items: list[Syntax]) -> Iterator[Syntax]:
    """∇E(w) is ∇_w E(w)."""
    for at, item in enumerate(items):
        head, bracket = _base(item), items[at + 2] if at + 2 < len(items) else None
        scripts = item if isinstance(item, Scripted) else Scripted(item.place, item)
        bare = isinstance(head, Mark) and head.kind == "nabla" and not scripts.sub
        called = isinstance(bracket, Bracket) and bracket.kind == "(" and len(bracket.items) == 1
        name = sole(bracket.items[0]) if bare and isinstance(bracket, Bracket) and called else None
        yield replace(scripts, sub=(chain_of(name),)) if isinstance(name, Name) else item


def _base(item: Syntax) -> Syntax:
    return item.base if isinstance(item, Scripted) else item


def _runs(items: Items) -> Iterator[list[Name]]:
    """Letters that stand close together; only the last may carry scripts."""
    run: list[Name] = []
    for item in items:
        name = _base(item)
        plain = isinstance(name, Name) and len(name.key) == 1 and name.key.isascii()
        close = plain and run and name.place == (run[-1].place[0], run[-1].place[1] + 1)
        if run and not close:
            yield run
            run = []
        if plain:
            assert isinstance(name, Name)
            run.append(name)
        if run and item is not name:
            yield run
            run = []
    if run:
        yield run


def _opened(item: Syntax, beside: int) -> Items:
    """{a b} is a b, unless a sum in the braces would reach further without them."""
    if not isinstance(item, Bracket) or item.kind != "braces" or item.items[0].relations:
        return (item,)
    (sign, inner), *more = item.items[0].exprs[0].parts
    reaches = any(isinstance(_base(i), Mark) and _base(i).kind != "partial" for i in inner)  # type: ignore[attr-defined]  # it is a Mark
    plain = sign > 0 and not more and len(item.items[0].exprs) == 1
    return inner if plain and (beside == 1 or not reaches) else (item,)


class _Labels:
    """Scripts that name and do not count: D_{KL}, h_θ(x), y^{LS}, z^{[2]}, a^{l-1}_k."""

    def __init__(self, known: list[Terms], _: list[list[Any]]):
        self.bound = summed(known)
        self.shifted = set[str]()
        self.counted = set[str]()
        self.with_example, self.without = set[tuple[str, int]](), set[tuple[str, int]]()
        for items in rows(tuple(known)):
            for item in items:
                if isinstance(_base(item), Name):
                    self._note(item)

        self.identity = ("I", 2) in self.without and ("I", 0) not in self.without
        self.apart = {key for key, _ in self.with_example & self.without}

    def _note(self, item: Syntax) -> None:
        key = _key(item)
        sub, sup = (item.sub, item.sup) if isinstance(item, Scripted) else ((), ())
        letter, shift, fence = _layer(sup) if sup else ("", "", "")
        if shift:
            self.shifted.add(letter)
        elif fence == "(" and letter.isalpha() and letter not in "lL":
            self.counted.add(key)
            self.with_example.add((key, counted(sub)))
        elif not sup:
            self.without.add((key, counted(sub)))

    def change(self, items: Items) -> Items:
        """One row."""
        return tuple(self._named(i, a) for i, a in zip(items, (*items[1:], None), strict=True))

    def _named(self, item: Syntax, after: Syntax | None) -> Syntax:
        if not isinstance(item, Scripted) or not isinstance(item.base, Name):
            return item
        name, sub, sup = item.base, item.sub, item.sup
        if name.key == "I" and self.identity and counted(sub) == 2 and not sup:
            return replace(item, base=replace(name, key="delta"))
        above, rest = _turned(sup)
        if above:
            name, sup = replace(name, key=f"{name.key}^{above}"), rest
        if name.key in self.apart and _layer(sup)[2]:
            return replace(item, base=replace(name, key=f"{name.key}^()"))
        if sup and name.key != "e" and (label := self._above(name.key, sup, bool(sub))):
            name, sup = replace(name, key=f"{name.key}^{label}"), ()
        if sub and (label := self._below(sub, after)):
            name, sub = replace(name, key=f"{name.key}_{label}"), ()
        kept = sub or sup or item.primes
        return replace(item, base=name, sub=sub, sup=sup) if kept else name

    def _above(self, key: str, sup: tuple[Chain, ...], has_sub: bool) -> str:
        """The label that a superscript is; empty if it is a power or a position."""
        letter, shift, fence = _layer(sup)
        if letter:
            free = letter not in self.bound
            layer = free and (letter in "lL" or letter in self.shifted)
            bare = (layer and key in LAYERED) and (has_sub or letter in self.shifted)
            number = letter.isdigit() and key not in self.counted and key in LAYERED
            made = fence == "[" or (fence == "(" and (layer or number)) or (not fence and bare)
            return {"[": "[%s]", "(": "(%s)", "": "%s"}[fence] % (letter + shift) if made else ""
        word = _word(sup)
        return word if word in LABELS or (len(word) > 1 and word.isupper()) else ""

    def _below(self, sub: tuple[Chain, ...], after: Syntax | None) -> str:
        word = _word(sub)
        called = isinstance(after, Bracket) and after.kind == "("
        parameter = called and word in PARAMETERS and word not in self.bound
        capitals = len(word) > 1 and word.isupper() and not set(word) & self.bound
        return word if parameter or capitals else ""


def _word(chains: tuple[Chain, ...]) -> str:
    """The letters of a script that is one word or one row of letters."""
    terms = chains[0].exprs[0] if len(chains) == 1 and not chains[0].relations else None
    if terms is None or len(terms.parts) > 1 or terms.parts[0][0] < 0:
        return ""
    items = terms.parts[0][1]
    return "".join(i.key for i in items if isinstance(i, Name)) if _are_names(items) else ""


def _are_names(items: Items) -> bool:
    return all(isinstance(i, Name) for i in items)


def _turned(sup: tuple[Chain, ...]) -> tuple[str, tuple[Chain, ...]]:
    """The label and the rest of W^{[2]T}."""
    (sign, items), *more = sup[0].exprs[0].parts if len(sup) == 1 else ((1, ()),)
    if len(items) != 2 or more or sign < 0 or not isinstance(items[0], Bracket):
        return "", sup
    letter, shift, fence = _layer((chain_of(items[0]),))
    last = items[1]
    turned = isinstance(last, Mark) and last.kind == "top"
    turned |= isinstance(last, Name) and last.key == "T"
    end = {"[": "]", "(": ")"}.get(fence, "")
    return (f"{fence}{letter}{shift}{end}" if turned and fence else ""), (chain_of(last),)


def _layer(sup: tuple[Chain, ...]) -> tuple[str, str, str]:
    """(letter, shift, fence) of l, l+1, (l-1) and [2]; the letter is empty for all else."""
    if not sup:
        return "", "", ""
    inner = sole(sup[0]) if len(sup) == 1 else None
    fence = inner.kind if isinstance(inner, Bracket) and inner.kind in ("(", "[") else ""
    chain = inner.items[0] if isinstance(inner, Bracket) and len(inner.items) == 1 else sup[0]
    if len(sup) > 1 or chain.relations:
        return "", "", ""
    (sign, first), *more = chain.exprs[0].parts
    item = first[0] if sign > 0 and len(first) == 1 else None
    letter = item.key if isinstance(item, Name) and len(item.key) == 1 else ""
    if isinstance(item, Number) and fence and not more:
        return item.written, "", fence
    if not letter or len(more) > 1:
        return "", "", ""
    last = more[0][1][0] if more and len(more[0][1]) == 1 else None
    if more and not isinstance(last, Number):
        return "", "", ""
    shift = f"{'+' if more[0][0] > 0 else '-'}{last.written}" if isinstance(last, Number) else ""
    return letter, shift, fence


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


class _Calls:
    """p(x_i), P(y = 1 | x), H(p, q) beside H(p): names of their own, unless they are defined."""

    def __init__(self, known: list[Terms], shapes: list[list[Any]]):
        self.bound = summed(known)
        self.uses: defaultdict[str, _Uses] = defaultdict(_Uses)
        self.indices = self.bound | _subscripts(known)
        self.lone = set[str]()
        for items in rows(tuple(known)):
            for item, after in zip(items, (*items[1:], None), strict=True):
                use = self._use(item, after)
                if use is not None:
                    self.uses[_key(item)].found.append(use)
                elif isinstance(_base(item), Name):
                    self.lone.add(_key(item))
        for row in shapes:
            self._note_head(row)
        self.only = dict(self._arguments(known))

    def _arguments(self, known: list[Terms]) -> Iterator[tuple[str, Bracket]]:
        """The functions of one letter that are applied to one name only, and that name."""
        seen: defaultdict[str, list[Bracket]] = defaultdict(list)
        raised = set[str]()
        for items in rows(tuple(known)):
            for item, after in zip(items, (*items[1:], None), strict=True):
                if isinstance(_base(item), Name) and isinstance(after, Bracket):
                    if after.kind == "(" and not _complements(after, _key(item)):
                        seen[_key(item)].append(after)
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
            self.uses[_key(item)].heads.setdefault(use.count, use.skeleton)

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
        """1{y^{(i)} = k} with a sum over i is the element (i, k) of the one-hot targets."""
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
            if left is not None and summed_ and known and right is not None:
                name = Name(item.place, f"{left[0]}{HOT}", word=True)
                return Scripted(item.place, name, (*positions, chain_of(right)))
        return None

    def _itself(self, item: Syntax, after: Syntax | None) -> Items | None:
        """σ' = σ(1 - σ) where σ(z) is all that σ is applied to: σ'(z) = σ(z) (1 - σ(z))."""
        name = _base(item)
        argument = self.only.get(name.key) if isinstance(name, Name) else None
        plain = item is name or (isinstance(item, Scripted) and not (item.sub or item.sup))
        if argument is None or not plain or not isinstance(name, Name):
            return None
        bracket = None if after is None else _base(after)
        called = isinstance(bracket, Bracket) and bracket.kind == "("
        if called and not (isinstance(bracket, Bracket) and _complements(bracket, name.key)):
            return None
        primed = isinstance(item, Scripted)
        return (item, argument) if called or primed or name.key == "sigma" else None

    def _renamed(self, item: Syntax, after: Syntax | None) -> tuple[Syntax, int]:
        """The name that an application becomes, and how many items it takes up."""
        name, bracket = _base(item), _base(after) if after is not None else None
        if not isinstance(name, Name) or not isinstance(bracket, Bracket) or bracket.kind != "(":
            return item, 1
        uses, count = self.uses.get(name.key, _Uses()), len(bracket.items)
        if count in uses.heads:
            own = min(uses.heads)
            key = name.key if count == own else f"{name.key}({count})"
            made = replace(name, key=key)
            return (replace(item, base=made) if isinstance(item, Scripted) else made), 1
        use = self._use(item, after)
        if use is None or not self._stands_for_a_name(name, use, uses):
            return item, 1
        made = replace(name, key=f"{name.key}({use.skeleton})", word=True)
        sub = item.sub if isinstance(item, Scripted) else ()
        sup = after.sup if isinstance(after, Scripted) else ()
        sub = (*sub, *use.positions)
        return (Scripted(item.place, made, sub, sup) if sub or sup else made), 2

    def _stands_for_a_name(self, name: Name, use: _Use, uses: _Uses) -> bool:
        """Whether an application that nothing defines is a name: not where it may be a product."""
        if use.count > 1 or not use.plain or use.positions:
            return True
        return len({u.skeleton for u in uses.found}) > 1 or name.key not in self.lone

    def _use(self, item: Syntax, after: Syntax | None) -> _Use | None:
        name, bracket = _base(item), None if after is None else _base(after)
        if not isinstance(name, Name) or not isinstance(bracket, Bracket) or bracket.kind != "(":
            return None
        scripted = isinstance(item, Scripted) and (item.sup or item.primes)
        if scripted or name.key in NO_FUNCTION or (isinstance(after, Scripted) and after.sub):
            return None
        read = [self._argument(c) for c in bracket.items]
        if any(r is None for r in read) or not self._may_apply(item, name, bracket):
            return None
        words = [r[0] for r in read if r is not None]
        positions = tuple(p for r in read if r is not None for p in r[1])
        plain = all(r is not None and r[2] for r in read)
        return _Use(",".join(words), positions, plain, len(read))

    def _may_apply(self, item: Syntax, name: Name, bracket: Bracket) -> bool:
        """p(x_i) is an application, y_k(p_i) and a(x_i) may be products."""
        lone = sole(bracket.items[0]) if len(bracket.items) == 1 else None
        element = isinstance(lone, Scripted)
        return not element or (item is name and name.key in APPLIED)

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


def _complements(bracket: Bracket, key: str) -> bool:
    """Whether this is (1 - f)."""
    parts = bracket.items[0].exprs[0].parts
    if len(bracket.items) > 1 or len(parts) != 2 or [s for s, _ in parts] != [1, -1]:
        return False
    one, other = parts[0][1], parts[1][1]
    named = isinstance(_base(other[0]), Name) and _key(other[0]) == key
    return len(one) == 1 and isinstance(one[0], Number) and one[0].written == "1" and named


def _key(item: Syntax) -> str:
    name = _base(item)
    assert isinstance(name, Name)
    return name.key


def _subscripts(known: list[Terms]) -> set[str]:
    """The letters that stand alone below a name."""
    made: set[str] = set()
    for items in rows(tuple(known)):
        for item in items:
            if isinstance(item, Scripted) and isinstance(item.base, Name):
                lone = (sole(c) for c in item.sub)
                made |= {n.key for n in lone if isinstance(n, Name) and not n.word}
    return made


def spread(shape: Terms) -> list[Terms]:
    """A side that is one case distinction whose rows are chains (a = b & i = j), as one side for
    each member."""
    found = sole(shape)
    if not isinstance(found, Rows):
        return [shape]
    longest = max(len(value.exprs) for value, _, _ in found.rows)
    return [Terms(shape.place, ((1, (_member(found, k),)),)) for k in range(longest)]


def _member(found: Rows, k: int) -> Rows:
    rows_ = tuple((Chain(v.place, (v.exprs[min(k, len(v.exprs) - 1)],)), c, w)
                  for v, c, w in found.rows)  # fmt: skip
    return replace(found, rows=rows_)
