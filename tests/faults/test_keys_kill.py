"""Sealing everything anew: killed in the middle nothing is lost, and it goes on; from one algorithm to the other."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from support.world import TEST_PACKS, plant

from onegrid.county.registers.models import Building, Dwelling, Household, Resident
from onegrid.foundation.accounts.models import Resident as Account
from onegrid.foundation.database import fields, rotation
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.kernel import sealed
from onegrid.programmes.patrols.models import TrackPart

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PEOPLE = 4000


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transactional_db: None) -> Iterator[Path]:
    """A data folder of its own with a key file, and a register sealed with its first key."""
    (tmp_path / "keys").mkdir()
    shutil.copy(fields.key_file(), tmp_path / "keys" / "ring.json")
    monkeypatch.setattr(settings, "ONEGRID_DATA", tmp_path)
    fields.ring.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    fields.ring.cache_clear()


def fill() -> dict[int, tuple[str, str | None]]:
    """Many residents; what they are called and their numbers."""
    with in_locality("testland"):
        leaf = plant(TEST_PACKS, "testland").leaf
        place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
        building = Building.objects.create(name="前街1号", lon=leaf.lon, lat=leaf.lat, **place)
        home = Household.objects.create(
            dwelling=Dwelling.objects.create(building=building, label="101", **place), **place
        )
        people = [
            Resident(
                pk=number, household=home, scope_path=leaf.scope_path, name=f"某{number}",
                phone=f"1900000{number:04d}" if number % 3 else None,
            )
            for number in range(1, PEOPLE + 1)
        ]  # fmt: skip
        Resident.objects.bulk_create(people)
        Account.objects.create(id=UUID(int=7), phone="19000000007", created_at=NOW)
    return told()


def told() -> dict[int, tuple[str, str | None]]:
    """Every resident as he opens now."""
    with in_locality("testland"):
        return {one.pk: (one.name, one.phone) for one in Resident.objects.order_by("pk")}


def begin(data: Path, *words: str, cipher: str = "aes-gcm") -> subprocess.Popen[str]:
    entry = settings.DATABASES["default"]
    env = os.environ | {
        "DATABASE_URL": f"postgresql://onegrid_owner@/{entry['NAME']}?host={entry['HOST']}",
        "ONEGRID_DATA": str(data),
        "ONEGRID_DB_ROLE": "owner",
        "ONEGRID_CIPHER": cipher,
        "DJANGO_SETTINGS_MODULE": "onegrid.shell.config.settings",
    }
    command = [sys.executable, "-m", "onegrid.shell.cli.main", "keys", *words, "--json"]
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process: subprocess.Popen[str]) -> tuple[int, dict[str, Any]]:
    out, said = process.communicate(timeout=120)
    assert out, said
    return process.returncode, json.loads(out)


def sealed_under() -> dict[int, int]:
    """Residents' names by key, as they lie."""
    with in_locality("testland"):
        return {
            one.key: one.cells
            for table in rotation.tables()
            if table.model is Resident
            for one in rotation.count(table)
            if one.column == "name"
        }


def test_killed_midway_it_opens_and_goes_on(data: Path) -> None:
    before = fill()
    connection.close()
    process = begin(data, "rotate", "--rate", "1500")
    for _ in range(600):
        moved = sealed_under().get(2, 0)
        if 0 < moved < PEOPLE:
            break
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    moved = sealed_under()
    assert 0 < moved[2] < PEOPLE
    assert told() == before  # this process learns of the new key by itself
    assert ended(begin(data, "status"))[0] == 1
    code, status = ended(begin(data, "rotate"))
    assert (code, status["key"], status["left"]) == (0, 2, 0)  # the same key, not another
    assert told() == before
    assert sealed_under() == {2: PEOPLE}
    with in_locality("testland"):
        assert fields.blind(Resident, "phone_index", "19000000001") == bytes(
            Resident.objects.values_list("phone_index", flat=True).get(pk=1) or b""
        )


def test_from_one_algorithm_to_the_other_and_back(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fill()
    connection.close()
    for cipher, key in (("sm4-gcm", 2), ("aes-gcm", 3)):
        code, status = ended(begin(data, "rotate", "--rate", "100000", cipher=cipher))
        assert (code, status["algorithm"], status["key"], status["left"]) == (0, cipher, key, 0)
        assert {row["algorithm"] for row in status["cells"]} == {cipher}
        assert told() == before


def test_every_sealed_column_of_every_table_is_turned(data: Path) -> None:
    """Also what may only be added, and what no hat sees: asked as the superuser, who sees all."""
    fill()
    with in_locality("testland"):
        columns = [(table.table, name) for table in rotation.tables() for name in table.columns]
    assert ("patrols_trackpart", "points") in columns
    assert ("accounts_user", "totp_secret") in columns
    with psycopg.connect(os.environ["ONEGRID_TEST_DSN"], dbname=settings.DATABASES["default"]["NAME"]) as admin:
        # Everything else about the row is left out: only that it is turned is asked.
        admin.execute("SET session_replication_role = replica")
        label = sealed.row_label(TrackPart._meta.db_table, "points", str(UUID(int=1)))
        admin.execute(
            "INSERT INTO testland.patrols_trackpart (id, scope_path, points, body, received_at, patrol_id)"
            " VALUES (%s, 'r.', %s, '', now(), %s)",
            [UUID(int=1), sealed.seal(fields.ring(), "[]", label), UUID(int=2)],
        )
    connection.close()
    assert ended(begin(data, "rotate"))[0] == 0
    with psycopg.connect(os.environ["ONEGRID_TEST_DSN"], dbname=settings.DATABASES["default"]["NAME"]) as admin:
        for table, name in columns:
            found = admin.execute(
                f"SELECT DISTINCT get_byte({name}, 3) FROM testland.{table} WHERE {name} IS NOT NULL"
            ).fetchall()
            assert found in ([], [(2,)]), (table, name)
        assert admin.execute("SELECT count(*) FROM testland.patrols_trackpart").fetchone() == (1,)
