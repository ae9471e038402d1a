"""Losses of well-known papers that the catalog does not hold: the right gradient, or one refusal.

Each result was derived, is proved for every n and replayed; the text is what a reader gets.
"""

from __future__ import annotations

from typing import Any

import pytest

import lossmith
from derive import notation
from derive.errors import DeriveError
from derive.witness import replay

SHARES = r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}"
MARGIN = (
    r"L = -\log \frac{e^{s \cos(\theta_t + m)}}"
    r"{e^{s\cos(\theta_t + m)} + \sum_{k \ne t} e^{s \cos\theta_k}}"
)
Given = dict[str, Any]

DERIVED: dict[str, tuple[Given, str]] = {
    "ArcFace, the label's angle": (
        {"latex": MARGIN, "wrt": r"\theta_t"},
        "s sin(m + θ_t) (Σ_k e^(s cos(θ_k)) - e^(s cos(θ_t))) / "
        "(e^(s cos(m + θ_t)) + Σ_k e^(s cos(θ_k)) - e^(s cos(θ_t)))"),
    "label distribution learning": (
        {"latex": r"L = \sum_k d_k \log\frac{d_k}{p_k}", "where": SHARES,
         "facts": r"\sum_k d_k = 1", "wrt": "z_j"}, "p_j - d_j"),
    "evidential": (
        {"latex": r"L = \sum_k y_k (\log S - \log \alpha_k)", "facts": r"\sum_k y_k = 1",
         "where": [r"\alpha_k = e_k + 1", r"S = \sum_k \alpha_k"], "wrt": "e_j"},
        "1 / S - y_j / α_j"),
    "Barlow twins": (
        {"latex": r"L = \sum_i (1 - C_{ii})^2 + \lambda \sum_i \sum_{j \ne i} C_{ij}^2",
         "wrt": "C_{kl}"}, "2 λ C_kl - 2 δ_kl (1 + λ C_kk - C_kk)"),
    "VICReg, variance": (
        {"latex": r"L = \frac{1}{d}\sum_{f=1}^d \max(0, \gamma - \sqrt{v_f + \epsilon})",
         "wrt": "v_g"}, "-𝟙[√(ε + v_g) < γ] / (2 d √(ε + v_g))"),
    "SupCon": (
        {"latex": r"L = -\frac{1}{P}\sum_k m_k \log\frac{e^{z_k/\tau}}{\sum_l e^{z_l/\tau}}",
         "where": r"P = \sum_k m_k", "wrt": "z_j"},
        "e^(z_j / τ) / (τ Σ_k e^(z_k / τ)) - m_j / (P τ)"),
    "LambdaRank with constant weights": (
        {"latex": r"L = \sum_i\sum_j |\Delta_{ij}| \log(1 + e^{-(s_i - s_j)})", "wrt": "s_k"},
        "Σ_i (e^(s_k) |Δ_ik| - e^(s_i) |Δ_ki|) / (e^(s_i) + e^(s_k))"),
    "ELBO, mean": (
        {"latex": r"L = \frac12 \sum_i (x_i - \hat x_i)^2 - "
                  r"\frac12 \sum_k (1 + \log\sigma_k^2 - \mu_k^2 - \sigma_k^2)",
         "wrt": r"\mu_j"}, "μ_j"),
    "ELBO, deviation": (
        {"latex": r"L = -\frac12 \sum_k (1 + \log\sigma_k^2 - \mu_k^2 - \sigma_k^2)",
         "facts": r"\sigma_k > 0", "wrt": r"\sigma_j"}, "σ_j - 1 / σ_j"),
    "Wasserstein critic, penalty": (
        {"latex": r"L = \frac{1}{m} \sum_{i=1}^m f_i + \lambda (\sqrt{\sum_k h_k^2} - 1)^2",
         "wrt": "h_j"}, "2 λ h_j (1 - 1 / √(Σ_k h_k²))"),
    "Bradley–Terry": ({"latex": r"L = -\log \sigma(a - b)", "wrt": "a"}, "σ(a - b) - 1"),
    "IPO": (
        {"latex": r"L = \left(h - \frac{1}{2\tau}\right)^2", "wrt": r"\pi_1",
         "where": r"h = \log\frac{\pi_1}{\rho_1} - \log\frac{\pi_2}{\rho_2}"},
        "2 (h - 1 / (2 τ)) / π_1"),
    "KTO": ({"latex": r"L = \lambda (1 - \sigma(\beta (r - c)))", "wrt": "r"},
            "-L β σ(β (r - c))"),
    "policy gradient with an entropy bonus": (
        {"latex": r"J = \sum_a p_a A_a - \beta \sum_a p_a \log p_a",
         "where": r"p_a = \frac{e^{z_a}}{\sum_b e^{z_b}}", "wrt": "z_c"},
        "p_c (A_c - J - β log p_c)"),
    "center loss": ({"latex": r"L = \frac12 \sum_d (x_d - c_d)^2", "wrt": "x_j"}, "x_j - c_j"),
    "Geman–McClure": (
        {"latex": r"L = \sum_i \frac{(x_i - y_i)^2}{(x_i - y_i)^2 + c^2}", "wrt": "x_j"},
        "2 c² (x_j - y_j) / (c² + (x_j - y_j)²)²"),
    "Welsch": (
        {"latex": r"L = \frac{c^2}{2}\sum_i \left(1 - e^{-(x_i - y_i)^2/c^2}\right)",
         "wrt": "x_j"}, "e^(-(x_j - y_j)² / c²) (x_j - y_j)"),
    "log-cosh": ({"latex": r"L = \sum_i \log\cosh(x_i - y_i)", "wrt": "x_j"},
                 "(e^(2 x_j) - e^(2 y_j)) / (e^(2 x_j) + e^(2 y_j))"),
    "expectile": (
        {"latex": r"L = \sum_i |\tau - 1[y_i < x_i]| (y_i - x_i)^2", "wrt": "x_j"},
        "2 |τ - 𝟙[y_j < x_j]| (x_j - y_j)"),
    "pinball": (
        {"latex": r"L = \sum_i \max(\tau (y_i - q_i), (\tau - 1)(y_i - q_i))", "wrt": "q_j"},
        "𝟙[y_j < q_j] (1 - τ) - τ · 𝟙[q_j < y_j]"),
    "Dice": (
        {"latex": r"L = 1 - \frac{2\sum_i p_i y_i + \epsilon}"
                  r"{\sum_i p_i + \sum_i y_i + \epsilon}", "wrt": "p_j"},
        "(1 - L - 2 y_j) / (ε + Σ_i (p_i + y_i))"),
    "ORPO": (
        {"latex": r"L = -\log\sigma(\log\frac{p}{1-p} - \log\frac{q}{1-q})", "wrt": "p"},
        "-(1 - σ(log(p / (1 - p)) - log(q / (1 - q)))) / (p (1 - p))"),
    "von Mises": ({"latex": r"L = -\kappa \cos(x - \mu)", "wrt": r"\mu"}, "κ sin(μ - x)"),
    "KoLeo": ({"latex": r"L = -\frac{1}{n}\sum_{i=1}^n \log(d_i)", "wrt": "d_j"},
              "-1 / (n d_j)"),
}  # fmt: skip
PROVED: dict[str, Given] = {
    "ArcFace, any angle": {"latex": MARGIN, "wrt": r"\theta_j"},
    "CosFace": {"latex": r"L = -\log \frac{e^{s (c_t - m)}}{e^{s(c_t - m)} + "
                         r"\sum_{k \ne t} e^{s c_k}}", "wrt": "c_j"},
    "RankNet": {"latex": r"L = \sum_i \sum_j y_{ij} \log(1 + e^{-(s_i - s_j)})", "wrt": "s_k"},
    "Tversky": {"latex": r"L = 1 - \frac{T}{T + \alpha \sum_i p_i (1 - y_i) + "
                         r"\beta \sum_i (1 - p_i) y_i}", "where": r"T = \sum_i p_i y_i",
                "wrt": "p_j"},
    "Jaccard": {"latex": r"L = 1 - \frac{\sum_i p_i y_i}"
                         r"{\sum_i p_i + \sum_i y_i - \sum_i p_i y_i}", "wrt": "p_j"},
    "PPO, clipped": {"latex": r"L = -\min(r a, \min(\max(r, 1 - \epsilon), 1 + \epsilon) a)",
                     "wrt": "r"},
    "PPO, a capital advantage": {
        "latex": r"L = -\min(r A, \operatorname{clip}(r, 1 - \epsilon, 1 + \epsilon) A)",
        "where": r"A \in \mathbb{R}", "wrt": "r"},
    "preferences, two rewards": {"latex": r"L = -\log\sigma(r_w - r_l)", "wrt": "r_l"},
    "SimPO": {"latex": r"L = -\log\sigma\left(\frac{\beta}{n}\sum_{i=1}^n a_i - "
                       r"\frac{\beta}{m}\sum_{i=1}^m b_i - \gamma\right)", "wrt": "a_j"},
    "smooth AP": {"latex": r"L = 1 - \sum_i \frac{1 + \sum_{j \ne i} "
                           r"\sigma((s_j - s_i)/\tau)}{R_i}", "wrt": "s_k"},
}  # fmt: skip
REFUSED: dict[str, tuple[Given, str]] = {
    "PPO, a capital that may be a matrix": (
        {"latex": r"L = -\min(r A, A)", "wrt": "r"}, r"A \\in \\mathbb\{R\} for a number"),
    "CTC": ({"latex": r"L = -\log \sum_{\pi \in \mathcal{B}^{-1}(y)} \prod_t p_{t \pi_t}",
             "wrt": "p_{sk}"}, "line 1, column 17: .* is not read; expected k"),
    "CRF": ({"latex": r"L = \log \sum_{y'} \exp(\sum_t (\psi_{y'_t} + A_{y'_{t-1} y'_t}))",
             "wrt": r"\psi_j"}, "line 1, column 16: .*expected an index"),
    "labels that choose a centre": (
        {"latex": r"L = \frac12 \sum_i \|x_i - c_{y_i}\|^2", "wrt": "x_{jk}"},
        "line 1, column 31: .*write the targets as an array"),
    "one pair of many": ({"latex": r"C = \log(1 + e^{-(s_i - s_j)})", "wrt": "s_k"},
                         "free index i, j .* sum over it or add it on the left"),
    "a sum that stops at the plus": (
        {"latex": r"L = \sum_k (y_k - q_k)^2 + q_k (1 - q_k)", "wrt": "q_j"},
        "line 1, column 39: .*free index k .* sum over it"),
}  # fmt: skip


def read(given: Given) -> Any:
    return lossmith.loss(given["latex"], **{k: v for k, v in given.items() if k != "latex"})


@pytest.mark.parametrize("name", DERIVED)
def test_a_loss_of_a_paper_has_the_gradient_people_know(name: str) -> None:
    given, gradient = DERIVED[name]
    made = lossmith.derive(read(given))
    assert notation.text(made.result) == gradient
    assert replay(made.certificate).verdict == "agrees"


@pytest.mark.parametrize("name", PROVED)
def test_a_loss_of_a_paper_is_derived_proved_and_replayed(name: str) -> None:
    made = lossmith.derive(read(PROVED[name]))
    assert "∂" not in notation.text(made.result)
    assert replay(made.certificate).verdict == "agrees"


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_is_one_refusal(name: str) -> None:
    given, words = REFUSED[name]
    with pytest.raises(DeriveError, match=words):
        lossmith.derive(read(given))
