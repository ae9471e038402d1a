"""Conditions (i = j, x > 0, i ≠ j) as {0, 1}-valued expressions, and cases built of them."""

from __future__ import annotations

from typing import Any

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import Cases, Delta, Index, Largest, Step
from derive.reading.environment import Env
from derive.reading.extremes import extreme
from derive.reading.row import Reads
from derive.reading.scope import INDEX_LETTERS
from derive.reading.syntax import Chain, Mark, Name, Number, Rows, Scripted, Terms, sole
from derive.reading.tokens import Place

ONE = Integer(1)
_ELSE = ("otherwise", "else", "其他", "其它", "否则")


def related(reader: Reads, a: Any, b: Any, place: Place) -> Expr:
    """δ_{ab}, both indices over one range."""
    if isinstance(a, Index) and isinstance(b, Index):
        reader.names.ranges.same(reader.key_of(a), reader.key_of(b), f"{a.name} = {b.name}", place)
    return Delta(a, b)


def condition(reader: Reads, chain: Chain, env: Env) -> Expr:
    """A chain of relations, each of which must hold."""
    if not chain.relations:
        raise DeriveError("expected a condition such as i = j or x > 0", chain.place)
    made: Expr = ONE
    for at, relation in enumerate(chain.relations):
        made *= _single(reader, chain.exprs[at], relation, chain.exprs[at + 1], env)
    return made


def _single(reader: Reads, left: Terms, relation: str, right: Terms, env: Env) -> Expr:
    if relation == "in":
        raise DeriveError("a condition with \\in is not read; write i = j or x > 0", right.place)
    if relation in ("=", "!="):
        equal = _equal(reader, left, right, env)
        return equal if relation == "=" else ONE - equal
    a, b = reader.expr(left, env), reader.expr(right, env)
    more, less = (a, b) if relation.startswith(">") else (b, a)
    return ONE - Step(less - more) if relation.endswith("=") else Step(more - less)


def _equal(reader: Reads, left: Terms, right: Terms, env: Env) -> Expr:
    a, b = index_of(reader, left, env), index_of(reader, right, env)
    if a is not None and (made := _argmax(reader, a, right, env)) is not None:
        return made
    if isinstance(a, Index) and b is None:
        b = _label_of(reader, right, env)
    elif isinstance(b, Index) and a is None:
        a = _label_of(reader, left, env)
    if a is not None and b is not None and (isinstance(a, Index) or isinstance(b, Index)):
        return related(reader, a, b, left.place)
    return _binary(reader, left, right, env)


def _label_of(reader: Reads, side: Terms, env: Env) -> Any:
    """y_i beside an index: the label of the example i."""
    item = sole(side)
    base = item.base if isinstance(item, Scripted) and not item.sup else None
    tail = sole(item.sub[0]) if isinstance(item, Scripted) and len(item.sub) == 1 else None
    labels = f"{base.key}_{tail.key}" if isinstance(base, Name) and isinstance(tail, Name) else ""
    if not labels or labels not in reader.names.indices:
        return None
    return reader.position((item,), 0, env) if item is not None else None


def index_of(reader: Reads, side: Terms, env: Env) -> Any:
    """The side as an index position, or None if it is a value."""
    item = sole(side)
    base = item.base if isinstance(item, Scripted) and not item.sup else item
    if isinstance(item, Number) and item.written.isdigit() and item.written != "0":
        return reader.position((item,), 0, env)
    if item is None or not isinstance(base, Name) or base.word or not _is_letter(reader, base, env):
        return None
    return reader.position((item,), 0, env) if item is base or base.key in env.bound else None


def _is_letter(reader: Reads, name: Name, env: Env) -> bool:
    """Bound letters and letters seen as indices; a letter that nothing else explains is one too."""
    names = reader.names
    if name.key in env.bound or name.key in names.indices or name.key in names.scope.indices:
        return True
    if name.key not in INDEX_LETTERS:
        return False
    known = name.key in names.bare or name.key in names.arity or name.key in names.sizes
    return not known and not names.is_declared(name.key) and name.key not in names.whole


def _argmax(reader: Reads, at: Any, right: Terms, env: Env) -> Expr | None:
    """j = arg max_k z_k: the subgradient weight of j in the maximum."""
    items = right.parts[0][1]
    head = items[0].base if isinstance(items[0], Scripted) else items[0]
    if len(right.parts) != 1 or not isinstance(head, Mark) or head.value not in ("arg", "argmax"):
        return None
    row = reader.row(items[1:] if head.value == "arg" else items, env)
    script = row.take()
    made = extreme(
        row, script if isinstance(script, Scripted) else Scripted(script.place, script), "max"
    )
    if isinstance(at, Index):
        related(reader, at, made.args[1], right.place)
    return Largest(*made.args, at)


def _binary(reader: Reads, left: Terms, right: Terms, env: Env) -> Expr:
    """y = 1, y = 0 of an element that is 0 or 1; a sum equals a value where it is neither smaller
    nor larger; y = 1 of what may be any number may mean a label."""
    value, target = reader.expr(left, env), sole(right)
    domain = getattr(getattr(value, "array", None), "domain", "")
    if isinstance(target, Number) and target.written in ("0", "1"):
        if domain == "binary":
            return value if target.written == "1" else ONE - value
        if isinstance(value, (Delta, Step)):
            return value if target.written == "1" else ONE - value
    if len(left.parts) == len(right.parts) == 1:
        raise DeriveError(
            "an equation between values is not a condition here; compare indices, or use < and >",
            left.place,
        )
    other = reader.expr(right, env)
    return (ONE - Step(value - other)) * (ONE - Step(other - value))


def complement(test: Expr) -> Expr:
    return ONE - test


def cases(reader: Reads, node: Rows, env: Env) -> Expr:
    """A cases environment; its last row must say otherwise, or be the opposite of the only other
    one."""
    made = [_row(reader, row, env, node.place) for row in node.rows]
    tests = [test for _, test in made]
    if any(t is None for t in tests[:-1]):
        raise DeriveError("only the last row of cases can go without a condition", node.place)
    gap = reader.final and tests[-1] is not None
    if gap and not (len(tests) == 2 and tests[1] == complement(tests[0])):
        raise DeriveError("these cases may leave a gap; end with \\text{otherwise}", node.place)
    if len(made) == 1:
        raise DeriveError("cases need more than one row", node.place)
    flat = [part for value, test in made[:-1] for part in (value, test)]
    return Cases(*flat, made[-1][0])


def _row(reader: Reads, row: Any, env: Env, place: Place) -> tuple[Expr, Expr | None]:
    value, conditions, words = row
    if not conditions:
        said = " ".join(words).strip(" .,，。")
        if said not in _ELSE:
            raise DeriveError(
                f"expected a condition or \\text{{otherwise}}, not {said!r}", value.place
            )
        return reader.expr(value, env), None
    test: Expr = ONE
    for chain in conditions:
        test *= condition(reader, chain, env)
    return reader.expr(value, env), test
