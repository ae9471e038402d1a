"""Derivatives by their order, as notes: called what they are, with what their letters stand for."""

from __future__ import annotations

import pytest

from codegen.backends import latex
from codegen.notes.lesson import Chain, derivative
from derive import catalog
from derive.languages import language, languages
from derive.orders import ORDERS
from derive.strategy import derive


@pytest.mark.parametrize("lang", languages())
def test_every_order_has_a_name(lang: str) -> None:
    named = language(lang)["orders"]
    assert set(named) == set(ORDERS) and len(set(named.values())) == len(ORDERS)


@pytest.mark.parametrize(
    "lang, title, order",
    [("en", "Focal loss", "The Hessian"), ("zh", "focal 损失", "黑塞矩阵")],
)
def test_a_hessian_is_called_one_under_the_title_of_its_loss(
    lang: str, title: str, order: str
) -> None:
    statement = catalog.entry("focal").statement
    text = latex.source(derivative(statement, ORDERS["hessian"](statement), "hessian", lang))
    assert rf"\section{{{title}}}" in text and rf"\subsection{{{order}}}" in text
    assert r"p_i = \frac{e^{z_i}}" in text, "what p stands for"


@pytest.mark.parametrize(
    "statement, title",
    [
        ("focal", "The gradient"),
        ("softmax", "The partial derivatives of p_i"),
        ("tanh", "The derivative"),
    ],
)
def test_without_an_order_a_derivative_is_called_by_what_it_is_of(
    statement: str, title: str
) -> None:
    of = catalog.entry(statement).statement
    (block,) = derivative(of, derive(of), "", "en").blocks
    assert isinstance(block, Chain) and block.title == title
