"""LaTeX to syntax: lark's tree for `math.lark` into the records of `derive.reading.syntax`.

`parse` and `parse_all` are the only ways in.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import LarkError, UnexpectedInput, UnexpectedToken, VisitError

from derive.errors import DeriveError
from derive.reading.scripts import apart, is_fence, is_top
from derive.reading.syntax import (
    Bracket,
    Chain,
    Mark,
    Name,
    Number,
    Over,
    Root,
    Rows,
    Scripted,
    Syntax,
    Terms,
    chain_of,
    sole,
)  # fmt: skip
from derive.reading.tokens import Place, Ready, place, tokens


def _script(base: Syntax, scripts: list[tuple[Token, Any]]) -> Scripted:
    made: dict[str, Any] = {"sub": (), "sup": ()}
    primes = 0
    for mark, argument in scripts:
        if mark.type == "PRIME":
            primes += 1
            continue
        kind = mark.type.lower()
        if made[kind]:
            raise DeriveError(
                f"two {kind}erscripts" if kind == "sup" else "two subscripts", place(mark)
            )
        made[kind] = apart(argument) if kind == "sup" else argument
    inner = sole(base.items[0]) if isinstance(base, Bracket) and base.kind == "braces" else None
    if isinstance(inner, Scripted) and len(inner.sup) == 1 and is_fence(sole(inner.sup[0])):
        turned = made["sup"] and not made["sub"] and is_top(made["sup"][-1])
        if turned and len(made["sup"]) == 1:  # {x^{(i)}}^T
            return replace(inner, sup=(*inner.sup, *made["sup"]))
    return Scripted(base.place, base, made["sub"], made["sup"], primes)


def _sums(item: Syntax) -> bool:
    """Whether a row ends with Σ: the sign behind it belongs to what is summed."""
    head = item.base if isinstance(item, Scripted) else item
    return isinstance(head, Mark) and head.value == "sum"


def _factorial(before: list[Syntax], at: Place) -> tuple[Name, Bracket]:
    """k! is Γ(k + 1)."""
    item = before[0] if before else None
    base = item.base if isinstance(item, Scripted) and not item.sup and not item.primes else item
    counts = isinstance(base, (Name, Number)) or (item is base and isinstance(base, Bracket))
    if item is None or not counts:
        raise DeriveError("a factorial stands behind one name, number or bracket", at)
    parts = ((1, (item,)), (1, (Number(at, "1"),)))
    return Name(at, "Gamma"), Bracket(at, "(", (Chain(at, (Terms(at, parts),)),))


@v_args(inline=True)
class _Build(Transformer[Token, Any]):
    """Lark's tree into the records above."""

    def start(self, *parts: Any) -> tuple[Chain, ...]:
        return tuple(p for p in parts if isinstance(p, Chain))

    def chain(self, first: Terms, *rest: Any) -> Chain:
        relations = tuple(r for r, _ in rest[::2])
        return Chain(first.place, (first, *rest[1::2]), relations, tuple(p for _, p in rest[::2]))

    def relation(self, token: Token) -> tuple[str, Place]:
        names = {"EQUALS": "=", "DIFFERS": "!=", "IN": "in", "SIM": "~"}
        return names.get(token.type, str(token)), place(token)

    def expr(self, *parts: Any) -> Terms:
        sign, rows = 1, list[tuple[int, Any]]()
        for part in parts:
            if isinstance(part, Token):
                sign = 1 if part.type == "PLUS" else -1
            elif rows and _sums(rows[-1][1][-1]):
                rows[-1] = (rows[-1][0] * sign, (*rows[-1][1], *part))
            else:
                rows.append((sign, part))
        return Terms(
            place(parts[0]) if isinstance(parts[0], Token) else parts[0][0].place, tuple(rows)
        )

    def term(self, *items: Any) -> tuple[Syntax, ...]:
        made: list[Syntax] = []
        for item in items:
            if isinstance(item, Token) and item.type == "BANG":
                made[-1:] = _factorial(made[-1:], place(item))
            else:
                is_mark = isinstance(item, Token)
                made.append(Mark(place(item), item.type.lower(), str(item)) if is_mark else item)
        return tuple(made)

    def scripted(self, base: Syntax, *scripts: Any) -> Syntax:
        return _script(base, list(scripts))

    def script(self, mark: Token, argument: Any = None) -> tuple[Token, Any]:
        return mark, argument

    def arg(self, *parts: Any) -> tuple[Chain, ...]:
        inner = parts[1] if isinstance(parts[0], Token) and parts[0].type == "OPEN" else parts[0]
        return inner if isinstance(inner, tuple) else (chain_of(inner),)

    def simple(self, *parts: Any) -> Syntax:
        first = parts[0]
        kind = first.type if isinstance(first, Token) else ""
        if kind == "NUMBER":
            if len(first) > 1:
                raise DeriveError(
                    f"{first!s} without braces: write {{{first!s}}} or separate the digits",
                    place(first),
                )
            return self.number(first)
        if kind == "FRAC":
            return self.fraction(*parts)
        marks = {"ONE": self.one, "TOP": self.top, "INFINITY": self.infinity}
        return marks[kind](first) if kind in marks else self.name(*parts)

    def sign(self, token: Token) -> Mark:
        return Mark(place(token), token.type.lower())

    def listed(self, *parts: Any) -> tuple[Chain, ...]:
        return tuple(p for p in parts if isinstance(p, Chain))

    def number(self, token: Token) -> Number:
        return Number(place(token), str(token))

    def name(self, head: Token, argument: Any = None) -> Syntax:
        if argument is None:
            return Name(place(head), str(head), word=head.type == "WORD")
        inner = sole(argument[0]) if len(argument) == 1 else None
        if not isinstance(inner, Name):
            raise DeriveError(
                "an accent or font stands over one letter only; write it over the letter",
                place(head),
            )
        if head.type == "ACCENT":
            return Name(inner.place, inner.key + str(head), inner.bold)
        return Name(inner.place, inner.key, inner.bold or head.type == "BOLD", inner.word)

    def braces(self, open_: Token, chain: Chain, _: Token) -> Bracket:
        return Bracket(place(open_), "braces", (chain,))

    def bracket(self, open_: Token, items: tuple[Chain, ...], _: Token) -> Bracket:
        kind = {"ROUND": "(", "SQUARE": "[", "CURLY": "{"}[open_.type]
        return Bracket(place(open_), kind, items)

    def _fenced(self, kind: str, open_: Token, inner: Any) -> Bracket:
        items = inner if isinstance(inner, tuple) else (Chain(inner.place, (inner,)),)
        return Bracket(place(open_), kind, items)

    def bars(self, open_: Token, inner: Terms, _: Token) -> Bracket:
        return self._fenced("bars", open_, inner)

    def norm(self, open_: Token, inner: Terms, _: Token) -> Bracket:
        return self._fenced("norm", open_, inner)

    def angle(self, open_: Token, items: tuple[Chain, ...], _: Token) -> Bracket:
        return self._fenced("angle", open_, items)

    def stack(self, open_: Token, *parts: Any) -> Bracket:
        return Bracket(place(open_), "stack", tuple(p for p in parts if isinstance(p, Chain)))

    def fraction(self, head: Token, above: tuple[Chain, ...], below: tuple[Chain, ...]) -> Over:
        if len(above) > 1 or len(below) > 1:
            raise DeriveError("a comma inside a fraction", place(head))
        return Over(place(head), above[0], below[0])

    def root(self, head: Token, *parts: Any) -> Root:
        degree = next((Chain(p.place, (p,)) for p in parts if isinstance(p, Terms)), None)
        return Root(place(head), degree, parts[-1][0])

    def cases(self, head: Token, *parts: Any) -> Rows:
        return Rows(place(head), tuple(p for p in parts if isinstance(p, tuple)))

    def row(self, value: Chain, *rest: Any) -> tuple[Chain, tuple[Chain, ...], tuple[str, ...]]:
        words = tuple(str(p) for p in rest if isinstance(p, Token) and p.type == "TEXT")
        return value, tuple(p for p in rest if isinstance(p, Chain)), words

    def function(self, token: Token) -> Mark:
        return Mark(place(token), "function", str(token))

    def big(self, token: Token) -> Mark:
        return Mark(place(token), "big", str(token))

    def partial(self, token: Token) -> Mark:
        return Mark(place(token), "partial", "")

    def nabla(self, token: Token) -> Mark:
        return Mark(place(token), "nabla", "")

    def one(self, token: Token) -> Mark:
        return Mark(place(token), "one", "")

    def top(self, token: Token) -> Mark:
        return Mark(place(token), "top", "")

    def numbers(self, token: Token) -> Mark:
        return Mark(place(token), "numbers", str(token))

    def dots(self, token: Token) -> Mark:
        return Mark(place(token), "dots")

    def expectation(self, token: Token) -> Mark:
        return Mark(place(token), "expectation")

    def infinity(self, token: Token) -> Mark:
        return Mark(place(token), "infinity")


_READABLE = {
    "OPEN": "{", "CLOSE": "}", "ROUND": "(", "ROUND_END": ")", "SQUARE": "[", "SQUARE_END": "]",
    "CURLY": r"\{", "CURLY_END": r"\}", "SUB": "_", "SUP": "^", "PLUS": "+", "MINUS": "-",
    "EQUALS": "=",
    "AMP": "&", "ROW": r"\\", "CASES_END": r"\end{cases}", "BAR_END": "|", "NORM_END": r"\|",
    "COMMA": ",",
    "ANGLE_END": r"\rangle", "$END": "the end",
}  # fmt: skip
_A_TERM = frozenset({"LETTER", "NUMBER", "GREEK", "FRAC"})


@cache
def _grammar() -> Lark:
    source = files("derive.reading").joinpath("math.lark").read_text(encoding="utf-8")
    return Lark(source, parser="lalr", lexer=Ready, maybe_placeholders=False, keep_all_tokens=True)


def parse(latex: str) -> Chain:
    """The shape of one formula or chain of relations.

    Raises DeriveError with line, column and what was expected.
    """
    first, *more = parse_all(latex)
    if more:
        raise DeriveError("a list stands here; expected one formula", more[0].place)
    return first


def parse_all(latex: str) -> tuple[Chain, ...]:
    """The shapes of formulas separated by commas."""
    scanned = tokens(latex)
    if not scanned:
        raise DeriveError("there is no formula here; write an expression such as p_i - y_i", (1, 1))
    try:
        made: tuple[Chain, ...] = _Build().transform(_grammar().parse(scanned))
        return made
    except VisitError as error:
        if isinstance(error.orig_exc, DeriveError):
            raise error.orig_exc from None
        raise
    except UnexpectedInput as error:
        raise _refusal(error, latex) from None
    except LarkError as error:
        raise DeriveError(f"this is not a formula: {error}") from None


def _refusal(error: UnexpectedInput, latex: str) -> DeriveError:
    """What stood there and what could have stood there instead."""
    expected = set(getattr(error, "expected", None) or getattr(error, "accepts", None) or ())
    words = sorted(_READABLE[e] for e in expected if e in _READABLE)
    if expected >= _A_TERM:
        words = ["a term"]
    token = error.token if isinstance(error, UnexpectedToken) else None
    ended = token is None or token.type == "$END"
    found = "the formula ends here" if ended else f"{_shown(token)} cannot stand here"
    at = place(token) if token is not None and not ended else _end(latex)
    return DeriveError(f"{found}; expected {' or '.join(words) or 'something else'}", at)


def _shown(token: Token | None) -> str:
    written = str(token) or _READABLE.get(token.type if token else "", "this")
    return repr(written)


def _end(latex: str) -> Place:
    lines = latex.split("\n")
    return len(lines), len(lines[-1]) + 1
