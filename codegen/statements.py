"""The kernels by name: those with variants of their own, and every entry of the catalog."""

from __future__ import annotations

from dataclasses import replace

from sympy import Integer

from codegen.errors import CodegenError
from codegen.grid_specs import GridSpec, has_several_ranges
from codegen.specs import Lift, Spec, labelled
from derive import catalog
from derive.errors import DeriveError
from derive.language import Array, At, Exp, Log, Sum, Tanh, index, size
from derive.statement import Definition, Statement
from derive.strategy import derive
from derive.terms import free_indices

Specs = dict[str, Spec]
i, j, k = index("i j k")
z, p = Array("z", ("n",)), Array("p", ("n",), "positive")
y, w = Array("y", ("n",), "nonnegative"), Array("weight", ("n",), "nonnegative")
u, bias = Array("u", ("n",)), Array("bias", ("n",))
smoothing = Array("label_smoothing", (), "unit")()
softcap, temperature = (Array(name, (), "positive")() for name in ("softcap", "temperature"))
z_loss = Array("z_loss", (), "nonnegative")()
SAY = {"z": "logits", "y": "targets", "t": "label", "weight": "weight of each class",
       "bias": "added to the logit of each class"}  # fmt: skip
LABEL = "t"


def _function(name: str) -> Specs:
    return {"function": _spec(catalog.entry(name).statement, True)}


def _spec(statement: Statement, is_function: bool = False, stable: bool = True) -> Spec:
    """The spec of a statement, its facts left out: kernels hold for any targets."""
    plain = replace(statement, facts=())
    lift = Lift(plain) if plain.wrt is not None and not plain.wrt.indices else None
    made = lift.statement if lift else plain
    free = (*made.labels, *made.head.indices, *sorted(free_indices(made.body), key=str))
    label = next((q for q in free if q in made.labels or q.name == LABEL), None)
    return Spec(made, is_function, label, stable, lift, SAY)


def _with_labels(statement: Statement) -> Specs:
    """Variants of a cross-entropy for integer labels and for targets, from that with targets."""
    by_label = labelled(statement)
    made = {"targets": replace(statement, name=f"{statement.name}_soft")}
    made = ({} if by_label is None else {"labels": by_label}) | made
    return {role: replace(_spec(each), apart=True) for role, each in made.items()}


def _naive() -> Specs:
    statement = replace(catalog.entry("softmax").statement, name="softmax_naive")
    return {"function": _spec(statement, True, stable=False)}


CALLED = {
    "weight": "weighted", "label_smoothing": "smoothed", "softcap": "capped", "bias": "biased",
    "temperature": "heated", "z_loss": "z_loss",
}  # fmt: skip
"""What a cross-entropy with an option is called."""
OPTIONS = tuple(sorted(CALLED))
"""Options of cross-entropy, in any combination: see `cross_entropy`."""
NAMED = (("weight",), ("label_smoothing",), ("label_smoothing", "weight"))
"""The combinations that the C library has as functions of their own."""


def cross_entropy(options: tuple[str, ...] = ()) -> Statement:
    """-Σ_k w_k q_k log p_k + λ (log Σ_k e^{u_k})², p the softmax of u, u the logits changed.

    The logits are capped first, c tanh(z/c), then the bias of a class is added, then the sum is
    divided by the temperature.  Smoothing gives q = (1 - ε) y + ε/n; weights are those of classes.
    """
    level, q, more = z[i], y[k], Integer(0)
    if "softcap" in options:
        level = softcap * Tanh(z[i] / softcap)
    if "bias" in options:
        level += bias[i]
    if "temperature" in options:
        level /= temperature
    changed = level != z[i]
    logits = u if changed else z
    if "label_smoothing" in options:
        q = (1 - smoothing) * y[k] + smoothing / size("n")
    if "weight" in options:
        q = w[k] * q
    if "z_loss" in options:
        more = z_loss * Log(Sum(Exp(logits[k]), k)) ** 2
    share = Definition(p, (i,), Exp(logits[i]) / Sum(Exp(logits[k]), k))
    known = (*((Definition(u, (i,), level),) if changed else ()), share)
    name = "_".join(("cross_entropy", *(said for o, said in CALLED.items() if o in options)))
    return Statement(name, At(Array("L")), more - Sum(q * Log(p[k]), k), known, wrt=z[j])


SPECS: dict[str, Specs] = {
    "softmax": _function("softmax"),
    "softmax_naive": _naive(),
    "log_softmax": _function("log_softmax"),
    "logsumexp": _function("logsumexp"),
    "cross_entropy": _with_labels(cross_entropy()),
    "sigmoid": _function("sigmoid"),
    "binary_cross_entropy": {"targets": _spec(catalog.entry("binary_cross_entropy").statement)},
}
"""The kernels that `generated/` holds."""


def specs(name: str) -> Specs:
    """The variants of a kernel by name: {"function" | "labels" | "targets": spec}.

    A loss with targets y over the classes has a variant for integer labels too, y_k = δ_kt.
    """
    if name in SPECS:
        return SPECS[name]
    optional = {statement.name: statement for statement in map(cross_entropy, NAMED)}
    if name in optional:
        return _with_labels(optional[name])
    if name not in catalog.entries():
        known = ", ".join(sorted({*SPECS, *optional, *catalog.entries()}))
        raise CodegenError(f'no kernel is named "{name}": use one of {known}')
    entry = catalog.entry(name)
    return from_statement(entry.statement, entry.kind == "function")


def grid_spec(loss: str | Statement) -> GridSpec | None:
    """The spec of a statement over several ranges, or None for a row loss and an unknown name."""
    if isinstance(loss, str):
        if loss in SPECS or loss not in catalog.entries():
            return None
        loss = catalog.entry(loss).statement
    return GridSpec(replace(loss, facts=())) if has_several_ranges(loss) else None


def from_statement(statement: Statement, is_function: bool = False) -> Specs:
    """The variants of any statement that derives and lowers."""
    plain = _spec(statement, is_function)
    if is_function:
        return {"function": plain}
    if plain.label is not None:
        return {"labels": plain}
    by_label = _labelled(statement)
    made = {} if by_label is None else {"labels": _spec(by_label)}
    soft = replace(statement, name=f"{statement.name}_soft") if made else statement
    return made | {"targets": _spec(soft)}


def _labelled(statement: Statement) -> Statement | None:
    """The statement for labels, or None where y_k = δ_kt has no meaning in it: log y_k."""
    try:
        made = labelled(statement)
        if made is not None:
            derive(made)
        return made
    except DeriveError:
        return None


def with_options(name: str, options: tuple[str, ...]) -> Specs:
    """The variants of a kernel that takes these of the `OPTIONS`."""
    if name != "cross_entropy" or not set(options) <= set(OPTIONS):
        raise CodegenError(
            f"{name} takes no {' or '.join(options)}: only cross_entropy does; "
            "other losses name their parameters in their statement"
        )
    return _with_labels(cross_entropy(options))
