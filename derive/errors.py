"""One error class for the package: it restates the input and names the remedy."""


class DeriveError(ValueError):
    """Raised for a statement, step or request that `derive` cannot accept.

    `place` is a (line, column) pair, both counted from 1, where the input was text.
    """

    def __init__(self, message: str, place: tuple[int, int] | None = None):
        super().__init__(message if place is None else f"line {place[0]}, column {place[1]}: {message}")
        self.place = place
