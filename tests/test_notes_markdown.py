"""What GitHub and Jupyter make of Markdown: each trap that is known, planted, and no page in one.

GitHub: support articles and threads of github/markup (1688 for \\operatorname, 1742 for what may
stand before a formula), the collection nschloe/github-math-bugs.  Jupyter takes formulas out before
Markdown is read: between dollars, braces balanced.
"""

from __future__ import annotations

import json
import re

import pytest
from pages import LANGUAGES, page

from codegen.backends.markdown import GITHUB, joined, strong
from codegen.notes import book as notes

NAMES = ("chapter", "huber", "gelu", "quantile", "clip", "layer_norm", "squared_hinge", "z_loss")
REFUSED = r"\\(?:operatorname|mbox|phantom|def|newcommand|let|require|href|label|ref|unicode)\b"
INLINE = re.compile(r"\$`([^`\n]*)`\$")
BLOCK = re.compile(r"```math\n(.*?)\n```", re.DOTALL)
GITHUB_FAULTS = {
    "a macro that is not allowed": lambda text, math: re.search(REFUSED, " ".join(math)),
    "a blank line in a formula": lambda text, math: any("\n\n" in m for m in math),
    "50 colours in a formula": lambda text, math: any(m.count(r"\color") >= 50 for m in math),
    "a dollar in a formula": lambda text, math: any("$" in m for m in math),
    "< without blanks": lambda text, math: re.search(r"\S<|<\S", " ".join(math)),
    "what stands before": lambda text, math: re.search(r"[^\s(\x00]\x00", text),
    "in a link": lambda text, math: re.search(r"\[[^\]\n]*\x00[^\]\n]*\]\(", text),
    "at the end of an emphasis": lambda text, math: re.search(r"\x00\*", text),
    "that Markdown reads": lambda text, math: re.search(r"(?<!\\)\$", text),
    "a bar in a table": lambda text, math: re.search(r"^\|.*\x01", text, re.MULTILINE),
}


def github(text: str) -> set[str]:
    """The traps that a page of GitHub's flavour is in."""
    math = [*BLOCK.findall(text), *INLINE.findall(text)]
    bare = re.sub(r"```.*?```", "", text, flags=re.DOTALL)
    bare = INLINE.sub(lambda found: "\x00\x01" if "|" in found[1] else "\x00", bare)
    bare = re.sub(r"`[^`\n]*`", "", bare)
    return {name for name, test in GITHUB_FAULTS.items() if test(bare, math)}


PLANTED = {
    "a macro that is not allowed": "```math\n\\operatorname{sign}(x)\n```",
    "a blank line in a formula": "```math\na\n\nb\n```",
    "50 colours in a formula": "```math\n" + r"{\color{red}{a}}" * 50 + "\n```",
    "a dollar in a formula": "$`\\text{$a$}`$",
    "< without blanks": "$`a<b`$",
    "what stands before": "设$`x`$",
    "in a link": "[see $`a`$](#x)",
    "at the end of an emphasis": "**where $`a`$**",
    "that Markdown reads": "and $a_i^* b_j^*$",
    "a bar in a table": "| $`|z|`$ | 1 |",
}


@pytest.mark.parametrize("fault", PLANTED)
def test_a_planted_trap_is_seen(fault: str) -> None:
    assert fault in github(PLANTED[fault])


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_page_is_in_a_trap_of_github(name: str, lang: str) -> None:
    text = page(name, lang, "md")
    assert len(INLINE.findall(text)) + len(BLOCK.findall(text)) > 3
    assert github(text) == set()


def test_names_of_functions_keep_their_space_without_the_macro() -> None:
    assert GITHUB.inline(r"\delta \operatorname{sign}(x)") == r"$`\delta \, \mathrm{sign}(x)`$"
    assert GITHUB.inline(r"- \operatorname{sign}(x)") == r"$`- \mathrm{sign}(x)`$"


def test_bold_words_and_formulas_in_a_line() -> None:
    assert joined(["情况一：", "$`i = j`$", "。"]) == "情况一： $`i = j`$。"
    assert joined(["(", "$`x`$", ")"]) == "($`x`$)"
    assert strong("First case, ") == "**First case**, "
    assert strong(".") == "."


def jupyter(text: str) -> list[str]:
    """What is wrong with the dollars of a Markdown cell."""
    bare = re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL).replace(r"\$", "")
    pieces = re.split(r"(\$\$?)", bare)
    faults, opened, inner = [], "", ""
    for piece in pieces:
        if piece not in ("$", "$$"):
            inner = piece
        elif not opened:
            opened = piece
        else:
            balanced = inner.count("{") == inner.count("}")
            faults += [inner] if piece != opened or not balanced or "\n\n" in inner else []
            opened = ""
    return faults + ([inner] if opened else [])


@pytest.mark.parametrize("text", ["costs $5", "$a_{i$}", "$$\na\n\nb\n$$", "$a$$b"])
def test_planted_dollars_are_seen(text: str) -> None:
    assert jupyter(text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_formula_of_a_notebook_is_one_for_jupyter(lang: str) -> None:
    made = notes.files(["huber"], lang, "ipynb")["huber.ipynb"]
    cells = ["".join(c["source"]) for c in json.loads(made)["cells"]
             if c["cell_type"] == "markdown"]  # fmt: skip
    assert sum(c.count("$") for c in cells) > 20
    assert [f for c in cells for f in jupyter(c)] == []
