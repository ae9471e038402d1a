"""Replaying certificates: changed ones are caught, malformed ones are one clear error."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from derive.witness import WitnessError, equal, replay
from tests.test_witness_trees import (
    GIVEN,
    GRADIENT,
    LOSS,
    SUM_Y,
    C,
    Tree,
    X,
    add,
    at,
    d,
    delta,
    exp,
    inv,
    mul,
    neg,
    over,
    p,
    sub,
    total,
    y,
    z,
)  # fmt: skip

ROOT = Path(__file__).resolve().parent.parent


def certificate() -> dict[str, Any]:
    chain = [
        d(LOSS, z("j")),
        neg(total("i", mul(over(y("i"), p("i")), d(p("i"), z("j"))))),
        neg(total("l", mul(over(y("l"), p("l")), p("l"), sub(delta("l", "j"), p("j"))))),
        GRADIENT,
        sub(p("j"), y("j")),
    ]
    rules = ["chain-rule", "insert-partials", "collect", "use-fact"]
    steps = [
        {"rule": rule, "before": before, "after": after, "facts": ["sum-y"] * (rule == "use-fact")}
        for rule, before, after in zip(rules, chain, chain[1:], strict=False)
    ]
    head = {"format": "lossmith-certificate/1", "name": "cross-entropy", "facts": [SUM_Y]}
    made = GIVEN | head | {"statement": chain[0], "result": chain[-1], "steps": steps}
    return copy.deepcopy(made)


def broken(change: Any) -> dict[str, Any]:
    made = certificate()
    change(made, made["steps"])
    return made


def test_a_certificate_replays() -> None:
    report = replay(certificate())
    assert report.verdict == "agrees" and not report.problems
    assert [s.rule for s in report.steps] == [s["rule"] for s in certificate()["steps"]]
    assert replay(certificate()) == report, "the same points again"


def test_joins_hold_up_to_bound_names_and_order() -> None:
    made = certificate()
    made["steps"][1]["before"] = neg(total("k", mul(d(p("k"), z("j")), inv(p("k")), y("k"))))
    made["steps"][0]["after"] = neg(total("i", mul(y("i"), inv(p("i")), d(p("i"), z("j")))))
    assert replay(made).verdict == "agrees"


def test_a_join_tells_free_indices_apart() -> None:
    made = certificate()
    made["statement"] = d(LOSS, z("k"))
    assert replay(made).problems == ("step 1 does not start where the statement ends",)


def test_a_join_tells_ranges_and_shadowed_letters_apart() -> None:
    def joined(before: Tree, after: Tree) -> bool:
        made = GIVEN | {"format": "lossmith-certificate/1", "name": "join", "steps": []}
        return not replay(made | {"statement": before, "result": after}).problems

    def nest(inner: str, last: str) -> Tree:
        product = total("l", mul(y(last), z("l")))
        return total("k", mul(z("k"), total(inner, mul(z(inner), product))))

    assert joined(total("k", "1"), total("i", "1")) and not joined(total("k", "1"), total("r", "1"))
    assert joined(nest("k", "k"), nest("j", "j")) and not joined(nest("k", "k"), nest("j", "k"))
    assert not joined(nest("k", "k"), nest("k", "l"))


MUTANTS: dict[str, Any] = {
    "wrong sign": lambda c, s: s[3].update(after=add(p("j"), y("j"))),
    "wrong index": lambda c, s: s[2].update(after=sub(mul(p("j"), total("k", y("k"))), y("k"))),
    "dropped factor": lambda c, s: s[2].update(after=sub(p("j"), y("j"))),
    "fact not named": lambda c, s: s[3].update(facts=[]),
    "broken join": lambda c, s: s.pop(1),
    "another statement": lambda c, s: c.update(statement=LOSS),
    "result is not the last step": lambda c, s: c.update(result=sub(y("j"), p("j"))),
    "no steps": lambda c, s: s.clear(),
    "definition changed": lambda c, s: c["definitions"][0].update(body=exp(z("i"))),
}


@pytest.mark.parametrize("name", MUTANTS)
def test_a_changed_certificate_is_refuted(name: str) -> None:
    assert replay(broken(MUTANTS[name])).verdict == "refuted"


def deep(levels: int) -> Tree:
    tree: Tree = X
    for _ in range(levels):
        tree = exp(tree)
    return tree


def step(tree: Tree) -> Any:
    return lambda c, s: s[0].update(after=tree)


def wide(c: Any, s: Any) -> None:
    c["indices"]["w"] = "99"
    s[0]["after"] = total("w", "1")


MALFORMED: dict[str, tuple[Any, str]] = {
    "unknown fact": (lambda c, s: s[0].update(facts=["nobody"]), "nobody"),
    "facts no list": (lambda c, s: s[0].update(facts=7), "not a list"),
    "undeclared array": (step(at("v", "i")), "'v' is not declared"),
    "undeclared index": (step(z("w")), "'w' is not declared"),
    "undeclared bound index": (step(total("w", "1")), "'w' is not declared"),
    "wrong range": (step(z("r")), "does not run over"),
    "too few indices": (step(["at", "z"]), "z has 1"),
    "unknown node": (step(["sinc", X]), "'sinc'"),
    "wrong arity": (step(["exp", X, X]), "not how 'exp' is written"),
    "binder without exclusions": (step(["sum", "k", X]), "not how 'sum' is written"),
    "empty list": (step([]), "neither a number"),
    "branch of one": (step(["cases", [[X]], X]), "not how 'cases' is written"),
    "not a number": (step("1e9"), "'1e9'"),
    "long number": (step("9" * 5000), "not a number"),
    "division by zero": (step("1/0"), "'1/0'"),
    "not a tree": (step({"a": 1}), "neither a number"),
    "position 0": (step(z(0)), "not a position"),
    "huge position": (step(z(10**9)), "not a position"),
    "huge range": (wide, "too large"),
    "too deep": (step(deep(100_000)), "nested deeper"),
    "no steps key": (lambda c, s: c.pop("steps"), "steps"),
    "no rule": (lambda c, s: s[0].pop("rule"), "rule"),
    "step no object": (lambda c, s: s.append(7), "not an object"),
    "another format": (lambda c, s: c.update(format="else/2"), "else/2"),
    "unknown domain": (lambda c, s: c["arrays"]["z"].update(domain="complex"), "complex"),
    "circular definition": (lambda c, s: c["definitions"].append(
        {"array": "z", "indices": ["i"], "body": p("i")}), "by way of itself"),
    "pair of three": (lambda c, s: c.update(equal=[["i", "j", "k"]]), "not how .delta. is written"),
    "differentiated by a sum": (step(d(X, add(X, C))), "differentiated by"),
}  # fmt: skip


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_certificate_is_one_clear_error(name: str) -> None:
    change, words = MALFORMED[name]
    with pytest.raises(WitnessError, match=words):
        replay(broken(change))
    assert issubclass(WitnessError, ValueError)


def run(text: str, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *(more or ("-m", "derive.witness", "-"))]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, input=text, capture_output=True, text=True, env=environment, check=False
    )


def test_the_command_line() -> None:
    good = run(json.dumps(certificate()))
    assert good.returncode == 0 and good.stdout.count("agrees") == 4
    mutants = [broken(MUTANTS[name]) for name in ("wrong sign", "broken join")]
    bad = run(json.dumps([certificate(), *mutants]))
    assert bad.returncode == 1 and "step 4 use-fact: refuted: at n = 1" in bad.stdout
    assert "does not start where step 1 ends" in bad.stdout


def test_the_command_line_says_what_it_cannot_read() -> None:
    unread = run(json.dumps(broken(MALFORMED["unknown node"][0])))
    assert unread.returncode == 2 and "'sinc'" in unread.stderr
    for text in ("{", "7", '{"format": 3}', "[" * 200_000, "[[1, 2]]"):
        lost = run(text)
        assert lost.returncode == 2 and "Traceback" not in lost.stderr and lost.stderr
    empty = broken(lambda c, s: c.update(distinct=[["j", "j"]]))
    uncovered = run(json.dumps(empty))
    assert uncovered.returncode == 2 and "not covered: no index values" in uncovered.stdout


def test_it_shares_nothing_with_what_it_judges() -> None:
    foreign = "m.startswith('sympy') or m.startswith('derive.') and m[7:14] != 'witness'"
    code = f"import sys, derive.witness.__main__; print([m for m in sys.modules if {foreign}])"
    assert run("", "-c", code).stdout.strip() == "[]"


def lines(folder: Path) -> int:
    """All lines of the Python files of a folder, as `wc -l` counts them."""
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("*.py"))


def test_the_witness_stays_small(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text('"""Doc."""\n\nx = 1\n# none\n', encoding="utf-8")
    assert lines(tmp_path) == 4
    assert 0 < lines(ROOT / "derive" / "witness") <= 800


def tower(levels: int) -> Tree:
    return X if levels == 0 else ["pow", tower(levels - 1), "64"]


def doubled(levels: int) -> dict[str, Any]:
    """Arrays of which each is defined by the one before it, twice."""
    names = [f"v{c}" for c in range(levels)]
    rules = [
        {"array": b, "indices": [], "body": mul(exp(at(a)), at(a))} for a, b in pairwise(names)
    ]
    arrays = {name: {"ranges": [], "domain": "real"} for name in names}
    return {"indices": {}, "arrays": arrays, "definitions": rules}


def many_sums() -> tuple[Tree, dict[str, Any]]:
    names = [f"k{c}" for c in range(20)]
    body: Tree = mul(*(z(name) for name in names))
    for name in names:
        body = total(name, body)
    arrays = {"z": {"ranges": ["n"], "domain": "real"}}
    return body, {"indices": dict.fromkeys(names, "n"), "arrays": arrays}


@pytest.mark.parametrize(
    ("tree", "context"),
    [
        (tower(60), GIVEN),
        (deep(100), GIVEN),
        (["pow", "9" * 400, "9" * 400], GIVEN),
        (["pow", X, "9" * 400 + "/7"], GIVEN),
        (at("v40"), doubled(41)),
        many_sums(),
        (["exp", ["exp", ["exp", ["exp", mul("9" * 300, X)]]]], GIVEN),
        (["lgamma", ["pow", "7", "7777"]], GIVEN),
        (
            z("i"),
            {
                "indices": {c: c for c in "abcdefghijklmnopqrs"} | {"i": "n"},
                "arrays": {"z": {"ranges": ["n"]}},
                "equal": [[c, "i"] for c in "abcdefghijklmnopqrs"],
            },
        ),
        (d(d(d(d(tower(8), X), X), X), X), GIVEN),
    ],
)
def test_hostile_trees_end_soon(tree: Tree, context: Any) -> None:
    start = time.perf_counter()
    verdict = equal(tree, add(tree, "1"), context).verdict
    assert verdict in ("refuted", "not covered")
    assert equal(tree, add(tree, "0"), context).verdict in ("agrees", "not covered")
    assert time.perf_counter() - start < 10
