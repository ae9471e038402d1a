"""The numbers behind the pictures, computed from the records: mpmath for truth, the emitted
kernels for errors."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from sympy import Expr

from codegen.notes.excerpt import emitted
from codegen.truth import Truth, working_digits
from derive.catalog import entry
from derive.catalog.common import SOFTMAX, i, j, p, t, z
from derive.language import Deriv
from derive.primitives import unfold
from derive.statement import Context, Definition
from derive.terms import free_indices

Numbers = list[float]
SCORES = (2, 3, 5)
JACOBIAN_AT = ("2", "1", "0.1")
THREE = (20, 300, 5000)
SHIFTED = tuple(tuple((s - m) / math.log(10) for s in THREE) for m in (0, max(THREE)))
"""log₁₀ e^z of the scores without and with the shift by the largest."""
LIMITS = (math.log10(math.ulp(0.0)), math.log10(np.finfo(np.float64).max))
"""log₁₀ of the smallest and of the largest positive double."""
BITS = 24
"""Digits of a float32 significand."""


def exponential() -> tuple[Numbers, Numbers]:
    """e^z from -3 to 2.6."""
    x = [k / 20 for k in range(-60, 53)]
    return x, [math.exp(v) for v in x]


def exponential_at(place: int) -> float:
    return math.exp(place)


def _over(expr: Expr, definition: Definition, values: list[str]) -> Numbers:
    """An expression with one free index at each class, from 60 digits."""
    ready = unfold(expr, Context((definition,)))
    with working_digits(60):
        truth = Truth(len(values), {"z": values})
        (here,) = free_indices(ready)
        return [float(v) for v in truth.over(ready, here)]


def shares() -> tuple[Numbers, Numbers]:
    """Plain normalisation and softmax of SCORES."""
    plain = entry("plain_normalisation").statement
    head, body = plain.head, plain.body
    scores = [str(s) for s in SCORES]
    q = Definition(head.array, tuple(head.indices), body)
    return _over(head, q, scores), _over(p[i], SOFTMAX, scores)


@cache
def jacobian() -> list[Numbers]:
    """∂p_i/∂z_j at JACOBIAN_AT, from the definition of softmax."""
    body = unfold(Deriv(p[i], z[j]), Context((SOFTMAX,)))
    places = range(len(JACOBIAN_AT))
    with working_digits(60):
        truth = Truth(len(JACOBIAN_AT), {"z": JACOBIAN_AT})
        return [[float(truth.at(body, {i: a, j: b})) for b in places] for a in places]


@cache
def margin() -> tuple[Numbers, Numbers, Numbers]:
    """Softmax loss of two classes and its derivative in the true score, against the margin."""
    x = [k / 10 for k in range(-60, 61)]
    loss, slope = [], []
    made = entry("softmax_loss").statement
    value = unfold(made.body, Context((SOFTMAX,)))
    gradient = unfold(Deriv(made.body, z[j]), Context((SOFTMAX,)))
    with working_digits(30):
        for m in x:
            truth = Truth(2, {"z": [str(m), "0"]}, places={t.name: 0})
            loss.append(float(truth.at(value)))
            slope.append(float(truth.at(gradient, {j: 0})))
    return x, loss, slope


@cache
def lost_bits() -> tuple[Numbers, Numbers, Numbers]:
    """Bits of the float32 loss that are wrong when the true class leads by a gap: naive and
    emitted."""
    gaps = [float(k) for k in range(0, 81, 2)]
    rows = np.array([[g, 0.0] for g in gaps], dtype=np.float32)
    with np.errstate(all="ignore"):
        naive = -np.log(emitted("softmax_naive", "value")(rows)[:, 0])
    labels = np.zeros(len(gaps), dtype=np.int64)
    weights = np.ones(len(gaps), dtype=np.float32)
    stable, _ = emitted("cross_entropy", "value_and_grad")(rows, labels, weights)
    true = [math.log1p(math.exp(-g)) for g in gaps]
    return (
        gaps,
        [_lost(a, b) for a, b in zip(naive, true, strict=True)],
        [_lost(a, b) for a, b in zip(stable, true, strict=True)],
    )


def _lost(made: float, true: float) -> float:
    """log₂ of the relative error in units of the last bit, between 0 and BITS."""
    error = abs(float(made) - true) / true
    if not math.isfinite(error):
        return float(BITS)
    return min(max(math.log2(error * 2**BITS), 0.0), float(BITS)) if error else 0.0
