"""The C printer of kernels over several ranges: one loop nest for each table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from codegen.backends.c import REALS, SHARED, Real, _Printer, shared_header
from codegen.backends.preamble import Preamble
from codegen.backends.rendering import render
from codegen.grids import Grid, Place, Table
from codegen.kernel import Entry, Number, Op, Reduce, Value

NESTED = "LSM_PARALLEL_FROM"


def sources(name: str, kernels: tuple[Grid, ...], preamble: Preamble) -> dict[str, str]:
    """The texts of the header and the source that hold these kernels, and of what all share."""
    functions = [function(k, real) for real in REALS.values() for k in kernels]
    both = {"preamble": preamble, "name": name, "functions": functions}
    return {
        f"{name}.h": render("c/grid.h.j2", **both),
        f"{name}.c": render("c/grid.c.j2", **both),
        SHARED: shared_header(),
    }


def function(grid: Grid, real: Real) -> dict[str, Any]:
    """What the templates print of a kernel for an element type."""
    results = dict(grid.outputs)
    printer = GridPrinter(real, {}, grid)
    inner = [t for t in grid.tables if t.name not in results.values() and t.indices]
    return {
        "name": f"lsm_{grid.name}_{real.suffix}",
        "formula": grid.formula,
        "real": real,
        "sizes": grid.sizes,
        "arrays": [name for name, ranges in grid.arrays if ranges],
        "parameters": parameters(grid),
        "value": results.get("value", ""),
        "filled": grid.filled,
        "doubles": [(t.name, _size(t.indices)) for t in inner if t.op != "argmax"],
        "places": [(t.name, _size(t.indices)) for t in inner if t.op == "argmax"],
        "lines": [line for t in grid.tables for line in printer.table(t)],
    }


def parameters(grid: Grid) -> list[str]:
    """The numbers of a call: those of the statement, and the cotangent of a gradient."""
    given = [name for name, ranges in grid.arrays if not ranges]
    return [*given, *(["cotangent"] if grid.filled else [])]


def _size(indices: tuple[Place, ...]) -> str:
    return " * ".join(size for _, size in indices)


@dataclass(frozen=True)
class GridPrinter(_Printer):
    """Prints the tables of one kernel, in double whatever the element type."""

    grid: Grid

    def table(self, t: Table) -> list[str]:
        """The loops that fill a table, or the lines that compute a number."""
        note = [f"/* {self._title(t)} */"]
        inner = self._inner(t)
        for depth, (index, size) in enumerate(reversed(t.indices)):
            braces = len(inner) > 1 and not (depth and inner[0].startswith("for"))
            loop = f"for (size_t {index} = 0; {index} < {size}; {index}++)"
            inner = [loop + (" {" if braces else ""), *(f"    {line}" for line in inner)]
            inner += ["}"] if braces else []
        if not t.indices:
            return [*note, *inner]
        parallel = [
            "#ifdef _OPENMP",
            f"#pragma omp parallel for schedule(static) if ({_work(t)} > {NESTED})",
            "#endif",
        ]
        return [*note, *parallel, *inner]

    def _title(self, t: Table) -> str:
        places = "".join(f"[{index}]" for index, _ in t.indices)
        how = {"sum": "a sum over", "max": "the largest over", "argmax": "over"}.get(t.op, "")
        own = f" {how} {t.over[0]}" if t.over else ""
        return f"{t.name}{places}:{own}{',' if own and t.say else ''} {t.say}".rstrip(" :")

    def _inner(self, t: Table) -> list[str]:
        if t.op == "map" or t.over is None:
            return [self._assign(t, self.text(t.body))]
        if t.op == "argmax":
            return self._largest_place(t)
        index, size = t.over
        *loop, last = self._reduced(t, index, size)
        total = last.removeprefix(f"const double {t.name} = ").removesuffix(";")
        if t.indices:
            return [*loop, self._assign(t, total)]
        inside = (f"    {line}" for line in (*loop, f"{t.name} = {total};"))
        return [f"double {t.name};", "{", *inside, "}"]

    def _reduced(self, t: Table, index: str, size: str) -> list[str]:
        """The loop over one index, in lanes, the places of `skip` left out."""
        left_out = tuple(self.text(p) for p in t.skip)
        inner = _Over(self.real, {}, self.grid, index)
        lanes = self.real.lanes
        whole = Reduce(t.name, t.op, t.body, left_out, t.start)
        return [
            *self._begin(whole),
            f"size_t {index} = 0;",
            f"for (; {index} + {lanes} <= {size}; {index} += {lanes})",
            "    LSM_LANEWISE",
            f"    for (size_t lane = 0; lane < {lanes}; lane++)",
            *(f"        {line}" for line in inner._body(whole, f"{index} + lane", "[lane]")),
            f"for (; {index} < {size}; {index}++)",
            *(f"    {line}" for line in inner._body(whole, index, "[0]")),
            *self._end(whole),
        ]

    def _largest_place(self, t: Table) -> list[str]:
        assert t.over is not None
        index, size = t.over
        inner = _Over(self.real, {}, self.grid, index)
        return [
            "size_t at = 0;",
            f"for (size_t {index} = 1; {index} < {size}; {index}++)",
            f"    if ({inner.text(t.body, index)} > {inner.text(t.body, 'at')})",
            f"        at = {index};",
            f"{self._target(t)} = at;",
        ]

    def _assign(self, t: Table, text: str) -> str:
        if not t.indices:
            return f"const double {t.name} = {text};"
        filled = t.name == self.grid.filled
        return f"{self._target(t)} = {f'({self.real.ctype})({text})' if filled else text};"

    def _target(self, t: Table) -> str:
        return self._subscript(Entry(t.name, tuple(name for name, _ in t.indices)), "")

    def text(self, value: Value, k: str = "", outer: int = 0) -> str:
        """As there; entries at their flat places, sizes as doubles."""
        if isinstance(value, Number) and value.name in self.grid.sizes:
            return f"(double){value.name}"
        if isinstance(value, Entry):
            given = any(name == value.name for name, ranges in self.grid.arrays if ranges)
            cast = "(double)" if given and self.real.ctype == "float" else ""
            return f"{cast}{self._subscript(value, k)}"
        if isinstance(value, Op) and value.name == "same":
            return f"({self.text(value.args[0], k)} == {self.text(value.args[1], k)})"
        return super().text(value, k, outer)

    def _subscript(self, value: Entry, k: str) -> str:
        if not value.places:
            return value.name
        flat = ""
        for place, size in zip(value.places, self._ranges(value.name), strict=True):
            before = f"({flat})" if "+" in re.sub(r"\[.*\]", "", flat) else flat
            flat = f"{before} * {size} + {self.index(place, k)}" if flat else self.index(place, k)
        return f"{value.name}[{flat}]"

    def index(self, place: str | Entry, k: str) -> str:
        """A position: a loop's index, or an entry of a table of places."""
        return place if isinstance(place, str) else self._subscript(place, k)

    def _ranges(self, name: str) -> tuple[str, ...]:
        given = dict(self.grid.arrays).get(name)
        if given is not None:
            return given
        table = next(t for t in self.grid.tables if t.name == name)
        return tuple(size for _, size in table.indices)


@dataclass(frozen=True)
class _Over(GridPrinter):
    """Prints a body in the loop over one index, which stands at `k`."""

    over: str

    def index(self, place: str | Entry, k: str) -> str:
        """As there; the index of the loop is what the caller says."""
        return k if place == self.over else super().index(place, k)

    def text(self, value: Value, k: str = "", outer: int = 0) -> str:
        """As there; also where the index of the loop itself is compared."""
        return k if value == Number(self.over) else super().text(value, k, outer)


def _work(t: Table) -> str:
    return " * ".join(size for _, size in (*t.indices, *((t.over,) if t.over else ())))
