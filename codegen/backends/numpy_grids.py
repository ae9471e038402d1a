"""The NumPy printer of kernels over several ranges: a table is an array, an axis an index."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from codegen.backends.numpy import _constant, _operation, called, helpers
from codegen.backends.preamble import Preamble
from codegen.backends.rendering import render
from codegen.grids import Grid, Table
from codegen.kernel import Const, Entry, Number, Op, Value


def source(kernels: tuple[Grid, ...], preamble: Preamble) -> str:
    """The text of the NumPy module that holds these kernels."""
    functions = [_function(k) for k in kernels]
    text = "\n".join(line for f in functions for line in f["lines"])
    return render(
        "numpy/grid.py.j2", preamble=preamble, functions=functions,
        **helpers(called(text)),
    )  # fmt: skip


def _function(grid: Grid) -> dict[str, Any]:
    lines = [line for t in grid.tables for line in _table(t)]
    names = [name for name, _ in grid.arrays]
    code = "\n".join(line for line in lines if line[0] != "#")
    words = set(re.findall(r"\w+", re.sub(r'"[^"]*"', "", code)))
    loops = dict(p for t in grid.tables for p in (*t.indices, *((t.over,) if t.over else ())))
    used = [(i, size) for i, size in loops.items() if i in words]
    words |= {size for _, size in used}
    wide = [name for name, ranges in grid.arrays if ranges]
    cotangent = ["cotangent"] if grid.filled else []
    return {
        "name": grid.name,
        "arguments": ", ".join([*names, *cotangent]),
        "formula": grid.formula,
        "arrays": [(n, f"shape ({', '.join(r)})" if r else "a number") for n, r in grid.arrays],
        "first": grid.arrays[0][0],
        "sizes": [s for s in _sizes(grid) if s[2] in words],
        "widened": wide,
        "indices": used,
        "lines": lines,
        "returns": ", ".join(_returned(word, name) for word, name in grid.outputs),
    }


def _sizes(grid: Grid) -> Iterator[tuple[str, int, str]]:
    """For each size an array and the axis that has it."""
    for size in grid.sizes:
        yield next((n, r.index(size), size) for n, r in grid.arrays if size in r)


def _returned(word: str, name: str) -> str:
    return f"dtype({name})" if word == "value" else f"{name}.astype(dtype, copy=False)"


def _table(t: Table) -> list[str]:
    axes = tuple(name for name, _ in t.indices)
    note = [f"# {t.say}"] if t.say else []
    if t.over is None:
        return [*note, f"{t.name} = {Aligned(axes).text(t.body)}"]
    inner = Aligned((*axes, t.over[0]))
    start = f"{Aligned(axes).text(t.start)} + " if t.start is not None else ""
    if t.op == "sum":
        product = None if t.skip else inner.einsum(t.body, axes)
        body = inner.text(t.body)
        for place in t.skip:
            body = f"np.where({inner.loop(t.over[0])} == {inner.entry(place)}, 0, {body})"
        return [*note, f"{t.name} = {start}{product or f'np.sum({body}, axis=-1)'}"]
    return [*note, f"{t.name} = np.{t.op}({inner.text(t.body)}, axis=-1)"]


@dataclass(frozen=True)
class Aligned:
    """Values as arrays whose axes are these indices, in this order; missing ones have size 1."""

    axes: tuple[str, ...]

    def text(self, value: Value, outer: int = 0) -> str:
        """A value as NumPy text, in parentheses only where they are needed."""
        if isinstance(value, Const):
            return _constant(value)
        if isinstance(value, Number):
            return self.loop(value.name) if value.name in self.axes else value.name
        if isinstance(value, Entry):
            return self.entry(value)
        assert isinstance(value, Op)
        if value.name == "same":
            first, second = (self.text(a) for a in value.args)
            return f"({first} == {second})"
        return _operation(value, outer, self.text)

    def loop(self, index: str) -> str:
        """0, 1, ... along the axis of an index."""
        return index + self._room(self.axes.index(index), len(self.axes))

    @staticmethod
    def _room(axis: int, count: int) -> str:
        return f"[:{', None' * (count - axis - 1)}]" if axis < count - 1 else ""

    def entry(self, value: Entry) -> str:
        """An array brought to these axes: turned and widened, or picked at places."""
        plain = [p for p in value.places if isinstance(p, str)]
        if not value.places:
            return value.name
        if len(plain) < len(value.places) or len(set(plain)) < len(plain):
            return f"{value.name}[{', '.join(self._position(p) for p in value.places)}]"
        order = sorted(range(len(plain)), key=lambda c: self.axes.index(plain[c]))
        turned = value.name if order == sorted(order) else f"{value.name}.transpose({order})"
        first = self.axes.index(plain[order[0]])
        kept = [":" if axis in plain else "None" for axis in self.axes[first:]]
        return turned if "None" not in kept else f"{turned}[{', '.join(kept)}]"

    def _position(self, place: str | Entry) -> str:
        return self.loop(place) if isinstance(place, str) else self.entry(place)

    def einsum(self, body: Value, out: tuple[str, ...]) -> str | None:
        """A sum of products of arrays at loop indices as one call, else None."""
        factors = list(_factors(body, False))
        if len(factors) < 2 or not all(_is_plain(e) for e, _ in factors):
            return None
        entries = [(e, under) for e, under in factors if isinstance(e, Entry)]
        letters = {axis: chr(ord("a") + c) for c, axis in enumerate(self.axes)}
        inputs = ",".join("".join(letters[str(p)] for p in e.places) for e, _ in entries)
        result = "".join(letters[axis] for axis in out)
        operands = ", ".join(f"1 / {e.name}" if under else e.name for e, under in entries)
        return f'np.einsum("{inputs}->{result}", {operands}, optimize=True)'


def _factors(value: Value, under: bool) -> Iterator[tuple[Value, bool]]:
    """The factors of a product or quotient, and which of them divide."""
    if isinstance(value, Op) and value.name in ("mul", "div"):
        yield from _factors(value.args[0], under)
        yield from _factors(value.args[1], under != (value.name == "div"))
    else:
        yield value, under


def _is_plain(value: Value) -> bool:
    if not isinstance(value, Entry) or not value.places:
        return False
    names = [p for p in value.places if isinstance(p, str)]
    return len(set(names)) == len(value.places)
