"""Hessians, JVPs, VJPs and HVPs: derived, proved, replayed; and what people recognise comes out."""

import pytest

from derive import notation
from derive.catalog import entries
from derive.deciding import dropped
from derive.errors import DeriveError
from derive.language import Deriv
from derive.orders import ORDERS, diagonal, hessian
from derive.strategy import derive
from derive.terms import arrays
from derive.witness import replay

QUICK = (
    "softmax",
    "log_softmax",
    "cross_entropy",
    "weighted_cross_entropy",
    "l2_normalisation",
    "mse",
    "huber",
    "poisson_nll",
    "multilabel_soft_margin",
    "squared_hinge",
    "list_net",
    "dpo",
    "tanh",
)

ANSWERS = {
    ("cross_entropy", "hessian"): "p_j (δ_jk - p_k)",
    ("cross_entropy", "hvp"): "p_j (v_j - Σ_k p_k v_k)",
    ("cross_entropy", "fisher"): "p_j (δ_jk - p_k)",
    ("softmax", "jvp"): "p_i (v_i - Σ_j p_j v_j)",
    ("softmax", "vjp"): "p_j (u_j - Σ_i p_i u_i)",
    ("log_softmax", "vjp"): "u_j - p_j Σ_i u_i",
    ("softplus", "hessian"): "σ(x) (1 - σ(x))",
    ("l2_normalisation", "gradient"): "(δ_ij - h_i h_j) / r",
    ("layer_norm", "gradient"): "γ_i (n δ_ij - 1 - h_i h_j) / (n σ)",
    ("clip", "gradient"): "(Σ_q B_qb (C_sq + R_sq) - 2 B_sb) / (2 N τ)",
    ("info_nce", "gradient"): "(Σ_q B_qb R_sq - B_sb) / (N τ)",
    ("gaussian_mixture", "gradient"): "(1 / σ_j²) Σ_r G_rj (μ_j - x_r)",
    ("distillation", "gradient"): "τ (p_j - q_j)",
    ("entropy", "gradient"): "-p_j (L + log p_j)",
    ("sigmoid_focal", "gradient"): "α_j y_j (q_j + γ q_j log q_j - 1) (1 - q_j)^γ",
    ("softmax_regression_weights", "gradient"): "Σ_r X_rb (P_rj - Y_rj)",
    ("softmax_regression_bias", "gradient"): "Σ_r (P_rj - Y_rj)",
    ("softmax_regression_inputs", "gradient"): "Σ_k W_bk (P_sk - Y_sk)",
}


def holds(expr: object, node: type) -> bool:
    return isinstance(expr, node) or any(holds(a, node) for a in expr.args)  # type: ignore[attr-defined]


@pytest.mark.parametrize("order", ["hessian", "jvp", "vjp", "hvp"])
@pytest.mark.parametrize("name", QUICK)
def test_every_order_is_derived_and_replays(name: str, order: str) -> None:
    made = ORDERS[order](entries()[name].statement)
    assert not holds(made.result, Deriv)
    assert replay(made.certificate).verdict == "agrees"


@pytest.mark.parametrize(("name", "order"), ANSWERS)
def test_the_answer_is_the_one_that_people_recognise(name: str, order: str) -> None:
    assert notation.text(ORDERS[order](entries()[name].statement).result) == ANSWERS[name, order]


def test_a_pair_asks_for_the_hessian() -> None:
    statement = entries()["cross_entropy"].statement
    pair = hessian(statement).start.expr.variable, hessian(statement).start.variable
    assert derive(statement, pair).result == hessian(statement).result


def test_the_diagonal_of_the_hessian() -> None:
    made = diagonal(entries()["cross_entropy"].statement)
    assert notation.text(made.result) == "p_j (1 - p_j)"


def test_directions_take_a_name_that_is_free() -> None:
    made = ORDERS["jvp"](entries()["triplet"].statement)
    assert "v1" in {a.name for a in arrays(made.start)}


def test_a_used_fact_is_needed() -> None:
    made = ORDERS["gradient"](entries()["cross_entropy"].statement)
    (fact,) = made.facts
    shown = dropped(made, fact.name)
    assert shown is not None
    assert shown.left != shown.right
    with pytest.raises(DeriveError, match="does not use a fact"):
        dropped(made, "no such fact")


def test_what_cannot_be_differentiated_is_refused() -> None:
    statement = entries()["poisson_nll"].statement
    counts = next(a for a in statement.inputs() if a.name == "y")
    with pytest.raises(DeriveError, match="log Γ"):
        derive(statement, counts[statement.wrt.indices[0]])  # type: ignore[union-attr]


def test_a_fisher_matrix_needs_a_distribution() -> None:
    with pytest.raises(DeriveError, match="defines no distribution"):
        ORDERS["fisher"](entries()["mse"].statement)


def test_the_command_line_offers_the_diagonal() -> None:
    made = ORDERS["diagonal"](entries()["softmax_loss"].statement)
    assert notation.text(made.result) == "p_j (1 - p_j)"
