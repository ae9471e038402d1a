"""From a derivation to kernels that run: lowering, numeric rewrites, NumPy and C, accuracy."""

from codegen.compiling import compile, emit
from codegen.errors import CodegenError

__all__ = ["CodegenError", "compile", "emit"]
