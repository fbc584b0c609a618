"""When grids change, cases and doors follow; every count above stays, every count below follows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import shapely
from django.db import transaction
from journeys.runner import check_replay
from support.world import TEST_PACKS, World, plant

from onegrid.cases.flow import engine, intake, regrid
from onegrid.cases.flow.intake import Report
from onegrid.cases.models import Assignment, Case, CaseAction, CaseReporter, Clock, Grant
from onegrid.cases.selectors import figures
from onegrid.cases.selectors.setting import setting
from onegrid.county.grids.models import GridOutline
from onegrid.county.grids.rules.codes import CodePattern
from onegrid.county.grids.services import redraw
from onegrid.county.grids.services.redraw import Part
from onegrid.county.registers.models import (
    Building,
    Change,
    Duplicate,
    Dwelling,
    Household,
    Organisation,
    Premises,
    Resident,
    SearchTerms,
)
from onegrid.county.registers.rules.pairs import common_path
from onegrid.county.registers.services import following, search
from onegrid.foundation.database.context import in_locality
from onegrid.foundation.journal.models import Outbox
from onegrid.foundation.journal.services import outbox, tallies
from onegrid.shell.wiring import HANDLERS

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
PATTERN = CodePattern((3, 2))
NAME = "testland"
BY = ("total", "matter", "department", "channel", "status", "day")


@pytest.fixture
def world(db: None) -> Iterator[World]:
    with in_locality(NAME):
        yield plant(TEST_PACKS, "testland")
        transaction.set_rollback(True)


def outline_of(grid: int) -> shapely.Geometry:
    return shapely.from_wkb(bytes(GridOutline.objects.get(grid_id=grid, valid_to=None).wkb))


def halves(grid: int) -> list[Part]:
    west, south, east, north = outline_of(grid).bounds
    middle = (west + east) / 2
    return [
        Part("西半", shapely.box(west, south, middle, north), 2),
        Part("东半", shapely.box(middle, south, east, north), 3),
    ]


def filed(world: World, lon: float, lat: float, *, closed: bool = False, grid: str | None = None) -> UUID:
    """A case at a point (or in a grid, without one), and if told rejected, so that it is over."""
    dispatcher, key = world.staff("dispatcher", scope="r."), uuid4()
    place: dict[str, Any] = {"grid": grid} if grid else {"lon": lon, "lat": lat}
    report = Report(key=key, words="路灯不亮", matter="TL-C0203", channel="desk", **place)
    intake.report(actor=dispatcher, report=report, now=NOW)
    action = "reject" if closed else "accept"
    said = {"reason": setting().reasons("reject")[0], "words": "不受理"} if closed else {}
    engine.act(actor=dispatcher, case_id=key, action=action, key=str(uuid4()), now=NOW, data=said)
    return key


def spread(world: World, grid: int, each: int = 3) -> list[UUID]:
    """Cases in both halves of a grid, open and over."""
    made = []
    for part in halves(grid):
        spot = part.outline.centroid
        made += [filed(world, spot.x, spot.y, closed=bool(number % 2)) for number in range(each)]
    return made


def everything(world: World) -> dict[tuple[str, str], list[Any]]:
    """What the tallies say at every node above the leaves, by everything but the child."""
    nodes = {"r.", *(one.scope_path for one in world.planted.values())}
    return {
        (node, by): tallies.read(node, [by], [tallies.ALWAYS])
        for node in sorted(nodes)
        for by in BY
        if tallies.kept(node, by)
    }


def run_until_quiet(now: datetime) -> int:
    """Hand every due event of grids to its handlers, as the worker does; how many."""
    ran = 0
    while True:
        due = Outbox.objects.filter(
            topic__in=("grids.replaced", following.TOPIC), done_at=None, available_at__lte=now
        ).order_by("id")
        if not due:
            return ran
        for row in due:
            event = outbox.Event(row.pk, row.topic, row.payload, row.created_at, 1)
            for handler in HANDLERS[row.topic]:
                handler(event, now)
            Outbox.objects.filter(pk=row.pk).update(done_at=now)
            ran += 1


def exact(world: World) -> None:
    """The tallies equal the rows, and nothing differs anywhere."""
    assert tallies.check(figures.footprints()) == []
    tallies.fold()
    assert tallies.check(figures.footprints()) == []


def test_a_split_takes_every_row_to_where_it_lies(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regrid, "BLOCK", 2)
    leaf = world.leaf
    made = spread(world, leaf.id)
    nowhere = filed(world, 0, 0, grid=str(leaf.id))
    tallies.fold()
    before = everything(world)
    event = redraw.split(leaf.id, halves(leaf.id), reason="太大", pattern=PATTERN, now=LATER)
    assert run_until_quiet(LATER) == 4  # seven cases in blocks of two
    west, east = event.successors
    cases = {case.pk: case for case in Case.objects.filter(pk__in=[*made, nowhere])}
    assert [cases[pk].scope_path for pk in made] == [west] * 3 + [east] * 3
    assert cases[nowhere].scope_path in (west, east)
    for case in cases.values():
        assert case.reported_grid_id == leaf.id
        assert case.grid.scope_path == case.scope_path
        for kind in (CaseAction, Assignment, Clock, CaseReporter, Grant):
            paths = set(kind.objects.filter(case=case).values_list("scope_path", flat=True))
            assert paths <= {case.scope_path}, kind
        check_replay(case.pk)
    assert everything(world) == before
    exact(world)
    parent = leaf.scope_path[: leaf.scope_path.rstrip(".").rfind(".") + 1]
    children = {cell.key: cell.reported for cell in figures.read(parent, ["child"], [tallies.ALWAYS])}
    assert leaf.scope_path not in children
    assert sum(children.values()) == 7


def test_a_case_given_a_grid_that_was_just_retired_is_found_a_little_later(world: World) -> None:
    leaf = world.leaf
    late = filed(world, leaf.lon, leaf.lat)
    redraw.split(leaf.id, halves(leaf.id), reason="太大", pattern=PATTERN, now=LATER)
    run_until_quiet(LATER)
    assert Case.objects.get(pk=late).scope_path != leaf.scope_path
    # As a report stores it that was located on the map of a moment before.
    Case.objects.filter(pk=late).update(scope_path=leaf.scope_path, grid_id=leaf.id, lon=leaf.lon, lat=leaf.lat)
    run_until_quiet(LATER + regrid.AGAIN)
    assert Case.objects.get(pk=late).scope_path != leaf.scope_path


def test_a_merge_and_a_redraw_follow_too_and_twice_is_once(world: World) -> None:
    leaf = world.leaf
    spread(world, leaf.id)
    event = redraw.split(leaf.id, halves(leaf.id), reason="太大", pattern=PATTERN, now=LATER)
    run_until_quiet(LATER)
    before = everything(world)
    keys = sorted(int(case) for case in Case.objects.values_list("grid_id", flat=True).distinct())
    west, east = (outline_of(key).bounds for key in keys)
    third = west[0] + (east[2] - west[0]) / 8
    redraw.redraw(
        {
            keys[0]: shapely.box(west[0], west[1], third, west[3]),
            keys[1]: shapely.box(third, east[1], east[2], east[3]),
        },
        now=LATER,
    )
    run_until_quiet(LATER)
    assert set(Case.objects.values_list("scope_path", flat=True)) == {event.successors[1]}
    assert everything(world) == before
    exact(world)
    merged = redraw.merge(keys, name="又合", reason="太小", pattern=PATTERN, now=LATER)
    run_until_quiet(LATER)
    assert set(Case.objects.values_list("scope_path", flat=True)) == set(merged.successors)
    versions = sorted(Case.objects.values_list("pk", "scope_path", "version"))
    Outbox.objects.filter(topic="grids.replaced").update(done_at=None)
    run_until_quiet(LATER + timedelta(days=1))
    assert sorted(Case.objects.values_list("pk", "scope_path", "version")) == versions
    assert everything(world) == before
    exact(world)


def test_work_that_a_grid_bears_goes_to_its_successor(world: World) -> None:
    leaf, other = world.leaf, world.leaves[1]
    spot = outline_of(other.id).centroid
    case = filed(world, spot.x, spot.y)
    Assignment.objects.create(
        id=uuid4(), case_id=case, scope_path=other.scope_path, kind="grid", grid_id=leaf.id, grid_path=leaf.scope_path,
        state="offered", offered_at=NOW,
    )  # fmt: skip
    event = redraw.split(leaf.id, halves(leaf.id), reason="太大", pattern=PATTERN, now=LATER)
    run_until_quiet(LATER)
    borne = Assignment.objects.get(case_id=case)
    assert borne.grid_path in event.successors
    assert borne.scope_path == other.scope_path


def test_doors_and_who_lives_behind_them_follow(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "BLOCK", 1)
    leaf = world.leaf
    for part in halves(leaf.id):
        spot = part.outline.centroid
        building = Building.objects.create(
            grid_id=leaf.id, scope_path=leaf.scope_path, name=part.name, lon=spot.x, lat=spot.y
        )
        place = {"grid_id": leaf.id, "scope_path": leaf.scope_path}
        home = Household.objects.create(
            dwelling=Dwelling.objects.create(building=building, label="101", **place), **place
        )
        resident = Resident.objects.create(household=home, scope_path=leaf.scope_path, name="林某")
        alone = Premises.objects.create(name=part.name, lon=spot.x, lat=spot.y, **place)
        search.remember([building, resident, alone])
        change = {"kind": "residents", "action": "changed", "source": "door", "version": 1, "at": NOW}
        Change.objects.create(row=resident.pk, scope_path=leaf.scope_path, state="waiting", **change)
    one, other = Resident.objects.order_by("pk")
    Duplicate.objects.create(one=one, other=other, scope_path=leaf.scope_path, likeness=1.0, at=NOW)
    firm = Organisation.objects.create(name="某厂", **place)
    search.remember([firm])
    event = redraw.split(leaf.id, halves(leaf.id), reason="太大", pattern=PATTERN, now=LATER)
    run_until_quiet(LATER)
    for kind in (Building, Dwelling, Household, Resident, Premises):
        assert list(kind.objects.order_by("pk").values_list("scope_path", flat=True)) == list(event.successors)
    assert list(Change.objects.order_by("row").values_list("scope_path", flat=True)) == list(event.successors)
    assert Duplicate.objects.get().scope_path == common_path(*event.successors)
    assert Organisation.objects.get(pk=firm.pk).scope_path in event.successors
    terms = {(row.kind, row.key): set(row.terms) for row in SearchTerms.objects.all()}
    rows = {1: Resident, 4: Building, 5: Premises, 6: Organisation}
    assert {(n, row.pk): set(search.terms_of(row)) for n, kind in rows.items() for row in kind.objects.all()} == terms
    assert [home.grid.scope_path for home in Household.objects.order_by("pk")] == list(event.successors)


def test_a_changed_border_is_published_in_the_same_transaction(world: World) -> None:
    with transaction.atomic():
        redraw.split(world.leaf.id, halves(world.leaf.id), reason="太大", pattern=PATTERN, now=LATER)
        assert Outbox.objects.filter(topic="grids.replaced").count() == 1
        transaction.set_rollback(True)
    assert not Outbox.objects.filter(topic="grids.replaced").exists()


@pytest.mark.parametrize(
    ("desk", "former", "path", "holds"),
    [
        ("r.1.", "r.1.2.3.", "r.1.9.8.", "r.1."),
        ("r.1.2.", "r.1.2.3.", "r.1.9.8.", "r.1.9."),
        ("r.5.", "r.1.2.3.", "r.1.9.8.", "r.5."),
        ("r.1.2.3.", "r.1.2.3.", "r.1.", "r.1."),
    ],
    ids=["still above", "a zone beside it now", "it never was above", "a level was dropped"],
)
def test_a_centre_that_is_no_longer_above_hands_the_case_on(desk: str, former: str, path: str, holds: str) -> None:
    assert regrid._desk(desk, former, path) == holds
