"""`onegrid import`: by hand with a report, and as the background runs what was uploaded at the desk."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from county.registers.test_loading import FAMILY, number, sheet
from django.conf import settings
from django.db import connection
from support.world import TEST_PACKS, plant

from onegrid.county.matters import selectors as matters
from onegrid.county.registers import tasks
from onegrid.county.registers.models import Building, Import, Resident
from onegrid.county.registers.services.loading import desk
from onegrid.foundation.database.context import in_locality

NOW = datetime(2026, 3, 2, tzinfo=UTC)
CANARY = "金丝雀"


def command(*words: str) -> subprocess.CompletedProcess[str]:
    """`onegrid import …` against the test's database."""
    entry = settings.DATABASES["default"]
    env = os.environ | {
        "DATABASE_URL": f"postgresql:///{entry['NAME']}?host={entry['HOST']}",
        "ONEGRID_DATA": str(settings.ONEGRID_DATA),
        "ONEGRID_DB_ROLE": "app",
    }
    line = [sys.executable, "-m", "onegrid.shell.cli.main", "import", "--locality", "testland", *words]
    return subprocess.run(line, env=env, capture_output=True, text=True, check=False)


@pytest.mark.django_db(transaction=True)
def test_by_hand_and_in_the_background(tmp_path: Path) -> None:
    matters.forget()
    with in_locality("testland"):
        world = plant(TEST_PACKS, "testland")
        for name in ("前街1号", "前街2号"):
            Building.objects.create(
                grid_id=world.leaf.id, scope_path=world.leaf.scope_path, name=name, lon=world.leaf.lon,
                lat=world.leaf.lat,
            )  # fmt: skip
    connection.close()
    bad: list[tuple[Any, ...]] = [("后街9号", "1", "101", "", "", CANARY, "", "", number(8), "19000000008")]
    path, report = sheet(tmp_path, [*FAMILY, *bad]), tmp_path / "report.xlsx"

    dry = command("residents", str(path), "--dry-run", "--json")
    assert (dry.returncode, json.loads(dry.stdout)[0]["added"]) == (2, 3), dry.stderr
    done = command("residents", str(path), "--json", "--report", str(report))
    told = json.loads(done.stdout)[0]
    assert (done.returncode, told["state"], told["added"], told["bad"]) == (2, "done", 3, 1), done.stderr
    for said in (dry, done):
        assert CANARY not in said.stdout + said.stderr and number(8) not in said.stdout + said.stderr
    assert CANARY in {cell.value for cell in openpyxl.load_workbook(report).worksheets[0][2]}

    unknown = command("people", str(path))
    assert unknown.returncode == 1 and "there is no register 'people'" in unknown.stderr
    lacking = command("residents", str(sheet(tmp_path, [("x",)], ("电话",), "other.csv")))
    assert lacking.returncode == 1 and "lacks a column" in lacking.stderr

    with in_locality("testland"):
        actor = world.staff("dispatcher", scope="r.")
        rows = [("前街2号", "1", "201", "", "户主", "张试四", "男", "", number(5), "")]
        run = desk.upload(actor, "residents", "a.csv", [sheet(tmp_path, rows).read_bytes()], at=NOW)
        desk.start(actor, run, mode="all_good", dry_run=False, at=NOW)
    assert tasks.next_import("testland", NOW) == run.pk
    connection.close()
    ran = command("--run", str(run.pk))
    assert ran.returncode == 0, ran.stderr
    with in_locality("testland"):
        assert (Import.objects.get(pk=run.pk).state, Resident.objects.count()) == ("done", 4)
    assert tasks.next_import("testland", NOW) is None
