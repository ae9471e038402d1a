"""Names that every entry shares: indices, arrays, definitions and facts."""

from __future__ import annotations

from sympy import Integer

from derive.language import Array, Delta, Exp, Max, Sum, index
from derive.statement import Definition, Fact

i, j, k, t = index("i j k t")
z, p, y = Array("z", ("n",)), Array("p", ("n",)), Array("y", ("n",))
L, c, m = Array("L")(), Array("c")(), Max(z[k], k)

EXPONENTIALS = Sum(Exp(z[k]), k)
SOFTMAX = Definition(p, (i,), Exp(z[i]) / EXPONENTIALS)

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
