"""The verdict on one equality: proved, conditional, wrong or not decided.

The prover proves and never refutes; the witness refutes and never proves.  `proved` and
`conditional` need both to agree, `wrong` needs a counterexample that stands when it is evaluated
anew.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import Any

from sympy import Expr, Mul

from derive import witness
from derive.errors import DeriveError
from derive.interchange import Writer
from derive.language import Abs, Array, Cases, Largest, Max, Sign, Step
from derive.prover import prove
from derive.reading.branches import decided, unfolded
from derive.reading.narrowing import put, put_in_definition, put_in_fact
from derive.reading.smallest import smallest
from derive.statement import Context, Definition, Fact
from derive.terms import arrays
from derive.witness import Counterexample, WitnessError

Pair = tuple[Any, Any]


@dataclass(frozen=True)
class Condition:
    """Something under which an equality may hold: a fact, or indices that are equal or different.

    `instead` puts other meanings in for names (see `derive.reading.narrowing`): x > 0, n = 2.
    `positive` is > 0 at the indices that it names: the prover takes the branches that this leaves,
    the witness counts only points where it is so.
    `stated` says that the document states it; `words` name it.
    """

    words: str
    fact: Fact | None = None
    equal: Pair | None = None
    distinct: Pair | None = None
    stated: bool = True
    instead: tuple[Pair, ...] = ()
    positive: Expr | None = None


@dataclass(frozen=True)
class Question:
    """left = right, with what is defined and the sets of conditions to try, best first.

    `imposed` are the conditions that the document states for this equality: a counterexample must
    respect them.  `readings` are meanings that a letter may have (n, the number of terms): wrong
    is only what is refuted under each of them.  `doubt` says why no counterexample would count.
    `powers` give exponents a value, for what has none at a real exponent.
    """

    left: Expr
    right: Expr
    definitions: tuple[Definition, ...]
    options: tuple[tuple[Condition, ...], ...] = ()
    imposed: tuple[Condition, ...] = ()
    readings: tuple[Condition, ...] = ()
    doubt: str = ""
    powers: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Finding:
    """The verdict, the conditions it needs, a counterexample (for `conditional`: without them)."""

    verdict: str
    conditions: tuple[Condition, ...] = ()
    counterexample: Counterexample | None = None
    reason: str = ""


def judge(question: Question) -> Finding:
    """The verdict on an equality; never raises for what it cannot decide."""
    try:
        return _judge(question)
    except (DeriveError, WitnessError) as error:
        return Finding("not decided", reason=str(error))
    except RecursionError:
        return Finding("not decided", reason="too deeply nested to be proved")


def _judge(question: Question) -> Finding:
    plain = ask(question, ())
    if _agrees(plain) and proves(question, ()):
        return Finding("proved")
    refuted: set[Condition] = set()
    for option in (o for o in question.options if not refuted.issuperset(o)):
        if _agrees(ask(question, option)) and proves(question, option):
            return Finding("conditional", option, stands(question, (), plain.counterexample))
        refuted = refuted or _failing(question)
    if question.doubt and plain.verdict == "refuted":
        return Finding("not decided", reason=question.doubt)
    if question.readings:
        return _in_every_reading(question)
    found = _refuted(question, plain)
    if found.verdict == "not decided" and plain.verdict == "not covered" and question.powers:
        given = (*question.imposed, *question.powers)
        return _refuted(replace(question, imposed=given), ask(question, given))
    return found


def _failing(question: Question) -> set[Condition]:
    """The conditions that hold at a point where the sides differ: no few of them are enough."""
    try:
        refuted = ask(question, question.imposed).verdict == "refuted"
    except (DeriveError, WitnessError):
        return set()
    return {*question.imposed} if refuted else set()


def _in_every_reading(question: Question) -> Finding:
    """Wrong in the first reading, if it is wrong in the others as well."""
    found: list[Finding] = []
    for reading in question.readings:
        one, conditions = narrowed(question, (*question.imposed, reading))
        imposed = tuple(c for c in conditions if c.fact or c.equal or c.distinct)
        one = replace(one, imposed=imposed, readings=())
        found.append(_refuted(one, ask(one, ())))
        if found[-1].verdict != "wrong":
            return Finding("not decided", reason=found[-1].reason)
    return replace(found[0], conditions=(*question.imposed, question.readings[0]))


def _agrees(said: witness.Verdict) -> bool:
    """Whether the witness has seen both sides agree, or cannot evaluate so large an expression."""
    return said.verdict == "agrees" or (
        said.verdict == "not covered" and "to evaluate" in said.reason
    )


def _refuted(question: Question, plain: witness.Verdict) -> Finding:
    """Wrong, if refuted where all that is stated holds (or where none of that makes sense)."""
    given = ask(question, question.imposed) if question.imposed else plain
    if given.verdict == "refuted":
        found = stands(question, question.imposed, given.counterexample)
        if found is not None:
            return Finding("wrong", question.imposed, found)
    if given.verdict == "not covered" and plain.verdict == "refuted":
        indices = tuple(c for c in question.imposed if c.fact is None)
        bare = ask(question, indices) if indices else plain
        found = stands(question, indices, bare.counterexample)
        if found is not None:
            return Finding("wrong", indices, found)
    reason = given.reason
    return Finding("not decided", reason=reason)


def proves(question: Question, conditions: Sequence[Condition]) -> bool:
    """Whether the prover proves it from these conditions."""
    question, conditions = narrowed(question, tuple(conditions))
    context = Context(
        question.definitions,
        tuple(c.fact for c in conditions if c.fact),
        tuple(c.equal for c in conditions if c.equal),
        tuple(c.distinct for c in conditions if c.distinct),
    )
    left, right = question.left, question.right
    positive = [p for c in conditions if c.positive is not None for p in unfolded(c.positive)]
    for p in 2 * positive:  # one may have to wait for another
        left, right = (decided(e, p, question.definitions) for e in (left, right))
    try:
        return prove(left, right, context) is not None
    except DeriveError:
        return False  # log 0 under one-hot, a derivative outside the language: no proof


@lru_cache(maxsize=32)
def ask(question: Question, conditions: tuple[Condition, ...]) -> witness.Verdict:
    """What the witness says of it under these conditions."""
    left, right, given = trees(question, tuple(conditions))
    return witness.equal(left, right, given)


def stands(
    question: Question, conditions: Sequence[Condition], found: Counterexample | None
) -> Counterexample | None:
    """The counterexample, if both sides come out the same when evaluated anew at it."""
    if found is None:
        return None
    left, right, given = trees(question, tuple(conditions))
    again = witness.values(left, right, given, found)
    if again != (found.left, found.right) or again[0] == again[1]:
        return None
    sides = partial(witness.values, left, right, given)
    return smallest(found, _loose(question, conditions), sides)


def _loose(question: Question, conditions: Sequence[Condition]) -> set[str]:
    """The names that may take any value, where no side has a kink."""
    question, conditions = narrowed(question, tuple(conditions))
    facts = [side for c in conditions if c.fact for side in (c.fact.left, c.fact.right)]
    made = list(needed(question, [c.fact for c in conditions if c.fact]))
    exprs = [question.left, question.right, *(d.body for d in made)]
    if any(_has_kink(e) for e in exprs):
        return set()
    bound = {a for e in facts for a in arrays(e)} | {d.array for d in made}
    given = {a for e in exprs for a in arrays(e)} - bound
    return {a.name for a in given if a.domain == "real"}


def _has_kink(e: Expr) -> bool:
    return isinstance(e, (Max, Largest, Abs, Sign, Step, Cases)) or any(map(_has_kink, e.args))


@lru_cache(maxsize=256)
def trees(question: Question, conditions: tuple[Condition, ...]) -> tuple[Any, Any, Any]:
    """Both sides and what is given, as the witness reads them."""
    question, conditions = narrowed(question, conditions)
    held = Mul(*(Step(c.positive) for c in conditions if c.positive is not None))
    question = replace(question, left=held * question.left, right=held * question.right)
    facts = [c.fact for c in conditions if c.fact]
    definitions = tuple(needed(question, facts))
    pairs = [p for c in conditions for p in (c.equal, c.distinct) if p]
    exprs = [question.left, question.right, *(e for d in definitions for e in (d.head, d.body))]
    exprs += [side for f in facts for side in (f.left, f.right)]
    write = Writer([*exprs, *(p for pair in pairs for p in pair)])
    given = {
        **write.declarations,
        "definitions": [_defined(write, d) for d in definitions],
        "facts": [
            {"name": f.name, "left": write.tree(f.left), "right": write.tree(f.right)}
            for f in facts
        ],
        "equal": [write.positions(c.equal) for c in conditions if c.equal],
        "distinct": [write.positions(c.distinct) for c in conditions if c.distinct],
    }
    return write.tree(question.left), write.tree(question.right), given


def _defined(write: Writer, d: Definition) -> dict[str, Any]:
    indices = write.positions(d.indices)
    return {"array": d.array.name, "indices": indices, "body": write.tree(d.body)}


def narrowed(
    question: Question, conditions: tuple[Condition, ...]
) -> tuple[Question, tuple[Condition, ...]]:
    """Question and conditions with the meanings put in that the conditions give to names."""
    pairs = tuple(p for c in conditions for p in c.instead)
    if not pairs:
        return question, conditions
    definitions = tuple(
        put_in_definition(d, pairs)
        for d in question.definitions
        if all(d.array != old or isinstance(new, Array) for old, new in pairs)
    )
    left, right = put(question.left, pairs), put(question.right, pairs)
    return replace(question, left=left, right=right, definitions=definitions), tuple(
        replace(
            c,
            fact=c.fact and put_in_fact(c.fact, pairs),
            equal=c.equal and (put(c.equal[0], pairs), put(c.equal[1], pairs)),
            distinct=c.distinct and (put(c.distinct[0], pairs), put(c.distinct[1], pairs)),
            positive=None if c.positive is None else put(c.positive, pairs),
        )
        for c in conditions
    )


def needed(question: Question, facts: Sequence[Fact]) -> Iterator[Definition]:
    """The definitions that the sides and facts build on."""
    by_array = {d.array: d for d in question.definitions}
    exprs = [question.left, question.right, *(s for f in facts for s in (f.left, f.right))]
    waiting = [a for e in exprs for a in arrays(e)]
    seen: set[Any] = set()
    while waiting:
        array = waiting.pop()
        if array in by_array and array not in seen:
            seen.add(array)
            waiting += arrays(by_array[array].body)
    return (d for d in question.definitions if d.array in seen)


def under(question: Question, definitions: tuple[Definition, ...]) -> Question:
    """The same question with only the definitions it needs (so that proofs stay small)."""
    facts = [c.fact for option in question.options for c in option if c.fact]
    return replace(
        question, definitions=tuple(needed(replace(question, definitions=definitions), facts))
    )
