"""The exercises of the chapter: each solution is a derivation, so each of its lines is proved."""

from __future__ import annotations

from functools import cache

from sympy import Integer

from codegen.notes.lesson import Chain, Table, chain, table
from derive.catalog import entry
from derive.catalog.common import SOFTMAX, SUMS_TO_ONE, i, j, k, p, y, z
from derive.catalog.entry import Numbers, Part
from derive.derivation import Derivation
from derive.engine import follow
from derive.language import Array, Deriv, Exp, Log, Sigmoid, Sum, index
from derive.statement import Context, Definition, Fact

PROBABILITIES = Fact("probabilities-sum-to-one", Sum(p[k], k), Integer(1), {
    "en": "the probabilities sum to one", "zh": "概率之和为 1"})  # fmt: skip
tau, x, r = Array("tau", (), "positive")(), Array("z")(), Array("r", ("n",))
HOT = Sum(Exp(z[k] / tau), k)
WARM = Definition(r, (i,), Exp(z[i] / tau) / HOT)
three, at3 = index("i k", "3")
z3, p3 = Array("z", ("3",)), Array("p", ("3",))
THREE = Context((Definition(p3, (three,), Exp(z3[three]) / Sum(Exp(z3[at3]), at3)),))

NUMBERS = Numbers("numbers", {"en": "Softmax of (1, 2, 3)", "zh": "(1, 2, 3) 的 softmax"}, p[i],
                  p3[three], "z", ("1", "2", "3"), 4, THREE)  # fmt: skip
PARTS = (
    Part("odds", {"en": "Log-odds", "zh": "对数几率"}, Log(p[i]) - Log(p[j]),
         ("unfold p", "log-of-a-quotient", "log-of-exp"), Context((SOFTMAX,))),
    Part("rows", {"en": "The rows of the Jacobian", "zh": "雅可比矩阵各行之和"},
         Sum(Deriv(p[i], z[j]), j),
         ("insert-the-partials", "sifting", "use-fact probabilities-sum-to-one"),
         Context((SOFTMAX,), (PROBABILITIES,)), ("partials",)),
    Part("zero", {"en": "The components of the gradient", "zh": "梯度各分量之和"},
         Sum(p[j] - y[j], j),
         ("split-the-sum-of-terms", "pull-out-of-the-sum", "use-fact probabilities-sum-to-one",
          "use-fact targets-sum-to-one"),
         Context((SOFTMAX,), (PROBABILITIES, SUMS_TO_ONE))),
    Part("temperature", {"en": "With a temperature", "zh": "带温度的情形"}, Deriv(Log(HOT), z[j]),
         ("derivative-of-log", "one-term-of-the-sum", "derivative-of-exp",
          "constant-factor", "fold r"), Context((WARM,))),
    Part("reflection", {"en": "The other class", "zh": "另一类的概率"}, 1 - Sigmoid(x),
         ("sigmoid-unfolded", "collect-terms", "definition-of-sigmoid")),
    Part("hessian", {"en": "Second derivatives", "zh": "二阶偏导数"}, Deriv(p[j] - y[j], z[i]),
         ("derivative-of-a-sum", "insert-the-partials"), Context((SOFTMAX,)), ("partials",)),
)  # fmt: skip


@cache
def solutions() -> dict[str, Derivation]:
    """The derivation that solves each exercise, by its name."""
    lemmas = tuple(d for d in entry("cross_entropy").derivations if d.name.endswith("/partials"))
    return {
        part.name: follow(
            f"exercise/{part.name}", part.start, part.plan, part.context, lemmas, part.title
        )
        for part in PARTS
    }


def solution(name: str, lang: str) -> Chain | Table:
    """The solution of one exercise."""
    if name == NUMBERS.name:
        return table(NUMBERS, lang)
    return chain(solutions()[name], lang)
