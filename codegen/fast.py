"""Fast schedules: the shape that a row kernel must have for them, and how a call is to be run.

The shape is  largest -> e^{z - m} -> sum beside the largest -> per-row numbers -> one vector  (or
none).  It is found in the passes, whatever the loss; a kernel of another shape keeps its plain C.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from codegen.kernel import (
    Const,
    Element,
    Gather,
    Kernel,
    Let,
    Map,
    Number,
    Op,
    Pass,
    Reduce,
    SamePlace,
    Value,
    is_vector,
    pass_values,
    walk,
)  # fmt: skip

BLOCK = 128
"""Columns read before more of the finished row is written: eight lines, measured."""
LONG_BLOCK = 256
"""The same where lines of both rows go by turns, and where items have 16 bits and rounding them
keeps the processor busy, measured."""
HEADROOM = 32
"""Exponentials are scaled by 2^32, so that 2^32 classes at the edge of float32 still count."""
REACH = 40
"""How far the largest logit may lie above the guess: 2^32 e^40 n < 2^127 for n < 2^37."""
FAR = 2600
"""Where the range reduction of the scaled exponential is exact, with room for what lies below."""
AHEAD = 640
"""Columns between a read and its prefetch; nearer reads wait, far ones lose their place."""
FARTHER = 4
"""So many times as far ahead a line is sent for to the second-level cache: more lines are then on
their way than the first has buffers for (2 to 4 % of a long row, measured)."""

GROUP = 8
"""Rows whose numbers are worked out together."""
GROUP_COLUMNS = 8 * 1024
"""Columns of these rows, at most: what is made of them stays in the first-level cache."""
SLOT = 64
"""Columns that the scratch of a row is rounded up to, and so many more."""
SIDE = 64
"""Rows side by side: four registers of AVX-512."""
SIDE_MOST = 64
"""Classes up to which rows go side by side; their block stays in the first-level cache."""

ZERO, ONE = Const(Fraction(0)), Const(Fraction(1))

PLAIN, RESIDENT, STREAMED, SIDE_BY_SIDE = range(4)


@dataclass(frozen=True)
class Softmaxish:
    """A kernel of the shape above, taken apart.

    `vector` is the input that is exponentiated, `place`, `largest`, `rest` the names of its parts,
    `kept` that of the vector of exponentials where it is kept ("" otherwise).  `factor` is the
    per-row value that the exponentials are multiplied with, where that is all the output does.
    `anchored` says that the label stands for the place of the largest.
    """

    kernel: Kernel
    vector: str
    place: str
    largest: str
    rest: str
    kept: str
    lets: tuple[Let, ...]
    output: Map | None
    factor: Value | None
    anchored: bool = False

    @property
    def label(self) -> str:
        """The name of the label, or nothing."""
        return next((i.name for i in self.kernel.inputs if i.kind == "position"), "")

    @property
    def whole(self) -> str:
        """The name of the sum of all exponentials, 1 + rest; "" where it has none."""
        sum_of_all = Op("add", (ONE, Number(self.rest)))
        return next((let.name for let in self.lets if let.value == sum_of_all), "")

    @property
    def paired(self) -> bool:
        """Whether two floats hold every per-row number: log1p, quotients by the sum, products."""
        if self.output is not None and self.factor is None:
            return False
        patches = self.output.patches if self.output else ()
        values = [*(p.value for p in self.lets), *(_unsigned(p.value) for p in patches)]
        return all(map(self._is_paired, values))

    def _is_paired(self, value: Value) -> bool:
        rest, whole = Number(self.rest), Number(self.whole)
        numbers = {i.name for i in self.kernel.inputs if i.kind == "number"}
        if isinstance(value, Number):
            return value.name in {self.rest, *numbers, *(let.name for let in self.lets)}
        if value in (ONE, Op("add", (ONE, rest)), Op("log1p", (rest,))):
            return True
        if not isinstance(value, Op) or value.name not in ("mul", "div"):
            return False
        over = value.name == "div"
        return (not over or value.args[1] == whole) and all(map(self._is_paired, value.args))


def _unsigned(value: Value) -> Value:
    """The value without a minus in front."""
    return value.args[0] if isinstance(value, Op) and value.name == "neg" else value


def recognise(kernel: Kernel) -> Softmaxish | None:
    """The parts of a kernel that the fast schedules can run, or None."""
    vectors = [i.name for i in kernel.inputs if i.kind == "vector"]
    shared = [i for i in kernel.inputs if i.kind == "shared"]
    found = _heads(kernel.passes, vectors[0]) if len(vectors) == 1 and not shared else None
    if found is None:
        return None
    place, largest, rest, kept = found
    left = [p for p in kernel.passes if p.name not in found]
    lets = tuple(p for p in left if isinstance(p, Let))
    maps = [p for p in left if isinstance(p, Map)]
    if len(lets) + len(maps) != len(left) or len(maps) > 1:
        return None
    output = maps[0] if maps else None
    made = Softmaxish(kernel, vectors[0], place, largest, rest, kept, lets, output, None)
    if not _fits(made, left):
        return None
    factor = _factor(output.body, kept) if output else None
    return Softmaxish(kernel, vectors[0], place, largest, rest, kept, lets, output, factor)


def anchored(made: Softmaxish) -> Softmaxish:
    """The label in the place of the largest, where nothing but the sum beside it is then needed.

    The rules are true for every position `a`.  With the label there the sum beside it is the odds
    against it, log1p of these the loss, and no largest logit has to be told apart on the way.
    """
    output = made.output
    if not made.label or (output is not None and made.factor is None):
        return made
    lets = tuple(replace(p, value=_at_label(p.value, made)) for p in made.lets)
    patches = tuple(
        replace(p, value=_at_label(p.value, made)) for p in (output.patches if output else ())
    )
    left = [v for top in (*(p.value for p in lets), *(p.value for p in patches)) for v in walk(top)]
    if any(isinstance(v, (Gather, SamePlace)) for v in left):
        return made
    output = replace(output, patches=patches) if output else None
    return replace(made, lets=lets, output=output, anchored=True)


def _at_label(value: Value, made: Softmaxish) -> Value:
    """The value where the label is the place of the largest, z_t - z_t and t = t worked out."""
    if value == Number(made.largest):
        return Gather(made.vector, made.label)
    if isinstance(value, SamePlace) and {value.first, value.second} == {made.place, made.label}:
        return ONE
    if not isinstance(value, Op):
        return value
    args = tuple(_at_label(a, made) for a in value.args)
    if value.name == "select" and args[0] == ONE:
        return args[1]
    if value.name == "sub" and args[0] == args[1]:
        return ZERO
    if value.name == "sub" and args[1] == ZERO:
        return args[0]
    return Op(value.name, args)


def _heads(passes: tuple[Pass, ...], vector: str) -> tuple[str, str, str, str] | None:
    """The names of the place, the largest, the sum beside it and the kept exponentials."""
    z = Element(vector)
    place = _named(passes, lambda p: isinstance(p, Reduce) and p.op == "argmax" and p.body == z)
    largest = _named(passes, lambda p: isinstance(p, Let) and p.value == Gather(vector, place))
    power = Op("exp_difference", (z, Number(largest)))
    kept = _named(passes, lambda p: isinstance(p, Map) and p.kept and p.body == power)
    start = Op("sub", (Number(largest), Number(largest)))
    rest = _named(
        passes,
        lambda p: (
            isinstance(p, Reduce)
            and p.op == "sum"
            and p.body in (power, Element(kept))
            and p.skip == (place,)
            and p.start == start
        ),
    )
    return (place, largest, rest, kept) if place and largest and rest else None


def _named(passes: tuple[Pass, ...], wanted: object) -> str:
    assert callable(wanted)
    return next((p.name for p in passes if wanted(p)), "")


def _fits(made: Softmaxish, left: list[Pass]) -> bool:
    """Only the label is a place that is looked at, and the output needs no vector but z or e."""
    values = [v for p in left for top in pass_values(p) for v in walk(top)]
    alone = sum(isinstance(p, Let) and _is_log_sum(p.value) for p in left)
    if sum(map(_is_log_sum, values)) > alone:
        return False
    places = {v.at for v in values if isinstance(v, Gather)}
    places |= {p for v in values if isinstance(v, SamePlace) for p in (v.first, v.second)}
    places -= {made.place} if not any(_reads_place(v, made.place) for v in values) else set()
    patched = {p.at for p in made.output.patches} if made.output else set()
    body = walk(made.output.body) if made.output else []
    names = {v.name for v in body if isinstance(v, Element)}
    linear = made.output is not None and _factor(made.output.body, made.kept) is not None
    return (places | patched) <= {made.label} and (linear or names <= {made.vector})


def _is_log_sum(value: Value) -> bool:
    return isinstance(value, Op) and value.name == "log_sum"


def _reads_place(value: Value, place: str) -> bool:
    return isinstance(value, Gather) and value.at == place


def _factor(body: Value, kept: str) -> Value | None:
    """u where the body is e u or e / u."""
    if isinstance(body, Op) and len(body.args) == 2 and body.args[0] == Element(kept):
        other = body.args[1]
        if isinstance(other, Number) and body.name == "mul":
            return other
        if isinstance(other, Number) and body.name == "div":
            return Op("div", (ONE, other))
    return None


def only_scales(kernel: Kernel) -> bool:
    """Whether exponentials are only summed and scaled, and logits only shifted by numbers."""
    made = recognise(kernel)
    if made is None:
        return False
    return made.output is None or made.factor is not None or _is_shifted(made.output.body)


def _is_shifted(value: Value) -> bool:
    if isinstance(value, Op) and value.name == "sub":
        return _is_shifted(value.args[0]) and not is_vector(value.args[1])
    return isinstance(value, Element)
