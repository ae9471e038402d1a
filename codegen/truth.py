"""The true value of an expression at given inputs: mpmath, 60 digits after any cancellation.

Sums run over the actual classes.  This evaluates what the derivation says, unshifted and
unrewritten, so it shares nothing with the kernels but the inputs.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import mpmath
from mpmath import mp, mpf
from sympy import Add, Expr, Integer, Mul, Pow, expand, pi

from codegen.errors import CodegenError
from derive.language import (
    Abs,
    At,
    Cases,
    Cos,
    Delta,
    Elementwise,
    Erf,
    Exp,
    Group,
    Index,
    Log,
    LogGamma,
    Max,
    Maximum,
    Prod,
    Relu,
    Sigmoid,
    Sign,
    Sin,
    Softplus,
    Step,
    Sum,
    Tan,
    Tanh,
)  # fmt: skip
from derive.terms import arrays, free_indices

DIGITS = 60
Number = Any


def precision(spread: float, largest: float) -> int:
    """Digits that leave `DIGITS` after 1 - e^-spread, or numbers up to `largest`, cancelled."""
    return resolution(spread) + math.ceil(math.log10(max(largest, 1.0)))


def resolution(spread: float) -> int:
    """Decimals of a result that are not rounding: `DIGITS` behind those of e^-spread."""
    return DIGITS + math.ceil(min(spread, 800.0) / math.log(10))


@lru_cache(maxsize=400_000)
def _exp(x: Number, digits: int) -> Number:
    return mp.exp(x)


@lru_cache(maxsize=100_000)
def _log(x: Number, digits: int) -> Number:
    return mp.log(x) if x != 0 else mpf("-inf")


def _sigmoid(x: Number) -> Number:
    return 1 / (1 + _exp(-x, mp.dps))


ELEMENTWISE: dict[type[Elementwise], Callable[[Number], Number]] = {
    Exp: lambda x: _exp(x, mp.dps),
    Log: lambda x: _log(x, mp.dps),
    Sign: mp.sign,
    Step: lambda x: mpf(1 + mp.sign(x)) / 2,
    Abs: abs,
    Relu: lambda x: x if x > 0 else mpf(0),
    Sigmoid: _sigmoid,
    Tanh: mp.tanh,
    Softplus: lambda x: mp.log1p(_exp(x, mp.dps)) if x < 0 else x + mp.log1p(_exp(-x, mp.dps)),
    Erf: mp.erf,
    Sin: mp.sin,
    Cos: mp.cos,
    Tan: mp.tan,
    LogGamma: mp.loggamma,
}


class Truth:
    """Evaluates expressions for one row.

    `vectors` maps array names to sequences over the classes, `numbers` scalar arrays to numbers;
    `places` maps the names of label positions to classes counted from 0.  With `magnitude` every
    sum adds absolute values: the size of the terms that cancel.  `sizes` are those of ranges other
    than the classes', whose arrays are sequences in sequences.
    """

    def __init__(
        self,
        n: int,
        vectors: Mapping[str, Sequence[Number]],
        numbers: Mapping[str, Number] | None = None,
        places: Mapping[str, int] | None = None,
        magnitude: bool = False,
        sizes: Mapping[str, int] | None = None,
    ):
        self.n, self.vectors, self.numbers = n, vectors, numbers or {}
        self.places, self.magnitude = places or {}, magnitude
        self.sizes = sizes or {}
        self.memo: dict[Any, Number] = {}
        self.kinds: dict[frozenset[str], list[int]] = {}

    def size(self, index: Index) -> int:
        """How many values an index has."""
        return self.sizes.get(index.range, self.n)

    def alike(self, expr: Expr, over: Index) -> list[int]:
        """For each class the first one with equal elements in the arrays of the expression.

        A label is like itself alone.
        """
        if self.sizes:
            return list(range(self.size(over)))
        names = frozenset(a.name for a in arrays(expr) if a.name in self.vectors)
        if names not in self.kinds:
            first: dict[Any, int] = {}
            own = zip(*(self.vectors[name] for name in sorted(names)), strict=True)
            keys = own if names else ((),) * self.n
            labels = set(self.places.values())
            self.kinds[names] = [
                k if k in labels else first.setdefault(key, k) for k, key in enumerate(keys)
            ]
        return self.kinds[names]

    def over(self, expr: Expr, here: Index) -> list[Number]:
        """The expression at every class; classes that are alike have equal values."""
        alike = self.alike(expr, here)
        made = {k: self.at(expr, {here: k}) for k in dict.fromkeys(alike)}
        return [made[k] for k in alike]

    def at(self, expr: Expr, where: Mapping[Index, int] | None = None) -> Number:
        """The expression where the free indices stand at these classes."""
        where = where or {}
        if not isinstance(expr, (Sum, Max, Prod)):
            return self._value(expr, where)
        inside = tuple(sorted((i.name, where[i]) for i in free_indices(expr) if i in where))
        if (expr, inside) not in self.memo:
            self.memo[expr, inside] = self._value(expr, where)
        return self.memo[expr, inside]

    def _place(self, position: Any, where: Mapping[Index, int]) -> int:
        if position.is_Integer:
            return int(position) - 1
        return where[position] if position in where else self.places[position.name]

    def _value(self, e: Expr, where: Mapping[Index, int]) -> Number:
        if e.is_Rational:
            return mpf(int(e.p)) / int(e.q)
        if isinstance(e, At):
            return self._element(e, where)
        if isinstance(e, Add):
            if len(e.args) == 2 and e.args[0] == 1 and isinstance(-e.args[1], Sigmoid):
                return _sigmoid(
                    -self.at((-e.args[1]).arg, where)
                )  # 1 - s(x) = s(-x), whatever the digits
            return mp.fsum(self._terms([self.at(a, where) for a in e.args]))
        if isinstance(e, Mul):
            return _product([self.at(a, where) for a in e.args])
        if isinstance(e, (Sum, Max, Prod)):
            return self._binder(e, where)
        if isinstance(e, Delta):
            return mpf(self._place(e.args[0], where) == self._place(e.args[1], where))
        if isinstance(e, Cases):
            taken = (v for v, c in e.branches if self.at(c, where) != 0)
            return self.at(next(taken, e.otherwise), where)
        return self._function(e, where)

    def _function(self, e: Expr, where: Mapping[Index, int]) -> Number:
        if isinstance(e, Log) and isinstance(e.arg, Mul):
            return self._log_of_product(e.arg, where)
        if isinstance(e, Elementwise):
            return ELEMENTWISE[type(e)](self.at(e.arg, where))
        if isinstance(e, Pow):
            base, exponent = (self.at(a, where) for a in e.args)
            return 1 / base if exponent == -1 else base**exponent
        if isinstance(e, Group):
            return self.at(e.arg, where)
        if isinstance(e, Maximum):
            return max(self.at(a, where) for a in e.args)
        if e == pi:
            return +mp.pi
        raise CodegenError(f"{e} has no value at a point: it is a {type(e).__name__}")

    def _log_of_product(self, e: Mul, where: Mapping[Index, int]) -> Number:
        """log(e^u / v) as u - log v, the same number at less expense."""
        total = mpf(0)
        for factor in e.args:
            base, power = factor.args if isinstance(factor, Pow) else (factor, 1)
            log = (
                self.at(base.arg, where)
                if isinstance(base, Exp)
                else _log(self.at(base, where), mp.dps)
            )
            total += log * int(power) if power in (1, -1) else log * self.at(power, where)
        return total

    def _terms(self, terms: list[Number]) -> list[Number]:
        return [abs(t) for t in terms] if self.magnitude else terms

    def _element(self, e: At, where: Mapping[Index, int]) -> Number:
        name = e.array.name
        if e.indices:
            found = self.vectors[name]
            for place in e.indices:
                found = found[self._place(place, where)]
            return mpf(found)
        if e.array.domain == "size":
            return mpf(self.sizes.get(name, self.n))
        return mpf(self.numbers[name])

    def _binder(self, e: Expr, where: Mapping[Index, int]) -> Number:
        left_out = {self._place(p, where) for p in e.excluded}
        if isinstance(e, Sum):
            parts = _parts(e.body, e.index)
            return mp.fsum(
                self._terms(
                    [self._sum(outer, inner, e.index, left_out, where) for outer, inner in parts]
                )
            )
        classes = (k for k in range(self.size(e.index)) if k not in left_out)
        values = [self.at(e.body, {**where, e.index: k}) for k in classes]
        return max(values) if isinstance(e, Max) else mp.fprod(values)

    def _sum(
        self, outer: Expr, inner: Expr, k: Index, left_out: set[int], where: Mapping[Index, int]
    ) -> Number:
        """outer times the sum of inner; where a δ leaves one class, only that is looked at."""
        if outer != 1 and not left_out and not inner.has(Delta):
            return _product([self.at(outer, where), self.at(Sum(inner, k), where)])
        deltas = [f for f in Mul.make_args(inner) if isinstance(f, Delta) and k in f.args]
        only = {self._place(next(p for p in d.args if p != k), where) for d in deltas}
        classes = [c for c in (only or range(self.size(k))) if c not in left_out]
        if not inner.has(Delta):
            alike = self.alike(inner, k)
            classes = [alike[c] for c in classes]
        counts = Counter(classes)
        values = [_product([mpf(m), self.at(inner, {**where, k: c})]) for c, m in counts.items()]
        return _product([self.at(outer, where), mp.fsum(self._terms(values))])


@lru_cache(maxsize=10_000)
def _parts(body: Expr, k: Index) -> tuple[tuple[Expr, Expr], ...]:
    """The body as a sum of products outer * inner, where only inner depends on k."""
    if not body.has(Delta) and free_indices(body) <= {k}:
        return ((Integer(1), body),)
    made = []
    for term in Add.make_args(expand(body)):
        factors = Mul.make_args(term)
        inner = [f for f in factors if k in free_indices(f)]
        made.append((Mul(*(f for f in factors if f not in inner)), Mul(*inner)))
    return tuple(made)


def _product(factors: list[Number]) -> Number:
    """0 times infinity is 0 here: the limit that the kernels document."""
    made = mpf(1)
    for factor in factors:
        if factor == 0:
            return mpf(0)
        made *= factor
    return made


def settled(value: Number, spread: float) -> Number:
    """The value, or 0 where it is only the rounding of what cancelled."""
    return mpf(0) if abs(value) < mpf(10) ** (15 - resolution(spread)) else value


def working_digits(digits: int) -> Any:
    """A context in which mpmath works with this many digits."""
    return mpmath.workdps(digits)
