"""Falsehoods that a careless prover would prove, each with a true neighbour where there is one."""

import pytest
from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import (
    Abs,
    Array,
    Cases,
    Delta,
    Deriv,
    Exp,
    Index,
    Largest,
    Log,
    Max,
    Prod,
    Sign,
    Step,
    Sum,
    index,
    size,
    sqrt,
)
from derive.prover import prove
from derive.statement import Context, Definition, Fact

i, j, k, t = index("i j k t")
n = size("n")
z, y, e, positive = (
    Array(a, ("n",), d) for a, d in (*((a, "real") for a in "zye"), ("q", "positive"))
)
Y = Array("Y", ("n", "n"))
x, w, v = (Array(name)() for name in "xwv")


def given(left: Expr, right: Expr) -> Context:
    return Context((), (Fact("given", left, right),))


ONE_HOT = given(y[i], Delta(i, t))
NOTHING = Context()
ERROR_IS_ZERO = Context((Definition(e, (i,), z[i] - y[i]),), (Fact("zero", e[i], Integer(0)),))
APART = Context(distinct=((i, t),))

FALSE = {
    "one element under a logarithm": (
        Log(z[i]) + Sum(Abs(z[k]), k),
        Log(z[i]) + Sum(z[k], k),
        NOTHING,
    ),
    "elements left out of the logarithms": (
        Sum(Log(z[k]), k, i) + Abs(z[i]),
        Sum(Log(z[k]), k, i) + z[i],
        NOTHING,
    ),
    "a bound index that is called like the label": (Sum(y[t], t), n, ONE_HOT),
    "a fact about the diagonal": (Y[i, j], Integer(1), given(Y[i, i], Integer(1))),
    "a root tells the sign of what is under it": (z[i] - z[j], x**2, given(sqrt(z[j] - z[i]), x)),
    "facts that contradict": (
        x,
        w,
        Context((), (Fact("a", x, Integer(1)), Fact("b", x, Integer(2)))),
    ),
    "a root in a case that is not taken": (
        Cases(sqrt(x), Step(x), Sign(x)),
        Cases(sqrt(x), Step(x), Integer(1)),
        NOTHING,
    ),
    "an excluded term": (Sum(z[k] ** 2, k, i), Sum(z[k] ** 2, k), NOTHING),
    "two exclusions that may coincide": (Sum(Integer(1), k, i, j), n - 2, NOTHING),
    "a size with a value": (n, Integer(3), NOTHING),
    "maximum without its sign": (Max(x * z[k], k), x * Max(z[k], k), NOTHING),
    "maximum and minimum": (Largest(z[k], k, i), Largest(-z[k], k, i), NOTHING),
    "a factor that may be negative in a product over n": (Prod(x, k), Prod(Abs(x), k), NOTHING),
    "the sign of a product over n": (Prod(-z[k], k), Prod(z[k], k), NOTHING),
    "an integer power of a negative number": (x**n, (-x) ** n, NOTHING),
    "sign where an index meets another": (Sum(Sign(z[k] - z[t]) ** 2, k), n, NOTHING),
    "a sum that may be empty": (Sign(Sum(positive[k], k, i)), Integer(1), NOTHING),
    "a bound index that is called like a free one": (
        Max(z[i] + Delta(i, t), i) + Delta(i, t) * x,
        Max(z[i], i),
        APART,
    ),
    "a fact at a point under a derivative": (Deriv(e[i], z[j]), Integer(0), ERROR_IS_ZERO),
    "a fact about the variable": (Deriv(z[i], y[j]), Delta(i, j), given(z[i], y[i])),
    "other ranges": (
        Sum(z[k], k),
        Sum(Array("z", ("m",))[Index("k", "m")], Index("k", "m")),
        NOTHING,
    ),
}

TRUE = {
    "label": (Sum(y[t], t), Integer(1), ONE_HOT),
    "one-hot sifts": (Sum(y[t] * z[t], t), z[t], ONE_HOT),
    "one-hot under a derivative": (Deriv(Sum(y[k] * z[k], k), z[j]), Delta(j, t), ONE_HOT),
    "one exclusion": (Sum(Integer(1), k, i), n - 1, NOTHING),
    "product of products": (Prod(x * z[k], k), Prod(x, k) * Prod(z[k], k), NOTHING),
    "square of signs": (Prod(-z[k], k) ** 2, Prod(z[k], k) ** 2, NOTHING),
    "constants of a product": (Prod(2 * z[k], k), 2**n * Prod(z[k], k), NOTHING),
    "product of exponentials": (Prod(Exp(z[k]), k), Exp(Sum(z[k], k)), NOTHING),
    "sign of a full sum": (Sign(Sum(positive[k], k)), Integer(1), NOTHING),
    "log of a product": (Log(Prod(Exp(z[k]), k)), Sum(z[k], k), NOTHING),
    "root of a sum of squares": (
        sqrt(Sum((z[k] - x) ** 2, k)) ** 3,
        sqrt(Sum((z[k] - x) ** 2, k)) * Sum((z[k] - x) ** 2, k),
        NOTHING,
    ),
    "fractions over one divisor": (
        Sum(Exp(z[k]) / (Exp(z[k]) + positive[k]), k)
        + Sum(positive[k] / (Exp(z[k]) + positive[k]), k),
        n,
        NOTHING,
    ),
}


r, g = Array("r", (), "unit")(), Array("g")()
NOWHERE = {
    "a real power of either sign": ((1 - r) ** (g - 1), (r - 1) ** (g - 1), NOTHING),
    "a logarithm of either sign": (Log(x), Log(-x), NOTHING),
    "a logarithm of what is negative": (Log(-Exp(x)), x, NOTHING),
    "a logarithm under a sum": (Sum(Log(z[k]), k), Sum(Log(-z[j]), j), NOTHING),
    "a product of signs": (Log(x * w), Log(x) + Log(-w), NOTHING),
    "a difference turned round": (Log(z[i] - z[j]), Log(z[j] - z[i]), NOTHING),
    "under a derivative": (Deriv(Log(-x), x), Deriv(Log(x), x), NOTHING),
    "by way of a fact": (Log(x) - Log(w), Log(-1), given(w, -x)),
    "by way of a definition": (
        Log(e[i]),
        Log(y[i] - z[i]),
        Context((Definition(e, (i,), z[i] - y[i]),)),
    ),
}
SOMEWHERE = {
    "all that stand under a logarithm": (
        Sum(Abs(z[k]) * Log(z[k]), k),
        Sum(z[j] * Log(z[j]), j),
        NOTHING,
    ),
    "a logarithm of a product": (Log(x * w), Log(x) + Log(w), NOTHING),
    "a logarithm of a product of two negative numbers": (Log(x * w), Log(-x) + Log(-w), NOTHING),
    "an even power": (Log(x**2), 2 * Log(-x), NOTHING),
    "either sign in its own case": (Cases(Log(x), Step(x), Log(-x)), Log(Abs(x)), NOTHING),
    "an integer power of either sign": ((1 - x) ** 2, (x - 1) ** 2, NOTHING),
    "undefined on the diagonal only": (2 * Log(z[i] - z[j]), Log((z[i] - z[j]) ** 2), NOTHING),
}


@pytest.mark.parametrize("name", NOWHERE)
def test_what_is_defined_nowhere_is_not_proved(name: str) -> None:
    with pytest.raises(DeriveError, match="no point defines both sides"):
        prove(*NOWHERE[name])


@pytest.mark.parametrize("name", SOMEWHERE)
def test_what_is_defined_somewhere_is_proved(name: str) -> None:
    assert prove(*SOMEWHERE[name]) is not None


@pytest.mark.parametrize("name", FALSE)
def test_falsehood_is_not_proved(name: str) -> None:
    assert prove(*FALSE[name]) is None


@pytest.mark.parametrize("name", TRUE)
def test_true_neighbour_is_proved(name: str) -> None:
    assert prove(*TRUE[name]) is not None
