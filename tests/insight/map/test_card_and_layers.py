"""A grid's card and the layers over HTTP: to each as far as he may see, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from support.households import door, home, signed_in
from support.people import ActingAs, Api, counted_queries, filed
from support.planted import planted
from support.world import TEST_PACKS, World

from onegrid.cases.permissions import Actor
from onegrid.county.matters import selectors as matters
from onegrid.county.registers.models import Care, CareVisit, Resident
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import AuditRow
from onegrid.programmes.patrols.models import Patrol, Spell, TrackPart

PHONE, CANARY = "13812345678", "金丝雀婆婆"
As = Callable[[Actor], Api]


@pytest.fixture
def world(locality: str) -> World:
    matters.forget()
    with in_locality(locality):
        return planted(TEST_PACKS, "testland")


@pytest.fixture
def signed(world: World, locality: str, acting_as: ActingAs) -> As:
    def api(actor: Actor) -> Api:
        with acting_as():
            return signed_in(locality, actor)

    return api


@pytest.fixture
def cared(world: World, locality: str) -> int:
    """An old lady in the first leaf with a plan, a visit that is late and one that was made."""
    with in_locality(locality):
        house = home(door(world.leaf), {"name": CANARY, "sex": 2, "birth_year": 1941})
        lady = Resident.objects.get(household=house)
        care = Care.objects.create(
            key=uuid4(), body="", resident=lady, scope_path=lady.scope_path, needs=["living_alone"], plan="看望",
            every_days=7, next_due=date(2026, 1, 1), begun_on=date(2025, 12, 1),
        )  # fmt: skip
        CareVisit.objects.create(
            id=uuid4(), care=care, scope_path=care.scope_path, user=world.staff("worker").user_id or 0,
            at=datetime.now(UTC) - timedelta(days=2), outcome="met", note=CANARY, body="",
            received_at=datetime.now(UTC),
        )  # fmt: skip
        return int(care.pk)


@pytest.fixture
def walked(world: World, locality: str) -> str:
    """A patrol of today's worker, with three positions."""
    worker, now = world.staff("worker"), datetime.now(UTC)
    with in_locality(locality):
        place = {"user_id": worker.user_id, "scope_path": world.leaf.scope_path}
        spell = Spell.objects.create(
            id=uuid4(), appointment=1, grid_id=world.leaf.id, began_at=now, received_at=now, body="", **place
        )
        patrol = Patrol.objects.create(id=uuid4(), spell=spell, began_at=now, ended_at=now + timedelta(minutes=9),
                                       received_at=now, **place)  # fmt: skip
        points = [[at * 60, world.leaf.lon + at * 1e-4, world.leaf.lat, 8] for at in range(3)]
        TrackPart.objects.create(
            id=uuid4(), patrol=patrol, scope_path=patrol.scope_path, points=json.dumps(points), body="", received_at=now
        )
        return str(patrol.pk)


def test_a_card_tells_each_reader_his_part(world: World, locality: str, signed: As, cared: int, walked: str) -> None:
    with in_locality(locality):
        nearest = max((one.actor for one in world.people), key=lambda one: len(one.scope_path))
        user = User.objects.get(pk=nearest.user_id)
        user.phone = PHONE
        user.save()
    dispatcher = signed(world.staff("dispatcher", scope="r."))
    case = filed(dispatcher, world)
    leaf = str(world.leaf.id)
    full = dispatcher.get(f"/map/card/{leaf}").json()
    assert full["grid"]["chain"][0]["scope_path"] == "r."
    assert (full["residents"], full["buildings"], full["version"]) == (1, 1, 1)
    assert full["area_m2"] > 0
    assert full["open"]["n"] == 1
    assert dispatcher.get(f"/cases?{full['open']['query']}").json()["items"][0]["id"] == case["id"]
    assert [one["kind"] for one in full["visits"]] == ["patrol", "care"]
    mine = [one for one in full["people"] if one["phone"]]
    assert [one["phone"] for one in mine] == ["138****5678"]
    assert mine[0]["may_call"]
    assert dispatcher.post(f"/colleagues/{mine[0]['id']}/call", {"purpose": "工作联系"}).json()["phone"] == PHONE

    public = Api(locality).get(f"/map/card/{leaf}").json()
    assert {key for key, value in public.items() if value is None} == {
        "residents", "buildings", "open", "visits", "children",
    }  # fmt: skip
    assert all((one["id"], one["phone"], one["may_call"]) == (None, "", False) for one in public["people"])
    elsewhere = next(one for one in world.leaves if not one.scope_path.startswith(world.staff("worker").scope_path))
    away = signed(world.staff("worker")).get(f"/map/card/{elsewhere.id}").json()
    assert (away["open"], away["visits"], away["residents"]) == (None, None, None)
    for answer in (full, public, away):
        said = json.dumps(answer, ensure_ascii=False)
        assert CANARY not in said
        assert PHONE not in said
    assert dispatcher.get("/map/card/999999").status_code == 404


def test_the_set_up_says_what_this_reader_may_ask_for(world: World, locality: str, signed: As) -> None:
    nobody = Api(locality).get("/map").json()
    assert (nobody["measures"], nobody["layers"], nobody["base"]) == ([], [], None)
    assert [level["key"] for level in nobody["levels"]][:2] == [".county", ".township"]
    assert all(level["grids"] for level in nobody["levels"])
    steering = signed(world.staff("dispatcher", scope="r.")).get("/map").json()
    assert steering["layers"] == ["cases", "care", "visits", "tracks"]
    assert {"reported", "on_time", "overdue"} <= {one["key"] for one in steering["measures"]}
    with in_locality(locality):
        officer = world.officer("UM")
    assert signed(officer).get("/map").json()["layers"] == ["cases"]


def test_care_stands_at_the_building_without_a_name(world: World, locality: str, signed: As, cared: int) -> None:
    dispatcher = signed(world.staff("dispatcher", scope="r."))
    answer = dispatcher.get("/map/care")
    (point,) = answer.json()["points"]
    assert (point["id"], point["state"], point["lon"]) == (str(cared), "late", world.leaf.lon)
    (visit,) = dispatcher.get("/map/visits").json()["points"]
    assert (visit["care"], visit["outcome"]) == (str(cared), "met")
    assert CANARY not in answer.content.decode()
    far = f"{world.leaf.lon + 1},{world.leaf.lat},{world.leaf.lon + 2},{world.leaf.lat + 1}"
    assert dispatcher.get(f"/map/care?bbox={far}").json()["points"] == []
    with in_locality(locality):
        officer = world.officer("UM")
    for path in ("/map/care", "/map/visits", "/map/tracks"):
        assert Api(locality).get(path).status_code == 401
        assert signed(officer).get(path).status_code == 403
    own = world.staff("worker").scope_path
    with in_locality(locality):
        Care.objects.update(
            scope_path=next(one.scope_path for one in world.leaves if not one.scope_path.startswith(own))
        )
    assert signed(world.staff("worker")).get("/map/care").json()["points"] == []


def test_statements_do_not_grow_with_what_lies_on_the_map(
    world: World, locality: str, signed: As, cared: int, walked: str
) -> None:
    dispatcher = signed(world.staff("dispatcher", scope="r."))
    period = "from=2026-01-01&to=2026-12-31"
    paths = ("/map/care", "/map/visits", "/map/tracks", f"/map/card/{world.leaf.id}", f"/map/points?{period}")

    def counted() -> list[int]:
        found = []
        for path in paths:
            with counted_queries() as seen:
                assert dispatcher.get(path).status_code == 200
            found.append(len(seen))
        return found

    counted()
    before = counted()
    with in_locality(locality):
        care, patrol = Care.objects.get(), Patrol.objects.get()
        for number in range(4):
            house = home(door(world.leaf, room=f"2{number}"), {"name": CANARY, "sex": 2})
            lady = Resident.objects.get(household=house)
            care.pk, care.key, care.resident, care._state.adding = None, uuid4(), lady, True
            care.save()
            patrol.pk, patrol._state.adding = uuid4(), True
            patrol.save()
    for _ in range(3):
        filed(dispatcher, world)
    dispatcher.get("/map/care")
    assert counted() == before
    assert len(dispatcher.get("/map/care").json()["points"]) == 5


def test_tracks_are_for_whoever_answers_for_the_grid_and_each_look_is_on_record(
    world: World, locality: str, signed: As, walked: str
) -> None:
    dispatcher = signed(world.staff("dispatcher", scope="r."))
    (track,) = dispatcher.get("/map/tracks").json()["tracks"]
    assert track["id"] == walked
    assert (track["metres"], track["gap_s"]) == (0, 0), "as the patrol was counted"
    assert [len(line) for line in track["lines"]] == [len(at) for at in track["at"]]
    assert track["lines"][0][0] == [round(world.leaf.lon, 6), round(world.leaf.lat, 6)]
    with in_locality(locality):
        row = AuditRow.objects.get(action="tracks.look")
    assert row.detail["patrols"] == [walked]
    assert dispatcher.get("/map/tracks?day=2026-01-01").json()["tracks"] == []
    worker = world.staff("worker")
    assert not worker.duties & {"triage", "supervise", "command"}
    assert signed(worker).get("/map/tracks").status_code == 403


def test_measures_and_states_have_words_in_both_languages(world: World, locality: str, signed: As) -> None:
    api = signed(world.staff("dispatcher", scope="r."))
    said: dict[str, Any] = {}
    for lang in ("zh-CN", "en"):
        api.lang = lang
        said[lang] = [one["title"] for one in api.get("/map").json()["measures"]]
    assert len(said["en"]) == len(set(said["en"])) == len(said["zh-CN"])
    assert not set(said["en"]) & set(said["zh-CN"])
