"""Coming home: written once by the resident, confirmed by the worker of the place, seen by nobody else, deleted."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.registers.models import Building, Dwelling, Household, Returnee
from onegrid.county.registers.services import returnees as services
from onegrid.county.workforce.selectors import day_of
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow
from onegrid.foundation.messages.models import DrawerMessage

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PHONE = "19000000007"
NAME = "金丝雀归人"


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ONEGRID_DEMO", True)


def signed_in(locality: str, phone: str = PHONE) -> Api:
    """A resident, by phone code."""
    api = Api(locality)
    sent = api.post("/resident/code", {"phone": phone}).json()
    code = re.search(r"\d{6}", api.get(f"/resident/drawer?token={sent['drawer']}").json()["messages"][-1]["text"])
    assert code
    assert api.post("/resident/session", {"phone": phone, "code": code[0]}).status_code == 200
    return api


@pytest.fixture
def resident(world: World, locality: str) -> Api:
    return signed_in(locality)


@pytest.fixture
def worker(world: World, locality: str) -> Api:
    api = Api(locality)
    with in_locality(locality):
        api.token = keys.make(user_id=world.staff("worker").user_id, kind="token", label="t", now=NOW)[1]
    return api


@pytest.fixture
def body(world: World, locality: str) -> dict[str, Any]:
    with in_locality(locality):
        today = day_of(datetime.now(UTC))
    return {
        "key": str(uuid4()), "name": NAME, "came_from": "外省某市", "address": "前街1号老屋", "lon": world.leaf.lon,
        "lat": world.leaf.lat, "arrives_on": today.isoformat(), "leaves_on": (today + timedelta(days=10)).isoformat(),
        "people": 3, "words": "请帮忙联系 13912345678",
    }  # fmt: skip


def test_registered_once_and_whole_for_the_person(resident: Api, body: dict[str, Any]) -> None:
    first, again = resident.post("/resident/returnees", body), resident.post("/resident/returnees", body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert resident.post("/resident/returnees", {**body, "people": 4}).json()["code"] == "key_reused"
    (own,) = resident.get("/resident/returnees").json()["items"]
    assert (own["name"], own["phone"], own["state"], own["people"]) == (NAME, PHONE, "waiting", 3)
    assert own["grid"]["name"]


def test_the_worker_sees_it_masked_calls_for_a_purpose_and_confirms(
    resident: Api, worker: Api, body: dict[str, Any], acting_as: ActingAs, world: World, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG)
    resident.post("/resident/returnees", body)
    listed = worker.get("/returnees")
    (one,) = listed.json()["items"]
    assert (one["name"], one["phone"], one["words"]) == ("金****", "190****0007", "请帮忙联系 139****5678")
    address = f"/returnees/{one['id']}"
    assert worker.post(f"{address}/reveal", {"purpose": "x"}).status_code == 422
    assert worker.post(f"{address}/reveal", {"purpose": "help"}).json() == {"name": NAME, "phone": PHONE}
    with acting_as():
        place = {"grid_id": world.leaf.id, "scope_path": world.leaf.scope_path}
        building = Building.objects.create(name="前街1号", lon=world.leaf.lon, lat=world.leaf.lat, **place)
        dwelling = Dwelling.objects.create(building=building, label="1户", **place)
        home = Household.objects.create(dwelling=dwelling, **place)
        assert AuditRow.objects.get(action="returnee.reveal").subject_id == one["id"]
    assert worker.post(f"{address}/confirm", {"household": "999999"}).status_code == 422
    for _ in range(2):
        done = worker.post(f"{address}/confirm", {"household": str(home.pk)})
        assert (done.status_code, done.json()["state"], done.json()["household"]) == (200, "confirmed", str(home.pk))
    assert worker.post(f"{address}/refuse", {"reason": "不对"}).status_code == 409
    with acting_as():
        told = [row.text for row in DrawerMessage.objects.order_by("pk")]
    assert sum("已由" in text for text in told) == 1
    assert worker.get("/returnees").json()["items"] == []
    assert resident.get("/resident/returnees").json()["items"][0]["state"] == "confirmed"
    said = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    for text in (listed.content.decode(), said):
        assert not any(word in text for word in (NAME, PHONE, "13912345678"))


def test_refused_with_a_reason_the_person_reads(resident: Api, worker: Api, body: dict[str, Any]) -> None:
    made = resident.post("/resident/returnees", body).json()
    assert worker.post(f"/returnees/{made['id']}/refuse", {"reason": "这处房屋没有人住"}).status_code == 200
    (own,) = resident.get("/resident/returnees").json()["items"]
    assert (own["state"], own["reason"]) == ("refused", "这处房屋没有人住")


def test_taken_back_by_the_person_and_nobody_else(
    resident: Api, worker: Api, body: dict[str, Any], locality: str
) -> None:
    made = resident.post("/resident/returnees", body).json()
    other = signed_in(locality, "19000000008")
    assert other.get("/resident/returnees").json()["items"] == []
    assert other.post(f"/resident/returnees/{made['id']}/withdraw").status_code == 404
    for _ in range(2):
        assert resident.post(f"/resident/returnees/{made['id']}/withdraw").status_code == 204
    assert worker.post(f"/returnees/{made['id']}/confirm").status_code == 409
    assert worker.post("/resident/returnees", body).status_code == 403


def test_another_grid_is_not_told(resident: Api, worker: Api, body: dict[str, Any], world: World) -> None:
    own = world.staff("worker").scope_path
    there = next(one for one in world.leaves if not one.scope_path.startswith(own))
    made = resident.post("/resident/returnees", {**body, "lon": there.lon, "lat": there.lat}).json()
    assert worker.get("/returnees").json()["items"] == []
    answer = worker.post(f"/returnees/{made['id']}/confirm")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("field", "days"), [("arrives_on", 400), ("arrives_on", -100), ("leaves_on", -3), ("leaves_on", 900)]
)
def test_days_that_cannot_be_meant(resident: Api, body: dict[str, Any], locality: str, field: str, days: int) -> None:
    with in_locality(locality):
        wrong = day_of(datetime.now(UTC)) + timedelta(days=days)
    told = {**body, field: wrong.isoformat()}
    if field == "arrives_on":
        told["leaves_on"] = None
    answer = resident.post("/resident/returnees", told)
    assert (answer.status_code, [one["field"] for one in answer.json()["fields"]]) == (422, [field])
    nowhere = resident.post("/resident/returnees", {**body, "lon": 0, "lat": 0})
    assert nowhere.json()["fields"][0]["field"] == "lon"


def test_nobody_fills_the_workers_list(resident: Api, body: dict[str, Any]) -> None:
    for _ in range(services.MOST_OPEN):
        assert resident.post("/resident/returnees", {**body, "key": str(uuid4())}).status_code == 201
    assert resident.post("/resident/returnees", {**body, "key": str(uuid4())}).status_code == 409


def test_deleted_when_its_reason_is_over(resident: Api, body: dict[str, Any], locality: str) -> None:
    resident.post("/resident/returnees", body)
    taken_back = resident.post("/resident/returnees", {**body, "key": str(uuid4())}).json()
    resident.post(f"/resident/returnees/{taken_back['id']}/withdraw")
    with in_locality(locality):
        today = day_of(datetime.now(UTC))
        assert services.purge(today) == 0
        assert services.purge(today + timedelta(days=1)) == 1
        assert str(Returnee.objects.get().pk) == body["key"]
        assert services.purge(today + timedelta(days=11)) == 1
        assert not Returnee.objects.exists()


def test_the_list_costs_the_same(resident: Api, worker: Api, body: dict[str, Any]) -> None:
    resident.post("/resident/returnees", body)
    worker.get("/returnees")
    with counted_queries() as few:
        worker.get("/returnees")
    for _ in range(4):
        resident.post("/resident/returnees", {**body, "key": str(uuid4())})
    with counted_queries() as many:
        assert len(worker.get("/returnees").json()["items"]) == 5
    assert len(many) == len(few)
