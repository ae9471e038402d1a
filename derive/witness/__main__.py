"""python -m derive.witness FILE: replay certificates, one line for each step.

Exit status: 0 all agree, 1 something is refuted, 2 something could not be read or is not covered.
"""

from __future__ import annotations

import argparse
import json
import sys
from typing import Any

from derive.witness import Report, WitnessError, replay


def load(name: str) -> list[Any]:
    """The certificates in a file, or in standard input for "-"."""
    try:
        if name == "-":
            found = json.load(sys.stdin)
        else:
            with open(name, encoding="utf-8") as file:
                found = json.load(file)
    except (OSError, ValueError, RecursionError) as why:
        raise WitnessError(f"{name} cannot be read as JSON: {why}") from why
    return found if isinstance(found, list) else [found]


def lines(report: Report) -> list[str]:
    """What is printed of a report."""
    made = []
    for step in report.steps:
        v = step.verdict
        detail = v.method or v.reason or str(v.counterexample)
        made.append(f"{report.name} step {step.number} {step.rule}: {v.verdict}: {detail}")
    return made + [f"{report.name}: refuted: {text}" for text in report.problems]


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m derive.witness", description=__doc__)
    parser.add_argument("file", help='a certificate or a list of them, as JSON ("-": standard input)')
    name = parser.parse_args(arguments).file
    status = {"agrees": 0, "refuted": 1, "not covered": 2}
    seen = {0}
    try:
        for certificate in load(name):
            try:
                report = replay(certificate)
            except WitnessError as why:
                print(f"not readable: {why}", file=sys.stderr)
                seen.add(2)
                continue
            print("\n".join(lines(report)))
            seen.add(status[report.verdict])
    except WitnessError as why:
        print(f"not readable: {why}", file=sys.stderr)
        return 2
    return 1 if 1 in seen else max(seen)


if __name__ == "__main__":
    sys.exit(main())
