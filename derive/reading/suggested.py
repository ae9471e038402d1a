"""What is printed as the right side that should have been: as people write it, in the document's
own symbols.

Every change to an expression here is an identity, or uses a fact that the document states.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace as changed
from fractions import Fraction
from typing import Any

from sympy import Add, Expr, Integer, Mul

from derive.language import At, Delta, Sum
from derive.reading.applications import HOT
from derive.reading.narrowing import HALF
from derive.reading.verdicts import Finding
from derive.statement import Fact
from derive.terms import elements, rebuild, replace, same


def with_facts(expr: Expr, facts: Iterable[Fact]) -> Expr:
    """The expression with 1 for every sum that a fact makes 1."""
    for fact in facts:
        expr = replace(expr, _one(fact))
    return expr


def _one(fact: Fact) -> Callable[[Expr], Expr | None]:
    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Sum) or e.excluded:
            return None
        hot = isinstance(fact.left, At) and isinstance(fact.right, Delta)
        lone = isinstance(e.body, At) and e.body.indices == (e.index,)
        if hot and lone and e.body in elements(e.body, fact.left.array):
            return Integer(1)
        return Integer(1) if fact.right == 1 and same(e, fact.left) else None

    return change


def tidied(expr: Expr, term: bool = False) -> Expr:
    """(1 - a)(1 + a) as 1 - a², and -(a - b) as b - a where it is no term of a sum."""
    if not expr.args or isinstance(expr, At):
        return expr
    made = rebuild(expr, (tidied(a, isinstance(expr, Add)) for a in expr.args))
    if not isinstance(made, Mul):
        return made
    return _squared(made) if term else _turned(_squared(made))


def _squared(product: Mul) -> Expr:
    factors = list(product.args)
    for first in factors:
        for second in factors:
            pair = _halves(first, second)
            if pair is not None:
                rest = [f for f in factors if f not in (first, second)]
                return Mul(*rest, Add(pair[0] ** 2, -(pair[1] ** 2)))
    return product


def _halves(first: Expr, second: Expr) -> tuple[Expr, Expr] | None:
    """(a, b) of (a + b) and (a - b)."""
    if not (isinstance(first, Add) and isinstance(second, Add)) or len(first.args) != 2:
        return None
    a, b = first.args
    return (a, b) if second == Add(a, -b) else None


def _turned(product: Expr) -> Expr:
    """The minus of a product taken into a difference or a sum of differences."""
    coefficient, rest = product.as_coeff_Mul()
    if coefficient >= 0:
        return product
    factors = list(Mul.make_args(rest))
    for at, factor in enumerate(factors):
        turned = _opposite(factor)
        if turned is not None:
            return Mul(-coefficient, *factors[:at], turned, *factors[at + 1 :])
    return product


def _opposite(e: Expr) -> Expr | None:
    """b - a for a - b; inside a sum as well."""
    if isinstance(e, Add) and len(e.args) == 2:
        signs = [bool(t.as_coeff_Mul()[0] < 0) for t in e.args]
        return Add(*(-t for t in e.args)) if sum(signs) == 1 else None
    if isinstance(e, Sum):
        parts = Mul.make_args(e.body)
        for at, part in enumerate(parts):
            turned = None if isinstance(part, Sum) else _opposite(part)
            if turned is not None:
                body = Mul(*parts[:at], turned, *parts[at + 1 :])
                return Sum(body, *e.args[1:])
    return None


# -- symbols ---

_EXAMPLE = re.compile(
    r"(?<![A-Za-z\\])(?P<name>\\?[A-Za-z]+)(?:_\{?[a-z]\}?)?\^\{?\((?P<at>[a-z])\)"
)
_VARIANTS = ("epsilon", "theta", "phi", "sigma", "rho")


_OURS = (
    (re.compile(r"\^\{('+)\}"), r"\1"),  # y'_k
    (re.compile(r"\\mathrm\{(\\?[A-Za-z]+)@[^{}]*\}"), r"\1"),  # y_{nk} beside y_k
    (re.compile(r"\{\\mathrm\{(t[+-]\d+)\}\}"), r"{\1}"),  # h_{t-1}
)


def in_own_symbols(latex: str, written: Sequence[str]) -> str:
    """The LaTeX as the author of these formulas writes: \\epsilon, p_{y_i}, x^{(i)}_j."""
    source = " ".join(written)
    for name in _VARIANTS:
        for ours, theirs in ((rf"\var{name}", rf"\{name}"), (rf"\{name}", rf"\var{name}")):
            if theirs in source and ours not in source:
                put = theirs.replace("\\", r"\\")
                latex = re.sub(re.escape(ours) + r"(?![A-Za-z])", put, latex)
    latex = re.sub(r"([a-z])_\{\\mathrm\{([a-z+-])\}\}", r"\1_\2", latex)
    for pattern, put in _OURS:
        latex = pattern.sub(put, latex)
    for name in {m["name"] for m in _EXAMPLE.finditer(source)}:
        plain = re.search(rf"(?<![A-Za-z\\]){re.escape(name)}_\{{?[a-z]\}}?(?!\s*\^)", source)
        latex = latex if plain else _raised(latex, name)
    return latex


def _raised(latex: str, name: str) -> str:
    """x_{ij} as x^{(i)}_j."""
    head = rf"(?<![A-Za-z\\]){re.escape(name)}"
    pattern = head + r"_(?:\{([a-z])([a-z])?\}|([a-z])(?![A-Za-z]))(?!\^)"

    def change(m: re.Match[str]) -> str:
        return f"{name}^{{({m[1] or m[3]})}}" + (f"_{m[2]}" if m[2] else "")

    return re.sub(pattern, change, latex)


def as_written(finding: Finding) -> Finding:
    """The names of a counterexample as the author writes them."""
    found = finding.counterexample
    if found is None:
        return finding
    plain = {name: _plain(name, found.arrays) for name in found.arrays}
    if len({*plain.values()}) < len(plain):
        return finding
    arrays_ = {plain[name]: _whole(name, value) for name, value in found.arrays.items()}
    left, right = _visible(found.left), _visible(found.right)
    made = changed(found, arrays=arrays_, left=left, right=right)
    return changed(finding, counterexample=made)


def _plain(name: str, arrays: Iterable[str]) -> str:
    """The name as its author knows it: S for what makes it symmetric, h_{t-1} where w is 0."""
    moved = re.fullmatch(r"(.+)\^0", name)
    slope = next((a for a in arrays if moved and a.startswith(f"∂{moved[1]}/∂")), None)
    if moved and slope:
        name = f"{moved[1]}({slope.rpartition('∂')[2]} = 0)"
    name = re.sub(r"_(t[+-]\d+)", r"_{\1}", name.partition("@")[0].removesuffix(HALF))
    return name.replace("^()", "^(i)").replace(HOT, "=k").replace("^'", "'")


def _whole(name: str, value: Any) -> Any:
    """A symmetric matrix for the half that was drawn of it."""
    if not name.endswith(HALF):
        return value
    rows = [[Fraction(x) for x in row] for row in value]
    return [[str(rows[i][j] + rows[j][i]) for j in range(len(rows))] for i in range(len(rows))]


def _visible(value: str) -> str:
    """0.0 for what 60 digits leave of a zero."""
    return "0.0" if "e-" in value and int(value.rpartition("e-")[2]) > 50 else value
