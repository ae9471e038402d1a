"""One error class for the package: it restates the input and names the remedy."""


class CodegenError(ValueError):
    """Raised before any work is done, for a request or an argument that `codegen` cannot accept."""
