"""Our tile encoder against mapbox-vector-tile as the oracle."""

import mapbox_vector_tile
import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from onegrid.county.grids.rules import mvt

Z, X, Y = 14, 13612, 6978
WEST, SOUTH, EAST, NORTH = mvt.tile_bounds(Z, X, Y)


def decode(tile: bytes) -> dict:
    return mapbox_vector_tile.decode(tile, default_options={"y_coord_down": True})


def layer(*shapes: shapely.Geometry, **properties: mvt.Value) -> mvt.Layer:
    return mvt.Layer("grids", range(1, len(shapes) + 1), np.array(shapes, dtype=object), [properties] * len(shapes))


def at(across: float, down: float) -> tuple[float, float]:
    return WEST + (EAST - WEST) * across, NORTH + (SOUTH - NORTH) * down


def box(a: float, b: float, c: float, d: float) -> shapely.Geometry:
    return shapely.box(*at(a, d), *at(c, b))


def test_a_polygon_with_a_hole_comes_back_where_it_was() -> None:
    shape = shapely.difference(box(0.25, 0.25, 0.75, 0.75), box(0.4, 0.4, 0.6, 0.6))
    [feature] = decode(mvt.encode(Z, X, Y, [layer(shape, name="侯官", households=12, share=0.5, open=True, below=-3)]))[
        "grids"
    ]["features"]
    assert feature["id"] == 1
    assert feature["properties"] == {"name": "侯官", "households": 12, "share": 0.5, "open": True, "below": -3}
    got = shapely.geometry.shape(feature["geometry"])
    assert got.is_valid
    assert len(got.interiors) == 1
    assert (
        shapely.area(
            shapely.symmetric_difference(
                got, shapely.difference(shapely.box(1024, 1024, 3072, 3072), shapely.box(1638, 1638, 2458, 2458))
            )
        )
        < 12000
    )


def test_lines_points_and_many_features() -> None:
    line = shapely.LineString([at(0.1, 0.1), at(0.5, 0.2), at(0.9, 0.9)])
    point = shapely.Point(at(0.5, 0.5))
    features = decode(mvt.encode(Z, X, Y, [layer(line, point, box(0.1, 0.1, 0.2, 0.2))]))["grids"]["features"]
    assert [feature["geometry"]["type"] for feature in features] == ["LineString", "Point", "Polygon"]
    assert [feature["id"] for feature in features] == [1, 2, 3]
    assert features[1]["geometry"]["coordinates"] == [2048, 2048]


def test_a_tile_without_features_is_empty() -> None:
    assert mvt.encode(Z, X, Y, [layer(shapely.box(0, 0, 1, 1))]) == b""
    assert mvt.encode(Z, X, Y, []) == b""


def test_what_reaches_out_is_cut_at_the_buffer() -> None:
    [feature] = decode(mvt.encode(Z, X, Y, [layer(box(-5, -5, 5, 5))]))["grids"]["features"]
    bounds = shapely.geometry.shape(feature["geometry"]).bounds
    assert bounds == (-128, -128, 4096 + 128, 4096 + 128)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)), min_size=3, max_size=12))
def test_any_hull_decodes_to_about_itself(corners: list[tuple[float, float]]) -> None:
    shape = shapely.convex_hull(shapely.MultiPoint([at(*corner) for corner in corners]))
    if shape.geom_type != "Polygon":
        return
    tile = mvt.encode(Z, X, Y, [layer(shape)])
    unit = shapely.transform(
        shape, lambda p: np.column_stack([(p[:, 0] - WEST) / (EAST - WEST), (p[:, 1] - NORTH) / (SOUTH - NORTH)]) * 4096
    )
    expected = shapely.clip_by_rect(unit, -128, -128, 4224, 4224)
    if not tile:
        assert expected.area < 4096 * 8
        return
    [feature] = decode(tile)["grids"]["features"]
    got = shapely.buffer(shapely.geometry.shape(feature["geometry"]), 0)
    assert shapely.area(shapely.symmetric_difference(got, expected)) < 4 * expected.length + 40
