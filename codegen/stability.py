"""Numeric rewrites: named equations between expressions, each of them proved, that keep digits.

Each rule is an identity of real numbers, true for *every* position `a`; that `a` is the place of
the largest `f` is what makes its right-hand side the better way to compute.  An array in a rule
stands for any expression in its index.  The rules are tried in this order, from the outside in:
first the forms, which the others expect, last the expansions into what is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr

from derive.language import (
    Abs,
    Array,
    Cases,
    Delta,
    Exp,
    Group,
    Index,
    Log,
    Relu,
    Sigmoid,
    Softplus,
    Step,
    Sum,
    Tanh,
    index,
)  # fmt: skip

f, g, y = (Array(name, ("n",)) for name in "fgy")
h = Array("h", ("n", "N"))
r = Index("r", "N")
u, v, x, q = (Array(name)() for name in "uvxq")
i, j, k, t, a = index("i j k t a")

total = Sum(Exp(f[k]), k)


def moved(place: Any) -> Expr:
    """e^{f - f_a}; the groups keep f whole where it is a sum itself."""
    return Exp(Group(f[place]) - Group(f[a]))


shifted = Sum(moved(k), k)
rest = Sum(moved(k), k, a)
weighted = Sum(g[k] * Exp(f[k]), k)
weighted_shifted = Sum(g[k] * moved(k), k)


@dataclass(frozen=True)
class Rewrite:
    """left = right, for every value of the holes, wherever both are defined.

    `largest` is the expression that is largest at the position `a`, which only the right-hand side
    has.  `needs_choice` limits the rule to an `a` that was so chosen, `per_class` to a j that is
    the class of a pass, not a label; with `at_label` its t is the label.
    """

    name: str
    left: Expr
    right: Expr
    say: str
    largest: Expr | None = None
    needs_choice: bool = False
    per_class: bool = False
    at_label: bool = False


SIFTING = Rewrite(
    "sifting",
    Sum(g[k] * Delta(k, j), k),
    g[j],
    "sum_k delta_kj g_k = g_j",
)

CONSTANT_FACTOR = Rewrite(
    "constant-factor",
    Sum(u * g[k], k),
    u * Sum(g[k], k),
    "a factor that does not depend on the class stands before the sum",
)
SUM_OF_TERMS = Rewrite(
    "sum-of-terms",
    Sum(f[k] + g[k], k),
    Sum(f[k], k) + Sum(g[k], k),
    "the sum of a sum is the sum of the sums",
)
SUMS_SWAP = Rewrite(
    "sums-swap",
    Sum(Sum(h[k, r], r), k),
    Sum(Sum(h[k, r], k), r),
    "two sums may change places: what does not depend on the inner index leaves the inner sum",
)
LOG_NEAR_ONE = Rewrite(
    "log-near-one",
    Log(total),
    Log(1 + Group(total - 1)),
    "log s = log(1 + (s - 1)): where s is near 1, the excess s - 1 is summed with more digits",
)
DIFFERENCE_OF_QUOTIENTS = Rewrite(
    "difference-of-quotients",
    Group(u / x) - Group(v / x),
    Group(u - v) / x,
    "u/x - v/x = (u - v)/x: the difference is taken first, the quotient rounds less",
)
DIFFERENCE_OF_SUMS = Rewrite(
    "difference-of-sums",
    Group(f[i] + g[i]) - Group(f[j] + g[j]),
    Group(f[i] - f[j]) + Group(g[i] - g[j]),
    "(f_i + g_i) - (f_j + g_j) = (f_i - f_j) + (g_i - g_j): what is large in both f goes first",
)
MADE_GOOD: tuple[Rewrite, ...] = (LOG_NEAR_ONE, DIFFERENCE_OF_QUOTIENTS, DIFFERENCE_OF_SUMS)
"""Not applied to expressions: `codegen.cancelling` uses them as it lowers sums that cancel."""

FORMS: tuple[Rewrite, ...] = (SIFTING, CONSTANT_FACTOR, SUM_OF_TERMS, SUMS_SWAP)
"""Applied first, by `codegen.sifting`: they bring sums into the form the others expect."""

SHARES: tuple[Rewrite, ...] = (
    Rewrite(
        "share-of-another",
        (Exp(f[t]) / total - Delta(j, t)) * Exp(f[j]) / Exp(f[t]),
        Exp(f[j]) / total - Delta(j, t),
        "(p_t - delta_jt) e^{f_j} / e^{f_t} = p_j - delta_jt: no quotient of exponentials",
    ),
    Rewrite(
        "share-of-another-turned",
        (Delta(j, t) - Exp(f[t]) / total) * Exp(f[j]) / Exp(f[t]),
        Delta(j, t) - Exp(f[j]) / total,
        "(delta_jt - p_t) e^{f_j} / e^{f_t} = delta_jt - p_j: the same with the other sign",
    ),
    Rewrite(
        "true-class-cancellation",
        Exp(f[j]) / total - Delta(j, t),
        Cases(-(Sum(Exp(f[k]), k, t) / total), Delta(j, t), Exp(f[j]) / total),
        "p_t - 1 = -sum_{k != t} p_k: no digit is lost when p_t is near 1",
    ),
    Rewrite(
        "one-minus-a-share",
        1 - Exp(f[j]) / total,
        Sum(Exp(f[k]), k, j) / total,
        "1 - p_j = sum_{k != j} p_k",
    ),
)
"""Of use with a shift or without one."""

REWRITES: tuple[Rewrite, ...] = (
    *SHARES,
    Rewrite(
        "cross-cancellation",
        Exp(f[j]) / total * Sum(y[k], k) - y[j],
        Exp(f[j]) / total * Sum(y[k], k, j) - y[j] * (Sum(Exp(f[k]), k, j) / total),
        "p_j sum_k y_k - y_j = p_j sum_{k != j} y_k - y_j sum_{k != j} p_k: nothing cancels",
    ),
    Rewrite(
        "log-of-a-share",
        Log(Exp(f[i]) / total),
        Group(Group(f[i]) - Group(f[a])) - Log(shifted),
        "log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm",
        largest=f[a],
    ),
    Rewrite(
        "shift-by-the-largest",
        Exp(f[i]) / total,
        moved(i) / shifted,
        "e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows",
        largest=f[a],
    ),
    Rewrite(
        "shift-of-the-others",
        Sum(Exp(f[k]), k, j) / total,
        Sum(moved(k), k, j) / shifted,
        "the same shift for the share of all classes but one",
        largest=f[a],
    ),
    Rewrite(
        "shift-of-a-mean",
        weighted / total,
        weighted_shifted / shifted,
        "the same shift for sum_k g_k p_k",
        largest=f[a],
    ),
    Rewrite(
        "shift-of-weighted-shares",
        Exp(f[i]) / weighted,
        moved(i) / weighted_shifted,
        "the same shift where the sum has weights: the largest of those that count",
        largest=Log(g[a]) + f[a],
    ),
    Rewrite(
        "shift-out-of-a-weighted-log",
        Log(weighted),
        f[a] + Log(weighted_shifted),
        "log sum_k g_k e^{f_k} = f_a + log sum_k g_k e^{f_k - f_a}",
        largest=Log(g[a]) + f[a],
    ),
    Rewrite(
        "shift-out-of-the-log",
        Log(total),
        f[a] + Log(shifted),
        "log sum_k e^{f_k} = f_a + log sum_k e^{f_k - f_a}",
        largest=f[a],
    ),
    Rewrite(
        "log-of-a-quotient",
        Log(Exp(u) / v),
        Group(u) - Log(v),
        "log(e^u / v) = u - log v: a quotient that underflows keeps its logarithm",
    ),
    Rewrite(
        "all-but-one",
        Sum(moved(k), k, j),
        Cases(rest, Delta(j, a), Group(1 + rest) - moved(j)),
        "leaving out the largest needs no subtraction; leaving out another subtracts at most half",
        needs_choice=True,
    ),
    Rewrite(
        "one-plus-the-rest",
        shifted,
        1 + rest,
        "sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss",
        needs_choice=True,
    ),
    Rewrite(
        "all-but-one-by-difference",
        Sum(g[k], k, j),
        Group(Sum(g[k], k) - g[j]),
        "sum_{k != j} g_k = sum_k g_k - g_j, exact for a one-hot g",
        per_class=True,
    ),
    Rewrite(
        "log-of-one-minus-sigmoid",
        Log(1 - Sigmoid(x)),
        -Softplus(x),
        "log(1 - sigma(x)) = -softplus(x)",
    ),
    Rewrite("log-of-sigmoid", Log(Sigmoid(x)), -Softplus(-x), "log sigma(x) = -softplus(-x)"),
    Rewrite("one-minus-sigmoid", 1 - Sigmoid(x), Sigmoid(-x), "1 - sigma(x) = sigma(-x)"),
    Rewrite(
        "softplus-shares",
        Softplus(x) - q * x,
        (1 - q) * Softplus(x) + q * Softplus(-x),
        "softplus(x) - q x = (1 - q) softplus(x) + q softplus(-x): no difference of large numbers",
    ),
    Rewrite(
        "sigmoid-shares",
        Sigmoid(x) - q,
        (1 - q) * Sigmoid(x) - q * Sigmoid(-x),
        "sigma(x) - q = (1 - q) sigma(x) - q sigma(-x): for q in {0, 1} nothing cancels",
    ),
)

UNSHIFTED: tuple[Rewrite, ...] = (
    *SHARES,
    Rewrite(
        "log-of-odds",
        Log(Exp(f[i]) / total),
        -Log(1 + Sum(Exp(f[k]), k, i) / Exp(f[i])),
        "log p_i = -log(1 + sum_{k != i} e^{f_k} / e^{f_i}): log1p keeps a small loss",
    ),
    Rewrite(
        "one-and-the-others",
        total,
        Sum(Exp(f[k]), k, t) + Exp(f[t]),
        "sum_k e^{f_k} = sum_{k != t} e^{f_k} + e^{f_t}: one sum serves both",
        at_label=True,
    ),
)
"""Instead of `REWRITES` where e^f and its sum are normal numbers: no largest f is needed."""

EXPANSIONS: tuple[Rewrite, ...] = (
    Rewrite(
        "slope-of-a-cap",
        (v - v * Tanh(x)) * (v + v * Tanh(x)),
        v**2 * (4 * Exp(-2 * Abs(x)) / (1 + Exp(-2 * Abs(x))) ** 2),
        "v^2 - v^2 tanh^2 x = 4 v^2 e^{-2|x|} / (1 + e^{-2|x|})^2: nothing cancels at the cap",
    ),
    Rewrite(
        "one-minus-tanh-squared",
        1 - Tanh(x) ** 2,
        4 * Exp(-2 * Abs(x)) / (1 + Exp(-2 * Abs(x))) ** 2,
        "1 - tanh^2 x = 4 e^{-2|x|} / (1 + e^{-2|x|})^2: nothing cancels where tanh is near 1",
    ),
    Rewrite("even-absolute-value", Abs(-x), Abs(x), "|-x| = |x|"),
    Rewrite(
        "softplus-split",
        Softplus(x),
        Relu(x) + Log(1 + Exp(-Abs(x))),
        "softplus(x) = relu(x) + log1p(e^{-|x|}): the exponential never overflows",
    ),
    Rewrite(
        "sigmoid-two-branches",
        Sigmoid(x),
        Cases(1, Step(x), Exp(-Abs(x))) / (1 + Exp(-Abs(x))),
        "sigma(x) = 1 / (1 + e^{-|x|}) for x > 0, else e^{-|x|} / (1 + e^{-|x|})",
    ),
)
