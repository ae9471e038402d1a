"""Reads the emitted notes back as the checker reads anybody's, and proves every equality again.

    python benchmarks/read_back.py [--lang en,zh] [--to md,tex,html] [NAME ...]

What must come out: proved, or conditional on what the text states.  A section is also read by
itself, for a letter may stand for something of another size there (p over two classes).
"""

from __future__ import annotations

import argparse
import html
import re
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parent.parent))

from benchmarks.page import ANNOTATED, latex, start, steps
from codegen.notes import book
from derive import catalog
from derive.reading.check import Equality, check
from derive.reading.explain import Explanation, slips
from derive.reading.verdicts import Finding, Question, judge

GOOD = ("proved", "conditional")
HEADING = {
    "md": re.compile(r"^## ", re.MULTILINE),
    "tex": re.compile(r"^\\subsection", re.MULTILINE),
}
CHAIN = re.compile(r'<div class="start">.*?</div></details></section>', re.DOTALL)
FORMULA = re.compile(r'<div class="formula"[^>]*><div[^>]*>(.*?)</div>.*?</div>', re.DOTALL)


def markdown_of(page: str) -> str:
    """A page of ours as Markdown: its formulas from their annotations, its words as they are."""
    body = re.sub(r"<(style|script|svg|nav|pre|header)\b.*?</\1>", "", page, flags=re.DOTALL)
    body = FORMULA.sub(lambda m: f"\n\n$$\n{latex(m[1])}\n$$\n\n", body)
    body = CHAIN.sub(lambda m: _chain(m[0]), body)
    body = re.sub(r"<h([23])[^>]*>", lambda m: f"\n\n{'#' * int(m[1])} ", body)
    body = re.sub(r"</(h\d|p|li|tr|figcaption)>", "\n\n", body)
    body = ANNOTATED.sub(lambda m: f"${m[1]}$", body)
    return html.unescape(re.sub(r"<[^>]+>", "", body))


READ = {"md": str, "tex": str, "html": markdown_of}


def _chain(text: str) -> str:
    """The chain as an alignment, then its reasons."""
    found = steps(text)
    rows = [f"{relation} {side}" for relation, side, _ in found]
    shown = " \\\\\n&".join([f"{start(text)} &{rows[0]}", *rows[1:]])
    said = "\n".join(f"1. {ANNOTATED.sub(lambda m: f'${m[1]}$', why)}" for _, _, why in found)
    return f"\n\n$$\n\\begin{{aligned}}\n{shown}\n\\end{{aligned}}\n$$\n\n{said}\n\n"


def sections(text: str, form: str) -> Iterator[tuple[int, str]]:
    """(lines ahead of it, text) of each section."""
    cuts = [m.start() for m in HEADING[form].finditer(text)]
    for cut, end in zip(cuts, [*cuts[1:], len(text)], strict=True):
        yield text.count("\n", 0, cut), text[cut:end]


def equalities(text: str, lang: str, form: str) -> list[tuple[int, Equality]]:
    """Each equality with its line, as the whole document or its section decides it."""
    source = READ[form](text)
    form = "md" if form == "html" else form
    made = {(e.line, e.column): e for e in _checked(source, lang, form)}
    for ahead, section in sections(source, form):
        there = range(ahead + 1, ahead + section.count("\n") + 2)
        if any(line in there and not stated(e) for (line, _), e in made.items()):
            for e in _checked(section, lang, form):
                place = (e.line + ahead, e.column)
                if stated(e) and made[place].verdict != "wrong" and not stated(made[place]):
                    made[place] = e
    return [(line, e) for (line, _), e in sorted(made.items())]


def _checked(text: str, lang: str, form: str) -> Sequence[Equality]:
    with patch("derive.reading.check.Bounded", Patient):
        return check(text, lang, f"notes.{form}", explaining=False).equalities


class Patient:
    """Judges without limits of time, so that a busy machine changes no verdict; each question
    once, for the languages and formats ask the same ones."""

    def __init__(self, *_: object, **__: object) -> None:
        self.left = 0.0

    def __enter__(self) -> Patient:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __call__(self, question: Question) -> Finding:
        return judged(question)

    def explain(self, _: Question) -> Explanation:
        return Explanation()

    def slips(self, question: Question) -> bool:
        return slips(question)


judged = lru_cache(maxsize=None)(judge)


def stated(found: Equality) -> bool:
    """Proved, or from conditions that all stand in the text."""
    return found.verdict in GOOD and all(c.stated for c in found.finding.conditions)


def failures(name: str, lang: str, form: str) -> tuple[int, list[str]]:
    """How many equalities the notes of an entry have, and those that are not proved again."""
    text = str(book.files([name], lang, form)[f"{name}.{form}"])
    made = equalities(text, lang, form)
    bad = [(line, e) for line, e in made if not stated(e)]
    return len(made), [
        f"{name}.{form} ({lang}) line {line}: {e.verdict}: {e.lhs.text} = {e.rhs.text} "
        f"{[c.words for c in e.finding.conditions]} {e.finding.reason}"
        for line, e in bad
    ]


def main() -> None:
    """Print what is not proved; exit status 1 if there is anything."""
    parser = argparse.ArgumentParser(description="prove the emitted notes again")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--lang", default="en,zh")
    parser.add_argument("--to", default="md,tex,html")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    for lang in options.lang.split(","):
        for form in options.to.split(","):
            for name in options.names or catalog.entries():
                number, bad = failures(name, lang, form)
                counts["equalities"] += number
                counts["not proved"] += len(bad)
                print(*bad, sep="\n", end="\n" if bad else "", flush=True)
    print(", ".join(f"{n} {what}" for what, n in counts.items()))
    sys.exit(counts["not proved"] > 0 or not counts["equalities"])


if __name__ == "__main__":
    main()
