"""Names that a reader knows, for what the numeric rewrites bring forth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr

from codegen.matching import Binding, matches
from codegen.stability import a, f, k, moved, rest, t, total, x
from derive.language import Abs, Exp, Index, Log, Sum
from derive.terms import all_indices


@dataclass(frozen=True)
class Naming:
    """Expressions that fit `pattern`, where `a` is a chosen position, are called `name`; of what is
    `per_class` only vectors are."""

    name: str
    pattern: Expr
    say: str
    per_class: bool = False

    def fits(self, expr: Expr, here: Index | None, choices: Mapping[Index, Expr]) -> bool:
        """Whether the expression is an instance, its `a` the place of a largest f."""
        if type(expr) is not type(self.pattern) or (self.per_class and here is None):
            return False
        start = Binding() if here is None else Binding().with_place(k, here)
        free = a not in all_indices(self.pattern)
        found = matches(self.pattern, expr, start)
        return any(free or m.places.get(a) in choices for m in found)


NAMES: tuple[Naming, ...] = (
    Naming("e", moved(k), "e_k = e^{z_k - m}, at most 1 (shift-by-the-largest)"),
    Naming(
        "rest", rest, "sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest)"
    ),
    Naming("s", 1 + rest, "sum over k of e_k"),
    Naming("log_s", Log(1 + rest), "log of the sum over k of e_k"),
    Naming("tail", Exp(-Abs(x)), "e^{-|x|}, at most 1"),
    Naming("tail", Exp(-2 * Abs(x)), "e^{-2|x|}, at most 1"),
    Naming("log_tail", Log(1 + Exp(-Abs(x))), "log(1 + e^{-|x|}) (softplus-split)"),
    Naming("e", Exp(f[k]), "e_k = e^{z_k}", per_class=True),
    Naming("rest", Sum(Exp(f[k]), k, t), "sum over k != t of e_k"),
    Naming("s", total, "sum over k of e_k"),
    Naming("s", Sum(Exp(f[k]), k, t) + Exp(f[t]), "sum over k of e_k (one-and-the-others)"),
)
