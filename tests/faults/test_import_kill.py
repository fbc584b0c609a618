"""An import killed at any instant goes on exactly behind its last batch, and ends as if never stopped.

The killed ones read in a process of their own, which must end with them; the whole one reads in its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from county.registers.test_loading import number, sheet
from django.conf import settings
from django.db import connection
from support.world import TEST_PACKS, plant

from onegrid.county.matters import selectors as matters
from onegrid.county.registers.models import Building, Change, Dwelling, Household, Import, Resident
from onegrid.county.registers.services import loading
from onegrid.county.registers.services.loading import running
from onegrid.foundation.database.context import Standing, acting, in_locality

NOW = datetime(2026, 3, 2, tzinfo=UTC)
BATCH = 60
ROWS = 900
WORKER = """
import sys, django
django.setup()
from datetime import UTC, datetime
from pathlib import Path
from onegrid.county.registers.services import loading
from onegrid.county.registers.services.loading import running
from onegrid.foundation.database.context import Standing
running.BATCH, running.LARGE = int(sys.argv[2]), 0
loading.import_file(
    Standing("testland", "r."), Path(sys.argv[1]), loading.Wish("residents", resume=True),
    lambda: datetime(2026, 3, 2, tzinfo=UTC), report=lambda run: print(run.last_row, flush=True),
)
"""


def rows() -> list[tuple[Any, ...]]:
    """Families of four in two streets; every 50th row has no such building, every 70th is there twice."""
    found = []
    for at in range(ROWS):
        street = "无此街9号" if at % 50 == 49 else f"前街{at // 300 + 1}号"
        who = at - 1 if at % 70 == 69 else at
        door = (street, str(at // 100 % 3 + 1), f"{at // 4 % 25 + 1}01", f"H{at // 8}")
        name = f"试{chr(0x4E00 + who)}"
        found.append((*door, "其他", name, "", "", number(who % 900 + 1, f"19{who // 900 + 60}0101"), ""))
    return found


def planted(locality: str) -> None:
    """The county with three buildings."""
    matters.forget()
    with in_locality(locality):
        world = plant(TEST_PACKS, "testland")
        for at in (1, 2, 3):
            Building.objects.create(
                grid_id=world.leaf.id, scope_path=world.leaf.scope_path, name=f"前街{at}号", lon=world.leaf.lon,
                lat=world.leaf.lat,
            )  # fmt: skip


def content(locality: str) -> tuple[Any, ...]:
    """Everything the file put there, without the numbers rows happened to get."""
    with in_locality(locality):
        people = sorted(
            (one.name, one.id_number, one.household.number, one.household.dwelling.label, one.version)
            for one in Resident.objects.select_related("household__dwelling")
        )
        homes = sorted(Household.objects.values_list("dwelling__building__name", "dwelling__label", "number", "people"))
        runs = list(Import.objects.values_list("state", "added", "changed", "same", "bad"))
        batches = list(Import.objects.get().batches.order_by("pk").values_list("first_row", "last_row", "problems"))
        kinds = sorted(Change.objects.values_list("kind", "action"))
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM registers_searchterms WHERE kind = 1")
            terms = cursor.fetchone()
        return people, homes, Dwelling.objects.count(), runs, batches, kinds, terms


@pytest.mark.django_db(transaction=True)
def test_killed_again_and_again_it_ends_as_if_never_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", BATCH)
    path = sheet(tmp_path, rows())
    planted("testland")
    planted("otherland")
    connection.close()
    wish = loading.Wish("residents")
    whole = loading.import_file(Standing("otherland", "r."), path, wish, lambda: NOW)
    assert (whole.state, whole.added + whole.bad) == ("done", ROWS)
    assert whole.added > ROWS * 0.9
    connection.close()

    entry = settings.DATABASES["default"]
    env = os.environ | {
        "DATABASE_URL": f"postgresql:///{entry['NAME']}?host={entry['HOST']}",
        "ONEGRID_DATA": str(settings.ONEGRID_DATA),
        "DJANGO_SETTINGS_MODULE": "onegrid.shell.config.settings",
    }
    reached = []
    for lines in (2, 1, 4):
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, str(path), str(BATCH)], env=env, stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        for _ in range(lines):
            process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with acting(Standing("testland", "r.")):
            run = Import.objects.get()
            reached.append(run.last_row)
            assert run.state == "running"
            assert run.added + run.bad == run.batches.count() * BATCH == run.last_row - 1
            assert Resident.objects.count() == run.added
    assert reached == sorted(reached) and reached[-1] < ROWS
    loading.import_file(Standing("testland", "r."), path, loading.Wish("residents", resume=True), lambda: NOW)
    assert content("testland") == content("otherland")
