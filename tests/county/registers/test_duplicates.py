"""One person entered twice is noticed, made one, and two again when that was wrong."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from support.households import NOW, above, door, home, id_of, key, signed_in
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.registers.models import Change, Duplicate, Household, Resident, SearchTerms, Stay, Tenure
from onegrid.county.registers.rules.pairs import Entry, common_path, likeness
from onegrid.county.registers.services import duplicates, search
from onegrid.county.registers.services.changes import record_added
from onegrid.foundation.accounts.actor import SYSTEM
from onegrid.foundation.database.context import in_locality

NAME, OTHER = "金丝雀一", "金丝雀二"


def entry(**more: Any) -> Entry:
    base: dict[str, Any] = {
        "name": NAME, "birth_date": "1960-05-05", "birth_year": 1960, "sex": 1, "id_index": None, "phone_index": None,
        "dwelling": 1, "building": 1,
    }  # fmt: skip
    return Entry(**{**base, **more})


@pytest.mark.parametrize(
    ("one", "other", "value"),
    [
        ({"id_index": b"x"}, {"id_index": b"x", "name": OTHER, "birth_year": 1970}, 1.0),
        ({"id_index": b"x"}, {"id_index": b"y"}, 0.0),
        ({}, {}, 0.95),
        ({}, {"dwelling": 2}, 0.85),
        ({}, {"dwelling": 2, "building": 2}, 0.7),
        ({}, {"birth_date": ""}, 0.85),
        ({}, {"birth_date": "1960-05-06"}, 0.0),
        ({}, {"birth_date": "", "birth_year": None, "dwelling": 2}, 0.65),
        ({}, {"sex": 2}, 0.0),
        ({}, {"sex": 0}, 0.95),
        ({}, {"name": OTHER}, 0.0),
        ({"phone_index": b"x"}, {"phone_index": b"x"}, 0.99),
    ],
)
def test_how_alike_two_entries_are(one: dict[str, Any], other: dict[str, Any], value: float) -> None:
    left, right = entry(**one), entry(**other)
    assert likeness(left, right).value == likeness(right, left).value == value


def test_the_smallest_grid_that_holds_both() -> None:
    assert common_path("r.a.b.", "r.a.b.") == "r.a.b."
    assert common_path("r.a.b.", "r.a.bc.") == "r.a."
    assert common_path("r.a.", "r.b.c.") == "r."


@pytest.fixture
def twice(world: World, locality: str) -> tuple[Api, Api, Resident, Resident]:
    """Somebody behind two doors of one building, with a tenancy and an earlier home; the centre and the worker."""
    with in_locality(locality):
        actor = world.staff("worker")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(actor.scope_path))
        born = {"sex": 2, "birth_year": 1960, "birth_date": "1960-05-05"}
        one = home(door(leaf), {"name": NAME, **born, "phone": "19000000123"}, {"name": OTHER, "birth_year": 1980})
        two = home(
            door(leaf, room="201"),
            {"name": NAME, **born, "id_number": id_of("19600505", "002"), "id_kind": "id_card", "relation": "head"},
        )
        stays, goes = one.residents.order_by("pk")[0], two.residents.get()
        place = {"resident": goes, "dwelling_id": two.dwelling_id, "scope_path": two.scope_path}
        Tenure.objects.create(role="tenant", **place)
        Stay.objects.create(household=1, until="2010-01-01", **place)
        search.remember([stays, goes])
        record_added(SYSTEM, "residents", stays.pk, goes.pk, 3, "r.", at=NOW)
        return signed_in(locality, above(world, actor)), signed_in(locality, actor), stays, goes


def found(locality: str) -> int:
    """Whatever was not compared yet is compared."""
    with in_locality(locality):
        return duplicates.compare_changed(NOW)


def test_who_was_added_is_compared_once(twice: tuple[Api, Api, Resident, Resident], locality: str) -> None:
    centre, _, stays, goes = twice
    assert found(locality) == 4  # the batch and three people
    assert found(locality) == 0
    (pair,) = centre.get("/register/duplicates").json()["items"]
    assert ({pair["one"]["id"], pair["other"]["id"]}) == {str(stays.pk), str(goes.pk)}
    assert (pair["why"], pair["likeness"]) == (["same_person"], 0.85)
    assert pair["words"] == ["Same name and birth"]
    assert "id_number" in pair["differing"] and "name" not in pair["differing"]
    assert NAME not in str(pair) and id_of("19600505", "002") not in str(pair)


def test_one_number_is_one_person_wherever(
    twice: tuple[Api, Api, Resident, Resident], locality: str, world: World, acting_as: ActingAs
) -> None:
    goes = twice[3]
    with acting_as():
        other = next(one for one in world.leaves if not one.scope_path.startswith(world.staff("worker").scope_path))
        far = home(door(other, street="远街9号"), {"name": OTHER, "id_number": id_of("19600505", "002")})
        late = far.residents.get()
        record_added(SYSTEM, "residents", late.pk, late.pk, 1, "r.", at=NOW)
    found(locality)
    with acting_as():
        pair = Duplicate.objects.get(other=late)
        assert (pair.one_id, pair.why, pair.likeness) == (goes.pk, ["same_id"], 1.0)
        assert pair.scope_path == common_path(goes.scope_path, late.scope_path)
    assert all(one["other"]["id"] != str(late.pk) for one in twice[1].get("/register/duplicates").json()["items"])


def test_merged_and_two_again(twice: tuple[Api, Api, Resident, Resident], locality: str, acting_as: ActingAs) -> None:
    centre, worker, stays, goes = twice
    number, home_left = id_of("19600505", "002"), goes.household_id
    found(locality)
    (pair,) = centre.get("/register/duplicates").json()["items"]
    refused = worker.post(f"/register/duplicates/{pair['id']}/merge", {"key": key(), "keep": stays.pk})
    assert refused.status_code == 403
    body = {"key": key(), "keep": stays.pk, "take": []}
    answer = centre.post(f"/register/duplicates/{pair['id']}/merge", body)
    assert answer.status_code == 200, answer.content
    assert answer.json()["fields"] == ["id_kind", "id_number"]
    assert centre.post(f"/register/duplicates/{pair['id']}/merge", body).json() == answer.json()
    with acting_as():
        row = Resident.objects.get(pk=stays.pk)
        assert (row.id_number, row.phone, row.version) == (number, "19000000123", 2)
        assert not Resident.objects.filter(pk=goes.pk).exists() and not Household.objects.filter(pk=home_left).exists()
        assert not SearchTerms.objects.filter(kind=1, key=goes.pk).exists()
        assert Tenure.objects.get().resident_id == Stay.objects.get().resident_id == stays.pk
    assert worker.get("/register/duplicates").json()["total"] == 0
    undone = centre.post(f"/register/history/{answer.json()['change']}/undo", {"key": key()})
    assert undone.status_code == 200, undone.content
    with acting_as():
        row, back = Resident.objects.get(pk=stays.pk), Resident.objects.get(pk=goes.pk)
        assert (row.id_number, back.id_number, back.relation, back.household_id) == (None, number, "head", home_left)
        assert back.birth_date == "1960-05-05" and SearchTerms.objects.filter(kind=1, key=goes.pk).exists()
        assert Tenure.objects.get().resident_id == Stay.objects.get().resident_id == goes.pk
    found(locality)
    assert centre.get("/register/duplicates").json()["items"] == []


def test_what_changed_since_the_merge_survives_its_undoing(
    twice: tuple[Api, Api, Resident, Resident], locality: str, acting_as: ActingAs
) -> None:
    centre, _, stays, goes = twice
    pair = centre.post("/register/duplicates", {"residents": [goes.pk, stays.pk]}).json()
    body = {"key": key(), "keep": stays.pk, "take": ["phone"]}
    merged = centre.post(f"/register/duplicates/{pair['id']}/merge", body).json()
    edit = {"key": key(), "version": 2, "wanted": {"phone": "19000000456"}}
    assert centre.post(f"/register/residents/{stays.pk}/edit", edit).status_code == 200
    assert centre.post(f"/register/history/{merged['change']}/undo", {"key": key()}).status_code == 200
    with acting_as():
        assert Resident.objects.get(pk=stays.pk).phone == "19000000456"
        assert Resident.objects.get(pk=goes.pk).phone is None
        assert Change.objects.filter(kind="residents", row=goes.pk).order_by("-pk")[0].action == "restored"


def test_two_who_are_two_are_not_offered_again(
    twice: tuple[Api, Api, Resident, Resident], locality: str, acting_as: ActingAs
) -> None:
    centre, worker, stays, _ = twice
    found(locality)
    (pair,) = centre.get("/register/duplicates").json()["items"]
    assert worker.post(f"/register/duplicates/{pair['id']}/apart").status_code == 403
    assert centre.post(f"/register/duplicates/{pair['id']}/apart").status_code == 200
    with acting_as():
        record_added(SYSTEM, "residents", stays.pk, stays.pk, 1, "r.", at=NOW)
    found(locality)
    assert centre.get("/register/duplicates").json() == {"items": [], "next": None, "total": 0}


def test_a_page_of_pairs_costs_the_same_however_many(
    twice: tuple[Api, Api, Resident, Resident], locality: str, world: World, acting_as: ActingAs
) -> None:
    centre, _, stays, goes = twice
    centre.post("/register/duplicates", {"residents": [goes.pk, stays.pk]})
    with counted_queries() as few:
        assert len(centre.get("/register/duplicates").json()["items"]) == 1
    with acting_as():
        leaf = next(one for one in world.leaves if one.scope_path.startswith(world.staff("worker").scope_path))
        many = [home(door(leaf, room=str(300 + n)), {"name": f"{NAME}{n}"}).residents.get() for n in range(10)]
    for one in many:
        centre.post("/register/duplicates", {"residents": [one.pk, goes.pk]})
    with counted_queries() as more:
        assert len(centre.get("/register/duplicates").json()["items"]) == 11
    assert len(more) == len(few)
    first = centre.get("/register/duplicates?limit=4").json()
    rest = centre.get(f"/register/duplicates?limit=100&after={quote(first['next'])}")
    ids = [one["id"] for one in (*first["items"], *rest.json()["items"])]
    assert len(set(ids)) == 11
