"""One error class for the package: it restates the input and names the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches


class DeriveError(ValueError):
    """Raised for a statement, step or request that `derive` cannot accept.

    `place` is a (line, column) pair, both counted from 1, where the input was text; `reason` is
    the message without it.
    """

    def __init__(self, message: str, place: tuple[int, int] | None = None):
        where = "" if place is None else f"line {place[0]}, column {place[1]}: "
        super().__init__(where + message)
        self.place, self.reason = place, message


def nearest(kind: str, name: str, known: Iterable[str]) -> DeriveError:
    """The error for an unknown name, with the names that look like it."""
    names = list(known)
    close = get_close_matches(name, names, 4, 0.4)
    hint = f"did you mean {', '.join(close)}?" if close else f"known: {', '.join(names)}"
    return DeriveError(f"no {kind} named {name!r}; {hint}")


@contextmanager
def about(source: str) -> Iterator[None]:
    """Errors that have no place restate the statement, if it was written by a person."""
    try:
        yield
    except DeriveError as error:
        if error.place or not source:
            raise
        reason = f"in the statement '{source}': {error.reason}"
        raise DeriveError(reason, (1, 1)) from None
