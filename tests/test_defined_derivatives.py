"""∂/∂Z for a defined Z = xw: what is added to Z changes all that is made of it, nothing below it.

Prover and witness have one meaning, also for a derivative inside a derivative.
"""

import pytest
from sympy import Expr, Integer

from derive.catalog import entries
from derive.deciding import decide, differ
from derive.language import Array, Delta, Deriv, Exp, Sum, index
from derive.ledger import cell
from derive.statement import Context, Definition

i, j, k = index("i j k")
x, Z, p = (Array(name, ("n",)) for name in ("x", "Z", "p"))
w = Array("w")()
GIVEN = Context(
    (
        Definition(Z, (i,), x[i] * w),
        Definition(p, (i,), Z[i] ** 2 + x[i]),
    )
)
LOSS = Sum(p[k], k)

TRUE: dict[str, tuple[Expr, Expr]] = {
    "once": (Deriv(LOSS, Z[j]), 2 * Z[j]),
    "what lies below does not move": (Deriv(x[i], Z[j]), Integer(0)),
    "twice": (Deriv(Deriv(LOSS, Z[i]), Z[j]), 2 * Delta(i, j)),
    "below, then itself": (Deriv(Deriv(LOSS, x[i]), Z[j]), 2 * w * Delta(i, j)),
    "itself, then below": (Deriv(Deriv(LOSS, Z[i]), x[j]), 2 * w * Delta(i, j)),
    "above, then itself": (Deriv(Deriv(LOSS**2, p[i]), Z[j]), 4 * Z[j]),
    "inside an exponential": (Deriv(Deriv(Exp(Z[i]), Z[j]), w), Delta(i, j) * x[i] * Exp(Z[i])),
}
FALSE: dict[str, tuple[Expr, Expr]] = {
    "twice": (Deriv(Deriv(LOSS, Z[i]), Z[j]), Integer(0)),
    "below, then itself": (Deriv(Deriv(LOSS, x[i]), Z[j]), Integer(0)),
    "itself alone": (Deriv(LOSS, Z[j]), 2 * Z[j] + 1),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_is_proved_and_nothing_refutes_it(name: str) -> None:
    assert decide(*TRUE[name], GIVEN).verdict == "proved"
    assert differ(*TRUE[name], GIVEN) is None


@pytest.mark.parametrize("name", FALSE)
def test_false_is_refuted(name: str) -> None:
    assert decide(*FALSE[name], GIVEN).verdict == "refuted"


def test_gauss_newton_is_proved_and_replayed() -> None:
    made = cell(entries()["softmax_regression_bias"], "gauss-newton")
    assert (made.proved, made.replayed) == (True, True)
    assert made.result == "Σ_r P_rj (δ_jk - P_rk)"
