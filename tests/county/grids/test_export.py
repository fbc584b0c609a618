"""Grids as files: what is written is what the map holds, and a GIS reads it back."""

from __future__ import annotations

import json
from pathlib import Path

import pyogrio
import pytest
import shapely
from support.households import signed_in
from support.people import ActingAs, Api
from support.world import World

from onegrid.county.grids import selectors
from onegrid.county.grids.selectors import outlines
from onegrid.foundation.database.context import in_locality


@pytest.fixture
def api(world: World, locality: str, acting_as: ActingAs) -> Api:
    with acting_as():
        return signed_in(locality, world.staff("worker"))


def test_geojson_holds_every_grid_as_it_is(world: World, locality: str, api: Api) -> None:
    answer = api.get("/grids/export")
    assert answer.headers["Content-Type"] == "application/geo+json"
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = {row["properties"]["id"]: row for row in json.loads(answer.content)["features"]}
    with in_locality(locality):
        known = selectors.index().grids
        shapes = outlines.shapes(list(known))
    assert set(rows) == {str(key) for key in known}
    for key, shape in shapes.items():
        assert shapely.equals(shapely.geometry.shape(rows[str(key)]["geometry"]), shape)
    leaf = rows[str(world.leaf.id)]["properties"]
    assert leaf["parent_code"] == rows[leaf["parent"]]["properties"]["code"]


def test_a_geopackage_has_a_layer_for_each_level(world: World, locality: str, api: Api, tmp_path: Path) -> None:
    file = tmp_path / "grids.gpkg"
    file.write_bytes(api.get("/grids/export?format=gpkg").content)
    with in_locality(locality):
        levels: dict[str, int] = {}
        for one in selectors.index().grids.values():
            name = "_".join(filter(None, (one.scheme, one.level)))
            levels[name] = levels.get(name, 0) + 1
    found = {str(name): pyogrio.read_info(file, layer=name)["features"] for name, _ in pyogrio.list_layers(file)}
    assert found == levels


def test_one_level_of_one_grid_only(world: World, locality: str, api: Api) -> None:
    with in_locality(locality):
        chain = selectors.chain(world.leaf.scope_path)
    above, leaf = chain[-2], chain[-1]
    rows = api.get(f"/grids/export?grid={above.id}&level={leaf.scheme}.{leaf.level}").json()["features"]
    assert str(leaf.id) in [row["properties"]["id"] for row in rows]
    assert {row["properties"]["parent"] for row in rows} == {str(above.id)}
    assert api.get("/grids/export?grid=999999").status_code == 404
    assert api.get("/grids/export?format=shp").status_code == 422
    assert Api(locality).get("/grids/export").status_code == 401
