"""What a catalog entry is made of: a statement, and the parts of its lesson."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sympy import Expr

from derive.derivation import Derivation
from derive.engine import follow
from derive.statement import NOTHING_GIVEN, Context, Statement
from derive.strategy import derive

Words = Mapping[str, str]
"""A text in each language: {"en": ..., "zh": ...}."""


@dataclass(frozen=True)
class Part:
    """One derivation by a teaching plan: from `start` by the moves of `plan` (see
    `derive.engine.follow`).

    `lemmas` names earlier parts whose results the plan may insert.
    """

    name: str
    title: Words
    start: Expr
    plan: tuple[Any, ...]
    context: Context = NOTHING_GIVEN
    lemmas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Remark:
    """Prose between derivations."""

    name: str
    text: Words


@dataclass(frozen=True)
class Numbers:
    """An expression worked out at given numbers: each value of `index` gives one number.

    `values` are decimal strings taken exactly; `digits` says how many decimals are shown.
    """

    name: str
    title: Words
    label: Expr
    expr: Expr
    array: str
    values: tuple[str, ...]
    digits: int
    context: Context = NOTHING_GIVEN
    remark: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A catalog entry; `parts` without any means: the gradient by the general strategy."""

    statement: Statement
    title: Words
    kind: str
    parts: tuple[Part | Remark | Numbers, ...] = ()

    @property
    def name(self) -> str:
        return self.statement.name

    @cached_property
    def gradient(self) -> Derivation:
        """∂ head / ∂ wrt by the general strategy."""
        return derive(self.statement)

    @cached_property
    def derivations(self) -> tuple[Derivation, ...]:
        """The lesson's derivations in their order, the general one where there are none."""
        made: dict[str, Derivation] = {}
        for part in self.parts:
            if isinstance(part, Part):
                made[part.name] = self._follow(part, made)
        return tuple(made.values()) or (self.gradient,)

    def _follow(self, part: Part, made: Mapping[str, Derivation]) -> Derivation:
        lemmas = tuple(made[name] for name in part.lemmas)
        name = f"{self.name}/{part.name}"
        return follow(name, part.start, part.plan, part.context, lemmas, part.title)
