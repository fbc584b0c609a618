"""The map's numbers equal counts over the rows, at every level, and each opens exactly the cases it counted."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st
from journeys.runner import standing_of
from support.people import counted_queries
from support.world import TEST_PACKS, World, plant

from onegrid.cases.errors import BadFilter, CaseNotFound
from onegrid.cases.flow import engine, intake
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Case
from onegrid.cases.permissions import Actor
from onegrid.cases.schemas import CaseFilter
from onegrid.cases.selectors import queue, times, walking
from onegrid.county.grids import selectors as grids
from onegrid.county.grids.rules import paths
from onegrid.foundation.database.context import acting, in_locality
from onegrid.foundation.files import services as files
from onegrid.foundation.journal.services import tallies
from onegrid.foundation.kernel.errors import Forbidden
from onegrid.insight.map.rules.measures import MEASURES, breaks
from onegrid.insight.map.selectors import tally
from onegrid.insight.map.selectors.tally import Asked

BEGIN = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
NOW = BEGIN + timedelta(days=30)
NAME = "testland"
DAYS = {"day_from": date(2026, 3, 5), "day_to": date(2026, 3, 28)}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Testland with two dozen cases, some closed; half of their footprints folded; no test changes it."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch, in_locality(NAME):
        patch.setattr(files, "attach", lambda *_, **__: True)
        world = plant(TEST_PACKS, NAME)
        chance = random.Random(11)
        for number in range(24):
            live(world, chance, BEGIN + timedelta(days=chance.randrange(28)), number)
            if number == 12:
                tallies.fold()
        yield world
        transaction.set_rollback(True)


def live(world: World, chance: random.Random, at: datetime, number: int) -> None:
    """One case somewhere in a leaf; every third is handled and closed."""
    leaf = world.leaves[number % len(world.leaves)]
    lon, lat = leaf.lon + chance.uniform(-1, 1) * 1e-4, leaf.lat + chance.uniform(-1, 1) * 1e-4
    dispatcher, officer, key = world.staff("dispatcher", scope="r."), world.officer("UM"), uuid4()
    matter = chance.choice(["TL-C0203", "TL-C0101"])
    intake.report(
        actor=world.resident(f"r{number}"),
        report=Report(key=key, words="路灯不亮", lon=lon, lat=lat, matter=matter),
        now=at,
    )

    def do(actor: Actor, action: str, **said: Any) -> dict[str, Any]:
        nonlocal at
        at += timedelta(hours=1)
        assignment = said.pop("assignment", None)
        return engine.act(
            actor=actor, case_id=key, action=action, key=str(uuid4()), now=at, data=said, assignment=assignment
        )

    do(dispatcher, "accept")
    if number % 3:
        return
    sent = do(dispatcher, "dispatch", department=str(officer.department_id))
    mine = sent["assignments"][0]["id"]
    at += timedelta(days=chance.choice([0, 9]))
    do(officer, "handle", assignment=mine, words="好了", evidence=["site", "effect"], photos=[str(uuid4())])
    do(world.staff("inspector"), "verify_pass", photos=[str(uuid4())])
    do(dispatcher, "close")


def opened(actor: Actor, query: str) -> int:
    asked = CaseFilter(**dict(parse_qsl(query))).as_query()
    return len(walking.read(queue.narrowed(actor, asked, now=NOW), None, 10_000).keys)


def every_level() -> list[str]:
    return sorted({f"{one.scheme}.{one.level}" for one in grids.index().grids.values()})


def ask(actor: Actor, **said: Any) -> dict[str, Any]:
    with acting(standing_of(actor)):
        return tally.tally(actor, Asked(**{**DAYS, **said}), now=NOW)


def test_every_number_opens_what_it_counted(world: World) -> None:
    """Every measure, every level, for the county, for a village and for a department."""
    with in_locality(NAME):
        county = world.staff("dispatcher", scope="r.")
        counted = 0
        for level in every_level():
            for measure in MEASURES:
                found = ask(county, measure=measure, level=level)
                assert found["level"] == level
                with acting(standing_of(county)):
                    for item in found["items"]:
                        if item["query"] and MEASURES[measure].unit == "count":
                            assert item["n"] == opened(county, item["query"]), (level, measure, item)
                            counted += item["n"]
        assert counted > 100
        for actor in (world.staff("secretary"), world.officer("UM")):
            for item in ask(actor, measure="reported")["items"]:
                with acting(standing_of(actor)):
                    assert item["n"] == opened(actor, item["query"])


def test_levels_add_up_and_roll_ups_agree_with_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with in_locality(NAME):
        county = world.staff("dispatcher", scope="r.")
        whole = Case.objects.filter(reported_on__range=tuple(DAYS.values())).count()
        divisions = [".county", ".township", ".village"]
        rolled = [ask(county, measure="reported", level=level) for level in divisions if level in every_level()]
        assert whole > 10
        assert {sum(item["n"] for item in one["items"]) for one in rolled} == {whole}
        shares = ask(county, measure="on_time", level=".township")["items"]
        assert any(item["n"] is None for item in shares) or all(0 <= item["n"] <= 1 for item in shares)
        monkeypatch.setattr(tallies, "kept", lambda *_: False)
        again = [ask(county, measure="reported", level=one["level"]) for one in rolled]
        assert [one["items"] for one in again] == [one["items"] for one in rolled]


def test_one_matter_is_counted_over_rows(world: World) -> None:
    with in_locality(NAME):
        county = world.staff("dispatcher", scope="r.")
        parts = [ask(county, measure="reported", matter=matter) for matter in ("TL-C0203", "TL-C0101", "none")]
        every = ask(county, measure="reported")
        assert [sum(part["items"][at]["n"] for part in parts) for at in range(len(every["items"]))] == [
            item["n"] for item in every["items"]
        ]
        with acting(standing_of(county)):
            assert all(item["n"] == opened(county, item["query"]) for part in parts for item in part["items"])


def test_the_number_of_statements_does_not_grow_with_the_grids(world: World) -> None:
    with in_locality(NAME):
        county = world.staff("dispatcher", scope="r.")
        seen = []
        for level in (".village", max(every_level(), key=lambda one: one.count("."))):
            ask(county, measure="overdue", level=level)
            with counted_queries() as queries:
                ask(county, measure="overdue", level=level)
            seen.append(len(queries))
        assert max(seen) <= 8, seen


def test_nobody_counts_outside_his_area(world: World) -> None:
    with in_locality(NAME):
        secretary = world.staff("secretary")
        outside = next(one for one in world.leaves if not paths.within(one.scope_path, secretary.scope_path))
        with pytest.raises(CaseNotFound):
            ask(secretary, measure="reported", grid=str(outside.id))
        inside = ask(secretary, measure="households")["items"]
        assert inside
        for item in inside:
            assert paths.within(grids.grid(int(item["grid"])).scope_path, secretary.scope_path)
        with pytest.raises(Forbidden):
            ask(world.resident(), measure="reported")
        for wrong in ({"measure": "x"}, {"measure": "open", "level": "no.such"}, {"measure": "open", "bbox": "1"}):
            with pytest.raises(BadFilter):
                ask(secretary, **wrong)


def test_a_window_narrows_the_grids(world: World) -> None:
    with in_locality(NAME):
        county, leaf = world.staff("dispatcher", scope="r."), world.leaf
        box = f"{leaf.lon},{leaf.lat},{leaf.lon + 1e-6},{leaf.lat + 1e-6}"
        found = ask(county, measure="reported", level=".village", bbox=box)["items"]
        assert len(found) == 1
        assert paths.within(leaf.scope_path, grids.grid(int(found[0]["grid"])).scope_path)


def query_of(**said: Any) -> queue.CaseQuery:
    return queue.CaseQuery(**{**DAYS, **said})


def test_a_period_as_points_and_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is drawn is what the queue lists; too many are counted by square and day, and none is lost."""
    with in_locality(NAME):
        county = world.staff("dispatcher", scope="r.")
        listed = len(walking.read(queue.narrowed(county, query_of(), now=NOW), None, 1000).keys)
        found = times.points(county, query_of(), zoom=10, now=NOW)
        assert (len(found["points"]), found["total"], found["left_out"]) == (listed, listed, "")
        days = times.days(county, query_of(), now=NOW)
        assert (len(days["items"]), days["total"]) == (24, listed)
        case = Case.objects.get(pk=found["points"][0]["id"])
        Case.objects.filter(pk=case.pk).update(confidential=True, title="canary", words="canary")
        told = next(
            one for one in times.points(county, query_of(), zoom=10, now=NOW)["points"] if one["id"] == str(case.pk)
        )
        assert (told["matter"], "canary" in str(told)) == ("", False)
        Case.objects.filter(pk=case.pk).update(confidential=False)
        monkeypatch.setattr(times, "POINTS", 8)
        cells = times.points(county, query_of(), zoom=8, now=NOW)
        assert cells["left_out"] == "cells"
        assert len(cells["points"]) <= 8
        assert cells["total"] == listed
        with pytest.raises(BadFilter):
            times.points(county, queue.CaseQuery(), zoom=8, now=NOW)


def test_an_area_drawn_on_the_map_filters(world: World) -> None:
    with in_locality(NAME):
        county, leaf = world.staff("dispatcher", scope="r."), world.leaf
        west, east, south, north = leaf.lon - 0.001, leaf.lon + 0.001, leaf.lat - 0.001, leaf.lat + 0.001
        square = f"{west},{south};{east},{south};{east},{north};{west},{north}"
        inside = [
            str(one.pk)
            for one in Case.objects.all()
            if one.lon is not None and one.lat is not None and west <= one.lon <= east and south <= one.lat <= north
        ]
        keys = walking.read(queue.narrowed(county, queue.CaseQuery(within=square), now=NOW), None, 1000).keys
        assert sorted(str(key[-1]) for key in keys) == sorted(inside) != []
        # A triangle that leaves out the middle, where all of them are.
        corner = f"{west},{south};{west},{south + 1e-5};{west + 1e-5},{south}"
        assert walking.read(queue.narrowed(county, queue.CaseQuery(within=corner), now=NOW), None, 10).keys == []
        for wrong in ("1,2;3,4", "a,b;c,d;e,f", "200,0;0,0;1,1", ";".join(["1,1"] * 81), "1,nan;1,2;3,4"):
            with pytest.raises(BadFilter):
                queue.narrowed(county, queue.CaseQuery(within=wrong), now=NOW)


@given(st.lists(st.integers(0, 5000), min_size=0, max_size=60))
def test_breaks_rise_and_leave_no_class_of_all(values: list[int]) -> None:
    found = breaks(values)
    assert found == sorted(set(found))
    assert len(found) <= 4
    if len(set(values)) > 1:
        assert found
        assert min(values) < found[0]
        assert found[-1] <= max(values)
    else:
        assert found == []
