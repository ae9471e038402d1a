"""The table of special inputs in docs/numerics.md, row by row, for both targets and both types."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import codegen

INF, NAN, BIG = np.inf, np.nan, 3e38
EACH = [(t, d) for t in ("numpy", "c") for d in ("float32", "float64")]
DOCS = Path(__file__).parents[1] / "docs" / "numerics.md"
SOFT, THIRD = np.log1p(np.e) - 1, 1 / 3

ROWS: list[tuple[str, str, list[Any], list[Any], dict[str, Any], Any, list[Any]]] = [
    ("some logits", "cross_entropy", [[0, -INF, 0]], [0], {}, np.log(2), [[-0.5, 0, 0.5]]),
    ("the label's logit −∞", "cross_entropy", [[0, -INF, 0]], [1], {}, INF, [[0.5, -1, 0.5]]),
    ("all logits −∞", "cross_entropy", [[-INF] * 3], [0], {}, NAN, [[NAN] * 3]),
    ("a logit +∞ that", "cross_entropy", [[INF, 0, 0]], [1], {}, NAN, [[NAN] * 3]),
    ("the label's logit +∞", "cross_entropy", [[INF, 0, 0]], [0], {}, NAN, [[NAN] * 3]),
    ("a NaN anywhere", "cross_entropy", [[NAN, 0], [0, 0]], [1, 1], {}, NAN,
     [[NAN, NAN], [0.25, -0.25]]),
    ("a NaN anywhere", "cross_entropy", [[0, 0, NAN]], [1], {}, NAN, [[NAN] * 3]),
    ("a target of 0", "cross_entropy", [[0, -INF]], [[1.0, 0.0]], {}, 0, [[0, 0]]),
    ("smoothing where", "cross_entropy", [[0, -INF]], [0], {"label_smoothing": 0.5}, INF,
     [[0.25, -0.25]]),
    ("a logit of 3e38", "cross_entropy", [[BIG, 0, 0]], [1], {}, BIG, [[1, -1, 0]]),
    ("all logits −3e38", "cross_entropy", [[-BIG] * 3], [2], {}, np.log(3),
     [[THIRD, THIRD, THIRD - 1]]),
    ("rows ignored", "cross_entropy", [[NAN, 1], [0, 0]], [-100, 0], {}, np.log(2),
     [[0, 0], [-0.5, 0.5]]),
    ("rows ignored", "cross_entropy", [[-INF, -INF], [0, 0]], [-100, 0], {}, np.log(2),
     [[0, 0], [-0.5, 0.5]]),
    ("the mean of no rows", "cross_entropy", [[0, 1]], [-100], {}, NAN, [[0, 0]]),
    ("weights that sum", "cross_entropy", [[0, 1]], [0], {"weight": [0, 0]}, NAN, [[0, 0]]),
    ("a weight of 0", "cross_entropy", [[-INF, 1], [0, 1]], [0, 1], {"weight": [0, 1]}, SOFT,
     [[0, 0], [1 - 1 / (1 + np.exp(-1)), 1 / (1 + np.exp(-1)) - 1]]),
    ("binary: a logit of +∞ with target 1", "binary_cross_entropy", [[INF, -INF]], [[1.0, 0.0]],
     {}, 0, [[0, 0]]),
    ("binary: a logit of +∞ with target 0", "binary_cross_entropy", [[INF, -INF]], [[0.0, 1.0]],
     {"reduction": "sum"}, INF, [[1, -1]]),
]  # fmt: skip
FUNCTIONS = [
    ("log-sum-exp of all −∞", "logsumexp", [[-INF] * 3], [NAN]),
    ("log-sum-exp with a +∞", "logsumexp", [[INF, 0, 0]], [NAN]),
    ("softmax of all −∞", "softmax", [[-INF] * 3], [[NAN] * 3]),
    ("softmax of all −∞", "softmax", [[0, INF]], [[NAN] * 2]),
]


@pytest.mark.parametrize("target,dtype", EACH)
@pytest.mark.parametrize("case", ROWS, ids=lambda c: c[0])
def test_losses_do_what_the_table_says(case: Any, target: str, dtype: str) -> None:
    _, name, logits, labels, options, value, gradient = case
    given = np.array(labels)
    given = given.astype(dtype) if given.dtype.kind == "f" else given
    chosen = {k: np.array(v, dtype) if isinstance(v, list) else v for k, v in options.items()}
    kernel = codegen.compile(name, target, dtype)
    got = kernel.value_and_grad(np.array(logits, dtype), given, **chosen)
    close = {"rtol": 1e-6, "atol": 1e-7, "equal_nan": True}
    assert np.allclose(got[0], value, **close) and np.allclose(got[1], gradient, **close)


@pytest.mark.parametrize("target,dtype", EACH)
@pytest.mark.parametrize("case", FUNCTIONS, ids=lambda c: c[0])
def test_functions_do_what_the_table_says(case: Any, target: str, dtype: str) -> None:
    _, name, logits, value = case
    got = codegen.compile(name, target, dtype).value(np.array(logits, dtype))
    assert np.array_equal(got, np.array(value, dtype), equal_nan=True)


def test_every_row_of_the_table_is_checked() -> None:
    table = DOCS.read_text(encoding="utf-8").split("## Special inputs")[1]
    said = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][2:]
    checked = [case[0] for case in (*ROWS, *FUNCTIONS)]
    assert len(said) == 19 and all(any(row.startswith(c) for c in checked) for row in said)
    assert all(any(row.startswith(c) for row in said) for c in checked)
