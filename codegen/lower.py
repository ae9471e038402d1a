"""Lowering: expressions of the language become passes over the class axis.

A sum or maximum over the class index becomes a `Reduce`, a free class index a `Map`, everything
else a per-row number.  Here the order of the arithmetic is fixed: what is added comes first, then
what is taken away; factors that do not depend on the class are multiplied once for each row.
"""

from __future__ import annotations

from fractions import Fraction

from sympy import Add, Expr, Integer, Mul, Pow, Rational, pi

from codegen import cancelling
from codegen.collecting import Collector
from codegen.errors import CodegenError
from codegen.kernel import (
    AtPlace,
    Const,
    Element,
    Gather,
    Let,
    Map,
    Number,
    Op,
    Patch,
    Reduce,
    SamePlace,
    Value,
)  # fmt: skip
from codegen.reserved import safe
from codegen.shapes import (
    chain,
    compared,
    elsewhere,
    is_weight,
    may_be_infinite,
    number_name,
    reduce_name,
    settle,
    split_sign,
)  # fmt: skip
from derive.functions import BY_NODE
from derive.language import (
    At,
    Binder,
    Cases,
    Delta,
    Elementwise,
    Exp,
    Group,
    Index,
    Log,
    Max,
    Maximum,
    Step,
    Sum,
)  # fmt: skip
from derive.terms import canonical, free_indices, rename


class Lowering(Collector):
    """The rules by which an expression becomes passes, one method for each kind of node."""

    def vector(self, name: str, expr: Expr, here: Index, say: str = "") -> None:
        """Append the `Map` that makes `name[here] = expr`."""
        places = compared(expr, here)
        body = self.value(elsewhere(expr, here, places), here)
        patches = []
        for place in places:
            at_place = rename(expr, {here: place})
            self._place(place)
            note = self._said_at(place)
            patches.append(Patch(place.name, self.value(settle(at_place), None), note))
        self.passes.append(Map(name, body, tuple(patches), say=say))

    def _said_at(self, place: Index) -> str:
        """Why one position has a value of its own."""
        rule = "all-but-one" if place in self.rewriter.choices else "true-class-cancellation"
        return f"at {place.name}: {rule}" if rule in self.rewriter.used else ""

    def number(self, name: str, expr: Expr, say: str = "") -> None:
        """Append the `Let` that makes the per-row number `name`."""
        self.passes.append(Let(name, self.value(expr, None), say))

    def value(self, e: Expr, here: Index | None) -> Value:
        """The value of an expression, in a pass over `here` or for the row as a whole."""
        if here is not None and here not in free_indices(e):
            return self.hoisted(e)
        naming = self.naming(e, here)
        if here is None and (naming is not None or isinstance(e, Binder)):
            return self.hoisted(e)
        made = self._plain(e, here)
        if naming is not None:
            self.vectors.setdefault(made, naming)
        return made

    def hoisted(self, e: Expr) -> Value:
        """A per-row number, computed once under a name of its own where it is more than a leaf."""
        key = canonical(e)
        if key in self.known:
            return Number(self.known[key])
        naming = self.naming(e, None)
        made = self._plain(e, None)
        if naming is None and not isinstance(made, Op):
            return made
        if isinstance(made, Number):
            return made
        name = self.fresh(naming.name if naming else number_name(e))
        self.known[key] = name
        self.passes.append(Let(name, made, naming.say if naming else ""))
        return Number(name)

    def _plain(self, e: Expr, here: Index | None) -> Value:
        if e.is_Rational:
            return Const(Fraction(int(e.p), int(e.q)))
        if e == pi:
            return Op("pi", ())
        if isinstance(e, Group):
            return self.value(e.arg, here)
        if isinstance(e, At):
            return self._element(e, here)
        if isinstance(e, Add):
            return self._sum_of_terms(e, here)
        if isinstance(e, Mul):
            return self._product(e, here)
        if isinstance(e, Pow):
            return self._power(e, here)
        if isinstance(e, Binder):
            return self._reduce(e, here)
        if isinstance(e, Delta):
            return self._delta(e, here)
        if isinstance(e, Cases):
            return self._cases(e, here)
        if isinstance(e, Maximum):
            return Op("maximum", tuple(self.value(a, here) for a in e.args))
        if isinstance(e, Elementwise):
            return self._function(e, here)
        raise CodegenError(
            f"{e} cannot be lowered: derive it first, so that no {type(e).__name__} is left"
        )

    def _element(self, e: At, here: Index | None) -> Value:
        if not e.indices:
            return Number("n" if e.array.domain == "size" else safe(e.array.name))
        if len(e.indices) > 1:
            raise CodegenError(f"{e} has two indices: kernels take one class index for each row")
        place = e.indices[0]
        if place == here:
            return Element(safe(e.array.name))
        self._place(place)
        key = canonical(e)
        largest = place in self.rewriter.choices and self.rewriter.largest(place, place) == e
        gathered = Gather(safe(e.array.name), place.name)
        if largest and key not in self.known:
            self.known[key] = self.fresh("m")
            self.passes.append(Let(self.known[key], gathered))
        return Number(self.known[key]) if key in self.known else gathered

    def _place(self, place: Index) -> None:
        """See that a chosen position is found before it is used."""
        if place not in self.rewriter.choices or place.name in self.names:
            return
        self.names.add(place.name)
        inner = Index("k", place.range)
        body = self.value(self.rewriter.largest(place, inner), inner)
        self.passes.append(Reduce(place.name, "argmax", body, say="the place of a largest one"))

    def _sum_of_terms(self, e: Add, here: Index | None) -> Value:
        signed = [split_sign(term) for term in sorted(e.args, key=str)]
        if here is None and self._is_expm1(e):
            return Op("expm1", (self.value(e.args[1].arg, here),))
        made = cancelling.difference(self, e, here)
        if made is None and here is None:
            made = cancelling.log_sum(self, e)
        if made is not None:
            return made
        plus = [self.value(t, here) for s, t in signed if s > 0]
        minus = [self.value(t, here) for s, t in signed if s < 0]
        if not plus:
            return Op("neg", (chain("add", minus),))
        total = chain("add", plus)
        for term in minus:
            total = Op("sub", (total, term))
        return total

    @staticmethod
    def _is_expm1(e: Add) -> bool:
        return len(e.args) == 2 and e.args[0] == -1 and isinstance(e.args[1], Exp)

    def _product(self, e: Mul, here: Index | None) -> Value:
        sign, e = split_sign(e)
        over: list[Expr] = []
        under: list[Expr] = []
        for factor in Mul.make_args(e):
            inverse = isinstance(factor, Pow) and factor.args[1].could_extract_minus_sign()
            (under if inverse else over).append(1 / factor if inverse else factor)
        made = self._quotient(over, under, here)
        return Op("neg", (made,)) if sign < 0 else made

    def _quotient(self, over: list[Expr], under: list[Expr], here: Index | None) -> Value:
        """Per-row factors are collected into one number; the vector's own factors follow."""
        mine = [f for f in over if here is not None and here in free_indices(f)]
        rowwise = [f for f in over if f not in mine]
        below = [f for f in under if here is not None and here in free_indices(f)]
        row_below = [f for f in under if f not in below]
        if not mine and not below:
            mine, rowwise, below, row_below = rowwise, [], row_below, []
        made = self._weighed(mine, here)
        if rowwise:
            made = Op("mul", (made, self.hoisted(Mul(*rowwise, *(1 / f for f in row_below)))))
        elif row_below:
            made = Op("div", (made, self.hoisted(Mul(*row_below))))
        return Op("div", (made, self._weighed(below, here))) if below else made

    def _weighed(self, factors: list[Expr], here: Index | None) -> Value:
        """The product; a target that is 0 makes it 0 even where the other factor is infinite."""
        ordered = sorted(factors, key=str)
        weights = [f for f in ordered if is_weight(f, self.given)]
        others = [f for f in ordered if f not in weights]
        if weights and any(may_be_infinite(f) for f in others):
            first = chain("mul", [self.value(f, here) for f in weights])
            return Op("weigh", (first, chain("mul", [self.value(f, here) for f in others])))
        return chain("mul", [self.value(f, here) for f in ordered] or [Const(Fraction(1))])

    def _power(self, e: Pow, here: Index | None) -> Value:
        base, exponent = e.args
        if exponent == -1:
            return Op("div", (Const(Fraction(1)), self.value(base, here)))
        if exponent == 2:
            squared = self.value(base, here)
            return Op("mul", (squared, squared))
        if exponent == Rational(1, 2):
            return Op("sqrt", (self.value(base, here),))
        return Op("pow", (self.value(base, here), self.value(exponent, here)))

    def _reduce(self, e: Expr, here: Index | None) -> Value:
        if not isinstance(e, (Sum, Max)):
            raise CodegenError(
                f"{e} cannot be lowered: only sums and maxima over the class index can"
            )
        if here is not None and here in free_indices(e):
            raise CodegenError(
                f"{e} is a sum for each class: split it into sums that do not depend on {here}"
            )
        for place in e.excluded:
            self._place(place)
        naming = self.naming(e, None)
        body = self.value(e.body, e.index)
        start = self._start(e)
        name = self.fresh(naming.name if naming else reduce_name(e))
        self.known[canonical(e)] = name
        op = "sum" if isinstance(e, Sum) else "max"
        skip = tuple(place.name for place in e.excluded)
        self.passes.append(Reduce(name, op, body, skip, start, naming.say if naming else ""))
        return Number(name)

    def _start(self, e: Expr) -> Value | None:
        """A sum beside the largest starts at f_a - f_a: 0, or NaN where no maximum is finite."""
        chosen = [p for p in e.excluded if p in self.rewriter.choices]
        if not chosen:
            return None
        largest = self.value(self.rewriter.largest(chosen[0], chosen[0]), None)
        return Op("sub", (largest, largest))

    def _delta(self, e: Delta, here: Index | None) -> Value:
        first, second = e.args
        for place in (first, second):
            self._place(place)
        if here in e.args:
            return AtPlace((second if first == here else first).name)
        return SamePlace(first.name, second.name)

    def _cases(self, e: Cases, here: Index | None) -> Value:
        made = self.value(e.otherwise, here)
        for branch, condition in reversed(e.branches):
            holds = self._condition(condition, here)
            made = Op("select", (holds, self.value(branch, here), made))
        return made

    def _condition(self, e: Expr, here: Index | None) -> Value:
        """A condition as a truth value: x > 0 for the step of x."""
        if isinstance(e, Step):
            return Op("positive", (self.value(e.arg, here),))
        return self.value(e, here)

    def _function(self, e: Elementwise, here: Index | None) -> Value:
        name = BY_NODE[type(e)].name
        made = cancelling.exponential(self, e, here) if isinstance(e, Exp) else None
        if made is not None:
            return made
        if isinstance(e, Log) and isinstance(e.arg, Add) and Integer(1) in e.arg.args:
            return Op("log1p", (self.value(e.arg - 1, here),))
        return Op(name, (self.value(e.arg, here),))
