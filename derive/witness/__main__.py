"""python -m derive.witness FILE: replay certificates, one line for each step.

Exit status: 0 all agree, 1 something is refuted, 2 something could not be read or is not covered.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from derive.witness import WitnessError, replay

STATUS = {"agrees": 0, "refuted": 1, "not covered": 2}


def load(name: str) -> list[Any]:
    """The certificates in a file, or in standard input for "-"."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        found = json.loads(text)
    except (OSError, ValueError, RecursionError) as why:
        raise WitnessError(f"{name} cannot be read as JSON: {why}") from why
    return found if isinstance(found, list) else [found]


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


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m derive.witness", description=__doc__)
    parser.add_argument("file", help="a certificate or a JSON list of them; - is standard input")
    try:
        seen = [report(certificate) for certificate in load(parser.parse_args(arguments).file)]
    except WitnessError as why:
        print(f"not readable: {why}", file=sys.stderr)
        return 2
    return 1 if 1 in seen else max(seen, default=0)


if __name__ == "__main__":
    sys.exit(main())
