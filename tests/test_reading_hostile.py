"""Hostile input: refused by DeriveError or read, in bounded time, and never evaluated (law 8)."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from derive.errors import DeriveError
from derive.reading import commands, tokens
from derive.reading.reader import read_equation
from derive.reading.statements import read_statement

SECONDS = 10  # for one formula of the largest size; measured: under 4 on a slow core

BOMBS = {
    "deep brackets": "(" * 50_000 + "x" + ")" * 50_000,
    "brackets at the limit": "(" * 60 + "x" + ")" * 60,
    "brackets over the limit": "(" * 61 + "x" + ")" * 61,
    "a megabyte": "x+" * 500_000,
    "longest sum": "+".join(["z_i"] * 4999),
    "longest product": "z " * 9999,
    "exponent tower": "^{".join(["9"] * 50) + "}" * 49,
    "power of powers": "(" * 30 + "9" + ")^{9}" * 30,
    "large exponent": "x^{99999999999}",
    "roots": "2^{1/64}" * 1500,
    "logs": r"\log " * 3900 + "x",
    "sums": r"\sum_k " * 2800 + "z_k",
    "softmax in softmax": r"\mathrm{softmax}(" * 59 + r"\mathbf z" + ")" * 59 + "_i",
    "norms": r"\|" * 3000,
    "bars": "|" * 9000,
    "slashes": "1/" * 5000 + "2",
    "digits": "9" * 10_000,
    "cases": r"\begin{cases}" * 1000,
    "lines": "\n" * 19_000 + "x +",
    "fractions": r"\frac{1}{" * 59 + "x" + "}" * 59,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bounded(name):
    started = time.process_time()
    answer = attempt(read_equation, BOMBS[name])
    assert time.process_time() - started < SECONDS
    assert answer in ("read", "refused")


REFUSED = [
    "deep brackets",
    "brackets over the limit",
    "a megabyte",
    "exponent tower",
    "power of powers",
    "large exponent",
    "logs",
    "sums",
    "softmax in softmax",
    "norms",
    "bars",
    "digits",
]


@pytest.mark.parametrize("name", REFUSED)
def test_refused_early(name):
    assert attempt(read_equation, BOMBS[name]) == "refused"


def test_limits_are_the_stated_ones():
    assert (tokens.MAX_LENGTH, tokens.MAX_NESTING, tokens.MAX_DIGITS) == (20_000, 60, 30)
    assert attempt(read_equation, BOMBS["brackets at the limit"]) == "read"


@pytest.mark.parametrize(
    "code",
    [
        "__import__('os').system('id')",
        r"\write18{id}",
        r"\input{/etc/passwd}",
        "lambda: 0",
        "exec('1')",
        "().__class__.__bases__",
        r"\def\x{\x\x}\x",
        "$HOME",
        "`id`",
        "\x00",
        "x;y",
        '"z"',
        "@",
        r"\csname x",
    ],
)
def test_code_is_refused(code):
    with pytest.raises(DeriveError) as caught:
        read_equation(code)
    assert caught.value.place is not None


PIECES = [
    *(rf"\{command}" for command in commands.COMMANDS),
    *"zpyijkn123{}()[]|_^+-=,&'<>.*/edLD∂≤",
    r"\{",
    r"\}",
    r"\|",
    r"\\",
    r"\mathbb{1}",
    r"\mathrm{softmax}",
    r"\text{if }",
    r"\mathbb{R}",
    r"\begin{cases}",
    r"\end{cases}",
    r"\left(",
    r"\right)",
    "z_i",
    "p_j",
    "e^{",
    "_{",
    "^{",
    "i=j",
    r"\sum_{k=1}^n",
    r"\frac{\partial p_i}{\partial z_j}",
    r"\sum_k",
    r"\delta_{ij}",
    "y_i",
    r"\log p_i",
    r"\mathbf z",
    "w^T",
    "one-hot",
    "\n",
    "%",
    "\\",
]
SOUP = st.lists(st.sampled_from(PIECES), min_size=1, max_size=14).map(" ".join)


@example(latex=r"\argmax / \alpha \exp")
@given(SOUP)
@settings(max_examples=400, deadline=None)
def test_only_one_kind_of_error_escapes(latex):
    assert attempt(read_equation, latex) in ("read", "refused")


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_text(latex):
    assert attempt(read_equation, latex) in ("read", "refused")


@given(SOUP, SOUP, SOUP)
@settings(max_examples=150, deadline=None)
def test_statements_too(latex, where, fact):
    assert attempt(lambda latex: read_statement("L = " + latex, where, fact, wrt="z"), latex) in (
        "read",
        "refused",
    )


WHOLE = r"L = -\sum_{k=1}^n y_k \log\frac{e^{z_k}}{\sum_{l=1}^n e^{z_l}} + "
WHOLE += r"\begin{cases} a & i=j \\ b & \text{otherwise} \end{cases}"


@pytest.mark.parametrize("end", range(0, len(WHOLE), 3))
def test_truncated(end):
    assert attempt(read_equation, WHOLE[:end]) in ("read", "refused")


def attempt(read, latex):
    """ "read" or "refused"; any other exception is a failure of the test."""
    try:
        read(latex)
    except DeriveError:
        return "refused"
    return "read"


def test_more_names_than_letters():
    """Ranges and indices of our own are numbered when the letters are used up."""
    many = "+".join(rf"\|\mathrm{{v{'a' * (at // 26)}{chr(97 + at % 26)}}}\|" for at in range(60))
    assert attempt(read_equation, many) == "read"
