"""What a statement is made of, in the order in which it is read: definitions, facts, the formula,
the variable; each part knows the option and the place that it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NoReturn

from derive.errors import DeriveError
from derive.language import Array, At, Index
from derive.reading.defined import Meaning, head_with_arguments, note_functions
from derive.reading.elaborate import Elaborator
from derive.reading.environment import Env
from derive.reading.heads import (
    Setting,
    domain_of,
    head_of,
    hot,
    name_of,
    note_domain,
    note_space,
    one_hot,
    setting,
)  # fmt: skip
from derive.reading.macros import Columns, Macro, expanded
from derive.reading.naming import unused
from derive.reading.parsing import parse, parse_all
from derive.reading.reader import Session, equation
from derive.reading.rivals import Rivals, named
from derive.reading.scope import Head
from derive.reading.syntax import Chain, Mark, Name, Number, Scripted, place_of, sole
from derive.terms import free_indices

Texts = str | Iterable[str] | None
Job = Callable[[Elaborator], Any]
SHOWN = 60


@dataclass(frozen=True)
class Part:
    """A piece of one option's text, and where it starts in it; `columns` lead back to what was
    written before the author's commands were put in."""

    option: str
    text: str
    columns: Columns
    line: int = 1
    column: int = 1

    @contextmanager
    def named(self) -> Iterator[None]:
        """Errors say the option and count lines and columns in its text."""
        try:
            yield
        except DeriveError as error:
            shown = self.text if len(self.text) <= SHOWN else self.text[:SHOWN] + "..."
            line, column = error.place or (1, 1)
            column += self.column - 1 if line == 1 else 0
            line += self.line - 1
            at = line, self.columns.origin(line, column)
            reason = f"in {self.option} '{shown}': {error.reason}"
            raise DeriveError(reason, at if error.place else None) from None


def written(option: str, text: str, known: Mapping[str, Macro]) -> Part:
    """A text with the author's commands put in."""
    return Part(option, *expanded(text, known))


def parts(option: str, texts: Texts, known: Mapping[str, Macro]) -> list[Part]:
    """The strings, taken apart at semicolons and line ends."""
    made = []
    for said in [texts] if isinstance(texts, str) else list(texts or ()):
        if not isinstance(said, str):
            raise DeriveError(
                f"{option} takes LaTeX, and got {type(said).__name__}; write a string"
            )
        whole = written(option, said, known)
        for line, row in enumerate(whole.text.split("\n"), 1):
            column = 1
            for piece in row.replace("\\;", "  ").split(";"):
                blank = len(piece) - len(piece.lstrip())
                if piece.strip():
                    start = column + blank
                    made.append(Part(option, piece.strip(), whole.columns, line, start))
                column += len(piece) + 1
    return made


class Plan:
    """The jobs of a statement in order: settings and facts, then the statement, then the
    variable."""

    def __init__(self, session: Session, apart: Rivals = frozenset()):
        self.names, self.apart = session.names, apart
        self.jobs: list[Job] = []
        self.sources: list[tuple[Part, Chain]] = []
        self.settings: dict[int, tuple[Head, Chain]] = {}
        self.chains: list[Chain] = []

    def add(self, part: Part, defining: bool) -> None:
        """A definition, fact, domain or sentence."""
        with part.named():
            said = one_hot(part.text)
            if said is not None:
                self._job(part, parse(said), hot(parse(said)))
                return
            self._chains(part, named(parse_all(part.text), self.apart), defining)

    def _chains(self, part: Part, chains: tuple[Chain, ...], defining: bool) -> None:
        waiting: list[Chain] = []
        chains = self._counted(chains)
        self.chains += chains
        for chain in chains:
            if not chain.relations:
                waiting.append(chain)
                continue
            self._relation(part, chain, waiting, defining)
            waiting = []
        if waiting:
            raise DeriveError(
                "expected an equation, a domain such as x > 0, or 'y one-hot'", waiting[0].place
            )

    def _counted(self, chains: tuple[Chain, ...]) -> tuple[Chain, ...]:
        """i = 1, \\dots, n says what i runs over; the other chains are returned."""
        kept = list(chains)
        for at in range(len(kept) - 2, 0, -1):
            start, dots, end = kept[at - 1], sole(kept[at]), sole(kept[at + 1])
            if not (isinstance(dots, Mark) and dots.kind == "dots" and isinstance(end, Name)):
                continue
            letter, one = sole(start.exprs[0]), sole(start.exprs[-1])
            if isinstance(letter, Name) and one == Number(start.place, "1"):
                self.names.sizes.add(end.key)
                self.names.ranges.fix(("free", letter.key), end.key, letter.key, start.place)
                del kept[at - 1 : at + 2]
        return tuple(kept)

    def _relation(self, part: Part, chain: Chain, waiting: list[Chain], defining: bool) -> None:
        domain = domain_of(chain)
        if domain is not None:
            for name in (domain[0], *map(_lone, waiting)):
                note_domain(self.names, name, domain[1])
                note_space(self.names, chain, name)
            return
        if waiting:
            raise DeriveError("expected an equation here", waiting[0].place)
        head, call = head_of(chain.exprs[0]), head_with_arguments(chain.exprs[0])
        single = defining and chain.relations == ("=",)
        if single and call is not None:
            self.settings[len(self.jobs)] = (call, chain)
        if single and head is not None:
            self._job(part, chain, setting(head, chain.exprs[1]))
        elif defining and _powered(chain):
            raise DeriveError(
                "a power stands on the left; define the name itself, \\sigma = \\sqrt{...}",
                chain.place,
            )
        else:
            self._job(part, chain, equation(chain))

    def state(self, part: Part, name: str) -> None:
        """The formula itself."""
        with part.named():
            chain = named(parse(part.text), self.apart)
            self.chains.append(chain)
            if len(chain.relations) > 1:
                raise DeriveError(
                    "a statement has one equality; expected L = …", chain.relation_places[1]
                )
            head = head_of(chain.exprs[0]) if chain.relations == ("=",) else None
            if chain.relations and head is None:
                raise DeriveError("expected L = … or p_i = …: one element on the left", chain.place)
            made = _nameless(chain, name) if head is None else setting(head, chain.exprs[1])
            self._job(part, chain, made)

    def vary(self, part: Part) -> None:
        """The variable of the derivative."""
        with part.named():
            chain = named(parse(part.text), self.apart)
            self._job(part, chain, variable(chain))

    def settle(self) -> None:
        """Definitions f(x) = … of what is applied to something else are functions, not names."""
        meanings = [Meaning(call, chain.exprs[1]) for call, chain in self.settings.values()]
        made = note_functions(self.names, meanings, self.chains)
        for at, (call, _) in self.settings.items():
            if call in made:
                self.jobs[at] = _nothing

    def refuse(self, at: int, reason: str, name: str = "") -> NoReturn:
        """Refuse what job `at` has read, at the place where this name stands in it."""
        part, chain = self.sources[at]
        with part.named():
            raise DeriveError(reason, place_of(chain, name) or chain.place)
        raise AssertionError("the error leaves the block")

    def _job(self, part: Part, chain: Chain, job: Job) -> None:
        def located(reader: Elaborator) -> Any:
            with part.named():
                return job(reader)

        self.jobs.append(located)
        self.sources.append((part, chain))


def _nothing(_: Elaborator) -> None:
    return None


def _powered(chain: Chain) -> bool:
    item = sole(chain.exprs[0])
    return isinstance(item, Scripted) and isinstance(item.base, Name) and bool(item.sup)


def _lone(chain: Chain) -> Name:
    item = sole(chain)
    head = head_of(chain.exprs[0]) if item is not None else None
    if head is None:
        raise DeriveError("expected a name", chain.place)
    return name_of(head)


def _nameless(chain: Chain, name: str) -> Job:
    """An expression alone: its head is called `name` and has its free indices."""

    def job(reader: Elaborator) -> Setting:
        made = equation(chain)(reader)
        loose = sorted(free_indices(made.sides[0]), key=lambda i: i.name)
        head = Array(name, tuple(i.range for i in loose))
        return Setting(At(head, *loose), made.sides[0])

    return job


def variable(chain: Chain) -> Job:
    """The element of wrt; a bare vector or matrix gets indices of its own."""

    def job(reader: Elaborator) -> At:
        names = reader.names
        axes: list[Index] = []
        for at in range(min(2, reader.rank(chain))):
            taken = {*names.indices, *names.bare, *names.sizes, *(i.name for i in axes)}
            axes.append(reader.bind(unused("jklrs", taken), ("wrt", at)))
        value = reader.expr(chain, Env().at(tuple(axes), chain.place))
        if not isinstance(value, At) or value.array.domain == "size":
            raise DeriveError(
                "expected an element such as z_j to differentiate with respect to", chain.place
            )
        return value

    return job
