"""What a student has to be told of the functions in a lesson: σ, softplus and relu; log, tanh and
the like are known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sympy import Expr, Integer

from derive.functions import BY_NAME
from derive.language import Array, At, Elementwise, Maximum
from derive.terms import arrays

MEANINGS: dict[str, Callable[[Expr], Expr] | None] = {
    "sigmoid": BY_NAME["sigmoid"].meaning,
    "softplus": BY_NAME["softplus"].meaning,
    "relu": lambda x: Maximum(x, Integer(0)),
}
LETTERS = "uxvwabc"


def meanings(exprs: Iterable[Expr]) -> tuple[tuple[Expr, Expr], ...]:
    """σ(u) and what it stands for, for each such function in the expressions; u is a letter that
    they do not use."""
    known = tuple(exprs)
    taken = {a.name for e in known for a in arrays(e)}
    u = At(Array(next(letter for letter in LETTERS if letter not in taken)))
    used = {type(f) for e in known for f in e.atoms(Elementwise)}
    rows = ((BY_NAME[name].node, meant) for name, meant in MEANINGS.items())
    return tuple((node(u), meant(u)) for node, meant in rows if meant and node in used)
