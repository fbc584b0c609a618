"""Borders dragged by their corners, and drafts whose ground moves on while they are open."""

from __future__ import annotations

from typing import Any

import shapely
from support.drafting import Office, collection, outline_of, upload

from onegrid.county.grids.models import Grid
from onegrid.county.grids.rules import tiling
from onegrid.foundation.database.context import in_locality


def keys(office: Office, draft: str) -> tuple[str, str]:
    """The leaf's cell, and its sibling's."""
    own = f"g{office.leaf.id}"
    [other] = [cell["id"] for cell in office.cells(draft) if cell["id"] != own]
    return own, other


def called(office: Office) -> str:
    """The leaf's name."""
    with in_locality(office.locality):
        return str(Grid.objects.get(pk=office.leaf.id).name)


def ask(office: Office, draft: str, path: str) -> Any:
    """What the page gets of a draft."""
    answer = office.township.get(f"/grids/drafts/{draft}/{path}")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_a_border_is_dragged_and_taken_back(office: Office) -> None:
    draft = office.begin()["id"]
    own, other = keys(office, draft)
    before = office.cells(draft)
    [line] = ask(office, draft, f"border?cell={own}&other={other}")["lines"]
    assert len(line) >= 2
    whole = shapely.union_all([shapely.geometry.shape(cell["geometry"]) for cell in before])
    middle = shapely.LineString(line).interpolate(0.5, normalized=True)
    inside = shapely.geometry.shape(next(one for one in before if one["id"] == other)["geometry"]).centroid
    drag = [middle.x + (inside.x - middle.x) * 0.5, middle.y + (inside.y - middle.y) * 0.5]
    drawn = {"type": "LineString", "coordinates": [line[0], drag, line[-1]]}
    body = {"cell": own, "other": other, "line": drawn, "step": 0}
    done = office.township.post(f"/grids/drafts/{draft}/border", body).json()
    assert (set(done["changed"]), done["step"], done["last"], done["faults"]) == ({own, other}, 1, "border", 0)
    shapes = [shapely.geometry.shape(cell["geometry"]) for cell in office.cells(draft)]
    assert not tiling.faults(whole, shapes)
    [again] = ask(office, draft, f"border?cell={other}&other={own}")["lines"]
    assert any(abs(x - drag[0]) + abs(y - drag[1]) < 1e-9 for x, y in again), "nothing near to jump to: just there"
    late = office.township.post(f"/grids/drafts/{draft}/border", body)
    assert late.json()["code"] == "draft_moved_on"
    office.township.post(f"/grids/drafts/{draft}/undo")
    assert office.cells(draft) == before
    for odd in ({"line": drawn, "take": drawn}, {"line": {"type": "Point", "coordinates": [0, 0]}, "other": other}):
        refused = office.township.post(f"/grids/drafts/{draft}/border", {"cell": own, **odd})
        assert refused.json()["code"] == "border_unusable"
    alone = office.township.get(f"/grids/drafts/{draft}/border?cell={own}&other={own}")
    assert alone.json()["code"] == "grids_not_siblings"


def test_a_stale_draft_says_what_changed_and_is_carried_over(office: Office) -> None:
    """Two drafts of one village: this one changes the leaf, and the one that comes first its neighbour."""
    mine = office.begin()["id"]
    own, other = keys(office, mine)
    office.township.post(f"/grids/drafts/{mine}/rename", {"cell": own, "name": "甲楼"})
    office.cut(mine)
    first = office.begin()
    with in_locality(office.locality):
        land = outline_of(int(other[1:]))
    west, south, east, north = land.bounds
    line = {"type": "LineString", "coordinates": [[(west + east) / 2, south - 1], [(west + east) / 2, north + 1]]}
    office.township.post(f"/grids/drafts/{first['id']}/split", {"cell": other, "line": line, "names": ["丙", "丁"]})
    office.approve(first["id"])
    office.night()
    assert office.township.get(f"/grids/drafts/{mine}").json()["stale"]
    refused = office.township.post(f"/grids/drafts/{mine}/send")
    assert refused.json()["code"] == "draft_stale"
    told = ask(office, mine, "since")
    assert {(one["name"], one["how"]) for one in told["grids"]} >= {("丁", "new"), ("丙", "new")}
    assert [one["title"] for one in told["drafts"]] == ["调整"]
    assert (told["clashes"], told["carries"]) == ([], True)
    carried = office.township.post(f"/grids/drafts/{mine}/carry", {"step": 2}).json()
    assert (carried["stale"], carried["step"], carried["faults"]) == (False, 2, 0)
    assert {cell["properties"]["name"] for cell in office.cells(mine)} == {"西楼", "东楼", "丙", "丁"}
    assert ask(office, mine, "since")["grids"] == []
    office.township.post(f"/grids/drafts/{mine}/undo")
    office.township.post(f"/grids/drafts/{mine}/undo")
    leaf = next(cell for cell in office.cells(mine) if cell["id"] == own)
    assert (leaf["properties"]["change"], len(office.cells(mine))) == ("same", 3), "its own steps can still be undone"
    office.township.post(f"/grids/drafts/{mine}/redo")
    office.township.post(f"/grids/drafts/{mine}/redo")
    office.approve(mine)
    assert office.night() == 1
    with in_locality(office.locality):
        names = Grid.objects.filter(parent=Grid.objects.get(pk=office.leaf.id).parent, active=True)
        assert set(names.values_list("name", flat=True)) == {"西楼", "东楼", "丙", "丁"}


def test_grids_that_both_changed_are_named_and_nothing_is_carried(office: Office) -> None:
    mine, first = office.begin()["id"], office.begin()["id"]
    office.cut(mine, 0.3)
    office.cut(first, 0.6)
    office.approve(first)
    office.night()
    told = ask(office, mine, "since")
    assert (told["clashes"], told["carries"]) == ([called(office)], False)
    before = office.cells(mine)
    refused = office.township.post(f"/grids/drafts/{mine}/carry")
    assert (refused.status_code, refused.json()["code"]) == (409, "draft_clashes")
    assert called(office) in refused.json()["message"]
    assert office.cells(mine) == before
    office.township.post(f"/grids/drafts/{mine}/undo")
    carried = office.township.post(f"/grids/drafts/{mine}/carry").json()
    assert (carried["stale"], carried["steps"], carried["faults"]) == (False, 0, 0), "what was undone is forgotten"
    assert {cell["properties"]["change"] for cell in office.cells(mine)} == {"same"}
    same = office.township.post(f"/grids/drafts/{mine}/carry").json()
    assert same["changed_at"] == carried["changed_at"], "one that is not stale stays as it is"


def test_a_file_keeps_nothing_of_today_so_it_cannot_be_carried(office: Office) -> None:
    with in_locality(office.locality):
        grids = list(Grid.objects.filter(parent=Grid.objects.get(pk=office.leaf.id).parent, active=True))
        shapes = [outline_of(grid) for grid in grids]
    about = {"grid": office.village.id, "scheme": "town", "level": "building", "title": "外来"}
    filed = upload(office.township, about, collection(*shapes, names=[grid.name for grid in grids])).json()["id"]
    first = office.begin()["id"]
    office.cut(first)
    office.approve(first)
    office.night()
    told = ask(office, filed, "since")
    assert told["carries"] is False
    assert called(office) in told["clashes"]
    assert {(one["name"], one["how"]) for one in told["grids"]} == {
        (called(office), "retired"), ("西楼", "new"), ("东楼", "new"),
    }  # fmt: skip
