"""Owners, tenants and places of work by sheet: each once, however often the sheet comes; nothing ends by an import."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.world import World

from onegrid.county.registers.models import Building, Change, Dwelling, Employment, Organisation, Resident, Tenure
from onegrid.foundation.database.context import Standing, acting
from tests.county.registers.test_loading import counts, load, number, sheet

NOW = datetime(2026, 3, 2, tzinfo=UTC)
DOORS = ("楼栋地址", "单元", "房号", "房主", "房主电话", "产权起始日期", "租客", "租客电话", "起租日期")
PEOPLE = ("楼栋地址", "单元", "房号", "姓名", "证件号码", "工作单位", "入职日期")
CODE = "91350199MA0TEXT12X"


@pytest.fixture
def place(world: World, locality: str) -> Standing:
    """Two organisations of one name, one of another, in the smallest grid of the first village."""
    standing = Standing(locality, "r.")
    with acting(standing):
        at: dict[str, Any] = {"grid_id": world.leaf.id, "scope_path": world.leaf.scope_path}
        Building.objects.create(name="前街1号", lon=world.leaf.lon, lat=world.leaf.lat, units=2, **at)
        Organisation.objects.create(name="前街商行", credit_code=CODE, **at)
        for _ in range(2):
            Organisation.objects.create(name="同名商行", **at)
    return standing


def test_who_owns_and_rents_comes_once(place: Standing, tmp_path: Path) -> None:
    rows = [
        ("前街1号", "1", "101", "陈试一", "19000000001", "2015-06-01", "林试二", "", ""),
        ("前街1号", "1", "102", "", "", "", "", "", ""),
    ]
    path = sheet(tmp_path, rows, DOORS)
    assert counts(load(place, path, "dwellings")) == (2, 0, 0, 0)
    later = NOW + timedelta(days=1)
    assert counts(load(place, path, "dwellings", at=later)) == (0, 0, 2, 0)
    with acting(place):
        owner, tenant = Tenure.objects.order_by("role")
        assert (owner.role, owner.name, owner.phone, owner.since) == (
            "owner", "陈试一", "19000000001", date(2015, 6, 1),
        )  # fmt: skip
        assert (tenant.role, tenant.name, tenant.phone, tenant.since) == ("tenant", "林试二", None, None)
        assert {owner.scope_path, tenant.scope_path} == {Dwelling.objects.first().scope_path}  # type: ignore[union-attr]
    # What was not known is taken over; another tenant is another tenure, and nobody's ends.
    more = [("前街1号", "1", "101", "陈试一", "", "", "林试二", "19000000002", "2023-09-01"), rows[1]]
    assert counts(load(place, sheet(tmp_path, more, DOORS), "dwellings", at=later)) == (0, 1, 1, 0)
    other = [("前街1号", "1", "101", "", "", "", "黄试三", "", ""), rows[1]]
    assert counts(load(place, sheet(tmp_path, other, DOORS), "dwellings", at=later)) == (0, 1, 1, 0)
    with acting(place):
        told = {(one.name, one.phone, one.since, one.until) for one in Tenure.objects.filter(role="tenant")}
        assert told == {("林试二", "19000000002", date(2023, 9, 1), None), ("黄试三", None, None, None)}
        assert Tenure.objects.get(role="owner").phone == "19000000001"
        changes = Change.objects.filter(kind="dwellings", action="changed")
        assert [one.fields for one in changes] == [["tenures"], ["tenures"]]
        assert not any(word in str(one.after) for one in changes for word in ("林试二", "黄试三", "19000000002"))


def test_a_holder_of_the_register_is_known_by_his_name(place: Standing, tmp_path: Path) -> None:
    load(place, sheet(tmp_path, [("前街1号", "1", "101", "陈试一", number(1), "", "")], PEOPLE))
    with acting(place):
        person = Resident.objects.get()
        door = person.household.dwelling
        Tenure.objects.create(dwelling=door, role="owner", resident=person, scope_path=door.scope_path)
    rows = [("前街1号", "1", "101", "陈试一", "19000000001", "", "", "", "")]
    assert counts(load(place, sheet(tmp_path, rows, DOORS), "dwellings")) == (0, 0, 1, 0)
    with acting(place):
        assert Tenure.objects.get().phone is None  # his number stands with himself


def test_where_they_work_comes_once_and_what_is_unknown_is_told(place: Standing, tmp_path: Path) -> None:
    rows = [
        ("前街1号", "1", "101", "陈试一", number(1), CODE, "2019-03-01"),
        ("前街1号", "1", "101", "林试二", number(2), "没有这家", ""),
        ("前街1号", "1", "101", "黄试三", number(3), "同名商行", ""),
        ("前街1号", "1", "102", "吴试四", number(4), "", ""),
    ]
    run = load(place, sheet(tmp_path, rows, PEOPLE))
    assert counts(run) == (2, 0, 0, 2)
    again = load(place, sheet(tmp_path, rows, PEOPLE), at=NOW + timedelta(days=1))
    assert counts(again) == (0, 0, 2, 2)
    named = [(*rows[0][:5], "前街商行", ""), (*rows[3][:5], "前街商行", "2020-01-01")]
    assert counts(load(place, sheet(tmp_path, named, PEOPLE), at=NOW + timedelta(days=2))) == (0, 1, 1, 0)
    with acting(place):
        told = {(one.resident.name, one.organisation.name, one.since) for one in Employment.objects.all()}
        assert told == {("陈试一", "前街商行", date(2019, 3, 1)), ("吴试四", "前街商行", date(2020, 1, 1))}
        batch = [problem for one in run.batches.all() for problem in one.problems]
        assert {(column, reason.rpartition(".")[2]) for _, column, _, reason, _ in batch} == {
            ("works_at", "organisation_unknown"), ("works_at", "several_known"),
        }  # fmt: skip
        (change,) = Change.objects.filter(kind="residents", action="changed")
        assert change.fields == ["employments"]
