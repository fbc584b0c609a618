"""Care made in advance: only field staff of the grid see it, visits count once and at their time, and it ends."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.registers.models import Building, Care, CareHelper, CareVisit, Dwelling, Household, Resident
from onegrid.county.registers.rules import care as rules
from onegrid.county.registers.services import care as services
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PLAN = "早晚各看一次，停电先送手电"
CANARY = ("金丝雀大娘", "金丝雀女儿", "13900001234")


def person(leaf: Any, name: str, number: int = 1) -> int:
    """Somebody who lives alone in a house of his own."""
    place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
    building = Building.objects.create(name=f"前街{number}号", lon=leaf.lon, lat=leaf.lat, **place)
    dwelling = Dwelling.objects.create(building=building, label="1户", **place)
    home = Household.objects.create(dwelling=dwelling, **place)
    row = Resident.objects.create(household=home, scope_path=leaf.scope_path, name=name, sex=2, birth_year=1941)
    return int(row.pk)


def token(locality: str, user_id: int | None) -> Api:
    """The API for somebody of the staff."""
    api = Api(locality)
    with in_locality(locality):
        api.token = keys.make(user_id=user_id, kind="token", label="t", now=NOW)[1]
    return api


@pytest.fixture
def worker(world: World, locality: str) -> Api:
    return token(locality, world.staff("worker").user_id)


@pytest.fixture
def alone(world: World, locality: str) -> int:
    """A canary in the worker's grid."""
    with in_locality(locality):
        return person(world.leaf, CANARY[0])


@pytest.fixture
def elsewhere(world: World, locality: str) -> int:
    """Somebody in another grid."""
    with in_locality(locality):
        own = world.staff("worker").scope_path
        return person(next(one for one in world.leaves if not one.scope_path.startswith(own)), "王大爷")


def plan(resident: int, **more: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()), "resident": str(resident), "needs": ["living_alone", "chronic_illness"], "plan": PLAN,
        "every_days": 7, "next_due": "2026-03-09",
        "helpers": [{"role": "family", "name": CANARY[1], "phone": CANARY[2]}], **more,
    }  # fmt: skip


def begun(worker: Api, resident: int) -> dict[str, Any]:
    answer = worker.post("/care", plan(resident))
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_plan_is_made_once_and_shown_masked(
    worker: Api, alone: int, acting_as: ActingAs, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    body = plan(alone)
    first, again = worker.post("/care", body), worker.post("/care", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert worker.post("/care", {**body, "every_days": 8}).json()["code"] == "key_reused"
    assert worker.post("/care", plan(alone)).status_code == 409
    listed = worker.get("/care").json()
    (one,) = listed["items"]
    assert (one["name"], one["needs"], one["label"]) == ("金****", ["living_alone", "chronic_illness"], "1户")
    assert {"key": "living_alone", "title": "Old and living alone"} in listed["needs"]
    opened = worker.get(f"/care/{one['id']}")
    assert (opened.json()["plan"], opened.json()["helpers"][0]["phone"]) == (PLAN, "139****1234")
    said = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    for text in (first.content.decode(), opened.content.decode(), said):
        assert not any(word in text for word in CANARY)
    with acting_as():
        row = AuditRow.objects.get(action="resident.read")
        stored = bytes(Care.objects.values_list("plan", flat=True)[0])
    assert (row.subject_id, row.purpose, row.detail) == (str(alone), "care", {"fields": ["care"]})
    assert PLAN.encode() not in stored


def test_whom_to_call_leaves_for_a_purpose_and_on_record(worker: Api, alone: int, acting_as: ActingAs) -> None:
    made = begun(worker, alone)
    address = f"/care/{made['id']}/helpers/{made['helpers'][0]['id']}/reveal"
    assert worker.post(address, {"purpose": ""}).status_code == 422
    assert worker.post(address, {"purpose": "care"}).json() == {"name": CANARY[1], "phone": CANARY[2]}
    with acting_as():
        assert AuditRow.objects.get(action="resident.reveal").subject_id == str(alone)
    assert worker.post(f"/care/{made['id']}/helpers/999999/reveal", {"purpose": "care"}).status_code == 404


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"needs": ["no_such_need"]}, "needs"),
        ({"needs": []}, "needs"),
        ({"plan": " "}, "plan"),
        ({"every_days": 0}, "every_days"),
    ],
)
def test_a_wrong_plan_names_its_field(worker: Api, alone: int, more: dict[str, Any], field: str) -> None:
    answer = worker.post("/care", plan(alone, **more))
    assert answer.status_code == 422
    assert [one["field"] for one in answer.json()["fields"]] == [field]


def test_a_visit_counts_once_at_its_time(worker: Api, alone: int, world: World) -> None:
    made = begun(worker, alone)
    address = f"/care/{made['id']}/visits"
    now = datetime.now(UTC)
    told = {"key": str(uuid4()), "outcome": "met", "note": "都好", "device_at": (now - timedelta(days=2)).isoformat()}
    first, again = worker.post(address, told), worker.post(address, told)
    assert (first.status_code, again.status_code) == (201, 200)
    assert len(again.json()["visits"]) == 1
    assert worker.post(address, {**told, "outcome": "absent"}).json()["code"] == "key_reused"
    due = date.fromisoformat(first.json()["next_due"])
    earlier = {"key": str(uuid4()), "outcome": "absent", "device_at": (now - timedelta(days=9)).isoformat()}
    later = worker.post(address, earlier).json()
    assert date.fromisoformat(later["next_due"]) == due
    assert [one["outcome"] for one in later["visits"]] == ["met", "absent"]
    assert later["visits"][0]["by"] == world.staff("worker").name
    late = {"key": str(uuid4()), "outcome": "met", "device_at": (now - timedelta(days=40)).isoformat()}
    assert worker.post(address, late).json()["fields"][0]["field"] == "device_at"


def test_a_plan_changed_by_somebody_else_is_not_written_over(worker: Api, alone: int) -> None:
    made = begun(worker, alone)
    body = {name: value for name, value in plan(alone).items() if name not in ("key", "resident", "helpers")}
    first = worker.post(f"/care/{made['id']}", {**body, "version": made["version"], "plan": "每天电话一次"})
    assert (first.status_code, first.json()["plan"], first.json()["version"]) == (200, "每天电话一次", 2)
    assert [one["phone"] for one in first.json()["helpers"]] == ["139****1234"]
    second = worker.post(f"/care/{made['id']}", {**body, "version": made["version"], "plan": "别的"})
    assert second.status_code == 409
    assert worker.get(f"/care/{made['id']}").json()["plan"] == "每天电话一次"


def test_care_ends_and_is_deleted(worker: Api, alone: int, locality: str) -> None:
    made = begun(worker, alone)
    assert worker.post(f"/care/{made['id']}/visits", {"key": str(uuid4()), "outcome": "met"}).status_code == 201
    assert worker.post(f"/care/{made['id']}/end", {"why": "recovered"}).status_code == 204
    assert worker.post(f"/care/{made['id']}/end", {"why": "recovered"}).status_code == 204
    assert worker.get("/care").json()["items"] == []
    assert worker.get(f"/care/{made['id']}").status_code == 404
    with in_locality(locality):
        assert services.purge(datetime.now(UTC) - timedelta(days=1)) == 0
        assert services.purge(datetime.now(UTC) + timedelta(days=1)) == 1
        assert not Care.objects.exists()
        assert not CareHelper.objects.exists()
        assert not CareVisit.objects.exists()
    begun(worker, alone)


def test_another_grids_people_are_not_there(worker: Api, elsewhere: int, world: World, locality: str) -> None:
    assert worker.post("/care", plan(elsewhere)).status_code == 404
    dispatcher = token(locality, world.staff("dispatcher", scope="r.").user_id)
    made = begun(dispatcher, elsewhere)
    nothing = worker.get("/care/999999").json()
    for answer in (worker.get(f"/care/{made['id']}"), worker.post(f"/care/{made['id']}/end", {"why": "other"})):
        assert (answer.status_code, answer.json()["code"]) == (404, nothing["code"])
    assert worker.get("/care").json()["items"] == []


def test_whoever_does_not_visit_check_or_steer_sees_nothing_of_it(world: World, locality: str, alone: int) -> None:
    with in_locality(locality):
        officer = world.officer("UM")
    for actor in (world.staff("leader"), world.staff("administrator"), officer):
        api = token(locality, actor.user_id)
        assert api.get("/care").status_code == 403
        assert api.post("/care", plan(alone)).status_code == 403


def test_the_list_costs_the_same_and_goes_on_where_it_stopped(worker: Api, world: World, locality: str) -> None:
    def add(number: int) -> None:
        with in_locality(locality):
            resident = person(world.leaf, f"老人{number}", number)
        day = date(2026, 3, 1) + timedelta(days=number % 3)
        assert worker.post("/care", plan(resident, next_due=day.isoformat())).status_code == 201

    for number in range(2):
        add(number)
    worker.get("/care")
    with counted_queries() as few:
        worker.get("/care")
    for number in range(2, 9):
        add(number)
    with counted_queries() as many:
        whole = worker.get("/care").json()
    assert len(many) == len(few)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = worker.get(f"/care?limit=2&cursor={cursor}").json()
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
    assert seen == [one["id"] for one in whole["items"]]
    assert len(seen) == 9
    assert worker.get("/care?cursor=nonsense").status_code == 400
    due = worker.get("/care?due_by=2026-03-01").json()["items"]
    assert {one["next_due"] for one in due} == {"2026-03-01"}


@pytest.mark.parametrize(
    ("outcome", "every", "days"),
    [("met", 30, 30), ("absent", 30, 3), ("absent", 2, 2), ("declined", 7, 3), ("urgent", 30, 1)],
)
def test_when_the_next_visit_is_due(outcome: str, every: int, days: int) -> None:
    assert rules.next_due(outcome, date(2026, 3, 1), every) == date(2026, 3, 1) + timedelta(days=days)


def test_a_phones_clock_ahead_is_replaced_by_ours() -> None:
    assert rules.visited_at(NOW + timedelta(hours=3), NOW) == NOW
    assert rules.visited_at(None, NOW) == NOW
    assert rules.visited_at(NOW - timedelta(days=3), NOW) == NOW - timedelta(days=3)
    assert rules.visited_at(NOW - timedelta(days=32), NOW) is None
