"""Rounds handed to walkers: offered by grid, on the walker's list of the day, replaced, taken back, nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from support.households import door, home
from support.people import ActingAs, counted_queries
from support.world import World

from onegrid.county.registers.models import Care, Resident
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow
from onegrid.programmes.patrols import tasks
from onegrid.programmes.patrols.models import HandedRound
from tests.programmes.patrols.conftest import NINE, Phone

PhoneOf = Callable[[int | None], Phone]
CANARY = "金丝雀婆婆"
TODAY = "2026-03-02"


@pytest.fixture
def sender(world: World, phone_of: PhoneOf) -> Phone:
    return phone_of(world.staff("dispatcher", scope="r.").user_id)


@pytest.fixture
def leaf_with_doors(world: World, locality: str) -> int:
    """Two inhabited buildings in the worker's first leaf, and an old lady to visit in one of them."""
    own = world.staff("worker").scope_path
    leaf = next(one for one in world.leaves if one.scope_path.startswith(own))
    with in_locality(locality):
        house = home(door(leaf), {"name": CANARY, "sex": 2, "birth_year": 1941})
        home(door(leaf, room="201"), {"name": "邻居", "sex": 1})
        lady = Resident.objects.get(household=house)
        Care.objects.create(
            key=uuid.uuid4(), body="", resident=lady, scope_path=lady.scope_path, needs=["living_alone"], plan="看望",
            every_days=7, next_due=date(2026, 3, 1), begun_on=date(2026, 1, 1),
        )  # fmt: skip
    return leaf.id


def order(walker: str, *, words: str = "前街1号", key: str = "") -> dict[str, Any]:
    stop = {"kind": "building", "id": "7", "lon": 119.1, "lat": 26.1, "words": words, "minutes": 5}
    return {"key": key or str(uuid.uuid4()), "walker": walker, "stops": [stop], "metres": 120, "minutes": 7}


def test_a_grid_offers_its_walkers_visits_and_doors(
    leaf_with_doors: int, sender: Phone, worker: Phone, world: World, phone_of: PhoneOf
) -> None:
    path = f"/rounds/ground?grid={leaf_with_doors}&day={TODAY}"
    found = sender.api.get(path).json()
    assert [one["state"] for one in found["care"]] == ["late"]
    assert sum(one["households"] for one in found["doors"]) == 2
    assert found["doors_offered"]
    assert found["today"] == TODAY
    assert CANARY not in str(found)
    assert found["walkers"], "who works in the grid or above it"
    assert sender.api.get(f"/rounds/ground?grid={leaf_with_doors}&day=2026-02-01").json()["care"] == []
    assert worker.api.get(path).status_code == 403
    elsewhere = next(one for one in world.people if "triage" in one.actor.duties and one.actor.scope_path != "r.")
    outside = next(one for one in world.leaves if not one.scope_path.startswith(elsewhere.actor.scope_path))
    assert phone_of(elsewhere.actor.user_id).api.get(f"/rounds/ground?grid={outside.id}").status_code == 403


def test_statements_do_not_grow_with_doors(leaf_with_doors: int, sender: Phone, world: World, locality: str) -> None:
    path = f"/rounds/ground?grid={leaf_with_doors}"

    def counted() -> int:
        with counted_queries() as seen:
            assert sender.api.get(path).status_code == 200
        return len(seen)

    counted()
    before = counted()
    with in_locality(locality):
        leaf = next(one for one in world.leaves if one.id == leaf_with_doors)
        for number in range(5):
            home(door(leaf, room=f"30{number}"), {"name": "某人", "sex": 1})
    assert counted() == before


def test_a_round_is_on_the_walkers_list_of_the_day_until_it_is_replaced_or_taken_back(
    leaf_with_doors: int, sender: Phone, worker: Phone, world: World, locality: str, acting_as: ActingAs
) -> None:
    walker = worker.api.get("/me").json()["hat"]
    first = order(walker)
    assert worker.api.get("/rounds/mine").json() == {"round": None}
    made = sender.api.post("/rounds", {"day": TODAY, "rounds": [first]})
    assert made.status_code == 201, made.content
    assert sender.api.post("/rounds", {"day": TODAY, "rounds": [first]}).status_code == 201, "a repeat changes nothing"
    mine = worker.api.get("/rounds/mine").json()["round"]
    assert (mine["stops"], mine["metres"], mine["id"]) == (first["stops"], 120, first["key"])
    assert [one["id"] for one in sender.api.get(f"/rounds?day={TODAY}").json()["items"]] == [first["key"]]
    second = order(walker, words="后街2号")
    sender.api.post("/rounds", {"day": TODAY, "rounds": [second]})
    assert worker.api.get("/rounds/mine").json()["round"]["stops"][0]["words"] == "后街2号"
    with acting_as():
        assert HandedRound.objects.count() == 1
        assert {row.action for row in AuditRow.objects.filter(action__startswith="rounds.")} == {"rounds.hand"}
    assert worker.api.post(f"/rounds/{second['key']}/take-back", {}).status_code == 403
    assert sender.api.post(f"/rounds/{second['key']}/take-back", {}).status_code == 204
    assert sender.api.post(f"/rounds/{second['key']}/take-back", {}).status_code == 404
    assert worker.api.get("/rounds/mine").json() == {"round": None}


def test_nobody_is_sent_into_the_past_or_from_elsewhere(
    leaf_with_doors: int, sender: Phone, worker: Phone, world: World, phone_of: PhoneOf
) -> None:
    walker = worker.api.get("/me").json()["hat"]
    for day in ("2026-03-01", "2026-03-17"):
        assert sender.api.post("/rounds", {"day": day, "rounds": [order(walker)]}).json()["code"] == "wrong_day"
    gone = sender.api.post("/rounds", {"day": TODAY, "rounds": [order("999999")]})
    assert (gone.status_code, gone.json()["code"]) == (404, "walker_not_found")
    assert worker.api.post("/rounds", {"day": TODAY, "rounds": [order(walker)]}).status_code == 403
    strange = order(walker, key=(known := order(walker))["key"], words="别处")
    assert sender.api.post("/rounds", {"day": TODAY, "rounds": [known]}).status_code == 201
    assert sender.api.post("/rounds", {"day": TODAY, "rounds": [strange]}).json()["code"] == "key_reused"


def test_rounds_are_forgotten_after_a_month(worker: Phone, sender: Phone, locality: str, leaf_with_doors: int) -> None:
    sender.api.post("/rounds", {"day": TODAY, "rounds": [order(worker.api.get("/me").json()["hat"])]})
    assert tasks.forget_tracks(locality, NINE + timedelta(days=30)) == 0
    assert tasks.forget_tracks(locality, NINE + timedelta(days=32)) == 1
