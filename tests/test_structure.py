"""Diagonal plus products: recognised, O(n) products proved, H·1 = 0 and the sign of vᵀHv proved."""

import pytest
from sympy import Integer

from derive.catalog import entries
from derive.errors import DeriveError
from derive.language import Array, Sum
from derive.orders import fisher, gauss_newton, gradient, hessian
from derive.prover import prove
from derive.structure import Structure, direction, structure

FAMILY = (
    "cross_entropy",
    "softmax_loss",
    "temperature_cross_entropy",
    "biased_cross_entropy",
    "label_smoothing",
    "kl_forward",
    "distillation",
    "list_net",
)


@pytest.mark.parametrize("name", FAMILY)
def test_the_softmax_family_is_a_diagonal_less_one_product(name: str) -> None:
    found = structure(hessian(entries()[name].statement))
    assert found.rank == 1
    claims = {claim.name: claim for claim in found.claims(direction(found))}
    assert all(claim.proved for claim in claims.values())
    assert claims["constants"].right == 0
    assert claims["variance"].nonnegative


@pytest.mark.parametrize("name", ["mse", "poisson_nll", "multilabel_soft_margin"])
def test_elementwise_losses_are_diagonal(name: str) -> None:
    found = structure(hessian(entries()[name].statement))
    claims = {claim.name: claim for claim in found.claims(direction(found))}
    assert found.rank == 0
    assert claims["product"].proved
    assert claims["constants"].decision.verdict == "refuted"


def test_a_wrong_structure_is_refuted() -> None:
    true = structure(hessian(entries()["cross_entropy"].statement))
    left, right = true.products[0]
    wrong = Structure(true.rows, true.columns, true.diagonal, ((2 * left, right),), true.context)
    verdicts = {c.name: c.decision.verdict for c in wrong.claims(direction(wrong))}
    assert verdicts["constants"] == verdicts["variance"] == "refuted"


def test_what_is_no_hessian_is_refused() -> None:
    with pytest.raises(DeriveError, match="is no Hessian"):
        structure(gradient(entries()["cross_entropy"].statement))
    with pytest.raises(DeriveError, match="a structure is over one"):
        structure(hessian(entries()["softmax_regression_weights"].statement))


def test_fisher_and_gauss_newton_are_the_hessian() -> None:
    for name in ("softmax_regression_weights", "softmax_regression_bias"):
        statement = entries()[name].statement
        exact = hessian(statement)
        for other in (fisher(statement), gauss_newton(statement)):
            assert prove(exact.start, other.start, exact.context) is not None


def test_the_maximum_shift_has_no_curvature_along_ones() -> None:
    exact = hessian(entries()["cross_entropy"].statement)
    k = exact.start.variable.indices[0]
    ones = Array("c")()
    assert prove(Sum(exact.result * ones, k), Integer(0), exact.context) is not None
