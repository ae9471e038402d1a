"""A formula tree as MathML, which every current browser draws without any help.

The formula's own LaTeX goes along as an annotation, so that what a page shows can be read back.
"""

from __future__ import annotations

from html import escape

from codegen.notes.formula import Accent, Atom, Branches, Fence, Frac, Mark, Node, Root, Row, Script
from codegen.notes.formula_latex import Latex

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
    "dots": "…", "ldots": "…", "cdots": "⋯", "top": "⊤", "prime": "′", "%": "%",
}  # fmt: skip
DOUBLE = {"1": "𝟙", "R": "ℝ", "E": "𝔼", "N": "ℕ"}
ACCENTS = {"hat": "^", "bar": "¯", "tilde": "~"}
APPLY = "<mo>&#x2061;</mo>"


def mathml(made: Row, block: bool = False, latex: str = "") -> str:
    """A whole `math` element with the LaTeX of the formula (without colours) as its annotation."""
    source = latex or Latex().show(made)
    display = ' display="block"' if block else ""
    note = f'<annotation encoding="application/x-tex">{escape(source)}</annotation>'
    return f"<math{display}><semantics>{element(made)}{note}</semantics></math>"


def element(node: Node) -> str:
    """One element of presentation MathML."""
    match node:
        case Atom(kind, latex):
            return _symbol(kind, latex)
        case Row(items):
            return items_of(items)
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
            return f'<mrow class="new">{"".join(element(i) for i in inner.items)}</mrow>'


def items_of(items: tuple[Node, ...]) -> str:
    """Items in a row; a function is followed by the invisible sign of application."""
    if len(items) == 1:
        return element(items[0])
    shown = ""
    for place, item in enumerate(items):
        first = isinstance(item, Atom) and item.latex == "-" and place == 0
        shown += '<mo form="prefix">−</mo>' if first else element(item)
        if _is_function(item) and place + 1 < len(items):
            shown += APPLY
    return f"<mrow>{shown}</mrow>"


def _is_function(item: Node) -> bool:
    return isinstance(item, Atom) and item.kind == "function"


def _bracket(sign: str, grows: bool) -> str:
    fixed = "" if grows else ' stretchy="false"'
    return f'<mo lspace="0" rspace="0"{fixed}>{escape(sign)}</mo>'


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
    sign = "−" if latex == "-" else SIGNS.get(name, name)
    if kind == "big":
        return f'<mo movablelimits="true">{sign}</mo>'
    return f"<mi>{sign}</mi>" if kind == "plain" and sign != "|" else f"<mo>{escape(sign)}</mo>"


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
    return f"<{name}>{element(base)}{scripts}</{name}>"
