"""Keys under which nothing lies any more leave the key file; killed at any moment, no key is lost."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from support.households import door, home
from support.world import TEST_PACKS, World, plant

from onegrid.county.registers.models import Resident
from onegrid.county.registers.services.loading import uploads
from onegrid.foundation.database import fields, rotation
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.kernel import sealed
from onegrid.foundation.messages import services as messages
from onegrid.shell.cli import keys
from onegrid.shell.cli.say import Trouble

NOW = datetime(2026, 3, 2, tzinfo=UTC)
KILLED = """
import os, signal, sys
from pathlib import Path
from onegrid.foundation.kernel import sealed
sealed._replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
sealed.retire_keys(Path(sys.argv[1]), [1], Path(sys.argv[2]))
"""


@pytest.fixture
def world(locality: str) -> World:
    """A planted locality."""
    with in_locality(locality):
        return plant(TEST_PACKS, locality)


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A data folder with a key file of its own."""
    (tmp_path / "keys").mkdir()
    shutil.copy(fields.key_file(), tmp_path / "keys" / "ring.json")
    monkeypatch.setattr(settings, "ONEGRID_DATA", tmp_path)
    fields.ring.cache_clear()
    yield tmp_path
    monkeypatch.undo()
    fields.ring.cache_clear()


def numbers(path: Path) -> set[int]:
    """The keys of a key file."""
    return {int(one) for one in json.loads(path.read_text("ascii"))["keys"]}


def turn() -> None:
    """Seal anew what lies under an older key; the app may not touch what is only ever added, and holds nothing here."""
    with in_locality("testland"):
        for table in rotation.tables():
            if all(one.key == rotation.newest()[1] for one in rotation.count(table)):
                continue
            step = rotation.Step(None, 1)
            while step.rows:
                step = rotation.step(table, step.after)


def test_only_a_key_under_which_nothing_lies_is_retired(
    data: Path, world: World, locality: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring, aside = fields.key_file(), data / "retired.json"
    monkeypatch.setattr(settings, "ONEGRID_DEMO", False)
    with in_locality(locality):
        person = home(door(world.leaf), {"name": "金丝雀一", "phone": "19000000001"}).residents.get()
        upload, _ = uploads.keep([b"x" * (2 * uploads.PIECE + 7)])
        messages.send("19000000001", "金丝雀", now=NOW)
    sealed.add_key(ring)
    fields.ring.renewed()
    assert keys.in_use([locality]) == {1, 2}
    turn()
    assert keys.in_use([locality]) == {1, 2}  # the upload, and the message on its way
    with in_locality(locality):
        assert messages.sealed_with() == uploads.sealed_with(locality) == {1}
        uploads.drop(upload)
    keys._move([locality], "retire", str(aside))
    assert (numbers(ring), aside.exists()) == ({1, 2}, False)
    monkeypatch.setattr(messages, "sealed_with", set)
    keys._move([locality], "retire", str(aside))
    assert (numbers(ring), numbers(aside)) == ({2}, {1})
    assert oct(aside.stat().st_mode & 0o777) == "0o600"
    with in_locality(locality):
        assert Resident.objects.get(pk=person.pk).name == "金丝雀一"
        assert fields.blind(Resident, "phone_index", "19000000001") == bytes(person.phone_index or b"")
    keys._move([locality], "return", str(aside))
    assert numbers(ring) == {1, 2}
    with pytest.raises(Trouble):
        keys._move([locality], "retire", None)


def test_killed_between_the_two_files_no_key_is_lost_and_it_goes_on(tmp_path: Path) -> None:
    ring, aside = tmp_path / "ring.json", tmp_path / "retired.json"
    first = sealed.ensure_ring(ring)
    sealed.add_key(ring)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(ring), str(aside)], env=dict(os.environ), check=False, timeout=60
    )
    assert killed.returncode == -signal.SIGKILL
    assert (numbers(ring), numbers(aside)) == ({1, 2}, {1})
    sealed.retire_keys(ring, [1], aside)
    assert (numbers(ring), sealed.load_ring(aside).keys) == ({2}, first.keys)
    with pytest.raises(ValueError, match="newest"):
        sealed.retire_keys(ring, [2], aside)
    other = tmp_path / "other.json"
    sealed.ensure_ring(other)
    with pytest.raises(ValueError, match="another key file"):
        sealed.return_keys(ring, other)
    sealed.add_key(ring)
    with pytest.raises(ValueError, match="other keys"):
        sealed.retire_keys(ring, [2], other)
