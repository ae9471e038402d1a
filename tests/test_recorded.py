"""The list by the ledger: only if it was made of exactly these sources, and only what it proves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from codegen import command_line, front
from derive import catalog, ledger


@pytest.fixture
def text() -> str:
    return ledger.markdown(ledger.cells([catalog.entry("logsumexp")]))


def test_a_ledger_of_these_sources_is_read(text: str) -> None:
    found = ledger.recorded(text)
    assert found == {"logsumexp": list(ledger.EVERY)}


def test_what_is_not_replayed_does_not_count(text: str) -> None:
    lines = text.split("\n")
    at = next(c for c, line in enumerate(lines) if line.startswith("| logsumexp | jvp |"))
    lines[at] = "| ✓ | – |".join(lines[at].rsplit("| ✓ | ✓ | – |", 1)).replace("| – |", "| – | – |")
    found = ledger.recorded("\n".join(lines))
    assert found is not None and "jvp" not in found["logsumexp"]


def test_a_ledger_of_other_sources_is_not_believed(text: str) -> None:
    assert ledger.recorded(text.replace(ledger.fingerprint(), "0" * 64)) is None
    assert ledger.recorded("# Ledger\n") is None


def test_a_changed_source_changes_the_fingerprint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ledger, "__file__", str(tmp_path / "ledger.py"))
    (tmp_path / "rules.py").write_text("a = 1\n", encoding="utf-8")
    first = ledger.fingerprint()
    (tmp_path / "rules.py").write_text("a = 2\n", encoding="utf-8")
    assert ledger.fingerprint() != first


def test_the_command_lists_by_the_ledger(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = tmp_path / "ledger.md"
    made.write_text(text, encoding="utf-8")
    monkeypatch.setattr(front, "LEDGER", made)

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("nothing is to be derived")

    monkeypatch.setattr(command_line, "listed", never)
    done = CliRunner().invoke(command_line.app, ["list"])
    assert done.exit_code == 0 and "exactly these sources" in done.stdout
    assert any("logsumexp" in line and " 5 " in line for line in done.stdout.split("\n"))
