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
ONE_COUNTY = ("dashboard", "queue")
"""These look at the same cases, so the second finds them there."""
OWN = ("intake",)
"""Fills the database that the county has as well."""
EVERY = {"name", "value", "unit", "floor", "ratio", "n", "runs"}


def test_there_are_measurements() -> None:
    assert {"intake", "locate", "dashboard", "queue", "classify", "feed", "sweep"} <= set(NAMES)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that measurements use one after the other: its server and its empty tables are made once."""
    return tmp_path_factory.mktemp("bench")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.xdist_group("county") if name in ONE_COUNTY else ()) for name in NAMES],
)
def test_it_runs_and_says_what_it_measured(name: str, tmp_path: Path, shared: Path) -> None:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("ONEGRID_", "DATABASE_URL"))}
    data = tmp_path if name in OWN else shared
    done = subprocess.run(
        [sys.executable, "-m", "onegrid.shell.cli.main", "bench", name, "--quick", "--json"],
        cwd=ROOT, env={**inherited, "ONEGRID_DATA": str(data)}, capture_output=True, text=True, timeout=240,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told.keys() >= EVERY
    assert told["name"] == name
    assert told["value"] > 0
    assert told["floor"] > 0
