"""What changed between two formulas: the smallest parts that differ, as a reader sees them.

Both formulas are compared as trees in the order in which they are printed: terms first, then
factors,
then inside a fraction, a bracket or a sum.  Without their coloured parts the two are the same;
that is
what "changed" means here, and what the tests demand.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from codegen.notes.formula import (
    Atom,
    Branches,
    Fence,
    Frac,
    Mark,
    Node,
    Row,
    Script,
    children_changed,
    row,
)

SIGNS = ("+", "-", "=", "<", ">")
PLUS = Atom("operator", "+")
Items = tuple[Node, ...]
Pair = tuple[Items, Items]


def changed(before: Row, after: Row) -> tuple[Row, Row]:
    """Both formulas, each with a Mark round every part that the other does not have."""
    old, new = _terms_apart(before.items, after.items)
    return Row(old), Row(new)


def _terms_apart(before: Items, after: Items) -> Pair:
    """Term by term; terms that stand in the same place of both are looked into."""
    olds, news = terms(before), terms(after)
    if len(olds) == len(news) == 1:
        return _factors_apart(before, after)
    return _aligned(olds, news, _factors_apart, _signed)


def _factors_apart(before: Items, after: Items) -> Pair:
    olds = tuple((f,) for f in before)
    news = tuple((f,) for f in after)
    old, new = _aligned(olds, news, lambda a, b: _inside(a[0], b[0]), list)
    return _merged(old), _merged(new)


def _merged(items: Items) -> Items:
    """Neighbouring coloured factors under one colour."""
    made: list[Node] = []
    for item in items:
        last = made[-1] if made else None
        if isinstance(item, Mark) and isinstance(last, Mark):
            made[-1] = Mark(Row((*last.inner.items, *item.inner.items)))
        else:
            made.append(item)
    return tuple(made)


def _aligned(
    olds: Sequence[Items],
    news: Sequence[Items],
    inside: Callable[[Items, Items], Pair],
    key: Callable[[Sequence[Items]], list[Items]],
) -> Pair:
    """Common groups stay; between them, as many old groups as new ones are compared one by one."""
    made_old: Items = ()
    made_new: Items = ()
    for tag, a, b, c, d in SequenceMatcher(
        None, key(olds), key(news), autojunk=False
    ).get_opcodes():
        if tag == "equal":
            made_old, made_new = made_old + joined(olds[a:b]), made_new + joined(news[c:d])
        elif tag == "replace" and b - a == d - c:
            for old, new in zip(olds[a:b], news[c:d], strict=True):
                got = inside(old, new)
                made_old, made_new = made_old + got[0], made_new + got[1]
        else:
            made_old, made_new = made_old + marked(olds[a:b]), made_new + marked(news[c:d])
    return made_old, made_new


def _inside(old: Node, new: Node) -> Pair:
    """Two different factors: what differs inside them where they are of one kind, else all of
    both."""
    if isinstance(old, Frac) and isinstance(new, Frac):
        above = _terms_apart(old.above.items, new.above.items)
        below = _terms_apart(old.below.items, new.below.items)
        made = [Frac(Row(u), Row(v)) for u, v in zip(above, below, strict=True)]
        return _unless_all(old, new, made[0], made[1])
    if isinstance(old, Fence) and isinstance(new, Fence) and old.left == new.left:
        inner = _terms_apart(old.inner.items, new.inner.items)
        made_fences = [
            Fence(f.left, f.right, Row(i), f.grows) for f, i in zip((old, new), inner, strict=True)
        ]
        return _unless_all(old, new, made_fences[0], made_fences[1])
    if isinstance(old, Script) and isinstance(new, Script):
        return _scripts_apart(old, new)
    if isinstance(old, Branches) and isinstance(new, Branches) and len(old.rows) == len(new.rows):
        return _branches_apart(old, new)
    return (Mark(Row((old,))),), (Mark(Row((new,))),)


def _scripts_apart(old: Script, new: Script) -> Pair:
    """An exponent that changed over a base that did not; an index belongs to its letter."""
    if old.base == new.base and old.below == new.below and old.above and new.above:
        above = _terms_apart(old.above.items, new.above.items)
        return (Script(old.base, old.below, Row(above[0])),), (
            Script(new.base, new.below, Row(above[1])),
        )
    if (
        isinstance(old.base, Fence)
        and isinstance(new.base, Fence)
        and (old.below, old.above) == (new.below, new.above)
    ):
        (a,), (b,) = _inside(old.base, new.base)
        return _unless_all(
            old, new, Script(a, old.below, old.above), Script(b, new.below, new.above)
        )
    return (Mark(Row((old,))),), (Mark(Row((new,))),)


def _branches_apart(old: Branches, new: Branches) -> Pair:
    sides: tuple[list[tuple[Row, Row]], list[tuple[Row, Row]]] = ([], [])
    for (u, c), (v, d) in zip(old.rows, new.rows, strict=True):
        values, conditions = _terms_apart(u.items, v.items), _terms_apart(c.items, d.items)
        for side, value, condition in zip(sides, values, conditions, strict=True):
            side.append((Row(value), Row(condition)))
    return (Branches(tuple(sides[0])),), (Branches(tuple(sides[1])),)


def _unless_all(old: Node, new: Node, made_old: Node, made_new: Node) -> Pair:
    """Where nothing inside is common, the whole is what changed."""
    if kept(made_old) == 0 or kept(made_new) == 0:
        return (Mark(Row((old,))),), (Mark(Row((new,))),)
    return (made_old,), (made_new,)


def kept(node: Node) -> int:
    """How many symbols of a formula are not coloured; signs and indices do not count as common
    ground."""
    match node:
        case Mark():
            return 0
        case Atom(kind=kind):
            return kind not in ("operator", "relation", "big", "punctuation", "plain")
        case Row(items=items):
            return sum(kept(i) for i in items)
        case Frac(above=above, below=below):
            return kept(above) + kept(below)
        case Script(base=base, above=above):
            return kept(base) + (kept(above) if above and not isinstance(base, Atom) else 0)
        case Branches(rows=rows):
            return sum(kept(v) for v, _ in rows)
        case _:
            return kept(node.inner)


def terms(items: Items) -> tuple[Items, ...]:
    """The terms of a sum, each with its sign."""
    made: list[list[Node]] = [[]]
    for item in items:
        if _sign(item) and made[-1]:
            made.append([])
        made[-1].append(item)
    return tuple(tuple(term) for term in made)


def _signed(groups: Sequence[Items]) -> list[Items]:
    """Terms as they compare: a first term without a sign has a plus."""
    bare = bool(groups) and bool(groups[0]) and not _sign(groups[0][0])
    return [(PLUS, *groups[0]), *groups[1:]] if bare else list(groups)


def _sign(item: Node) -> str:
    return item.latex if isinstance(item, Atom) and item.latex in SIGNS else ""


def joined(groups: Sequence[Items]) -> Items:
    return tuple(item for group in groups for item in group)


def marked(groups: Sequence[Items]) -> Items:
    """Changed items under a Mark: one for neighbouring factors, one for each term, where lines
    may break."""
    if any(len(group) > 1 for group in groups):
        return tuple(Mark(Row(group)) for group in groups)
    return (Mark(Row(joined(groups))),) if groups else ()


def uncoloured(node: Node) -> Node:
    """The formula without its coloured parts, without the plus that a first term does not show, and
    without the size of its brackets, which what is coloured in them may ask for."""
    if isinstance(node, Mark):
        return Row(())
    if isinstance(node, Fence):
        return Fence(node.left, node.right, row(uncoloured(node.inner)), False)
    if not isinstance(node, Row):
        return children_changed(node, uncoloured)
    items = tuple(uncoloured(i) for i in node.items if not isinstance(i, Mark))
    return Row(items[1:] if items[:1] == (PLUS,) else items)
