"""Tiles over HTTP: levels by zoom and for the asking, nothing personal, and every change of the map is seen at once."""

from __future__ import annotations

from datetime import UTC, datetime
from math import asinh, pi, radians, tan
from typing import Any

import mapbox_vector_tile
import pytest
import shapely
from support.people import Api, counted_queries
from support.world import World

from onegrid.county.grids import selectors, tiles
from onegrid.county.grids.models import Grid, MapFeature
from onegrid.county.grids.selectors import places
from onegrid.county.grids.services.versions import raise_version
from onegrid.foundation.database.context import in_locality

NOW = datetime(2026, 11, 20, tzinfo=UTC)


@pytest.fixture
def county(world: World, locality: str) -> World:
    """The planted county with a house, a lake and a nameless pond around the first leaf's label."""
    tiles.forget()
    lon, lat = world.point
    with in_locality(locality):
        for layer, kind, name, levels in (
            ("building", "house", "测试路1号", 3), ("water", "lake", "金湖", 0), ("water", "lake", "", 0),
        ):  # fmt: skip
            MapFeature.objects.create(
                layer=layer, kind=kind, name=name, levels=levels, scope_path=world.leaf.scope_path, lon=lon, lat=lat,
                wkb=shapely.to_wkb(shapely.box(lon - 1e-4, lat - 1e-4, lon + 1e-4, lat + 1e-4)),
            )  # fmt: skip
        raise_version(NOW)
    places.forget()
    return world


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int]:
    side = 2**z
    return int((lon + 180) / 360 * side), int((1 - asinh(tan(radians(lat))) / pi) / 2 * side)


def read(api: Api, layer: str, z: int, point: tuple[float, float], query: str = "") -> dict[str, Any]:
    x, y = tile_of(*point, z)
    answer = api.get(f"/tiles/{layer}/{z}/{x}/{y}.mvt{query}")
    assert answer.status_code in (200, 204)
    found: dict[str, Any] = mapbox_vector_tile.decode(answer.content) if answer.content else {}
    return {name: [one["properties"] for one in part["features"]] for name, part in found.items()}


def test_every_level_has_its_zoom_and_any_can_be_asked_for(county: World, locality: str, api: Api) -> None:
    with in_locality(locality):
        table = tiles.levels()
        chain = selectors.chain(county.leaf.scope_path)
    seen = set()
    for z in range(tiles.MAX_ZOOM + 1):
        shown = read(api, "grids", z, county.point).get("grids", [])
        alone = {(one["scheme"], one["level"]) for one in shown if not one["frame"]}
        assert len({scheme for scheme, _ in alone}) == len(alone)
        seen |= alone
    own = [one for one in chain if (zoom := table.find((one.scheme, one.level))) and zoom.first <= zoom.last]
    assert {(one.scheme, one.level) for one in own} <= seen
    for one in chain:
        zoom = table.find((one.scheme, one.level))
        assert zoom is not None
        asked = read(api, "grids", zoom.asked, county.point, f"?level={one.scheme}.{one.level}")["grids"]
        assert {(got["scheme"], got["level"]) for got in asked if not got["frame"]} == {(one.scheme, one.level)}
        assert str(one.id) in [got["id"] for got in asked]
    assert read(api, "grids", 12, county.point, "?level=no.such") == {}
    assert api.get("/tiles/grids/12/1/1.mvt?level=DROP").status_code == 422


def test_the_base_map_has_heights_and_no_addresses_and_names_their_own_layers(county: World, api: Api) -> None:
    base = read(api, "base", 16, county.point)
    assert {key: base["building"][0][key] for key in ("levels", "height")} == {"levels": 3, "height": 9.0}
    assert "name" not in base["building"][0]
    assert read(api, "building_labels", 17, county.point)["building_labels"][0]["name"] == "测试路1号"
    assert [one["name"] for one in read(api, "place_labels", 16, county.point)["place_labels"]] == ["金湖"]
    labels = read(api, "grid_labels", 12, county.point)["grid_labels"]
    assert str(county.leaf.id) in [one["id"] for one in labels]
    assert all(one["name"] for one in labels)


def test_a_tile_may_be_kept_under_todays_version_only(county: World, locality: str, api: Api) -> None:
    x, y = tile_of(*county.point, 15)
    version = api.get("/map/version").json()["version"]
    path = f"/tiles/grids/15/{x}/{y}.mvt"
    assert "immutable" in api.get(f"{path}?v={version}").headers["Cache-Control"]
    assert api.get(f"{path}?v={version - 1}").headers["Cache-Control"] == "no-cache"
    assert api.get(path).headers["Cache-Control"] == "no-cache"


def test_a_change_is_seen_by_the_next_tile_and_by_who_asks_for_the_version(
    county: World, locality: str, api: Api
) -> None:
    z = 16
    before, answer = read(api, "grids", z, county.point), api.get("/map/version")
    tag = answer.headers["ETag"]
    assert api.get("/map/version", headers={"If-None-Match": tag}).status_code == 304
    base = read(api, "base", z, county.point)
    with in_locality(locality):
        selectors.index()
        Grid.objects.filter(pk=county.leaf.id).update(name="新名网格")
        raise_version(NOW)
    fresh = api.get("/map/version", headers={"If-None-Match": tag})
    assert (fresh.status_code, fresh.json()["version"]) == (200, answer.json()["version"] + 1)
    after = read(api, "grids", z, county.point)
    assert after != before
    assert "新名网格" in [one["name"] for one in after["grids"]]
    # The base map did not change, so neither did its tile.
    assert read(api, "base", z, county.point) == base
    with in_locality(locality):
        MapFeature.objects.filter(layer="building").update(levels=9)
        raise_version(NOW)
    assert read(api, "base", z, county.point)["building"][0]["levels"] == 9


def test_a_kept_tile_costs_two_statements_at_most(county: World, locality: str) -> None:
    x, y = tile_of(*county.point, 15)
    with in_locality(locality):
        tiles.tile("grids", 15, x, y)
        with counted_queries() as seen:
            assert tiles.tile("grids", 15, x, y)
    assert len(seen) <= 2
