"""How authors write names: labels in scripts, layers, acronyms, and what p(x | y) stands for.

The shapes of a whole document are rewritten before any name means anything, so that z^l_j, h_θ(x),
D_KL(p ‖ q), y^{LS} and FL are names, and are never read as powers or products of letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any, cast

from derive.reading.applications import Calls
from derive.reading.labels import Labels
from derive.reading.primes import Primed
from derive.reading.quotients import Applied
from derive.reading.scripts import base_of, counted, is_position
from derive.reading.shaping import Items, mapped, rows, runs
from derive.reading.stacking import Stacked
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Over,
    Rows,
    Scripted,
    Syntax,
    Terms,
    chain_of,
    sole,
)

WORDS = frozenset(
    ["loss", "cost", "net", "out", "logit", "score", "target", "error", "obj", "Loss", "Cost",
     "label", "pred", "logits", "prob", "odds", "FL", "CE", "KL", "JS"]
)  # fmt: skip


def conventional(shapes: list[list[Any]]) -> list[list[Any]]:
    """The shapes of a document's formulas (Terms or errors), with names as their authors mean
    them."""
    made = [_differentials(row) for row in shapes]
    for convention in (Primed, _Plain, Applied, _Totals, _Sizes, Labels, Calls, Stacked):
        known = [s for row in made for s in row if isinstance(s, Terms)]
        change = convention(known, made).change
        made = [[mapped(s, change) if isinstance(s, Terms) else s for s in row] for row in made]
    return made


def meant(
    shapes: list[list[Any]], spaces: Sequence[tuple[Scripted | Name, Chain]]
) -> tuple[list[list[Any]], list[tuple[Scripted | Name, Chain]]]:
    """The conventions of a document, put into its formulas and into what it declares."""
    said: list[list[Any]] = [[Terms(item.place, ((1, (item,)),))] for item, _ in spaces]
    made = conventional([*shapes, *said])
    heads = [sole(s[0]) if isinstance(s[0], Terms) else None for s in made[len(shapes) :]]
    pairs = zip(heads, spaces, strict=True)
    return made[: len(shapes)], [(h, c) for h, (_, c) in pairs if isinstance(h, (Name, Scripted))]


def _differentials(row: list[Any]) -> list[Any]:
    """dz = a - y, a name for a derivative: the letters at the start of a chain are one name."""
    first = row[0] if len(row) > 1 and isinstance(row[0], Terms) else None
    items = first.parts[0][1] if first is not None and len(first.parts) == 1 else ()
    found = list(runs(items))
    if first is None or len(found) != 1 or len(found[0]) != 2 or len(items) != 2:
        return row
    sign, letter = found[0]
    if sign.key != "d" or items[0] is not sign:
        return row
    name = Name(sign.place, f"d{letter.key}", word=True)
    last = replace(items[1], base=name) if isinstance(items[1], Scripted) else name
    return [replace(first, parts=((first.parts[0][0], (last,)),)), *row[1:]]


class _Plain:
    """Braces that nobody sees are taken away, and words that are set as letters put together."""

    def __init__(self, known: list[Terms], shapes: list[list[Any]]):
        self.of = {**_varied(known), **dict(_argued(shapes))}
        counts = Counter[str]()
        alone = set[str]()
        for items in rows(tuple(known)):
            for run in runs(items):
                word = "".join(n.key for n in _undifferentiated(run))
                if word.isupper() and len(word) > 1:
                    counts[word] += 1
                else:
                    alone |= set(word)
        self.words = WORDS | {w for w, n in counts.items() if n > 1 and not alone & set(w)}
        self.words |= {w for row in shapes if (w := _called_word(row))}

    def change(self, items: Items) -> Items:
        """One row."""
        made: list[Syntax] = []
        for item in items:
            made += _opened(item, len(items))
        return tuple(_gradient(list(self._joined(made)), self.of))

    def _joined(self, items: list[Syntax]) -> Iterator[Syntax]:
        starts = {id(run[0]): run for run in runs(tuple(items))}
        at = 0
        while at < len(items):
            run = starts.get(id(base_of(items[at])), [])
            if len(_undifferentiated(run)) < len(run):
                yield items[at]
                run, at = _undifferentiated(run), at + 1
            word = "".join(n.key for n in run)
            if len(run) > 1 and word in self.words:
                name = Name(run[0].place, word, word=True)
                last = items[at + len(run) - 1]
                yield replace(last, base=name) if isinstance(last, Scripted) else name
                at += len(run)
            else:
                yield items[at]
                at += 1


def _undifferentiated(run: list[Name]) -> list[Name]:
    """The FL of dFL."""
    word = "".join(n.key for n in run[1:])
    return run[1:] if len(word) > 1 and word.isupper() and run[0].key == "d" else run


class _Totals:
    """In L = \\sum_i L_i and a = a_1 - a_2 the total is a name beside its parts, wherever it stands
    bare."""

    def __init__(self, _: list[Terms], shapes: list[list[Any]]):
        self.totals = {key for row in shapes if (key := _total(row))}

    def change(self, items: Items) -> Items:
        """One row."""
        return tuple(
            replace(i, key=f"{i.key}@") if isinstance(i, Name) and i.key in self.totals else i
            for i in items
        )


class _Sizes:
    """N_k = \\sum_{n=1}^N γ_nk beside N: parts that bear the letter of a number of terms have a
    name of their own."""

    def __init__(self, known: list[Terms], _: list[list[Any]]):
        self.sizes = {top.key for items in rows(tuple(known)) for i in items
                      if isinstance(i, Scripted) and isinstance(i.base, Mark)
                      and i.base.kind == "big" and len(i.sup) == 1
                      and isinstance(top := sole(i.sup[0]), Name)}  # fmt: skip

    def change(self, items: Items) -> Items:
        """One row."""
        return tuple(map(self._apart, items))

    def _apart(self, item: Syntax) -> Syntax:
        name = item.base if isinstance(item, Scripted) and item.sub else None
        if not isinstance(item, Scripted) or not isinstance(name, Name):
            return item
        key = f"{name.key}@{counted(item.sub)}" if name.key in self.sizes else name.key
        return replace(item, base=replace(name, key=key))


def _total(row: list[Any]) -> str:
    """The L of L = \\frac1N \\sum_i L_i + ... and of L = L_1 + L_2; empty for other chains."""
    head = sole(row[0]) if len(row) > 1 and isinstance(row[0], Terms) else None
    if not isinstance(head, Name) or head.bold or not isinstance(row[1], Terms):
        return ""
    inside = list(rows((row[1],)))
    sums = any(isinstance(m := base_of(i), Mark) and m.kind == "big" for r in inside for i in r)
    parts = [i for r in inside for i in r if isinstance(i, Scripted) and i.sub
             and isinstance(i.base, Name) and i.base.key == head.key]  # fmt: skip
    numbered = len(parts) > 1 and all(isinstance(sole(i.sub[0]), Number) for i in parts)
    return head.key if parts and (sums or numbered) else ""


def _varied(known: list[Terms]) -> dict[str, Name]:
    """The β that alone ℓ is differentiated by where the document says by what: ∂ℓ/∂β_j."""
    by: dict[str, dict[str, Name]] = {}
    for items in rows(tuple(known)):
        for item in items:
            above, below = (
                (_after_partial(c) for c in (item.above, item.below))
                if isinstance(item, Over)
                else ((), ())
            )
            if len(above) == 1 and below and isinstance(above[0], Name):
                names = [base_of(i) for i in below if not _is_partial(i)]
                found = by.setdefault(above[0].key, {})
                found.update({n.key: n for n in names if isinstance(n, Name)})
    return {f: next(iter(names.values())) for f, names in by.items() if len(names) == 1}


def _after_partial(chain: Chain) -> Items:
    """What stands behind the ∂ of a numerator or denominator."""
    items = chain.exprs[0].parts[0][1]
    return items[1:] if items and _is_partial(items[0]) else ()


def _is_partial(item: Syntax) -> bool:
    head = base_of(item)
    return isinstance(head, Mark) and head.kind == "partial"


def _argued(shapes: list[list[Any]]) -> Iterator[tuple[str, Name]]:
    """(A, θ) of every A(θ) = ..."""
    for row in shapes:
        first = row[0] if len(row) > 1 and isinstance(row[0], Terms) else None
        items = first.parts[0][1] if first is not None and len(first.parts) == 1 else ()
        if len(items) == 2 and isinstance(items[0], Name) and isinstance(items[1], Bracket):
            by = sole(items[1].items[0]) if len(items[1].items) == 1 else None
            if items[1].kind == "(" and isinstance(by, Name):
                yield items[0].key, by


def _called_word(row: list[Any]) -> str:
    """The xent of xent(Y, P) = ...; empty for other chains."""
    first = row[0] if len(row) > 1 and isinstance(row[0], Terms) else None
    items = first.parts[0][1] if first is not None and len(first.parts) == 1 else ()
    found = list(runs(items))
    called = bool(items) and isinstance(items[-1], Bracket) and items[-1].kind == "("
    if not called or len(found) != 1 or not 3 <= len(found[0]) == len(items) - 1:
        return ""
    return "".join(n.key for n in found[0])


def _gradient(items: list[Syntax], of: dict[str, Name]) -> Iterator[Syntax]:
    """∇E(w) is ∇_w E(w), ∇²A of A(θ) = ... is ∇²_θ A, and ∇ℓ beside ∂ℓ/∂β_j is ∇_β ℓ."""
    for at, item in enumerate(items):
        head, bracket = base_of(item), items[at + 2] if at + 2 < len(items) else None
        scripts = item if isinstance(item, Scripted) else Scripted(item.place, item)
        bare = isinstance(head, Mark) and head.kind == "nabla" and not scripts.sub
        called = isinstance(bracket, Bracket) and bracket.kind == "(" and len(bracket.items) == 1
        name = sole(bracket.items[0]) if bare and isinstance(bracket, Bracket) and called else None
        after = items[at + 1] if bare and at + 1 < len(items) else None
        if name is None and isinstance(after, Name):
            name = of.get(after.key)
        yield replace(scripts, sub=(chain_of(name),)) if isinstance(name, Name) else item


def _opened(item: Syntax, beside: int) -> Items:
    """{a b} is a b, unless a sum in the braces would reach further without them."""
    if not isinstance(item, Bracket) or item.kind != "braces" or item.items[0].relations:
        return (item,)
    (sign, inner), *more = item.items[0].exprs[0].parts
    reaches = any(isinstance(base_of(i), Mark) and base_of(i).kind != "partial" for i in inner)  # type: ignore[attr-defined]  # it is a Mark
    plain = sign > 0 and not more and len(item.items[0].exprs) == 1
    return inner if plain and (beside == 1 or not reaches) else (item,)


def by_count(shape: Terms, names: Collection[str]) -> Terms:
    """The y_{nk} of some names, which are y_k elsewhere, as names of their own."""

    def change(items: Items) -> Items:
        return tuple(named(i) for i in items)

    def named(item: Syntax) -> Syntax:
        if not isinstance(item, Scripted) or not isinstance(item.base, Name):
            return item
        count = counted(item.sub) + is_position(item.sup)
        own = item.base.key in names and count > 1
        key = f"{item.base.key}@{count}" if own else item.base.key
        return replace(item, base=replace(item.base, key=key))

    return cast("Terms", mapped(shape, change))


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
