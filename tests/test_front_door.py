"""The front door as a new user meets it: commands, their output, and one clear error for bad
input."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lossmith
from derive.errors import DeriveError

ROOT = Path(__file__).parent.parent


def run(*arguments: str, text: str | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lossmith", *arguments]
    return subprocess.run(
        command, input=text, capture_output=True, text=True, cwd=ROOT, timeout=300
    )


@pytest.mark.parametrize(
    "name",
    ["softmax", "log_softmax", "softmax_loss", "cross_entropy", "sigmoid", "binary_cross_entropy"],
)
def test_derive_prints_the_steps_with_their_rules(name: str) -> None:
    done = run("derive", name)
    assert done.returncode == 0
    assert "    = " in done.stdout and "<" in done.stdout


def test_derive_in_chinese() -> None:
    assert "交叉熵" in run("derive", "cross_entropy", "--lang", "zh").stdout


@pytest.mark.parametrize(
    ("form", "sign"),
    [("latex", r"\begin{lossmithsteps}"), ("markdown", "```math"), ("text", "p_j - y_j")],
)
def test_derive_formats(form: str, sign: str) -> None:
    assert sign in run("derive", "cross_entropy", "--format", form).stdout


def test_certificates_go_through_a_pipe_to_the_witness() -> None:
    certificates = run("derive", "cross_entropy", "--format", "json").stdout
    witness = [sys.executable, "-m", "derive.witness", "-"]
    done = subprocess.run(
        witness, input=certificates, capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    changed = json.loads(certificates)
    changed[-1]["steps"][-1]["after"] = changed[-1]["steps"][-1]["before"] = [
        "mul",
        "2",
        changed[-1]["result"],
    ]
    done = subprocess.run(
        witness, input=json.dumps(changed), capture_output=True, text=True, cwd=ROOT, timeout=120
    )
    assert done.returncode == 1


def test_a_loss_of_ones_own_is_derived_and_its_facts_named() -> None:
    done = run(
        "derive",
        "--latex",
        r"L = -\sum_i y_i \log p_i",
        "--where",
        r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}",
        "--fact",
        r"\sum_i y_i = 1",
        "--wrt",
        "z_j",
    )
    assert done.returncode == 0, done.stderr
    assert "= p_j - y_j" in done.stdout
    assert "facts used" in done.stdout


BAD = {
    "unknown name": (["derive", "sofmax"], "softmax"),
    "unknown language": (["derive", "softmax", "--lang", "fr"], "en, zh"),
    "unknown format": (["derive", "softmax", "--format", "docx"], "markdown"),
    "nothing to derive": (["derive"], "--latex"),
    "unknown kernel": (["emit", "sofmax"], "softmax"),
    "unknown target": (["emit", "softmax", "--target", "rust"], "numpy"),
    "a formula that breaks off": (
        ["derive", "--latex", r"L = \sum_k e^{", "--wrt", "z_j"],
        "line 1, column",
    ),
    "unknown command": (["deriv", "softmax"], "No such command"),
    "derivative by nothing known": (["derive", "--latex", "L = x^2"], "wrt"),
    "a task that is not there": (["bench", "--only", "(7, 7)"], "(65536, 10), loss"),
    "emitted into a file": (["emit", "softmax", "--out", __file__], "is a file; name a folder"),
    "measured into a file": (["bench", "--out", __file__], "is a file; name a folder"),
    "verified into a file": (["verify", "--full", "--out", __file__], "is a file; name a folder"),
    "generated into a file": (["generate", "--out", __file__], "is a file; name a folder"),
    "built below a file": (["build", "--out", f"{__file__}/on"], "is a file; name a folder"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_clear_error(case: str) -> None:
    arguments, hint = BAD[case]
    done = run(*arguments)
    assert done.returncode == 2
    assert hint in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_api_derives_with_respect_to_a_named_element() -> None:
    d = lossmith.derive("softmax", wrt="z_j")
    assert d.latex("zh").startswith(r"\begin{aligned}")
    assert d._repr_latex_().startswith("$")


def test_api_refuses_an_unknown_array() -> None:
    with pytest.raises(DeriveError, match="w"):
        lossmith.derive("softmax", wrt="w_j")


def test_catalog_says_what_is_proved_and_emitted() -> None:
    listed = lossmith.catalog()
    assert listed["softmax"].emitted and "softmax/diagonal" in listed["softmax"].derivations


def test_compiled_kernel_gives_value_and_gradient() -> None:
    kernel = lossmith.compile("cross_entropy", target="numpy", dtype="float64")
    value, slope = kernel.value_and_grad(np.zeros((2, 3)), np.array([0, 2]))
    assert value == pytest.approx(np.log(3), rel=1e-15)
    assert slope.sum() == pytest.approx(0, abs=1e-15)
