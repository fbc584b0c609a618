"""The committed contract is what the code says: the pages' types and other people's clients are made from it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ninja import Schema

from onegrid.shell.cli.main import main
from onegrid.shell.cli.openapi import contract

COMMITTED = Path(__file__).resolve().parents[2] / "openapi.json"


def test_the_contract_has_not_drifted() -> None:
    assert COMMITTED.read_text("utf-8") == contract(), "run: ./run openapi"


def test_check_says_so_when_it_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = tmp_path / "openapi.json"
    document = json.loads(contract())
    document["paths"].popitem()
    other.write_text(json.dumps(document))
    assert main(["openapi", "--check", "--output", str(other)]) == 1
    assert "run: ./run openapi" in capsys.readouterr().err
    assert main(["openapi", "--output", str(other)]) == 0
    assert main(["openapi", "--check", "--output", str(other)]) == 0


def test_every_operation_says_what_it_may_refuse() -> None:
    document = json.loads(contract())
    for path, operations in document["paths"].items():
        for verb, operation in operations.items():
            assert operation["operationId"], (path, verb)
            assert {"401", "403", "404", "422"} <= set(operation["responses"]), (path, verb)


def test_no_two_schemas_share_a_name() -> None:
    """The document keeps one of two schemas of a name and says nothing."""
    seen: dict[str, str] = {}
    waiting = [Schema]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if kind.__module__.startswith("onegrid."):
                assert seen.setdefault(kind.__name__, kind.__module__) == kind.__module__, kind.__name__
