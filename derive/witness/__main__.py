"""python -m derive.witness FILE: replay certificates, one line for each step.

FILE is a certificate or a JSON list of them; - is standard input.
Exit status: 0 all agree, 1 something is refuted, 2 something could not be read or is not covered.
"""

import json
import sys
from pathlib import Path
from typing import Any

from derive.witness import WitnessError, replay

STATUS = {"agrees": 0, "refuted": 1, "not covered": 2}


def report(certificate: Any) -> int:
    """Replay one certificate and print what came of it; gives its exit status."""
    try:
        made = replay(certificate)
    except WitnessError as why:
        print(f"not readable: {why}", file=sys.stderr)
        return 2
    for step in made.steps:
        print(f"{made.name} step {step.number} {step.rule}: {step.verdict}")
    for problem in made.problems:
        print(f"{made.name}: refuted: {problem}")
    return STATUS[made.verdict]


def main(arguments: list[str]) -> int:
    """Run the command line; gives the exit status."""
    try:
        (name,) = arguments
        raw = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        found = json.loads(raw)
        seen = [report(made) for made in (found if isinstance(found, list) else [found])]
    except (OSError, ValueError, RecursionError) as why:
        print(f"not readable: {why}\n\n{__doc__}", file=sys.stderr)
        return 2
    return 1 if 1 in seen else max(seen, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
