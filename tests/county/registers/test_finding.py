"""Finding somebody: by name, by sound, by number, by address; nobody outside, and every look on record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.registers.models import (
    Building,
    Dwelling,
    Household,
    Organisation,
    Premises,
    Resident,
    SearchTerms,
    Stay,
    Tenure,
)
from onegrid.county.registers.rules.terms import Hasher, terms_of_resident
from onegrid.county.registers.services import search
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow

NOW = datetime(2026, 3, 2, tzinfo=UTC)
FOLK = (
    ("单小明", "35019919900307021X", "19000001234", 1, 1990),
    ("单小明月", "350199198503070223", "19000005678", 2, 1985),
    ("林阿婆", "350199194003070245", "19000004321", 2, 1940),
)
NUMBERS = [number for _, *numbers, _, _ in FOLK for number in numbers]


def street(leaf: Any, name: str, folk: Any = FOLK, *, homes: int = 1) -> Building:
    """A building whose every home has these people, in the index of search."""
    place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
    building = Building.objects.create(name=name, code=f"B-{name}", kind="slab", lon=leaf.lon, lat=leaf.lat, **place)
    made: list[Any] = [building]
    for door in range(homes):
        dwelling = Dwelling.objects.create(
            building=building,
            label=f"1单元{door + 1}01",
            unit="1",
            floor=door + 1,
            room=f"{door + 1}01",
            use="let",
            **place,
        )
        home = Household.objects.create(dwelling=dwelling, people=len(folk), number=f"H{building.pk}-{door}", **place)
        for called, number, phone, sex, born in folk:
            made.append(
                Resident.objects.create(
                    household=home, scope_path=leaf.scope_path, name=called, sex=sex, birth_year=born,
                    birth_date=f"{born}-03-07", id_kind="id_card", id_number=number, phone=phone, registered="local",
                )
            )  # fmt: skip
    search.remember(made)
    return building


@pytest.fixture
def reader(world: World, locality: str) -> dict[str, Api]:
    """A worker, the county's dispatcher and a department's officer; people in the worker's grid and beside it."""
    with in_locality(locality):
        worker = world.staff("worker")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(worker.scope_path))
        other = next(one for one in world.leaves if not one.scope_path.startswith(worker.scope_path))
        street(leaf, "前街1号", homes=2)
        street(other, "后街9号", folk=[("单小明", "350199199003070237", "19000009999", 1, 1990)])
        place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
        shop = Premises.objects.create(name="如意面馆", code="P1", kind="restaurant", address="前街2号", **place)
        firm = Organisation.objects.create(
            name="如意餐饮有限公司", credit_code="91350199MA00000X0X", kind="enterprise", contact="金丝雀", **place
        )
        search.remember([shop, firm])
        found = {}
        for name, actor in (
            ("worker", worker),
            ("county", world.staff("dispatcher")),
            ("officer", world.officer("UM")),
        ):
            found[name] = Api(locality)
            found[name].token = keys.make(user_id=actor.user_id, kind="token", label="t", now=NOW)[1]
        return found


def find(api: Api, words: str, **more: Any) -> dict[str, list[str]]:
    """Titles by kind."""
    answer = api.post("/register/search", {"words": words, **more})
    assert answer.status_code == 200, answer.content
    return {group["kind"]: [item["title"] for item in group["items"]] for group in answer.json()["groups"]}


@pytest.mark.parametrize(
    ("words", "count"),
    [
        ("单小明", 4),
        ("小明", 4),
        ("明月", 2),
        ("sxm", 4),
        ("dxm", 4),
        ("SX", 4),
        ("单小明 明月", 2),
        ("35019919900307021X", 2),
        ("35019919900307021x", 2),
        ("３５０１９９１９９００３０７０２１Ｘ", 2),
        ("19000004321", 2),
        ("+86 190-0000-4321", 2),
        ("021x", 2),
        ("1234", 2),
        ("单大明", 0),
        ("xm", 0),
        ("9999", 0),
        ("19000009999", 0),
    ],
)
def test_people_are_found_by_name_sound_and_number(reader: dict[str, Api], words: str, count: int) -> None:
    found = find(reader["worker"], words).get("residents", [])
    assert len(found) == count, found
    assert all(title[1:] in ("**", "***") for title in found)


def test_who_fits_best_comes_first(reader: dict[str, Api]) -> None:
    assert find(reader["worker"], "单小明")["residents"] == ["单**", "单**", "单***", "单***"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("前街", {"buildings": ["前街1号"], "premises": ["如意面馆"]}),
        ("前街1号", {"buildings": ["前街1号"]}),
        ("如意", {"premises": ["如意面馆"], "organisations": ["如意餐饮有限公司"]}),
        ("rymg", {"premises": ["如意面馆"]}),
        ("91350199MA00000X0X", {"organisations": ["如意餐饮有限公司"]}),
        ("后街", {}),
    ],
)
def test_places_are_found_by_a_part_of_their_address(
    reader: dict[str, Api], words: str, found: dict[str, list[str]]
) -> None:
    assert find(reader["worker"], words) == found


def test_one_character_finds_nothing_and_says_so(reader: dict[str, Api]) -> None:
    answer = reader["worker"].post("/register/search", {"words": "单"})
    assert (answer.status_code, answer.json()["code"]) == (422, "words_too_short")


def test_the_county_finds_everybody_and_a_grid_narrows_it(reader: dict[str, Api], world: World) -> None:
    assert len(find(reader["county"], "单小明")["residents"]) == 5
    other = next(one for one in world.leaves if not one.scope_path.startswith(world.staff("worker").scope_path))
    assert len(find(reader["county"], "单小明", grid=str(other.id))["residents"]) == 1
    assert reader["worker"].post("/register/search", {"words": "单小明", "grid": str(other.id)}).status_code == 404


def test_a_search_is_on_record_for_everybody_it_found(
    reader: dict[str, Api], world: World, acting_as: ActingAs
) -> None:
    find(reader["worker"], "明月")
    with acting_as():
        rows = AuditRow.objects.filter(action="resident.search")
        met = set(
            Resident.objects.filter(scope_path__startswith=world.staff("worker").scope_path, sex=2, birth_year=1985)
        )
        assert {int(row.subject_id) for row in rows} == {one.pk for one in met}
        assert {row.user for row in rows} == {world.staff("worker").user_id}
        assert "明月" not in str(list(rows.values()))


def test_the_index_tells_nothing_without_its_key(reader: dict[str, Api], acting_as: ActingAs) -> None:
    with acting_as():
        terms = {one for row in SearchTerms.objects.filter(kind=1) for one in row.terms}
    assert all(-(2**31) <= one < 2**31 for one in terms)
    stranger = set(terms_of_resident(Hasher(b"another key"), "单小明", "35019919900307021X", "19000001234", "r."))
    assert not stranger & terms


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
            find(reader["worker"], "单小明")
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


def test_who_moves_grids_is_found_there(world: World, locality: str) -> None:
    with in_locality(locality):
        first, second = (
            world.leaves[0],
            next(one for one in world.leaves if one.scope_path != world.leaves[0].scope_path),
        )
        building = street(first, "移街1号")
        before = {row.key: set(row.terms) for row in SearchTerms.objects.all()}
        search.move("buildings", [building.pk], first.scope_path, second.scope_path)
        Building.objects.filter(pk=building.pk).update(scope_path=second.scope_path)
        after = set(SearchTerms.objects.get(kind=4, key=building.pk).terms)
        assert after == set(search.terms_of(Building.objects.get(pk=building.pk)))
        assert after != before[building.pk]
        search.forget("buildings", [building.pk])
        assert not SearchTerms.objects.filter(kind=4, key=building.pk).exists()
