"""`lossmith emit --latex`: a statement of one's own becomes files; its text stays data in them."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import lossmith
from codegen.backends.rendering import in_comment, in_docstring
from derive.errors import DeriveError

WHERE = r"p_i = \frac{e^{z_i}}{\sum_k e^{z_k}}"
HOSTILE = 'L = -\\sum_i y_i \\log p_i % """ */ /* \\x\nimport os'


def emitted(target: str, out: Path, source: str = HOSTILE) -> Path:
    options = ["--latex", source, "--where", WHERE, "--wrt", "z_j", "--name", "mine"]
    words = ["emit", *options, "--target", target, "--out", str(out)]
    start = "import lossmith; lossmith.main()"
    subprocess.run([sys.executable, "-c", start, *words], check=True, capture_output=True)
    return out / f"mine.{'py' if target == 'numpy' else 'c'}"


def test_a_hostile_formula_stays_in_the_docstring(tmp_path: Path) -> None:
    text = emitted("numpy", tmp_path, HOSTILE.replace("\nimport os", "")).read_text("utf-8")
    tree = ast.parse(text)
    assert '% """ */ /* \\x' in (ast.get_docstring(tree) or "")
    assert str(tmp_path) not in text
    space: dict[str, object] = {}
    exec(compile(tree, "mine", "exec"), space)
    z, y = np.array([[1.0, 2.0, 3.0]]), np.array([[0.0, 0.0, 1.0]])
    value, grad = space["mine_value_and_grad"](z, y, np.ones(1))  # type: ignore[operator]
    p = np.exp(z) / np.exp(z).sum()
    assert np.allclose(value, -np.log(p[0, 2]), rtol=1e-14)
    assert np.allclose(grad, p - y, rtol=1e-14)


def test_what_stands_behind_a_comment_is_refused() -> None:
    with pytest.raises(DeriveError):
        lossmith.loss(HOSTILE, where=WHERE, wrt="z_j")


@pytest.mark.parametrize("words", ['"""', '\\"""', "\\", 'a"', "\\N{BULLET}"])
def test_no_words_end_a_docstring(words: str) -> None:
    made = ast.parse(f'"""{in_docstring(words)} """')
    assert ast.get_docstring(made, clean=False) == f"{words} "


@pytest.mark.parametrize("words", ["*/", "**/", "/*/", "*\n/", "*/*/"])
def test_no_words_end_a_comment(words: str) -> None:
    assert "*/" not in in_comment(words)
    assert "/*" not in in_comment(words)


@pytest.mark.parametrize("name", ["a b", "7up", "../x", "é", ""])
def test_a_name_is_that_of_a_file_and_a_function(name: str) -> None:
    with pytest.raises(DeriveError, match="the name"):
        lossmith.loss("L = x^2", wrt="x", name=name)
