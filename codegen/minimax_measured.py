"""The largest errors measured, as the header prints them; `minimax_check.worst` measures again.

One row a function: for float the worst over every float in builds without and with fused
multiply-add (the flushed ones also with fusing left to the compiler), for double over HOW_MANY
random and structured arguments in every build of `minimax_check.BUILDS`; in ulp of the exact
result, rounded up, with the argument (for a pair: its high part).  Registers of AVX-512 have an
exponential of their own, and so a line.
"""

from __future__ import annotations

HOW_MANY = 10_000_000
HOW = {
    "float": "for float, every one of them was tried",
    "double": "for double, ten million random and structured arguments",
}
WORST: dict[str, dict[str, tuple[float, str]]] = {
    "exp": {
        "float": (0.771, "-0x1.5ed25p+6"),
        "double": (0.760, "-0x1.6263bdd3fa323p+9"),
    },
    "exp_pair": {
        "float": (0.787, "-0x1.5e9b78p+6"),
        "double": (0.845, "-0x1.057d5b0ac6ca5p+9"),
    },
    "exp_flush": {
        "float": (0.982, "-0x1.b5484ep+4"),
        "double": (0.973, "0x1.35a9df9816ac4p+9"),
    },
    "exp_flush_pair": {
        "float": (0.983, "0x1.e354fcp+4"),
        "double": (1.124, "-0x1.188d1fcd5e46fp+9"),
    },
    "exp_scaled": {
        "float": (0.982, "-0x1.b5484ep+4"),
        "double": (0.973, "0x1.35a9df9816ac4p+9"),
    },
    "exp_lanes": {
        "float": (0.982, "-0x1.b5484ep+4"),
        "avx512": (0.821, "-0x1.cc994cp+4"),
    },
    "exp_split": {
        "float": (0.771, "-0x1.5ed25p+6"),
        "double": (0.796, "-0x1.62688d5c53ebbp+9"),
    },
    "expm1": {
        "float": (1.030, "0x1.7da9dap-2"),
        "double": (1.019, "0x1.83fb3d0020a18p-2"),
    },
    "log": {
        "float": (0.840, "0x1.69cf3ep+0"),
        "double": (0.801, "0x1.671fb3da64b5p-1"),
    },
    "log1p": {
        "float": (0.876, "0x1.99add6p-2"),
        "double": (0.875, "-0x1.0000000045d23p-54"),
    },
    "tanh": {
        "float": (1.462, "0x1.20e47cp-1"),
        "double": (1.464, "-0x1.20e570fe5788p-1"),
    },
    "sigmoid": {
        "float": (1.967, "-0x1.8f3676p+2"),
        "double": (1.830, "-0x1.62e42a270876bp+2"),
    },
}


def worst_line(name: str, real: str) -> str:
    """The line of the header about one function, for a type or a build."""
    ulp, argument = WORST[name][real]
    return f"Worst: {ulp:.3f} ulp, at {argument} = {float.fromhex(argument):.6g}."
