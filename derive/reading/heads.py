"""What an equation sets: the head on its left (p_i, S, L(y, p)), the domain of a name, one-hot
targets."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sympy import Expr

from derive.errors import DeriveError
from derive.language import At, Delta, Index
from derive.reading.defined import head_with_arguments
from derive.reading.elaborate import Elaborator
from derive.reading.inference import applied_to_unknown, inferred
from derive.reading.naming import unused
from derive.reading.reader import Job, axes_of, check_bare
from derive.reading.scope import Names
from derive.reading.scripts import is_position
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
    call = head_with_arguments(terms)
    if call is not None and call.indices:
        indexed = [i for i in items if isinstance(i, Scripted)]
        return _element(Scripted(call.name.place, call.name, indexed[0].sub))
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
        bare = not isinstance(head, Scripted)
        _fit(reader, head, body)
        sides = (Terms(head.place, ((1, (head,)),)), body)
        env = axes_of(reader, Chain(body.place, sides if bare else (body,)))
        reader.bare_sums.clear()
        value = reader.expr(body, env)
        if reader.final and bare and len(env.places) > reader.rank(body):
            raise DeriveError(
                f"{name_of(head).key} has indices elsewhere, and a number stands here; write them",
                head.place,
            )
        left = reader.expr(chain_of(head), env)
        check_bare(reader, (left, value))
        return Setting(_checked(left, head), value)

    return job


def _fit(reader: Elaborator, head: Syntax, body: Terms) -> None:
    """A bare name is what its body is; an element is a number, and so must its body be."""
    if not isinstance(head, Scripted):
        note_head(reader, head, body)
    elif reader.rank(body):
        raise DeriveError(
            "an element stands on the left and a vector on the right; write the index", body.place
        )


def note_head(reader: Elaborator, head: Syntax, body: Terms) -> None:
    """A bare name on the left is what its body is: a number, a vector or a matrix."""
    names, key = reader.names, name_of(head).key
    name = names.resolve(key, head.place)
    for _, items in body.parts:
        inferred(names, items, names.rank(name))
    lone = applied_to_unknown(names, body)
    if lone and names.rank(name) == 1:
        names.whole |= lone
    elif lone and not reader.final and key not in names.heads:
        return  # what another formula says of the head says it of these
    rank = reader.rank(body)
    if rank == 0 and names.rank(name) == 0:
        names.heads.add(key)
    names.head_ranks[name] = rank


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
    """x ∈ ℝ^d says that x is a vector over d, X ∈ ℝ^{N×d} that it is a matrix, A ∈ ℝ that it is a
    number; a 1 is no axis."""
    item = sole(chain.exprs[1])
    if isinstance(item, Mark) and isinstance(sole(chain.exprs[0]), Name):
        names.numbers.add(subject.key)
    if not isinstance(item, Scripted) or not item.sup or chain.relations != ("in",):
        return
    sizes = [s for s in _sizes(item) if s != "1"]
    if names.rank(subject.key) not in (0, len(sizes)):
        raise DeriveError(
            f"{subject.key} has {names.rank(subject.key)} indices elsewhere and {len(sizes)} here; "
            f"mend the space",
            item.place,
        )
    if sizes:
        (names.whole if len(sizes) == 1 else names.matrices).add(subject.key)
    for at, size in enumerate(sizes):
        names.sizes |= set() if size.isdigit() else {size}
        names.ranges.fix(("array", subject.key, at), size, subject.key, item.place)


def _sizes(space: Scripted) -> list[str]:
    """The sizes in ℝ^{N×d}."""
    row = space.sup[0].exprs[0].parts[0][1]
    made = [i for i in row if not (isinstance(i, Mark) and i.kind == "times")]
    plain = len(space.sup) == 1 and len(space.sup[0].exprs[0].parts) == 1
    if not plain or len(made) > 2 or not all(isinstance(i, (Name, Number)) for i in made):
        raise DeriveError(
            "expected x \\in \\mathbb{R}^d for a vector, X \\in \\mathbb{R}^{N \\times d} for a "
            "matrix",
            space.place,
        )
    return [
        i.key if isinstance(i, Name) else i.written for i in made if isinstance(i, (Name, Number))
    ]


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
