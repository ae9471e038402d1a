"""A normal form written out in a few ways: factored, term by term, by its δ, nested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from math import gcd, lcm

from sympy import Add, Expr, Integer, Mul, Rational, Symbol

from derive.language import At, Delta
from derive.normal import Field
from derive.normal.polynomials import factor, fraction
from derive.tactics.collecting import on_the_diagonal
from derive.weighing import weight

MOST_ARRANGEMENTS = 8
MOST_TERMS = 8
MOST_FACTORED = 40
MOST_ON_A_DIAGONAL = 12
MOST_NESTED = 200
ONE = Integer(1)


def arrangements(field: Field, form: Expr) -> Iterable[Expr]:
    """A form over atoms as it is, factored, term by term, and with δ_ij f_i for δ_ij f_j."""
    top, _ = fraction(form)
    if len(Add.make_args(top)) > MOST_FACTORED:
        return [form, *(p for e in on_the_diagonal(field, form) for p in parted(field, e))]
    factored = factor(form)
    made = [*turned(factored), *turned(joined(factored)), form, *collected(form)]
    if len(Add.make_args(top)) <= MOST_ON_A_DIAGONAL:
        for diagonal in on_the_diagonal(field, form):
            made += turned(factor(diagonal))
    return made


def parted(field: Field, form: Expr) -> Iterator[Expr]:
    """What multiplies a δ, and the rest, each factored: δ_jk a_j + b_j c_k."""
    top, bottom = fraction(form)
    terms = Add.make_args(top)
    for delta in sorted(form.free_symbols, key=str):
        if isinstance(field.meanings[delta], Delta):
            inside = Add(*(t for t in terms if delta in t.free_symbols))
            for part in turned(factor(inside / bottom)):
                yield from (part + rest for rest in turned(factor((top - inside) / bottom)))


def turned(form: Expr) -> list[Expr]:
    """A product of differences, each of them either way round: a (b - c), -a (c - b)."""
    made = [(Integer(1), ONE)]
    for part in Mul.make_args(form):
        base, exponent = part.as_base_exp()
        if isinstance(base, Add) and exponent.is_Integer and len(made) < MOST_ARRANGEMENTS:
            other = Add(*(-t for t in base.args)) ** exponent
            sign = -1 if exponent % 2 else 1
            made = [pair for n, e in made for pair in ((n, e * part), (n * sign, e * other))]
        else:
            made = [(n, e * part) for n, e in made]
    return [n * e for n, e in made]


def joined(form: Expr) -> Expr:
    """(a + b) (a - b) → a² - b², where a or b is one term."""
    differences = [part for part in Mul.make_args(form) if isinstance(part, Add)]
    for p, q in combinations(differences, 2):
        a, b = (p + q) / 2, (p - q) / 2
        if any(c.as_coeff_Mul()[0].is_Integer for c in (a, b) if not isinstance(c, Add)):
            return (a**2 - b**2) * joined(form / (p * q))
    return form


def collected(form: Expr) -> list[Expr]:
    """Each term over its own bar; then what multiplies one atom taken together, for each atom."""
    top, bottom = fraction(form)
    terms = [t / bottom for t in Add.make_args(top)]
    if not 1 < len(terms) <= MOST_TERMS:
        return []
    made = [Add(*terms)]
    shared = [s for s in form.free_symbols if sum(s in t.free_symbols for t in terms) > 1]
    for symbol in sorted(shared, key=str):
        inside = Add(*(t for t in terms if symbol in t.free_symbols))
        made += [e + Add(*terms) - inside for e in turned(factor(inside))]
    return made


def deeper(field: Field, form: Expr) -> list[Expr]:
    """The form nested, and by each δ_jk - p_k, with δ_ij f_i for δ_ij f_j and the other way."""
    every = (form, *on_the_diagonal(field, form))
    return [nested(field, form), *(e for one in every for e in shifted(field, one))]


def shifted(field: Field, form: Expr) -> Iterator[Expr]:
    """c δ_jk + r = c (δ_jk - p_k) + (r + c p_k), for the elements p_j and p_k that stand beside it.

    A derivative of probabilities has the factor δ_jk - p_k; what is left then factors.
    """
    top, bottom = fraction(form)
    terms = Add.make_args(top)
    for delta in sorted(form.free_symbols, key=str):
        if isinstance(field.meanings[delta], Delta):
            inside = Add(*(t for t in terms if delta in t.free_symbols)) / bottom
            for p in beside(field, delta, form.free_symbols):
                times = field.ratio(inside / delta)
                rest = field.ratio(form - times * (delta - p))
                yield least(field, times) * (delta - p) + least(field, rest)


def beside(field: Field, delta: Symbol, symbols: Iterable[Symbol]) -> list[Symbol]:
    """The elements at one of the positions that a δ compares."""
    places = field.meanings[delta].args
    meant = {s: field.meanings[s] for s in symbols}
    found = (s for s, e in meant.items() if isinstance(e, At) and set(e.indices) <= set(places))
    return sorted((s for s in found if meant[s].indices), key=str)


def least(field: Field, form: Expr) -> Expr:
    """The shorter of factored and nested."""
    return min((factor(form), nested(field, form)), key=lambda e: weight(field.spell(e)))


def nested(field: Field, form: Expr) -> Expr:
    """What all terms share in front, then what most of them share taken together, and so on.

    A bottom of several terms counts as one factor.
    """
    top, bottom = fraction(form)
    terms = Add.make_args(top)
    return form if len(terms) > MOST_NESTED else _nest(field, [t / bottom for t in terms])


Factor = tuple[Expr, int]  # x, and for x² also x the second time


def _nest(field: Field, terms: list[Expr]) -> Expr:
    """The sum of these products."""
    every = [set(_factors(t)) for t in terms]
    shared = set.intersection(*every)
    front = content([t.as_coeff_Mul()[0] for t in terms]) * Mul(*(factor for factor, _ in shared))
    counts = Counter(f for found in every for f in found - shared)
    gains = {f: (n - 1) * weight(field.spell(f[0])) for f, n in counts.items() if n > 1}
    inner = [t / front for t in terms]
    if not gains:
        return _times(front, Add(*inner))
    chosen = max(sorted(gains, key=str), key=gains.__getitem__)
    having = [t for t, found in zip(inner, every, strict=True) if chosen in found]
    others = [t for t, found in zip(inner, every, strict=True) if chosen not in found]
    return _times(front, Add(*(_nest(field, some) for some in (having, others) if some)))


def content(numbers: list[Expr]) -> Rational:
    """The largest number that goes into each a whole number of times; negative if all are."""
    sign = -1 if all(n < 0 for n in numbers) else 1
    return Rational(sign * gcd(*(int(n.p) for n in numbers)), lcm(*(int(n.q) for n in numbers)))


def _factors(term: Expr) -> Iterator[Factor]:
    """The factors of a product, whole powers one by one."""
    for part in Mul.make_args(term):
        base, exponent = part.as_base_exp()
        if not part.is_Number and exponent.is_Integer:
            single = base if exponent > 0 else 1 / base
            yield from ((single, n) for n in range(1, abs(int(exponent)) + 1))


def _times(front: Expr, rest: Expr) -> Expr:
    """front · rest, a number kept in front of a sum."""
    number, letters = front.as_coeff_Mul()
    if number == 1 or letters != 1 or not isinstance(rest, Add):
        return front * rest
    return Mul(front, rest, evaluate=False)
