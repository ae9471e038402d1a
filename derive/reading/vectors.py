"""Which expressions are vectors: they hold a whole array that no reduction has taken up."""

from __future__ import annotations

from collections.abc import Sequence

from derive.errors import DeriveError
from derive.reading.scope import Names
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Over,
    Root,
    Scripted,
    Syntax,
    Terms,
    sole,
)

REDUCING = frozenset({"logsumexp", "max", "min", "argmax", "arg"})


def vectorial(names: Names, node: Syntax) -> bool:
    """Whether the expression has one element for each position of a vector in it."""
    if isinstance(node, Name):
        return is_vector(names, node)
    if isinstance(node, Chain):
        return any(vectorial(names, e) for e in node.exprs)
    if isinstance(node, Terms):
        return any(_row(names, items) for _, items in node.parts)
    if isinstance(node, Bracket):
        return node.kind not in ("norm", "angle") and any(vectorial(names, c) for c in node.items)
    if isinstance(node, Over):
        return vectorial(names, node.above) or vectorial(names, node.below)
    if isinstance(node, Root):
        return vectorial(names, node.inner)
    if isinstance(node, Scripted):
        return (not node.sub and not is_transposed(node) and _powered(names, node)) or _nabla(node)
    return False


def is_vector(names: Names, name: Name) -> bool:
    """Whether a bare name is a whole vector."""
    try:
        return name.bold or names.is_vector(names.resolve(name.key, name.place))
    except DeriveError:
        return False


def is_transposed(node: Syntax) -> bool:
    """Whether the superscript is ^\\top or ^T."""
    tail = sole(node.sup[0]) if isinstance(node, Scripted) and len(node.sup) == 1 else None
    top = isinstance(tail, Mark) and tail.kind == "top"
    return top or (isinstance(tail, Name) and tail.key == "T")


def is_position(chains: tuple[Chain, ...]) -> bool:
    """Whether a superscript is an index in parentheses: x^{(i)}."""
    inner = sole(chains[0]) if len(chains) == 1 else None
    return isinstance(inner, Bracket) and inner.kind == "("


def _powered(names: Names, node: Scripted) -> bool:
    return not is_position(node.sup) and vectorial(names, node.base)


def _nabla(node: Scripted) -> bool:
    return isinstance(node.base, Mark) and node.base.kind == "nabla"


def _row(names: Names, items: Sequence[Syntax]) -> bool:
    """A row of factors, without those that a reduction takes up: softmax(z)_i, w^T x, w · x."""
    at = 0
    while at < len(items):
        item, rest = items[at], items[at + 1 :]
        if (skipped := _reduced(names, item, rest)) or not vectorial(names, item):
            at += max(skipped, 1)
            continue
        if len(rest) > 1 and _is_dot(rest[0]) and vectorial(names, rest[1]):
            at += 3
            continue
        return True
    return False


def _reduced(names: Names, item: Syntax, rest: Sequence[Syntax]) -> int:
    """How many items a reduction that starts here takes up, 0 if none does."""
    if is_transposed(item) and rest:
        return 2
    head = item.base if isinstance(item, Scripted) else item
    if isinstance(item, Name) and rest and _is_call(names, item, rest[0]):
        return 2
    if not isinstance(head, Mark) or head.kind != "function" or not rest:
        return 0
    indexed = (isinstance(item, Scripted) and item.sub) or (
        isinstance(rest[0], Scripted) and rest[0].sub
    )
    reduces = head.value in REDUCING or (head.value in ("softmax", "logsoftmax") and indexed)
    return 2 if reduces else 0


def _is_call(names: Names, name: Name, after: Syntax) -> bool:
    """L(y, p): a head with the names it depends on."""
    if not isinstance(after, Bracket) or after.kind != "(" or names.is_declared(name.key):
        return False
    return len(after.items) > 1 or name.key in names.heads


def _is_dot(item: Syntax) -> bool:
    return isinstance(item, Mark) and item.kind == "times" and item.value == "cdot"
