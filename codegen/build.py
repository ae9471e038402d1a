"""From a spec to its kernels: unfold the definitions, rewrite for accuracy, lower, share."""

from __future__ import annotations

from dataclasses import replace

from sympy import Expr

from codegen.kernel import (
    Element,
    Gather,
    Input,
    Kernel,
    Map,
    Number,
    Row,
    kernel_name,
    pass_values,
    walk,
)  # fmt: skip
from codegen.lower import Lowering
from codegen.reserved import safe
from codegen.rewriting import STABLE, Rewriter
from codegen.schedule import name_repeated, share
from codegen.sifting import sift
from codegen.specs import Spec
from codegen.stability import Rewrite
from codegen.unfolding import unfold_definitions
from derive.language import Array, At, Binder, Elementwise, Index
from derive.notation import text
from derive.statement import Definition

KINDS = ("vector", "position", "number", "parameter")
LONGEST = 200
"""Characters of a formula that a comment still shows."""
SAY = {"cotangent": "the cotangent", "tangent": "the direction", "t": "label"}


def kernels(spec: Spec, count: int | None = None) -> tuple[Kernel, ...]:
    """The kernels of a spec, or the first `count` of them."""
    return tuple(build(spec, words) for words in spec.words[:count])


def build(
    spec: Spec, words: tuple[str, ...], phases: tuple[tuple[Rewrite, ...], ...] = STABLE
) -> Kernel:
    """One kernel that computes the outputs named by `words` (see `Spec.words`)."""
    rewriter = Rewriter(phases if spec.stable else (), spec.label)
    lowering = Lowering(
        rewriter, names=_reserved(spec), given=spec.wrt.array, defined=_defined(spec)
    )
    outputs, computed = [], []
    for word in words:
        expr, here = spec.wanted(word)
        folded = sift(expr, rewriter.used)
        plain = unfold_definitions(folded, spec.context(word))
        ready = rewriter.apply(sift(plain, rewriter.used, spread=True))
        name = str(spec.statement.head.array.name) if word == "value" else word
        if here is None:
            lowering.number(name, ready)
        else:
            lowering.vector(name, ready, here)
        outputs.append((word, name))
        computed.append(_computed(spec, word, name, folded, here))
    passes = name_repeated(share(tuple(lowering.passes), lowering.vectors))
    return Kernel(
        name=kernel_name(spec.name, words),
        formula=f"{text(spec.statement.head)} = {text(spec.statement.body)}",
        where=tuple(f"{text(d.head)} = {text(d.body)}" for d in spec.statement.definitions),
        inputs=_inputs(spec, passes),
        passes=passes,
        outputs=tuple(outputs),
        rules=tuple((r.name, r.say) for r in rewriter.used.values()),
        facts=tuple(f.name for f in spec.derivation.facts),
        elementwise=all(isinstance(p, Map) for p in passes),
        computed=tuple(computed),
    )


def _computed(spec: Spec, word: str, name: str, folded: Expr, here: Index | None) -> str:
    """What an output is, as it was derived: before definitions unfold for accuracy."""
    head = name if here is None else f"{name}_{here.name}"
    if word == "value":
        head = text(spec.statement.head)
    said = text(folded)
    if len(said) > LONGEST:
        order = "" if word == "grad" else f" --order {word}"
        return f"{head}: of many terms, see `lossmith derive {spec.statement.name}{order}`"
    own = [d for d in spec.context(word).definitions if d not in spec.definitions.definitions]
    used = [d for d in own if folded.has(d.head.array)]
    return ", ".join([f"{head} = {said}", *(f"{text(d.head)} = {text(d.body)}" for d in used)])


def _defined(spec: Spec) -> tuple[Definition, ...]:
    """The vectors that the statement makes of its inputs element by element, unfolded."""
    known = spec.definitions
    bodies = ((d, unfold_definitions(d.body, known)) for d in known.definitions)
    return tuple(
        replace(d, body=body)
        for d, body in bodies
        if len(d.indices) == 1 and body.has(Elementwise) and not body.has(Binder)
    )


def _given(spec: Spec) -> dict[str, Array]:
    """Every array that a kernel of the spec may read, by name, the logits first."""
    first = spec.wrt.array
    others = [a for a in spec.statement.inputs() if a != first]
    arrays = [first, *others, spec.tangent.array, spec.cotangent.array]
    return {safe(a.name): a for a in arrays}


def _reserved(spec: Spec) -> set[str]:
    label = {spec.label.name} if spec.label is not None else set()
    words = {word for words in spec.words for word in words}
    own = {spec.statement.head.array.name, "n", "k", "lane", "row", "rows", "dtype", "at"}
    return set(_given(spec)) | label | words | own


def _inputs(spec: Spec, passes: tuple[object, ...]) -> tuple[Input, ...]:
    """The inputs that the passes really read, the logits always: vectors, label, numbers."""
    values = [v for p in passes for value in pass_values(p) for v in walk(value)]  # type: ignore[arg-type]
    named = {v.name for v in values if isinstance(v, (Element, Gather, Number, Row))}
    named.add(safe(spec.wrt.array.name))
    given = {name: a for name, a in _given(spec).items() if name in named}
    found = [Input(n, _kind(a, spec), spec.say.get(n, SAY.get(n, ""))) for n, a in given.items()]
    if spec.label is not None:
        found.append(Input(spec.label.name, "position", SAY["t"]))
    return tuple(sorted(found, key=lambda i: KINDS.index(i.kind)))


def _kind(array: Array, spec: Spec) -> str:
    if At(array) == spec.cotangent:
        return "number"
    return "vector" if array.ranges else "parameter"
