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


def safe(name: str) -> str:
    """The name as emitted code writes it: `lambda` becomes `lambda_`."""
    return f"{name}_" if keyword.iskeyword(name) or name in C_WORDS else name
