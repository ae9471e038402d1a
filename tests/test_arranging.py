"""Long normal forms nested and written by δ - p: the same value, and less to read."""

from __future__ import annotations

import pytest
import sympy
from sympy import Expr, Rational

from derive.arranging import content, joined, nested, shifted
from derive.catalog import entries
from derive.language import Array, Delta, index
from derive.normal import Field
from derive.notation import text
from derive.orders import ORDERS
from derive.spelling import powers
from derive.weighing import weight

i, j, k = index("i j k")
p, q = Array("p", ("n",)), Array("q", ("n",))
a, b, c = (Array(name)() for name in "abc")
FORMS: dict[str, Expr] = {
    "what most share": a * b * p[j] + a * c * p[j] + a * p[j] ** 2 + b,
    "powers": a**3 * b + a**2 * c - 4 * a,
    "a bottom of terms": (a * p[j] + a * b) / (b + c) + a / (b + c) ** 2,
    "numbers": Rational(1, 2) * a * b + Rational(3, 4) * a * c,
    "one term": -2 * a * b,
}


@pytest.mark.parametrize("name", FORMS)
def test_a_nested_form_is_the_same_form(name: str) -> None:
    field = Field()
    form = field.ratio(field.form(FORMS[name]))
    made = nested(field, form)
    assert sympy.simplify(made - form) == 0
    assert weight(field.spell(made)) <= weight(field.spell(form))


def test_what_is_left_beside_a_delta_less_p_factors() -> None:
    field = Field()
    whole = a * (Delta(j, k) - p[k]) + b * p[j] * (q[k] - p[k])
    form = field.ratio(field.form(sympy.expand(whole)))
    spelled = [field.spell(e) for e in shifted(field, form)]
    assert all(sympy.expand(e - whole) == 0 for e in spelled)
    assert min(map(weight, spelled)) <= weight(whole) < weight(sympy.expand(whole))


def test_a_product_of_a_sum_and_a_difference_is_a_difference_of_squares() -> None:
    assert joined(b * (a + c) * (a - c)) == b * (a**2 - c**2)
    assert joined((a - c) * (a + b - c) * (b + c - a)) == (a - c) * (b**2 - (c - a) ** 2)
    apart = (a + b) * (a + c)
    assert joined(apart) == apart


def test_powers_of_a_base_and_of_its_negative_are_one_power() -> None:
    assert powers((1 - a) ** c / (a - 1) ** 2) == (1 - a) ** (c - 2)
    assert powers(b * (1 - a) ** c / (a - 1)) == -b * (1 - a) ** (c - 1)
    assert powers((1 - a) ** 2 * (b - 1)) == (1 - a) ** 2 * (b - 1)


def test_the_gradient_of_capped_logits_is_a_product() -> None:
    entry = entries()["softcap_cross_entropy"]
    assert text(entry.gradient.result) == "(p_j - y_j) (c² - u_j²) / c²"


def test_the_content_of_numbers() -> None:
    assert content([Rational(1, 2), Rational(3, 4)]) == Rational(1, 4)
    assert content([Rational(-4), Rational(-6)]) == -2
    assert content([Rational(-4), Rational(6)]) == 2


@pytest.mark.parametrize(("name", "most"), [("focal", 150), ("jensen_shannon", 200)])
def test_a_long_hessian_has_a_form_to_read(name: str, most: int) -> None:
    assert len(text(ORDERS["hessian"](entries()[name].statement).result)) <= most
