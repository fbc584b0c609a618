"""Rounds of a team: every stop once, nobody beyond his time, shared evenly, the same answer every time."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import pytest
from support.people import ActingAs
from support.world import World

from onegrid.programmes.patrols.rules.rounds import WALKING_MPS, Round, Rounds, Stop, Walker, plan
from tests.programmes.patrols.conftest import Phone

LON, LAT = 119.13, 26.15
EAST, NORTH = 99_950.0, 110_780.0
"""Metres in a degree there, near enough to lay stops out."""


def at(east: float, north: float, minutes: float = 5) -> Stop:
    return Stop(LON + east / EAST, LAT + north / NORTH, minutes)


def walker(east: float = 0, north: float = 0, minutes: float = 480) -> Walker:
    return Walker(LON + east / EAST, LAT + north / NORTH, minutes)


def scattered(count: int, seed: int) -> list[Stop]:
    draw = random.Random(seed)
    return [at(draw.uniform(-1500, 1500), draw.uniform(-1500, 1500)) for _ in range(count)]


def test_every_stop_once_and_the_same_again() -> None:
    stops, team = scattered(40, 1), [walker(-500), walker(500), walker(0, 700)]
    found = plan(stops, team, steps=120)
    assert sorted(stop for one in found.rounds for stop in one.stops) == list(range(40))
    assert found.left == ()
    assert found == plan(stops, team, steps=120)
    assert found.metres == sum(one.metres for one in found.rounds)


def test_neighbours_go_to_one_person() -> None:
    west, east = [at(-1000 + n * 10, n * 10) for n in range(5)], [at(1000 + n * 10, n * 10) for n in range(5)]
    found = plan([*west, *east], [walker(1000), walker(-1000)], steps=120)
    assert [set(one.stops) for one in found.rounds] == [{5, 6, 7, 8, 9}, {0, 1, 2, 3, 4}]
    assert found.rounds[0].metres == pytest.approx(2 * math.hypot(40, 40), rel=0.05)
    assert found.rounds[0].minutes == round(found.rounds[0].metres / WALKING_MPS / 60 + 25)


def test_the_work_is_shared_evenly() -> None:
    found = plan(scattered(30, 2), [walker(), walker(), walker()], steps=150)
    minutes = [one.minutes for one in found.rounds]
    assert max(minutes) <= 1.35 * sum(minutes) / 3, "with one base the shortest way of all alone is one person's"


def test_what_nobody_has_time_for_is_left_and_told() -> None:
    found = plan([at(0, 50, 20), at(0, 60, 20), at(0, 70, 20)], [walker(minutes=45)], steps=60)
    assert len(found.left) == 1
    assert len(found.rounds[0].stops) == 2
    assert found.rounds[0].minutes <= 45
    far = plan([at(0, 100_000)], [walker(minutes=60)], steps=20)
    assert far == Rounds((Round((), 0, 0),), (0,), 0)


def test_nothing_to_do_and_nobody_to_do_it() -> None:
    assert plan([], [walker()]) == Rounds((Round((), 0, 0),), (), 0)
    assert plan([at(0, 0)], []) == Rounds((), (0,), 0)
    same = plan([at(0, 0), at(0, 0)], [walker(), walker()], steps=20)
    assert sorted(stop for one in same.rounds for stop in one.stops) == [0, 1]


def test_whoever_sends_others_out_may_ask(
    world: World, worker: Phone, phone_of: Callable[[int | None], Phone], acting_as: ActingAs
) -> None:
    """Over HTTP, in the sender's own words; a worker who only walks may not."""
    body = {
        "stops": [{"key": f"s{n}", "lon": LON + n / 1000, "lat": LAT} for n in range(4)],
        "walkers": [{"key": "early", "lon": LON, "lat": LAT}, {"key": "late", "lon": LON + 0.003, "lat": LAT}],
    }
    assert worker.api.post("/patrols/rounds", body).status_code == 403
    dispatcher = phone_of(world.staff("dispatcher", scope="r.").user_id).api
    found = dispatcher.post("/patrols/rounds", body).json()
    assert [one["walker"] for one in found["rounds"]] == ["early", "late"]
    assert [set(one["stops"]) for one in found["rounds"]] == [{"s0", "s1"}, {"s2", "s3"}]
    assert found["left"] == []
    assert dispatcher.post("/patrols/rounds", {**body, "walkers": []}).status_code == 422
    assert dispatcher.post("/patrols/rounds", {**body, "stops": body["stops"] * 51}).status_code == 422
