"""Rules of the house that no tool knows."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "onegrid"
LONGEST_FILE = 400
LONGEST_FUNCTION = 60


def sources() -> Iterator[Path]:
    return (path for path in SOURCE.rglob("*.py") if "migrations" not in path.parts)


def test_no_locality_is_named_in_code() -> None:
    names = [path.parent.name for path in (ROOT / "localities").glob("*/pack.yaml") if path.parent.name != "base"]
    assert names
    titles = [yaml.safe_load((ROOT / "localities" / name / "pack.yaml").read_text())["title"]["zh"] for name in names]
    pattern = re.compile("|".join(re.escape(word) for word in [*names, *titles]))
    # In an example inside a docstring or comment a name is fine; in anything that runs it is not.
    named = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for node in _running_texts(ast.parse(path.read_text()))
        if pattern.search(str(node.value))
    ]
    assert named == []


def _running_texts(tree: ast.AST) -> Iterator[ast.Constant]:
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node


def test_files_stay_readable() -> None:
    lines = {str(path.relative_to(SOURCE)): _lines(path) for path in sources()}
    long = {name: count for name, count in lines.items() if count > LONGEST_FILE}
    assert long == {}


def test_functions_stay_readable() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {node.end_lineno - node.lineno + 1}"
        for path in sources()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    assert long == []


def test_no_first_party_import_inside_a_function() -> None:
    inside = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sources()
        for function in ast.walk(ast.parse(path.read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if (isinstance(node, ast.ImportFrom) and (node.module or "").startswith("onegrid"))
        or (isinstance(node, ast.Import) and any(name.name.startswith("onegrid") for name in node.names))
    ]
    assert inside == []


def test_every_module_says_where_to_start() -> None:
    modules = [
        SOURCE / floor / name
        for floor in ("foundation", "county", "programmes", "insight")
        for name in sorted(path.name for path in (SOURCE / floor).iterdir() if (path / "__init__.py").is_file())
    ]
    silent = [
        str(path.relative_to(ROOT))
        for path in [*modules, SOURCE / "cases", SOURCE / "shell"]
        if not (path / "README.md").is_file() or "start here" not in (path / "README.md").read_text().lower()
    ]
    assert silent == []


def test_no_triggers_and_no_signals() -> None:
    """The database stays movable between nodes, and effects stay visible in the flow."""
    migrations = "\n".join(path.read_text() for path in SOURCE.rglob("migrations/*.py"))
    assert not re.search(r"CREATE\s+(CONSTRAINT\s+)?TRIGGER", migrations, re.IGNORECASE)
    assert "GenericForeignKey" not in "\n".join(path.read_text() for path in sources())


def _lines(path: Path) -> int:
    return len(path.read_text().splitlines())
