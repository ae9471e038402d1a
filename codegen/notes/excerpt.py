"""Pieces of emitted programs that are short enough to be shown in a text."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from codegen.backends import c, numpy
from codegen.build import build
from codegen.compiling import emit, preamble
from codegen.errors import CodegenError
from codegen.kernel import Kernel
from codegen.programs import numpy_functions
from codegen.specs import Spec
from codegen.statements import specs
from codegen.unshifted import unshifted

PLUMBING = ("wide", "room", "by_blocks")
"""Helpers about memory and threads, of which a text says in a sentence what they do."""
VALUE, GRADIENT = 0, 1
KERNELS = {"value": VALUE, "value_and_grad": GRADIENT}
"""Which kernel of a file a function is: the value comes first, then with its gradient."""


def program(name: str) -> str:
    """The NumPy module of a kernel without the words on top."""
    return without_words(emit(name, "numpy")[f"{name}.py"])


def without_words(text: str) -> str:
    """A NumPy module from its first import on."""
    return text[text.index("\nimport ") :].strip() + "\n"


def first_spec(name: str) -> Spec:
    """The first variant of a kernel."""
    return next(iter(specs(name).values()))


@lru_cache(maxsize=64)
def kernel(spec: Spec, place: int) -> Kernel:
    """A kernel of a spec, built once."""
    return build(spec, spec.words[place])


def kernels(spec: Spec, *places: int) -> tuple[Kernel, ...]:
    """The kernels at these places, as far as the spec has them."""
    return tuple(kernel(spec, place) for place in places if place < len(spec.words))


@lru_cache(maxsize=64)
def module(spec: Spec, target: str, *places: int) -> str:
    """The emitted file of a spec, NAME.py or NAME.c, as far as some kernels go: what is in it is in
    the whole file too."""
    made = kernels(spec, *places)
    if target == "numpy":
        tried = unshifted(spec, made)
        return numpy.source(made, preamble(spec, target, made + tried), tried)
    head = preamble(spec, target, made)
    return c.sources(spec.name, made, head)[f"{spec.name}.c"]


def emitted(name: str, word: str) -> Callable[..., Any]:
    """A function of the NumPy file of a kernel, to be called."""
    text = module(first_spec(name), "numpy", KERNELS[word])
    found: Callable[..., Any] = numpy_functions(name, text)(f"{name}_{word}")
    return found


def excerpt(name: str, target: str, word: str, shown: set[str]) -> str:
    """The function whose name ends with `word` as it was emitted, with the mathematics it calls.

    What is in `shown` was shown before and is left out; what this shows is added to it.
    """
    text = module(first_spec(name), target, KERNELS.get(word, VALUE))
    made = _python(text, word, shown) if target == "numpy" else _c(text, word)
    if not made:
        raise CodegenError(
            f"the {target} file of {name} has no function {word}: name one of its functions"
        )
    return made


def _python(text: str, word: str, shown: set[str]) -> str:
    functions = {f.name: f for f in ast.parse(text).body if isinstance(f, ast.FunctionDef)}
    wanted = [name for name in functions if name.endswith(f"_{word}")]
    called = {n for w in wanted for n in functions if _calls(functions[w], n)} - {*PLUMBING}
    called -= {n for n in functions if n.endswith("_unshifted")}  # the same, without the shift
    needed = [n for n in functions if n in {*wanted, *called}]
    lines = text.splitlines()
    pieces = {"import numpy as np": "import numpy as np"}
    pieces |= {n: "\n".join(lines[_first(functions[n]) : functions[n].end_lineno]) for n in needed}
    new = [piece for name, piece in pieces.items() if name not in shown]
    shown |= set(pieces)
    return "\n\n".join(new) + "\n" if wanted else ""


def _calls(function: ast.FunctionDef, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(function))


def _first(function: ast.FunctionDef) -> int:
    return min([function.lineno, *(d.lineno for d in function.decorator_list)]) - 1


def _c(text: str, word: str) -> str:
    """The loop over one row in float32, with the comment above it."""
    found = re.search(
        rf"(?:^/\*[^\n]*\*/\n)?^(?:LSM_CLONES )?static void \w+_{word}_f32_row\(.*?^}}\n",
        text,
        re.DOTALL | re.MULTILINE,
    )
    return found[0] if found else ""
