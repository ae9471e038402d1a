"""The catalog's statements as plain SymPy writes them: Sum over IndexedBase, symbolic n.

`python benchmarks/sympy_statements.py NAME diff|full|value` differentiates one of them in a process
of its own, so that it can be stopped, and prints what came out as a JSON line.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import sympy
from sympy import IndexedBase, Symbol, exp, log, tanh

n = Symbol("n", integer=True, positive=True)
i, j, k, t = (Symbol(name, integer=True, positive=True) for name in "ijkt")
z, y = IndexedBase("z"), IndexedBase("y")
x = Symbol("x", real=True)
S = sympy.Sum(exp(z[k]), (k, 1, n))


def total(body: Any, index: Any = i) -> Any:
    """Σ over a whole range."""
    return sympy.Sum(body, (index, 1, n))


STATEMENTS: dict[str, tuple[Any, Any]] = {
    "softmax": (exp(z[i]) / S, z[j]),
    "plain_normalisation": (z[i] / total(z[k], k), z[j]),
    "logsumexp": (log(S), z[j]),
    "log_softmax": (z[i] - log(S), z[j]),
    "softmax_loss": (log(S) - z[t], z[j]),
    "cross_entropy": (-total(y[i] * log(exp(z[i]) / S)), z[j]),
    "kl_forward": (total(y[i] * (log(y[i]) - log(exp(z[i]) / S))), z[j]),
    "entropy": (-total(exp(z[i]) / S * log(exp(z[i]) / S)), z[j]),
    "mse": (total((z[k] - y[k]) ** 2, k) / n, z[j]),
    "poisson_nll": (total(exp(z[k]) - y[k] * z[k], k), z[j]),
    "l2_normalisation": (z[i] / sympy.sqrt(total(z[k] ** 2, k)), z[j]),
    "multilabel_soft_margin": (
        -total(y[k] * log(1 / (1 + exp(-z[k]))) + (1 - y[k]) * log(1 / (1 + exp(z[k]))), k) / n,
        z[j],
    ),
    "hinge": (total(sympy.Max(0, 1 - y[k] * z[k]), k), z[j]),
    "tanh": (tanh(x), x),
    "softplus": (log(1 + exp(x)), x),
    "sigmoid": (1 / (1 + exp(-x)), x),
    "silu": (x / (1 + exp(-x)), x),
    "gelu": (x / 2 * (1 + sympy.erf(x / sympy.sqrt(2))), x),
}
SIZE = 3
VALUES = {"z": (0.3, -0.7, 1.1), "y": (0.25, 0.5, 0.75), "x": 0.37}
PLACES = {"i": 1, "j": 2, "k": 3, "t": 2}


def closed(made: Any) -> str:
    """What kind of answer it is: "closed form", or what keeps it from being one."""
    if made.has(sympy.Derivative):
        return "derivative left"
    if made.has(sympy.Piecewise):
        return "conditions on the index"
    sums = made.atoms(sympy.Sum)
    return "δ left under a sum" if any(s.has(sympy.KroneckerDelta) for s in sums) else "closed form"


def number(made: Any) -> float | None:
    """The answer at n = 3, i = 1, j = t = 2, by substitution as SymPy's manual does it."""
    at = made.subs(n, SIZE).doit()
    at = at.subs({i: PLACES["i"], j: PLACES["j"], t: PLACES["t"]}).doit()
    bases = {"z": z, "y": y}
    at = at.subs({b[c + 1]: v for name, b in bases.items() for c, v in enumerate(VALUES[name])})
    value = at.subs(x, VALUES["x"]).evalf()
    return float(value) if value.is_number else None


def main(name: str, how: str) -> None:
    statement, variable = STATEMENTS[name]
    start = time.perf_counter()
    made = sympy.diff(statement, variable)
    if how == "full":
        made = sympy.simplify(made.doit())
    seconds = time.perf_counter() - start
    try:
        value = number(made)
    except Exception:  # whatever SymPy cannot evaluate has no value
        value = None
    print(json.dumps({"seconds": seconds, "kind": closed(made), "value": value}))


def jacobian(size: int) -> None:
    """The explicit Jacobian of softmax over `size` classes, simplified."""
    names = sympy.symbols(f"z1:{size + 1}")
    whole = sum(map(exp, names))
    start = time.perf_counter()
    sympy.Matrix([exp(a) / whole for a in names]).jacobian(names).applyfunc(sympy.simplify)
    print(json.dumps({"seconds": time.perf_counter() - start}))


if __name__ == "__main__":
    jacobian(int(sys.argv[2])) if sys.argv[1] == "jacobian" else main(*sys.argv[1:])
