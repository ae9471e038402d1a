"""From a spec to its kernels: unfold the definitions, rewrite for accuracy, lower, share."""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Expr

from codegen.kernel import Element, Gather, Input, Kernel, Map, Number, pass_values, walk
from codegen.lower import Lowering
from codegen.rewriting import Rewriter
from codegen.schedule import share
from codegen.sifting import sift
from codegen.specs import CLASS_COTANGENT, COTANGENT, Spec
from derive.language import Array, At, Index
from derive.notation import text
from derive.statement import Context
from derive.terms import all_indices, apart, arrays, replace

KINDS = ("vector", "position", "number", "parameter")
SAY = {
    "c": "cotangent of the row",
    "v": "cotangent of each element",
    "t": "label",
}


def kernels(spec: Spec) -> tuple[Kernel, ...]:
    """The kernels of a spec: the value; for a loss value and gradient, for a function the vjp."""
    second = ("vjp",) if spec.is_function else ("value", "grad")
    wanted = (("value",), second) if spec.stable else (("value",),)
    return tuple(build(spec, words) for words in wanted)


def build(spec: Spec, words: tuple[str, ...]) -> Kernel:
    """One kernel that computes the outputs named by `words` ("value", "grad", "vjp")."""
    rewriter = Rewriter() if spec.stable else Rewriter(phases=())
    lowering = Lowering(rewriter, names=_reserved(spec))
    outputs = []
    for word in words:
        expr, here = _wanted(spec, word)
        ready = rewriter.apply(sift(unfold_definitions(expr, spec.definitions), rewriter.used))
        name = _output_name(spec, word)
        if here is None:
            lowering.number(name, ready)
        else:
            lowering.vector(name, ready, here)
        outputs.append((word, name))
    passes = share(tuple(lowering.passes), lowering.vectors)
    return Kernel(
        name=f"{spec.name}_{'_and_'.join(words)}",
        formula=f"{text(spec.statement.head)} = {text(spec.statement.body)}",
        inputs=_inputs(spec, passes),
        passes=passes,
        outputs=tuple(outputs),
        rules=tuple((r.name, r.say) for r in rewriter.used.values()),
        facts=tuple(f.name for f in spec.derivation.facts),
        elementwise=all(isinstance(p, Map) for p in passes),
    )


def _wanted(spec: Spec, word: str) -> tuple[Expr, Index | None]:
    if word == "value":
        return spec.statement.body, spec.out
    return spec.gradient, spec.wrt.indices[0]


def unfold_definitions(expr: Expr, context: Context) -> Expr:
    """Every element of a defined array replaced by its body."""

    def unfold(e: Expr) -> Expr | None:
        definition = context.by_array.get(e.array) if isinstance(e, At) else None
        if definition is None:
            return None
        return unfold_definitions(definition.at(e.indices, all_indices(expr)), context)

    return apart(replace(expr, unfold), ())


def _output_name(spec: Spec, word: str) -> str:
    return str(spec.statement.head.array.name) if word == "value" else "grad"


def _reserved(spec: Spec) -> set[str]:
    given = {str(a.name) for a in arrays(spec.statement.body)}
    label = {spec.label.name} if spec.label is not None else set()
    return given | label | {"n", "k", "rows", "row", "grad", str(spec.statement.head.array.name)}


def _inputs(spec: Spec, passes: tuple[object, ...]) -> tuple[Input, ...]:
    """The inputs that the passes really read, in the order logits, others, label, cotangents."""
    values = [v for p in passes for value in pass_values(p) for v in walk(value)]  # type: ignore[arg-type]
    named = {v.name for v in values if isinstance(v, (Element, Gather, Number))}
    known: Mapping[str, Array] = {a.name: a for a in spec.statement.inputs()} | {
        "c": COTANGENT,
        "v": CLASS_COTANGENT,
    }
    first = spec.wrt.array.name
    order = [first, *(n for n in known if n not in (first, "c", "v")), "v", "c"]
    found = [
        Input(n, _kind(known[n]), spec.say.get(n, SAY.get(n, "")))
        for n in order
        if n in known and n in named
    ]
    if spec.label is not None:
        found.append(Input(spec.label.name, "position", SAY["t"]))
    return tuple(sorted(found, key=lambda i: KINDS.index(i.kind)))


def _kind(array: Array) -> str:
    if array == COTANGENT:
        return "number"
    return "vector" if array.ranges else "parameter"
