"""The wrong rules that people really use, by name: what each does, and how it is undone.

A mistake is found by undoing it: `undo` gives, for one subexpression of the wrong side, what may
have stood there.  Mistakes of differentiation are found by making them: `rule` is the wrong rule.
Nothing here decides: a candidate counts only if the prover finds it equal to the right side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sympy import Add, Expr, Integer, Mul, Pow

from derive.language import (
    Array,
    At,
    Binder,
    Delta,
    Elementwise,
    Index,
    Log,
    Sum,
)
from derive.terms import all_indices, arrays, free_indices, fresh, rename, replace


@dataclass(frozen=True)
class Near:
    """What a repair may use: the indices in scope, factors of the right side, its arrays."""

    indices: tuple[Index, ...]
    factors: tuple[Expr, ...]
    arrays: tuple[Array, ...]


Undo = Callable[[Expr, Near], Iterator[Expr]]


@dataclass(frozen=True)
class Mistake:
    """A named wrong rule; `undo` repairs a subexpression, `wrong` differentiates one wrongly."""

    name: str
    say: Mapping[str, str]
    undo: Undo | None = None
    wrong: str = ""


def _sign(e: Expr, near: Near) -> Iterator[Expr]:
    """a + b for a - b, -a for a."""
    if isinstance(e, Add):
        for k, term in enumerate(e.args):
            yield Add(*e.args[:k], -term, *e.args[k + 1 :])
    yield -e


def _excluded(e: Expr, near: Near) -> Iterator[Expr]:
    """Σ over k ≠ j for Σ over all k, over k ≠ 1 or over k ≠ i."""
    if isinstance(e, Sum):
        if e.excluded:
            yield Sum(e.body, e.index)
        for i in near.indices:
            if i.range == e.index.range and i != e.index and (i,) != e.excluded:
                yield Sum(e.body, e.index, i)


def _index(e: Expr, near: Near) -> Iterator[Expr]:
    """z_j for z_i."""
    if isinstance(e, At):
        for k, old in enumerate(e.indices):
            for new in near.indices:
                if new != old and getattr(old, "range", new.range) == new.range:
                    yield At(e.array, *e.indices[:k], new, *e.indices[k + 1 :])


def _sum(e: Expr, near: Near) -> Iterator[Expr]:
    """Σ_k y_k for y_j, Σ_k f_k for f_k."""
    if isinstance(e, At):
        for old in e.indices:
            if isinstance(old, Index):
                k = fresh(old, {*near.indices, *all_indices(e)})
                yield Sum(rename(e, {old: k}), k)
    elif not isinstance(e, (Index, Array)) and not e.is_number:
        for i in sorted(all_indices(e) & {*near.indices}, key=str):
            yield Sum(e, i)


def _delta(e: Expr, near: Near) -> Iterator[Expr]:
    """δ_ij for 1, and 1 - δ_ij for δ_ij."""
    if isinstance(e, Delta):
        yield 1 - e
    if e == 1 or (isinstance(e, (At, Mul)) and not e.is_number):
        for k, i in enumerate(near.indices):
            for j in near.indices[k + 1 :]:
                if i.range == j.range:
                    yield e * Delta(i, j)


def _letter(e: Expr, near: Near) -> Iterator[Expr]:
    """p_i for y_i."""
    if isinstance(e, At):
        for other in near.arrays:
            if other != e.array and other.ranges == e.array.ranges:
                yield At(other, *e.indices)


def _exchanged(e: Expr, near: Near) -> Iterator[Expr]:
    """y log p for p log y, of either sign."""
    for k, a in enumerate(near.arrays):
        for b in near.arrays[k + 1 :]:
            if a.ranges == b.ranges and isinstance(e, (Sum, Mul, Add)):
                other = {a: b, b: a}
                swapped = replace(e, partial(_other, other))
                yield swapped
                yield -swapped


def _other(names: Mapping[Array, Array], e: Expr) -> Expr | None:
    known = isinstance(e, At) and e.array in names
    return At(names[e.array], *e.indices) if known else None


def _lost(e: Expr, near: Near) -> Iterator[Expr]:
    """c·a for a."""
    if not isinstance(e, (Index, Array)):
        for factor in near.factors:
            yield e * factor


def _extra(e: Expr, near: Near) -> Iterator[Expr]:
    """a for c·a."""
    if isinstance(e, Mul):
        for k in range(len(e.args)):
            yield Mul(*e.args[:k], *e.args[k + 1 :])


def _parenthesis(e: Expr, near: Near) -> Iterator[Expr]:
    """a(b + c) for ab + c, ab + c for a(b + c), f(a) + b for f(a + b) and f(a + b) for f(a) + b."""
    if isinstance(e, Mul):
        for k, inner in enumerate(e.args):
            if isinstance(inner, Add):
                rest = Mul(*e.args[:k], *e.args[k + 1 :])
                for term in inner.args:
                    yield rest * (inner - term) + term
    if isinstance(e, Add):
        for k, term in enumerate(e.args):
            others = Add(*e.args[:k], *e.args[k + 1 :])
            yield from _spread(term, others)
    if isinstance(e, Elementwise) and isinstance(e.arg, Add):
        for term in e.arg.args:
            yield e.func(e.arg - term) + term


def _spread(term: Expr, others: Expr) -> Iterator[Expr]:
    if isinstance(term, Mul):
        for k, factor in enumerate(term.args):
            yield Mul(*term.args[:k], *term.args[k + 1 :]) * (factor + others)
            yield factor * (Mul(*term.args[:k], *term.args[k + 1 :]) + others)
    if isinstance(term, Elementwise):
        yield term.func(term.arg + others)
    if isinstance(term, Sum):
        yield Sum(term.body + others, *term.args[1:])


def _power(e: Expr, near: Near) -> Iterator[Expr]:
    """a² for a, 1/a² for 1/a, and the other way about."""
    if isinstance(e, Pow):
        for step in (1, -1):
            yield Pow(e.base, e.exp + step)
    elif isinstance(e, (At, Sum, Add)):
        yield e**2
        yield 1 / e


def _log_of_sum(e: Expr, near: Near) -> Iterator[Expr]:
    """log Σ a for Σ log a, and the other way about."""
    if isinstance(e, Sum) and isinstance(e.body, Log):
        yield Log(Sum(e.body.arg, *e.args[1:]))
    if isinstance(e, Log) and isinstance(e.arg, Sum):
        yield Sum(Log(e.arg.body), *e.arg.args[1:])


def _said(en: str, zh: str) -> Mapping[str, str]:
    return {"en": en, "zh": zh}


MISTAKES: tuple[Mistake, ...] = (
    Mistake("quotient-rule-sign", _said("the quotient rule has a minus: (u/v)' = (u'v - uv')/v²",
            "商的求导法则中间是减号: (u/v)' = (u'v - uv')/v²"), wrong="quotient"),
    Mistake("log-without-quotient", _said("the derivative of log u is u'/u, not u'",
            "log u 的导数是 u'/u, 不是 u'"), wrong="log"),
    Mistake("diagonal-only", _said("only the diagonal of the Jacobian (i = j) was used",
            "只用了雅可比矩阵的对角项 (i = j)"), wrong="diagonal"),
    Mistake("diagonal-only", _said("the diagonal of the Jacobian was used for all of it",
            "把雅可比矩阵的对角项当成了全部各项"), wrong="diagonal-for-all"),
    Mistake("inner-derivative-lost", _said("the chain rule's inner derivative is missing",
            "链式法则漏乘了内层函数的导数"), wrong="chain"),
    Mistake("product-rule-half", _said("the product rule has two terms, one is missing",
            "乘积的求导法则有两项, 漏了一项"), wrong="product"),
    Mistake("power-factor-lost", _said("the exponent does not come down as a factor: (u²)' = 2uu'",
            "幂函数求导漏乘指数: (u²)' = 2uu'"), wrong="power"),
    Mistake("sign", _said("a sign is wrong", "符号错误"), _sign),
    Mistake("excluded-index", _said("the index that the sum leaves out is wrong",
            "求和号下排除的指标有误"), _excluded),
    Mistake("delta", _said("δ is missing or is used for 1 - δ", "漏写 δ, 或把 1 - δ 写成了 δ"),
            _delta),
    Mistake("letter", _said("one letter stands for another (p for y)", "字母写混 (如把 y 写成 p)"),
            _letter),
    Mistake("exchanged", _said("two letters are exchanged (p log y for y log p)",
            "两个字母互换了位置 (如把 y log p 写成 p log y)"), _exchanged),
    Mistake("index", _said("an index is wrong", "指标写错"), _index),
    Mistake("sum-lost", _said("a sum is missing", "漏写求和号"), _sum),
    Mistake("parenthesis", _said("a parenthesis is in the wrong place", "括号的位置不对"),
            _parenthesis),
    Mistake("factor-lost", _said("a factor is lost", "漏掉一个因子"), _lost),
    Mistake("factor-added", _said("there is a factor too many", "多了一个因子"), _extra),
    Mistake("log-of-sum", _said("the logarithm of a sum is not the sum of logarithms",
            "和的对数不等于对数的和"), _log_of_sum),
    Mistake("power", _said("a power is wrong", "幂次写错"), _power),
)  # fmt: skip


def repairs(expr: Expr, mistake: Mistake, near: Near) -> Iterator[Expr]:
    """The whole expression with the mistake undone at one place, for every place."""
    assert mistake.undo is not None
    yield from mistake.undo(expr, near)
    if not expr.args or isinstance(expr, (At, Delta, Index, Array)):
        return
    inside = near
    if isinstance(expr, Binder):
        inside = Near((*near.indices, expr.index), near.factors, near.arrays)
    for k, part in enumerate(expr.args):
        if isinstance(part, (Index, Array)) or (isinstance(expr, Binder) and k):
            continue
        for changed in repairs(part, mistake, inside):
            yield expr.func(*expr.args[:k], changed, *expr.args[k + 1 :])


def surroundings(left: Expr, right: Expr, free: frozenset[Index]) -> Near:
    """What a repair of the right side may take from the left."""
    factors: dict[Expr, None] = {Integer(2): None, Integer(1) / 2: None}
    stack: list[Any] = [left, right]
    while stack and len(factors) < 14:
        e = stack.pop(0)
        whole = isinstance(e, (At, Sum)) and free_indices(e) <= free
        if whole:
            factors.setdefault(e)
            factors.setdefault(1 / e)
        if not isinstance(e, (At, Index, Array)):
            stack += e.args
    named = sorted(arrays(left) | arrays(right), key=str)
    every = tuple(a for a in named if a.domain != "size" and "∂" not in a.name)
    return Near(tuple(sorted(free, key=str)), tuple(factors), every)
