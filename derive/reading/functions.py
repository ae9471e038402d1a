"""Functions of one number, softmax and its kin, δ and indicators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.functions import BY_NAME
from derive.language import Exp, Index, Log, Sigmoid, Sum, sqrt
from derive.reading.conditions import condition, related
from derive.reading.extremes import clipped, extreme
from derive.reading.inference import inferred, note_diagonal
from derive.reading.naming import SIZE_LETTERS
from derive.reading.row import Row
from derive.reading.softmax import SOFT, soft
from derive.reading.syntax import Bracket, Mark, Name, Number, Scripted, Syntax, chain_of, sole
from derive.reading.vectors import multiplied, rank
from derive.terms import free_indices, rename

WRITTEN_OUT: dict[str, Callable[[Expr], Expr]] = {
    "sqrt": sqrt,
    "cosh": lambda x: (Exp(x) + Exp(-x)) / 2,
    "sinh": lambda x: (Exp(x) - Exp(-x)) / 2,
    "log1p": lambda x: Log(1 + x),
    "expm1": lambda x: Exp(x) - 1,
    "logit": lambda x: Log(x) - Log(1 - x),
    "logsigmoid": lambda x: Log(Sigmoid(x)),
}


def call(row: Row, head: Syntax, name: str) -> Expr:
    """f(x), f x, f^2(x), f'(x) for the function `name`; the row stands after the head."""
    script = head if isinstance(head, Scripted) else Scripted(head.place, head)
    if row.ended():
        raise DeriveError(f"{name} needs an argument", head.place)
    if name in ("max", "min", "argmax", "argmin", "arg"):
        return extreme(row, script, name)
    if name == "clip":
        return clipped(row, script)
    if name == "log" and not script.sub and not script.sup and is_gamma(row, row.peek()):
        row.take()
        return call(row, script, "lgamma")
    if name in SOFT:
        return soft(row, script, name)
    if name in ("diag", "trace"):
        return _diagonal(row, script, name)
    if script.sub:
        raise DeriveError(f"{name} with a subscript is not read", script.place)
    first = row.peek()
    value = _raised(row, first, _applied(name, script, argument(row, name)))
    return row.reader.power(value, row.argument(script.sup), head.place) if script.sup else value


def _applied(name: str, script: Scripted, value: Expr) -> Expr:
    if name in WRITTEN_OUT and not script.primes:
        return WRITTEN_OUT[name](value)
    if name in WRITTEN_OUT:
        raise DeriveError(f"this derivative of {name} is not read; write it out", script.place)
    function = BY_NAME[name]
    if not script.primes:
        return function.node(value)
    if script.primes > 1 or function.derivative is None:
        raise DeriveError(f"this derivative of {name} is not read; write it out", script.place)
    return function.derivative(value)


def argument(row: Row, name: str) -> Expr:
    """The argument: a bracket, or one factor; `log a b` can be read in two ways and is refused."""
    item = row.peek()
    base = item.base if isinstance(item, Scripted) else item
    if isinstance(base, Bracket) and base.kind in ("(", "[", "{", "braces"):
        return _bracketed(row, item, base, name)
    start = row.at
    if isinstance(item, Mark) and item.kind in ("times", "slash"):
        raise DeriveError(f"{name} needs an argument", item.place)
    inner = type(row)(row.reader, row.items[row.at :], row.env.deeper(row.place, 2))
    value = inner.only()
    row.at = start + inner.at
    _ends(row, name)
    return value


def _diagonal(row: Row, script: Scripted, name: str) -> Expr:
    """diag(v) = δ_ij v_i, diag(A) = (A_ii), tr A = Σ_k A_kk."""
    item, places = row.take(), row.env.places
    inner = sole(item.items[0]) if isinstance(item, Bracket) and item.kind == "braces" else None
    arg = inner or item
    if isinstance(arg, Bracket):
        inferred(row.names, arg.items[0].exprs[0].parts[0][1], 2 if name == "trace" else 1)
        note_diagonal(row.names, arg.items[0])
        arg = replace(arg, items=(multiplied(row.names, arg.items[0]),)) if name == "diag" else arg
    axes = rank(row.names, arg)
    elements_ = not axes and name == "diag" and isinstance(arg, (Bracket, Scripted))
    if elements_ and len(places) == 2 and not (script.sub or script.sup or script.primes):
        return _diagonal_of(row, arg, places)
    if script.sub or script.sup or script.primes or not axes or isinstance(arg, Scripted):
        raise DeriveError(f"expected one vector or matrix in parentheses after {name}", item.place)
    if name == "trace":
        index = row.reader.fresh(item.place, row.env, name)
        inside = row.env.binding(index).at((index, index), item.place)
        return Sum(row.reader.atom(arg, inside), index)
    if len(places) != 3 - axes:
        raise DeriveError("diag(...) stands where its shape does not fit", item.place)
    if axes == 2:
        return row.reader.atom(arg, row.env.at((places[0], places[0]), item.place))
    at_row = row.reader.atom(arg, row.env.at(places[:1], item.place))
    return related(row.reader, places[0], places[1], item.place) * at_row


def _diagonal_of(row: Row, arg: Syntax, places: tuple[Any, ...]) -> Expr:
    """diag(μ_i (1 - μ_i)): the element written with its one free index."""
    reader = row.reader
    value = reader.expr(chain_of(arg), replace(row.env, axis=None, row=None).deeper(arg.place))
    free = [i for i in free_indices(value) if i not in row.env.bound.values()]
    if len(free) != 1:
        raise DeriveError("expected one vector or matrix in parentheses after diag", arg.place)
    if isinstance(places[0], Index):
        keys = reader.key_of(free[0]), reader.key_of(places[0])
        reader.names.ranges.same(*keys, f"{free[0].name} in diag", arg.place)
    return related(reader, places[0], places[1], arg.place) * rename(value, {free[0]: places[0]})


def _ends(row: Row, name: str) -> None:
    """After a bare argument a product sign or another function may follow, nothing else."""
    after = row.peek()
    head = after.base if isinstance(after, Scripted) else after
    if after is None or (
        isinstance(head, Mark) and (head.kind == "function" or head.kind == "times")
    ):
        return
    raise DeriveError(
        f"how far {name} reaches can be read in two ways; put its argument in parentheses",
        after.place,
    )


def _bracketed(row: Row, item: Syntax | None, base: Bracket, name: str) -> Expr:
    row.take()
    if len(base.items) != 1:
        raise DeriveError(f"{name} takes one argument", base.place)
    if isinstance(item, Scripted) and (item.sub or item.primes or name == "log"):
        raise DeriveError(
            f"the script after {name}(...) can be read in two ways; add parentheses", item.place
        )
    return row.reader.expr(base.items[0], row.env.deeper(base.place))


def _raised(row: Row, item: Syntax | None, value: Expr) -> Expr:
    """f(x)^2 is the square of f(x); for log it was refused."""
    if (
        not isinstance(item, Scripted)
        or not isinstance(item.base, Bracket)
        or item.base.kind in ("norm", "bars", "angle")
    ):
        return value
    return row.reader.power(value, row.argument(item.sup), item.place)


def is_sigmoid(row: Row, node: Scripted) -> bool:
    """Whether this σ is the logistic function: it stands before a bracket."""
    after = row.peek()
    bracket = after.base if isinstance(after, Scripted) else after
    if row.names.is_declared("sigma") or "sigma" in row.names.arity:
        return False
    applied = isinstance(bracket, Bracket) and bracket.kind == "(" and not node.sub
    if applied and "sigma" in row.names.bare:
        raise DeriveError(
            "σ is a number elsewhere and a function here; write \\operatorname{sigmoid}", node.place
        )
    if applied and node.sup:
        raise DeriveError("σ^k(...) can be read in two ways; write (σ(...))^k", node.place)
    return applied


def is_gamma(row: Row, item: Syntax | None) -> bool:
    """Whether this Γ is the gamma function."""
    return isinstance(item, Name) and item.key == "Gamma" and not row.names.is_declared("Gamma")


def delta(row: Row, node: Scripted) -> Expr | None:
    """δ_{ij}; None when δ has one index or a label and so is an array."""
    if row.names.arity.get("delta") or _count(node) < 2:
        return None
    places = row.reader.positions(node.sub, row.env)
    if len(places) != 2:
        raise DeriveError("Kronecker's δ has two indices", node.place)
    return related(row.reader, places[0], places[1], node.place)


def _count(node: Scripted) -> int:
    return sum(len(items) for c in node.sub for _, items in c.exprs[0].parts)


def indicates(row: Row, item: Syntax) -> bool:
    """Whether a 1 or an I stands before a condition in brackets: 1(x > 0), I[i = j]."""
    after = row.peek()
    if not isinstance(after, Bracket) or after.kind not in ("{", "[", "("):
        return False
    head = item.written if isinstance(item, Number) else getattr(item, "key", "")
    return head in ("1", "I") and len(after.items) == 1 and bool(after.items[0].relations)


def indicator(row: Row, head: Syntax) -> Expr:
    """1[i = j], 1{x > 0}, 1_{i=j}: the condition as a number."""
    if isinstance(head, Scripted) and head.sub and not head.sup:
        if not head.sub[0].relations:
            raise DeriveError("expected a condition such as i = j under the indicator", head.place)
        return condition(row.reader, head.sub[0], row.env)
    after = row.peek()
    script = after if isinstance(after, Scripted) and not after.sub and not after.primes else None
    after = script.base if script else after
    if isinstance(head, Scripted) or not isinstance(after, Bracket) or not after.items[0].relations:
        raise DeriveError(
            "expected a condition in brackets, such as [i = j], after the indicator", head.place
        )
    row.take()
    made: Expr = Integer(1)
    for chain in after.items:
        made *= condition(row.reader, chain, row.env)
    return row.reader.power(made, row.argument(script.sup), head.place) if script else made


def ones(row: Row, head: Syntax) -> Expr | None:
    """The vector of ones \\mathbf{1} or \\mathbf{1}_n; None if an indicator stands here."""
    after = row.peek()
    test = after.base if isinstance(after, Scripted) else after
    if isinstance(test, Bracket) and any(c.relations for c in test.items):
        return None
    size = sole(head.sub[0]) if isinstance(head, Scripted) and len(head.sub) == 1 else None
    if isinstance(head, Scripted) and (head.sup or not isinstance(size, Name)):
        return None
    if isinstance(size, Name) and size.key not in row.names.sizes | SIZE_LETTERS:
        return None
    if row.env.axis is None:
        raise DeriveError("the vector of ones stands here; write 1, or its sum", head.place)
    if isinstance(size, Name) and isinstance(row.env.axis, Index):
        row.names.sizes.add(size.key)
        key = row.reader.key_of(row.env.axis)
        row.names.ranges.fix(key, size.key, "the vector of ones", head.place)
    return Integer(1)


def expectation(row: Row, head: Syntax) -> Expr:
    """E_{k ~ p}[f_k] = Σ_k p_k f_k; an expectation that does not name p and k is refused."""
    chain = head.sub[0] if isinstance(head, Scripted) and len(head.sub) == 1 else None
    index = sole(chain.exprs[0]) if chain is not None and chain.relations == ("~",) else None
    law = sole(chain.exprs[1]) if chain is not None and index is not None else None
    body = row.peek()
    if not (isinstance(index, Name) and isinstance(law, Name) and isinstance(body, Bracket)):
        raise DeriveError(
            "which expectation is meant is not said; write \\mathbb{E}_{k \\sim p}[f_k], or the "
            "sum \\sum_k p_k f_k",
            head.place,
        )
    row.take()
    bound = row.reader.bind(index.key, ("bound", row.reader.formula, index.place, index.key))
    row.names.letters.add(index.key)
    env = row.env.deeper(body.place).binding(bound)
    weight = row.reader.indexed(law.key, (bound,), law.place)
    return Sum(weight * row.reader.atom(body, env), bound)


# -- softmax, log-softmax, log-sum-exp ---
