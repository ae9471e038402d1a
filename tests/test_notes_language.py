"""A third language of the notes is one file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from codegen.notes import book as notes
from codegen.notes.vocabulary import fixed
from derive import languages
from derive.errors import DeriveError

TOY = """\
[rules]
"quotient-rule" = "règle du quotient"

[words]
tag = "fr"
derivation = "Calcul"

[texts]
"Softmax" = "La fonction softmax"

[chapter]
text = '''
# Un chapitre

Voici $p_i$ :

:: derivation softmax/diagonal
'''
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of phrases with one more file in it."""
    for path in languages.FOLDER.glob("*.toml"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "fr.toml").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(languages, "FOLDER", tmp_path)
    yield tmp_path
    for cached in (languages.language, fixed):
        cached.cache_clear()


def test_a_third_language_is_one_file(toy: Path) -> None:
    for to in notes.FORMATS:
        made = notes.texts(["chapter"], "fr", to)
        whole = "".join(map(str, made.values()))
        assert "Un chapitre" in whole and "règle du quotient" in whole
    assert "La fonction softmax" in str(notes.texts(["softmax"], "fr", "html"))
    assert '<html lang="fr">' in str(notes.texts(["softmax"], "fr", "html"))


def test_a_language_with_an_unknown_key_is_refused(toy: Path) -> None:
    (toy / "fr.toml").write_text('[rules]\n"quotient" = "x"\n', encoding="utf-8")
    with pytest.raises(DeriveError, match=r"fr.toml has \[rules\] quotient"):
        notes.texts(["softmax"], "fr", "html")
