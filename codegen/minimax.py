"""`lossmith_math.h`: the C header of minimax functions, rendered from the computed tables.

    polynomials and constants (minimax_functions) + measured errors (minimax_measured) ──▶ C text

The text is a pure function of the sources; computing it takes a few seconds, so the file under
`generated/c` is what builds use.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.minimax_functions import TANH_JOINT, Constant, Powers, Table, powers, tables
from codegen.minimax_measured import HOW, WORST, worst_line
from codegen.minimax_remez import (
    CONTEXT,
    FLOAT32,
    FLOAT64,
    Format,
    Polynomial,
    Target,
    fit,
    minimax,
    rounded,
)

__all__ = [
    "FILE_NAME", "LANES_NAME", "Polynomial", "Target", "fit", "minimax",
    "render_lanes_header", "render_math_header",
]  # fmt: skip

FILE_NAME = "lossmith_math.h"
TEMPLATE = "c/math.h.j2"
LANES_NAME = "lossmith_lanes.h"
LANES_TEMPLATE = "c/lanes.h.j2"
IDENTITIES = {
    "exp": ("e^r = 1 + r + r^2 q(r) (1 + d)", "|r| <= 0.3467"),
    "exp_sixteenth": ("e^r = 1 + r + r^2 q(r) (1 + d)", "|r| <= 0.0218"),
    "expm1": ("e^r - 1 = (r + r^2 q(r)) (1 + d)", "|r| <= 0.3467"),
    "log": ("2 atanh(s) = s (2 + z q(z)) (1 + d)", "0 <= z <= 0.029438"),
    "tanh": ("tanh(x) = (x + x z q(z)) (1 + d)", "0 <= z <= 0.5625^2"),
}


def literal(value: Fraction, machine: Format) -> str:
    """The C literal, hexadecimal and so exact: 0x1.8p+1f."""
    mantissa, exponent = float(value).hex().split("p")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{short}p{exponent}{machine.suffix}"


def decimal(value: Fraction, machine: Format) -> str:
    """Enough decimal digits to name the number of the format."""
    return f"{float(value):.{9 if machine is FLOAT32 else 17}g}"


def constant_view(constant: Constant, machine: Format) -> dict[str, str]:
    """What the template prints of a constant."""
    value = constant.value
    return {
        "literal": literal(value, machine),
        "decimal": decimal(value, machine),
        "relation": ": " if constant.limit else " = ",
        "origin": constant.origin,
    }


def polynomial_view(name: str, polynomial: Polynomial, machine: Format) -> dict[str, object]:
    """What the template prints of a polynomial; the error is rounded up in its last digit."""
    identity, span = IDENTITIES[name]
    power = math.ceil(math.log2(polynomial.error) * 100) / 100
    coefficients = [
        {"literal": literal(c, machine), "decimal": decimal(c, machine)}
        for c in polynomial.coefficients
    ]
    error = f"|d| <= 2^{power:.2f} = {2.0**power:.3g}"
    degree = len(coefficients) - 1
    return {
        "identity": identity, "range": span, "error": error,
        "degree": degree, "coefficients": coefficients,
    }  # fmt: skip


def powers_view(found: Powers, machine: Format) -> dict[str, object]:
    """What the template prints of the sixteen powers: the last first, as registers are written."""
    words = [literal(v, machine) for v in reversed(found.values)]
    inverse = CONTEXT.exp(-CONTEXT.mpf(found.offset.numerator) / found.offset.denominator)
    return {
        "offset": literal(found.offset, FLOAT64),
        "inverse": literal(rounded(inverse, FLOAT64), FLOAT64),
        "error": f"each rounded by at most {math.ceil(found.error * 1000) / 1000:.3f}",
        "rows": [", ".join(words[i : i + 4]) for i in range(0, len(words), 4)],
    }


def number_words(machine: Format) -> dict[str, object]:
    """The words of C that differ between float and double."""
    wide, f, mantissa = machine is not FLOAT32, machine.suffix, machine.precision - 1
    bits = 64 if wide else 32
    word = "UINT64_C" if wide else "UINT32_C"
    split = 700000 if wide else 2800
    root = Fraction(math.isqrt(2 ** (2 * mantissa + 1)), 2 ** (mantissa + 1))
    root_bits = (machine.emax - 1 << mantissa) + int(root * 2 ** (mantissa + 1)) - 2**mantissa
    return {
        "real": machine.name, "suffix": f, "uint": f"uint{bits}_t", "int": f"int{bits}_t",
        "fma": "LSM_FMA" if wide else "LSM_FMAF",
        "zero": f"0.0{f}", "half": f"0.5{f}", "one": f"1.0{f}", "two": f"2.0{f}",
        "infinity": "(double)INFINITY" if wide else "INFINITY",
        "nan": "(double)NAN" if wide else "NAN",
        "mantissa": mantissa, "bias": machine.emax, "exponent_bits": bits - 1 - mantissa,
        "root_bits": f"{word}(0x{root_bits:x})", "root_decimal": decimal(root, machine),
        "one_bits": f"{word}(0x{machine.emax << mantissa:x})",
        "integer_bits": f"{word}(0x{machine.emax + mantissa << mantissa:x})",
        "integer_bias": f"{2**mantissa + machine.emax}.0{f}",
        "mantissa_mask": f"{word}(0x{2**mantissa - 1:x})",
        "sign_mask": f"{word}(0x{1 << bits - 1:x})",
        "least_normal": f"0x1p{1 - machine.emax}{f}", "lift": f"0x1p+{mantissa + 1}{f}",
        "lift_exponent": f"{mantissa + 1}.0{f}", "wide": f"0x1p+{mantissa + 2}{f}",
        "least_power": f"-{2 * machine.emax - 2}.0{f}", "most_power": f"{2 * machine.emax}.0{f}",
        "tiny": f"0x1p-{machine.precision + 1}{f}", "tanh_joint": f"{float(TANH_JOINT)}{f}",
        "split_limit": split, "split_literal": f"{split}.0{f}",
    }  # fmt: skip


def table_view(table: Table) -> dict[str, object]:
    """Everything the template prints for one format."""
    machine = table.machine
    constants = {n: constant_view(c, machine) for n, c in table.constants.items()}
    return {
        **number_words(machine),
        "constants": constants,
        "polynomials": {n: polynomial_view(n, p, machine) for n, p in table.polynomials.items()},
        "lowest_decimal": constants["lowest"]["decimal"],
        "highest_decimal": constants["highest"]["decimal"],
        "worst": {n: worst_line(n, machine.name) for n in WORST if machine.name in WORST[n]},
    }


@cache
def render_math_header() -> str:
    """The text of `lossmith_math.h`."""
    return _render(FILE_NAME, TEMPLATE, how_float=HOW["float"], how_double=HOW["double"])


@cache
def render_lanes_header() -> str:
    """The text of `lossmith_lanes.h`: the exponential on whole registers."""
    view = powers_view(powers(FLOAT32), FLOAT32)
    return _render(LANES_NAME, LANES_TEMPLATE, powers=view, worst=worst_line("exp_lanes", "avx512"))


def _render(file_name: str, template: str, **more: object) -> str:
    folder = Path(__file__).parent / "templates"
    environment = Environment(
        loader=FileSystemLoader(folder), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False,
    )  # fmt: skip
    return environment.get_template(template).render(
        file_name=file_name, template=template, command="lossmith build",
        types=[table_view(t) for t in tables()], **more,
    )  # fmt: skip
