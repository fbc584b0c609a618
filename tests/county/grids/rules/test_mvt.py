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


def test_borders_that_are_shared_stay_shared() -> None:
    """The areas of exact cells add up to the whole tile's: what one rounds away the neighbour gets."""
    rng = np.random.default_rng(3)
    seeds = shapely.MultiPoint([at(*corner) for corner in rng.random((60, 2))])
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds, extend_to=box(-0.2, -0.2, 1.2, 1.2)))
    cells = shapely.segmentize(shapely.intersection(cells, box(-0.2, -0.2, 1.2, 1.2)), (EAST - WEST) / 50)
    tile = mvt.encode(Z, X, Y, [mvt.Layer("grids", range(1, 61), np.array(cells), [{}] * 60, exact=True)])
    features = decode(tile)["grids"]["features"]
    doubled = 0
    for feature in features:
        for ring in [feature["geometry"]["coordinates"]][0]:
            x, y = np.array(ring)[:, 0], np.array(ring)[:, 1]
            doubled += int(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))
    assert abs(doubled) == 2 * (4096 + 256) ** 2


def test_a_hole_goes_with_its_polygon_and_small_things_go() -> None:
    tiny = shapely.difference(box(0.5, 0.5, 0.50001, 0.50001), box(0.500004, 0.500004, 0.500006, 0.500006))
    ring = shapely.difference(box(0.1, 0.1, 0.3, 0.3), box(0.2, 0.2, 0.200001, 0.200001))
    two = shapely.union(box(0.6, 0.6, 0.7, 0.7), box(0.8, 0.8, 0.9, 0.9))
    features = decode(mvt.encode(Z, X, Y, [layer(tiny, ring, two, shapely.Point(0, 0), shapely.Polygon())]))["grids"]
    assert [feature["id"] for feature in features["features"]] == [2, 3]
    kinds = [feature["geometry"]["type"] for feature in features["features"]]
    assert kinds == ["Polygon", "MultiPolygon"]
    assert len(features["features"][0]["geometry"]["coordinates"]) == 1


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 2**31), min_size=1, max_size=40))
def test_ids_and_numbers_of_any_size_come_back(numbers: list[int]) -> None:
    spots = np.array([shapely.Point(at(0.5, 0.5))] * len(numbers), dtype=object)
    about = [{"n": number, "less": -number, "half": number / 2, "name": f"网{number}"} for number in numbers]
    features = decode(mvt.encode(Z, X, Y, [mvt.Layer("p", numbers, spots, about)]))["p"]["features"]
    assert [feature["id"] for feature in features] == numbers
    assert [feature["properties"] for feature in features] == about
