"""What an equation sets: the head on its left (p_i, S, L(y, p)), the domain of a name, one-hot
targets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sympy import Expr

from derive.errors import DeriveError
from derive.language import At, Delta, Index
from derive.reading.elaborate import Elaborator
from derive.reading.naming import Env, unused
from derive.reading.reader import Job, axis_of, check_bare
from derive.reading.scope import Names
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Scripted,
    Syntax,
    Terms,
    chain_of,
    sole,
)
from derive.reading.vectors import is_position


@dataclass(frozen=True)
class Setting:
    """head := body, as read."""

    head: At
    body: Expr


def head_of(terms: Terms) -> Syntax | None:
    """The element that stands alone on the left, without the arguments of L(y, p); None if none
    does."""
    (sign, items), *more = terms.parts
    if sign < 0 or more:
        return None
    if len(items) == 2 and isinstance(items[1], Bracket) and items[1].kind == "(":
        listed = all(isinstance(sole(c), (Name, Scripted)) for c in items[1].items)
        function = isinstance(items[0], Name) and items[0].key == "sigma"
        return _element(items[0]) if listed and not function else None
    return _element(items[0]) if len(items) == 1 else None


def _element(item: Syntax) -> Syntax | None:
    base = item.base if isinstance(item, Scripted) else item
    if not isinstance(base, Name) or _kronecker(item, base):
        return None
    raised = isinstance(item, Scripted) and item.sup and not is_position(item.sup)
    return None if raised or (isinstance(item, Scripted) and item.primes) else item


def _kronecker(item: Syntax, base: Name) -> bool:
    """δ_{ij}, with two positions; δ_i is an element as any other."""
    if base.key != "delta" or not isinstance(item, Scripted):
        return False
    return len(item.sub) > 1 or (len(item.sub) == 1 and sole(item.sub[0]) is None)


def name_of(head: Syntax) -> Name:
    base = head.base if isinstance(head, Scripted) else head
    assert isinstance(base, Name)
    return base


def setting(head: Syntax, body: Terms) -> Job[Setting]:
    """The job of reading head = body."""

    def job(reader: Elaborator) -> Setting:
        bare, vector = not isinstance(head, Scripted), reader.vectorial(body)
        if bare and not vector:
            reader.names.heads.add(name_of(head).key)
        if bare:
            reader.names.vector_heads[reader.names.resolve(name_of(head).key, head.place)] = vector
        axis = axis_of(reader, Chain(body.place, (body,))) if vector else None
        if vector and not bare:
            raise DeriveError(
                "an element stands on the left and a vector on the right; write the index",
                body.place,
            )
        reader.bare_sums.clear()
        value = reader.expr(body, Env(axis=axis))
        left = reader.expr(chain_of(head), Env(axis=axis))
        check_bare(reader, (left, value))
        return Setting(_checked(left, head), value)

    return job


def _checked(left: Expr, head: Syntax) -> At:
    if not isinstance(left, At) or left.array.domain == "size":
        raise DeriveError("expected an element such as p_i on the left", head.place)
    if len(set(left.indices)) != len(left.indices) or any(
        not isinstance(i, Index) for i in left.indices
    ):
        raise DeriveError(
            "a definition holds for every index; expected different letters on the left", head.place
        )
    return left


# -- domains ---

_BOUNDS = {
    ((">",), "0"): "positive", ((">=",), "0"): "nonnegative",
    (("<", "<"), "01"): "unit", (("<=", "<="), "01"): "unit", (("<", "<="), "01"): "unit",
    (("<=", "<"), "01"): "unit",
}  # fmt: skip
_SETS = {"R": "real", "Z": "integer", "N": "integer"}
_MIRROR = {"<": ">", "<=": ">="}


def domain_of(chain: Chain) -> tuple[Name, str] | None:
    """(name, domain) of x > 0, 0 < x < 1, y ∈ {0, 1}; None if the chain is an equation."""
    if "=" in chain.relations or not chain.relations:
        return None
    sides = [sole(e) for e in chain.exprs]
    if chain.relations == ("in",):
        return _named(chain, sides[0]), _set(chain, sides[1], chain.exprs[1])
    relations = chain.relations
    if len(sides) == 2 and isinstance(sides[0], Number) and relations[0] in _MIRROR:
        sides, relations = [sides[1], sides[0]], (_MIRROR[relations[0]],)
    subject = sides[0] if len(sides) == 2 else sides[1]
    limits = "".join(s.written for s in sides if isinstance(s, Number))
    known = _BOUNDS.get((relations, limits))
    if known is None:
        raise DeriveError(
            "this is not a domain that is known; expected x > 0, x \\ge 0, 0 < x < 1 or x \\in "
            "\\{0, 1\\}",
            chain.place,
        )
    return _named(chain, subject), known


def _named(chain: Chain, item: Syntax | None) -> Name:
    base = item.base if isinstance(item, Scripted) else item
    if not isinstance(base, Name):
        raise DeriveError("expected a name whose domain this says", chain.place)
    return base


def _set(chain: Chain, item: Syntax | None, terms: Terms) -> str:
    base = item.base if isinstance(item, Scripted) else item
    if isinstance(base, Mark) and base.kind == "numbers":
        return _SETS[base.value]
    members = [_number(c) for c in base.items] if isinstance(base, Bracket) else []
    kind = base.kind if isinstance(base, Bracket) else ""
    made = {
        ("{", "0,1"): "binary",
        ("{", "-1,1"): "sign",
        ("{", "1,-1"): "sign",
        ("[", "0,1"): "unit",
        ("(", "0,1"): "unit",
    }
    known = made.get((kind, ",".join(members)))
    if known is None:
        raise DeriveError(
            "this set is not known; expected \\mathbb R, \\{0, 1\\}, \\{-1, 1\\} or [0, 1]",
            terms.place,
        )
    return known


def _number(chain: Chain) -> str:
    (sign, items), *_ = chain.exprs[0].parts
    return ("-" if sign < 0 else "") + "".join(i.written for i in items if isinstance(i, Number))


def note_space(names: Names, chain: Chain, subject: Name) -> None:
    """x ∈ ℝ^d says that x is a vector over d."""
    item = sole(chain.exprs[1])
    if not isinstance(item, Scripted) or not item.sup or chain.relations != ("in",):
        return
    end = sole(item.sup[0])
    if not isinstance(end, (Name, Number)):
        raise DeriveError(
            "expected x \\in \\mathbb{R}^d for a vector; for matrices write the indices", item.place
        )
    size = end.key if isinstance(end, Name) else end.written
    names.whole.add(subject.key)
    names.sizes |= set() if size.isdigit() else {size}
    names.ranges.fix(("array", subject.key, 0), size, subject.key, item.place)


def note_domain(names: Names, name: Name, domain: str) -> None:
    """Remember a domain; two different ones for one name are refused."""
    if names.domains.setdefault(name.key, domain) != domain:
        raise DeriveError(
            f"{name.key} is said to be {names.domains[name.key]} and {domain}; say one", name.place
        )


# -- one-hot ---

_ONE_HOT = re.compile(r"one[- ]?hot|独热", re.IGNORECASE)
_PROSE = re.compile(
    r"one[- "
    r"]?hot|独热|编码|encoded|encoding|vector|target|label|\b(?:is|a|an|the|with)\b|向量|标签|是|为|的|\$",
    re.IGNORECASE,
)


def one_hot(said: str) -> str | None:
    """The name of which a sentence says that it is one-hot; None if it says no such thing."""
    if not _ONE_HOT.search(said):
        return None
    rest = _PROSE.sub(" ", said).strip(" .,;，。")
    if not rest:
        raise DeriveError(f"{said!r} does not say what is one-hot; write 'y one-hot'")
    return rest


def hot(chain: Chain) -> Job[tuple[Expr, Expr]]:
    """y one-hot: y_i = δ_{it}, with t the label."""

    def job(reader: Elaborator) -> tuple[Expr, Expr]:
        item = sole(chain)
        head = item.base if isinstance(item, Scripted) else item
        if not isinstance(head, Name):
            raise DeriveError("expected the name of what is one-hot", chain.place)
        name = reader.names.resolve(head.key, head.place)
        used = {*reader.names.bare, *reader.names.arity, *reader.names.sizes}
        letter = unused("tcsu", used)
        i, t = reader.bind("i", ("hot", name)), reader.bind(letter, ("hot", name, "label"))
        reader.names.ranges.same(("hot", name), ("hot", name, "label"), name, head.place)
        left = reader.indexed(name, (i,), head.place)
        return left, Delta(i, t)

    return job
