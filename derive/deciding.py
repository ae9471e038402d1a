"""Three answers about an equation: proved, refuted by a counterexample, or not decided."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import Expr

from derive.derivation import Derivation
from derive.errors import DeriveError
from derive.interchange import Tree, Writer
from derive.prover import prove
from derive.statement import NOTHING_GIVEN, Context
from derive.witness import Counterexample, WitnessError, equal, values

PROVED, REFUTED, UNDECIDED = "proved", "refuted", "not decided"


@dataclass(frozen=True)
class Decision:
    """`facts` names what a proof used; `counterexample` is at sizes up to 3, in exact numbers."""

    verdict: str
    facts: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    reason: str = ""

    def __str__(self) -> str:
        used = f" (uses {', '.join(self.facts)})" if self.facts else ""
        why = str(self.counterexample or self.reason)
        return f"{self.verdict}{used}: {why}" if why else f"{self.verdict}{used}"


def decide(left: Expr, right: Expr, context: Context = NOTHING_GIVEN) -> Decision:
    """Whether left = right in this context, for every n."""
    try:
        proof = prove(left, right, context)
    except DeriveError as error:
        proof, reason = None, str(error)
    else:
        reason = "no proof was found, and no counterexample up to size 3"
    if proof is not None:
        return Decision(PROVED, proof.facts)
    found = differ(left, right, context)
    return Decision(REFUTED, (), found) if found else Decision(UNDECIDED, reason=reason)


def differ(left: Expr, right: Expr, context: Context) -> Counterexample | None:
    """A point at which the sides differ, and differ again when evaluated anew; from the witness."""
    a, b, known = trees(left, right, context)
    try:
        found = equal(a, b, known).counterexample
        again = values(a, b, known, found) if found else None
    except WitnessError:
        return None
    return found if found and again == (found.left, found.right) else None


def trees(left: Expr, right: Expr, context: Context) -> tuple[Tree, Tree, dict[str, Any]]:
    """Both sides, and what is given, as the witness reads them."""
    exprs = [left, right, *(side for f in context.facts for side in (f.left, f.right))]
    exprs += [e for d in context.definitions for e in (d.head, d.body)]
    write = Writer([*exprs, *(p for pair in (*context.equal, *context.distinct) for p in pair)])
    known = {
        **write.declarations,
        "definitions": [
            {
                "array": d.array.name,
                "indices": write.positions(d.indices),
                "body": write.tree(d.body),
            }
            for d in context.definitions
        ],
        "facts": [
            {"name": f.name, "left": write.tree(f.left), "right": write.tree(f.right)}
            for f in context.facts
        ],
        "equal": [write.positions(pair) for pair in context.equal],
        "distinct": [write.positions(pair) for pair in context.distinct],
    }
    return write.tree(left), write.tree(right), known


def dropped(derivation: Derivation, fact: str) -> Counterexample | None:
    """Where start and result differ once this fact is not given: what the fact is needed for."""
    names = [f.name for f in derivation.facts]
    if fact not in names:
        raise DeriveError(
            f"{derivation.name} does not use a fact {fact!r}: it uses {', '.join(names) or 'none'}"
        )
    kept = tuple(f for f in derivation.context.facts if f.name != fact)
    return differ(derivation.start, derivation.result, derivation.context.with_facts(*kept))
