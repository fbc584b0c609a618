"""Drawing over the registers: village by village, stopped and resumed; a part drawn anew with the rest frozen."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
import shapely
from support.drafting import TOWN, Office, outline_of

from onegrid.county.grids import tasks
from onegrid.county.grids.models import Draft, DraftCell, Grid, Level, MapFeature
from onegrid.county.grids.rules import tiling
from onegrid.county.grids.rules.drawing.wanted import size_of
from onegrid.county.grids.rules.editing import Cell, Picture
from onegrid.county.grids.services.drafts import carving, drawing, store
from onegrid.county.registers.models import Building, Dwelling, Household, Resident
from onegrid.county.workforce.models import Appointment
from onegrid.foundation.accounts.models import User
from onegrid.foundation.database.context import in_locality

ROWS, COLUMNS, HOMES, TOWER = 6, 10, 3, 36
ALL = ROWS * COLUMNS * HOMES + TOWER + 2


@pytest.fixture
def settled(office: Office) -> Office:
    """The village with sixty houses of three homes each, along streets, and a tower of twelve floors."""
    with in_locality(office.locality):
        village = Grid.objects.get(pk=office.village.id)
        west, south, east, north = outline_of(village).bounds
        xs = np.linspace(west, east, COLUMNS * 2 + 1)[1::2]
        ys = np.linspace(south, north, ROWS * 2 + 1)[1::2]
        for row, y in enumerate(ys):
            for column, x in enumerate(xs):
                _house(office, f"{row}街{column}号", x, y, HOMES, 2)
        _house(office, "高楼", float(xs[4] + xs[5]) / 2, float(ys[2] + ys[3]) / 2 + 1e-5, TOWER, 12)
        for y in np.linspace(south, north, ROWS + 1)[1:-1]:
            street = shapely.LineString([(west, y), (east, y)])
            MapFeature.objects.create(
                layer="road", kind="street", scope_path=village.scope_path, lon=west, lat=y, wkb=shapely.to_wkb(street)
            )
    return office


def _house(office: Office, name: str, lon: float, lat: float, homes: int, floors: int) -> None:
    """A building with homes of two people each."""
    leaf = Grid.objects.get(pk=office.leaf.id)
    place = {"grid": leaf, "scope_path": leaf.scope_path}
    made = Building.objects.create(name=name, lon=lon, lat=lat, levels=floors, units=1, **place)
    behind = [Dwelling(building=made, label=str(at), **place) for at in range(homes)]
    Dwelling.objects.bulk_create(behind)
    Household.objects.bulk_create([Household(dwelling=one, people=2, **place) for one in behind])


def wish(office: Office, **more: Any) -> dict[str, Any]:
    """A drawing of the township's town grids: blocks of sixty homes, buildings of twelve."""
    body = {
        "grid": office.world.planted[TOWN].id, "scheme": "town", "title": "重划", "seed": 7,
        "levels": [{"level": "block", "size": 60}, {"level": "building", "size": 12}], **more,
    }  # fmt: skip
    answer = office.township.post("/grids/drafts/draw", body)
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def run(office: Office) -> str:
    """What the background does with the next drawing."""
    waiting = tasks.next_drawing(office.locality, datetime.now(UTC))
    assert waiting is not None
    return carving.run(office.locality, waiting, lambda: datetime.now(UTC))


def picture(office: Office, draft: str) -> Picture:
    """The draft's cells."""
    with in_locality(office.locality):
        return store.picture(Draft.objects.get(pk=int(draft)))


def test_a_township_is_drawn_stopped_resumed_and_a_part_drawn_anew(
    settled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = wish(settled)["id"]
    drawn = carving._drawn

    def interrupted(*given: Any) -> Any:
        settled.township.post(f"/grids/drafts/{draft}/stop")
        return drawn(*given)

    monkeypatch.setattr(carving, "_drawn", interrupted)
    assert run(settled) == "stopped"
    with in_locality(settled.locality):
        assert not DraftCell.objects.exists(), "a village that was not finished is not stored by halves"
    monkeypatch.setattr(carving, "_drawn", drawn)
    stopped = settled.township.get(f"/grids/drafts/{draft}").json()
    assert (stopped["state"], stopped["work"]["done"], "resume" in stopped["may"]) == ("stopped", 0, True)
    assert settled.township.post(f"/grids/drafts/{draft}/resume").json()["state"] == "waiting"
    assert run(settled) == "open"
    made = settled.township.get(f"/grids/drafts/{draft}").json()
    assert made["faults"] == 0
    after = {level["level"]: level["after"] for level in made["levels"]}
    _tiles(settled, picture(settled, draft), draft)
    report = settled.township.get(f"/grids/drafts/{draft}/report").json()
    figures = {one["level"]: (one["grids"], one["non_contiguous"], one["crossings"]) for one in report["levels"]}
    blocks, buildings = figures["block"][0], figures["building"][0]
    assert figures == {"block": (blocks, 0, 0), "building": (buildings, 0, 0)}
    assert after == {"block": blocks + 1, "building": buildings + 1}, "and the village without homes"
    # Each block is divided by itself, so that the whole may be off by what its blocks are rounded.
    assert (blocks, abs(buildings - ALL / 12) <= blocks / 2) == (round(ALL / 60), True)
    assert all(level["within_20"] >= 0.9 and level["nested"] for level in report["levels"])
    empty = [cell["id"] for cell in settled.cells(draft) if not cell["properties"]["households"]]
    assert len(empty) == 1, "the village without homes is one grid; no part of the tower is empty"
    _redrawn(settled, draft)
    monkeypatch.setattr(drawing, "AT_ONCE", 0)
    _redrawn(settled, draft)


def _tiles(office: Office, here: Picture, draft: str) -> None:
    """Every parent is tiled, and every home counted once on each level, in a tower cut by storeys too."""
    for parent in {cell.parent for cell in here.cells.values()}:
        own = here.cells.get(parent)
        with in_locality(office.locality):
            whole = own.outline if own is not None else outline_of(int(parent[1:]))
        assert not tiling.faults(whole, [cell.outline for cell in here.below(parent)])
    with in_locality(office.locality):
        for level in {cell.level for cell in here.cells.values()}:
            rows = DraftCell.objects.filter(draft=int(draft), level=level, to_step=None)
            assert sum(rows.values_list("households", flat=True)) == pytest.approx(ALL, abs=0.1)


def _redrawn(office: Office, draft: str) -> None:
    """Two buildings of one block become three, everything else keeps every corner."""
    before = picture(office, draft)
    block = next(cell for cell in before.cells.values() if len(before.below(cell.key)) >= 4)
    inside = before.below(block.key)
    pair = next(
        [one.key, other.key] for one in inside for other in inside
        if one.key != other.key and one.outline.intersection(other.outline).length > 0
    )  # fmt: skip
    asked = office.township.post(f"/grids/drafts/{draft}/redraw", {"cells": pair, "size": 8, "step": 0})
    if drawing.AT_ONCE:
        assert (asked.json()["state"], asked.json()["step"]) == ("open", 1), "a small part is drawn at once"
    else:
        assert asked.json()["state"] == "waiting", asked.content
        assert run(office) == "open"
    after = picture(office, draft)
    for key, cell in before.cells.items():
        if key not in pair:
            assert after.cells[key].outline.equals_exact(cell.outline, 0)
    assert len(after.below(block.key)) == len(inside) + 1
    _tiles(office, after, draft)
    undone = office.township.post(f"/grids/drafts/{draft}/undo").json()
    assert (undone["step"], undone["last"]) == (0, "")
    assert {key: cell.outline.wkb for key, cell in picture(office, draft).cells.items()} == {
        key: cell.outline.wkb for key, cell in before.cells.items()
    }


def test_where_nobody_lives_nothing_is_drawn_and_it_says_so(office: Office) -> None:
    empty = office.world.planted["990101001002"].id
    draft = wish(office, grid=empty)["id"]
    assert run(office) == "failed"
    told = office.township.get(f"/grids/drafts/{draft}").json()
    assert "no homes" in told["failure"]
    assert office.township.get(f"/grids/drafts/{draft}/report").json()["code"] == "draft_not_drawn"


@pytest.mark.parametrize(
    ("levels", "words"),
    [
        ([{"level": "building", "size": 12}, {"level": "block", "size": 60}], "top to bottom"),
        ([{"level": "block", "size": 12}, {"level": "building", "size": 60}], "top to bottom"),
        ([{"level": "building", "size": 12}], "uppermost"),
        ([{"level": "estate", "size": 12}], "top to bottom"),
    ],
)
def test_odd_levels_are_refused_in_words(office: Office, levels: list[dict[str, Any]], words: str) -> None:
    body = {"grid": office.village.id, "scheme": "town", "levels": levels}
    refused = office.township.post("/grids/drafts/draw", body)
    assert (refused.status_code, refused.json()["code"]) == (422, "not_drawable")
    assert words in refused.json()["message"]
    with in_locality(office.locality):
        assert not Draft.objects.exists()


def test_buildings_as_the_pack_says_and_a_leader_near_the_middle(settled: Office) -> None:
    with in_locality(settled.locality):
        Level.objects.filter(scheme__key="town", key="building").update(size=size_of("building"))
        Level.objects.filter(scheme__key="town", key="block").update(size=60.0)
        house = Building.objects.get(name="0街0号")
        _leads(settled, house)
    plan = settled.township.get(f"/grids/drafts/plan?grid={settled.village.id}").json()
    town = next(one for one in plan["schemes"] if one["scheme"] == "town")
    told = {one["level"]: (one["along"], one["tolerance"], one["leaders"]) for one in town["levels"]}
    assert told == {"block": ("", 0.1, 1), "building": ("building", 0.2, 0)}
    levels = [{"level": "block", "size": 60}, {"level": "building"}]
    far = []
    for leaders in (True, False):
        draft = wish(settled, grid=settled.village.id, levels=levels, leaders=leaders)["id"]
        assert run(settled) == "open"
        here = picture(settled, draft)
        _tiles(settled, here, draft)
        blocks = [cell for cell in here.cells.values() if here.below(cell.key)]
        assert len(here.cells) - len(blocks) == ROWS * COLUMNS + 1 + 2, "one grid for each building with homes"
        far.append(_from_the_middle(settled, blocks, house))
    assert far[0] < far[1]
    report = settled.township.get(f"/grids/drafts/{draft}/report").json()
    assert [(one["level"], one["along"]) for one in report["levels"]] == [("block", ""), ("building", "building")]
    assert report["levels"][0]["buildings_split"] == report["levels"][1]["buildings_split"] == 0


def _leads(office: Office, house: Building) -> None:
    """A worker is in charge of a block, and lives in that house as his phone says."""
    worker = User.objects.get(pk=office.world.staff("worker").user_id)
    worker.phone = "13800000009"
    worker.save()
    block = Grid.objects.get(pk=Grid.objects.get(pk=office.leaf.id).parent_id)
    Appointment.objects.filter(user=worker).update(grid=block, scope_path=block.scope_path)
    home = Household.objects.filter(dwelling__building=house).order_by("pk")[0]
    Resident(household=home, scope_path=home.scope_path, name="甲", phone="138 0000 0009").save()


def _from_the_middle(office: Office, blocks: list[Cell], house: Building) -> float:
    """Degrees from a house to the middle of the houses of its block."""
    block = next(cell for cell in blocks if cell.outline.covers(shapely.Point(house.lon, house.lat)))
    with in_locality(office.locality):
        spots = np.array(list(Building.objects.values_list("lon", "lat")))
    inside = spots[shapely.contains_xy(block.outline, *spots.T)]
    return float(np.hypot(*(inside.mean(axis=0) - [house.lon, house.lat])))
