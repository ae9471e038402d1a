"""python -m derive.witness FILE: replay certificates, one line for each step.

FILE is a certificate or a JSON list of them; - is standard input.
Exit status: 0 all agree, 1 something is refuted, 2 something could not be read or is not covered.
"""

import json
import sys
from pathlib import Path

from derive.witness import replay

if __name__ == "__main__":
    seen = set()
    try:
        (name,) = sys.argv[1:]
        found = json.loads(sys.stdin.read() if name == "-" else Path(name).read_text("utf-8"))
        for report in map(replay, found if isinstance(found, list) else [found]):
            print(report)
            seen.add(report.verdict)
    except (OSError, ValueError, RecursionError) as why:
        print(f"not readable: {why}\n\n{__doc__}", file=sys.stderr)
        seen = {"not covered"}
    sys.exit(1 if "refuted" in seen else 2 if "not covered" in seen else 0)
