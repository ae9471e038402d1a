"""The numeric rewrites: each is proved, and a rule that is slightly wrong is refuted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sympy import Add, Integer, Mul

from codegen.stability import EXPANSIONS, FORMS, MADE_GOOD, REWRITES, UNSHIFTED, Rewrite
from derive.prover import prove
from derive.terms import rename

RULES = (*FORMS, *REWRITES, *(r for r in UNSHIFTED if r not in REWRITES), *EXPANSIONS, *MADE_GOOD)


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_each_rule_is_proved(rule: Rewrite) -> None:
    assert prove(rule.left, rule.right) is not None


@pytest.mark.parametrize("rule", RULES, ids=lambda r: r.name)
def test_a_changed_sign_or_factor_is_refuted(rule: Rewrite) -> None:
    assert prove(rule.left, -rule.right) is None
    assert prove(rule.left, Mul(2, rule.right)) is None
    assert prove(rule.left, Add(rule.right, Integer(1))) is None


def test_a_swapped_index_is_refuted() -> None:
    rule = next(r for r in REWRITES if r.name == "shift-by-the-largest")
    from codegen.stability import a, i

    wrong = replace(rule, right=rename(rule.right, {i: a}))
    assert prove(wrong.left, wrong.right) is None


def test_names_are_kebab_case_and_differ() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert all(name.replace("-", "").isalnum() and name == name.lower() for name in names)


def test_rules_say_what_they_do() -> None:
    assert all(len(rule.say) > 8 for rule in RULES)
