"""Lists, pages, single values and figures: masked, within reach, by the field table, at a cost that does not grow."""

from __future__ import annotations

from datetime import date

import pytest
from support.people import ActingAs, Api, counted_queries
from support.streets import FOLK, NUMBERS, readers, street
from support.world import World

from onegrid.county.registers.models import (
    Building,
    Household,
    Resident,
    Stay,
    Tenure,
)
from onegrid.county.registers.rules.fields import FIELDS, ROLES, mask
from onegrid.county.registers.rules.kinds import KINDS
from onegrid.county.registers.selectors import cells, reach, records, shown
from onegrid.county.registers.selectors.records import Asked
from onegrid.county.registers.selectors.sight import Sight
from onegrid.foundation.database.context import Standing, acting, in_locality
from onegrid.foundation.journal.models import AuditRow


@pytest.fixture
def reader(world: World, locality: str) -> dict[str, Api]:
    """A worker, the county's dispatcher and a department's officer; people in the worker's grid and beside it."""
    return readers(world, locality)


def test_departments_have_no_registers(reader: dict[str, Api]) -> None:
    for path in ("/register/kinds", "/register/records/residents", "/register/statistics", "/register/buildings/1"):
        assert reader["officer"].get(path).status_code == 403
    assert reader["officer"].post("/register/search", {"words": "单小明"}).status_code == 403


def test_no_page_tells_a_whole_number_or_name(reader: dict[str, Api], acting_as: ActingAs, world: World) -> None:
    with acting_as():
        home = Household.objects.filter(scope_path__startswith=world.staff("worker").scope_path).order_by("pk")[0]
        gone = home.residents.order_by("pk")[0]
        place = {"scope_path": home.scope_path, "dwelling": home.dwelling}
        Stay.objects.create(resident=gone, household=home.pk, until=date(2020, 1, 1), **place)
        Tenure.objects.create(role="owner", name="金丝雀", phone="19000007777", **place)
        Tenure.objects.create(role="tenant", resident=gone, **place)
        one = gone.pk
    api = reader["worker"]
    for path in (
        "/register/records/residents",
        f"/register/records/residents/{one}",
        f"/register/households/{home.pk}",
        f"/register/buildings/{home.dwelling.building_id}",
        "/register/records/organisations",
        "/register/records/households",
    ):
        answer = api.get(path)
        assert answer.status_code == 200, answer.content
        text = answer.content.decode()
        assert not any(value in text for value in (*NUMBERS, "单小明", "林阿婆", "金丝雀", "19000007777", "03-07"))
    page = api.get(f"/register/households/{home.pk}").json()
    assert [one["title"] for one in page["residents"]] == ["林**", "单***", "单**"]
    assert [(one["role"], one["name"], one["phone"]) for one in page["tenures"]] == [
        ("tenant", "单**", "190****1234"),
        ("owner", "金**", "190****7777"),
    ]
    assert [(one["name"], one["until"], one["here"]) for one in page["stays"]] == [("单**", "2020-01-01", True)]


def test_a_value_leaves_for_a_purpose_and_on_record(reader: dict[str, Api], acting_as: ActingAs, world: World) -> None:
    with acting_as():
        own = Resident.objects.filter(scope_path__startswith=world.staff("worker").scope_path).order_by("pk")[0]
        other = Resident.objects.exclude(scope_path__startswith=world.staff("worker").scope_path)[0]
    api, path = reader["worker"], f"/register/records/residents/{own.pk}/reveal"
    for field, value in (
        ("id_number", FOLK[0][1]),
        ("phone", FOLK[0][2]),
        ("name", "单小明"),
        ("birth_date", "1990-03-07"),
    ):
        assert api.post(path, {"field": field, "purpose": "door"}).json() == {"value": value}
    assert api.post(path, {"field": "phone", "purpose": ""}).status_code == 422
    assert api.post(path, {"field": "sex", "purpose": "door"}).status_code == 403
    assert api.post(path, {"field": "nothing", "purpose": "door"}).status_code == 403
    elsewhere = api.post(f"/register/records/residents/{other.pk}/reveal", {"field": "phone", "purpose": "door"})
    assert elsewhere.status_code == 404
    with acting_as():
        rows = AuditRow.objects.filter(action="resident.reveal").order_by("pk")
        assert [row.detail["fields"] for row in rows] == [["id_number"], ["phone"], ["name"], ["birth_date"]]
        assert not any(value in str(list(rows.values())) for value in NUMBERS)


def test_lists_go_on_where_they_stopped_in_every_order(reader: dict[str, Api]) -> None:
    api = reader["county"]
    kinds = api.get("/register/kinds").json()["items"]
    assert [one["kind"] for one in kinds] == [
        "residents", "households", "dwellings", "buildings", "premises", "organisations",
    ]  # fmt: skip
    for kind in kinds:
        for sort in [way + one for one in kind["sorts"] for way in ("", "-")]:
            path = f"/register/records/{kind['kind']}?limit=2&sort={sort}"
            whole = api.get(f"/register/records/{kind['kind']}?limit=200&sort={sort}").json()
            met: list[str] = []
            cursor = None
            while True:
                page = api.get(path + (f"&cursor={cursor}" if cursor else "")).json()
                met += [one["id"] for one in page["items"]]
                cursor = page["next"]
                if cursor is None:
                    break
            assert met == [one["id"] for one in whole["items"]]
            assert len(set(met)) == len(met) == whole["total"]


@pytest.mark.parametrize("cursor", ["x", "bm8", "WyJyLiIsICJ4IiwgMV0", "WzFd", "W251bGwsMSwxXQ"])
def test_a_cursor_that_is_none_of_ours_is_refused(reader: dict[str, Api], cursor: str) -> None:
    answer = reader["county"].get(f"/register/records/residents?cursor={cursor}")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_cursor")


def test_filters_narrow_and_strange_ones_are_refused(reader: dict[str, Api], acting_as: ActingAs, world: World) -> None:
    api = reader["county"]

    def count(path: str) -> int:
        answer = api.get(f"/register/records/{path}")
        assert answer.status_code == 200, answer.content
        return int(answer.json()["total"])

    with acting_as():
        building = Building.objects.get(name="前街1号")
        home = Household.objects.filter(dwelling__building=building).order_by("pk")[0]
        Resident.objects.filter(household=home, birth_year=1940).update(died_on=date(2026, 1, 1))
        Resident.objects.filter(household=home, birth_year=1985).update(phone_index=None)
    assert count("residents") == 6
    assert count("residents?gone=true") == 1
    assert count(f"residents?building={building.pk}") == 5
    assert count(f"residents?household={home.pk}") == 2
    assert count("residents?sex=2") == 3
    assert count("residents?born_to=1960") == 1
    assert count("residents?born_from=1986") == 3
    assert count("residents?missing=phone") == 1
    assert count("dwellings?use=let") == 3
    assert count("buildings?of_kind=tower") == 0
    assert count(f"residents?grid={world.leaf.id}") in (1, 5)
    for path in ("buildings?sex=1", "premises?born_from=1990", "buildings?building=1", "residents?use=let",
                 "residents?sort=name", "dwellings?missing=phone"):  # fmt: skip
        assert api.get(f"/register/records/{path}").status_code == 422, path
    assert api.get("/register/records/residents?grid=999999").status_code == 404


def test_a_building_is_a_chart_of_its_doors(reader: dict[str, Api], acting_as: ActingAs) -> None:
    with acting_as():
        building = Building.objects.get(name="前街1号")
    page = reader["worker"].get(f"/register/buildings/{building.pk}").json()
    assert [(one["unit"], one["floor"], one["room"], one["use"]) for one in page["doors"]] == [
        ("1", 1, "101", "let"),
        ("1", 2, "201", "let"),
    ]
    first = page["doors"][0]
    assert (first["people"], first["known"], first["aged"], first["young"], first["elsewhere"]) == (3, 3, 1, 0, 0)
    assert page["building"]["title"] == "前街1号"
    assert page["cut"] is False


def test_lists_cost_the_same_however_long(reader: dict[str, Api], world: World, acting_as: ActingAs) -> None:
    def ask() -> int:
        with counted_queries() as seen:
            for kind in ("residents", "households", "dwellings", "buildings"):
                assert reader["worker"].get(f"/register/records/{kind}").status_code == 200
            assert reader["worker"].post("/register/search", {"words": "单小明"}).status_code == 200
            assert reader["worker"].get(f"/register/buildings/{building.pk}").status_code == 200
        return len(seen)

    with acting_as():
        building = Building.objects.get(name="前街1号")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(world.staff("worker").scope_path))
    ask()
    few = ask()
    with acting_as():
        for number in range(6):
            street(leaf, f"中街{number}号", homes=3)
    assert ask() == few


def test_statistics_tell_no_small_numbers(reader: dict[str, Api], world: World, acting_as: ActingAs) -> None:
    page = reader["worker"].get("/register/statistics?by=sex").json()
    assert page["whole"]["counts"]["residents"] == 6
    assert {cell["key"]: cell["n"] for cell in page["cells"]} == {"1": None, "2": None}
    with acting_as():
        leaf = next(one for one in world.leaves if one.scope_path.startswith(world.staff("worker").scope_path))
        street(leaf, "新街1号", homes=3)
    cells = {cell["title"]: cell["n"] for cell in reader["worker"].get("/register/statistics?by=sex").json()["cells"]}
    assert cells == {"Male": 5, "Female": 10}
    uses = reader["worker"].get("/register/statistics?by=use").json()["cells"]
    assert [(cell["key"], cell["title"], cell["n"]) for cell in uses] == [("let", "Let", 5)]
    county = reader["county"].get("/register/statistics?by=age").json()
    assert county["whole"]["counts"]["residents"] == sum(one["counts"]["residents"] for one in county["below"]) == 16
    sizes = [cell["key"] for cell in reader["county"].get("/register/statistics?by=size").json()["cells"]]
    assert len(sizes) > 1
    assert sizes == sorted(sizes), "ranges follow each other, whatever is most"


@pytest.mark.parametrize("role", [*ROLES, ""])
def test_every_serializer_asks_the_field_table(reader: dict[str, Api], acting_as: ActingAs, role: str) -> None:
    """Whatever a role may not see is nowhere in what it is told, and what names somebody is masked."""
    seen = Sight(role)
    with acting_as():
        for kind in KINDS:
            rows = list(records.page(Asked(kind), cursor=None, limit=50).rows)
            assert rows
            for told, row in zip(shown.records(seen, kind, rows), rows, strict=True):
                assert set(told["cells"]) == {field for field in FIELDS[kind] if seen.access(kind, field) != "hidden"}
                for field, cell in told["cells"].items():
                    whole = cells.value(kind, field, row)
                    if FIELDS[kind][field].personal and whole:
                        assert cell == mask(FIELDS[kind][field], str(whole)) != whole
                        assert str(whole) not in str(told)
                approved = cells.cells(seen, kind, row, whole=True)
                for field, cell in approved.items():
                    whole = cells.value(kind, field, row)
                    if FIELDS[kind][field].personal and whole:
                        assert (cell == whole) == (seen.access(kind, field) in ("reveal", "write"))


def test_others_read_by_scope_what_was_collected_once(reader: dict[str, Api], world: World, locality: str) -> None:
    path = world.staff("worker").scope_path
    with in_locality(locality):
        everybody = list(reach.neighbours("r."))
        assert len(everybody) == 7
        assert [one.id for one in reach.neighbours("r.", after=everybody[2].id, most=2)] == [
            one.id for one in everybody[3:5]
        ]
        assert {one.birth_year for one in reach.neighbours(path, born_to=1960)} == {1940}
        assert {one.sex for one in reach.neighbours(path, sex=2, registered="local")} == {2}
        assert not list(reach.neighbours(path, registered="abroad"))
        first, second = reach.homes(path)
        assert (first.door, second.door, first.people) == ("1单元101", "1单元201", 3)
        assert [one.name for one in reach.places(path, kind="restaurant")] == ["如意面馆"]
        assert not list(reach.places(path, kind="shop"))
    with acting(Standing(locality, path)):
        assert len(list(reach.neighbours("r."))) == 6


def test_all_of_a_list_comes_in_blocks(reader: dict[str, Api], locality: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "BLOCK", 2)
    with in_locality(locality):
        keys = [row.pk for row in records.every(Asked("residents"))]
        assert keys == sorted(Resident.objects.values_list("pk", flat=True))
        assert [row.counted for row in records.every(Asked("buildings"))] == [2, 1]
