"""Plants seeded faults in right derivations and counts how many the checker finds on their line.

    python benchmarks/check_mutants.py [--count 1000] [--seed 0] [--lang en,zh] [--log FILE]

Each number from 0 to the count has a mutant of its own, whatever was drawn before, so that a run
can be taken up again: numbers that stand in the log are not drawn anew, and several runs may share
one log (`--part 0/2`, `--part 1/2`).

A document holds the definitions and facts of a catalog derivation and three adjacent members of its
chain, printed in one of several notations; the fault stands in the middle one or the last one.  A
mutant that is proved equal to the original is an equal mutant: it must not be called wrong.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from sympy import Expr, nan, zoo

sys.path.insert(0, str(Path(__file__).parent.parent))

from derive import catalog
from derive.derivation import Derivation
from derive.errors import DeriveError
from derive.language import At, Index
from derive.mistakes import MISTAKES, repairs, surroundings
from derive.notation import latex
from derive.reading.check import check
from derive.reading.verdicts import Condition, Question, ask, proves
from derive.terms import arrays, free_indices
from derive.witness import WitnessError

NOTATIONS: dict[str, Callable[[str], str]] = {
    "plain": lambda s: s,
    "ln": lambda s: s.replace(r"\log", r"\ln"),
    "dfrac": lambda s: s.replace(r"\frac", r"\dfrac").replace(r"\ne ", r"\neq "),
    "braced": lambda s: re.sub(r"(?<![A-Za-z\\{])([a-z])_([a-z])(?![a-z])", r"{\1_{\2}}", s),
    "spaced": lambda s: s.replace(r"\left(", r"\bigl(\,").replace(r"\right)", r"\,\bigr)"),
}
WORDS = {"en": ("Let", "Given", "Then"), "zh": ("设", "已知", "则")}
START = "$$\\begin{aligned}"


@dataclass(frozen=True)
class Mutant:
    """A document with one fault, the line it stands on, and what was done."""

    name: str
    text: str
    line: int
    kind: str
    equal: bool


@lru_cache(maxsize=1)
def pool() -> tuple[Derivation, ...]:
    """The derivations of all catalog entries that have a step to spoil."""
    entries = catalog.entries().values()
    return tuple(d for e in entries for d in e.derivations if len(d.steps) > 1)


def numbered(seed: int, number: int, langs: tuple[str, ...]) -> Mutant:
    """The mutant of a number; the derivations take turns."""
    rng = random.Random(f"{seed} {number}")
    sources, at = pool(), number
    while True:
        made = mutant(sources[at % len(sources)], rng, rng.choice(langs))
        if made is not None:
            return made
        at += 0 if rng.random() < 0.9 else 1


def mutant(d: Derivation, rng: random.Random, lang: str) -> Mutant | None:
    """One fault in a derivation; None where the draw gives nothing."""
    members = [d.start, *(s.after for s in d.steps)]
    at = rng.randrange(1, len(members))
    first = max(0, at - 1)
    shown = members[first : at + 2]
    fault = _fault(members[at], members[at - 1], rng)
    equal = None if fault is None else _equal(members[at], fault[1], d)
    if fault is None or equal is None:
        return None
    shown[at - first] = fault[1]
    text = document(d, shown, NOTATIONS[rng.choice(sorted(NOTATIONS))], lang)
    if text is None:
        return None
    line = text.split("\n").index(START) + 2 + (at - first)
    return Mutant(d.name, text, line, fault[0], equal)


def _fault(expr: Expr, before: Expr, rng: random.Random) -> tuple[str, Expr] | None:
    """A random fault of a random kind."""
    mistake = rng.choice([m for m in MISTAKES if m.undo])
    near = surroundings(before, expr, free_indices(expr) | free_indices(before))
    choices = [e for e in repairs(expr, mistake, near) if e != expr and not e.has(zoo, nan)]
    return (mistake.name, rng.choice(choices)) if choices else None


def _equal(old: Expr, new: Expr, d: Derivation) -> bool | None:
    """What the witness says, with everything given; None where it cannot say."""
    context = d.context
    conditions = [Condition(f.name, f) for f in d.facts]
    conditions += [Condition("", equal=p) for p in context.equal]
    conditions += [Condition("", distinct=p) for p in context.distinct]
    try:
        question = Question(old, new, context.definitions)
        said = {ask(question, tuple(conditions)).verdict, ask(question, ()).verdict}
    except (WitnessError, DeriveError, TypeError, ValueError):
        return None
    if "not covered" in said or len(said) > 1:
        return None
    if said == {"refuted"}:
        return False
    return True if proves(question, conditions) else None


def document(
    d: Derivation, members: list[Expr], written: Callable[[str], str], lang: str
) -> str | None:
    """The text; None for members that are not printed."""
    let, given, then = WORDS[lang]
    try:
        known = [(let, x.head, x.body) for x in d.context.definitions]
        known += [(given, f.left, f.right) for f in d.facts]
        lines = [f"{word} ${written(latex(a) + ' = ' + latex(b))}$." for word, a, b in known]
        lines += [f"{let} ${written(latex(m))} \\in \\{{0, 1\\}}$." for m in _masks(d, members)]
        lines += [_pair(p, "=", lang) for p in d.context.equal]
        lines += [_pair(p, r"\ne", lang) for p in d.context.distinct]
        shown = [written(latex(m)) for m in members]
    except DeriveError:
        return None
    rows = " \\\\\n".join([shown[0], *(f"&= {s}" for s in shown[1:])])
    return "\n".join([*lines, then, START, rows, "\\end{aligned}$$", ""])


def _masks(d: Derivation, members: list[Expr]) -> list[At]:
    """An element of each mask of 0 and 1 that a text builds on: nothing else says what it is."""
    given = [*members, *(x.body for x in d.context.definitions)]
    given += [side for f in d.facts for side in (f.left, f.right)]
    masks = {a for e in given for a in arrays(e) if a.domain == "binary"}
    return [
        At(a, *(Index(x, r) for x, r in zip("ij", a.ranges, strict=False)))
        for a in sorted(masks, key=str)
    ]


def _pair(pair: tuple[object, object], sign: str, lang: str) -> str:
    words = ("If", ":") if lang == "en" else ("当", "时:")
    return f"{words[0]} ${pair[0]} {sign} {pair[1]}$ {words[1]}"


def outcome(m: Mutant) -> str:
    """found, missed (with the verdict given) or, for equal mutants, equal / false alarm."""
    found = check(m.text, explaining=False)
    verdicts = {e.line: e.verdict for e in found.equalities}
    wrong = [e.line for e in found.equalities if e.verdict == "wrong"]
    if m.equal:
        here = verdicts.get(m.line, "none")
        return "equal: false alarm" if m.line in wrong else f"equal: {here}"
    return "found" if wrong[:1] == [m.line] else f"missed: {verdicts.get(m.line, 'none')}"


def measure(
    numbers: Iterable[int], seed: int, langs: tuple[str, ...]
) -> Iterator[tuple[int, str, Mutant]]:
    """Each number with the outcome of its mutant."""
    for number in numbers:
        made = numbered(seed, number, langs)
        yield number, outcome(made), made


def logged(log: Path | None) -> dict[int, dict[str, Any]]:
    """What the log holds, by number."""
    if log is None or not log.exists():
        return {}
    rows = [json.loads(row) for row in log.read_text(encoding="utf-8").splitlines()]
    return {row["number"]: row for row in rows}


def run(options: argparse.Namespace) -> dict[int, dict[str, Any]]:
    """All rows of the log once the numbers of this part stand in it."""
    done, langs = logged(options.log), tuple(options.lang.split(","))
    part, parts = map(int, options.part.split("/"))
    left = [n for n in range(options.count) if n not in done and n % parts == part]
    for number, said, m in measure(left, options.seed, langs):
        row = {"number": number, "outcome": said, "name": m.name, "kind": m.kind,
               "line": m.line, "text": m.text}  # fmt: skip
        done[number] = row
        if options.log is not None:
            with options.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return {n: row for n, row in done.items() if n < options.count}


def main() -> None:
    """Print the outcomes; exit status 1 below 99 %."""
    parser = argparse.ArgumentParser(description="plant faults, count how many are found")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lang", default="en,zh")
    parser.add_argument("--part", default="0/1")
    parser.add_argument("--log", type=Path)
    parser.add_argument("--show", type=int, default=0)
    options = parser.parse_args()
    rows = list(run(options).values())
    counts = Counter(row["outcome"] for row in rows)
    missed = [r for r in rows if r["outcome"].startswith(("missed", "equal: false"))]
    unequal = sum(n for what, n in counts.items() if not what.startswith("equal"))
    for what, n in counts.most_common():
        print(f"{n:6d}  {what}")
    share = counts["found"] / max(unequal, 1)
    names = {row["name"] for row in rows}
    print(f"found {share:.2%} of {unequal} faults in {len(names)} of {len(pool())} derivations")
    for row in missed[: options.show]:
        print("--- {name}, line {line}, {kind}: {outcome}\n{text}".format_map(row))
    sys.exit(share < 0.99 or counts["equal: false alarm"] > 0)


if __name__ == "__main__":
    main()
