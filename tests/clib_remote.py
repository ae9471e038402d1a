"""The emitted C library in a process of its own, perhaps for another processor: calls by pipe."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from clib import SUFFIX

from codegen.kernel import Kernel, Map
from codegen.programs import Scaled

HEAD = """
#include <stdio.h>
#include <stdlib.h>
#include "lossmith.h"

static void *got(void *to, size_t bytes)
{
    if (fread(to, 1, bytes, stdin) != bytes)
        exit(0);
    return to;
}

static double number(void) { double x; got(&x, sizeof x); return x; }
static void put(const void *from, size_t bytes) { fwrite(from, 1, bytes, stdout); }

int main(void)
{
    int64_t head[3];
    for (;;) {
        got(head, sizeof head);
        const int64_t rows = head[1], n = head[2];
        const size_t count = (size_t)rows, all = (size_t)(rows * n);
        int32_t status = 99;
"""
TAIL = """
        fflush(stdout);
    }
}
"""


def source(kernels: list[Kernel]) -> str:
    """A program that answers requests: the number of a function, rows, n, and its arrays."""
    cases = [
        _case(2 * i + j, k, ctype, suffix)
        for i, k in enumerate(kernels)
        for j, (ctype, suffix) in enumerate((("float", "f32"), ("double", "f64")))
    ]
    return HEAD + "".join(cases) + TAIL


def _case(number: int, kernel: Kernel, ctype: str, suffix: str) -> str:
    lines, given = [], ["rows", "n"]
    for i in kernel.inputs:
        size = "all" if i.kind == "vector" else "count"
        kind = "int64_t" if i.kind == "position" else ctype
        if i.kind == "parameter":
            lines.append(f"const double {i.name} = number();")
            given.append(i.name)
            continue
        size = f"{size} * sizeof({kind})"
        lines.append(f"{kind} *{i.name} = got(malloc({size}), {size});")
        lines += [f"const double {i.name}_all = number();"] * (i.kind == "number")
        given += {
            "vector": [i.name, "n", "1"],
            "number": [i.name, "1", f"{i.name}_all"],
            "position": [f"lossmith_labels_i64({i.name}, 1, LOSSMITH_IGNORE_NONE)"],
        }[i.kind]
    outputs = [(f"out_{name}", "all" if wide else "count") for name, wide in written(kernel)]
    for name, size in outputs:
        lines.append(f"{ctype} *{name} = malloc({size} * sizeof({ctype}));")
        given += [name, "n", "1"] if size == "all" else [name, "1", "NULL"]
    call = f"status = lossmith_{kernel.name}_{suffix}({', '.join(given)}, NULL, 0);"
    ends = [f"put({name}, {size} * sizeof({ctype})); free({name});" for name, size in outputs]
    ends += [f"free({i.name});" for i in kernel.inputs if i.kind != "parameter"]
    body = "\n            ".join([*lines, call, "put(&status, sizeof status);", *ends])
    return f"        if (head[0] == {number}) {{\n            {body}\n        }}\n"


def written(kernel: Kernel) -> list[tuple[str, bool]]:
    """The outputs in the order of the library's arguments: numbers, then vectors."""
    maps = {p.name for p in kernel.passes if isinstance(p, Map)}
    return sorted(((name, name in maps) for _, name in kernel.outputs), key=lambda o: o[1])


@dataclass(frozen=True)
class Remote:
    """One function of such a process."""

    process: subprocess.Popen[bytes]
    number: int
    kernel: Kernel

    def __call__(self, arrays: Mapping[str, Any], outs: Mapping[str, Any]) -> None:
        z = arrays[self.kernel.inputs[0].name]
        request = [np.array([self.number, *z.shape], np.int64)]
        for i in self.kernel.inputs:
            request += self.sent(i.kind, arrays[i.name.rstrip("_")], z)
        pipe, answer = self.process.stdin, self.process.stdout
        assert pipe is not None and answer is not None
        pipe.write(b"".join(np.ascontiguousarray(part).tobytes() for part in request))
        pipe.flush()
        assert np.frombuffer(answer.read(4), np.int32)[0] == 0
        words = {name: word for word, name in self.kernel.outputs}
        for name, _ in written(self.kernel):
            out = outs[words[name]]
            out[...] = np.frombuffer(answer.read(out.nbytes), out.dtype).reshape(out.shape)

    def sent(self, kind: str, given: Any, z: Any) -> list[Any]:
        if isinstance(given, Scaled):
            each = np.ones(len(z)) if given.array is None else given.array
            return [np.asarray(each, z.dtype), np.float64(given.factor)]
        types = {"position": np.int64, "parameter": np.float64}
        return [np.asarray(given, types.get(kind, z.dtype))]


def remote(process: subprocess.Popen[bytes], kernels: list[Kernel]) -> Any:
    """The maker of programs for `clib.kernel`."""
    names = [k.name for k in kernels]

    def make(kernel: Kernel, dtype: str) -> Remote:
        number = 2 * names.index(kernel.name) + list(SUFFIX).index(dtype)
        return Remote(process, number, kernel)

    return make
