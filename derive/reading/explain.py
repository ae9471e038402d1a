"""Why a step is wrong: the nearest named mistake, and what the right-hand side should have been."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from sympy import Expr, Integer

from derive.errors import DeriveError
from derive.language import At, Deriv
from derive.mistakes import MISTAKES, Mistake, repairs, surroundings
from derive.notation import latex
from derive.reading.smallest import differ
from derive.reading.suggested import tidied, with_facts
from derive.reading.verdicts import Question, ask, proves, trees
from derive.statement import Context
from derive.strategy import differentiate
from derive.terms import free_indices
from derive.terms import replace as rewrite
from derive.witness import Counterexample, WitnessError, values
from derive.wrong_derivatives import wrongly

Step = tuple[Expr, str, str]
SECONDS = 2.0
MOST = 900
MOST_POINTS = 6


@dataclass(frozen=True)
class Explanation:
    """The mistake, if one is near; the right-hand side it should have been; its derivation.

    `should` and `steps` are LaTeX; each step is (formula, sentence in English, in Chinese).
    """

    mistake: Mistake | None = None
    should: str = ""
    steps: tuple[tuple[str, str, str], ...] = ()


def explain(question: Question) -> Explanation:
    """The explanation of a wrong equality; an empty one if nothing near was found in time."""
    end = time.process_time() + SECONDS
    mistake = _wrong_rule(question)
    repair = None
    if not isinstance(question.left, Deriv) or mistake is None:
        found = next(_repaired(question, end), None)
        if found is not None:
            mistake, repair = mistake or found[0], found[1]
    steps = _derived(question)
    result = _simplest(question, steps, repair)
    if steps and result is not None and repair is None and result != steps[-1][0]:
        facts = [c.words for c in question.imposed if c.fact]
        names = ", ".join(facts) or "="
        steps = (*steps, (result, f"use {names}", f"由 {names}"))
    shown = tuple((latex(tidied(e)), english, chinese) for e, english, chinese in steps)
    return Explanation(mistake, "" if result is None else latex(result), shown)


def _simplest(question: Question, steps: Sequence[Step], repair: Expr | None) -> Expr | None:
    """The right side that should have been: repaired, a mere number, or worked out."""
    if repair is not None:
        return tidied(repair)
    if question.right.is_number and not question.left.is_number:
        for number in (Integer(0), Integer(1)):
            if _equal(replace(question, right=number), []):
                return number
    made = steps[-1][0] if steps else _worked_out(question)
    if made is None:
        return None
    best = tidied(with_facts(made, [c.fact for c in question.imposed if c.fact]))
    return best if best == made or _equal(replace(question, right=best), []) else tidied(made)


def _worked_out(question: Question) -> Expr | None:
    """The left side with its derivatives carried out."""

    def change(e: Expr) -> Expr | None:
        if not isinstance(e, Deriv):
            return None
        steps = _derived(replace(question, left=e))
        return steps[-1][0] if steps else None

    made = rewrite(question.left, change)
    return made if made != question.left and not _has(made) else None


def slips(question: Question) -> bool:
    """Whether one named mistake undone makes the sides equal."""
    return next(_repaired(question, time.process_time() + SECONDS), None) is not None


def _wrong_rule(question: Question) -> Mistake | None:
    """The wrong rule of differentiation that gives the right-hand side."""
    bodies = {d.array: d for d in question.definitions}
    if not _has(question.left):
        return None
    for mistake in (m for m in MISTAKES if m.wrong):

        def change(e: Expr, name: str = mistake.wrong) -> Expr | None:
            return wrongly(e.expr, e.variable, bodies, name) if isinstance(e, Deriv) else None

        try:
            made = rewrite(question.left, change)
        except (ValueError, KeyError, DeriveError):
            continue
        if _equal(replace(question, left=made), []):
            return mistake
    return None


def _has(e: Expr) -> bool:
    return isinstance(e, Deriv) or any(_has(a) for a in e.args)


def _repaired(question: Question, end: float) -> Iterator[tuple[Mistake, Expr]]:
    """Right-hand sides with one mistake undone that equal the left."""
    free = free_indices(question.left) | free_indices(question.right)
    near = surroundings(question.left, question.right, free)
    count, points = 0, list[Counterexample]()
    seen: set[Expr] = {question.right}
    if question.right.is_number:
        seen.add(question.left)  # 0 for 1 is no lost factor
    for mistake in (m for m in MISTAKES if m.undo):
        for candidate in repairs(question.right, mistake, near):
            count += 1
            if count > MOST or time.process_time() > end:
                return
            if candidate in seen or free_indices(candidate) - free:
                continue
            seen.add(candidate)
            if _equal(replace(question, right=candidate), points):
                yield mistake, candidate


def _equal(question: Question, points: list[Counterexample]) -> bool:
    """Whether both prover and witness find it equal, under what is stated for it; `points` refuted
    others before, and are added to."""
    if any(_refutes(at, question) for at in points):
        return False
    try:
        said = ask(question, question.imposed)
    except (WitnessError, DeriveError):
        return False
    points += [said.counterexample] if said.counterexample and len(points) < MOST_POINTS else []
    return said.verdict != "refuted" and proves(question, question.imposed)


def _refutes(at: Counterexample, question: Question) -> bool:
    """Whether the sides plainly differ at a point where what is stated holds."""
    try:
        return differ(*values(*trees(question, question.imposed), at))
    except (WitnessError, DeriveError, KeyError, IndexError, TypeError):
        return False


def _derived(question: Question) -> tuple[Step, ...]:
    """The derivation of a derivative that stands alone on the left."""
    left = question.left
    if not isinstance(left, Deriv) or not isinstance(left.expr, At):
        return ()
    facts = tuple(c.fact for c in question.imposed if c.fact)
    try:
        context = Context(question.definitions, facts)
        made = differentiate("check", left.expr, left.variable, context)
    except (DeriveError, RecursionError, ValueError):
        return ()
    return tuple((s.after, made.say(s, "en"), made.say(s, "zh")) for s in made.steps)
