"""What an inequality decides: under y f < 1 max(0, 1 - y f) is 1 - y f, and 1[y f < 1] is 1.

The condition says it of its own indices alone: a sum that may meet them is taken apart into the
term that it speaks of and the others, and what is defined is written out where it has a kink.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from sympy import Add, Expr, Integer, Mul, expand

from derive.language import Abs, At, Cases, Delta, Deriv, Index, Maximum, Relu, Sign, Step, Sum
from derive.reading.lines import Formula, Side
from derive.reading.segments import segments
from derive.reading.suppositions import suppositions
from derive.statement import Definition
from derive.terms import apart, free_indices, rename

SIGNS = {">": 1, "\\ge": 1, "\\gt": 1, "≥": 1, "<": -1, "\\le": -1, "\\lt": -1, "≤": -1}
KINKED = (Maximum, Relu, Step, Sign, Abs, Cases)
KEPT = ("positive", "nonnegative", "unit", "binary")
MOST_UNFOLDED = 8
Change = Callable[[Expr], Expr]


def sign_of(relation: str) -> int:
    """1 for "greater", -1 for "smaller", 0 for what is no inequality."""
    return SIGNS.get(relation.removesuffix("slant").removesuffix("q"), 0)


def inequalities(formulas: Sequence[Formula]) -> list[Formula]:
    """The inequalities that formulas stand under, as formulas that claim nothing."""
    return [made for f in formulas for said in suppositions(f) for made in _inequality(f, said)]


def _inequality(formula: Formula, said: str) -> Iterator[Formula]:
    found = [r for s in segments(said) for r in s.relations]
    if len(found) == 1 and sign_of(found[0][0]):
        (relation, start, end) = found[0]
        line, column = formula.sides[0].line, formula.sides[0].column
        sides = [Side(part.strip(), line, column) for part in (said[:start], said[end:])]
        piece = replace(formula.piece, kind="implied", text=said)
        yield replace(formula, piece=piece, sides=sides, relations=[relation], said=[], after="")


def decided(expr: Expr, positive: Expr, definitions: Sequence[Definition]) -> Expr:
    """The expression where `positive` is > 0, free of the kinks that this decides."""
    taken = free_indices(positive).union(*(free_indices(d.body) for d in definitions))
    expr = apart(expr, taken)
    for _ in range(MOST_UNFOLDED):
        opened = _mapped(expr, partial(_opened, definitions))
        if opened == expr:
            break
        expr = apart(opened, taken)
    for index in sorted(free_indices(positive), key=str):
        expr = _mapped(expr, partial(_split, index))
    return _mapped(expr, partial(_chosen, positive))


def _mapped(e: Expr, change: Change) -> Expr:
    """Every part changed, from the inside out, but for what is differentiated by."""
    if not e.args or isinstance(e, At):
        return change(e)
    if isinstance(e, Deriv):
        return Deriv(_mapped(e.expr, change), e.variable)
    args = [_mapped(a, change) if isinstance(a, Expr) else a for a in e.args]
    return change(e if tuple(args) == e.args else e.func(*args))


def unfolded(positive: Expr) -> tuple[Expr, ...]:
    """Where a - |b| is positive, a - b and a + b are so too."""
    parts = ((t, f) for t in Add.make_args(positive) for f in Mul.make_args(t) if f.func is Abs)
    found = next(((t, f) for t, f in parts if (t / f).is_negative), None)
    if found is None:
        return (positive,)
    term, size = found
    sides = (positive - term + sign * (term / size) * size.args[0] for sign in (1, -1))
    return positive, *sides


def _opened(definitions: Sequence[Definition], e: Expr) -> Expr:
    """What is defined by something with a kink, written out."""
    made = next((d for d in definitions if isinstance(e, At) and d.array == e.array), None)
    if made is None or not isinstance(e, At) or not _kinked(made.body, definitions):
        return e
    return rename(made.body, dict(zip(made.indices, e.indices, strict=True)))


def _kinked(e: Expr, definitions: Sequence[Definition]) -> bool:
    bodies = [d.body for d in definitions if isinstance(e, At) and d.array == e.array]
    parts = (*bodies, *(a for a in e.args if isinstance(a, Expr)))
    return isinstance(e, KINKED) or any(_kinked(p, definitions) for p in parts)


def _split(index: Index, e: Expr) -> Expr:
    """Σ_k h_k = h_i + Σ_{k ≠ i} h_k, for sums with a kink."""
    if not isinstance(e, Sum) or e.index.range != index.range or index in e.excluded:
        return e
    if not _kinked(e.body, ()):
        return e
    own = rename(e.body, {e.index: index})
    for other in e.excluded:
        own *= 1 - Delta(index, other)
    return own + Sum(e.body, e.index, *e.excluded, index)


def _chosen(positive: Expr, e: Expr) -> Expr:
    """The branch of a kink that the condition leaves."""
    if isinstance(e, Cases):
        return _case(e)
    if not isinstance(e, KINKED):
        return e
    gap = e.args[0] - e.args[1] if isinstance(e, Maximum) else e.args[0]
    side = _side(gap, positive)
    if not side:
        return e
    if isinstance(e, Maximum):
        return e.args[0] if side > 0 else e.args[1]
    if isinstance(e, Abs):
        return side * e.args[0]
    if isinstance(e, Sign):
        return Integer(side)
    held = Integer(1) if isinstance(e, Step) else e.args[0]
    return held if side > 0 else Integer(0)


def _case(e: Cases) -> Expr:
    left: list[Expr] = []
    for value, test in e.branches:
        if test == 1:
            return Cases(*left, value) if left else value
        left += [] if test == 0 else [value, test]
    return Cases(*left, e.otherwise) if left else e.otherwise


def _side(e: Expr, positive: Expr) -> int:
    """1 or -1 where the condition says on which side of zero this is; else 0."""
    for side in (1, -1):
        ours, theirs = (expand(x).as_coefficients_dict() for x in (side * e, positive))
        shares = {ours[k] / theirs[k] for k in theirs if k in ours}
        rest = (expand(side * e - share * positive) for share in shares if share > 0)
        if any(all(map(_not_negative, Add.make_args(r))) for r in rest):
            return side
    return 0


def _not_negative(term: Expr) -> bool:
    """Whether a term is a number or an element that no domain lets be negative."""
    number, factors = term.as_coeff_mul()
    return number >= 0 and all(isinstance(f, At) and f.array.domain in KEPT for f in factors)
