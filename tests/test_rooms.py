"""The direction of imports: each room knows only the rooms below it."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BELOW = {
    "derive.language": set(),
    "derive.witness": set(),
    "derive.prover": {
        *("language", "calculus", "primitives", "normal", "domains"),
        *("statement", "functions", "terms", "errors"),
    },
    "derive.normal": {"language", "statement", "terms", "errors", "positivity"},
    "derive.domains": {
        *("language", "normal", "positivity", "primitives", "statement", "terms"),
    },
    "derive.positivity": {"language"},
    "derive.calculus": {"language", "terms", "errors"},
    "derive.rules": {"language", "functions", "matching"},
}  # fmt: skip


def modules(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return found


def strays(path: Path, name: str) -> set[str]:
    """Imports of a module that its room does not allow."""
    allowed = BELOW[name]
    ours = {m.split(".")[1] for m in imported(path) if m.startswith("derive.")}
    own = {name.split(".")[1]}
    return ours - allowed - own


@pytest.mark.parametrize("name", BELOW)
def test_a_room_imports_only_what_is_below_it(name: str) -> None:
    path = ROOT / (name.replace(".", "/") + ".py")
    paths = [path] if path.exists() else modules(name.replace(".", "/"))
    assert paths
    assert not set().union(*(strays(p, name) for p in paths))


@pytest.mark.parametrize("path", modules("derive"), ids=lambda p: p.stem)
def test_derive_knows_nothing_of_codegen(path: Path) -> None:
    assert not {m for m in imported(path) if m.split(".")[0] in ("codegen", "lossmith")}


@pytest.mark.parametrize("path", modules("codegen"), ids=lambda p: p.stem)
def test_codegen_knows_nothing_of_the_front_door(path: Path) -> None:
    assert not {m for m in imported(path) if m.split(".")[0] == "lossmith"}


def circle(paths: list[Path]) -> list[str]:
    """Modules of one room that import each other in a circle, wherever an import stands in them."""
    room = ".".join(paths[0].relative_to(paths[0].parents[2]).parts[:-1])
    below = {
        p.stem: {m.removeprefix(f"{room}.").split(".")[0] for m in imported(p)
                 if m.startswith(f"{room}.")} & {q.stem for q in paths}
        for p in paths
    }  # fmt: skip
    while free := [name for name, needs in below.items() if not needs]:
        below = {n: needs - {*free} for n, needs in below.items() if n not in free}
    return sorted(below)


def test_no_modules_of_the_reader_import_each_other_in_a_circle() -> None:
    assert circle(modules("derive/reading")) == []


def test_a_planted_circle_is_seen(tmp_path: Path) -> None:
    room = tmp_path / "derive" / "reading"
    room.mkdir(parents=True)
    (room / "rows.py").write_text("def f():\n    from derive.reading.signs import g\n")
    (room / "signs.py").write_text("from derive.reading.rows import f\n")
    (room / "words.py").write_text("from derive.reading.rows import f\n")
    assert circle([room / "rows.py", room / "signs.py"]) == ["rows", "signs"]
    assert circle([room / "rows.py", room / "words.py"]) == []


def test_the_witness_knows_neither_sympy_nor_the_project() -> None:
    for path in modules("derive/witness"):
        roots = {m.split(".")[0] for m in imported(path)}
        assert "sympy" not in roots
        assert not {
            m
            for m in imported(path)
            if m.startswith("derive.") and not m.startswith("derive.witness")
        }


@pytest.mark.parametrize(
    "path", [p for f in ("derive", "codegen") for p in modules(f)], ids=lambda p: p.stem
)
def test_text_is_never_evaluated(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    called = {
        n.func.id
        for n in ast.walk(tree)
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)
    }
    assert not called & {"eval", "parse_expr", "parse_latex"}


def test_a_planted_import_is_seen(tmp_path: Path) -> None:
    planted = tmp_path / "calculus.py"
    planted.write_text("from derive.engine import Chain\n")
    assert strays(planted, "derive.calculus") == {"engine"}
