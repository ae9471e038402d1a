"""The statements that are compiled by name, and the part of each in a call."""

from __future__ import annotations

from dataclasses import replace

from codegen.errors import CodegenError
from codegen.specs import Spec
from derive.language import Array, At, Exp, Log, Sigmoid, Sum, index
from derive.statement import Definition, Statement

i, j, k, t = index("i j k t")
z, p = Array("z", ("n",)), Array("p", ("n",))
y, q = Array("y", ("n",), "nonnegative"), Array("y", ("n",), "unit")
SHARE = Definition(p, (i,), Exp(z[i]) / Sum(Exp(z[k]), k))
SAY = {"z": "logits", "y": "targets", "t": "label", "c": "cotangent", "v": "cotangent"}


def _loss(name: str, body: object, *definitions: Definition) -> Statement:
    return Statement(name, At(Array("L")), body, definitions, wrt=z[j])


SOFTMAX = Statement("softmax", p[i], SHARE.body, wrt=z[j])
LABELLED = Statement("cross_entropy", At(Array("L", ("n",)), t), -Log(p[t]), (SHARE,), wrt=z[j])

SPECS: dict[str, dict[str, Spec]] = {
    "softmax": {"function": Spec(SOFTMAX, is_function=True, say=SAY)},
    "softmax_naive": {
        "function": Spec(
            replace(SOFTMAX, name="softmax_naive"), is_function=True, stable=False, say=SAY
        )
    },
    "log_softmax": {
        "function": Spec(
            Statement("log_softmax", At(Array("l", ("n",)), i), Log(p[i]), (SHARE,), wrt=z[j]),
            is_function=True,
            say=SAY,
        )
    },
    "logsumexp": {
        "function": Spec(
            Statement("logsumexp", At(Array("L")), Log(Sum(Exp(z[k]), k)), wrt=z[j]),
            is_function=True,
            say=SAY,
        )
    },
    "cross_entropy": {
        "labels": Spec(LABELLED, label=t, say=SAY),
        "targets": Spec(_loss("cross_entropy_soft", -Sum(y[i] * Log(p[i]), i), SHARE), say=SAY),
    },
    "sigmoid": {
        "function": Spec(
            Statement("sigmoid", At(Array("s", ("n",)), i), Sigmoid(z[i]), wrt=z[j]),
            is_function=True,
            say=SAY,
        )
    },
    "binary_cross_entropy": {
        "targets": Spec(
            Statement(
                "binary_cross_entropy",
                At(Array("L", ("n",)), i),
                -q[i] * Log(Sigmoid(z[i])) - (1 - q[i]) * Log(1 - Sigmoid(z[i])),
                wrt=z[j],
            ),
            say=SAY,
        )
    },
}


def specs(name: str) -> dict[str, Spec]:
    """The variants of a kernel by name: {"function" | "labels" | "targets": spec}."""
    if name not in SPECS:
        raise CodegenError(f'no kernel is named "{name}": use one of {", ".join(sorted(SPECS))}')
    return SPECS[name]
