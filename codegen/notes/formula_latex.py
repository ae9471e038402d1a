"""A formula tree as LaTeX, coloured parts and all, and how wide and how tall it will stand on the
page."""

from __future__ import annotations

import re
from dataclasses import dataclass

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

FUNCTION = ("function", "big")
COMMAND_END = re.compile(r"\\[A-Za-z]+$")


@dataclass(frozen=True)
class Latex:
    """Prints LaTeX; `color` is what \\color is given, empty to leave colours out."""

    color: str = ""
    words: tuple[tuple[str, str], ...] = ()

    def show(self, node: Node, script: bool = False) -> str:
        match node:
            case Atom(kind="text" | "roman", latex=text):
                return self.worded(text)
            case Atom(latex=text):
                return text
            case Row():
                return self.row(node, script)
            case Frac(above, below):
                return rf"\frac{{{self.show(above)}}}{{{self.show(below)}}}"
            case Script(base, below, above):
                return self.show(base) + self.script("_", below) + self.script("^", above)
            case Root(inner):
                return rf"\sqrt{{{self.show(inner)}}}"
            case Accent(name, inner):
                return rf"\{name}{{{self.show(inner)}}}"
            case Fence(left, right, inner, grows):
                shown = self.show(inner)
                return rf"\left{left}{shown}\right{right}" if grows else f"{left}{shown}{right}"
            case Branches(rows):
                lines = (f"{self.show(v)} & {self.show(c)}" for v, c in rows)
                return r"\begin{cases} " + r" \\ ".join(lines) + r" \end{cases}"
            case Mark(inner):
                return self.mark(inner)

    def worded(self, text: str) -> str:
        for word, other in self.words:
            text = text.replace(word, other)
        return text

    def script(self, sign: str, inner: Row | None) -> str:
        if inner is None:
            return ""
        text = self.show(inner, True)
        return f"{sign}{text}" if len(text) == 1 else f"{sign}{{{text}}}"

    def row(self, made: Row, script: bool = False) -> str:
        text = ""
        for place, item in enumerate(made.items):
            before = made.items[place - 1] if place else None
            ahead = made.items[place - 2] if _breaks(before) and place > 1 else before
            shown = self.show(item)
            if isinstance(item, Mark) and ahead:
                shown = self.operator(item, ahead)
            text += self.between(before, item, text, shown, script) + shown
        return text

    def between(self, before: Node | None, item: Node, text: str, shown: str, script: bool) -> str:
        """A blank where a reader of the source wants one, and where TeX does."""
        if before is None or shown[:1] in ",'":
            return ""
        close = isinstance(item, Fence) and not item.grows and _called(before)
        if _is_big(before) or touching(before, item):
            return r" \, "
        if close or text in ("-", "+") or (script and not _spaced(before, item)):
            return " " if COMMAND_END.search(text) and shown[:1].isalpha() else ""
        return " "

    def operator(self, made: Mark, before: Node) -> str:
        """A coloured term that begins with its sign, or a function: TeX keeps the space before
        it."""
        if not self.color:
            return self.show(made)
        first, rest = made.inner.items[0], Row(made.inner.items[1:])
        if isinstance(first, Atom) and first.kind in ("operator", "relation"):
            kind = "mathbin" if first.kind == "operator" else "mathrel"
            sign = rf"\{kind}{{\color{{{self.color}}}{{{first.latex}}}}}"
            return f"{sign} {self.mark(rest)}" if rest.items else sign
        thin = _head(first) in FUNCTION and _head(before) in ("letter", "number", "")
        return (r"\, " if thin else "") + self.mark(made.inner)

    def mark(self, inner: Row) -> str:
        text = self.show(inner)
        return rf"{{\color{{{self.color}}}{{{text}}}}}" if self.color else text


def _head(node: Node) -> str:
    """The kind of the symbol that a node begins with."""
    if isinstance(node, Script):
        return _head(node.base)
    return node.kind if isinstance(node, Atom) else ""


def _breaks(item: Node | None) -> bool:
    """A place where a line may break: TeX, which sets the space between signs, looks past it."""
    return isinstance(item, Atom) and item.kind == "break"


def _is_big(before: Node) -> bool:
    """A coloured Σ: in its group TeX no longer sees the operator, so the space after it is lost."""
    last = before.inner.items[-1] if isinstance(before, Mark) and before.inner.items else None
    return last is not None and _head(last) == "big"


def touching(before: Node, item: Node) -> bool:
    """Whether the lines of two fractions would run into each other: TeX sets them side by side."""
    return isinstance(_edge(before, -1), Frac) and isinstance(_edge(item, 0), Frac)


def _edge(node: Node, end: int) -> Node:
    """What stands first (0) or last (-1) in a coloured part; anything else itself."""
    if isinstance(node, Mark) and node.inner.items:
        return _edge(node.inner.items[end], end)
    return node


def _called(before: Node) -> bool:
    """Whether a bracket after this belongs to it: f(x), σ(z)."""
    return isinstance(before, Script) or (
        isinstance(before, Atom)
        and (before.kind in ("letter", "function", "roman") or before.latex == "'")
    )


def _spaced(before: Node, item: Node) -> bool:
    """Inside a script only what is not = or a letter stands apart."""
    both = [n.latex for n in (before, item) if isinstance(n, Atom)]
    return any(t.startswith("\\") and t[1:].isalpha() for t in both)


def width(node: Node, aside: bool = False) -> float:
    """The estimated width in em, display style; inside a fraction the limits of Σ stand aside."""

    def all_of(*parts: Node) -> float:
        return sum(width(part, aside) for part in parts)

    match node:
        case Atom(kind=kind, latex=text):
            return _symbol(kind, text)
        case Row(items):
            return all_of(*items)
        case Frac(above, below):
            return max(width(above, True), width(below, True)) + 0.24
        case Script(base, below, above):
            scripts = [0.72 * width(s, aside) for s in (below, above) if s]
            if isinstance(base, Atom) and base.kind == "big" and not aside:
                return max(width(base), *scripts) + 0.17
            return all_of(base) + max(scripts) + 0.05
        case Branches(rows):
            values, conditions = zip(*rows, strict=True)
            return 2.5 + max(map(all_of, values)) + max(map(all_of, conditions))
        case Fence(inner=inner, grows=grows):
            return all_of(inner) + (1.3 if grows and tall(inner) else 0.8)
        case Root(inner):
            return all_of(inner) + 0.9
        case Accent(inner=inner) | Mark(inner):
            return all_of(inner)


def _symbol(kind: str, text: str) -> float:
    if kind in ("text", "roman", "function"):
        words = re.sub(r"\\[A-Za-z]+|[{}]", "", text) or text[1:]
        return (
            0.5 * len(words)
            + sum(0.5 for c in words if ord(c) > 0x2E80)
            + (0.17 if kind == "function" else 0)
        )
    known = {
        "number": 0.5 * len(text),
        "operator": 1.22,
        "relation": 1.33,
        "big": 1.44,
        "punctuation": 0.45,
    }
    if text in (r"\max", r"\min"):
        return 1.9
    if text == "/":
        return 0.5
    return known.get(kind, 0.58)


def plain(node: Node) -> str:
    """LaTeX without colours."""
    return Latex().show(row(node))
