"""Check cells for notebooks: an emitted kernel called on a small row, its gradient against
differences."""

from __future__ import annotations

from codegen.errors import CodegenError
from codegen.kernel import Input, Kernel
from codegen.notes import excerpt, grid_cells
from codegen.specs import Spec
from codegen.statements import SPECS, from_statement, grid_spec
from derive.catalog.entry import Entry
from derive.errors import DeriveError

REAL = ("2.0", "1.0", "0.1")
SAMPLES = {
    "real": REAL, "positive": ("0.5", "1.5", "1.0"), "nonnegative": ("0.7", "0.2", "0.1"),
    "unit": ("0.7", "0.2", "0.1"),
    "sign": ("1.0", "-1.0", "1.0"), "binary": ("1.0", "0.0", "0.0"), "integer": ("1.0", "0.0",
    "2.0"),
}  # fmt: skip
WEIGHTS = ("cotangent", "v", "c")
"""What the arrays of cotangents are called."""
NUMBERS = {"positive": "0.5", "nonnegative": "0.5", "unit": "0.3", "real": "0.5"}

CHECK = """\
{given}
{result}
print("value", np.round(value, 6))
print("gradient", np.round(slope, 6))


def total({z}):
    return np.sum({weight} * {value})


step = 1e-6
measured = np.zeros_like({z})
for k in range({z}.shape[-1]):
    move = step * (np.arange({z}.shape[-1]) == k)
    measured[0, k] = (total({z} + move) - total({z} - move)) / (2 * step)
print("agrees with differences:", bool(np.allclose(slope, measured, atol=1e-8)))
"""
BOTH = (excerpt.VALUE, excerpt.GRADIENT)


def program_cells(entry: Entry) -> tuple[str, ...]:
    """The emitted NumPy of an entry, value and gradient, and its check; nothing where its kernel
    cannot be emitted."""
    try:
        grid = None if entry.name in SPECS else grid_spec(entry.statement)
        if grid is not None:
            return grid_cells.cells(grid)
        spec = _spec(entry)
        program = excerpt.module(spec, "numpy", *BOTH)
        return excerpt.without_words(program), check(spec)
    except (CodegenError, DeriveError):
        return ()


def _spec(entry: Entry) -> Spec:
    if entry.name in SPECS:
        return excerpt.first_spec(entry.name)
    return next(iter(from_statement(entry.statement, entry.kind == "function").values()))


def check(spec: Spec) -> str:
    """Python that calls the NumPy kernel of a spec and compares its gradient with central
    differences."""
    value, *rest = excerpt.kernels(spec, *BOTH)
    gradient = rest[0] if rest else None
    inputs = {i.name: i for kernel in (value, *rest[:1]) for i in kernel.inputs}
    given = "\n".join(f"{name} = {_sample(i, spec)}" for name, i in inputs.items())
    if gradient is None:
        return f"{given}\nprint(np.round({_call(value)}, 6))\n"
    vector = gradient.name.endswith("vjp")
    result = (
        f"value, slope = {_call(value)}, {_call(gradient)}"
        if vector
        else f"value, slope = {_call(gradient)}"
    )
    weight = next(i.name for i in gradient.inputs if i.name in WEIGHTS)
    return CHECK.format(
        given=given, result=result, weight=weight, value=_call(value), z=spec.wrt.array.name
    )


def _call(kernel: Kernel) -> str:
    return f"{kernel.name}({', '.join(i.name for i in kernel.inputs)})"


def _sample(given: Input, spec: Spec) -> str:
    """Numbers of the input's domain, as Python."""
    domains = {a.name: a.domain for a in spec.statement.inputs()}
    domain = domains.get(given.name, "real")
    if given.kind == "position":
        return "np.array([0])"
    if given.kind == "vector":
        return f"np.array([[{', '.join(SAMPLES.get(domain, REAL))}]])"
    if given.kind == "number":
        return "np.array([1.0])"
    return NUMBERS.get(domain, "0.5")
