"""How powers are written: b^c for e^{c log b}, one power of each base, squares of differences."""

from __future__ import annotations

from functools import lru_cache
from itertools import combinations

from sympy import Add, Expr, Integer, Mul, Pow

from derive.language import At, Exp, Index, Log
from derive.terms import rebuild

ONE = Integer(1)


@lru_cache(maxsize=20_000)
def powers(expr: Expr) -> Expr:
    """e^{c log b} → b^c, and one exponential in a product."""
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    e = rebuild(expr, (powers(a) for a in expr.args))
    if isinstance(e, Mul):
        parts = [_exponent(a) for a in e.args]
        total = Add(*(c for c in parts if c is not None))
        rest = Mul(*(a for a, c in zip(e.args, parts, strict=True) if c is None))
        return _one_base(rest * _exp(total))
    exponent = _exponent(e)
    return e if exponent is None else _exp(exponent)


def _one_base(e: Expr) -> Expr:
    """b b^c → b^(c + 1) and (-b)² b^c → b^(c + 2), where c is no number."""
    raised: dict[Expr, list[Expr]] = {}
    for base, c in (f.as_base_exp() for f in Mul.make_args(e)):
        raised.setdefault(base, []).append(c)
    sign = ONE
    for base in [b for b, shared in raised.items() if isinstance(b, Add)]:
        turned, whole = Add(*(-t for t in base.args)), raised[base][0]
        if turned in raised and whole.is_Integer and not raised[turned][0].is_Integer:
            raised[turned] += raised.pop(base)
            sign *= -1 if whole % 2 else 1
    if sign == 1 and all(len(shared) == 1 for shared in raised.values()):
        return e
    return sign * Mul(*(Pow(base, Add(*shared)) for base, shared in raised.items()))


def _exponent(e: Expr) -> Expr | None:
    """a where e is a power of an exponential, e^a."""
    base, power = e.as_base_exp()
    return base.arg * power if isinstance(base, Exp) else None


def _exp(exponent: Expr) -> Expr:
    """e^{c log b + d} → b^c e^d."""
    terms = Add.make_args(exponent)
    raised = [_power(t) for t in terms]
    rest = Add(*(t for t, made in zip(terms, raised, strict=True) if made is None))
    return Mul(*(made for made in raised if made is not None), ONE if rest == 0 else Exp(rest))


def _power(term: Expr) -> Expr | None:
    """b^c for c log b."""
    logs = [a for a in Mul.make_args(term) if isinstance(a, Log)]
    return Pow(logs[0].arg, term / logs[0]) if len(logs) == 1 else None


def squares(expr: Expr) -> Expr:
    """c a² ± 2c ab + c b² → c (a ± b)², wherever a sum holds all three."""
    if not expr.args or isinstance(expr, (Index, At)):
        return expr
    e = rebuild(expr, (squares(a) for a in expr.args))
    return _square(e) if isinstance(e, Add) else e


def _square(e: Add) -> Expr:
    """The first complete square of a sum made one term, then those of the rest."""
    terms = e.as_coefficients_dict()
    whole = {m.base: c for m, c in terms.items() if isinstance(m, Pow) and m.exp == 2}
    for a, b in combinations(sorted(whole, key=str), 2):
        sign = terms.get(a * b, 0) / (2 * whole[a])
        if whole[a] == whole[b] and abs(sign) == 1:
            rest = e - whole[a] * (a**2 + b**2 + 2 * sign * a * b)
            return whole[a] * (a + sign * b) ** 2 + squares(rest)
    return e
