"""Losses as people type them that are not in the catalog: a readable gradient, proved, replayed."""

from __future__ import annotations

from typing import Any

import pytest

import lossmith
from derive import notation
from derive.errors import DeriveError
from derive.language import Array, Exp, Log, Sum, index
from derive.prover import prove
from derive.witness import replay

SHARES = r"p_k = \frac{e^{z_k}}{\sum_l e^{z_l}}"
TYPED: dict[str, tuple[dict[str, str], str, list[str]]] = {
    "additive margin softmax": (
        {"latex": r"L = -\log p_t", "wrt": "c_j",
         "where": r"u_k = s (c_k - m \delta_{kt}); p_k = \frac{e^{u_k}}{\sum_l e^{u_l}}"},
        "s (p_j - δ_jt)", []),
    "evidential": (
        {"latex": r"L = \sum_k y_k (\log S - \log a_k)", "where": r"S = \sum_k a_k",
         "facts": r"\sum_k y_k = 1", "wrt": "a_j"},
        "1 / S - y_j / a_j", ["Σ_k y_k = 1"]),
    "Barlow twins": (
        {"latex": r"L = \sum_k (1 - C_{kk})^2 + \lambda \sum_k \sum_{l \ne k} C_{kl}^2",
         "wrt": "C_{kl}"},
        "2 λ C_kl - 2 δ_kl (1 + λ C_kk - C_kk)", []),
    "VICReg, variance": (
        {"latex": r"L = \sum_j \max(0, \gamma - \sqrt{v_j + \epsilon})", "wrt": "v_i"},
        "-𝟙[√(ε + v_i) < γ] / (2 √(ε + v_i))", []),
    "center": (
        {"latex": r"L = \frac{1}{2} \sum_{r=1}^N \|x_r - c_r\|^2", "wrt": "x_{ra}"},
        "x_ra - c_ra", []),
    "InfoNCE with temperature": (
        {"latex": r"L = -\log \frac{e^{s_t/\tau}}{\sum_k e^{s_k/\tau}}", "wrt": "s_j"},
        "e^(s_j / τ) / (τ Σ_k e^(s_k / τ)) - δ_jt / τ", []),
    "ordinal regression, thresholds": (
        {"latex": r"L = -\sum_k (y_k \log \sigma(f - b_k) + (1 - y_k) \log (1 - \sigma(f - b_k)))",
         "wrt": "b_j"},
        "y_j - σ(f - b_j)", []),
    "Cox partial likelihood": (
        {"latex": r"L = -\sum_i c_i (h_i - \log \sum_j R_{ij} e^{h_j})", "wrt": "h_k"},
        "e^(h_k) Σ_i R_ik c_i / (Σ_j R_ij e^(h_j)) - c_k", []),
    "contrastive margin": (
        {"latex": r"L = y d^2 + (1 - y) \max(0, m - d)^2", "wrt": "d"},
        "2 d y + 2 max(0, m - d) · 𝟙[d < m] (y - 1)", []),
    "Wing": (
        {"latex": r"L = \begin{cases} w \log(1 + |x|/\epsilon) & |x| < w \\ |x| - C & "
                  r"\text{otherwise} \end{cases}", "wrt": "x"},
        "{w sign(x) / (ε (1 + |x| / ε)) if |x| < w; sign(x) otherwise}", []),
    "SwAV": (
        {"latex": r"L = -\sum_k q_k \log p_k", "facts": r"\sum_k q_k = 1", "wrt": "z_j",
         "where": r"p_k = \frac{e^{z_k/\tau}}{\sum_l e^{z_l/\tau}}"},
        "(p_j - q_j) / τ", ["Σ_k q_k = 1"]),
    "asymmetric": (
        {"latex": r"L = -\sum_k (y_k (1-p_k)^a \log p_k + (1-y_k) p_k^b \log(1-p_k))",
         "where": r"p_k = \sigma(z_k)", "wrt": "z_j"},
        "-y_j (1 - p_j) ((1 - p_j)^a - a p_j (1 - p_j)^(a - 1) log p_j) - p_j (1 - y_j) "
        "(b p_j^(b - 1) (1 - p_j) log(1 - p_j) - p_j^b)", []),
    "entropy as a bonus": (
        {"latex": r"L = -\log p_t + \beta \sum_k p_k \log p_k", "where": SHARES, "wrt": "z_j"},
        "p_j + β p_j (log p_j - Σ_k p_k log p_k) - δ_jt", []),
    "focal, soft targets": (
        {"latex": r"L = -\sum_i (1-p_i)^\gamma y_i \log p_i", "where": SHARES, "wrt": "z_j",
         "facts": r"\sum_i y_i = 1"},
        "-y_j ((1 - p_j)^γ - γ p_j (1 - p_j)^(γ - 1) log p_j) - p_j Σ_i y_i (γ p_i "
        "(1 - p_i)^(γ - 1) log p_i - (1 - p_i)^γ)", []),
    "Charbonnier": (
        {"latex": r"L = \sum_k \sqrt{(x_k-y_k)^2 + \epsilon^2}", "wrt": "x_j"},
        "(x_j - y_j) / √(ε² + (x_j - y_j)²)", []),
    "Cauchy": (
        {"latex": r"L = \sum_k \log(1 + (x_k - y_k)^2 / c^2)", "wrt": "x_j"},
        "2 (x_j - y_j) / (c² + (x_j - y_j)²)", []),
    "margin ranking": (
        {"latex": r"L = \max(0, -y (a - b) + m)", "wrt": "a"},
        "-y · 𝟙[y (a - b) < m]", []),
}  # fmt: skip


def typed(said: dict[str, str]) -> Any:
    more = {key: text for key, text in said.items() if key != "latex"}
    return lossmith.loss(said["latex"], **more)


@pytest.mark.parametrize("name", TYPED)
def test_a_typed_loss_is_derived_proved_and_readable(name: str) -> None:
    said, gradient, facts = TYPED[name]
    made = lossmith.derive(typed(said))
    assert notation.text(made.result) == gradient
    assert [f.name for f in made.facts] == facts
    assert replay(made.certificate).verdict == "agrees"


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "a mean over n": ({"latex": r"L = \frac{1}{n} \sum_k x_k^2 + \sum_i y_i", "wrt": "x_j"},
                      r"line 1, column 14: n may be a number or the size .* \\sum_\{k=1\}"),
    "free index": ({"latex": r"L = \sum_k z_k y_i", "wrt": "z_j"}, "free index i .* sum over it"),
    "contradicting facts": ({"latex": r"L = \sum_k z_k y_k", "wrt": "z_j",
                             "facts": r"\sum_k y_k = 1; \sum_k y_k = 2"}, "contradicts .* drop"),
    "two indices and one": ({"latex": r"L = \sum_k z_k + z_{kl}", "wrt": "z_j"},
                            "line 1, column 18: .*z has 2 indices here and 1 elsewhere"),
    "no variable": ({"latex": r"L = \sum_k z_k^2"},
                    "with respect to; name an input of it as wrt, such as z_j"),
    "unknown variable": ({"latex": r"L = \sum_k z_k", "wrt": "w_j"}, "does not depend on w"),
    "a sum to differentiate by": ({"latex": r"L = \sum_k z_k", "wrt": "z_j + 1"},
                                  "line 1, column 1: .*expected an element such as z_j"),
    "outside the language": ({"latex": r"L = \log\Gamma(a)", "wrt": "a"},
                             "outside the language; differentiate with respect to another"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_refused_with_place_and_remedy(name: str) -> None:
    said, reason = REFUSED[name]
    with pytest.raises(DeriveError, match=reason):
        lossmith.derive(typed(said))


x, q, i, k = Array("x")(), Array("q", (), "positive")(), *index("i k")
z, y = Array("z", ("n",)), Array("y", ("n",), "positive")
NOWHERE: dict[str, tuple[Any, Any]] = {
    "log(x-2) and log(1-x)": (Log(x - 2) + Log(1 - x), Log((x - 2) * (1 - x))),
    "what is positive is not below -1": (Log(-q - 1) + Log(x), Log(x * (-1 - q))),
    "under a sum": (
        Sum(Log(z[k] - 2) + Log(1 - z[k]), k), Sum(Log((z[k] - 2) * (1 - z[k])), k)),
    "in an exponential": (
        Log(Exp(x) - 2) + Log(1 - Exp(x)), Log((Exp(x) - 2) * (1 - Exp(x)))),
    "a sum of two": (
        Log(x - q) + Log(z[i] - x) + Log(q - z[i]), Log((x - q) * (z[i] - x) * (q - z[i]))),
}  # fmt: skip


@pytest.mark.parametrize("name", NOWHERE)
def test_an_equation_that_no_point_defines_is_refused(name: str) -> None:
    with pytest.raises(DeriveError, match="no point defines both sides"):
        prove(*NOWHERE[name])


def test_an_equation_that_some_point_defines_is_proved() -> None:
    assert prove(Log(x - 1) + Log(2 - x), Log((x - 1) * (2 - x)))
    assert prove(Log(x - q) + Log(z[i] - x), Log((x - q) * (z[i] - x)))
    total = Sum(y[k], k)
    assert prove(Log(2 - total) + Log(total - 1), Log((2 - total) * (total - 1)))
