"""Functions that the author defines: f(x) = …, and what f(z_i), f(Wx + b) or f'(x) then mean.

The parameters of a function are names of its own: the letter x of f(x) = x² has nothing to do with
an x elsewhere.  An application puts the arguments in their place without capturing any index.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from derive.errors import DeriveError
from derive.reading.scope import Function, Head, Names, private
from derive.reading.syntax import Bracket, Name, Scripted, Syntax, Terms, names_in, sole


def head_with_arguments(side: Terms) -> Head | None:
    """The head f(x), f(x, y), f(z)_i or f_i(z) that stands alone on the left; None otherwise."""
    (sign, items), *more = side.parts
    if sign < 0 or more or len(items) != 2:
        return None
    first, second = items
    bracket = second.base if isinstance(second, Scripted) else second
    name = first.base if isinstance(first, Scripted) else first
    scripts = [s for s in (first, second) if isinstance(s, Scripted)]
    plain = not any(s.sup or s.primes for s in scripts) and len(scripts) < 2
    if not plain or not isinstance(name, Name) or not isinstance(bracket, Bracket):
        return None
    inner = [sole(c) for c in bracket.items]
    indices = [i for s in scripts for c in s.sub for i in c.exprs[0].parts[0][1]]
    if bracket.kind != "(" or not all(isinstance(i, Name) for i in (*inner, *indices)):
        return None
    return Head(name, tuple(inner), tuple(indices))  # type: ignore[arg-type]  # all are names


def defined(names: Names, head: Head, body: Terms) -> Function:
    """The function of a definition; its parameters are renamed in the body."""
    keys = {p.key: private(head, p.key) for p in head.parameters}
    if len(keys) < len(head.parameters):
        raise DeriveError(
            f"{head.name.key} has one parameter twice; name them apart", head.name.place
        )
    made = renamed(body, keys)
    for parameter in head.parameters:
        if parameter.bold:
            names.whole.add(keys[parameter.key])
    assert isinstance(made, Terms)
    return Function(head, made, names)


@dataclass(frozen=True)
class Meaning:
    """A definition with arguments, f(x) = body."""

    head: Head
    body: Terms


def note_functions(
    names: Names, meanings: Sequence[Meaning], chains: Sequence[Syntax], strict: bool = True
) -> list[Head]:
    """Note the functions among the definitions; the heads that are nothing else are returned.

    f(x) = … defines a function where f is applied to something else than x, or has a prime;
    otherwise, or where an indexed f_i stands bare as well, it is a quantity that depends on x.
    What is defined twice is no function. Unless `strict`, σ(x) = … is a claim about the
    logistic function, and what is defined by way of itself is passed over.
    """
    found, made = _Calls([], set(), meanings), list[Head]()
    for chain in chains:
        _collect(chain, found.calls, found.bare)
    for meaning in (m for m in meanings if found.is_function(m, strict)):
        key = meaning.head.name.key
        if key in _reached(key, meanings):
            if not strict:
                continue
            raise DeriveError(f"{key} is defined by way of itself", meaning.head.name.place)
        names.functions[key] = defined(names, meaning.head, meaning.body)
        if found.is_nothing_else(meaning, strict):
            made.append(meaning.head)
    return made


@dataclass(frozen=True)
class _Calls:
    """How names are applied, which stand bare, and what is defined."""

    calls: list[tuple[str, tuple[str | None, ...], bool]]
    bare: set[str]
    meanings: Sequence[Meaning]

    def is_function(self, meaning: Meaning, strict: bool) -> bool:
        """Whether f(x) = … defines a function; see `note_functions`."""
        key, own = meaning.head.name.key, _parameters(meaning)
        others = any(c[0] == key and (c[1] != own or c[2]) for c in self.calls)
        same = [m for m in self.meanings
                if m.head.name.key == key and len(_parameters(m)) == len(own)]  # fmt: skip
        unique = len(same) == 1 if strict else same[0] is meaning
        needed = others or (meaning.head.indices and key not in self.bare) or _is_sigma(meaning)
        return unique and bool(needed) and (strict or not _is_sigma(meaning))

    def is_nothing_else(self, meaning: Meaning, strict: bool) -> bool:
        """Whether a function is no quantity that depends on x as well."""
        key, own = meaning.head.name.key, _parameters(meaning)
        used = strict and sum(c[0] == key and c[1] == own for c in self.calls) > 1
        return _is_sigma(meaning) or not (used or key in self.bare)


def _parameters(meaning: Meaning) -> tuple[str, ...]:
    return tuple(p.key for p in meaning.head.parameters)


def _is_sigma(meaning: Meaning) -> bool:
    return meaning.head.name.key == "sigma" and not meaning.head.indices


def _reached(key: str, meanings: Sequence[Meaning]) -> set[str]:
    """The names that a definition rests on, directly or through others."""
    bodies = {m.head.name.key: m.body for m in reversed(meanings)}  # the first one counts
    seen, queue = set[str](), [key]
    while queue:
        new = names_in(bodies[queue.pop()]) - seen
        seen |= new
        queue += [n for n in new if n in bodies]
    return seen


def _collect(
    node: Any, calls: list[tuple[str, tuple[str | None, ...], bool]], bare: set[str]
) -> None:
    """The applications f(a) in the syntax, and the names that stand without arguments."""
    if isinstance(node, Name):
        bare.add(node.key)
    elif isinstance(node, Terms):
        for _, items in node.parts:
            _collect_row(items, calls, bare)
    elif isinstance(node, tuple):
        for inner in node:
            _collect(inner, calls, bare)
    elif isinstance(node, Syntax):
        for f in fields(node):
            _collect(getattr(node, f.name), calls, bare)


def _collect_row(
    items: tuple[Syntax, ...],
    calls: list[tuple[str, tuple[str | None, ...], bool]],
    bare: set[str],
) -> None:
    for at, item in enumerate(items):
        name = item.base if isinstance(item, Scripted) else item
        after = items[at + 1] if at + 1 < len(items) else None
        bracket = after.base if isinstance(after, Scripted) else after
        if isinstance(name, Name) and isinstance(bracket, Bracket) and bracket.kind in ("(", "["):
            inner = [sole(c) for c in bracket.items]
            keys = tuple(i.key if isinstance(i, Name) else None for i in inner)
            calls.append((name.key, keys, isinstance(item, Scripted) and item.primes > 0))
            scripts = (item.sub, item.sup) if isinstance(item, Scripted) else ()
            _collect(scripts, calls, bare)
        else:
            _collect(item, calls, bare)


def renamed(node: Any, keys: dict[str, str]) -> Any:
    """The same syntax with other names."""
    if isinstance(node, Name):
        return replace(node, key=keys.get(node.key, node.key))
    if isinstance(node, tuple):
        return tuple(renamed(n, keys) for n in node)
    if isinstance(node, Syntax):
        parts = {f.name: renamed(getattr(node, f.name), keys) for f in fields(node)}
        return replace(node, **parts)
    return node
