"""Files into the register: what is new, what is known, what changes, what is refused."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from support.world import World

from onegrid.county.registers.models import Building, Change, Dwelling, Household, Import, ImportBatch, Resident, Stay
from onegrid.county.registers.services import loading
from onegrid.county.registers.services.loading import running
from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.database.bulk import update_rows
from onegrid.foundation.database.context import Standing, acting

NOW = datetime(2026, 3, 2, tzinfo=UTC)
HEAD = ("楼栋地址", "单元", "房号", "户号", "与户主关系", "姓名", "性别", "出生日期", "证件号码", "联系电话")


def number(order: int, born: str = "19800101", area: str = "350199") -> str:
    """An invented identity number with a right check digit."""
    body = f"{area}{born}{order:03d}"
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(a) * b for a, b in zip(body, weights, strict=True)) % 11]


def sheet(folder: Path, rows: Sequence[Sequence[Any]], head: Sequence[str] = HEAD, name: str = "sheet.csv") -> Path:
    """A csv file."""
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    path = folder / name
    path.write_text(out.getvalue(), "utf-8")
    return path


@pytest.fixture
def place(world: World, locality: str) -> Standing:
    """Two buildings in the first village's smallest grid; the importer works for the whole locality."""
    standing = Standing(locality, "r.")
    with acting(standing):
        for name in ("前街1号", "前街2号"):
            Building.objects.create(
                grid_id=world.leaf.id, scope_path=world.leaf.scope_path, name=name, lon=world.leaf.lon,
                lat=world.leaf.lat, units=2,
            )  # fmt: skip
    return standing


def load(standing: Standing, path: Path, kind: Any = "residents", *, at: datetime = NOW, **wish: Any) -> Import:
    """Import a file in one thread, inside the test's transaction."""
    with acting(standing):
        table = loading.files.opened(path)
        mapping = loading.files.whole_mapping(table, kind, {})
        draft = loading.Draft(kind, path.name, loading.files.digest_of(path), mapping, table.total, "utf-8", **wish)
        run = loading.begin(SYSTEM, draft, at=at)
        run = loading.take_up(run.pk, at=at)
    return running.Running(standing.locality, run, lambda: path, lambda: at, beside=False).go()


def counts(run: Import) -> tuple[int, int, int, int]:
    """Added, changed, same, bad."""
    return run.added, run.changed, run.same, run.bad


FAMILY = [
    ("前街1号", "1", "101", "", "户主", "陈试一", "男", "1980-01-01", number(1), "19000000001"),
    ("前街1号", "1", "101", "", "配偶", "林试二", "女", "", number(2), "19000000002"),
    ("前街2号", "2", "301", "H-7", "户主", "黄试三", "男", "", number(3), ""),
]


def test_residents_open_doors_and_households(place: Standing, tmp_path: Path) -> None:
    run = load(place, sheet(tmp_path, FAMILY))
    assert (run.state, counts(run)) == ("done", (3, 0, 0, 0))
    with acting(place):
        assert sorted(Dwelling.objects.values_list("building__name", "label", "unit", "room")) == [
            ("前街1号", "1单元101", "1", "101"),
            ("前街2号", "2单元301", "2", "301"),
        ]
        assert sorted(Household.objects.values_list("dwelling__label", "number", "people")) == [
            ("1单元101", "", 2),
            ("2单元301", "H-7", 1),
        ]
        first = Resident.objects.get(household__dwelling__label="1单元101", relation="head")
        assert (first.name, first.sex, first.birth_date, first.birth_year) == ("陈试一", 1, "1980-01-01", 1980)
        assert (first.id_number, first.phone, first.collected_at) == (number(1), "19000000001", NOW)
        assert first.scope_path == first.household.scope_path == first.household.dwelling.building.scope_path
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM registers_searchterms WHERE kind = 1 AND key = %s", [first.pk])
            assert cursor.fetchone() == (1,)


def test_again_changes_only_what_changed(place: Standing, tmp_path: Path) -> None:
    load(place, sheet(tmp_path, FAMILY))
    rows = [list(row) for row in FAMILY]
    rows[1][9] = "19000000099"
    rows[0][9] = ""
    run = load(place, sheet(tmp_path, rows), at=NOW + timedelta(days=1))
    assert counts(run) == (0, 1, 2, 0)
    with acting(place):
        phones = {one.name: (one.phone, one.version) for one in Resident.objects.all()}
        assert phones == {"陈试一": ("19000000001", 1), "林试二": ("19000000099", 2), "黄试三": (None, 1)}
        assert set(Resident.objects.values_list("collected_at", flat=True)) == {NOW + timedelta(days=1)}


def test_moving_leaves_a_stay(place: Standing, tmp_path: Path) -> None:
    load(place, sheet(tmp_path, FAMILY))
    rows = [("前街2号", "2", "301", "H-7", "配偶", "林试二", "女", "", number(2), "19000000002")]
    run = load(place, sheet(tmp_path, rows))
    assert counts(run) == (0, 1, 0, 0)
    with acting(place):
        stay = Stay.objects.get()
        moved = Resident.objects.get(pk=stay.resident_id)
        assert (stay.dwelling.label, stay.until) == ("1单元101", NOW.date())
        assert (moved.household.dwelling.label, moved.household.people) == ("2单元301", 2)


def test_without_a_number_name_and_birth_decide(place: Standing, tmp_path: Path) -> None:
    bare = [("前街1号", "1", "101", "", "", "陈试一", "", "1980-01-01", "", "")]
    assert counts(load(place, sheet(tmp_path, bare))) == (1, 0, 0, 0)
    assert counts(load(place, sheet(tmp_path, FAMILY[:1]))) == (0, 1, 0, 0)
    other = [("前街1号", "1", "101", "", "", "陈试一", "", "1990-01-01", "", "")]
    assert counts(load(place, sheet(tmp_path, other))) == (1, 0, 0, 0)
    with acting(place):
        assert sorted(Resident.objects.values_list("birth_year", "relation")) == [(1980, "head"), (1990, "")]


def test_bad_rows_are_told_and_the_others_go_in(place: Standing, tmp_path: Path) -> None:
    rows = [
        FAMILY[0],
        ("后街9号", "1", "101", "", "", "无楼者", "", "", number(8), ""),
        ("前街1号", "1", "102", "", "", "错号者", "", "", number(9)[:-1] + ("0" if number(9)[-1] != "0" else "1"), ""),
        ("前街1号", "1", "103", "", "", "重复者", "", "", number(1), ""),
    ]
    run = load(place, sheet(tmp_path, rows))
    assert (run.state, counts(run)) == ("done", (1, 0, 0, 3))
    with acting(place):
        problems = [(*one[:2], one[3].rpartition(".")[2]) for one in ImportBatch.objects.get().problems]
    assert problems[0] == (3, "building", "building_unknown")
    assert problems[1][:2] == (4, "id_number")
    assert problems[2] == (5, "", "twice_in_file")
    with acting(place):
        assert number(9)[:-1] not in str(ImportBatch.objects.get().problems)
        assert Resident.objects.count() == 1


def test_a_batch_with_a_bad_row_stays_out_when_so_wished(
    place: Standing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 2)
    rows = [*FAMILY, ("后街9号", "1", "101", "", "", "无楼者", "", "", number(8), "")]
    run = load(place, sheet(tmp_path, rows), mode="whole_batch")
    assert counts(run) == (2, 0, 0, 2)
    with acting(place):
        assert Resident.objects.count() == 2
        reasons = [one[3].rpartition(".")[2] for batch in ImportBatch.objects.order_by("pk") for one in batch.problems]
    assert sorted(reasons) == ["batch_refused", "building_unknown"]


def test_rows_elsewhere_are_unknown(place: Standing, world: World, tmp_path: Path) -> None:
    elsewhere = next(leaf for leaf in world.leaves if not leaf.scope_path.startswith(world.leaf.scope_path))
    run = load(Standing(place.locality, elsewhere.scope_path), sheet(tmp_path, FAMILY))
    assert counts(run) == (0, 0, 0, 3)
    with acting(place):
        assert not Resident.objects.exists()
        assert {one[3].rpartition(".")[2] for one in ImportBatch.objects.get().problems} == {"building_unknown"}


def test_dry_run_counts_and_writes_nothing(place: Standing, tmp_path: Path) -> None:
    run = load(place, sheet(tmp_path, FAMILY), dry_run=True)
    assert (run.state, counts(run)) == ("done", (3, 0, 0, 0))
    with acting(place):
        assert not Resident.objects.exists() and not Dwelling.objects.exists()


def test_rows_change_by_id_and_the_version_last_seen(place: Standing) -> None:
    with acting(place):
        one, two = Building.objects.order_by("pk")
        rows = [(one.pk, 1, "前街1号甲", 3), (two.pk, 7, "前街2号甲", 3)]
        assert update_rows("registers_building", ("name", "units"), rows) == 1
        found = list(Building.objects.order_by("pk").values_list("name", "units", "version"))
    assert found == [("前街1号甲", 3, 2), ("前街2号", 2, 1)]


def test_what_somebody_edits_meanwhile_is_worked_out_anew(
    place: Standing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(place, sheet(tmp_path, FAMILY))
    store, edited = running.Running._store, []

    def late(self: running.Running, plan: Any, behind: int) -> Import:
        if not edited:
            with acting(place):
                edited.append(Resident.objects.filter(relation="spouse").update(registered="local", version=5))
        return store(self, plan, behind)

    monkeypatch.setattr(running.Running, "_store", late)
    rows = [list(row) for row in FAMILY]
    rows[1][9] = "19000000077"
    assert counts(load(place, sheet(tmp_path, rows))) == (0, 1, 2, 0)
    with acting(place):
        spouse = Resident.objects.get(relation="spouse")
    assert (spouse.phone, spouse.registered, spouse.version) == ("19000000077", "local", 6)


OTHERS: dict[str, tuple[Sequence[str], list[Sequence[Any]], list[Sequence[Any]]]] = {
    "dwellings": (
        ("building", "unit", "room", "use"),
        [("前街1号", "1", "101", "自住"), ("前街1号", "1", "102", "自住")],
        [("前街1号", "1", "101", "出租"), ("前街1号", "1", "102", "自住")],
    ),
    "households": (
        ("building", "unit", "room", "household", "people"),
        [("前街1号", "1", "101", "H1", 3), ("前街1号", "1", "101", "H2", 1)],
        [("前街1号", "1", "101", "H1", 4), ("前街1号", "1", "101", "H2", 1)],
    ),
    "organisations": (
        ("name", "credit_code", "building", "phone"),
        [("试点供销社", "", "前街1号", "19000000005"), ("试点卫生站", "", "前街2号", "19000000006")],
        [("试点供销社", "", "前街1号", "19000000007"), ("试点卫生站", "", "前街2号", "19000000006")],
    ),
    "premises": (
        ("code", "name", "building", "contact"),
        [("P1", "试点商店", "前街1号", "陈试一"), ("P2", "试点饭店", "前街2号", "林试二")],
        [("P1", "试点商店", "前街1号", "黄试三"), ("P2", "试点饭店", "前街2号", "")],
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_the_other_registers(place: Standing, tmp_path: Path, kind: str) -> None:
    head, first, then = OTHERS[kind]
    assert counts(load(place, sheet(tmp_path, first, head), kind)) == (2, 0, 0, 0)
    assert counts(load(place, sheet(tmp_path, first, head), kind)) == (0, 0, 2, 0)
    assert counts(load(place, sheet(tmp_path, then, head), kind)) == (0, 1, 1, 0)
    with acting(place):
        assert list(Change.objects.filter(kind=kind).order_by("pk").values_list("action", flat=True)) == [
            "added",
            "changed",
        ]


def test_buildings_stand_in_the_grid_of_their_point(place: Standing, world: World, tmp_path: Path) -> None:
    head = ("code", "name", "levels", "lon", "lat")
    leaf, other = world.leaves[0], world.leaves[-1]
    rows = [("B1", "新街1号", 6, leaf.lon, leaf.lat), ("B2", "新街2号", "", 10.0, 10.0)]
    assert counts(load(place, sheet(tmp_path, rows, head), "buildings")) == (1, 0, 0, 1)
    load(place, sheet(tmp_path, [("新街1号", "", "", "", "户主", "陈试一", "男", "", number(1), "")]))
    moved = [("B1", "新街1号", 6, other.lon, other.lat)]
    assert counts(load(place, sheet(tmp_path, moved, head), "buildings")) == (0, 1, 0, 0)
    with acting(place):
        resident = Resident.objects.get()
        paths = {resident.scope_path, resident.household.scope_path, resident.household.dwelling.building.scope_path}
    assert paths == {other.scope_path}


def test_a_row_with_our_number_is_taken_as_a_whole(place: Standing, tmp_path: Path) -> None:
    load(place, sheet(tmp_path, FAMILY))
    with acting(place):
        known = Resident.objects.get(relation="head", household__number="")
    head = ("登记号", "版本", "姓名", "联系电话", "与户主关系")
    back = [(known.pk, known.version, "陈*一", "", "户主"), (known.pk + 999, 1, "无", "", "")]
    run = load(place, sheet(tmp_path, back, head))
    assert counts(run) == (0, 1, 0, 1)
    with acting(place):
        known = Resident.objects.get(pk=known.pk)
    assert (known.name, known.phone, known.version) == ("陈试一", None, 2)
    stale = [(known.pk, 1, "陈试一", "19000000003", "户主")]
    assert counts(load(place, sheet(tmp_path, stale, head))) == (0, 0, 0, 1)
