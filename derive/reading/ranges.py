"""Which index positions run over the same range: unification of ranges, named by upper bounds."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from itertools import chain, count

from derive.errors import DeriveError
from derive.reading.tokens import Place

_NAMES = ("n", "m", "d", "q", "r", "s", "u", "v")


class Ranges:
    """A union-find over keys (a position of an array, an index) whose classes carry a range's
    name."""

    def __init__(self) -> None:
        self._parent: dict[Hashable, Hashable] = {}
        self._name: dict[Hashable, str] = {}

    def copy(self) -> Ranges:
        """The same knowledge, to go on from."""
        made = Ranges()
        made._parent, made._name = dict(self._parent), dict(self._name)
        return made

    def find(self, key: Hashable) -> Hashable:
        self._parent.setdefault(key, key)
        while self._parent[key] != key:
            self._parent[key] = self._parent[self._parent[key]]
            key = self._parent[key]
        return key

    def same(self, left: Hashable, right: Hashable, what: str, place: Place) -> None:
        """Make two keys run over one range; refuse if they already run over different ones."""
        a, b = self.find(left), self.find(right)
        if a == b:
            return
        names = {self._name[r] for r in (a, b) if r in self._name}
        if len(names) == 2:
            over = " and over ".join(sorted(names))
            raise DeriveError(
                f"{what} would run over {over}; use another letter or mend the bound", place
            )
        self._parent[a] = b
        if names:
            self._name[b] = names.pop()

    def fix(self, key: Hashable, name: str, what: str, place: Place) -> None:
        """Name the range of a key."""
        root = self.find(key)
        known = self._name.setdefault(root, name)
        if known != name:
            raise DeriveError(
                f"{what} runs over {known} elsewhere and over {name} here; mend one bound", place
            )

    def name(self, key: Hashable) -> str:
        """The range's name; provisional ("?...") until `settle` has been called."""
        root = self.find(key)
        return self._name.get(root, f"?{root!r}")

    def unnamed(self) -> list[Hashable]:
        """One key for each class that has no name, in order of first use."""
        return [k for k in self._parent if self.find(k) == k and k not in self._name]

    def settle(self, taken: Iterable[str]) -> None:
        """Give every unnamed class a name of its own: n if it is free, then m, d, ..."""
        used = {*self._name.values(), *taken}
        for key in self.unnamed():
            letters = chain(_NAMES, (f"n{c}" for c in count(2)))
            self._name[key] = next(name for name in letters if name not in used)
            used.add(self._name[key])
