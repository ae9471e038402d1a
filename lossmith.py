"""lossmith: losses written once in index notation; derived, proved, emitted and checked.

    import lossmith
    loss = lossmith.loss("cross_entropy")            # from the catalog, or from LaTeX
    d = lossmith.derive(loss, wrt="z_j")             # d.steps, d.result, d.certificate, d.latex("zh")
    k = lossmith.compile("cross_entropy", target="c", dtype="float32")
    value, grad = k.value_and_grad(logits, labels)
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from codegen.backends import latex, markdown, text
from codegen.compiling import TARGETS, compile, emit
from codegen.errors import CodegenError
from codegen.lesson import Lesson, chain, lesson
from derive import catalog as _catalog
from derive.catalog.entry import Entry
from derive.derivation import Derivation
from derive.errors import DeriveError, nearest
from derive.language import At
from derive.reading import read_statement
from derive.reading.reader import read_element
from derive.statement import Statement
from derive.strategy import derive as _derive
from derive.witness import WitnessError

__all__ = ["Derivation", "Statement", "catalog", "compile", "derive", "emit", "loss", "main"]
ERRORS = (DeriveError, CodegenError, WitnessError)
FORMATS = {"text": text.source, "latex": latex.source, "markdown": markdown.source}
