"""Grids and map over HTTP: open to everybody, errors in the reader's language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import mapbox_vector_tile
import pytest
from support.people import Api
from support.world import World

from onegrid.county.grids import tiles
from onegrid.county.grids.models import MapFeature
from onegrid.county.grids.selectors import places
from onegrid.county.grids.services.versions import raise_version
from onegrid.foundation.database.context import in_locality


@pytest.fixture
def county(world: World, locality: str) -> World:
    """The planted county with one named building beside the first leaf's label."""
    tiles.forget()
    lon, lat = world.point
    with in_locality(locality):
        import shapely

        shape = shapely.to_wkb(shapely.box(lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4))
        MapFeature.objects.create(
            layer="building",
            kind="house",
            name="测试路1号",
            levels=3,
            scope_path=world.leaf.scope_path,
            lon=lon,
            lat=lat,
            wkb=shape,
        )
        raise_version(datetime(2026, 11, 20, tzinfo=UTC))
    places.forget()
    return world


def test_a_point_tells_its_grids_and_address(county: World, api: Api) -> None:
    lon, lat = county.point
    body = api.get(f"/grids/locate?lon={lon}&lat={lat}").json()
    assert body["chains"][0]["grids"][-1]["id"] == str(county.leaf.id)
    assert body["address"] == "测试路1号"
    levels = [grid["level"] for grid in body["chains"][0]["grids"]]
    assert levels[0] == "county"
    assert body["chains"][0]["grids"][0]["level_title"] == "County"


@pytest.mark.parametrize(
    ("query", "status"), [("lon=1&lat=1", 404), ("lon=x&lat=1", 422), ("lon=500&lat=1", 422), ("lat=1", 422)]
)
def test_a_point_that_makes_no_sense_is_refused(county: World, api: Api, query: str, status: int) -> None:
    answer = api.get(f"/grids/locate?{query}")
    assert answer.status_code == status
    assert answer.json()["code"]


def test_the_tree_can_be_walked_from_the_root(county: World, api: Api) -> None:
    root = api.get("/grids/root").json()
    assert root["scope_path"] == "r."
    children = api.get(f"/grids/{root['id']}/children").json()["items"]
    assert children
    one = api.get(f"/grids/{children[0]['id']}").json()
    assert [grid["id"] for grid in one["chain"]] == [root["id"], one["id"]]
    assert api.get("/grids/999999999").status_code == 404
    assert api.get("/grids/999999999/children").status_code == 404


def test_grids_are_found_by_name_and_code(county: World, api: Api) -> None:
    root = api.get("/grids/root").json()
    assert root["id"] in [grid["id"] for grid in api.get(f"/grids/search?q={root['name']}").json()["items"]]
    assert root["id"] in [grid["id"] for grid in api.get(f"/grids/search?q={root['code']}").json()["items"]]
    assert api.get("/grids/search?q=").json() == {"items": []}


def test_addresses_are_found_by_words_and_by_nearness(county: World, api: Api) -> None:
    lon, lat = county.point
    assert [item["label"] for item in api.get("/addresses?q=测试路").json()["items"]] == ["测试路1号"]
    assert [item["label"] for item in api.get(f"/addresses?near={lon},{lat}").json()["items"]] == ["测试路1号"]
    assert api.get("/addresses?q=没有").json() == {"items": []}
    assert api.get("/addresses?near=somewhere").status_code == 422


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    import math

    n = 2**z
    return int((lon + 180) / 360 * n), int((1 - math.asinh(math.tan(math.radians(lat))) / math.pi) / 2 * n)


def test_tiles_decode_and_may_be_kept_for_ever_under_a_version(county: World, api: Api) -> None:
    x, y = tile_of(*county.point, 15)
    base = api.get(f"/tiles/base/15/{x}/{y}.mvt?v=2")
    assert base.status_code == 200
    assert "immutable" in base.headers["Cache-Control"]
    assert mapbox_vector_tile.decode(base.content)["building"]["features"][0]["properties"]["levels"] == 3
    assert api.get(f"/tiles/base/15/{x}/{y}.mvt").headers["Cache-Control"] == "no-cache"
    grids = mapbox_vector_tile.decode(api.get(f"/tiles/grids/15/{x}/{y}.mvt").content)
    assert str(county.leaf.id) in [feature["properties"]["id"] for feature in grids["grids"]["features"]]
    assert api.get("/tiles/base/15/1/1.mvt").status_code == 204
    assert api.get("/tiles/nothing/15/1/1.mvt").status_code == 422


def test_a_resident_learns_who_looks_after_his_grid(county: World, api: Api) -> None:
    lon, lat = county.point
    body: dict[str, Any] = api.get(f"/my-grid?lon={lon}&lat={lat}").json()
    assert body["grid"]["id"] == str(county.leaf.id)
    assert body["leader"]["name"]
    assert body["centre"]["name"]
    assert api.get("/my-grid?lon=1&lat=1").status_code == 404
