"""What each function of the C library computes, reads and writes: for its header and its table."""

from __future__ import annotations

from dataclasses import dataclass

from codegen.kernel import Input, Kernel, Map

SAYS = {
    "value": "the value",
    "grad": "its gradient in z",
    "vjp": "the cotangent times the Jacobian",
    "jvp": "the Jacobian times the tangent",
    "hvp": "the Hessian times the tangent",
}


@dataclass(frozen=True)
class Contract:
    """One function, for both element types: `name` is without their suffix."""

    name: str
    formula: str
    says: str
    reads: str
    writes: str


def contract(kernel: Kernel) -> Contract:
    """The contract of the library's function for a kernel."""
    return Contract(
        name=f"lossmith_{kernel.name}",
        formula=", ".join((kernel.formula, *kernel.where)),
        says=" and ".join(SAYS[word] for word, _ in kernel.outputs),
        reads=", ".join(_read(i) for i in kernel.inputs),
        writes=", ".join(_written(kernel, name) for _, name in kernel.outputs),
    )


def _read(given: Input) -> str:
    shape = {"vector": "[rows][n]", "position": "[rows]", "number": "[rows] or NULL"}
    say = f" ({given.say})" if given.say and given.say != f"the {given.name}" else ""
    return f"{given.name}{shape.get(given.kind, '')}{say}"


def _written(kernel: Kernel, name: str) -> str:
    wide = any(isinstance(p, Map) and p.name == name for p in kernel.passes)
    return f"{name}[rows][n]" if wide else f"{name}[rows], {name}_sum"
