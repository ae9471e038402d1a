"""What a user is told beside the steps: facts with what is wrong without them, kinks, meanings."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import derive.catalog.common as common
import lossmith
from codegen import command_line
from derive import notation
from derive.audit import named
from derive.catalog import entries
from derive.catalog.entry import Entry
from derive.ledger import cell
from derive.standing import standing
from derive.statement import Statement
from derive.strategy import derive

ROOT = Path(__file__).parent.parent
SOFTMAX = r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}"


def said_of(latex: str, wrt: str, facts: list[str] | None = None, lang: str = "en") -> list[str]:
    statement = lossmith.loss(latex, SOFTMAX, facts, wrt)
    return list(standing(statement, [derive(statement)], lang))


def test_each_fact_comes_with_what_is_wrong_without_it() -> None:
    (line,) = said_of(r"L = -\sum_i y_i \log p_i", "z_j", [r"\sum_i y_i = 1"])
    assert line.startswith("Fact used: Σ_i y_i = 1. Without it the result is wrong, at n = 1")


def test_a_fact_that_is_not_needed_is_named_as_such() -> None:
    facts = [r"\sum_i y_i = 1", r"\sum_i w_i = 1"]
    lines = said_of(r"L = -\sum_i y_i \log p_i + \sum_i w_i^2", "z_j", facts)
    assert "Fact not needed: Σ_i w_i = 1." in lines


def test_kinks_are_stated() -> None:
    (line,) = said_of(r"L = \sum_i \max(0, 1 - y_i z_i)", "z_j")
    assert line.startswith("Not differentiable where") and "= 0" in line
    (line,) = said_of(r"L = \max_k z_k", "z_j")
    assert "the maximum of z_k is reached twice" in line
    assert "不可微" in said_of(r"L = \max_k z_k", "z_j", lang="zh")[0]
    assert said_of(r"L = \sum_i z_i^2", "z_j") == []


def test_a_maximum_over_an_index_has_its_subgradient() -> None:
    statement = lossmith.loss(r"L = \max_k z_k", wrt="z_j")
    made = cell(Entry(statement, {}, "loss"), "gradient")
    assert (made.proved, made.replayed) == (True, True)


def test_the_command_prints_them() -> None:
    done = CliRunner().invoke(command_line.app, ["derive", "cross_entropy"])
    assert "Fact used: the targets sum to one. Without it the result is wrong" in done.stdout


def test_every_named_meaning_comes_out_as_expected() -> None:
    found = named()
    assert len(found) >= 25
    assert not [row for row in found if row.surprising]


def test_audit_without_a_table_shows_them() -> None:
    done = CliRunner().invoke(command_line.app, ["audit"])
    assert done.exit_code == 0
    assert "the two smoothings are one (exact): refuted" in done.stdout


def test_the_loss_of_the_readme_is_derived_proved_and_replayed() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    source = re.search(r"### Add a loss.*?```python\n(.*?)```", text, re.DOTALL)
    assert source is not None
    code = source[1]
    assert len(code.splitlines()) <= 10
    names: dict[str, Any] = {**vars(common), "Entry": Entry, "Statement": Statement}
    names["L"] = names["L"]() if "L," in code and "L()" not in code else names["L"]
    made: Entry = eval(code, names)
    assert made.name not in entries()
    for order in ("gradient", "hessian", "hvp"):
        found = cell(made, order)
        assert (found.proved, found.replayed) == (True, True), found.reasons


@pytest.mark.parametrize(
    ("latex", "wrt", "result"),
    [
        (r"L = -\log \prod_i p_i^{y_i}", "z_j", "p_j Σ_i y_i - y_j"),
        (r"L = \frac{1}{q-1}(1 - \sum_i p_i^q)", "z_j", "q (p_j Σ_i p_i^q - p_j^q) / (q - 1)"),
        (r"L = \log\sum_k\exp(z_k) - z_t", "z_j", "p_j - δ_jt"),
        (r"L = 1 - \sum_i p_i^2", "z_j", "2 p_j (1 - L - p_j)"),
    ],
)
def test_losses_of_papers_fold_to_what_people_recognise(latex: str, wrt: str, result: str) -> None:
    made = derive(lossmith.loss(latex, SOFTMAX, wrt=wrt))
    assert notation.text(made.result) == result
