"""The records of a derivation; everything that is printed, in any format, comes from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any

from sympy import Expr

from derive import notation
from derive.interchange import Writer
from derive.language import Deriv
from derive.languages import phrases, said
from derive.notation_style import GREEK
from derive.primitives import unfold
from derive.prover import Partition
from derive.statement import Context, Definition, Fact
from derive.terms import arrays


@dataclass(frozen=True)
class Step:
    """before = after by `rule`, proved in each of `cases` from exactly `facts`.

    `argument` is what the rule was applied with (the array that was folded, the fact that was
    used).
    `note` replaces the rule's sentence where a plan has a better one, by language.
    """

    rule: str
    argument: str
    before: Expr
    after: Expr
    cases: tuple[Partition, ...]
    facts: tuple[str, ...]
    note: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)


@dataclass(frozen=True)
class Derivation:
    """start = steps[0].after = ... = result, every equality proved in `context` for every n."""

    name: str
    start: Expr
    steps: tuple[Step, ...]
    context: Context
    title: Mapping[str, str] = field(default_factory=dict, hash=False, compare=False)

    @property
    def result(self) -> Expr:
        return self.steps[-1].after if self.steps else self.start

    def say(self, step: Step, lang: str = "en") -> str:
        """One sentence on a step."""
        template = said(step.note, lang) or phrases(lang)[step.rule]
        facts = {f.name: said(f.say, lang) or f.name for f in self.context.facts}
        letter = GREEK.get(step.argument, step.argument)
        return template.replace("{}", facts.get(step.argument, letter))

    @cached_property
    def ordinary(self) -> bool:
        """Whether it differentiates a function of one variable: d is then written, not ∂."""
        found = self.start.atoms(Deriv)
        return bool(found) and all(_of_one_variable(d, self.context) for d in found)

    @cached_property
    def facts(self) -> tuple[Fact, ...]:
        """The facts that some step needed: exactly these, in the order of the statement."""
        used = {name for step in self.steps for name in step.facts}
        return tuple(f for f in self.context.facts if f.name in used)

    @cached_property
    def certificate(self) -> dict[str, Any]:
        """The record that the witness replays (format in docs/design.md)."""
        context = self.context
        exprs = [self.start, *(s.after for s in self.steps)]
        exprs += [side for f in self.facts for side in (f.left, f.right)]
        exprs += [e for d in context.definitions for e in (d.head, d.body)]
        exprs += [p for pair in (*context.equal, *context.distinct) for p in pair]
        write = Writer(exprs)
        return {
            "format": "lossmith-certificate/1",
            "name": self.name,
            **write.declarations,
            "definitions": [_definition(d, write) for d in context.definitions],
            "facts": [_fact(f, write) for f in self.facts],
            "equal": [write.positions(pair) for pair in context.equal],
            "distinct": [write.positions(pair) for pair in context.distinct],
            "statement": write.tree(self.start),
            "result": write.tree(self.result),
            "steps": [_step(s, write) for s in self.steps],
        }

    def latex(self, lang: str = "en") -> str:
        """The chain as a LaTeX `aligned` block, each step's rule named beside it."""
        show = partial(notation.latex, ordinary=self.ordinary)
        lines = [f"{show(self.start)} &"]
        for step in self.steps:
            lines.append(f"= {show(step.after)} && \\text{{{self.say(step, lang)}}} \\\\\n&")
        return "\\begin{aligned}\n" + "".join(lines).removesuffix(" \\\\\n&") + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def _of_one_variable(d: Deriv, context: Context) -> bool:
    variable = d.variable.array
    return not variable.ranges and arrays(unfold(d.expr, context)) == {variable}


def _definition(d: Definition, write: Writer) -> dict[str, Any]:
    return {
        "array": d.array.name,
        "indices": write.positions(d.indices),
        "body": write.tree(d.body),
    }


def _fact(f: Fact, write: Writer) -> dict[str, Any]:
    return {"name": f.name, "left": write.tree(f.left), "right": write.tree(f.right)}


def _step(s: Step, write: Writer) -> dict[str, Any]:
    before, after = write.tree(s.before), write.tree(s.after)
    return {"rule": s.rule, "before": before, "after": after, "facts": list(s.facts)}
