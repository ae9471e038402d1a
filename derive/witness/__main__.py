"""python -m derive.witness FILE: replay certificates, one line for each step.

FILE is a certificate or a JSON list of them; - is standard input.
Exit status: 0 all agree, 1 something is refuted, 2 something could not be read or is not covered.
"""

import json
import sys
from pathlib import Path

from derive.witness import replay

STATUS = {"agrees": 0, "refuted": 1, "not covered": 2}


def main(arguments: list[str]) -> int:
    """Run the command line; gives the exit status."""
    seen = []
    try:
        (name,) = arguments
        raw = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
        found = json.loads(raw)
        for made in map(replay, found if isinstance(found, list) else [found]):
            for step in made.steps:
                print(f"{made.name} step {step.number} {step.rule}: {step.verdict}")
            for problem in made.problems:
                print(f"{made.name}: refuted: {problem}")
            seen.append(STATUS[made.verdict])
    except (OSError, ValueError, RecursionError) as why:
        print(f"not readable: {why}\n\n{__doc__}", file=sys.stderr)
        return 2
    return 1 if 1 in seen else max(seen, default=0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
