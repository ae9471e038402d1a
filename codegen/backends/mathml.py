"""A formula tree as MathML, which every current browser draws without any help.

The formula's own LaTeX goes along as an annotation, so that what a page shows can be read back.
"""

from __future__ import annotations

import re
from html import escape

from codegen.notes.formula import Accent, Atom, Branches, Fence, Frac, Mark, Node, Root, Row, Script
from codegen.notes.formula_latex import Latex, touching

LETTERS = {
    **dict(zip(("alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "iota", "kappa",
                "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "phi",
                "chi", "psi", "omega"),
                "αβγδζηθικλμνξπρστυφχψω",
               strict=True)),
    **dict(zip(("Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi",
                "Omega"), "ΓΔΘΛΞΠΣΥΦΨΩ", strict=True)),
    "epsilon": "ϵ", "varepsilon": "ε",
}  # fmt: skip
SIGNS = {
    "sum": "∑", "prod": "∏", "cdot": "·", "times": "×", "pm": "±", "le": "≤", "ge": "≥",
    "ne": "≠", "to": "→", "ll": "≪",
    "approx": "≈", "gg": "≫", "in": "∈", "mid": "∣", "Rightarrow": "⇒", "propto": "∝",
    "partial": "∂", "infty": "∞",
    "dots": "…", "ldots": "…", "cdots": "⋯", "top": "⊤", "prime": "′", "'": "′", "%": "%",
}  # fmt: skip
DOUBLE = {"1": "𝟙", "R": "ℝ", "E": "𝔼", "N": "ℕ"}
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
PRIME = Atom("plain", "'")
APPLY = "<mo>&#x2061;</mo>"
THIN = '<mspace width="0.1667em"></mspace>'
APART = frozenset(
    ["ordinary function", "close function", "inner function", "function function",
     "function ordinary", "function inner", "ordinary inner", "inner ordinary", "inner inner",
     "text ordinary"]
)  # fmt: skip
"""Classes between which TeX sets a thin space, and browsers none."""
CLASSES = {"function": "function", "operator": "operator", "relation": "operator",
           "big": "operator", "punctuation": "operator", "space": "operator",
           "text": "text"}  # fmt: skip


def mathml(made: Row, block: bool = False, latex: str = "") -> str:
    """A whole `math` element with the LaTeX of the formula (without colours) as its annotation,
    and as its text where nothing else can be shown."""
    source = latex or Latex().show(made)
    display = ' display="block"' if block else ""
    note = f'<annotation encoding="application/x-tex">{escape(source)}</annotation>'
    said = f' alttext="{escape(source)}"'
    return f"<math{display}{said}><semantics>{element(made)}{note}</semantics></math>"


def element(node: Node, before: str = "operator") -> str:
    """One element of presentation MathML; `before` is the class of what stands before it."""
    match node:
        case Atom("operator", latex):
            form = "prefix" if before == "operator" else "infix"
            return f'<mo form="{form}">{_sign(latex)}</mo>'
        case Atom(kind, latex):
            return _symbol(kind, latex)
        case Row(items):
            return element(items[0], before) if len(items) == 1 else _mrow(items, before)
        case Frac(above, below):
            return f"<mfrac>{element(above)}{element(below)}</mfrac>"
        case Script(base, below, above):
            return _script(base, below, above)
        case Root(inner):
            return f"<msqrt>{element(inner)}</msqrt>"
        case Accent(name, inner):
            mark = f'<mo stretchy="false">{ACCENTS[name]}</mo>'
            return f'<mover accent="true">{element(inner)}{mark}</mover>'
        case Fence(left, right, inner, grows):
            return f"<mrow>{_bracket(left, grows)}{element(inner)}{_bracket(right, grows)}</mrow>"
        case Branches(rows):
            cells = "".join(
                f"<mtr><mtd>{element(v)}</mtd><mtd>{element(c)}</mtd></mtr>" for v, c in rows
            )
            return f'<mrow><mo>{{</mo><mtable class="cases">{cells}</mtable></mrow>'
        case Mark(inner):
            return _mrow(inner.items, before, ' class="new"')


def _mrow(items: tuple[Node, ...], before: str, attributes: str = "") -> str:
    """Items in a row, spaced as TeX does; a function is followed by the invisible sign of
    application."""
    shown = ""
    for last, item in zip((*items[:1], *items), items, strict=False):
        shown += APPLY if before == "function" and shown and item != PRIME else ""
        thin = f"{before} {_class(item, 0)}" in APART or (touching(last, item) and shown)
        shown += THIN if thin else ""
        shown += element(item, before)
        before = _class(item, -1)
    return f"<mrow{attributes}>{shown}</mrow>"


def _class(node: Node, end: int) -> str:
    """How a node behaves at its first (0) or last (-1) symbol; no sign before it makes one a
    prefix."""
    match node:
        case Atom() if node == PRIME:
            return "close"
        case Atom(kind=kind):
            return CLASSES.get(kind, "ordinary")
        case Script(base=base):
            return _class(base, end)
        case Fence(grows=grows):
            return "inner" if grows else ("open", "close")[end]
        case Row(items) | Mark(Row(items)):
            return _class(items[end], end) if items else "ordinary"
        case _:
            return "ordinary"


def _bracket(sign: str, grows: bool) -> str:
    fixed = "" if grows else ' stretchy="false"'
    shown = sign.removeprefix("\\")  # the { of \\{
    return f'<mo lspace="0" rspace="0"{fixed}>{escape(shown)}</mo>'


def _symbol(kind: str, latex: str) -> str:
    name = latex.removeprefix("\\")
    if kind == "space":
        return '<mspace width="1em"></mspace>'
    if kind == "number":
        return f"<mn>{latex}</mn>"
    if kind == "letter":
        return f"<mi>{LETTERS.get(name, name)}</mi>"
    if kind in ("function", "roman", "text"):
        return _words(kind, latex)
    sign = _sign(latex)
    if latex == "/":
        return '<mo lspace="0" rspace="0">/</mo>'
    if kind == "big":
        return f'<mo movablelimits="true">{sign}</mo>'
    return f"<mi>{sign}</mi>" if kind == "plain" and sign != "|" else f"<mo>{sign}</mo>"


def _sign(latex: str) -> str:
    name = latex.removeprefix("\\")
    return escape("−" if latex == "-" else SIGNS.get(name, name))


def _words(kind: str, latex: str) -> str:
    command, _, rest = latex.partition("{")
    words = rest[:-1] if rest else latex.removeprefix("\\")
    if kind == "text":
        return f"<mtext>{escape(words).replace(' ', '&#xA0;')}</mtext>"
    if command == r"\mathbb":
        return f"<mi>{DOUBLE[words]}</mi>"
    upright = ' mathvariant="normal"' if len(words) == 1 else ""
    return f"<mi{upright}>{escape(words)}</mi>"


def _script(base: Node, below: Row | None, above: Row | None) -> str:
    big = isinstance(base, Atom) and base.kind == "big"
    names = {
        (True, True): ("munderover", "msubsup"),
        (True, False): ("munder", "msub"),
        (False, True): ("mover", "msup"),
    }
    name = names[below is not None, above is not None][0 if big else 1]
    scripts = "".join(element(s) for s in (below, above) if s is not None)
    scripts = re.sub(r'<mo( form="\w+")?>', r'<mo\1 lspace="0" rspace="0">', scripts)
    return f"<{name}>{element(base)}{scripts}</{name}>"
