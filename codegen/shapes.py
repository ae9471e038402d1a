"""Questions about expressions that decide how they are lowered."""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Pow

from codegen.errors import CodegenError
from codegen.kernel import Op, Value
from derive.language import Array, At, Cases, Delta, Exp, Index, Log, Sum
from derive.terms import all_indices, arrays, free_indices, replace


def chain(op: str, values: list[Value]) -> Value:
    made = values[0]
    for value in values[1:]:
        made = Op(op, (made, value))
    return made


def split_sign(term: Expr) -> tuple[int, Expr]:
    coefficient = term.as_coeff_Mul()[0]
    return (-1, -term) if coefficient.is_negative else (1, term)


def is_difference(e: Expr) -> bool:
    signs = sorted(split_sign(t)[0] for t in e.args) if isinstance(e, Add) else []
    return signs == [-1, 1]


def is_weight(e: Expr, logits: Array) -> bool:
    """Whether this is an element of a given array without negative numbers, such as a target, or 1
    minus it."""
    bare = 1 - e if isinstance(e, Add) else e
    if not isinstance(bare, At) or not bare.indices or bare.array == logits:
        return False
    return bool(bare.array.domain in ("nonnegative", "positive", "unit", "binary"))


def may_be_infinite(e: Expr) -> bool:
    """Whether a real input can reach the value other than through an exponential."""
    if isinstance(e, At):
        return bool(e.array.domain == "real")
    if isinstance(e, (Exp, Log)):
        return isinstance(e, Log)
    return any(may_be_infinite(a) for a in e.args if not isinstance(a, Index))


def compared(e: Expr, here: Index) -> list[Index]:
    """The positions that `here` is compared with."""
    found: set[Index] = set()
    replace(e, lambda part: _note(part, here, found))
    if found & (all_indices(e) - free_indices(e)):
        raise CodegenError(f"{e} compares {here} with the index of a sum: sift it first")
    return sorted(found, key=lambda p: (p.name != "a", p.name))


def _note(part: Expr, here: Index, found: set[Index]) -> Expr | None:
    if isinstance(part, Delta) and here in part.args:
        found.update(p for p in part.args if p != here)
        return part
    return None


def elsewhere(e: Expr, here: Index, places: list[Index]) -> Expr:
    """The expression where `here` is none of these positions."""
    zero = {Delta(here, place) for place in places}
    return settle(replace(e, lambda part: Integer(0) if part in zero else None))


def settle(e: Expr) -> Expr:
    """δ of a position with itself is 1, and cases that are decided are taken."""
    if isinstance(e, Delta):
        return Integer(1) if e.args[0] == e.args[1] else e
    if not e.args or isinstance(e, Index):
        return e
    args = [a if isinstance(a, Index) else settle(a) for a in e.args]
    made = e.func(*args) if args != list(e.args) else e
    if isinstance(made, Exp) and made.arg == 0:
        return Integer(1)
    return _decide(made) if isinstance(made, Cases) else made


def _decide(e: Cases) -> Expr:
    left: list[Expr] = []
    for value, condition in e.branches:
        if condition == 1:
            return Cases(*left, value) if left else value
        if condition != 0:
            left += [value, condition]
    return Cases(*left, e.otherwise) if left else e.otherwise


def number_name(e: Expr) -> str:
    """A name for a per-row number that no naming rule knows, from the inputs in it."""
    if isinstance(e, Pow) or (isinstance(e, Mul) and any(isinstance(f, Pow) for f in e.args)):
        return "ratio"
    return {Add: "level", Mul: "product"}.get(type(e), type(e).__name__.lower())


def reduce_name(e: Expr) -> str:
    inside = sorted(a.name for a in arrays(e.body) if a.domain != "size")
    return f"{'sum' if isinstance(e, Sum) else 'max'}_{'_'.join(inside)}"
