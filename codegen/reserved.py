"""Names that a target keeps for itself get an underscore."""

from __future__ import annotations

import keyword

C_WORDS = frozenset(
    [
        "auto",
        "break",
        "case",
        "char",
        "const",
        "continue",
        "default",
        "do",
        "double",
        "else",
        "enum",
        "extern",
        "float",
        "for",
        "goto",
        "if",
        "inline",
        "int",
        "long",
        "register",
        "restrict",
        "return",
        "short",
        "signed",
        "sizeof",
        "static",
        "struct",
        "switch",
        "typedef",
        "union",
        "unsigned",
        "void",
        "volatile",
        "while",
    ]
)

CALLED = frozenset([
    "np", "math", "memory", "everywhere", "dtype", "at", "put", "spot", "spots",
    "spot_of_largest", "sum_but", "sum_of", "sum_of_rows", "exp_difference", "exp_rows",
    "exp_sum", "exp_quotient", "log_sum", "lossy", "weigh", "erf", "lgamma", "add_to", "cos",
    "exp", "fabs", "larger", "log", "lost", "pow", "relu", "sign", "sin", "sqrt", "step",
    "tan", "tanh",
])  # fmt: skip
"""What emitted functions call or hold: an input of the same name would take its place."""


def safe(name: str) -> str:
    """The name as emitted code writes it: `lambda` becomes `lambda_`."""
    kept = keyword.iskeyword(name) or name in C_WORDS or name in CALLED
    return f"{name}_" if kept else name
