"""An import whose process died says that it waits to go on, and is taken up again soon."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from support.world import World

from onegrid.county.registers import tasks
from onegrid.county.registers.models import Import
from onegrid.county.registers.services.loading import runs, telling
from onegrid.foundation.database.context import in_locality
from tests.county.registers.test_loading import NOW


def begun(**more: Any) -> Import:
    """A run of the desk that was heard of at `NOW`."""
    given = {"stored": "a", "state": "running", "last_row": 4000, "beat_at": NOW, "started_at": NOW, **more}
    return Import.objects.create(kind="residents", name="a.csv", digest="d", created_at=NOW, scope_path="r.", **given)


def title(run: Import, seconds: int) -> str:
    (one,) = telling.told([run], "en", now=NOW + timedelta(seconds=seconds))
    assert one["state"] == run.state
    return str(one["state_title"])


def test_it_says_so_and_is_taken_up(world: World, locality: str) -> None:
    assert world
    with in_locality(locality):
        run = begun()
        assert title(run, 5) != title(run, 25)
        assert "wait" in title(run, 25)
        assert "wait" not in title(begun(stored="", state="done"), 25)
    assert tasks.next_import(locality, NOW + timedelta(seconds=15)) is None
    assert tasks.next_import(locality, NOW + timedelta(seconds=25)) == run.pk
    tasks.beat(locality, run.pk, NOW + timedelta(seconds=24))
    assert tasks.next_import(locality, NOW + timedelta(seconds=25)) is None


def test_one_that_got_on_waits_at_once_one_that_did_not_is_left_a_while(world: World, locality: str) -> None:
    assert world
    with in_locality(locality):
        run = begun()
    assert tasks.at_row(locality, run.pk) == 4000
    assert not tasks.lost(locality, run.pk, 4000)  # it would die again at once
    assert tasks.next_import(locality, NOW) is None
    assert tasks.lost(locality, run.pk, 0)
    assert tasks.next_import(locality, NOW) == run.pk


def test_a_run_of_the_command_line_is_silent_between_its_batches(world: World, locality: str) -> None:
    assert world
    with in_locality(locality):
        run = begun(stored="")
        assert not runs.is_silent(run, NOW + timedelta(seconds=60))
        assert runs.is_silent(run, NOW + timedelta(seconds=91))
