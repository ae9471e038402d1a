"""Which fractions are derivatives, by their looks: ∂f/∂x, dy/dx, and ∂f/∂x in one line."""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.scope import Names
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
    if not any(isinstance(i, Mark) and i.kind == "slash" for i in items):
        return items
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
