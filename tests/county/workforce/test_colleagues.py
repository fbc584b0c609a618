"""Whom a worker can call: his own grid's people first, then up the chain; a number leaves on record."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from support.people import ActingAs, Api, counted_queries
from support.world import World

from onegrid.county.grids import selectors as grids
from onegrid.county.workforce import colleagues
from onegrid.county.workforce import services as appointments
from onegrid.county.workforce.models import Appointment
from onegrid.foundation.accounts.actor import Actor
from onegrid.foundation.accounts.models import User
from onegrid.foundation.accounts.services import keys
from onegrid.foundation.journal.models import AuditRow

NOW = datetime(2026, 3, 2, tzinfo=UTC)
PHONE = "13900001234"


@pytest.fixture
def worker(world: World, locality: str, acting_as: ActingAs) -> Api:
    """The grid worker; everybody else has a phone."""
    api = Api(locality)
    actor = world.staff("worker")
    with acting_as():
        for user in User.objects.exclude(pk=actor.user_id):
            user.phone = PHONE
            user.save()
        api.token = keys.make(user_id=actor.user_id, kind="token", label="t", now=NOW)[1]
    return api


def people(api: Api) -> list[dict[str, Any]]:
    answer = api.get("/colleagues")
    assert answer.status_code == 200, answer.content
    assert PHONE not in answer.content.decode()
    return list(answer.json()["items"])


def test_the_nearest_first_and_numbers_masked(worker: Api, world: World) -> None:
    found = people(worker)
    assert found
    assert {one["phone"] for one in found} == {"139****1234"}
    own = [one["own"] for one in found]
    assert own == sorted(own, reverse=True), "the own grid's people stand first"
    me = world.staff("worker")
    assert me.name not in {one["name"] for one in found}
    assert any(one["title"] for one in found)


def test_further_away_stands_further_down(world: World, acting_as: ActingAs) -> None:
    """Whoever sits higher up: his own grid, then the grids above, the next one first, then those below likewise."""
    with acting_as():
        chain = [grid.scope_path for grid in grids.chain(world.leaf.scope_path)]
        actor = Actor(kind="staff", scope_path=chain[2])
        found = [int(one["id"]) for one in colleagues.around(actor, now=NOW)]
        paths = dict(Appointment.objects.values_list("pk", "scope_path"))
    away = [chain.index(paths[pk]) - 2 for pk in found]
    assert {-1, 0, 1, 2} <= set(away)
    assert away == sorted(away, key=lambda steps: (steps != 0, steps > 0, abs(steps)))


def test_a_number_leaves_for_a_purpose_and_on_record(worker: Api, acting_as: ActingAs) -> None:
    one = people(worker)[0]
    assert worker.post(f"/colleagues/{one['id']}/call", {"purpose": ""}).status_code == 422
    assert worker.post(f"/colleagues/{one['id']}/call", {"purpose": "工作联系"}).json() == {"phone": PHONE}
    with acting_as():
        row = AuditRow.objects.get(action="colleague.call")
    assert (row.purpose, row.subject_id) == ("工作联系", one["id"])
    assert worker.post("/colleagues/999999/call", {"purpose": "工作联系"}).json()["code"] == "appointment_not_found"


def test_whoever_sits_elsewhere_or_has_left_is_not_called(worker: Api, world: World, acting_as: ActingAs) -> None:
    actor = world.staff("worker")
    known = {one["id"] for one in people(worker)}
    with acting_as():
        level = grids.by_path(actor.scope_path).level
        away = next(one for one in grids.subtree("r.", level=level) if one.scope_path != actor.scope_path)
        User(pk=7001, username="away", password="", display_name="外人").save()
        key = next(person.position for person in world.people if person.actor.user_id == actor.user_id)
        draft = appointments.Draft(user=7001, position=key, grid=away.id, valid_from=date(2025, 1, 1))
        made = appointments.appoint(draft)
        gone = int(sorted(known, key=int)[0])
        appointments.end(gone, on=date(2026, 1, 2), reason="moved")
    stranger = getattr(made, "id", made)
    assert worker.post(f"/colleagues/{stranger}/call", {"purpose": "工作联系"}).status_code == 404
    assert worker.post(f"/colleagues/{gone}/call", {"purpose": "工作联系"}).status_code == 404
    assert {one["id"] for one in people(worker)} == known - {str(gone)}


def test_whoever_has_no_number_says_so(worker: Api, acting_as: ActingAs) -> None:
    one = people(worker)[0]
    with acting_as():
        for user in User.objects.all():
            user.phone = None
            user.save()
    assert people(worker)[0]["phone"] == ""
    assert worker.post(f"/colleagues/{one['id']}/call", {"purpose": "工作联系"}).json()["code"] == "no_phone"


def test_the_list_costs_the_same_however_long(worker: Api, world: World, acting_as: ActingAs) -> None:
    people(worker)
    with counted_queries() as few:
        before = len(people(worker))
    actor = world.staff("worker")
    key = next(person.position for person in world.people if person.actor.user_id == actor.user_id)
    with acting_as():
        grid = grids.by_path(actor.scope_path)
        for number in range(7100, 7110):
            User(pk=number, username=f"u{number}", password="", display_name="同事").save()
            appointments.appoint(
                appointments.Draft(user=number, position=key, grid=grid.id, valid_from=date(2025, 1, 1))
            )
    people(worker)
    with counted_queries() as many:
        assert len(people(worker)) == before + 10
    assert len(many) == len(few)
