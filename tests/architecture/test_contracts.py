"""The import contracts hold, and each of them can fail."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINTER = Path(sys.executable).parent / "lint-imports"

PLANTED = {
    "Floors point down": ("foundation/journal/services/planted.py", "import onegrid.cases.events"),
    "Order inside foundation": ("foundation/kernel/planted.py", "import onegrid.foundation.packs.problems"),
    "Order inside county": ("county/grids/planted.py", "import onegrid.county.matters.events"),
    "Order inside programmes": ("programmes/planted.py", "import onegrid.cases.events"),
    "Order inside insight": ("insight/assessment/planted.py", "import onegrid.insight.command.schemas"),
    "Order inside a module": ("cases/rules/planted.py", "import onegrid.cases.models"),
    "HTTP never touches tables": ("cases/api.py", "import onegrid.cases.models"),
    "Rules, events, kernel and packs know no Django": ("cases/rules/planted.py", "import django"),
    "Insight only reads": ("insight/command/planted.py", "import onegrid.cases.flow.intake"),
}


def lint(folder: Path) -> str:
    done = subprocess.run(
        [str(LINTER), "--no-cache"],
        cwd=folder,
        env={"PYTHONPATH": str(folder / "src"), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    return re.sub(r"\x1b\[[0-9;]*m", "", done.stdout + done.stderr)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("house")
    ignored = shutil.ignore_patterns("pages", "__pycache__", ".pages-building", "migrations")
    shutil.copytree(ROOT / "src" / "onegrid", folder / "src" / "onegrid", ignore=ignored)
    shutil.copy(ROOT / ".importlinter", folder)
    return folder


def test_every_contract_has_a_planted_violation() -> None:
    told = configparser.ConfigParser()
    told.read(ROOT / ".importlinter")
    names = {told[section]["name"] for section in told.sections() if ":contract:" in section}
    assert names == set(PLANTED)


def test_contracts_hold(copy: Path) -> None:
    said = lint(copy)
    assert "0 broken" in said, said


@pytest.mark.parametrize("contract", PLANTED)
def test_contract_breaks_on_a_planted_violation(copy: Path, contract: str) -> None:
    place, line = PLANTED[contract]
    path = copy / "src" / "onegrid" / place
    before = path.read_text() if path.exists() else None
    path.write_text((before or "") + f"\n{line}\n")
    try:
        assert re.search(re.escape(contract) + r" BROKEN", lint(copy))
    finally:
        if before is None:
            path.unlink()
        else:
            path.write_text(before)
