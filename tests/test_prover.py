"""The prover: what is true for every n is proved, from the facts it needs and no others."""

import pytest
from sympy import Integer

from derive.language import (
    Abs,
    Array,
    Delta,
    Deriv,
    Exp,
    Index,
    Log,
    Max,
    Relu,
    Sigmoid,
    Sign,
    Softplus,
    Sum,
    Tanh,
    index,
    sqrt,
)
from derive.prover import prove
from derive.statement import Context, Definition, Fact

i, j, k, l, t = index("i j k l t")
r, s = index("r s", "N")
f, g = index("f g", "d")
two = index("k", "2")
z, p, y, v, b = (Array(name, ("n",)) for name in "zpyvb")
pair = Array("z", ("2",))
X, W, Y = Array("X", ("N", "d")), Array("W", ("d", "n")), Array("Y", ("N", "n"))
Z, P = Array("Z", ("N", "n")), Array("P", ("N", "n"))
c, x, gamma = Array("c")(), Array("x")(), Array("gamma", (), "positive")()
S = Sum(Exp(z[k]), k)
M = Max(z[k], k)
SOFTMAX = Definition(p, (i,), Exp(z[i]) / S)
SUMS_TO_ONE = Fact("sum-to-one", Sum(y[k], k), Integer(1))
ONE_HOT = Fact("one-hot", y[i], Delta(i, t))
ROWS = Fact("rows", Sum(Y[r, k], k), Integer(1))
CONTEXT = Context(
    (
        SOFTMAX,
        Definition(Z, (r, i), Sum(X[r, f] * W[f, i], f) + b[i]),
        Definition(P, (r, i), Exp(Z[r, i]) / Sum(Exp(Z[r, k]), k)),
    ),
    (SUMS_TO_ONE, ONE_HOT, ROWS),
)
CE = -Sum(y[i] * Log(p[i]), i)
REGRESSION = -Sum(Sum(Y[r, k] * Log(P[r, k]), k), r)
JACOBIAN = p[i] * (Delta(i, j) - p[j])
FOCAL = -Sum((1 - p[i]) ** gamma * y[i] * Log(p[i]), i)
FOCAL_SLOPE = gamma * (1 - p[i]) ** (gamma - 1) * Log(p[i]) - (1 - p[i]) ** gamma / p[i]
NORM = sqrt(Sum(z[k] ** 2, k))

TRUE = {
    "softmax partial": (Deriv(p[i], z[j]), JACOBIAN, ()),
    "gradient without the fact": (Deriv(CE, z[j]), p[j] * Sum(y[k], k) - y[j], ()),
    "gradient with the fact": (Deriv(CE, z[j]), p[j] - y[j], ("sum-to-one",)),
    "one-hot": (CE, -Log(p[t]), ("one-hot",)),
    "hessian": (Deriv(Deriv(CE, z[j]), z[i]), JACOBIAN, ("sum-to-one",)),
    "hessian annihilates constants": (Sum(Deriv(Deriv(CE, z[j]), z[i]), i), Integer(0), ()),
    "shift": (Exp(z[i] - c) / Sum(Exp(z[k] - c), k), p[i], ()),
    "log-sum-exp by the maximum": (M + Log(Sum(Exp(z[k] - M), k)), Log(S), ()),
    "gradient does not see the maximum": (Deriv(M + Log(Sum(Exp(z[k] - M), k)), z[j]), p[j], ()),
    "third derivative": (
        Deriv(Deriv(Deriv(Log(S), z[i]), z[j]), z[k]),
        p[i] * (Delta(i, j) * Delta(i, k) - Delta(i, j) * p[k] - Delta(i, k) * p[j])
        - p[i] * p[j] * (Delta(j, k) - 2 * p[k]),
        (),
    ),
    "curvature is a variance": (
        Sum(Sum(v[i] * JACOBIAN * v[j], i), j),
        Sum(Sum(p[i] * p[j] * (v[i] - v[j]) ** 2, i), j) / 2,
        (),
    ),
    "split sum": (Sum(y[k], k, i) + y[i], Sum(y[k], k), ()),
    "true class without cancellation": (p[t] - 1, -Sum(p[k], k, t), ()),
    "softplus by sign": (Softplus(x), Relu(x) + Log(1 + Exp(-Abs(x))), ()),
    "sigmoid": (Deriv(Sigmoid(x), x), Sigmoid(x) * (1 - Sigmoid(x)), ()),
    "tanh": (Deriv(Tanh(x), x), 1 - Tanh(x) ** 2, ()),
    "focal": (Deriv(FOCAL, z[j]), Sum(y[i] * FOCAL_SLOPE * JACOBIAN, i), ()),
    "normalised": (Deriv(z[i] / NORM, z[j]), (Delta(i, j) - z[i] * z[j] / NORM**2) / NORM, ()),
    "root of a square": (sqrt(x**2), Abs(x), ()),
    "abs": (Deriv(Abs(x), x), Sign(x), ()),
    "weights of softmax regression": (
        Deriv(REGRESSION, W[g, j]),
        Sum(X[r, g] * (P[r, j] - Y[r, j]), r),
        ("rows",),
    ),
    "bias": (Deriv(REGRESSION, b[j]), Sum(P[r, j] - Y[r, j], r), ("rows",)),
    "inputs": (Deriv(REGRESSION, X[s, g]), Sum((P[s, j] - Y[s, j]) * W[g, j], j), ("rows",)),
    "two classes": (
        Exp(pair[Integer(1)]) / Sum(Exp(pair[two]), two),
        Sigmoid(pair[Integer(1)] - pair[Integer(2)]),
        (),
    ),
    "sums commute": (Sum(Sum(Y[r, k] * z[k], k), r), Sum(Sum(Y[r, k] * z[k], r), k), ()),
}  # fmt: skip

FALSE = {
    "sign in the partial": (Deriv(p[i], z[j]), p[i] * (Delta(i, j) + p[j])),
    "index in the partial": (Deriv(p[i], z[j]), p[i] * (Delta(i, j) - p[i])),
    "one minus delta": (Deriv(p[i], z[j]), p[i] * (1 - Delta(i, j) - p[j])),
    "diagonal only": (Deriv(p[i], z[j]), Delta(i, j) * p[i] * (1 - p[i])),
    "p for y": (Deriv(CE, z[j]), y[j] - p[j]),
    "tanh of loopy": (Deriv(Tanh(x), x), (1 - Tanh(x)) ** 2),
    "root without bars": (sqrt(x**2), x),
    "captured sum": (Sum(z[k] * z[i], k), Sum(z[k] ** 2, k)),
    "dropped sum": (Log(S), Log(Exp(z[i]))),
    "transposed weights": (Deriv(REGRESSION, W[g, j]), Sum(X[r, g] * (Y[r, j] - P[r, j]), r)),
    "fact for another array": (Sum(z[k], k), Integer(1)),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_for_every_n_is_proved(name: str) -> None:
    left, right, facts = TRUE[name]
    proof = prove(left, right, CONTEXT)
    assert proof is not None
    assert proof.facts == facts


@pytest.mark.parametrize("name", FALSE)
def test_false_is_not_proved(name: str) -> None:
    assert prove(*FALSE[name], CONTEXT) is None


def test_cases_are_recorded() -> None:
    proof = prove(Deriv(p[i], z[j]), JACOBIAN, CONTEXT)
    assert proof is not None
    assert set(proof.cases) == {((i, j),), ((i,), (j,))}


def test_distinct_indices_drop_the_case() -> None:
    apart = Context(CONTEXT.definitions, (), distinct=((i, j),))
    assert prove(Deriv(p[i], z[j]), -p[i] * p[j], apart) is not None
    assert prove(Deriv(p[i], z[j]), -p[i] * p[j], CONTEXT) is None


def test_a_free_index_that_looks_canonical_is_not_captured() -> None:
    odd = Index("·0", "n")
    assert prove(Sum(z[k] * z[odd], k), Sum(z[k] ** 2, k)) is None
    assert prove(Sum(z[k] * z[odd], k), z[odd] * Sum(z[l], l)) is not None


def test_a_fact_is_used_only_where_it_is_needed() -> None:
    proof = prove(Sum(y[k], k) * 2, Sum(2 * y[l], l), CONTEXT)
    assert proof is not None
    assert proof.facts == ()
