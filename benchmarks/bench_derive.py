"""The catalog's gradients here and in plain SymPy, side by side: python benchmarks/bench_derive.py.

SymPy gets the same statements with its own Sum over IndexedBase and symbolic n, and may use diff
, doit
and simplify. "right" means that a closed form came out (no derivative, no condition on an index
left)
which agrees with ours at a random point with n = 3. Last, SymPy's explicit n×n softmax Jacobian for
n = 3 … 8 against ours, which is one proof for every n. Each SymPy run is stopped after 20 seconds.
"""

from __future__ import annotations

import signal
import statistics
import time
from collections.abc import Callable
from typing import Any

import sympy
from sympy import Idx, IndexedBase, Symbol, exp, log, tanh

from derive.catalog import entries
from derive.strategy import differentiate, second

LIMIT = 20
n = Symbol("n", integer=True, positive=True)
i, j, k, t = (Idx(name, (1, n)) for name in "ijkt")
z, y = IndexedBase("z"), IndexedBase("y")
x = Symbol("x", real=True)
S = sympy.Sum(exp(z[k]), (k, 1, n))
STATEMENTS: dict[str, tuple[Any, Any]] = {
    "softmax": (exp(z[i]) / S, z[j]),
    "logsumexp": (log(S), z[j]),
    "log_softmax": (z[i] - log(S), z[j]),
    "cross_entropy": (-sympy.Sum(y[i] * log(exp(z[i]) / S), (i, 1, n)), z[j]),
    "kl_forward": (sympy.Sum(y[i] * (log(y[i]) - log(exp(z[i]) / S)), (i, 1, n)), z[j]),
    "mse": (sympy.Sum((z[k] - y[k]) ** 2, (k, 1, n)) / n, z[j]),
    "poisson_nll": (sympy.Sum(exp(z[k]) - y[k] * z[k], (k, 1, n)), z[j]),
    "l2_normalisation": (z[i] / sympy.sqrt(sympy.Sum(z[k] ** 2, (k, 1, n))), z[j]),
    "tanh": (tanh(x), x),
    "softplus": (log(1 + exp(x)), x),
}


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds and what came out: an exception, or "stopped"."""

    def stop(*_: Any) -> None:
        raise TimeoutError

    signal.signal(signal.SIGALRM, stop)
    signal.alarm(LIMIT)
    start = time.perf_counter()
    try:
        made = work()
    except TimeoutError:
        made = "stopped"
    except Exception as error:  # any failure of SymPy's is a result here
        made = error
    signal.alarm(0)
    return time.perf_counter() - start, made


def closed(made: Any) -> str:
    """What SymPy's answer is."""
    if isinstance(made, str):
        return made
    if isinstance(made, Exception):
        return type(made).__name__
    if made.has(sympy.Derivative):
        return "derivative left"
    if made.has(sympy.Piecewise):
        return "conditions on the index"
    inside = [s for s in made.atoms(sympy.Sum) if s.has(sympy.KroneckerDelta)]
    return "δ left under a sum" if inside else "closed form"


def ours(name: str) -> float:
    differentiate.cache_clear()
    second.cache_clear()
    start = time.perf_counter()
    _ = entries()[name].__class__(entries()[name].statement, {}, "").gradient
    return time.perf_counter() - start


def main() -> None:
    times = {name: ours(name) for name in entries()}
    worst = max(times, key=lambda name: times[name])
    print(
        f"{len(times)} gradients derived and proved: median "
        f"{statistics.median(times.values()):.3f} s, "
        f"worst {times[worst]:.2f} s ({worst})\n"
    )
    print(
        f"{'statement':20} {'ours':>7}  {'diff':>7} what came out             "
        f"{'+ doit, simplify':>16}"
    )
    for name, (statement, variable) in STATEMENTS.items():
        plain = timed(lambda s=statement, v=variable: sympy.diff(s, v))
        more = timed(lambda s=statement, v=variable: sympy.simplify(sympy.diff(s, v).doit()))
        print(
            f"{name:20} {times.get(name, 0):7.3f}  {plain[0]:7.3f} {closed(plain[1]):25} "
            f"{more[0]:8.2f} {closed(more[1])}",
            flush=True,
        )
    print("\nsoftmax Jacobian, explicit in SymPy:")
    for size in range(3, 9):
        names = sympy.symbols(f"z1:{size + 1}")
        total = sum(map(exp, names))
        matrix = sympy.Matrix([exp(a) / total for a in names])
        seconds, _ = timed(lambda m=matrix, v=names: m.jacobian(v).applyfunc(sympy.simplify))
        print(
            f"  n = {size}: {seconds:6.2f} s    ours, every n: {times['softmax']:.3f} s", flush=True
        )


if __name__ == "__main__":
    main()
