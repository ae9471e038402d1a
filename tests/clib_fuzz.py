"""Writes the fuzzed calls of every function of the C library, for sanitizers.

Each call is made twice, on contiguous arrays and on arrays that lie anyhow, and must give the same
bits and leave its inputs alone.
"""

from __future__ import annotations

from pathlib import Path

from clib_remote import written

from codegen.kernel import Input, Kernel

HEAD = (Path(__file__).parent / "clib_fuzz.c").read_text(encoding="utf-8")
COLUMNS = (1, 2, 3, 15, 16, 17, 64, 65, 255, 257, 1000, 5000)


def source(kernels: list[Kernel], turns: int) -> str:
    """A program that prints `done`, or the function whose results differ."""
    kinds = (("float", "f32"), ("double", "f64"))
    cases = [_case(k, ctype, suffix) for k in kernels for ctype, suffix in kinds]
    names = ", ".join(f"fuzz_{k.name}_{suffix}" for k in kernels for _, suffix in kinds)
    return f"""{HEAD}
{"".join(cases)}
int main(void)
{{
    static int (*const fuzz[])(int64_t, int64_t) = {{ {names} }};
    static const int64_t columns[] = {{ {", ".join(map(str, COLUMNS))} }};
    for (int turn = 0; turn < {turns}; turn++)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            for (size_t f = 0; f < sizeof fuzz / sizeof *fuzz; f++) {{
                const int64_t n = columns[c], rows = 1 + draw(n > 300 ? 20 : 120);
                if (fuzz[f](rows, n)) {{
                    printf("function %d differs: %d rows of %d\\n", (int)f, (int)rows, (int)n);
                    return 1;
                }}
            }}
    puts("done");
    return 0;
}}
"""


def _case(kernel: Kernel, ctype: str, suffix: str) -> str:
    lines, flat, far, ends = [], ["rows", "n"], ["rows", "n"], []
    for i in kernel.inputs:
        made = _input(i, ctype, suffix)
        lines += made[0]
        flat += made[1]
        far += made[2]
        ends += made[3]
    for name, wide in written(kernel):
        made = _output(f"out_{name}", wide, ctype, suffix)
        lines += made[0]
        flat += made[1]
        far += made[2]
        ends += made[3]
    arrays = sum(i.kind == "vector" for i in kernel.inputs) + sum(w for _, w in written(kernel))
    function = f"lossmith_{kernel.name}_{suffix}"
    body = [
        *lines,
        f"const int64_t bytes = lossmith_workspace(n, {arrays}, sizeof({ctype}));",
        "void *workspace = room(bytes, 1);",
        f"int bad = {function}({', '.join(flat)}, NULL, 0);",
        f"bad |= {function}({', '.join(far)}, workspace, bytes);",
        *ends,
        "free(workspace);",
        "return bad;",
    ]
    text = "\n    ".join(body)
    head = f"static int fuzz_{kernel.name}_{suffix}(int64_t rows, int64_t n)"
    return f"{head}\n{{\n    {text}\n}}\n\n"


Parts = tuple[list[str], list[str], list[str], list[str]]


def _input(given: Input, ctype: str, suffix: str) -> Parts:
    """Lines, arguments of the contiguous and of the other call, and lines at the end."""
    x = given.name
    if given.kind == "parameter":
        return [f"const double {x} = draw(11) / 10.0;"], [x], [x], []
    if given.kind == "position":
        lines = [
            f"const layout {x}_at = lay(rows, 1, 0);",
            f"int64_t *{x} = room(rows, 8);",
            f"int32_t *{x}_far = room({x}_at.size, 4);",
            f"drawn_labels({x}, {x}_far, {x}_at, rows, n);",
        ]
        flat = f"lossmith_labels_i64({x}, 1, -100)"
        far = f"lossmith_labels_i32({x}_far + {x}_at.first, {x}_at.row, -100)"
        return lines, [flat], [far], [f"free({x}), free({x}_far);"]
    columns = "n" if given.kind == "vector" else "1"
    size = f"{x}_at.size, sizeof({ctype})"
    lines = [
        f"const layout {x}_at = lay(rows, {columns}, 1);",
        f"{ctype} *{x}_far = drawn_{suffix}({x}_at.size), *{x}_kept = copied({x}_far, {size});",
        f"{ctype} *{x} = flat_{suffix}({x}_far, {x}_at, rows, {columns});",
    ]
    ends = [
        f"bad |= memcmp({x}_far, {x}_kept, (size_t){x}_at.size * sizeof({ctype})) != 0;",
        f"free({x}), free({x}_far), free({x}_kept);",
    ]
    far = [f"{x}_far + {x}_at.first", f"{x}_at.row"]
    if given.kind == "vector":
        return lines, [x, "n", "1"], [*far, f"{x}_at.class_"], ends
    lines.append(f"const int {x}_given = (int)draw(2);")
    flat = [f"{x}_given ? {x} : NULL", "1", "0.5"]
    return lines, flat, [f"{x}_given ? {far[0]} : NULL", far[1], "0.5"], ends


def _output(x: str, wide: bool, ctype: str, suffix: str) -> Parts:
    columns = "n" if wide else "1"
    lines = [
        f"const layout {x}_at = lay(rows, {columns}, 0);",
        f"{ctype} *{x} = room(rows * {columns}, sizeof({ctype}));",
        f"{ctype} *{x}_far = room({x}_at.size, sizeof({ctype}));",
    ]
    flat, far = [x, "n", "1"], [f"{x}_far + {x}_at.first", f"{x}_at.row", f"{x}_at.class_"]
    ends = [f"bad |= differs_{suffix}({x}, {x}_far, {x}_at, rows, {columns});"]
    if not wide:
        lines.append(f"double {x}_sum[2] = {{ 0, 0 }};")
        flat, far = [x, "1", f"{x}_sum"], [*far[:2], f"{x}_sum + 1"]
        ends.append(f"bad |= memcmp({x}_sum, {x}_sum + 1, 8) != 0 && {x}_sum[0] == {x}_sum[0];")
    return lines, flat, far, [*ends, f"free({x}), free({x}_far);"]
