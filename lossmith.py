"""lossmith: losses written once in index notation; derived, proved, emitted and checked.

import lossmith
loss = lossmith.loss("cross_entropy")            # from the catalog, or LaTeX: loss(r"L = ...")
d = lossmith.derive(loss, wrt="z_j")             # d.steps, d.result, d.certificate, d.latex("zh")
k = lossmith.compile("cross_entropy", target="c", dtype="float32")
value, grad = k.value_and_grad(logits, labels)
"""

from __future__ import annotations

from codegen.command_line import main
from codegen.compiling import compile, emit
from codegen.front import Listed, catalog, derive, loss
from derive.derivation import Derivation
from derive.reading.check import check
from derive.statement import Statement

__all__ = [
    "Derivation",
    "Listed",
    "Statement",
    "catalog",
    "check",
    "compile",
    "derive",
    "emit",
    "loss",
    "main",
]

if __name__ == "__main__":
    main()
