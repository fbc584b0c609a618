"""Editing a draft by hand over HTTP: steps, borders, upper levels, and what follows when it is in force."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import shapely
from support.drafting import Office, geojson, outline_of

from onegrid.county.grids.models import Grid, GridSuccession, MapFeature
from onegrid.county.grids.rules.codes import CodePattern
from onegrid.county.grids.services import redraw
from onegrid.county.grids.services.redraw import Part
from onegrid.county.registers.models import Building
from onegrid.foundation.database.context import in_locality


def shape_of(office: Office, cell: str) -> shapely.Geometry:
    """Today's border of the grid behind a cell."""
    with in_locality(office.locality):
        return outline_of(int(cell[1:]))


def test_steps_are_taken_back_and_done_again(office: Office) -> None:
    draft = office.begin()["id"]
    before = office.cells(draft)
    office.cut(draft)
    split = office.cells(draft)
    pieces = [cell["id"] for cell in split if cell["id"][0] == "n"]
    merged = office.township.post(f"/grids/drafts/{draft}/merge", {"cells": pieces, "name": "合楼"}).json()
    assert merged["step"] == 2
    back = office.township.post(f"/grids/drafts/{draft}/undo", {"step": 2}).json()
    assert (back["step"], back["steps"], "redo" in back["may"]) == (1, 2, True)
    assert office.cells(draft) == split
    office.township.post(f"/grids/drafts/{draft}/undo")
    assert office.cells(draft) == before
    nothing = office.township.post(f"/grids/drafts/{draft}/undo")
    assert (nothing.status_code, nothing.json()["code"]) == (409, "nothing_to_undo")
    assert office.township.post(f"/grids/drafts/{draft}/redo").json()["step"] == 1
    assert office.cells(draft) == split
    renamed = office.township.post(f"/grids/drafts/{draft}/rename", {"cell": pieces[0], "name": "甲楼"}).json()
    assert (renamed["step"], renamed["steps"]) == (2, 2), "what was undone is forgotten by the next step"
    assert office.township.post(f"/grids/drafts/{draft}/redo").status_code == 409
    late = office.township.post(f"/grids/drafts/{draft}/undo", {"step": 1})
    assert (late.status_code, late.json()["code"], late.json()["current"]) == (409, "draft_moved_on", {"step": 2})


def test_borders_move_and_what_cannot_be_says_what_to_do(office: Office) -> None:
    draft = office.begin()["id"]
    [other] = [cell["id"] for cell in office.cells(draft) if cell["id"] != f"g{office.leaf.id}"]
    parent = office.cells(draft)[0]["properties"]["parent"]
    west, south, east, north = office.bounds
    strip = shapely.box(west, south, east, south + (north - south) / 4)
    if not shape_of(office, other).touches(strip):
        strip = shapely.box(west, north - (north - south) / 4, east, north)
    if not shape_of(office, other).touches(strip):
        strip = shapely.box(east - (east - west) / 4, south, east, north)
    taken = office.township.post(f"/grids/drafts/{draft}/border", {"cell": other, "take": geojson(strip)})
    assert taken.status_code == 200, taken.content
    assert set(taken.json()["changed"]) == {other, f"g{office.leaf.id}"}
    assert {cell["properties"]["change"] for cell in office.cells(draft)} == {"redrawn"}
    faults = office.township.get(f"/grids/drafts/{draft}/faults").json()["items"]
    [empty] = [(one["kind"], one["level"], one["cells"]) for one in faults]
    assert empty == ("empty", "building", [other]), "nobody lives in the other one"
    whole = geojson(shapely.box(west - 1, south - 1, east + 1, north + 1))
    for path, body, code in [
        ("border", {"cell": other, "take": whole}, "border_unusable"),
        ("border", {"cell": other}, "border_unusable"),
        ("border", {"cell": other, "take": {"type": "Polygon", "coordinates": "no"}}, "border_unusable"),
        ("merge", {"cells": [other, parent]}, "grids_not_siblings"),
        ("merge", {"cells": [other, "g999999"]}, "cell_not_found"),
        (
            "split",
            {"cell": other, "line": {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}},
            "line_does_not_split",
        ),
        ("split", {"cell": other, "line": {"type": "Point", "coordinates": [0, 0]}}, "line_does_not_split"),
    ]:
        refused = office.township.post(f"/grids/drafts/{draft}/{path}", body)
        assert refused.json()["code"] == code, (path, refused.content)
        assert not refused.json()["message"].startswith("drafts."), "in words"
    assert office.township.get(f"/grids/drafts/{draft}").json()["step"] == 1, "what was refused is no step"


def test_a_line_follows_the_street_beside_it_and_goes_around_a_building(office: Office) -> None:
    """The page draws two metres beside a street; a house stands astride the line, more of it in the west."""
    _, south, _, north = office.bounds
    street, metre = office.at(0.5), 1e-5
    house = shapely.box(street - 20 * metre, office.middle[1], street + 10 * metre, office.middle[1] + 20 * metre)
    road = shapely.LineString([(street, south - 0.01), (street, north + 0.01)])
    with in_locality(office.locality):
        for layer, shape in (("road", road), ("building", house)):
            MapFeature.objects.create(
                layer=layer, kind="street", scope_path=office.leaf.scope_path, lon=street, lat=office.middle[1],
                wkb=shapely.to_wkb(shape),
            )  # fmt: skip
    draft = office.begin()["id"]
    beside = shapely.LineString([(street + 2 * metre, south - 0.001), (street + 2 * metre, north + 0.001)])
    body = {"cell": f"g{office.leaf.id}", "line": geojson(beside), "names": ["甲", "乙"]}
    office.township.post(f"/grids/drafts/{draft}/split", body)
    pieces = [shapely.geometry.shape(cell["geometry"]) for cell in office.cells(draft) if cell["id"][0] == "n"]
    assert sorted(round(piece.intersection(house).area / house.area, 6) for piece in pieces) == [0.0, 1.0]
    west = min(pieces, key=lambda piece: piece.bounds[0])
    assert west.difference(house).bounds[2] == pytest.approx(street, abs=metre / 100)


def test_a_grid_above_is_split_with_all_that_lies_in_it(office: Office) -> None:
    with in_locality(office.locality):
        block = Grid.objects.get(pk=office.leaf.id).parent
        inside = list(Grid.objects.filter(parent=block, active=True))
        shapes = [outline_of(grid) for grid in inside]
    centres = [shape.centroid for shape in shapes]
    across = shapely.LineString([centres[0], centres[1]])
    middle = across.interpolate(0.5, normalized=True)
    dx, dy = centres[1].x - centres[0].x, centres[1].y - centres[0].y
    line = {
        "type": "LineString",
        "coordinates": [[middle.x - dy * 3, middle.y + dx * 3], [middle.x + dy * 3, middle.y - dx * 3]],
    }
    draft = office.begin()["id"]
    done = office.township.post(f"/grids/drafts/{draft}/split", {"cell": f"g{block.pk}", "line": line})
    assert done.status_code == 200, done.content
    assert {cell["properties"]["change"] for cell in office.cells(draft)} == {"new"}, "their paths and codes change"
    office.approve(draft)
    office.night()
    with in_locality(office.locality):
        assert not Grid.objects.filter(pk__in=[block.pk, *(grid.pk for grid in inside)], active=True).exists()
        made = Grid.objects.filter(
            parent__in=Grid.objects.filter(name__startswith=block.name, active=True), active=True
        )
        assert {grid.name for grid in made} == {grid.name for grid in inside}
        for grid in made:
            assert grid.scope_path.startswith(grid.parent.scope_path)
            assert grid.code.startswith(grid.parent.code)
        lived_in = {Building.objects.get(pk=home.building_id).grid.name for home in office.homes}
        assert lived_in == {Grid.objects.get(pk=office.leaf.id).name}


def test_a_case_beside_a_border_follows_a_grid_that_only_gave_land(office: Office) -> None:
    """Neither of two grids is retired when a border moves: what lies in the strip goes over all the same."""
    middle = office.at(0.5)
    with in_locality(office.locality):
        west, south, east, north = office.bounds
        event = redraw.split(
            office.leaf.id,
            [Part("左", shapely.box(west, south, middle, north)), Part("右", shapely.box(middle, south, east, north))],
            reason="", pattern=CodePattern((3, 2)), now=datetime.now(UTC),
        )  # fmt: skip
        left, right = (Grid.objects.get(scope_path=path) for path in sorted(event.successors))
    office.night()
    draft = office.begin()["id"]
    taker, giver = (left, right) if left.name == "右" else (right, left)
    land = geojson(shapely.box(office.at(0.2), south, office.at(0.5), north))
    moved = office.township.post(f"/grids/drafts/{draft}/border", {"cell": f"g{taker.pk}", "take": land, "snap_m": 0})
    assert moved.status_code == 200, moved.content
    office.approve(draft)
    office.night()
    with in_locality(office.locality):
        assert Grid.objects.get(pk=giver.pk).active
        assert Building.objects.get(name="西街1号").grid_id == taker.pk
        assert GridSuccession.objects.get(predecessor=giver, successor=taker).share == pytest.approx(0.6, abs=0.01)
        assert redraw.today(giver.pk) == [(giver.pk, 1.0)], "it goes on: what has no point stays with it"
