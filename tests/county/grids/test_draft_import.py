"""A partition from a file: taken with its faults, mended, sent; or refused in words, leaving nothing."""

from __future__ import annotations

import json

import pytest
import shapely
from support.drafting import Office, collection, geojson, outline_of, upload

from onegrid.county.grids import selectors
from onegrid.county.grids.models import Draft, DraftCell, Grid, MapFeature
from onegrid.foundation.database.context import in_locality


def test_a_file_is_taken_with_its_faults_and_sent_when_they_are_mended(office: Office) -> None:
    with in_locality(office.locality):
        blocks = list(Grid.objects.filter(parent_id=office.village.id, scheme__key="town", active=True).order_by("pk"))
        whole = [outline_of(block) for block in blocks]
    west, south, east, north = whole[1].bounds
    cut = south + (north - south) / 2
    gap = 0.1 * (north - south)
    parts = [shapely.box(west, south, east, cut - gap), shapely.box(west, cut, east, north)]
    fields = {"grid": office.village.id, "scheme": "town", "level": "block", "title": "测绘院划分"}
    faulty = upload(office.township, fields, collection(whole[0], *parts, names=["甲", "乙", "丙"]))
    assert faulty.status_code == 201, faulty.content
    draft = faulty.json()
    assert draft["faults"] == 1
    [fault] = [
        one for one in office.township.get(f"/grids/drafts/{draft['id']}/faults").json()["items"] if one["grave"]
    ]
    assert (fault["kind"], fault["level"], fault["names"]) == ("gap", "", [])
    assert west < fault["lon"] < east
    assert office.township.post(f"/grids/drafts/{draft['id']}/send").json()["code"] == "draft_faulty"
    [lower] = [cell["id"] for cell in office.cells(draft["id"], "block") if cell["properties"]["name"] == "乙"]
    hole = geojson(shapely.box(west, cut - gap, east, cut))
    mended = office.township.post(f"/grids/drafts/{draft['id']}/border", {"cell": lower, "take": hole, "snap_m": 0})
    assert mended.json()["faults"] == 0, mended.content
    kept = {cell["id"]: cell["properties"] for cell in office.cells(draft["id"], "block")}
    assert kept[f"g{blocks[0].pk}"]["change"] == "renamed", "the same outline is the same grid"
    office.approve(draft["id"])
    assert office.night() == 1
    with in_locality(office.locality):
        assert selectors.locate((west + east) / 2, cut + 0.001).leaf.name == "丙"
        assert not Grid.objects.filter(level__key="building", scheme__key="town", parent_id=blocks[0].pk, active=True)


def test_a_main_road_through_a_grid_of_a_file_is_told_and_does_not_stop_it(office: Office) -> None:
    with in_locality(office.locality):
        blocks = list(Grid.objects.filter(parent_id=office.village.id, scheme__key="town", active=True).order_by("pk"))
        shapes = [outline_of(block) for block in blocks]
        west, south, east, north = shapes[0].bounds
        middle = (south + north) / 2 if north - south < east - west else south + (north - south) / 3
        road = shapely.LineString([(west, middle), (east, middle)])
        MapFeature.objects.create(
            layer="road", kind="main", scope_path=office.village.scope_path, lon=west, lat=middle,
            wkb=shapely.to_wkb(road),
        )  # fmt: skip
    fields = {"grid": office.village.id, "scheme": "town", "level": "block"}
    far = shapely.box(1, 1, 1.1, 1.1)
    draft = upload(office.township, fields, collection(*shapes, far, names=["甲", "乙", "别处"])).json()
    assert draft["faults"] == 0
    found = office.township.get(f"/grids/drafts/{draft['id']}/faults").json()["items"]
    assert {(one["kind"], one["grave"]) for one in found} == {("crossing", False), ("left_out", False)}
    assert next(one["text"] for one in found if one["kind"] == "left_out").startswith("1 outlines")


@pytest.mark.parametrize(
    ("content", "level", "code"),
    [
        (b"no file of maps", "block", "file_refused"),
        (b'{"type":"FeatureCollection","features":[]}', "block", "file_refused"),
        (collection(shapely.box(1, 1, 2, 2), names=["x"]), "block", "file_refused"),
        (collection(shapely.box(1, 1, 2, 2), names=["x"]), "nothing", "not_drawable"),
    ],
    ids=["no map", "empty", "elsewhere", "no such level"],
)
def test_a_file_that_cannot_be_taken_says_why_and_leaves_nothing(
    office: Office, content: bytes, level: str, code: str
) -> None:
    answer = upload(office.township, {"grid": office.village.id, "scheme": "town", "level": level}, content)
    assert (answer.status_code, answer.json()["code"]) == (422, code), answer.content
    with in_locality(office.locality):
        assert not Draft.objects.exists()
        assert not DraftCell.objects.exists()


def test_the_columns_of_names_and_codes_are_chosen(office: Office) -> None:
    """The file calls its columns as nobody would guess; a code of today makes another border the same grid."""
    with in_locality(office.locality):
        blocks = list(Grid.objects.filter(parent_id=office.village.id, scheme__key="town", active=True).order_by("pk"))
        whole = [outline_of(block) for block in blocks]
    both = shapely.union_all(whole)
    west, south, east, north = both.bounds
    cut = shapely.box(west, south, west + (east - west) * 0.05, north)
    shapes = [shapely.intersection(both, cut), shapely.difference(both, cut)]
    features = [
        {"type": "Feature", "geometry": geojson(shape), "properties": {"WGMC": name, "BM": code, "name": "不用"}}
        for shape, name, code in zip(shapes, ("小片", "大片"), (blocks[1].code, "9"), strict=True)
    ]
    content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
    read = upload(office.township, {}, content, path="/grids/drafts/import/columns").json()
    assert (read["rows"], read["name"], read["code"]) == (2, "name", "")
    assert read["columns"][0] == {"name": "WGMC", "examples": ["小片", "大片"], "filled": 2, "distinct": 2}
    about = {"grid": office.village.id, "scheme": "town", "level": "block"}
    draft = upload(office.township, {**about, "name_field": "WGMC", "code_field": "BM"}, content).json()["id"]
    kept = {cell["properties"]["name"]: cell for cell in office.cells(draft, "block")}
    assert kept["小片"]["id"] == f"g{blocks[1].pk}", "by its code, though it has little of that grid"
    nameless = upload(office.township, {**about, "name_field": "", "code_field": ""}, content).json()["id"]
    assert "不用" not in {cell["properties"]["name"] for cell in office.cells(nameless, "block")}
    refused = upload(office.township, {**about, "name_field": "nowhere"}, content)
    assert refused.json()["code"] == "file_refused"
    assert "WGMC" in refused.json()["message"], "it says which columns there are"
