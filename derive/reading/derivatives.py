"""∂p_i/∂z_j, d/dx f, ∂_{z_j} f, ∇_z L and D_j p_i: derivatives that are stated, not carried out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import At, Deriv, Index
from derive.reading.differentials import _head, _items, _order, variables_of
from derive.reading.inference import note_transposed, whole_element
from derive.reading.matrices import is_product
from derive.reading.row import Row
from derive.reading.scope import MATRICES, Names
from derive.reading.scripts import is_transposed, untransposed
from derive.reading.syntax import (
    Bracket,
    Name,
    Number,
    Over,
    Scripted,
    Syntax,
    sole,
)
from derive.reading.tokens import Place
from derive.reading.vectors import rank, row_rank, units
from derive.terms import arrays, elements

CONSTANTS = frozenset(["lambda", "alpha", "beta", "eta", "epsilon", "gamma"])
Inner = Callable[[Row, tuple[Syntax, ...], Place], Expr]


def fraction(row: Row, node: Over) -> Expr:
    """The derivative of what stands above, or of the one factor that follows."""
    above, below = _items(node.above), _items(node.below)
    _check_signs(below, node.place)
    variables = variables_of(node)
    if _order(above[0]) != len(variables):
        raise DeriveError("the order of the derivative differs above and below the bar", node.place)
    rest = above[1:]
    if not rest:
        if row.ended():
            raise DeriveError(
                "the derivative of what? write it above the bar or behind", node.place
            )
        rest, row.at = tuple(row.items[row.at :]), len(row.items)
        read = _one
    else:
        read = _above
    return derived(row, rest, variables, read, node.place)


def derived(
    row: Row, rest: tuple[Syntax, ...], variables: list[Syntax], read: Inner, place: Place
) -> Expr:
    """∂ rest / ∂ variables; whole vectors and matrices take the positions of the equation, what
    is differentiated before the variables (behind them in denominator layout)."""
    for variable in variables:
        note_transposed(row.names, variable)
    inner = row_rank(row.names, rest)
    wanted = [inner, *(rank(row.names, v) for v in variables)]
    total, places = sum(wanted), row.env.places
    if total not in (0, len(places)):
        return _unfit(row, place)
    if inner and total > inner:
        _laid_out(row, places, place)
    last = total - inner if row.names.scope.layout == "denominator" else 0
    taken = iter((*places[last:], *places[:last]))
    parts = [tuple(next(taken) for _ in range(w if total else 0)) for w in wanted]
    body = type(row)(row.reader, rest, row.env.at(parts[0], place) if total else row.env)
    value = read(body, rest, place)
    for variable, part in reversed(list(zip(variables, parts[1:], strict=True))):
        env = row.env.at(part, place) if total else row.env
        at = element(type(row)(row.reader, (), env), untransposed(variable))
        value = Deriv(value, _free(row, at, place))
    return value


def _unfit(row: Row, place: Place) -> Expr:
    """Nothing yet, where what the variable is may have been learnt in this very round."""
    if not row.reader.final:
        return Integer(0)
    raise DeriveError(
        "this derivative is a vector or a matrix; write the elements, \\frac{\\partial "
        "p_i}{\\partial z_j}",
        place,
    )


def _laid_out(row: Row, places: tuple[Any, ...], place: Place) -> None:
    """∂p/∂z of two vectors: rows for p or for z, as one likes; where neither is said, only a
    square one is read."""
    row.reader.laid_out = True
    ranges = {row.reader.range_of(p) for p in places if isinstance(p, Index)}
    if row.reader.final and len(ranges) > 1 and not row.names.scope.layout:
        raise DeriveError(
            "whether the rows of this matrix belong to what is differentiated or to the variable "
            "is not said; write \\frac{\\partial p_i}{\\partial z_j}",
            place,
        )


def _check_signs(below: tuple[Syntax, ...], place: Place) -> None:
    if len(below) % 2 or not all(_head(sign) for sign in below[::2]):
        wrong = next((s for s in below[::2] if not _head(s)), None)
        raise DeriveError(
            "expected ∂ before each variable below the bar", wrong.place if wrong else place
        )


def element(row: Row, node: Syntax) -> At:
    """The variable: one element."""
    value = type(row)(row.reader, (node,), row.env).value()
    if not isinstance(value, At) or value.array.domain == "size":
        raise DeriveError("one differentiates with respect to an element such as z_j", node.place)
    return value


def _one(row: Row, items: tuple[Syntax, ...], place: Place) -> Expr:
    """The one factor that an operator takes; θᵀx is one."""
    whole = units(row.names, items)
    if len(whole) == 2 and is_transposed(items[0]) and is_product(whole):
        return type(row)(row.reader, items, row.env.deeper(place)).value()
    inner = type(row)(row.reader, items, row.env.deeper(place))
    value = inner.only()
    if inner.at == 1 and len(items) > 1 and _is_coefficient(row.names, items[0]):
        value = inner.only()
    if not inner.ended():
        raise DeriveError(
            "how far the derivative reaches can be read in two ways; use parentheses",
            items[0].place,
        )
    return value


def _is_coefficient(names: Names, item: Syntax) -> bool:
    """λ and ½ ahead of what is differentiated: nobody differentiates a constant."""
    if isinstance(item, Over):
        return all(isinstance(sole(c), Number) for c in (item.above, item.below))
    constant = isinstance(item, Name) and item.key in CONSTANTS and item.key not in names.heads
    return constant or isinstance(item, Number)


def _above(row: Row, items: tuple[Syntax, ...], place: Place) -> Expr:
    """All that stands above the bar is differentiated; bare letters in a row may be one name."""
    if all(isinstance(i, Name) for i in items):
        return _one(row, items, place)
    return type(row)(row.reader, items, row.env.deeper(place)).value()


def following(row: Row, place: Place) -> Expr:
    """An operator takes the one factor behind it."""
    if row.ended():
        raise DeriveError("the derivative of what? write it above the bar or behind", place)
    items, row.at = tuple(row.items[row.at :]), len(row.items)
    return _one(row, items, place)


def _free(row: Row, variable: At, place: Place) -> At:
    if any(
        isinstance(i, Index) and i.name in row.env.bound and i != row.env.bound[i.name]
        for i in variable.indices
    ):
        raise DeriveError("the index of the variable is bound elsewhere", place)
    return variable


def primed(row: Row, item: Scripted, base: Bracket) -> Expr:
    """(f(x))': the derivative by the only thing that f is made of."""
    value = row.reader.atom(base, row.env)
    inner = {e for a in arrays(value) if a.domain != "size" for e in elements(value, a)}
    if len(inner) != 1:
        raise DeriveError(
            "what this is differentiated by is not said; write \\frac{d}{dx}", item.place
        )
    made = Deriv(value, inner.pop())
    return row.reader.power(made, row.argument(item.sup), item.place) if item.sup else made


def partial(row: Row, item: Syntax) -> Expr:
    """∂_{z_j} f and ∂²_{z_j} f."""
    variable = (
        sole(item.sub[0])
        if isinstance(item, Scripted) and len(item.sub) == 1 and (not item.sup or _order(item) == 2)
        else None
    )
    if variable is None:
        raise DeriveError(
            "∂ stands alone; write \\frac{\\partial f}{\\partial z_j} or \\partial_{z_j} f",
            item.place,
        )
    if (
        isinstance(variable, Name)
        and not row.names.is_vector(variable.key)
        and variable.key not in row.names.bare
    ):
        raise DeriveError(
            "∂ with an index alone does not say which variable; write \\partial_{z_j}", item.place
        )
    value, by = following(row, item.place), element(row, variable)
    return Deriv(Deriv(value, by), by) if _order(item) == 2 else Deriv(value, by)


def nabla(row: Row, item: Syntax) -> Expr:
    """∇_z L: the derivative by each element of z, along the axis of the equation."""
    variable = (
        sole(item.sub[0])
        if isinstance(item, Scripted) and len(item.sub) == 1 and _order(item) <= 2
        else None
    )
    if not isinstance(variable, (Name, Scripted)):
        raise DeriveError("expected ∇_z, with the vector that is differentiated by", item.place)
    _note_variable(row.names, variable)
    rest, row.at = tuple(row.items[row.at :]), len(row.items)
    if not rest:
        raise DeriveError("the gradient of what? write it behind ∇", item.place)
    return derived(row, rest, [variable] * _order(item), _one, item.place)


def _note_variable(names: Names, variable: Name | Scripted) -> None:
    """What stands under ∇ is a vector, a matrix, or a row of one."""
    whole_element(names, variable)
    name = names.resolve(variable.key, variable.place) if isinstance(variable, Name) else ""
    if isinstance(variable, Name) and not names.rank(name):
        (names.matrices if variable.key in MATRICES else names.whole).add(name)


def is_operator(row: Row, node: Scripted) -> bool:
    """Whether D_j stands for the derivative by the j-th input (D is not an array of the
    statement)."""
    if row.names.is_declared("D") or not node.sub or node.sup or row.ended():
        return False
    return len(node.sub) == 1 and isinstance(sole(node.sub[0]), Name)


def operator(row: Row, node: Scripted) -> Expr:
    """D_j S_i, when it is said what the input is."""
    wrt = row.names.scope.wrt
    if wrt is None:
        raise DeriveError(
            "D_j does not say which variable; write \\frac{\\partial}{\\partial z_j}", node.place
        )
    variable = row.reader.indexed(wrt, row.reader.positions(node.sub, row.env), node.place)
    return Deriv(following(row, node.place), variable)
