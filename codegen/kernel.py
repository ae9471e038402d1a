"""The kernel IR: what one row computes, as `Reduce` and `Map` passes over the class axis.

A row has vectors (one number for each class), per-row numbers, and positions (a label, the place of
a largest element).  The IR fixes the order and grouping of the arithmetic, which SymPy does not
keep; it knows nothing of a target language.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction


@dataclass(frozen=True)
class Const:
    """An exact rational number."""

    value: Fraction


@dataclass(frozen=True)
class Number:
    """A per-row number, by name: computed by a `Let` or `Reduce`, or a parameter of the call."""

    name: str


@dataclass(frozen=True)
class Element:
    """A vector at the position that the pass is at."""

    name: str


@dataclass(frozen=True)
class Gather:
    """A vector at a named position: a per-row number."""

    name: str
    at: str


@dataclass(frozen=True)
class Row:
    """A vector as a whole, handed to an operation that makes a per-row number of it."""

    name: str


@dataclass(frozen=True)
class SamePlace:
    """1 where two named positions coincide, a per-row truth value."""

    first: str
    second: str

    def compared(self, here: str) -> tuple[str, str]:
        """The positions that are compared in a pass at `here`."""
        return self.first, self.second


@dataclass(frozen=True)
class AtPlace:
    """Whether the pass is at a named position."""

    place: str

    def compared(self, here: str) -> tuple[str, str]:
        """The positions that are compared in a pass at `here`."""
        return here, self.place


@dataclass(frozen=True)
class Entry:
    """An element of an array at loop indices or at places found before (see `codegen.grids`)."""

    name: str
    places: tuple[str | Entry, ...]


@dataclass(frozen=True)
class Op:
    """An operation on values; `OPERATIONS` lists the names and what they mean."""

    name: str
    args: tuple[Value, ...]


Value = Const | Number | Element | Gather | Row | SamePlace | AtPlace | Entry | Op

OPERATIONS: dict[str, str] = {
    "add": "a + b",
    "sub": "a - b",
    "mul": "a * b",
    "weigh": "a * b, which is 0 where the weight a is 0, whatever b is",
    "div": "a / b",
    "neg": "-a",
    "pow": "a to the power b",
    "exp": "e^a",
    "exp_difference": "e^(a - b), the rounding error of a - b made good",
    "exp_sum": "e^(a - b + c) for a small c, the rounding error of a - b made good",
    "exp_quotient": "e^((a - b) / c), the rounding errors of both made good",
    "lost": "what the rounding of a + b loses",
    "expm1": "e^a - 1",
    "log": "natural logarithm",
    "log1p": "log(1 + a)",
    "log_sum": "a + b, the log of the sum of e^c over the row c; every digit where a and b cancel",
    "abs": "absolute value",
    "relu": "max(0, a)",
    "maximum": "the larger of two",
    "sign": "-1, 0 or 1",
    "step": "1 where a > 0, else 0; one half at 0",
    "tanh": "hyperbolic tangent",
    "erf": "error function",
    "lgamma": "log of the gamma function",
    "sin": "sine, of radians",
    "cos": "cosine, of radians",
    "tan": "tangent, of radians",
    "sqrt": "square root",
    "positive": "whether a > 0",
    "select": "b where a holds, else c",
    "pi": "the number pi",
}


@dataclass(frozen=True)
class Let:
    """A per-row number made of others."""

    name: str
    value: Value
    say: str = ""


@dataclass(frozen=True)
class Reduce:
    """One number for each row: the sum or maximum of `body`, or the place of a largest `body`.

    `skip` names positions that are left out; a sum begins at `start` (0 where it is None).
    """

    name: str
    op: str  # "sum" | "max" | "argmax"
    body: Value
    skip: tuple[str, ...] = ()
    start: Value | None = None
    say: str = ""


@dataclass(frozen=True)
class Patch:
    """At one position of a `Map` the element is this per-row number instead."""

    at: str
    value: Value
    say: str = ""


@dataclass(frozen=True)
class Map:
    """A vector, element by element: an output, or an intermediate that is kept (`kept`)."""

    name: str
    body: Value
    patches: tuple[Patch, ...] = ()
    kept: bool = False
    say: str = ""


Pass = Let | Reduce | Map


@dataclass(frozen=True)
class Input:
    """An argument of the kernel.

    Kinds: "vector" (one number per row and class), "number" (one per row), "position" (a label per
    row), "shared" (one per class, the same for all rows), "parameter" (one number per call).
    """

    name: str
    kind: str
    say: str = ""


def kernel_name(name: str, words: tuple[str, ...]) -> str:
    """What the kernel of a statement is called that makes these outputs."""
    return f"{name}_{'_and_'.join(words)}"


@dataclass(frozen=True)
class Kernel:
    """One emitted function: its inputs, the passes in order, and what was used to find them.

    `outputs` maps the word the caller knows ("value", "grad") to the pass that makes it; what a
    `Map` makes is a vector, anything else a per-row number.  `computed` says the same as formulas.
    """

    name: str
    formula: str
    inputs: tuple[Input, ...]
    passes: tuple[Pass, ...]
    outputs: tuple[tuple[str, str], ...]
    where: tuple[str, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()
    facts: tuple[str, ...] = ()
    elementwise: bool = field(default=False)
    computed: tuple[str, ...] = ()

    def output(self, word: str) -> str | None:
        """The name of the pass that makes an output, or None."""
        return dict(self.outputs).get(word)


def children(value: Value) -> tuple[Value, ...]:
    """The operands of a value."""
    return value.args if isinstance(value, Op) else ()


def walk(value: Value) -> list[Value]:
    """A value and everything under it, operands first."""
    return [inner for child in children(value) for inner in walk(child)] + [value]


def is_vector(value: Value) -> bool:
    """Whether the value differs from class to class."""
    return any(isinstance(v, (Element, AtPlace)) for v in walk(value))


def pass_values(step: Pass) -> tuple[Value, ...]:
    """The values that a pass evaluates."""
    if isinstance(step, Let):
        return (step.value,)
    if isinstance(step, Map):
        return (step.body, *(p.value for p in step.patches))
    return (step.body,) if step.start is None else (step.body, step.start)
