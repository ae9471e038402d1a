"""Is it a product or a call, a word or a row of letters, a matrix or a number?"""

from __future__ import annotations

from collections.abc import Sequence

from derive.errors import DeriveError
from derive.reading.row import Row
from derive.reading.scope import Names
from derive.reading.syntax import Bracket, Mark, Name, Scripted, Syntax, sole

CALLED = frozenset(["f", "g", "h", "F", "G", "H"])
HEADS = frozenset(["L", "l", "ell", "J", "E", "R", "C"])


def check_words(names: Names, items: Sequence[Syntax]) -> None:
    """Words without spaces would be read letter by letter: refuse the ones nobody declared."""
    run: list[Name] = []
    for item in (*items, None):
        name = item.base if isinstance(item, Scripted) else item
        if isinstance(name, Name) and _continues(run, name):
            run.append(name)
            if item is name:
                continue
        if len(run) > 2 and not all(names.is_declared(n.key) for n in run):
            word = "".join(n.key for n in run)
            raise DeriveError(
                f"{word!r} would be a product of {len(run)} letters; put spaces between them, or "
                f"write \\mathrm{{{word}}}",
                run[0].place,
            )
        run = []


def is_call(row: Row, node: Scripted, head: Name) -> bool:
    """p(1-p) is a product; f(x) is a call and refused; L(y, p) on a head drops its arguments."""
    after = row.peek()
    bracket = after.base if isinstance(after, Scripted) else after
    if not isinstance(bracket, Bracket) or bracket.kind != "(":
        return False
    known = row.names.is_declared(head.key) or head.key in row.names.sizes
    if len(bracket.items) > 1 or (not known and head.key in row.names.heads and _is_names(bracket)):
        if bracket is not after or not _is_names(bracket):
            raise DeriveError(
                f"{head.key}(...) is not a function known here; write it out", bracket.place
            )
        _check_arguments(row.names, head, bracket)
        return True
    if not known:
        _refuse_unclear(row, node, head, bracket)
    return False


def _refuse_unclear(row: Row, node: Scripted, head: Name, bracket: Bracket) -> None:
    """What may be a call or a product, of a name that nothing declares."""
    applied = head.key.endswith(")")  # S(x)(1 - S(x)) is a product
    if head.word and len(head.key) > 1 and not (applied or head.key in row.names.heads):
        raise DeriveError(
            f"{head.key}(...) is not a function known here; write it out, or write a product with "
            "\\cdot",
            head.place,
        )
    vector = sole(bracket.items[0]) is not None and bool(row.reader.rank(bracket))
    own = head.key in row.names.heads  # a quantity of the document: f(1 - f) is a product
    named = _is_names(bracket) or (head.key in CALLED | HEADS and not own)
    if vector if node.sub else named:
        raise DeriveError(
            f"{head.key}(...) may be a call or a product; write a product with \\cdot, "
            "and define a function first",
            bracket.place,
        )


def _check_arguments(names: Names, head: Name, bracket: Bracket) -> None:
    """D(q, p) is not the D(p, q) that is defined."""
    inner = [sole(c) for c in bracket.items]
    keys = tuple(i.key for i in inner if isinstance(i, Name))
    own = names.called.get(head.key, keys)
    if len(keys) == len(inner) and keys != own:
        raise DeriveError(
            f"{head.key}({', '.join(own)}) is defined, and {head.key}({', '.join(keys)}) is not",
            bracket.place,
        )


def _continues(run: list[Name], name: Name) -> bool:
    follows = not run or name.place == (run[-1].place[0], run[-1].place[1] + 1)
    return len(name.key) == 1 and name.key.isascii() and follows


def _is_names(bracket: Bracket) -> bool:
    """Whether a bracket lists mere names, as in L(y, p)."""
    return all(isinstance(sole(c), (Name, Mark)) for c in bracket.items)


def merged(inner: Syntax, outer: Scripted) -> Syntax:
    """{z}_k and {z_k}^2 are z_k and z_k^2."""
    if not isinstance(inner, Scripted):
        return Scripted(inner.place, inner, outer.sub, outer.sup, outer.primes)
    if (inner.sub and outer.sub) or (inner.sup and outer.sup):
        raise DeriveError("two scripts on one name; write parentheses", outer.place)
    return Scripted(
        inner.place, inner.base, inner.sub or outer.sub, inner.sup or outer.sup, outer.primes
    )
