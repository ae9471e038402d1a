"""The lessons of softmax and cross-entropy: what comes out, by which way, from which facts."""

import pytest
from recheck import spoken
from sympy import Integer

from codegen.backends import latex, markdown, text
from codegen.notes.lesson import Table, lesson
from codegen.notes.meanings import MEANINGS
from derive import catalog
from derive.catalog.common import i, j, p, t, y, z
from derive.derivation import Derivation
from derive.engine import MOVES, Chain
from derive.errors import DeriveError
from derive.functions import BY_NAME
from derive.language import Array, At, Delta, Exp, Log, Sigmoid, Sum
from derive.languages import languages, phrases
from derive.prover import prove
from derive.rules import RULES
from derive.statement import Context
from derive.tactics import TACTICS
from derive.terms import same
from derive.witness import replay

ENTRIES = catalog.entries()
NAMES = (
    "exp",
    "softmax",
    "plain_normalisation",
    "logsumexp",
    "log_softmax",
    "softmax_loss",
    "cross_entropy",
    "sigmoid",
    "binary_cross_entropy",
)


def derivation(name: str) -> Derivation:
    entry, _, part = name.partition("/")
    return next(d for d in ENTRIES[entry].derivations if d.name == f"{entry}/{part}")


RESULTS = {
    "softmax/diagonal": p[i] * (1 - p[i]),
    "softmax/off-diagonal": -p[i] * p[j],
    "softmax/cases": p[i] * (Delta(i, j) - p[j]),
    "softmax/delta": p[i] * (Delta(i, j) - p[j]),
    "softmax/sum": Integer(1),
    "softmax/shift": p[i],
    "softmax/maximum": p[i],
    "log_softmax/jacobian": Delta(i, j) - p[j],
    "softmax_loss/form": Log(Sum(Exp(z[i]), i)) - z[t],
    "cross_entropy/one-hot": -Log(p[t]),
    "cross_entropy/gradient": p[j] - y[j],
    "cross_entropy/without": p[j] * Sum(y[i], i) - y[j],
}
WAYS = {
    "softmax/diagonal": "quotient-rule one-term-of-the-sum common-factor split-into-fractions fold",
    "softmax/off-diagonal": "quotient-rule one-term-of-the-sum split-into-fractions fold",
    "cross_entropy/gradient": (
        "derivative-of-log split-the-sum insert-the-partials collect join-the-sum use-fact"
    ),
}


@pytest.mark.parametrize("name", RESULTS)
def test_what_comes_out(name: str) -> None:
    assert same(derivation(name).result, RESULTS[name])


@pytest.mark.parametrize("name", WAYS)
def test_by_which_way(name: str) -> None:
    rules = [step.rule for step in derivation(name).steps]
    places = [rules.index(rule) for rule in WAYS[name].split()]
    assert places == sorted(places)


def test_the_gradient_names_the_fact_it_used() -> None:
    assert [f.name for f in derivation("cross_entropy/gradient").facts] == ["targets-sum-to-one"]
    assert derivation("cross_entropy/without").facts == ()


def test_two_classes_are_the_sigmoid() -> None:
    result = derivation("sigmoid/two-classes").result
    assert isinstance(result, Sigmoid)


@pytest.mark.parametrize("name", NAMES)
def test_the_witness_agrees_with_every_step(name: str) -> None:
    for made in ENTRIES[name].derivations:
        report = replay(made.certificate)
        assert not report.problems
        assert {s.verdict.verdict for s in report.steps} == {"agrees"}


def test_a_step_that_cannot_be_proved_never_enters() -> None:
    chain = Chain(Context((catalog.common.SOFTMAX,)), p[i])
    with pytest.raises(DeriveError, match="cannot be proved"):
        chain.add("fold", "p", p[j])
    assert chain.steps == []


def test_a_move_that_changes_nothing_is_an_error() -> None:
    from derive.engine import follow

    with pytest.raises(DeriveError, match="changes nothing"):
        follow("x", p[i], ("quotient-rule",), Context())


@pytest.mark.parametrize("lang", languages())
def test_every_rule_has_its_sentence(lang: str) -> None:
    assert {*RULES, *TACTICS, *MOVES} <= set(phrases(lang))


NUMBERS = {
    ("softmax", "article"): ["0.05", "4.48", "14.88"],
    ("softmax", "article-normalised"): ["0.0026", "0.2309", "0.7666"],
    ("softmax", "small"): ["0.7", "0.2", "0.1"],
    ("plain_normalisation", "plain"): ["0.2", "0.3", "0.5"],
    ("plain_normalisation", "softmax"): ["0.04201007", "0.11419520", "0.84379473"],
}


@pytest.mark.parametrize("key", NUMBERS)
def test_worked_numbers(key: tuple[str, str]) -> None:
    made = lesson(ENTRIES[key[0]], "en")
    table = next(b for b in made.blocks if isinstance(b, Table) and b.name == key[1])
    assert [value for _, value in table.cells] == NUMBERS[key]


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("name", NAMES)
def test_every_format_prints_every_step(name: str, lang: str) -> None:
    made = lesson(ENTRIES[name], lang)
    rules = [rule for d in ENTRIES[name].derivations for rule in spoken(d)]
    assert text.source(made).count("    = ") == len(rules)
    assert sum(markdown.source(made).count(f"(`{rule}`)") for rule in set(rules)) == len(rules)
    assert latex.source(made).count("\\section") == 1


@pytest.mark.parametrize("name", MEANINGS)
def test_what_a_student_is_told_of_a_function_is_its_meaning(name: str) -> None:
    x = At(Array("x"))
    told = MEANINGS[name]
    assert told is not None and prove(BY_NAME[name].node(x), told(x))
