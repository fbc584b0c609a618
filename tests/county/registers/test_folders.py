"""What a worker carries of the register: his own grids, masked, the same as the server's, and nothing that is gone."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.registers import folders
from onegrid.county.registers.models import Building, Dwelling, Household, Resident
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow

NOW = datetime(2026, 3, 2, tzinfo=UTC)
NAMES = ("陈小明", "林阿婆")


def house(leaf: Any, number: int, homes: int = 1) -> Building:
    """A building with so many households of two."""
    building = Building.objects.create(
        grid_id=leaf.id, scope_path=leaf.scope_path, name=f"前街{number}号", lon=leaf.lon, lat=leaf.lat
    )
    for door in range(homes):
        place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
        dwelling = Dwelling.objects.create(building=building, label=f"1单元{door + 1}01", **place)
        home = Household.objects.create(dwelling=dwelling, people=2, **place)
        for at, name in enumerate(NAMES):
            Resident.objects.create(
                household=home, scope_path=leaf.scope_path, name=name, sex=at + 1, birth_year=1950 + at
            )
    return building


@pytest.fixture
def worker(world: World, locality: str) -> Api:
    """The grid worker; two houses in his grid, one elsewhere."""
    api = Api(locality)
    with in_locality(locality):
        actor = world.staff("worker")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(actor.scope_path))
        other = next(one for one in world.leaves if not one.scope_path.startswith(actor.scope_path))
        house(leaf, 1, homes=2)
        house(leaf, 2)
        house(other, 9)
        api.token = keys.make(user_id=actor.user_id, kind="token", label="t", now=NOW)[1]
    return api


def read_all(api: Api) -> dict[str, Any]:
    """Every folder of the list, opened."""
    listed = api.get("/register/folders").json()
    return {one["grid"]["id"]: api.get(f"/register/folders/{one['grid']['id']}").json() for one in listed["items"]}


def test_the_own_grids_masked(worker: Api) -> None:
    listed = worker.get("/register/folders").json()
    assert listed["too_wide"] is False
    (one,) = listed["items"]
    assert (one["households"], one["people"]) == (3, 6)
    opened = worker.get(f"/register/folders/{one['grid']['id']}")
    assert opened.json()["digest"] == one["digest"]
    assert [house["name"] for house in opened.json()["houses"]] == ["前街1号", "前街2号"]
    first = opened.json()["houses"][0]["homes"][0]
    assert first["label"] == "1单元101"
    assert [(one["name"], one["sex"], one["born"]) for one in first["residents"]] == [
        ("陈**", 1, 1950),
        ("林**", 2, 1951),
    ]
    text = opened.content.decode()
    assert not any(name in text for name in NAMES)
    assert "前街9号" not in text


@pytest.mark.parametrize(
    "change", ["a name", "a door", "somebody moves out", "a house is gone", "a label", "an empty door", "a phone"]
)
def test_any_change_changes_the_digest_and_nothing_else_does(
    worker: Api, world: World, acting_as: ActingAs, change: str
) -> None:
    before = worker.get("/register/folders").json()["items"][0]["digest"]
    assert worker.get("/register/folders").json()["items"][0]["digest"] == before
    path = world.staff("worker").scope_path
    with acting_as():
        own = {"scope_path__startswith": path}
        if change == "a name":
            row = Resident.objects.filter(**own).order_by("pk")[0]
            row.name = "陈大明"
            row.save()
        elif change == "a door":
            house(next(one for one in world.leaves if one.scope_path.startswith(path)), 3)
        elif change == "somebody moves out":
            Resident.objects.filter(pk=Resident.objects.filter(**own).order_by("-pk")[0].pk).delete()
        elif change == "a house is gone":
            gone = Building.objects.get(name="前街2号")
            Resident.objects.filter(household__dwelling__building=gone).delete()
            Household.objects.filter(dwelling__building=gone).delete()
            Dwelling.objects.filter(building=gone).delete()
            gone.delete()
        elif change == "a phone":
            row = Resident.objects.filter(**own).order_by("pk")[0]
            row.phone = "13900000001"
            row.save()
        elif change == "an empty door":
            leaf = next(one for one in world.leaves if one.scope_path.startswith(path))
            building = Building.objects.get(name="前街2号")
            place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
            Dwelling.objects.create(building=building, label="1单元901", **place)
        else:
            Dwelling.objects.filter(pk=Dwelling.objects.filter(**own).order_by("pk")[0].pk).update(label="门面")
    after = worker.get("/register/folders").json()["items"][0]
    assert after["digest"] != before
    assert read_all(worker)[after["grid"]["id"]]["digest"] == after["digest"]


def test_what_a_visit_needs_lies_on_the_phone_masked(worker: Api, world: World, acting_as: ActingAs) -> None:
    with acting_as():
        home = Household.objects.filter(scope_path__startswith=world.staff("worker").scope_path).order_by("pk")[0]
        first, second = home.residents.order_by("pk")
        first.phone, first.relation = "13900001234", "head"
        first.save()
        second.left_on = NOW.date()
        second.save()
        place = {"grid_id": home.grid_id, "scope_path": home.scope_path}
        Dwelling.objects.create(building=home.dwelling.building, label="1单元901", **place)
    listed = worker.get("/register/folders").json()
    assert (listed["access"]["residents"]["phone"], listed["access"]["residents"]["id_number"]) == ("write", "reveal")
    assert {"key": "head", "title": "Head of the household"} in listed["choices"]["resident.relation"]
    (opened,) = read_all(worker).values()
    found = opened["houses"][0]
    (person,) = next(one for one in found["homes"] if one["id"] == str(home.pk))["residents"]
    assert (person["phone"], person["relation"], person["version"]) == ("139****1234", "head", first.version)
    assert [one["label"] for one in found["empty"]] == ["1单元901"]


def test_another_grid_is_not_there(worker: Api, world: World) -> None:
    other = next(one for one in world.leaves if not one.scope_path.startswith(world.staff("worker").scope_path))
    answer = worker.get(f"/register/folders/{other.id}")
    assert (answer.status_code, answer.json()["code"]) == (404, worker.get("/register/folders/999999").json()["code"])


def test_a_whole_name_leaves_for_a_purpose_and_on_record(worker: Api, world: World, acting_as: ActingAs) -> None:
    with acting_as():
        own = Resident.objects.filter(scope_path__startswith=world.staff("worker").scope_path).order_by("pk")[0]
        other = Resident.objects.exclude(scope_path__startswith=world.staff("worker").scope_path)[0]
    assert worker.post(f"/register/residents/{own.pk}/reveal", {"purpose": ""}).status_code == 422
    assert worker.post(f"/register/residents/{other.pk}/reveal", {"purpose": "走访"}).status_code == 404
    with acting_as():
        assert not AuditRow.objects.filter(action="resident.reveal").exists()
    assert worker.post(f"/register/residents/{own.pk}/reveal", {"purpose": "走访"}).json() == {"name": NAMES[0]}
    with acting_as():
        row = AuditRow.objects.get(action="resident.reveal")
    assert (row.purpose, row.subject_id, row.user) == ("走访", str(own.pk), world.staff("worker").user_id)


def test_whoever_has_no_grid_has_no_folders(world: World, locality: str, acting_as: ActingAs) -> None:
    api = Api(locality)
    with acting_as():
        api.token = keys.make(user_id=world.officer("UM").user_id, kind="token", label="t", now=NOW)[1]
    assert api.get("/register/folders").status_code == 403
    assert api.post("/register/residents/1/reveal", {"purpose": "走访"}).status_code == 403


def test_an_area_too_wide_to_carry_says_so(worker: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_HOUSEHOLDS", 2)
    found = worker.get("/register/folders").json()
    assert (found["items"], found["too_wide"]) == ([], True)


def test_folders_cost_the_same_however_much_is_in_them(worker: Api, world: World, acting_as: ActingAs) -> None:
    read_all(worker)
    with counted_queries() as few:
        read_all(worker)
    with acting_as():
        leaf = next(one for one in world.leaves if one.scope_path.startswith(world.staff("worker").scope_path))
        for number in range(10, 40):
            house(leaf, number, homes=2)
    with counted_queries() as many:
        found = read_all(worker)
    assert sum(len(house["homes"]) for one in found.values() for house in one["houses"]) == 63
    assert len(many) == len(few)
