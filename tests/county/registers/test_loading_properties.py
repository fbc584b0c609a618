"""For any file, any size of batch and any stops: resumed equals uninterrupted, and again changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from county.registers.test_loading import number, sheet
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.world import World

from onegrid.county.registers.models import Building, Household, Import, ImportBatch, Resident, Stay
from onegrid.county.registers.services import loading
from onegrid.county.registers.services.loading import files, running
from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.database.context import Standing, acting

NOW = datetime(2026, 3, 2, tzinfo=UTC)
rows = st.lists(
    st.tuples(
        st.sampled_from(["前街1号", "前街2号", "后街9号"]),
        st.sampled_from(["1", "2"]),
        st.sampled_from(["101", "201"]),
        st.sampled_from(["", "", "H1", "H2"]),
        st.sampled_from(["户主", "配偶", ""]),
        st.sampled_from(["陈试一", "林试二", "黄试三"]),
        st.just(""),
        st.sampled_from(["", "1980-01-01"]),
        st.sampled_from(["", *[number(at) for at in range(1, 6)]]),
        st.sampled_from(["", "19000000001"]),
    ),
    min_size=1,
    max_size=14,
)


@pytest.fixture
def place(world: World, locality: str) -> Standing:
    """Two buildings."""
    standing = Standing(locality, "r.")
    with acting(standing):
        for name in ("前街1号", "前街2号"):
            Building.objects.create(
                grid_id=world.leaf.id, scope_path=world.leaf.scope_path, name=name, lon=world.leaf.lon,
                lat=world.leaf.lat,
            )  # fmt: skip
    return standing


def begun(standing: Standing, path: Path) -> Import:
    """An import taken up."""
    with acting(standing):
        table = files.opened(path)
        mapping = files.whole_mapping(table, "residents", {})
        draft = loading.Draft("residents", path.name, files.digest_of(path), mapping, table.total, "utf-8")
        return loading.take_up(loading.begin(SYSTEM, draft, at=NOW).pk, at=NOW)


def content(standing: Standing, run: Import) -> tuple[Any, ...]:
    """What the register holds, and what the run says of it."""
    with acting(standing):
        people = sorted(
            (
                one.name, one.id_number or "", one.birth_date or "", one.phone or "", one.relation, one.version,
                one.household.number, one.household.dwelling.label, one.household.dwelling.building.name,
            )
            for one in Resident.objects.select_related("household__dwelling__building")
        )  # fmt: skip
        homes = sorted(Household.objects.values_list("dwelling__building__name", "dwelling__label", "number", "people"))
        book = list(ImportBatch.objects.filter(run=run.pk).order_by("pk").values_list("last_row", "bad", "problems"))
        told = Import.objects.get(pk=run.pk)
        return people, homes, Stay.objects.count(), book, (told.state, told.added, told.changed, told.same, told.bad)


def one_go(standing: Standing, path: Path) -> tuple[Any, ...]:
    """Without a stop."""
    run = begun(standing, path)
    running.Running(standing.locality, run, lambda: path, lambda: NOW, beside=False).go()
    return content(standing, run)


def by_steps(standing: Standing, path: Path) -> tuple[Any, ...]:
    """Every batch in a process of its own, as it were."""
    run = begun(standing, path)
    more = True
    while more:
        with acting(standing):
            found = Import.objects.get(pk=run.pk)
        more = running.Running(standing.locality, found, lambda: path, lambda: NOW, beside=False).step()
    return content(standing, run)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheet_rows=rows, size=st.integers(1, 6))
def test_resumed_after_every_batch_equals_uninterrupted(
    place: Standing, tmp_path: Path, sheet_rows: list[Any], size: int
) -> None:
    path = sheet(tmp_path, sheet_rows)
    kept, running.BATCH = running.BATCH, size  # type: ignore[misc]
    try:
        found = []
        for way in (one_go, by_steps):
            with transaction.atomic():
                found.append(way(place, path))
                transaction.set_rollback(True)
        assert found[0] == found[1]
    finally:
        running.BATCH = kept  # type: ignore[misc]


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sheet_rows=rows)
def test_the_same_file_again_adds_nobody(place: Standing, tmp_path: Path, sheet_rows: list[Any]) -> None:
    path = sheet(tmp_path, sheet_rows)
    with transaction.atomic():
        first = one_go(place, path)
        again = one_go(place, path)
        transaction.set_rollback(True)
    assert [person[0] for person in again[0]] == [person[0] for person in first[0]]
    assert again[4][1] == 0 and again[4][4] == first[4][4]
