"""∂p_i/∂z_j, d/dx f, ∂_{z_j} f, ∇_z L and D_j p_i: derivatives that are stated, not carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Expr

from derive.errors import DeriveError
from derive.language import At, Deriv, Index
from derive.reading.scope import Names
from derive.reading.syntax import Chain, Mark, Name, Number, Over, Scripted, Syntax, sole
from derive.reading.tokens import Place

if TYPE_CHECKING:
    from derive.reading.products import Row


def _items(chain: Chain) -> tuple[Syntax, ...]:
    (sign, items), *more = chain.exprs[0].parts
    return () if chain.relations or more or sign < 0 else items


def _head(item: Syntax) -> str:
    """ "∂" or "d" if the item is a sign of differentiation (∂, d, ∂²), else ""."""
    base = item.base if isinstance(item, Scripted) and not item.sub else item
    if isinstance(base, Mark) and base.kind == "partial":
        return "∂"
    return "d" if isinstance(base, Name) and base.key == "d" else ""


def _order(item: Syntax) -> int:
    tail = sole(item.sup[0]) if isinstance(item, Scripted) and item.sup else None
    return int(tail.written) if isinstance(tail, Number) and tail.written.isdigit() else 1


def is_derivative(names: Names, node: Over) -> bool:
    """Whether a fraction is a derivative: ∂ over ∂, or d over d followed by a variable."""
    above, below = _items(node.above), _items(node.below)
    if not above or len(below) < 2:
        return False
    sign = _head(above[0])
    if sign == "d" and (names.is_declared("d") or names.arity.get("d")):
        return False
    return bool(sign) and _head(below[0]) == sign


def fraction(row: Row, node: Over) -> Expr:
    """The derivative of what stands above, or of the one factor that follows."""
    above, below = _items(node.above), _items(node.below)
    variables = _variables(row, below, node.place)
    if _order(above[0]) != len(variables):
        raise DeriveError("the order of the derivative differs above and below the bar", node.place)
    inner = _above(row, above[1:], node.place) if len(above) > 1 else following(row, node.place)
    return _derived(inner, variables, row, node.place)


def _variables(row: Row, below: tuple[Syntax, ...], place: Place) -> list[At]:
    made: list[At] = []
    for sign, variable in zip(below[::2], below[1::2], strict=False):
        times = _order(variable) if isinstance(variable, Scripted) else 1
        bare = (
            Scripted(variable.place, variable.base, variable.sub)
            if times > 1 and isinstance(variable, Scripted)
            else variable
        )
        if not _head(sign):
            raise DeriveError("expected ∂ before each variable below the bar", sign.place)
        made += [element(row, bare)] * times
    if len(below) % 2:
        raise DeriveError("expected ∂ before each variable below the bar", place)
    return made


def element(row: Row, node: Syntax) -> At:
    """The variable: one element."""
    value = type(row)(row.reader, (node,), row.env).value()
    if not isinstance(value, At) or value.array.domain == "size":
        raise DeriveError("one differentiates with respect to an element such as z_j", node.place)
    return value


def _one(row: Row, items: tuple[Syntax, ...], place: Place) -> Expr:
    inner = type(row)(row.reader, items, row.env.deeper(place))
    value = inner.only()
    if not inner.ended():
        raise DeriveError(
            "how far the derivative reaches can be read in two ways; use parentheses",
            items[0].place,
        )
    return value


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


def _derived(value: Expr, variables: list[At], row: Row, place: Place) -> Expr:
    for variable in reversed(variables):
        if any(
            isinstance(i, Index) and i.name in row.env.bound and i != row.env.bound[i.name]
            for i in variable.indices
        ):
            raise DeriveError("the index of the variable is bound elsewhere", place)
        value = Deriv(value, variable)
    return value


def partial(row: Row, item: Syntax) -> Expr:
    """∂_{z_j} f."""
    variable = (
        sole(item.sub[0])
        if isinstance(item, Scripted) and len(item.sub) == 1 and not item.sup
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
    return Deriv(following(row, item.place), element(row, variable))


def nabla(row: Row, item: Syntax) -> Expr:
    """∇_z L: the derivative by each element of z, along the axis of the equation."""
    variable = (
        sole(item.sub[0])
        if isinstance(item, Scripted) and len(item.sub) == 1 and not item.sup
        else None
    )
    if not isinstance(variable, Name):
        raise DeriveError("expected ∇_z, with the vector that is differentiated by", item.place)
    row.names.whole.add(row.names.resolve(variable.key, variable.place))
    return Deriv(following(row, item.place), element(row, variable))


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
