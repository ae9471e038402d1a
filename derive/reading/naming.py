"""Names resolved: labels and indices, elements, whole vectors, sizes, the letters of new
indices."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sympy import Expr, Integer, pi

from derive.errors import DeriveError
from derive.language import At, Delta, Exp, Index, size
from derive.reading.environment import Env
from derive.reading.labels import LABELS
from derive.reading.scope import INDEX_LETTERS, Names
from derive.reading.syntax import Bracket, Chain, Name, Number, Scripted, Syntax, sole
from derive.reading.tokens import Place

SIZE_LETTERS = frozenset("nNKC")
_LABELS = LABELS - {"in"} | frozenset(
    ["ce", "bce", "mse", "mae", "kl", "nll", "reg", "avg", "total", "loss", "tot", "sum", "max",
     "min"]
)  # fmt: skip


def unused(letters: Sequence[str], taken: Collection[str]) -> str:
    """The first letter that nothing else uses; numbered ones when all are taken."""
    numbered = (f"{letters[0]}{c}" for c in itertools.count(1))
    return next(letter for letter in itertools.chain(letters, numbered) if letter not in taken)


class Naming:
    """What the letters of a formula stand for."""

    def __init__(self, names: Names):
        self.names = names
        self.formula: Any = 0
        self.block = 0
        self.final = False
        self.laid_out = False  # whether a matrix ∂p/∂z has been met
        self.steps = 0
        self.keys: dict[Index, Any] = {}
        self.bare_sums: dict[str, Place] = {}
        self.applying: list[str] = []

    def position(self, items: Sequence[Syntax], at: int, env: Env, numeral: bool = True) -> Any:
        """An index position from one item of a subscript: a letter, k_1, or a numeral."""
        item = items[at]
        if isinstance(item, Number) and item.written.isdigit() and int(item.written) > 0:
            if len(items) == 1 and len(item.written) > 1 and not numeral:
                raise DeriveError(
                    f"{item.written} may be one position or several; declare the array, or write "
                    f"commas",
                    item.place,
                )
            return Integer(item.written)
        if isinstance(item, Scripted) and (made := self._numbered(item, env)) is not None:
            return made
        if isinstance(item, Bracket) and item.kind == "braces" and (inner := sole(item.items[0])):
            return self.position((inner,), 0, env)
        if not isinstance(item, Name) or item.word:
            raise DeriveError(_no_index(item), item.place)
        return self.index(item.key, item.place, env)

    def _numbered(self, item: Scripted, env: Env) -> Index | None:
        """The index k_1, or y_i of the label of an example; None if the subscript is neither."""
        tail = sole(item.sub[0]) if len(item.sub) == 1 and not item.sup else None
        if isinstance(item.base, Name) and isinstance(tail, Number):
            return self.index(item.base.key + tail.written, item.place, env)
        if isinstance(item.base, Name) and isinstance(tail, Name) and tail.key not in env.bound:
            return self.label_index(item.base, tail, env)
        return None

    def label_index(self, array: Name, example: Name, env: Env) -> Index:
        """z_{y_i}: the label of one example, held fixed, is an index of its own."""
        if array.key in env.bound or self.names.is_declared(array.key):
            raise DeriveError(
                "nested indices are read only where they name the label of one example",
                array.place,
            )
        self.names.indices.add(example.key)
        return self.index(f"{array.key}_{example.key}", array.place, env)

    def index(self, letter: str, place: Place, env: Env) -> Index:
        """The index of this letter: the innermost bound one, else a free one."""
        if letter in env.bound:
            return env.bound[letter]
        if letter in self.names.sizes and letter not in self.names.scope.indices:
            raise DeriveError(
                f"{letter} is the size of a range, and an index here; use another letter for one",
                place,
            )
        if letter in self.names.bare:
            raise DeriveError(
                f"{letter} is an index here and a number elsewhere; use another letter for one",
                place,
            )
        self.names.indices.add(letter)
        self.names.letters.add(letter)
        return self.names.index(self.free_key(letter), letter)

    def free_key(self, letter: str) -> Any:
        """The key of a free letter: in a document each chain has its own (block 0: all share)."""
        plain = not self.block or letter in self.names.scope.indices
        return ("free", letter) if plain else ("free", letter, self.block)

    def positions(
        self, chains: tuple[Chain, ...], env: Env, numeral: bool = True
    ) -> tuple[Any, ...]:
        """Index positions of a subscript: ij, i,j or i,2."""
        made: list[Any] = []
        for chain in chains:
            terms = chain.exprs[0]
            if chain.relations or len(terms.parts) != 1 or terms.parts[0][0] < 0:
                raise DeriveError(
                    "expected indices here, without arithmetic: a shifted index such as i+1 "
                    "leaves its range; name the neighbour, x_j with j given, or split the array",
                    chain.place,
                )
            items = terms.parts[0][1]
            if len(items) > 1 and any(isinstance(i, Number) for i in items):
                raise DeriveError("ambiguous indices; separate them by commas", chain.place)
            single = numeral or len(chains) > 1
            made += [self.position(items, at, env, single) for at in range(len(items))]
        return tuple(made)

    def label(self, chains: tuple[Chain, ...], env: Env, rank: int = 0) -> str | None:
        """The subscript as a label (L_{CE}, S_C, w_0), or None when it is made of indices.

        Of an array that has indices elsewhere, C_{kl} is an element.
        """
        if len(chains) != 1 or chains[0].relations or len(chains[0].exprs[0].parts) != 1:
            return None
        items = chains[0].exprs[0].parts[0][1]
        if len(items) == 1 and isinstance(items[0], Name) and items[0].word:
            return items[0].key
        if len(items) == 1 and isinstance(items[0], Number) and items[0].written == "0":
            return "0"
        letters = [i.key for i in items if isinstance(i, Name)]
        if len(letters) != len(items):
            return None
        word = "".join(letters)
        known = any(letter in env.bound or letter in self.names.scope.indices for letter in letters)
        upper = all(len(letter) == 1 and letter.isupper() for letter in letters)
        indices = rank > 0 and set(word) <= INDEX_LETTERS
        said = upper or (word in _LABELS and not indices)
        return word if said and not known else None

    def labelled(self, key: str, label: str) -> str:
        return f"{key}_{label}"

    def element(
        self, name: Name, sub: tuple[Chain, ...], rows: tuple[Chain, ...], env: Env
    ) -> Expr:
        """An element or a scalar: the name with the positions in its superscript and subscript."""
        key, sub = self._without_label(name.key, sub, env)
        if not sub and not rows:
            return self.bare(replace(name, key=key), env)
        known = self.names.is_declared(key)
        positions = self.positions(rows, env) + self.positions(sub, env, known)
        resolved = self.names.known(key)
        if self.names.rank(resolved) == len(positions) + 1 and (
            known or resolved in self.names.rows
        ):
            positions = (*positions, *env.places[-1:])
        return self.indexed(key, positions, name.place)

    def _without_label(
        self, key: str, sub: tuple[Chain, ...], env: Env
    ) -> tuple[str, tuple[Chain, ...]]:
        """The name with the label that its subscript is or starts with, and what is left of it."""
        label = self.label(sub, env, self.names.rank(self.names.known(key))) if sub else None
        numeral = sole(sub[0]) if len(sub) == 1 else None
        if isinstance(numeral, Number):
            own = self.names.is_declared(self.labelled(key, numeral.written))
            label = numeral.written if own else label
        if label is not None:
            return self.labelled(key, label), ()
        first = self.label(sub[:1], env) if len(sub) > 1 else None
        if first and isinstance(sole(sub[0]), Name):
            return self.labelled(key, first), sub[1:]
        return key, sub

    def indexed(self, key: str, positions: tuple[Any, ...], place: Place) -> Expr:
        """array[positions], as written: the array has so many indices."""
        name = self.names.resolve(key, place)
        self.join(name, positions, place)
        return At(self.names.used(name, len(positions), place), *positions)

    def join(self, name: str, positions: tuple[Any, ...], place: Place) -> None:
        """Each index runs over the range of its position."""
        for at, position in enumerate(positions):
            if isinstance(position, Index):
                what = f"index {position.name} of {name}"
                self.names.ranges.same(self.key_of(position), ("array", name, at), what, place)

    def element_of(self, name: str, positions: tuple[Any, ...], place: Place) -> Expr:
        """The element of a whole array at the positions that its surroundings give it."""
        self.join(name, positions, place)
        return At(self.names.array(name), *positions)

    def key_of(self, index: Index) -> Any:
        """The key of an index in the union-find (it is kept beside its name while reading)."""
        return self.keys.get(index, self.free_key(index.name))

    def bare(self, name: Name, env: Env) -> Expr:
        """A name without indices: a size, a constant, a scalar, or a whole vector along the
        axis."""
        key = name.key
        counts = key in self.names.indices and key not in self.names.bare
        if key in env.bound or (counts and not self.names.is_vector(key)):
            raise DeriveError(
                f"the index {key} is used as a number; only elements such as z_{key} have values",
                name.place,
            )
        if key in self.names.sizes and not self.names.is_declared(key):
            return size(key)
        if key in ("pi", "e") and not self._is_given(key):
            return pi if key == "pi" else Exp(Integer(1))
        resolved = self.names.resolve(key, name.place)
        if name.bold and not self.names.is_declared(key):
            self.names.whole.add(resolved)
        rank = self.names.rank(resolved)
        if rank:
            return self._all_of(resolved, rank, name, env)
        if key == "I" and env.row is not None and not self.names.bare.keys() & {key}:
            return Delta(env.row, env.axis)
        if not self.names.is_declared(key):
            self.names.bare.setdefault(key, name.place)
        return At(self.names.array(resolved))

    def _is_given(self, key: str) -> bool:
        names = self.names
        return names.is_declared(key) or key in names.arity or key in names.bare

    def _all_of(self, resolved: str, rank: int, name: Name, env: Env) -> Expr:
        """A whole vector or matrix, at the positions that stand around it."""
        if rank == 1:
            return self.whole(resolved, name.place, env)
        if rank == 2 and env.row is not None:
            return self.element_of(resolved, env.places, name.place)
        raise DeriveError(f"{name.key} has {rank} indices; write them here", name.place)

    def whole(self, name: str, place: Place, env: Env) -> Expr:
        """The vector's element at the position that the surrounding reduction gives it."""
        if env.axis is None:
            raise DeriveError(f"{name} is a vector; write its index ({name}_i) here", place)
        if env.row is None or name in self.names.rowwise:
            return self.element_of(name, (env.axis,), place)
        mine = self.names.ranges.name(("array", name, 0))
        fits = [p for p in env.places if isinstance(p, Index) and self.range_of(p) == mine]
        if self.final and len(fits) != 1:
            raise DeriveError(
                f"{name} is a vector beside a matrix; say along which side it runs by its size, "
                f"{name} \\in \\mathbb{{R}}^n, or write the indices",
                place,
            )
        return At(self.names.array(name), *(fits or [env.axis])[:1])

    def range_of(self, index: Index) -> str:
        return self.names.ranges.name(self.key_of(index))

    def fresh(self, place: Place, env: Env, tag: str) -> Index:
        """A bound index of our own, over a range of its own until it is unified with others."""
        around = {p.name for p in env.places if isinstance(p, Index)}
        taken = {*env.bound, *around, *self.names.letters, *self.names.indices, *self.names.bare}
        letter = unused("klrsq", taken)
        return self.bind(letter, ("own", self.formula, place, tag, env.depth))

    def bind(self, letter: str, key: Any) -> Index:
        index = self.names.index(key, letter)
        self.keys[index] = key
        return index


def _no_index(item: Syntax) -> str:
    """Why this is no index position."""
    if isinstance(item, Scripted) and isinstance(item.base, Name) and item.sub and not item.sup:
        name = item.base.key
        return (
            f"the label {name}_i of an example that is summed over is not read as an index; write "
            f"the targets as an array, \\sum_k Y_{{ik}} (...)_{{ik}}, with \\sum_k Y_{{ik}} = 1"
        )
    return "expected an index (a letter or a numeral) here; nested indices are not read"
