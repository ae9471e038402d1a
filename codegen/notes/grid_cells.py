"""Cells of a notebook for a loss over several ranges: its emitted NumPy, and its gradient against
differences."""

from __future__ import annotations

from codegen import grids
from codegen.backends import numpy_grids
from codegen.compiling import grid_preamble
from codegen.grid_specs import GridSpec
from codegen.notes.excerpt import without_words
from derive.language import Array

SIZES = {"N": 3, "n": 4, "d": 2}
CHECK = """\
{given}
value, slope = {gradient}({names}, 1.0)
print("value", np.round(value, 6))
print("gradient", np.round(slope, 6), sep="\\n")

step = 1e-6
measured = np.zeros_like({z})
for place in np.ndindex({z}.shape):
    move = np.zeros_like({z})
    move[place] = step
    ahead, behind = {z} + move, {z} - move
    measured[place] = ({value}({ahead}) - {value}({behind})) / (2 * step)
print("agrees with differences:", bool(np.allclose(slope, measured, atol=1e-8)))
"""


def cells(spec: GridSpec) -> tuple[str, ...]:
    """The emitted NumPy of a loss over several ranges, and its check."""
    made = grids.kernels(spec, 2)
    text = numpy_grids.source(made, grid_preamble(spec, "numpy", made))
    names = [name for name, _ in made[0].arrays]
    z = str(spec.wrt.array.name)
    values = {str(a.name): _sample(a, place) for place, a in enumerate(spec.inputs)}
    check = CHECK.format(
        given="\n".join(f"{name} = {values[name]}" for name in names),
        z=z, names=", ".join(names), value=made[0].name, gradient=made[1].name,
        ahead=_moved(names, z, "ahead"), behind=_moved(names, z, "behind"),
    )  # fmt: skip
    return without_words(text), check


def _moved(names: list[str], z: str, word: str) -> str:
    return ", ".join(word if name == z else name for name in names)


def _sample(array: Array, place: int) -> str:
    """Numbers of the array's domain, as Python: targets one-hot, masks of zeros and ones."""
    shape = ", ".join(str(SIZES.get(r, r)) for r in array.ranges)
    if not array.ranges:
        return "0.5"
    if array.domain == "nonnegative":
        return f"np.eye({shape})"
    if array.domain == "binary":
        return f"np.tril(np.ones(({shape})))" if array.ranges[1:] else f"np.arange({shape}) % 2.0"
    count = " * ".join(shape.split(", "))
    drawn = f"np.cos({place} + np.arange({count}))"
    shaped = f"{drawn}.reshape({shape})" if array.ranges[1:] else drawn
    return f"1.5 + {shaped}" if array.domain == "positive" else shaped
