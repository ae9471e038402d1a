"""Runs the benchmark of the kernels: `python benchmarks/bench_kernels.py [ROUNDS [FOLDER]]`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from codegen.bench_report import run

if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    run(Path(sys.argv[2] if len(sys.argv) > 2 else "docs"), rounds, print)
