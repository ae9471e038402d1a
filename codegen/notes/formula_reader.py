"""Reads the LaTeX that `derive.notation` prints, and the formulas in the prose of the notes, into
trees.

Exactly the LaTeX that this project writes is taken and everything else refused, so a page can never
show less than what was meant.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from codegen.errors import CodegenError
from codegen.notes.formula import (
    Accent,
    Atom,
    Branches,
    Fence,
    Frac,
    Mark,
    Node,
    Root,
    Row,
    Script,
    row,
    tall,
)

TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
GREEK = frozenset(
    [
        "alpha",
        "beta",
        "gamma",
        "delta",
        "epsilon",
        "varepsilon",
        "zeta",
        "eta",
        "theta",
        "iota",
        "kappa",
        "lambda",
        "mu",
        "nu",
        "xi",
        "pi",
        "rho",
        "sigma",
        "tau",
        "upsilon",
        "phi",
        "chi",
        "psi",
        "omega",
        "Gamma",
        "Delta",
        "Theta",
        "Lambda",
        "Xi",
        "Pi",
        "Sigma",
        "Upsilon",
        "Phi",
        "Psi",
        "Omega",
    ]
)
SYMBOLS: dict[str, str] = {
    **{rf"\{g}": "letter" for g in GREEK},
    **{rf"\{f}": "function" for f in ("log", "exp", "tanh", "sin", "cos", "tan", "arg")},
    **{rf"\{b}": "big" for b in ("sum", "prod", "max", "min", "lim")},
    **{rf"\{r}": "relation" for r in ("le", "ge", "ne", "to", "approx", "gg", "ll", "in", "mid",
    "Rightarrow", "propto")},
    **dict.fromkeys("=<>", "relation"),
    **dict.fromkeys(("+", "-", "/", r"\cdot", r"\times", r"\pm", "*"), "operator"),
    **dict.fromkeys(("!", "'", "|", r"\partial", r"\infty", r"\dots", r"\ldots",
                     r"\cdots", r"\top", r"\prime", r"\%"), "plain"),
    r"\quad": "space", ",": "punctuation", ";": "punctuation", ":": "punctuation",
    ".": "punctuation",
}  # fmt: skip
STYLES = {
    r"\mathrm": "roman",
    r"\operatorname": "function",
    r"\text": "text",
    r"\mathbb": "roman",
    r"\mathbf": "roman",
}
SPACES = frozenset((r"\,", r"\;", r"\ ", r"\!", r"\qquad", r"\displaystyle"))
CLOSERS = ("}", "&", r"\\", r"\right", r"\bigr", r"\biggr", r"\end")
CLOSING = {"(": ")", "[": "]", "|": "|"}


@lru_cache(maxsize=20_000)
def read(latex: str) -> Row:
    """The tree of a formula; a construct that is not ours is refused with its place."""
    reader = _Reader(latex)
    made = reader.row(())
    if reader.at < len(reader.tokens):
        raise reader.wrong()
    return made


class _Reader:
    def __init__(self, latex: str):
        self.latex = latex
        self.spaced: list[str] = TOKEN.findall(latex)
        self.tokens = [t for t in self.spaced if not t.isspace()]
        self.at = 0

    def wrong(self) -> CodegenError:
        token = self.peek() or "the end"
        return CodegenError(
            f"the formula {self.latex!r} has {token!r} where the notes know no such thing: "
            "see codegen/notes/formula_reader.py"
        )

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, wanted: str = "") -> str:
        token = self.peek()
        if not token or (wanted and token != wanted):
            raise self.wrong()
        self.at += 1
        return token

    def row(self, stops: tuple[str, ...]) -> Row:
        """Items until one of the stops, or the end."""
        items: list[Node] = []
        while (token := self.peek()) and token not in stops and token not in CLOSERS:
            if token in SPACES:
                self.at += 1
                continue
            items.append(self.scripted(self.item()))
        return Row(tuple(items))

    def scripted(self, base: Node) -> Node:
        below = above = None
        while self.peek() in ("_", "^"):
            if self.take() == "_":
                below = self.argument()
            else:
                above = self.argument()
        return base if below is None and above is None else Script(base, below, above)

    def argument(self) -> Row:
        """What a command or a script takes: a group, or one item."""
        if self.peek() != "{":
            return Row((self.item(),))
        self.take("{")
        return row(self.group())

    def item(self) -> Node:
        token = self.take()
        if token in COMMANDS:
            return COMMANDS[token](self)
        if token in STYLES:
            return self.styled(token)
        if token in ("(", "["):
            inner = self.row((CLOSING[token],))
            self.take(CLOSING[token])
            return Fence(token, CLOSING[token], inner, False)
        if token in SYMBOLS:
            return Atom(SYMBOLS[token], token)
        if token[0].isdigit():
            return Atom("number", token)
        if len(token) == 1 and token.isalpha() and token.isascii():
            return Atom("letter", token)
        self.at -= 1
        raise self.wrong()

    def styled(self, command: str) -> Atom:
        r"""\text{...}: its words, blanks kept, from the tokens with their blanks."""
        self.take("{")
        words = self.words()
        return Atom(STYLES[command], rf"{command}{{{words}}}")

    def words(self) -> str:
        start = self._spaced_place()
        end = start
        while end < len(self.spaced) and self.spaced[end] != "}":
            end += 1
        words = self.spaced[start:end]
        self.at += sum(1 for w in words if not w.isspace())
        self.take("}")
        return "".join(words)

    def _spaced_place(self) -> int:
        count = 0
        for place, token in enumerate(self.spaced):
            if count == self.at:
                return place
            count += not token.isspace()
        return len(self.spaced)

    def group(self) -> Node:
        r"""{...}, coloured where it starts with \color."""
        if self.peek() == r"\color":
            self.at += 1
            self.take("{")
            self.words()
            inner = self.row(())
            self.take("}")
            return Mark(inner)
        inner = self.row(())
        self.take("}")
        return inner

    def fenced(self, close: str = r"\right") -> Fence:
        """Brackets grow only round what is tall; between bars that look alike they have to be
        told."""
        left = self.take()
        inner = self.row(())
        self.take(close)
        right = self.take()
        return Fence(left, right, inner, left == right or tall(inner))

    def environment(self) -> Branches:
        self.take("{")
        name = self.words()
        if name != "cases":
            raise self.wrong()
        rows = [self.branch()]
        while self.peek() == r"\\":
            self.at += 1
            rows.append(self.branch())
        self.take(r"\end")
        self.take("{")
        self.words()
        return Branches(tuple(rows))

    def branch(self) -> tuple[Row, Row]:
        value = self.row(())
        self.take("&")
        return value, self.row(())


COMMANDS: dict[str, Callable[[_Reader], Node]] = {
    r"\frac": lambda r: Frac(r.argument(), r.argument()),
    r"\sqrt": lambda r: Root(r.argument()),
    r"\left": lambda r: r.fenced(),
    r"\bigl": lambda r: r.fenced(r"\bigr"),
    r"\biggl": lambda r: r.fenced(r"\biggr"),
    r"\begin": lambda r: r.environment(),
    "{": lambda r: r.group(),
    r"\hat": lambda r: Accent("hat", r.argument()),
    r"\bar": lambda r: Accent("bar", r.argument()),
    r"\tilde": lambda r: Accent("tilde", r.argument()),
    r"\mathbin": lambda r: r.argument(),
    r"\mathop": lambda r: r.argument(),
}
