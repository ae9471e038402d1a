"""Measuring the C headers: every float, millions of doubles, against libm in wider arithmetic.

    header text ──compile──▶ program ──run──▶ Finding (worst ulp, argument, value)

The reference for float is libm's double function (some 2⁻²⁹ ulp of float away from the truth), for
double libm's long double function (80 bits: 2⁻¹⁰ ulp).  Where long double is no wider than double
(not so on x86-64 and aarch64 Linux), the program refuses to measure double.
"""

from __future__ import annotations

import itertools
import re
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from codegen.backends import c_fast
from codegen.errors import CodegenError
from codegen.headers import lanes_header, math_header
from codegen.minimax import FILE_NAME
from codegen.minimax_measured import HOW_MANY

FLAGS = ("-O3", "-fno-math-errno", "-fno-trapping-math")
# With and without fused multiply-add, chosen by the header or contracted by the compiler.
BUILDS: dict[str, tuple[str, ...]] = {
    "baseline": ("-std=c11",),
    "avx2": ("-std=c11", "-mavx2", "-mfma", "-mf16c"),
    "avx2-contracted": ("-std=gnu11", "-mavx2", "-mfma", "-DLSM_NO_FMA", "-ffp-contract=fast"),
    "avx512": ("-std=gnu11", "-mavx512f", "-mavx512dq", "-mfma", "-mprefer-vector-width=512"),
}


@dataclass(frozen=True)
class Measured:
    """A function to measure: its reference, the arguments to draw, whether results flush to 0."""

    name: str
    exact: str
    low: float
    high: float
    flush: int = 0
    slow: str = "-80.0f"
    shigh: str = "80.0f"
    narrow: bool = False  # there is no function of double

    @property
    def pair(self) -> int:
        return int(self.name.endswith("pair"))


MEASURED: tuple[Measured, ...] = (
    Measured("exp", "exp", -750, 715),
    Measured("exp_flush", "exp", -750, 715, flush=1),
    Measured("exp_pair", "exp", -750, 715),
    Measured("exp_flush_pair", "exp", -750, 715, flush=1),
    Measured("exp_split", "exp", -750, 715),
    Measured("exp_scaled", "exp", -750, 715, flush=1),
    Measured("exp_lanes", "exp_lanes", -750, 715, flush=1, narrow=True),
    Measured("expm1", "expm1", -40, 715, slow="-10.0f"),
    Measured("log", "log", 0, 8, slow="0.01f"),
    Measured("log1p", "log1p", -1, 4, slow="-0.99f"),
    Measured("tanh", "tanh", -25, 25, slow="-8.0f", shigh="8.0f"),
    Measured("sigmoid", "sigmoid", -750, 50),
)
PLAIN = tuple(m.name for m in MEASURED if not m.name.endswith(("pair", "split", "scaled", "lanes")))
PAIRS = tuple(m.name for m in MEASURED if m.pair)


@dataclass(frozen=True)
class Finding:
    """The largest error in ulp of the exact result, and where (both exact)."""

    ulp: float
    argument: float
    value: float


def c_name(name: str, suffix: str) -> str:
    """exp_flush and f: expf_flush."""
    stem, _, rest = name.partition("_")
    return f"{stem}{suffix}{'_' + rest if rest else ''}"


def render_check() -> str:
    """The text of the check program, C11 with OpenMP and libm."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True, autoescape=False,
    )  # fmt: skip
    scalar = [m.name for m in MEASURED if not m.narrow]
    template = environment.get_template("c/math_check.c.j2")
    return template.render(plain=PLAIN, pairs=PAIRS, scalar=scalar, rows=MEASURED, c_name=c_name)


def build(
    cc: str, folder: Path, flags: tuple[str, ...], headers: dict[str, str] | None = None
) -> Path:
    """Compile the check program for the headers (ours, but for texts given); returns its path."""
    ours = {**math_header(), **lanes_header(), **c_fast.set_header()}
    for name, text in (ours | (headers or {})).items():
        (folder / name).write_text(text)
    source, program = folder / "math_check.c", folder / "math_check"
    source.write_text(render_check())
    words = (*FLAGS, *flags, "-DLSM_NO_CLONES", "-fopenmp")
    command = [*cc.split(), *words, str(source), "-o", str(program), "-lm"]
    compile_with(cc, command, folder)
    return program


def compile_with(cc: str, command: list[str], folder: Path) -> str:
    """Run a compiler; returns what it reports, or raises CodegenError."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    except OSError as error:
        raise CodegenError(f"{cc} cannot be run ({error}): name a C11 compiler") from error
    if done.returncode:
        raise CodegenError(f"{' '.join(command)} fails; is {cc} a C11 compiler?\n{done.stderr}")
    return done.stderr


def run(program: Path, *words: object) -> list[str]:
    done = subprocess.run([str(program), *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise CodegenError(f"{program.name} {words} ends with {done.returncode}: {done.stderr}")
    return done.stdout.split()


def finding(program: Path, *words: object) -> Finding:
    ulp, argument, value = run(program, *words)
    return Finding(float(ulp), float.fromhex(argument), float.fromhex(value))


def floats(program: Path, name: str, first: int = 0, stride: int = 1) -> Finding:
    """The worst of every `stride`-th float (1: all 2³² of them, NaN and infinities included)."""
    return finding(program, "float", name, first, stride)


def doubles(program: Path, name: str, count: int = HOW_MANY, seed: int = 1) -> Finding:
    """The worst of the edges and of `count` random and structured doubles."""
    return finding(program, "double", name, count, seed)


def exhaustive_expf(cc: str = "cc", flags: tuple[str, ...] = BUILDS["baseline"]) -> Finding:
    """`lsm_expf` on every float; `lossmith verify --full` demands at most 1 ulp."""
    with tempfile.TemporaryDirectory() as folder:
        return floats(build(cc, Path(folder), flags), "exp")


def every_float(
    names: list[str], flags: tuple[str, ...], cc: str = "cc", stride: int = 1
) -> dict[str, Finding]:
    """The worst of these functions over every float: some 20 seconds each on two processors."""
    with tempfile.TemporaryDirectory() as folder:
        program = build(cc, Path(folder), flags)
        return {name: floats(program, name, 0, stride) for name in names}


def worst(cc: str, flags: tuple[str, ...], stride: int = 1) -> dict[str, dict[str, Finding]]:
    """Every function again, as `minimax_measured` was made: some minutes at stride 1."""
    with tempfile.TemporaryDirectory() as folder:
        program = build(cc, Path(folder), flags)
        return {
            m.name: {
                "float": floats(program, m.name, 0, stride),
                **({} if m.narrow else {"double": doubles(program, m.name, HOW_MANY // stride)}),
            }
            for m in MEASURED
        }


def supported(flags: tuple[str, ...]) -> bool:
    """Whether this processor can run what these flags make."""
    try:
        features = Path("/proc/cpuinfo").read_text()
    except OSError:
        features = ""
    needed = [flag.removeprefix("-m") for flag in flags if flag.startswith(("-mavx", "-mfma"))]
    return all(f" {name} " in features.replace("\n", " ") for name in needed)


def loops() -> list[str]:
    """One plain loop a line for every function: the text that compilers must vectorise."""
    split = "lsm_split{f} s = lsm_exp{f}_split(x[i]); y[i] = lsm_scalb{f}(s.mantissa, s.exponent);"
    scaled = "y[i] = lsm_exp{f}_scaled(x[i], z[0], z[1]);"
    lines = []
    scalar = [m for m in MEASURED if not m.narrow]
    for m, (real, f) in itertools.product(scalar, (("float", "f"), ("double", ""))):
        second = ", z[i]" if m.pair else ""
        body = f"y[i] = lsm_{c_name(m.name, f)}(x[i]{second});"
        body = split.format(f=f) if m.name == "exp_split" else body
        body = scaled.format(f=f) if m.name == "exp_scaled" else body
        loop = f"for (int i = 0; i < n; i++) {{ {body} }}"
        arrays = f"{real} *restrict y, const {real} *x, const {real} *z"
        lines.append(f"void {m.name}_{real}(int n, {arrays}) {{ (void)z; {loop} }}")
    return lines


def scalar_loops(cc: str, flags: tuple[str, ...], lines: list[str] | None = None) -> list[str]:
    """The loops (ours, or lines given) that the compiler's own report does not call vectorised."""
    text = loops() if lines is None else lines
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / FILE_NAME).write_text(math_header()[FILE_NAME])
        (folder / "loops.c").write_text("\n".join([f'#include "{FILE_NAME}"', *text]) + "\n")
        report = vectorisation_report(cc, flags, folder)
    found = {int(n) for n in re.findall(r"loops\.c:(\d+):\d+: .*vectorized", report)}
    return [line for number, line in enumerate(text, 2) if number not in found]


def vectorisation_report(cc: str, flags: tuple[str, ...], folder: Path) -> str:
    """What gcc or clang says about the loops it vectorised in loops.c."""
    version = subprocess.run([*cc.split(), "--version"], capture_output=True, text=True).stdout
    ask = "-Rpass=loop-vectorize" if "clang" in version else "-fopt-info-vec-optimized"
    command = [*cc.split(), *FLAGS, *flags, ask, "-c", "loops.c", "-o", "loops.o"]
    return compile_with(cc, command, folder)
