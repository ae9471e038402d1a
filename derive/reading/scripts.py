"""What scripts say by their looks: transposed, a position, how many indices."""

from __future__ import annotations

from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Scripted,
    Syntax,
    sole,
)


def is_transposed(node: Syntax) -> bool:
    """Whether the superscript is ^\\top or ^T."""
    tail = sole(node.sup[0]) if isinstance(node, Scripted) and len(node.sup) == 1 else None
    top = isinstance(tail, Mark) and tail.kind == "top"
    return top or (isinstance(tail, Name) and tail.key == "T")


def untransposed(node: Syntax) -> Syntax:
    """The base of A^T, with its subscript if it has one."""
    if not isinstance(node, Scripted) or not is_transposed(node):
        return node
    return Scripted(node.place, node.base, node.sub) if node.sub else node.base


def is_position(chains: tuple[Chain, ...]) -> bool:
    """Whether a superscript is an index in parentheses: x^{(i)}."""
    inner = sole(chains[0]) if len(chains) == 1 else None
    return isinstance(inner, Bracket) and inner.kind == "("


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
