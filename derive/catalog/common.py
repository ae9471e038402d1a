"""What the catalog's statements share: indices, arrays, definitions, facts, and one way to write
an entry."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer

from derive.catalog.entry import Entry
from derive.language import Array, At, Delta, Exp, Sum, index
from derive.statement import Definition, Fact, Statement

i, j, k, l, t = index("i j k l t")
r, s, q = index("r s q", "N")
a, b, c = index("a b c", "d")

z, u, v = (Array(name, ("n",)) for name in "zuv")
y = Array("y", ("n",), "nonnegative")
p = Array("p", ("n",), "unit")
x = Array("x")()
L, f = Array("L"), Array("f", ("n",))
Z, Y, P = (
    Array("Z", ("N", "n")),
    Array("Y", ("N", "n"), "nonnegative"),
    Array("P", ("N", "n"), "unit"),
)


def scalar(name: str, domain: str = "real") -> At:
    """A number with a name."""
    return Array(name, (), domain)()


def vector(name: str, domain: str = "real", range: str = "n") -> Array:
    """An array with one index."""
    return Array(name, (range,), domain)


def define(head: At, body: Expr) -> Definition:
    """head := body, for every value of the head's indices."""
    return Definition(head.array, head.indices, body)


EXPONENTIALS = Sum(Exp(z[k]), k)
SOFTMAX = define(p[i], Exp(z[i]) / EXPONENTIALS)
ROW_SOFTMAX = define(P[r, i], Exp(Z[r, i]) / Sum(Exp(Z[r, k]), k))
SUMS_TO_ONE = Fact(
    "targets-sum-to-one",
    Sum(y[k], k),
    Integer(1),
    {"en": "the targets sum to one", "zh": "标签之和为 1"},
)
ONE_HOT = Fact(
    "one-hot",
    y[i],
    Delta(i, t),
    {"en": "the target is one-hot at the class t", "zh": "标签是 one-hot 编码, 正确类别为 t"},
)
ROWS_SUM_TO_ONE = Fact(
    "rows-sum-to-one",
    Sum(Y[r, k], k),
    Integer(1),
    {"en": "each row of targets sums to one", "zh": "每行标签之和为 1"},
)


def entry(
    name: str, head: At, body: Expr, wrt: At, en: str, zh: str,
    where: tuple[Definition, ...] = (), facts: tuple[Fact, ...] = (), kind: str = "loss",
) -> Entry:  # fmt: skip
    """head = body, differentiated with respect to `wrt`; `where` also names what answers may be
    folded into."""
    return Entry(Statement(name, head, body, where, facts, wrt), {"en": en, "zh": zh}, kind)


def function(
    name: str, head: At, body: Expr, wrt: At, en: str, zh: str, *where: Definition, **more: Any
) -> Entry:
    """An entry that is a function rather than a loss."""
    return entry(name, head, body, wrt, en, zh, where, kind="function", **more)
