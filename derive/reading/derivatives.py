"""∂p_i/∂z_j, d/dx f, ∂_{z_j} f, ∇_z L and D_j p_i: derivatives that are stated, not carried out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import At, Deriv, Index
from derive.reading.scope import MATRICES, Names
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Over,
    Scripted,
    Syntax,
    Terms,
    sole,
)
from derive.reading.tokens import Place

if TYPE_CHECKING:
    from derive.reading.products import Row

Reads = Callable[["Row", tuple[Syntax, ...], Place], Expr]


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


def variables_of(node: Over) -> list[Syntax]:
    """The variables below the bar, each as often as its order says, without their signs."""
    made: list[Syntax] = []
    for variable in _items(node.below)[1::2]:
        times = _order(variable)
        if isinstance(variable, Scripted) and times > 1:
            variable = Scripted(variable.place, variable.base, variable.sub)
        made += [variable] * times
    return made


def upright(names: Names, items: Sequence[Syntax]) -> Sequence[Syntax]:
    """∂L/∂z_j and dL/dz in one line, made into fractions; all else stays."""
    made: list[Syntax] = []
    at = 0
    while at < len(items):
        taken, node = _inline(names, items[at:])
        made.append(node)
        at += taken
    return tuple(made)


def _inline(names: Names, items: Sequence[Syntax]) -> tuple[int, Syntax]:
    """How many items make one fraction, and that fraction; else the first item."""
    sign, slash = _head(items[0]), _slash(items)
    known = sign == "d" and (names.is_declared("d") or bool(names.arity.get("d")))
    if not sign or known or slash is None or slash + 2 >= len(items):
        return 1, items[0]
    end = slash + 1
    while end + 1 < len(items) and _head(items[end]) == sign:
        end += 2
    if end == slash + 1:
        return 1, items[0]
    above, below = items[:slash], items[slash + 1 : end]
    return end, Over(items[0].place, _chain(above), _chain(below))


def _slash(items: Sequence[Syntax]) -> int | None:
    """Where the slash stands: behind ∂, behind ∂ and one factor, or behind ∂ f(x)."""
    for at in (1, 2, 3):
        item = items[at] if at < len(items) else None
        if isinstance(item, Mark) and item.kind == "slash":
            call = at < 3 or (isinstance(items[1], Name) and isinstance(items[2], Bracket))
            return at if call else None
    return None


def _chain(items: Sequence[Syntax]) -> Chain:
    return Chain(items[0].place, (Terms(items[0].place, ((1, tuple(items)),)),))


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
    row: Row, rest: tuple[Syntax, ...], variables: list[Syntax], read: Reads, place: Place
) -> Expr:
    """∂ rest / ∂ variables; whole vectors and matrices take the positions of the equation, what
    is differentiated before the variables."""
    from derive.reading.inference import note_transposed
    from derive.reading.vectors import rank, row_rank, untransposed

    for variable in variables:
        note_transposed(row.names, variable)
    inner = row_rank(row.names, rest)
    wanted = [inner, *(rank(row.names, v) for v in variables)]
    total, places = sum(wanted), row.env.places
    if total not in (0, len(places)):
        if not row.reader.final:
            return Integer(0)  # what its variable is was learnt in this very round
        raise DeriveError(
            "this derivative is a vector or a matrix; write the elements, \\frac{\\partial "
            "p_i}{\\partial z_j}",
            place,
        )
    if inner and total > inner:
        _square(row, places, place)
    taken = iter(places)
    parts = [tuple(next(taken) for _ in range(w)) for w in wanted]
    body = type(row)(row.reader, rest, row.env.at(parts[0], place) if total else row.env)
    value = read(body, rest, place)
    for variable, part in reversed(list(zip(variables, parts[1:], strict=True))):
        env = row.env.at(part, place) if total else row.env
        at = element(type(row)(row.reader, (), env), untransposed(variable))
        value = Deriv(value, _free(row, at, place))
    return value


def _square(row: Row, places: tuple[Any, ...], place: Place) -> None:
    """∂p/∂z of two vectors: rows for p or for z, as one likes; only a square one is read."""
    ranges = {row.reader.range_of(p) for p in places if isinstance(p, Index)}
    if row.reader.final and len(ranges) > 1:
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
    """The one factor that an operator takes."""
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


def _free(row: Row, variable: At, place: Place) -> At:
    if any(
        isinstance(i, Index) and i.name in row.env.bound and i != row.env.bound[i.name]
        for i in variable.indices
    ):
        raise DeriveError("the index of the variable is bound elsewhere", place)
    return variable


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
    from derive.reading.inference import whole_element

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
