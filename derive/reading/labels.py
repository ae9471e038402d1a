"""Scripts that name and do not count: D_{KL}, h_θ(x), y^{LS}, z^{[2]}, a^{l-1}_k, c_{t-1}."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

from derive.reading.scripts import base_of, counted, is_top
from derive.reading.shaping import Items, heads, key_of, name_at, rows, summed
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Scripted,
    Syntax,
    Terms,
    sole,
)

TIME = "t"
PARAMETERS = frozenset(["theta", "phi", "Theta", "psi", "w", "W", "beta", "omega", "delta"])


LABELS = frozenset(
    ["new", "old", "true", "pred", "pos", "neg", "out", "in", "ref", "train", "test", "target",
     "smooth", "LS", "soft", "hard", "teacher", "student", "star", "opt", "prev", "next", "init",
     "model", "data"]
)  # fmt: skip


SIGNED = frozenset(["w", "c", "alpha", "beta", "lambda", "n", "N", "m", "pi", "mu", "d", "s", "p"])
"""Names that bear a + as a label; [x]_+ and x_+ are the positive part elsewhere."""

WEIGHTS = frozenset("WUV")
"""Matrices whose subscripts say what leads to what: W_{xh} x_t + W_{hh} h_{t-1}."""

LAYERED = frozenset(["z", "a", "w", "W", "b", "delta", "h", "x", "o", "s", "u", "y"])


class Labels:
    """Scripts that name and do not count: D_{KL}, h_θ(x), y^{LS}, z^{[2]}, a^{l-1}_k."""

    def __init__(self, known: list[Terms], shapes: list[list[Any]]):
        self.bound = summed(known)
        self.values = {i.key for items in rows(tuple(known), scripts=False)
                       for i in items if isinstance(i, Name)}  # fmt: skip
        self.shifted = set[str]()
        self.counted = set[str]()
        self.dotted, self.lettered = False, set[str]()
        self.elsewhere = set[str]()
        self.with_example, self.without = set[tuple[str, int]](), set[tuple[str, int]]()
        self.parametrised = set[tuple[str, str]]()
        for items in rows(tuple(known)):
            self.parametrised |= {*_called(items)}
            for item in items:
                self.dotted |= isinstance(item, Mark) and item.kind == "dots"
                if isinstance(base_of(item), Name):
                    self._note(item)
        self.identity = ("I", 2) in self.without and ("I", 0) not in self.without
        self.identity &= "I" not in {key_of(h) for h, _ in heads(shapes)}
        self.signed = _signed(known)
        self.gated = _gated(known, shapes, self.bound)
        self.timed = _timed(known) if TIME not in self.bound | self.values else set()
        self.momentary = bool(self.timed) and any(_in_diag(n, TIME) for n in rows(tuple(known)))
        self.told_apart = _told_apart(known, shapes, self.bound | self.values)
        self.apart = {key for key, _ in self.with_example & self.without}

    def _note(self, item: Syntax) -> None:
        key = key_of(item)
        sub, sup = (item.sub, item.sup) if isinstance(item, Scripted) else ((), ())
        sup = sup[:1] if len(sup) == 2 and is_top(sup[1]) else sup
        letter, shift, fence = _layer(sup) if sup else ("", "", "")
        if sub and _layer(sub[:1])[0] != TIME:
            self.elsewhere.add(key)
        if not _numeral(sub) or name_at(item).bold:
            self.lettered.add(key)
        if shift:
            self.shifted.add(letter)
        elif fence == "(" and letter.isalpha() and letter not in "lL":
            self.counted.add(key)
            self.with_example.add((key, counted(sub)))
        elif not sup:
            self.without.add((key, counted(sub)))

    def change(self, items: Items) -> Items:
        """One row."""
        return tuple(map(self._named, items))

    def _named(self, item: Syntax) -> Syntax:
        if not isinstance(item, Scripted) or not isinstance(item.base, Name):
            return item
        name, sub, sup = item.base, item.sub, item.sup
        if name.key == "I" and self.identity and counted(sub) == 2 and not sup:
            return replace(item, base=replace(name, key="delta"))
        turned = sup[1:] if len(sup) == 2 and is_top(sup[1]) else ()
        sup = sup[: len(sup) - len(turned)]
        if name.key in self.apart and _layer(sup)[2]:
            return replace(item, base=replace(name, key=f"{name.key}^()"))
        if sup and name.key != "e" and (label := self._above(name.key, sup, bool(sub))):
            name, sup = replace(name, key=f"{name.key}^{label}"), ()
        if _numeral(sub) and not self.dotted and item.base.key not in self.lettered:
            name, sub = replace(name, key=f"{name.key}_{_numeral(sub)}"), ()
        if sub and (label := self._below(item.base.key, sub)):
            name, sub = replace(name, key=f"{name.key}_{label}"), ()
        if (sign := _sign(sub)) and (name.key in SIGNED or name.key in self.signed):
            name, sub = replace(name, key=f"{name.key}_{sign}"), ()
        if sub and (label := self._moment(item.base.key, sub) or self._weight(name.key, sub)):
            name, sub = replace(name, key=f"{name.key}_{label}"), sub[1:]
        sup = (*sup, *turned)
        kept = sub or sup or item.primes
        return replace(item, base=name, sub=sub, sup=sup) if kept else name

    def _above(self, key: str, sup: tuple[Chain, ...], has_sub: bool) -> str:
        """The label that a superscript is; empty if it is a power or a position."""
        letter, shift, fence = _layer(sup)
        if letter:
            free = letter not in self.bound | self.values  # else x^{k-1} is a power
            layer = free and (letter in "lL" or letter in self.shifted)
            bare = (layer and key in LAYERED) and (has_sub or letter in self.shifted)
            number = letter.isdigit() and key not in self.counted and key in LAYERED
            made = fence == "[" or (fence == "(" and (layer or number)) or (not fence and bare)
            return {"[": "[%s]", "(": "(%s)", "": "%s"}[fence] % (letter + shift) if made else ""
        word = _word(sup)
        return word if word in LABELS or (len(word) > 1 and word.isupper()) else ""

    def _moment(self, key: str, sub: tuple[Chain, ...]) -> str:
        """The t-1 of c_{t-1}, if nothing runs over t and c is indexed by the time alone: then the
        neighbour in time is a quantity of its own; so is h_t beside diag(h_t)."""
        letter, shift, fence = _layer(sub[:1])
        free = TIME not in self.bound | self.values and key not in self.elsewhere
        now = self.momentary and letter + shift == TIME
        return letter + shift if now or (letter == TIME and shift and not fence and free) else ""

    def _weight(self, key: str, sub: tuple[Chain, ...]) -> str:
        """The xh of W_{xh} and W_{xh,ij}: what leads to what at each moment."""
        word = _word(sub[:1])
        told = len(word) == 2 and set(word) <= self.timed - self.bound
        return word if told and key in WEIGHTS else ""

    def _below(self, key: str, sub: tuple[Chain, ...]) -> str:
        word = _word(sub)
        if (key, word) in self.told_apart:
            return word
        parameter = (key, word) in self.parametrised and word not in self.bound
        capitals = len(word) > 1 and word.isupper() and not set(word) & self.bound
        gate = len(word) == 1 and key in self.gated
        gate |= word in PARAMETERS & self.values - self.bound and (key, 0) in self.without
        return word if parameter or capitals or gate else ""


def _called(items: Items) -> Iterator[tuple[str, str]]:
    """(h, θ) of each h_θ(x)."""
    for item, after in pairwise(items):
        called = isinstance(after, Bracket) and after.kind == "("
        word = _word(item.sub) if called and isinstance(item, Scripted) else ""
        if word in PARAMETERS and isinstance(base := base_of(item), Name):
            yield base.key, word


def _told_apart(
    known: list[Terms], shapes: list[list[Any]], taken: set[str]
) -> set[tuple[str, str]]:
    """In ℓ_r = -log D and ℓ_f = -log(1 - D) the letters only tell the two apart: nothing else
    bears them, and nothing runs over them."""
    bears: dict[str, set[str]] = {}
    for items in rows(tuple(known)):
        for item in items:
            if isinstance(item, Scripted):
                key = item.base.key if isinstance(item.base, Name) else ""
                for letter in (i.key for n in rows(item.sub) for i in n if isinstance(i, Name)):
                    bears.setdefault(letter, set()).add(key)
    found = {(key_of(h), _word(h.sub)) for h, body in heads(shapes)
             if isinstance(body, Terms) and any(isinstance(base_of(i), (Name, Mark, Bracket))
                                                for n in rows(body) for i in n)}  # fmt: skip
    own = {(k, w) for k, w in found if len(w) == 1 and w not in taken and bears.get(w) == {k}}
    return {(k, w) for k, w in own if sum(k == other for other, _ in own) > 1}


def _timed(known: list[Terms]) -> set[str]:
    """The names that stand at a moment: h_t, x_{t-1}."""
    return {key_of(item) for items in rows(tuple(known)) for item in items
            if isinstance(item, Scripted) and isinstance(item.base, Name)
            and _layer(item.sub[:1])[0] == TIME}  # fmt: skip


def _in_diag(items: Items, letter: str) -> bool:
    """Whether what bears only this letter stands in diag(...): h_t is a vector, t no index of
    it."""
    for head, after in pairwise(items):
        if isinstance(head, Mark) and head.value == "diag" and isinstance(after, Bracket):
            inside = [i for n in rows(after.items) for i in n if isinstance(i, Scripted)]
            if any(len(i.sub) == 1 and _layer(i.sub) == (letter, "", "") for i in inside):
                return True
    return False


def _sign(sub: tuple[Chain, ...]) -> str:
    """The + or - that a subscript is."""
    item = sole(sub[0]) if len(sub) == 1 else None
    return {"plus": "+", "minus": "-"}.get(item.kind, "") if isinstance(item, Mark) else ""


def _signed(known: list[Terms]) -> set[str]:
    """The names that stand with both signs: s_+ and s_-."""
    found: dict[str, set[str]] = {}
    for items in rows(tuple(known)):
        for item in items:
            if isinstance(item, Scripted) and isinstance(item.base, Name) and _sign(item.sub):
                found.setdefault(item.base.key, set()).add(_sign(item.sub))
    return {key for key, signs in found.items() if len(signs) == 2}


def _gated(known: list[Terms], shapes: list[list[Any]], bound: set[str]) -> set[str]:
    """The names whose subscripts are all letters of quantities that the document defines, two at
    least: W_f and W_i of the gates f and i."""
    defined = {i.key for s in shapes if isinstance(s[0], Terms) and len(s) > 1
               and isinstance(i := base_of(s[0].parts[0][1][0]), Name)}  # fmt: skip
    bears: dict[str, set[str]] = {}
    for items in rows(tuple(known)):
        for item in items:
            if isinstance(item, Scripted) and isinstance(item.base, Name) and item.sub:
                bears.setdefault(item.base.key, set()).add(_word(item.sub))
    return {k for k, words in bears.items() if len(words) > 1 and words <= defined - bound}


def _numeral(chains: tuple[Chain, ...]) -> str:
    """The digits of a subscript that is one numeral."""
    item = sole(chains[0]) if len(chains) == 1 else None
    return item.written if isinstance(item, Number) and item.written.isdigit() else ""


def _word(chains: tuple[Chain, ...]) -> str:
    """The letters of a script that is one word or one row of letters."""
    terms = chains[0].exprs[0] if len(chains) == 1 and not chains[0].relations else None
    if terms is None or len(terms.parts) > 1 or terms.parts[0][0] < 0:
        return ""
    items = terms.parts[0][1]
    return "".join(i.key for i in items if isinstance(i, Name)) if _are_names(items) else ""


def _are_names(items: Items) -> bool:
    return all(isinstance(i, Name) for i in items)


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
