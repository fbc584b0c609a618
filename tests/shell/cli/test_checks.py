"""Which steps go side by side, and which page tests are walked a second time and what that may and may not excuse."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
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


@pytest.mark.parametrize(
    ("words", "order", "code"),
    [
        ([], ["lint", "types", "contracts", "pages", "pytest", "browser"], 1),
        (["pytest", "lint", "--", "-k", "clocks"], ["pytest", "lint"], 0),
        (["pages", "types"], ["types", "pages"], 1),
    ],
)
def test_what_keeps_one_processor_busy_goes_beside_the_pages(
    words: list[str], order: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    met = threading.Barrier(2, timeout=20)

    def step(name: str) -> object:
        def run(extra: Sequence[str]) -> tuple[str, str]:
            if "pages" in order and name in ("types", "pages"):
                met.wait()
            checks._say(f"{name} says {' '.join(extra)}\n")
            return ("failed" if name == "types" else "ok"), f"{name} done"

        return run

    for name in checks.STEPS:
        monkeypatch.setitem(checks.STEPS, name, step(name))
    assert checks.main(words) == code
    said, summary = capsys.readouterr().out.split("── summary ──")
    assert [line.split()[1] for line in summary.strip().splitlines()] == order
    for name in order:
        assert f"── {name} ──\n{name} says {'-k clocks' if '--' in words else ''}\n" in said
