"""Places by hand: a building, a shop, an organisation is added and set right, and nothing is entered twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from support.households import above, door, home, key, signed_in
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.registers.models import Building, Change, Household, Organisation, Premises, Resident, SearchTerms
from onegrid.county.registers.rules.terms import NUMBERS
from onegrid.county.registers.services import search
from onegrid.foundation.database.context import in_locality

CODE = "91350199MA0TEXT12X"


@dataclass
class Lane:
    """The worker, the centre above him, two leaf grids of his area or the centre's, a home in the first."""

    worker: Api
    centre: Api
    here: Any
    there: Any
    home: Household


@pytest.fixture
def lane(world: World, locality: str) -> Lane:
    with in_locality(locality):
        actor = world.staff("worker")
        here = next(one for one in world.leaves if one.scope_path.startswith(actor.scope_path))
        centre = above(world, actor)
        there = next(
            one
            for one in world.leaves
            if one.scope_path.startswith(centre.scope_path) and not one.scope_path.startswith(actor.scope_path)
        )
        made = home(door(here), {"name": "金丝雀一", "birth_year": 1990})
        search.remember([made.dwelling.building, *made.residents.all()])
        return Lane(signed_in(locality, actor), signed_in(locality, centre), here, there, made)


def add(api: Api, kind: str, values: dict[str, Any], **more: Any) -> Any:
    return api.post("/register/add", {"key": key(), "kind": kind, "values": values, **more})


def test_a_building_stands_in_the_grid_of_its_point(lane: Lane, acting_as: ActingAs) -> None:
    house = {"name": "后街2号", "levels": 3, "units": 1, "lon": lane.here.lon, "lat": lane.here.lat}
    made = add(lane.worker, "buildings", house)
    assert made.status_code == 200, made.content
    with acting_as():
        row = Building.objects.get(pk=made.json()["id"])
        assert (row.scope_path, row.levels) == (lane.here.scope_path, 3)
        assert Change.objects.get(kind="buildings", row=row.pk).action == "added"
        assert SearchTerms.objects.filter(kind=NUMBERS["buildings"], key=row.pk).exists()
    away = add(lane.worker, "buildings", {**house, "lon": lane.there.lon, "lat": lane.there.lat})
    assert (away.status_code, away.json()["fields"][0]["field"]) == (422, "lon")
    empty = add(lane.worker, "buildings", {"lon": lane.here.lon, "lat": lane.here.lat})
    assert {one["field"] for one in empty.json()["fields"]} >= {"values.name"}
    door_of_it = add(lane.worker, "dwellings", {"room": "301"}, building=int(made.json()["id"]))
    assert door_of_it.status_code == 200, door_of_it.content


def test_what_is_entered_already_is_offered_the_surest_first(lane: Lane, acting_as: ActingAs) -> None:
    with acting_as():
        place = {"grid_id": lane.here.id, "scope_path": lane.here.scope_path}
        numbered = Building.objects.create(name="别处8号", code="B-8", lon=lane.here.lon, lat=lane.here.lat, **place)
        elsewhere = Organisation.objects.create(
            name="远处商行", credit_code=CODE, grid_id=lane.there.id, scope_path=lane.there.scope_path
        )
        search.remember([numbered, elsewhere])
        known = lane.home.dwelling.building

    def asked(api: Api, kind: str, values: dict[str, str], **more: Any) -> list[str]:
        answer = api.post("/register/alike", {"kind": kind, "values": values, **more})
        assert answer.status_code == 200, answer.content
        return [one["id"] for one in answer.json()["items"]]

    at = {"lon": lane.here.lon, "lat": lane.here.lat}
    assert asked(lane.worker, "buildings", {"code": "B-8", "name": known.name}) == [str(numbered.pk), str(known.pk)]
    assert set(asked(lane.worker, "buildings", {"name": "没有这条街"}, **at)) == {str(numbered.pk), str(known.pk)}
    far = {"lon": lane.here.lon, "lat": lane.here.lat + 0.001}
    assert asked(lane.worker, "buildings", {"name": "没有这条街"}, **far) == []
    # What lies outside the reach is not given away, by its number or its name.
    assert asked(lane.centre, "organisations", {"credit_code": CODE.lower()}) == [str(elsewhere.pk)]
    assert asked(lane.worker, "organisations", {"credit_code": CODE, "name": "远处商行"}) == []
    with counted_queries() as few:
        asked(lane.worker, "buildings", {"code": "B-8", "name": known.name}, **at)
    with acting_as():
        more = [Building(name=f"后街1号{n}", lon=at["lon"], lat=at["lat"], **place) for n in range(6)]
        search.remember(Building.objects.bulk_create(more))
    with counted_queries() as many:
        assert len(asked(lane.worker, "buildings", {"code": "B-8", "name": known.name}, **at)) == 5
    assert len(many) <= len(few)


def test_a_building_moved_to_another_grid_takes_everybody_along(lane: Lane, acting_as: ActingAs) -> None:
    with acting_as():
        building = lane.home.dwelling.building
        person = lane.home.residents.get()
        shop = Premises.objects.create(
            name="小店", building=building, grid_id=lane.here.id, scope_path=lane.here.scope_path
        )
        search.remember([shop])
    wanted = {"lon": lane.there.lon, "lat": lane.there.lat}
    body = {"key": key(), "version": 1, "wanted": wanted}
    refused = lane.worker.post(f"/register/buildings/{building.pk}/edit", body)
    assert (refused.status_code, refused.json()["fields"][0]["field"]) == (422, "lon")
    done = lane.centre.post(f"/register/buildings/{building.pk}/edit", body)
    assert done.status_code == 200, done.content
    with acting_as():
        paths = {
            row.scope_path
            for row in (Building.objects.get(pk=building.pk), Household.objects.get(pk=lane.home.pk),
                        Resident.objects.get(pk=person.pk), Premises.objects.get(pk=shop.pk),
                        Change.objects.get(kind="buildings", row=building.pk))
        }  # fmt: skip
        assert paths == {lane.there.scope_path}
        assert Building.objects.get(pk=building.pk).grid_id == lane.there.id
    assert lane.worker.get(f"/register/records/residents/{person.pk}").status_code == 404
    undone = lane.centre.post(f"/register/history/{done.json()['change']}/undo", {"key": key()})
    assert undone.status_code == 200, undone.content
    found = lane.worker.post("/register/search", {"words": "金丝雀一", "kinds": ["residents"]}).json()
    assert [one["id"] for group in found["groups"] for one in group["items"]] == [str(person.pk)]


def test_premises_name_their_organisation(lane: Lane, acting_as: ActingAs) -> None:
    building = lane.home.dwelling.building_id
    firm = add(lane.worker, "organisations", {"name": "后街商行", "credit_code": CODE}, building=building)
    assert firm.status_code == 200, firm.content
    unknown = add(lane.worker, "premises", {"name": "小店", "organisation": "没有这家"}, building=building)
    assert [one["field"] for one in unknown.json()["fields"]] == ["values.organisation"], unknown.content
    made = add(lane.worker, "premises", {"name": "小店", "organisation": CODE.lower()}, building=building)
    assert made.status_code == 200, made.content
    with acting_as():
        row = Premises.objects.get(pk=made.json()["id"])
        assert (row.organisation_id, row.building_id) == (int(firm.json()["id"]), building)
    gone = lane.worker.post(
        f"/register/premises/{row.pk}/edit",
        {"key": key(), "version": row.version, "seen": {"organisation": "后街商行"}, "wanted": {"organisation": ""}},
    )
    assert gone.status_code == 200, gone.content
    with acting_as():
        assert Premises.objects.get(pk=row.pk).organisation_id is None
    back = lane.worker.post(f"/register/history/{gone.json()['change']}/undo", {"key": key()})
    assert back.status_code == 200, back.content
    with acting_as():
        assert Premises.objects.get(pk=row.pk).organisation_id == int(firm.json()["id"])
        assert Organisation.objects.filter(name="后街商行").count() == 1
