"""Tables of claims: the shipped mistakes are refuted, the right formulas proved, bad tables
refused."""

import re
from pathlib import Path

import pytest

from derive.audit import Audited, audit, audit_row, report
from derive.errors import DeriveError

SHIPPED = Path(__file__).parent.parent / "docs" / "audit" / "shipped_wrong.yaml"
FOUND = audit(SHIPPED)


@pytest.mark.parametrize("row", FOUND, ids=lambda r: r.name)
def test_shipped_formula_is_decided_as_expected(row: Audited) -> None:
    assert row.as_expected is True, str(row.decision)


def test_a_refutation_shows_where() -> None:
    wrong = [row for row in FOUND if row.expect == "refuted"]
    assert len(wrong) >= 12
    assert all(row.decision.counterexample and row.source for row in wrong)
    assert all(max(row.decision.counterexample.sizes.values(), default=1) <= 3 for row in wrong)


def test_the_page_names_tests_and_reports_that_exist() -> None:
    page = (SHIPPED.parent.parent / "shipped_wrong.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(test_\w+\.py)::(\w+)`", page))
    assert len(named) >= 10
    for file, name in named:
        assert f"def {name}(" in (Path(__file__).parent / file).read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| ")][1:]
    formulas = [re.findall(r"\w+#\d+|PR#\d+|#\d+|loopy", r[2]) for r in rows if "formula" in r[3]]
    shipped = SHIPPED.read_text(encoding="utf-8")
    assert [r for r in formulas if not any(report in shipped for report in r)] == []


def test_an_expectation_can_fail() -> None:
    row = {
        "name": "tanh",
        "function": r"f = \tanh(x)",
        "wrt": "x",
        "claim": r"(1 - \tanh(x))^2",
        "expect": "proved",
    }
    assert audit_row(row).as_expected is False
    assert "refuted" in report([audit_row(row)])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name: x", "no list of rows"),
        ("- {name: a}", "at least a name and a function"),
        ("- {name: a, function: 'f = x', wrt: x}", "either a claim or an equation"),
        ("- {name: a, function: 'f = x', wrt: x, claim: '1', color: red}", "unknown key 'color'"),
        ("- {name: a, function: 'f = x', claim: '1'}", "needs wrt"),
        ("- {name: a, function: 'f = x', wrt: x, claim: '1', expect: maybe}", "expect is one of"),
        ("- {name: a, function: 'f = \\\\oops(x)', wrt: x, claim: '1'}", "row 1"),
        ("- [", "cannot be read"),
    ],
)
def test_a_bad_table_is_refused(tmp_path: Path, text: str, says: str) -> None:
    path = tmp_path / "table.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeriveError, match=says):
        audit(path)


def test_a_missing_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DeriveError, match="cannot be read"):
        audit(tmp_path / "none.yaml")
