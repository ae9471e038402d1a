"""Differentiation with one wrong rule: what people write who forget 1/p, the minus, the inner
factor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow

from derive.language import Array, At, Delta, Exp, Log, Sigmoid, Sum, Tanh
from derive.terms import all_indices, arrays, fresh, rename


def wrongly(e: Expr, v: At, bodies: Mapping[Array, Any], mistake: str) -> Expr:
    """∂e/∂v with one wrong rule; defined arrays are unfolded on the way."""
    if v.array not in _reach(e, bodies):
        return Integer(0)
    if isinstance(e, At):
        return _element(e, v, bodies, mistake)
    if isinstance(e, Add):
        return Add(*(wrongly(a, v, bodies, mistake) for a in e.args))
    if isinstance(e, Mul):
        return _product(e, v, bodies, mistake)
    if isinstance(e, Pow) and not e.exp.free_symbols:
        inner = wrongly(e.base, v, bodies, mistake)
        factor = Integer(1) if mistake == "power" and e.exp != -1 else e.exp
        return factor * e.base ** (e.exp - 1) * (Integer(1) if mistake == "chain" else inner)
    if isinstance(e, Sum):
        k = fresh(e.index, all_indices(e) | all_indices(v))
        made = e if e.index not in all_indices(v) else Sum(rename(e.body, {e.index: k}), k)
        return Sum(wrongly(made.body, v, bodies, mistake), *made.args[1:])
    if isinstance(e, (Exp, Log, Sigmoid, Tanh)):
        return _function(e, v, bodies, mistake)
    raise ValueError(type(e).__name__)


def _element(e: At, v: At, bodies: Mapping[Array, Any], mistake: str) -> Expr:
    if e.array == v.array:
        pairs = zip(e.indices, v.indices, strict=True)
        return Mul(*(Integer(1) if a == b else Delta(a, b) for a, b in pairs))
    definition = bodies[e.array]
    body = definition.at(tuple(e.indices), frozenset(all_indices(v)))
    made = wrongly(body, v, bodies, mistake)
    if mistake == "diagonal-for-all" and e.indices and v.indices:
        return wrongly(body, At(v.array, *v.indices[:-1], e.indices[-1]), bodies, "")
    if mistake == "diagonal" and e.indices and v.indices and e.indices[-1] != v.indices[-1]:
        i, j = e.indices[-1], v.indices[-1]
        return Delta(i, j) * made if getattr(i, "range", "") == getattr(j, "range", "") else made
    return made


def _product(e: Mul, v: At, bodies: Mapping[Array, Any], mistake: str) -> Expr:
    parts = [
        Mul(*e.args[:k], wrongly(a, v, bodies, mistake), *e.args[k + 1 :])
        for k, a in enumerate(e.args)
    ]
    if mistake == "quotient":
        over = [k for k, a in enumerate(e.args) if isinstance(a, Pow) and a.exp == -1]
        parts = [-p if k in over else p for k, p in enumerate(parts)]
    live = [p for p in parts if p != 0]
    return live[0] if mistake == "product" and live else Add(*parts)


def _function(e: Expr, v: At, bodies: Mapping[Array, Any], mistake: str) -> Expr:
    inner = Integer(1) if mistake == "chain" else wrongly(e.arg, v, bodies, mistake)
    outer: dict[type[Expr], Callable[[], Expr]] = {
        Exp: lambda: e,
        Log: lambda: Integer(1) if mistake == "log" else 1 / e.arg,
        Sigmoid: lambda: e * (1 - e),
        Tanh: lambda: 1 - e**2,
    }
    return outer[type(e)]() * inner


def _reach(e: Expr, bodies: Mapping[Array, Any]) -> set[Array]:
    waiting, seen = list(arrays(e)), set[Array]()
    while waiting:
        array = waiting.pop()
        if array not in seen:
            seen.add(array)
            waiting += arrays(bodies[array].body) if array in bodies else ()
    return seen
