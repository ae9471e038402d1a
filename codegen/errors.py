"""One error class for the package: it restates the input and names the remedy."""


class CodegenError(ValueError):
    """Raised for a kernel, target, format or request that `codegen` cannot accept."""
