"""Runs the programs of notebooks, each in a namespace of its own, and says as JSON what each
printed.

A program of its own: it is started by `codegen.backends.notebook` and imports nothing of this
project.
"""

import io
import json
import runpy
import sys
from contextlib import redirect_stdout
from pathlib import Path


def printed(path: str) -> str:
    """What the program printed."""
    caught = io.StringIO()
    with redirect_stdout(caught):
        runpy.run_path(path)
    return caught.getvalue()


if __name__ == "__main__":
    print(json.dumps({Path(p).stem: printed(p) for p in sys.argv[1:]}))
