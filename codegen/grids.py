"""Statements over several ranges: tables over the free indices of what is summed, a loop nest each.

Rows and columns of scores, parameters and observations, embeddings and their components: a sum or
maximum becomes a table over the indices that it depends on, and so does what several tables read.
Everything in a table is double.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import permutations

from sympy import Add, Expr, Mul

from codegen.errors import CodegenError
from codegen.grid_specs import GridSpec
from codegen.kernel import Const, Entry, Number, Op, Value, kernel_name
from codegen.lower import Lowering
from codegen.matching import MARK
from codegen.reserved import safe
from codegen.rewriting import Rewriter
from codegen.shapes import chain, is_difference, is_weight, reduce_name
from derive.language import At, Binder, Cases, Delta, Exp, Index, Log, Max, Sum
from derive.notation import text
from derive.terms import all_indices, canonical, free_indices, rename

Place = tuple[str, str]
"""An index: its name and its range."""
FEWER = "made once: it has fewer indices than what is summed"


@dataclass(frozen=True)
class Table:
    """One number for every value of `indices`: `body` itself, or its sum, maximum or place of a
    largest over `over`.  A sum leaves out `skip` and begins at `start`."""

    name: str
    indices: tuple[Place, ...]
    body: Value
    op: str = "map"  # "map" | "sum" | "max" | "argmax"
    over: Place | None = None
    skip: tuple[Entry, ...] = ()
    start: Value | None = None
    say: str = ""


@dataclass(frozen=True)
class Grid:
    """One emitted function: sizes, arrays by name with their ranges, and tables in order.

    `outputs` maps the word the caller knows to a table.
    """

    name: str
    formula: str
    where: tuple[str, ...]
    sizes: tuple[str, ...]
    arrays: tuple[tuple[str, tuple[str, ...]], ...]
    tables: tuple[Table, ...]
    outputs: tuple[tuple[str, str], ...]
    rules: tuple[tuple[str, str], ...]
    facts: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        """The outputs as the caller knows them."""
        return tuple(word for word, _ in self.outputs)

    @property
    def filled(self) -> str:
        """The output of the shape of the first array, which the cotangent scales; "" where the
        value is all there is."""
        return next((name for word, name in self.outputs if word != "value"), "")


def kernels(spec: GridSpec, count: int | None = None) -> tuple[Grid, ...]:
    """The kernels of a statement: its value, the value with the gradient, and the Hessian times a
    direction."""
    return tuple(build(spec, words) for words in spec.words[:count])


def build(spec: GridSpec, words: tuple[str, ...]) -> Grid:
    """The kernel that computes the outputs named by `words`."""
    rewriter = Rewriter()
    ready = {word: spec.ready(word, rewriter) for word in words}
    names = _reserved(spec, ready) - {str(p.name) for p in rewriter.choices}
    lowering = GridLowering(rewriter, spec.wrt.array, names=names, spec=spec)
    outputs = []
    for word, made in ready.items():
        places = () if word == "value" else spec.wrt.indices
        name = str(spec.statement.head.array.name) if word == "value" else word
        over = tuple(lowering.place(i) for i in places)
        lowering.tables.append(Table(name, over, lowering.value(made, None)))
        outputs.append((word, name))
    s = spec.statement
    return Grid(
        name=kernel_name(spec.name, words),
        formula=_formula(spec, words),
        where=tuple(f"{text(d.head)} = {text(d.body)}" for d in s.definitions),
        sizes=spec.sizes,
        arrays=tuple((safe(a.name), a.ranges) for a in spec.arrays(words)),
        tables=tuple(lowering.tables),
        outputs=tuple(outputs),
        rules=tuple((r.name, r.say) for r in rewriter.used.values()),
        facts=tuple(f.name for f in (spec.product if "hvp" in words else spec.derivation).facts),
    )


def _formula(spec: GridSpec, words: tuple[str, ...]) -> str:
    s = spec.statement
    stated = f"{text(s.head)} = {text(s.body)}"
    return f"the Hessian times the {spec.direction}, of {stated}" if "hvp" in words else stated


def _reserved(spec: GridSpec, ready: Mapping[str, Expr]) -> set[str]:
    """Names that no table may take: arrays, sizes, indices, and words of the printers."""
    bodies = (*ready.values(), *(d.body for d in spec.kept), *(d.head for d in spec.kept))
    indices = {str(i.name) for e in bodies for i in all_indices(e)}
    head = str(spec.statement.head.array.name)
    own = {str(spec.direction.name), "cotangent", "work", "places", "lane", "dtype", "np", head}
    return {safe(a.name) for a in spec.inputs} | {*spec.sizes, *ready} | own | indices


@dataclass
class GridLowering(Lowering):
    """Tables collect here in order; a table is found again under other names of its indices."""

    spec: GridSpec = field(kw_only=True)
    tables: list[Table] = field(default_factory=list)
    found: dict[Expr, str] = field(default_factory=dict)
    factors: set[Expr] = field(default_factory=set)

    def value(self, e: Expr, here: Index | None) -> Value:
        """The value of an expression inside loops over its free indices."""
        naming = self.naming(e, None)
        if naming is not None and not isinstance(e, Binder):
            return self._table(e, naming.name, "map", None, (), None, naming.say)
        if isinstance(e, Exp) and is_difference(e.arg):
            return self._table(e, "e", "map", None, (), None, "at most 1 (the shift)")
        if e in self.factors:
            return self._table(e, "factor", "map", None, (), None, FEWER)
        return self._plain(e, None)

    def hoisted(self, e: Expr) -> Value:
        """Nothing is hoisted here: tables are."""
        return self.value(e, None)

    def place(self, i: Index) -> Place:
        """An index by its name, or by another where an array has that."""
        taken = {safe(a.name) for a in self.spec.inputs} | set(self.spec.sizes)
        return f"{i.name}_" if i.name in taken else str(i.name), str(i.range)

    def _weighed(self, factors: list[Expr], here: Index | None) -> Value:
        """As there; beside a target only logarithms and exponentials may be infinite."""
        if not any(e.has(Log, Exp) for e in factors):
            ordered = [self.value(e, None) for e in sorted(factors, key=str)]
            return chain("mul", ordered or [Const(Fraction(1))])
        weights = [e for e in factors if is_weight(e, self.given)]
        others = [self.value(e, None) for e in sorted(factors, key=str) if e not in weights]
        if not weights or not others:
            return chain("mul", [self.value(e, None) for e in weights] + others)
        first = chain("mul", [self.value(e, None) for e in sorted(weights, key=str)])
        return Op("weigh", (first, chain("mul", others)))

    def _element(self, e: At, here: Index | None) -> Value:
        name = safe(e.array.name)
        if not e.indices:
            return Number(name)
        kept = next((d for d in self.spec.kept if d.array == e.array), None)
        if kept is not None and name not in self.names:
            self.names.add(name)
            places = tuple(self.place(i) for i in kept.indices)
            body = self.value(kept.body, None)
            self.tables.append(Table(name, places, body, say=text(kept.head)))
        return Entry(name, tuple(self._at(i) for i in e.indices))

    def _at(self, place: Index) -> str | Entry:
        """A loop index as it is, a chosen place as an entry of the table of places."""
        if place not in self.rewriter.choices:
            return self.place(place)[0]
        inner = Index("k", place.range)
        body = self.rewriter.largest(place, inner)
        say = "the place of a largest one"
        return self._table(body, str(place.name), "argmax", inner, (), None, say)

    def _reduce(self, e: Expr, here: Index | None) -> Value:
        if not isinstance(e, (Sum, Max)):
            raise CodegenError(f"{e} cannot be lowered: only sums and maxima can")
        if e.index not in self._loose(e.body):
            return Op("mul", (Number(str(e.index.range)), self.value(e.body, None)))
        self.factors |= set(self._once(e.body))
        naming = self.naming(e, None)
        op = "sum" if isinstance(e, Sum) else "max"
        name = naming.name if naming else reduce_name(e)
        say = naming.say if naming else ""
        return self._table(e, name, op, e.index, e.excluded, self._start(e), say)

    def _once(self, body: Expr) -> Iterator[Expr]:
        """The factors that take some work and depend on fewer indices than their product."""
        every = self._loose(body)
        for factor in Mul.make_args(body):
            if isinstance(factor, Add) and 1 < len(self._loose(factor)) < len(every):
                yield factor

    def _table(
        self, e: Expr, name: str, op: str, over: Index | None, skip: tuple[Index, ...],
        start: Value | None, say: str,
    ) -> Entry:  # fmt: skip
        """The entry of a table over the free indices of e, which is made if it is not there."""
        own = frozenset([over]) if op == "argmax" and over is not None else frozenset()
        loose = self._ordered(e, self._loose(e) - own)
        marked = canonical(Max(e, over)) if op == "argmax" and over is not None else e
        for order in permutations(loose):
            known = self.found.get(self._key(marked, order))
            if known is not None:
                return Entry(known, tuple(self.place(i)[0] for i in order))
        body = e.body if isinstance(e, Binder) else e
        inside = self._plain(body, None) if op == "map" else self.value(body, None)
        left_out = tuple(p for i in skip if isinstance(p := self._at(i), Entry))
        made = self.fresh(name)
        self.found[self._key(marked, loose)] = made
        places = tuple(self.place(i) for i in loose)
        bound = None if over is None else self.place(over)
        self.tables.append(Table(made, places, inside, op, bound, left_out, start, say))
        return Entry(made, tuple(name for name, _ in places))

    def _loose(self, e: Expr) -> frozenset[Index]:
        """The loop indices that an expression depends on, also through its chosen places."""
        if isinstance(e, Index):
            largest = self.rewriter.choices.get(e)
            return frozenset([e]) if largest is None else free_indices(largest) - {MARK}
        inside = frozenset().union(*(self._loose(part) for part in e.args))
        return inside - {e.index} if isinstance(e, Binder) else inside

    @staticmethod
    def _ordered(e: Expr, loose: frozenset[Index]) -> tuple[Index, ...]:
        """As in the element that has most of them, so that a table is read as it lies."""
        found = sorted(e.atoms(At), key=lambda x: (-len(loose & set(x.indices)), str(x)))
        first = [i for i in (found[0].indices if found else ()) if i in loose]
        return (*dict.fromkeys(first), *sorted(loose - set(first), key=str))

    def _key(self, e: Expr, order: tuple[Index, ...]) -> Expr:
        """The expression up to the names of these indices, chosen places by what is largest."""
        neutral = {i: Index(f"_{c}", i.range) for c, i in enumerate(order)}
        for place in [i for i in free_indices(e) if i in self.rewriter.choices]:
            largest = rename(self.rewriter.choices[place], neutral)
            e = rename(e, {place: Index(f"_{canonical(largest)}", place.range)})
        return canonical(rename(e, neutral))

    def _delta(self, e: Delta, here: Index | None) -> Value:
        first, second = (self._at(i) for i in e.args)
        return Op("same", (_as_value(first), _as_value(second)))

    def _cases(self, e: Cases, here: Index | None) -> Value:
        made = self.value(e.otherwise, None)
        for branch, condition in reversed(e.branches):
            holds = self._condition(condition, None)
            made = Op("select", (holds, self.value(branch, None), made))
        return made


def _as_value(place: str | Entry) -> Value:
    return Number(place) if isinstance(place, str) else place
