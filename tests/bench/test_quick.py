"""Every measurement runs, in seconds, and ends with a line of JSON that says what was measured against what."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem.replace("_", "-") for path in (ROOT / "bench").glob("[a-z]*.py"))
EVERY = {"name", "value", "unit", "floor", "ratio", "n", "runs"}


def test_there_are_measurements() -> None:
    assert {"intake", "locate", "dashboard", "queue", "classify", "feed", "sweep"} <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_runs_and_says_what_it_measured(name: str, tmp_path: Path) -> None:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ONEGRID_", "DATABASE_URL"))}
    done = subprocess.run(
        [sys.executable, "-m", "onegrid.shell.cli.main", "bench", name, "--quick", "--json"],
        cwd=ROOT, env={**inherited, "ONEGRID_DATA": str(tmp_path)}, capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told.keys() >= EVERY
    assert told["name"] == name
    assert told["value"] > 0
    assert told["floor"] > 0
