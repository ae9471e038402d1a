"""What scripts say by their looks: transposed, a position, how many indices."""

from __future__ import annotations

from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Scripted,
    Syntax,
    chain_of,
    sole,
)


def is_transposed(node: Syntax) -> bool:
    """Whether the superscript is ^\\top or ^T, or ends in it behind a position: x^{(i)T}."""
    sup = node.sup if isinstance(node, Scripted) else ()
    return bool(sup) and is_top(sup[-1]) and (len(sup) == 1 or is_position(sup))


def untransposed(node: Syntax) -> Syntax:
    """The base of A^T, with its subscript and its position if it has one."""
    if not isinstance(node, Scripted) or not is_transposed(node):
        return node
    rest = node.sup[:-1]
    return Scripted(node.place, node.base, node.sub, rest) if node.sub or rest else node.base


def is_position(chains: tuple[Chain, ...]) -> bool:
    """Whether a superscript is an index in parentheses: x^{(i)}, x^{(i)T}."""
    inner = sole(chains[0]) if chains else None
    ended = len(chains) == 1 or (len(chains) == 2 and is_top(chains[1]))
    return ended and isinstance(inner, Bracket) and inner.kind == "("


def is_top(chain: Chain) -> bool:
    """Whether a superscript is the \\top or T of a transposed matrix."""
    tail = sole(chain)
    return (isinstance(tail, Mark) and tail.kind == "top") or (
        isinstance(tail, Name) and tail.key == "T"
    )


def apart(sup: tuple[Chain, ...]) -> tuple[Chain, ...]:
    """x^{(i)T} and W^{[2]\\top} as two superscripts, the transposition by itself."""
    (sign, items), *more = sup[0].exprs[0].parts if len(sup) == 1 else ((1, ()),)
    if len(items) != 2 or more or sign < 0 or not is_fence(items[0]):
        return sup
    both = tuple(chain_of(item) for item in items)
    return both if is_top(both[1]) else sup


def is_fence(item: Syntax | None) -> bool:
    """Whether this is the (i) of x^{(i)} or the [2] of W^{[2]}."""
    return isinstance(item, Bracket) and item.kind in ("(", "[")


def is_plus(chains: tuple[Chain, ...]) -> bool:
    """Whether a subscript is the + of [x]_+."""
    tail = sole(chains[0]) if len(chains) == 1 else None
    return isinstance(tail, Mark) and tail.kind == "plus"


def counted(chains: tuple[Chain, ...]) -> int:
    """How many positions a subscript names: 2 for ij and for i,j."""
    return sum(len(items) for c in chains for _, items in c.exprs[0].parts)


def base_of(item: Syntax) -> Syntax:
    """What carries the scripts."""
    return item.base if isinstance(item, Scripted) else item


def listed(chain: Chain) -> tuple[Chain, ...]:
    """The positions of x^{(i, j)}."""
    bracket = sole(chain)
    return bracket.items if isinstance(bracket, Bracket) else ()
