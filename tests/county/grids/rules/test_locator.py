"""Finding a point: the index against a slow reading of every outline."""

import time

import numpy as np
import pytest
import shapely

from onegrid.county.grids.rules.locator import NOWHERE, NearestIndex, PointIndex


def cells(count: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    sites = shapely.MultiPoint(rng.random((count, 2)))
    return np.array(shapely.get_parts(shapely.voronoi_polygons(sites, extend_to=shapely.box(0, 0, 1, 1))), dtype=object)


def test_locate_equals_a_slow_reading_of_all_outlines() -> None:
    shapes = cells(60, 1)
    keys = np.random.default_rng(2).permutation(np.arange(100, 160))
    index = PointIndex(keys, shapes)
    points = np.random.default_rng(3).uniform(-0.5, 1.5, (400, 2))
    slow = [
        min((int(k) for k, s in zip(keys, shapes, strict=False) if s.covers(shapely.Point(p))), default=NOWHERE)
        for p in points
    ]
    assert index.locate_many(points[:, 0], points[:, 1]).tolist() == slow
    assert [index.locate(*p) if index.locate(*p) is not None else NOWHERE for p in points[:50]] == slow[:50]


def test_a_border_belongs_to_the_lowest_key() -> None:
    index = PointIndex(np.array([9, 4]), np.array([shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)], dtype=object))
    assert index.locate(1.0, 0.5) == 4
    assert index.locate_many(np.array([1.0]), np.array([0.5])).tolist() == [4]


def slow_reading(keys: np.ndarray, shapes: np.ndarray, points: np.ndarray) -> list[int]:
    return [
        min((int(k) for k, s in zip(keys, shapes, strict=True) if s.covers(shapely.Point(p))), default=NOWHERE)
        for p in points
    ]


@pytest.mark.parametrize("seed", [11, 12, 13])
def test_corners_borders_gaps_overlaps_and_islands_are_exact(seed: int) -> None:
    """Everywhere the table of squares could be wrong: on borders, a rounding away from them, and where none or two
    outlines hold a point."""
    rng = np.random.default_rng(seed)
    shapes = cells(40, seed)
    shapes[0] = shapely.Polygon(shapes[0].exterior, [shapely.box(*_core(shapes[0])).exterior])  # a hole
    shapes[1] = shapely.buffer(shapes[1], 0.03)  # lies over its neighbours
    shapes[2] = shapely.buffer(shapes[2], -0.01)  # leaves a gap
    shapes[3] = shapely.MultiPolygon([shapes[3], shapely.box(1.2, 1.2, 1.3, 1.3)])  # an island far away
    keys = rng.permutation(np.arange(1, 41))
    corners = shapely.get_coordinates(shapes)
    middles = (corners[1:] + corners[:-1]) / 2
    points = np.vstack(
        [corners, middles, corners + rng.normal(0, 1e-13, corners.shape), rng.uniform(-0.2, 1.5, (300, 2))]
    )
    index = PointIndex(keys, shapes)
    slow = slow_reading(keys, shapes, points)
    assert index.locate_many(points[:, 0], points[:, 1]).tolist() == slow
    assert [NOWHERE if (one := index.locate(x, y)) is None else one for x, y in points] == slow


def _core(shape: shapely.Polygon) -> tuple[float, float, float, float]:
    x, y = shape.representative_point().coords[0]
    return x - 0.005, y - 0.005, x + 0.005, y + 0.005


def test_points_that_are_nowhere_at_all() -> None:
    index = PointIndex(np.array([1]), np.array([shapely.box(0, 0, 1, 1)], dtype=object))
    odd = np.array([np.nan, np.inf, -np.inf, 1e300, 0.5])
    assert index.locate_many(odd, np.full(5, 0.5)).tolist() == [NOWHERE] * 4 + [1]
    assert [index.locate(float(x), 0.5) for x in odd] == [None] * 4 + [1]


def test_an_area_long_and_thin_stays_small() -> None:
    index = PointIndex(np.array([1]), np.array([shapely.box(0, 0, 10, 1e-7)], dtype=object))
    assert index._squares._table.size <= 20_000
    assert index.locate(5, 5e-8) == 1


def test_an_index_of_nothing_finds_nothing() -> None:
    index = PointIndex(np.array([], dtype=np.int64), np.array([], dtype=object))
    assert index.locate(0, 0) is None
    assert index.locate_many(np.zeros(2), np.zeros(2)).tolist() == [NOWHERE, NOWHERE]


def test_many_points_take_little_time() -> None:
    index = PointIndex(np.arange(1, 5001), cells(5000, 4))
    points = np.random.default_rng(5).random((100_000, 2))
    index.locate_many(points[:1000, 0], points[:1000, 1])
    began = time.process_time()
    index.locate_many(points[:, 0], points[:, 1])
    assert time.process_time() - began < 0.8


def test_the_nearest_building_is_in_metres() -> None:
    index = NearestIndex(np.array([119.13, 119.14]), np.array([26.15, 26.15]))
    found = index.nearest(119.1301, 26.15, 50)
    assert found is not None
    assert found[0] == 0
    assert 9 < found[1] < 11
    assert index.nearest(119.135, 26.15, 50) is None
    assert index.around(119.139, 26.15, 2).tolist() == [1, 0]
