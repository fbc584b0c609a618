"""Duty and patrols as a phone tells them: at once, late, twice, out of turn, with a wrong clock."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from support.people import ActingAs, counted_queries
from support.world import World

from onegrid.county.grids.rules.metres import metres_per_degree
from onegrid.programmes.patrols import tasks
from onegrid.programmes.patrols.models import Patrol, Spell, TrackPart
from tests.programmes.patrols.conftest import NINE, Clock, Phone


def walk(phone: Phone, begin: datetime, seconds: int, *, every: int = 20, east: float = 0.0) -> list[dict[str, Any]]:
    """Positions of a straight walk at 1.2 m/s to the east."""
    per_lon, _ = metres_per_degree(phone.place["lat"])
    return [
        {"at": begin + timedelta(seconds=at), "lon": phone.place["lon"] + (east + 1.2 * at) / per_lon,
         "lat": phone.place["lat"], "accuracy": 8}
        for at in range(0, seconds + 1, every)
    ]  # fmt: skip


def code(answer: Any) -> str:
    return f"{answer.status_code} {answer.json()['code']}"


def test_a_day_on_duty(worker: Phone, clock: Clock) -> None:
    spell = worker.sign_in()
    assert (spell["in_place"], spell["ended_at"], spell["doubtful"]) == ("inside", None, False)
    clock.go(minutes=30)
    patrol = worker.done("/patrols", spell=spell["id"])
    begin = clock.now
    clock.go(minutes=5)
    worker.done(f"/patrols/{patrol['id']}/track", points=walk(worker, begin, 300))
    clock.go(minutes=10)
    ended = worker.done(f"/patrols/{patrol['id']}/end")
    assert ended["metres"] == pytest.approx(360, rel=0.01)
    assert (ended["covered_s"], ended["gap_s"], ended["gaps"]) == (300, 600, 1)
    state = worker.api.get("/duty").json()
    assert state["spell"]["id"] == spell["id"]
    assert state["patrol"] is None
    assert state["today"] == {
        "on_duty_s": 45 * 60, "patrols": 1, "metres": ended["metres"], "covered_s": 300, "gap_s": 600
    }  # fmt: skip
    clock.go(minutes=15)
    out = worker.done(f"/duty/{spell['id']}/end", **worker.place)
    assert (out["ended_by"], out["out_place"]) == ("person", "inside")
    assert worker.api.get("/duty").json()["spell"] is None
    clock.go(hours=1)
    assert worker.api.get("/duty").json()["today"]["on_duty_s"] == 3600


def test_where_one_signs_in_is_told_as_it_is(worker: Phone, clock: Clock) -> None:
    away = worker.sign_in(lon=worker.place["lon"] + 0.09)
    assert away["in_place"] == "outside"
    worker.done(f"/duty/{away['id']}/end")
    clock.go(minutes=1)
    vague = worker.sign_in(accuracy=2500)
    assert vague["in_place"] == "unknown"
    worker.done(f"/duty/{vague['id']}/end")
    clock.go(minutes=1)
    assert worker.sign_in(lon=None, lat=None, accuracy=None)["in_place"] == "unknown"


def test_every_step_may_be_repeated_and_a_key_says_one_thing(worker: Phone, clock: Clock) -> None:
    key, at = str(uuid.uuid4()), clock.now
    first = worker.post("/duty", key=key, at=at, **worker.place)
    again = worker.post("/duty", key=key, at=at, **worker.place)
    assert (first.status_code, again.status_code, first.json()) == (201, 200, again.json())
    assert code(worker.post("/duty", key=key, at=at)) == "409 key_reused"
    clock.go(minutes=1)
    begun = {"key": str(uuid.uuid4()), "at": clock.now, "spell": key}
    patrol = worker.done("/patrols", **begun)
    clock.go(minutes=9)
    assert worker.done("/patrols", **begun) == patrol
    assert code(worker.post("/patrols", **{**begun, "spell": str(uuid.uuid4())})) == "409 key_reused"
    piece = {"key": str(uuid.uuid4()), "points": walk(worker, begun["at"], 300)}
    once = worker.done(f"/patrols/{patrol['id']}/track", **piece)
    assert worker.done(f"/patrols/{patrol['id']}/track", **piece) == once
    piece["points"] = walk(worker, begun["at"], 280)
    assert code(worker.post(f"/patrols/{patrol['id']}/track", **piece)) == "409 key_reused"
    stop = {"key": str(uuid.uuid4()), "at": clock.now + timedelta(hours=2)}
    stopped = worker.done(f"/patrols/{patrol['id']}/end", **stop)
    clock.go(seconds=30)
    assert worker.done(f"/patrols/{patrol['id']}/end", **stop) == stopped
    out = {"key": str(uuid.uuid4()), "at": clock.now}
    ended = worker.done(f"/duty/{key}/end", **out)
    clock.go(hours=1)
    assert worker.done(f"/duty/{key}/end", **out) == ended
    assert code(worker.post(f"/duty/{key}/end")) == "409 not_on_duty"


def test_three_days_without_a_network(worker: Phone, clock: Clock, acting_as: ActingAs) -> None:
    """Everything arrives at once, days later, and counts as if it had arrived at once."""
    told: list[tuple[str, dict[str, Any]]] = []
    for day in range(3):
        begin = NINE + timedelta(days=day)
        spell, patrol = str(uuid.uuid4()), str(uuid.uuid4())
        told += [
            ("/duty", {"key": spell, "at": begin, **worker.place}),
            ("/patrols", {"key": patrol, "at": begin + timedelta(minutes=5), "spell": spell}),
            (f"/patrols/{patrol}/track", {"points": walk(worker, begin + timedelta(minutes=5), 600)}),
            (f"/patrols/{patrol}/end", {"at": begin + timedelta(minutes=15)}),
            (f"/duty/{spell}/end", {"at": begin + timedelta(hours=8)}),
        ]
    clock.go(days=3)
    for path, body in told:
        worker.done(path, **body)
    rows = worker.api.get("/patrols").json()["items"]
    assert [(row["covered_s"], row["gap_s"], row["ended_by"]) for row in rows] == [(600, 0, "person")] * 3
    with acting_as():
        spells = list(Spell.objects.order_by("began_at"))
    assert [one.began_at for one in spells] == [NINE + timedelta(days=day) for day in range(3)]
    assert all(one.ended_at and one.ended_at - one.began_at == timedelta(hours=8) for one in spells)


def test_a_clock_that_runs_ahead_is_not_believed(worker: Phone, clock: Clock) -> None:
    spell = worker.sign_in(at=clock.now + timedelta(days=400))
    assert datetime.fromisoformat(spell["began_at"]) == clock.now
    assert spell["doubtful"] is True
    other = worker.post("/duty", at=clock.now - timedelta(days=31))
    assert code(other) == "422 told_too_late"
    assert "30" in other.json()["message"]


def test_nobody_is_on_duty_twice(worker: Phone, clock: Clock) -> None:
    first = worker.sign_in()
    clock.go(minutes=5)
    assert code(worker.post("/duty", **worker.place)) == "409 already_on_duty"
    clock.go(hours=3)
    worker.done(f"/duty/{first['id']}/end")
    clock.go(hours=1)
    # A second phone tells late of a sign-in that lies within what is known already.
    assert code(worker.post("/duty", at=clock.now - timedelta(hours=2), **worker.place)) == "409 already_on_duty"
    assert worker.sign_in()["ended_at"] is None


def test_positions_count_only_on_duty_and_in_the_patrol(worker: Phone, clock: Clock, acting_as: ActingAs) -> None:
    assert code(worker.post("/patrols", spell=str(uuid.uuid4()))) == "404 spell_not_found"
    spell = worker.sign_in()
    clock.go(minutes=10)
    patrol = worker.done("/patrols", spell=spell["id"])
    begin = clock.now
    clock.go(minutes=2)
    points = walk(worker, begin - timedelta(minutes=5), 120) + walk(worker, begin, 60)
    ahead = walk(worker, clock.now + timedelta(minutes=1), 40)
    told = worker.done(f"/patrols/{patrol['id']}/track", points=points + ahead)
    assert (told["fixes"], told["refused"]) == (4, len(points) + len(ahead) - 4)
    with acting_as():
        part = TrackPart.objects.get(patrol_id=patrol["id"])
        assert len(json.loads(part.points)) == 4
    out_at = clock.now
    worker.done(f"/duty/{spell['id']}/end")
    clock.go(minutes=5)
    after = worker.done(f"/patrols/{patrol['id']}/track", points=walk(worker, out_at + timedelta(minutes=1), 60))
    assert (after["fixes"], after["ended_by"]) == (4, "sign_out")
    assert code(worker.post("/patrols", spell=spell["id"])) == "409 not_on_duty"


def test_a_second_patrol_ends_the_first(worker: Phone, clock: Clock) -> None:
    spell = worker.sign_in()
    clock.go(minutes=1)
    first = worker.done("/patrols", spell=spell["id"])
    clock.go(minutes=9)
    worker.done("/patrols", spell=spell["id"])
    found = worker.api.get(f"/patrols/{first['id']}").json()
    assert (found["ended_by"], found["gap_s"], found["gap_list"][0]["seconds"]) == ("next", 540, 540)
    # The word that the first had ended sooner was still on its way.
    sooner = worker.done(f"/patrols/{first['id']}/end", at=clock.now - timedelta(minutes=4))
    assert (sooner["ended_by"], sooner["gap_s"]) == ("person", 300)
    assert code(worker.post(f"/patrols/{first['id']}/end", at=clock.now - timedelta(minutes=1))) == "409 patrol_over"


def test_a_forgotten_duty_ends_by_itself_and_a_late_word_puts_it_right(
    worker: Phone, clock: Clock, locality: str, acting_as: ActingAs
) -> None:
    spell = worker.sign_in()
    clock.go(minutes=1)
    patrol = worker.done("/patrols", spell=spell["id"])
    assert tasks.close_forgotten(locality, NINE + timedelta(hours=13)) == 0
    clock.go(hours=23)
    assert tasks.close_forgotten(locality, clock.now) == 1
    assert tasks.close_forgotten(locality, clock.now) == 0
    with acting_as():
        row = Spell.objects.get(pk=spell["id"])
    assert (row.ended_by, row.ended_at) == ("clock", NINE + timedelta(hours=14))
    assert worker.api.get(f"/patrols/{patrol['id']}").json()["ended_by"] == "clock"
    unheard = worker.done("/patrols", spell=spell["id"], at=NINE + timedelta(hours=2))
    assert unheard["ended_by"] == "clock", "nobody had signed out"
    before = worker.api.get(f"/patrols/{patrol['id']}").json()
    assert (before["ended_by"], before["ended_at"]) == ("next", unheard["began_at"]), "two walks at once"
    late = worker.done(f"/duty/{spell['id']}/end", at=NINE + timedelta(hours=8))
    assert (late["ended_by"], datetime.fromisoformat(late["ended_at"])) == ("person", NINE + timedelta(hours=8))
    with acting_as():
        walked = Patrol.objects.get(pk=unheard["id"])
    assert (walked.ended_by, walked.ended_at) == ("sign_out", NINE + timedelta(hours=8))


def test_a_track_is_shown_with_its_gap_and_no_line_across(worker: Phone, clock: Clock) -> None:
    spell = worker.sign_in()
    patrol = worker.done("/patrols", spell=spell["id"])
    begin = clock.now
    clock.go(minutes=20)
    first, second = walk(worker, begin, 120), walk(worker, begin + timedelta(minutes=10), 120, east=800)
    worker.done(f"/patrols/{patrol['id']}/track", points=first)
    worker.done(f"/patrols/{patrol['id']}/track", points=second)
    found = worker.api.get(f"/patrols/{patrol['id']}").json()
    assert [len(line) for line in found["lines"]] == [7, 7]
    assert found["gap_list"][0]["seconds"] == 480
    assert found["metres"] == pytest.approx(288, rel=0.01)


def test_points_are_sealed_and_gone_when_the_pack_says(
    worker: Phone, clock: Clock, locality: str, acting_as: ActingAs
) -> None:
    spell = worker.sign_in()
    patrol = worker.done("/patrols", spell=spell["id"])
    begin = clock.now
    clock.go(minutes=5)
    told = worker.done(f"/patrols/{patrol['id']}/track", points=walk(worker, begin, 300))
    with acting_as(), connection.cursor() as cursor:
        cursor.execute("SELECT points FROM patrols_trackpart")
        assert str(worker.place["lon"])[:5].encode() not in bytes(cursor.fetchone()[0])
    kept = worker.api.get("/duty").json()["keep_days"]
    assert kept == 30, "testland's pack says so"
    assert tasks.forget_tracks(locality, NINE + timedelta(days=kept)) == 0
    assert tasks.forget_tracks(locality, NINE + timedelta(days=kept, seconds=1)) == 1
    with acting_as():
        assert TrackPart.objects.count() == 0
    after = worker.api.get(f"/patrols/{patrol['id']}").json()
    assert (after["kept"], after["lines"], after["metres"]) == (False, [], told["metres"])
    late = worker.done(f"/patrols/{patrol['id']}/track", points=walk(worker, begin, 60))
    assert late["metres"] == told["metres"]
    with acting_as():
        assert json.loads(TrackPart.objects.get().points) == []


def test_a_track_is_nobody_elses(
    worker: Phone, clock: Clock, world: World, phone_of: Callable[[int | None], Phone], acting_as: ActingAs
) -> None:
    spell = worker.sign_in()
    patrol = worker.done("/patrols", spell=spell["id"])
    above = phone_of(world.staff("dispatcher", scope="r.").user_id)
    with acting_as():
        officer = phone_of(world.officer("UM").user_id)
    for other in (above, officer):
        assert code(other.api.get(f"/patrols/{patrol['id']}")) == "404 patrol_not_found"
        assert code(other.post(f"/patrols/{patrol['id']}/end")) == "404 patrol_not_found"
        assert code(other.post(f"/duty/{spell['id']}/end")) == "404 spell_not_found"
        assert code(other.post("/duty", key=spell["id"])) == "409 key_reused"
        assert other.api.get("/patrols").json()["items"] == []
    assert code(officer.post("/duty")) == "403 no_grid_hat"


def test_lists_cost_the_same_however_long(worker: Phone, clock: Clock) -> None:
    spell = worker.sign_in()

    def patrols(count: int) -> None:
        for _ in range(count):
            clock.go(seconds=30)
            worker.done("/patrols", spell=spell["id"])

    patrols(2)
    worker.api.get("/patrols")
    with counted_queries() as few:
        worker.api.get("/patrols?limit=50")
    patrols(20)
    with counted_queries() as many:
        page = worker.api.get("/patrols?limit=50").json()
    assert len(page["items"]) == 22
    assert len(many) == len(few)
    first = worker.api.get("/patrols?limit=15").json()
    rest = worker.api.get(f"/patrols?limit=15&cursor={first['next']}").json()
    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in page["items"]]
    assert rest["next"] is None
    for bad in ("x", "2026-03-02T01:00:00"):
        assert code(worker.api.get(f"/patrols?cursor={bad}")) == "400 bad_request"
