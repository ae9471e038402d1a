"""How each construct looks: LaTeX for a page, one line of Unicode for a terminal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol
from unicodedata import normalize

GREEK = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ", "eta": "η",
    "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ", "nu": "ν", "xi": "ξ",
    "pi": "π",
    "rho": "ρ", "sigma": "σ", "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ",
    "omega": "ω",
    "Gamma": "Γ", "Delta": "Δ", "Theta": "Θ", "Lambda": "Λ", "Xi": "Ξ", "Pi": "Π", "Sigma": "Σ",
    "Upsilon": "Υ", "Phi": "Φ", "Psi": "Ψ", "Omega": "Ω", "ell": "ℓ",
}  # fmt: skip
ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303"}
_SUPERSCRIPTS = {"2": "²", "3": "³"}
_TALL = re.compile(r"\\frac|\\sum|\\prod|\\begin|\\max_")

SUM, PRODUCT, PREFIX, POWER, ATOM = range(5)
CALLED = (r"\sigma", "σ")
"""Letters that before a bracket would be read as functions: they get a visible dot."""
RAISED = ("tanh", "sin", "cos", "tan")
"""Functions whose powers stand at their names: tanh² x."""
ONE = (r"\mathbb{1}", "𝟙")
"""What after a number would be read as its next digit: 2 · 𝟙[x > 0]."""


@dataclass(frozen=True)
class Piece:
    """Printed text, how tightly it holds together, and whether it would swallow what follows it."""

    text: str
    level: int = ATOM
    open: bool = False


class Style(Protocol):
    """The look of each construct; everything it is handed is already bracketed where it must be."""

    times: str
    less: str
    at_most: str
    differs: str
    partial: str

    def name(self, name: str) -> str: ...
    def at(self, array: str, positions: list[str]) -> str: ...
    def paren(self, inner: str) -> str: ...
    def call(self, function: str, inner: str) -> str: ...
    def function(self, name: str, latex: str, taken: bool) -> str: ...
    def fraction(self, above: str, below: str) -> str: ...
    def power(self, base: str, exponent: str) -> str: ...
    def exponential(self, exponent: str) -> str: ...
    def root(self, inner: str) -> str: ...
    def bars(self, inner: str) -> str: ...
    def delta(self, positions: list[str]) -> str: ...
    def indicator(self, condition: str) -> str: ...
    def binder(self, node: str, below: str, above: str) -> str: ...
    def argmax(self, at: str, index: str, body: str) -> str: ...
    def derivative(self, inner: str, variable: str, plain: bool) -> str: ...
    def cases(self, branches: list[tuple[str, str]], otherwise: str, when: str) -> str: ...
    def mark(self, inner: str, how: str) -> str: ...


def split(name: str) -> tuple[str, str, str]:
    """(letter, accent, label): "yhat" is ŷ, "L_CE" is L with the label CE, "k1" is k with the
    label 1."""
    bare = name.strip("_") or name
    head, _, label = bare.partition("_")
    numbered = re.fullmatch(r"([A-Za-z]+?)(\d+)", head)
    if numbered:
        head, label = numbered[1], numbered[2] + (f"_{label}" if label else "")
    for accent in ACCENTS:
        if head.endswith(accent) and (
            head[: -len(accent)] in GREEK or len(head) == len(accent) + 1
        ):
            return head[: -len(accent)], accent, label
    return head, "", label


def joined(positions: list[str]) -> str:
    """Positions as subscripts: ij, but i,2 as soon as one of them is not a single letter."""
    return (
        "".join(positions)
        if all(len(p) == 1 and p.isalpha() for p in positions)
        else ",".join(positions)
    )


class Latex:
    """LaTeX that needs amsmath and amssymb."""

    times, less, at_most, differs, partial = r" \cdot ", " < ", r" \le ", r" \ne ", r"\partial "

    def name(self, name: str) -> str:
        base, sign, rest = re.match(r"([^(^]*)(\^?)(.*)", name, re.DOTALL).groups()  # type: ignore[union-attr]  # it matches anything
        if base and rest:
            shown = f"^{{{rest}}}" if sign and rest != "()" else "" if sign else rest
            return self.name(base) + shown
        head, accent, label = split(name)
        letter = head if len(head) == 1 else rf"\{head}" if head in GREEK else rf"\mathrm{{{head}}}"
        letter = r"\varepsilon" if head == "epsilon" else letter
        letter = rf"\{accent}{{{letter}}}" if accent else letter
        shown = label if label.isdigit() else rf"\mathrm{{{label}}}"
        return letter + (f"_{{{shown}}}" if label else "")

    def at(self, array: str, positions: list[str]) -> str:
        if positions and array.endswith("}") and "_" in array:
            return f"{array[:-1]},{joined(positions)}}}"
        return array + (_script("_", joined(positions)) if positions else "")

    def paren(self, inner: str) -> str:
        return rf"\left({inner}\right)"

    def call(self, function: str, inner: str) -> str:
        return function + (self.paren(inner) if _TALL.search(inner) else f"({inner})")

    def function(self, name: str, latex: str, taken: bool) -> str:
        return rf"\operatorname{{{name}}}" if taken else latex

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        raised = self.paren(base) if re.search(r"\^\{[^{}]*\}(?:_\S*)?$", base) else base
        return raised + _script("^", exponent)

    def exponential(self, exponent: str) -> str:
        return rf"\exp{self.paren(exponent)}" if _TALL.search(exponent) else f"e^{{{exponent}}}"

    def root(self, inner: str) -> str:
        return rf"\sqrt{{{inner}}}"

    def bars(self, inner: str) -> str:
        return rf"\left|{inner}\right|"

    def delta(self, positions: list[str]) -> str:
        return rf"\delta_{{{joined(positions)}}}"

    def indicator(self, condition: str) -> str:
        return rf"\mathbb{{1}}\left[{condition}\right]"

    def binder(self, node: str, below: str, above: str) -> str:
        return rf"\{node}" + _script("_", below) + (f"^{{{above}}}" if above else "") + " "

    def argmax(self, at: str, index: str, body: str) -> str:
        return self.indicator(rf"{at} = \arg\max_{{{index}}} {body}")

    def derivative(self, inner: str, variable: str, plain: bool) -> str:
        above = self.partial + inner if plain else self.partial.strip()
        made = self.fraction(above, self.partial + variable)
        return made if plain else made + self.paren(inner)

    def cases(self, branches: list[tuple[str, str]], otherwise: str, when: str) -> str:
        rows = [rf"{value} & \text{{if }} {condition}" for value, condition in branches]
        rows.append(f"{otherwise} & " + (rf"\text{{if }} {when}" if when else r"\text{otherwise}"))
        return r"\begin{cases} " + r" \\ ".join(rows) + r" \end{cases}"

    def mark(self, inner: str, how: str) -> str:
        return f"{{{how} {inner}}}"


class Text:
    """One line of Unicode."""

    times, less, at_most, differs, partial = " · ", " < ", " ≤ ", "≠", "∂"

    def name(self, name: str) -> str:
        head, accent, label = split(name)
        letter = GREEK.get(head, head) + (ACCENTS[accent] if accent else "")
        shown = letter + (label if label.isdigit() else f"_{label}" if label else "")
        return normalize("NFC", shown)

    def at(self, array: str, positions: list[str]) -> str:
        return array + (f"_{joined(positions)}" if positions else "")

    def paren(self, inner: str) -> str:
        return f"({inner})"

    def call(self, function: str, inner: str) -> str:
        return f"{function}({inner})"

    def function(self, name: str, latex: str, taken: bool) -> str:
        return name if taken else {"sigmoid": "σ", "lgamma": "log Γ", "step": "𝟙"}.get(name, name)

    def fraction(self, above: str, below: str) -> str:
        return f"{above} / {below}"

    def power(self, base: str, exponent: str) -> str:
        if exponent in _SUPERSCRIPTS:
            return base + _SUPERSCRIPTS[exponent]
        return f"{base}^{exponent if exponent.isalnum() else self.paren(exponent)}"

    def exponential(self, exponent: str) -> str:
        return f"e^{exponent if len(exponent) == 1 else self.paren(exponent)}"

    def root(self, inner: str) -> str:
        return f"√{inner if len(inner) == 1 else self.paren(inner)}"

    def bars(self, inner: str) -> str:
        return f"|{inner}|"

    def delta(self, positions: list[str]) -> str:
        return f"δ_{joined(positions)}"

    def indicator(self, condition: str) -> str:
        return f"𝟙[{condition}]"

    def binder(self, node: str, below: str, above: str) -> str:
        sign = {"sum": "Σ", "prod": "Π"}.get(node, node)
        return f"{sign}_{below if len(below) == 1 else self.paren(below)} "

    def argmax(self, at: str, index: str, body: str) -> str:
        return self.indicator(f"{at} = argmax_{index} {body}")

    def derivative(self, inner: str, variable: str, plain: bool) -> str:
        d = self.partial
        return f"{d}{inner}/{d}{variable}" if plain else f"{d}/{d}{variable} ({inner})"

    def cases(self, branches: list[tuple[str, str]], otherwise: str, when: str) -> str:
        rows = [f"{value} if {condition}" for value, condition in branches]
        rows.append(f"{otherwise} " + (f"if {when}" if when else "otherwise"))
        return "{" + "; ".join(rows) + "}"

    def mark(self, inner: str, how: str) -> str:
        return f"{how}{inner}"


class LatexOfOne(Latex):
    """A function of one variable is differentiated with d."""

    partial = r"\mathrm{d} "


class TextOfOne(Text):
    """A function of one variable is differentiated with d."""

    partial = "d"


def _script(sign: str, inner: str) -> str:
    return f"{sign}{inner}" if len(inner) == 1 else f"{sign}{{{inner}}}"
