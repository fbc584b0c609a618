"""What a phone tells of a visit: all of it or nothing, once, days later too, and nobody's change is written over."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from support.households import above, door, home, key, signed_in
from support.people import ActingAs, Api
from support.world import World

from onegrid.county.registers.models import Change, Dwelling, Household, Resident
from onegrid.foundation.database.context import in_locality

NAME, PHONE, NEW_PHONE = "金丝雀一", "19000000123", "19000000456"
DAYS_AGO = "2026-02-27T01:00:00Z"


@dataclass
class Beat:
    """A household of two in the worker's grid, and one next door."""

    worker: Api
    centre: Api
    own: Household
    next: Household
    head: Resident
    wife: Resident

    def visit(self, **told: Any) -> Any:
        return self.worker.post(
            "/register/door", {"key": key(), "household": self.own.pk, "device_at": DAYS_AGO, **told}
        )


@pytest.fixture
def beat(world: World, locality: str) -> Beat:
    with in_locality(locality):
        actor = world.staff("worker")
        leaf = next(one for one in world.leaves if one.scope_path.startswith(actor.scope_path))
        own = home(
            door(leaf),
            {"name": NAME, "sex": 1, "phone": PHONE, "relation": "head"},
            {"name": "金丝雀二", "sex": 2, "relation": "spouse"},
        )
        other = home(door(leaf, room="201"), {"name": "金丝雀三"})
        head, wife = own.residents.order_by("pk")
        return Beat(signed_in(locality, actor), signed_in(locality, above(world, actor)), own, other, head, wife)


def wish(row: Any, kind: str = "residents", *, seen: Any = None, **wanted: Any) -> dict[str, Any]:
    return {"kind": kind, "id": row.pk, "version": row.version, "seen": seen or {}, "wanted": wanted}


def test_a_visit_is_one_step_and_told_once(beat: Beat, acting_as: ActingAs) -> None:
    told = {
        "key": key(), "household": beat.own.pk, "device_at": DAYS_AGO,
        "changes": [wish(beat.head, phone=NEW_PHONE, seen={"phone": "190****0123"}), wish(
            Dwelling(pk=beat.own.dwelling_id, version=1), "dwellings", use="出租")],
        "joined": [{"name": "金丝雀四", "relation": "son", "birth_date": "2020-05-01"}],
        "left": [{"id": beat.wife.pk, "on": "2026-02-20", "how": "moved"}],
    }  # fmt: skip
    first = beat.worker.post("/register/door", told)
    assert first.status_code == 200, first.content
    assert (first.json()["id"], first.json()["state"]) == (str(beat.own.pk), "applied")
    assert [one["kind"] for one in first.json()["made"]] == ["residents"]
    assert beat.worker.post("/register/door", told).json() == first.json()
    with acting_as():
        assert Resident.objects.get(pk=beat.head.pk).phone == NEW_PHONE
        assert str(Resident.objects.get(pk=beat.wife.pk).left_on) == "2026-02-20"
        assert Dwelling.objects.get(pk=beat.own.dwelling_id).use == "let"
        child = Resident.objects.get(pk=first.json()["made"][0]["id"])
        assert (child.birth_year, child.household_id) == (2020, beat.own.pk)
        assert Household.objects.get(pk=beat.own.pk).people == 2
        changes = Change.objects.filter(source="door")
        assert {one.told_at for one in changes} == {datetime(2026, 2, 27, 1, tzinfo=UTC)}
        assert {one.kind for one in changes} == {"residents", "dwellings", "households"}


def test_a_conflict_holds_the_whole_visit_and_names_every_field(beat: Beat, acting_as: ActingAs) -> None:
    body = {"key": key(), "version": 1, "wanted": {"phone": NEW_PHONE, "registered": "local"}}
    assert beat.centre.post(f"/register/residents/{beat.head.pk}/edit", body).status_code == 200
    answer = beat.visit(
        changes=[
            wish(beat.wife, phone="19000000777"),
            wish(beat.head, phone="19000000789", registered="abroad", seen={"phone": "190****0123", "registered": ""}),
        ],
        joined=[{"name": "金丝雀四"}],
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "register_conflict")
    told = answer.json()
    assert [one["field"] for one in told["fields"]] == [
        f"residents.{beat.head.pk}.phone", f"residents.{beat.head.pk}.registered"]  # fmt: skip
    assert {one["field"]: one["current"] for one in told["conflicts"]} == {
        "phone": "190****0456", "registered": "local"}  # fmt: skip
    assert told["versions"] == {f"residents.{beat.head.pk}": 2}
    assert NEW_PHONE not in answer.content.decode()
    with acting_as():
        assert Resident.objects.get(pk=beat.wife.pk).phone is None
        assert Household.objects.get(pk=beat.own.pk).residents.count() == 2
    beat.head.version = 2
    settled = beat.visit(changes=[wish(beat.wife, phone="19000000777"), wish(beat.head, registered="abroad")])
    assert settled.status_code == 200, settled.content
    with acting_as():
        row = Resident.objects.get(pk=beat.head.pk)
        assert (row.phone, row.registered) == (NEW_PHONE, "abroad")


def test_wrong_values_are_all_named_and_nothing_is_written(beat: Beat, acting_as: ActingAs) -> None:
    answer = beat.visit(changes=[wish(beat.head, phone="1"), wish(beat.wife, relation="x", phone=NEW_PHONE)])
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == ["changes.0.phone", "changes.1.relation"]
    nobody = beat.visit(joined=[{"phone": NEW_PHONE}])
    assert [one["field"] for one in nobody.json()["fields"]] == ["joined.0.name"]
    with acting_as():
        assert not Change.objects.exists()


def test_a_household_nobody_knew_is_founded_behind_its_door(beat: Beat, acting_as: ActingAs) -> None:
    with acting_as():
        building = Dwelling.objects.get(pk=beat.own.dwelling_id).building_id
    answer = beat.visit(
        household=None,
        at={"building": building, "label": "3单元502"},
        joined=[{"name": "金丝雀五"}, {"name": "金丝雀六"}],
    )
    assert answer.status_code == 200, answer.content
    with acting_as():
        made = Household.objects.select_related("dwelling").get(pk=answer.json()["id"])
        assert (made.people, made.dwelling.label, made.dwelling.floor) == (2, "3单元502", 5)
        assert made.scope_path == beat.own.scope_path
    unread = beat.visit(household=None, at={"building": building, "label": "那边"}, joined=[{"name": "金丝雀七"}])
    assert [one["field"] for one in unread.json()["fields"]] == ["at.label"]


def test_who_counts_at_the_door_is_believed(beat: Beat, acting_as: ActingAs) -> None:
    answer = beat.visit(changes=[wish(beat.own, "households", people=5)], joined=[{"name": "金丝雀四"}])
    assert answer.status_code == 200, answer.content
    with acting_as():
        assert Household.objects.get(pk=beat.own.pk).people == 5


def test_a_visit_reaches_no_other_household(beat: Beat, acting_as: ActingAs) -> None:
    with acting_as():
        neighbour = beat.next.residents.get()
        other_door = Dwelling.objects.get(pk=beat.next.dwelling_id)
    for told in (
        {"changes": [wish(neighbour, phone=NEW_PHONE)]},
        {"changes": [wish(beat.next, "households", people=3)]},
        {"changes": [wish(other_door, "dwellings", use="empty")]},
        {"left": [{"id": neighbour.pk, "on": "2026-02-20", "how": "died"}]},
        {"household": 999_999},
    ):
        assert beat.visit(**told).status_code == 404, told
