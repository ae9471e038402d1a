"""What a statement must be before anything is derived from it: refused here with the place and
the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import combinations

from sympy import Expr

from derive.deciding import trees
from derive.errors import DeriveError
from derive.language import Array, At, Index, Largest
from derive.language import Binder as Binding
from derive.statement import Statement
from derive.terms import arrays
from derive.witness import WitnessError, equal

RESERVED = ("_", "·", "°")


@lru_cache(maxsize=500)
def check(statement: Statement) -> Statement:
    """The statement itself, if it is one.

    Raises DeriveError for an array used in two shapes, an index that does not run over the range it
    stands in, a definition that leads back to itself or is given twice, an unknown variable, and
    facts that no point satisfies.
    """
    parts = dict(_parts(statement))
    for place, expr in parts.items():
        for e in _walk(expr):
            _check_node(e, place)
    _one_shape(parts)
    _definitions(statement)
    _variable(statement)
    clash = contradiction(statement) if len(statement.facts) > 1 else None
    if clash:
        raise DeriveError(
            f"the facts of {statement.name} contradict each other ({clash}); drop one"
        )
    return statement


def _parts(statement: Statement) -> Iterator[tuple[str, Expr]]:
    """Every expression with the place it stands at."""
    yield f"the head of {statement.name}", statement.head
    yield f"the right-hand side of {statement.name}", statement.body
    for d in statement.definitions:
        yield f"the definition of {d.array.name}", d.body
        yield f"the head of the definition of {d.array.name}", d.head
    for f in statement.facts:
        yield f"the left side of the fact {f.name}", f.left
        yield f"the right side of the fact {f.name}", f.right
    if statement.wrt is not None:
        yield "wrt", statement.wrt


def _walk(e: Expr) -> Iterator[Expr]:
    yield e
    if not isinstance(e, Index):
        for a in e.args:
            yield from _walk(a)


def _check_node(e: Expr, place: str) -> None:
    if isinstance(e, Index) and e.name.startswith(RESERVED):
        raise DeriveError(f"{place}: the index name {e.name!r} is reserved; call it k")
    if isinstance(e, At):
        _check_element(e, place)
    if isinstance(e, (Binding, Largest)) and not isinstance(e.args[1], Index):
        raise DeriveError(f"{place}: {e} binds {e.args[1]}, which is no index")


def _check_element(e: At, place: str) -> None:
    array: Array = e.array
    if len(e.indices) != len(array.ranges):
        raise DeriveError(
            f"{place}: {array.name} has {len(array.ranges)} indices and {len(e.indices)} are "
            f"given; "
            f"write {array.name} with an index over each of {', '.join(array.ranges) or 'no range'}"
        )
    for position, range in zip(e.indices, array.ranges, strict=True):
        if isinstance(position, Index) and position.range != range:
            raise DeriveError(
                f"{place}: {position.name} runs over {position.range}, but {array.name} wants "
                f"an index over {range} there"
            )
        if not isinstance(position, Index) and range.isdigit() and not 1 <= position <= int(range):
            raise DeriveError(f"{place}: {array.name} has no element {position}; it has {range}")


def _one_shape(parts: dict[str, Expr]) -> None:
    """One name, one array."""
    seen: dict[str, tuple[Array, str]] = {}
    for place, expr in parts.items():
        for array in arrays(expr):
            known, first = seen.setdefault(array.name, (array, place))
            if known.ranges != array.ranges or known.domain != array.domain:
                raise DeriveError(
                    f"{place}: {array.name} is {_shape(array)} here and {_shape(known)} in "
                    f"{first}; "
                    "give one of them another name"
                )


def _shape(array: Array) -> str:
    return f"{array.domain} over {', '.join(array.ranges) or 'nothing'}"


def _definitions(statement: Statement) -> None:
    """No array is defined twice, and no definition leads back to itself."""
    below = {d.array: arrays(d.body) for d in statement.definitions}
    for a, b in combinations(statement.definitions, 2):
        if a.array == b.array:
            raise DeriveError(
                f"{a.array.name} is defined twice; keep one, or make the other a fact"
            )
    for start in below:
        reached: set[Array] = set()
        todo = set(below[start])
        while todo:
            array = todo.pop()
            reached.add(array)
            todo |= set(below.get(array, ())) - reached
        if start in reached:
            raise DeriveError(f"the definition of {start.name} leads back to {start.name}")


def _variable(statement: Statement) -> None:
    """The variable occurs in what is differentiated."""
    if statement.wrt is None:
        return
    known = {a for _, e in _parts(statement) if e is not statement.wrt for a in arrays(e)}
    if statement.wrt.array not in known:
        names = sorted(a.name for a in known if a.domain != "size")
        raise DeriveError(
            f"wrt: {statement.wrt.array.name} does not occur in {statement.name}; it has "
            f"{', '.join(names)}"
        )


def contradiction(statement: Statement) -> str | None:
    """What the witness says where it finds no point at which all facts hold; None if it finds
    one."""
    if not statement.facts:
        return None
    left = statement.facts[0].left
    try:
        found = equal(*trees(left, left, statement.context))
    except WitnessError as error:
        return str(error)
    return found.reason if found.verdict == "not covered" else None
