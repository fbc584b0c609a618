"""Which page tests are walked a second time, and what that may and may not excuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from onegrid.shell.cli import checks

WALK = "tests/e2e/test_walk.py::test_a"


@pytest.mark.parametrize(
    ("failed", "second", "state"),
    [
        ([WALK], "ok", "ok"),
        ([WALK], "failed", "failed"),
        ([f"{WALK}{n}" for n in range(checks.FEW + 1)], "ok", "failed"),
        (["tests/cases/test_b.py::test_b"], "ok", "failed"),
        ([], "ok", "failed"),
    ],
)
def test_a_few_that_failed_abreast_go_again_alone(
    failed: list[str], second: str, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = tmp_path / ".pytest_cache" / "v" / "cache"
    known.mkdir(parents=True)
    (known / "lastfailed").write_text(json.dumps(dict.fromkeys(failed, True)))
    monkeypatch.setattr(checks, "PROJECT", tmp_path)
    monkeypatch.setattr(checks, "_pytest", lambda *words: (second, f"{len(words)} walked"))
    told, summary = checks._walked_again("2 failed")
    assert told == state
    assert "2 failed" in summary, "the first walk is told, too"
    assert ("test_a" in summary) == (state == "ok" or second == "failed")
