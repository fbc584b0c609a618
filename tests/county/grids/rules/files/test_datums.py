"""WGS84, GCJ-02, BD-09: known points, and there and back within a centimetre."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from onegrid.county.grids.rules.files import datums

METRE = 1 / 111_000


@pytest.mark.parametrize(
    ("wgs", "gcj"),
    [
        ((121.5272106, 31.1774276), (121.531541859215, 31.17530398364597)),
        ((113.912316, 22.543847), (113.9171764808363, 22.540796131694766)),
        ((116.377817, 39.911954), (116.38404722455657, 39.91334545536069)),
    ],
)
def test_published_points(wgs: tuple[float, float], gcj: tuple[float, float]) -> None:
    """The test points of eviltransform: Shanghai, Shenzhen, Beijing."""
    assert np.allclose(datums.wgs84_to_gcj02(np.array([wgs]))[0], gcj, atol=1e-9)
    assert np.allclose(datums.gcj02_to_wgs84(np.array([gcj]))[0], wgs, atol=0.01 * METRE)


def test_the_second_shift() -> None:
    """coordtransform's test point."""
    bd = datums.gcj02_to_bd09(np.array([[116.404, 39.915]]))[0]
    assert np.allclose(bd, (116.41036949371029, 39.92133699351021), atol=1e-9)


@given(st.lists(st.tuples(st.floats(73, 135), st.floats(4, 53.5)), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_there_and_back_within_a_centimetre(places: list[tuple[float, float]]) -> None:
    points = np.array(places)
    for there, back in (
        (datums.wgs84_to_gcj02, datums.gcj02_to_wgs84),
        (datums.wgs84_to_bd09, datums.bd09_to_wgs84),
        (datums.gcj02_to_bd09, datums.bd09_to_gcj02),
    ):
        moved = there(points)
        assert np.abs(moved - points).max() > 50 * METRE
        assert np.abs(back(moved) - points).max() < 0.01 * METRE


def test_outside_of_china_nothing_moves() -> None:
    paris = np.array([[2.3522, 48.8566]])
    assert (datums.wgs84_to_gcj02(paris) == paris).all()


def test_shapes_keep_their_holes_and_their_missing_ones() -> None:
    ring = shapely.Polygon(
        [(119.1, 26.1), (119.2, 26.1), (119.2, 26.2)], [[(119.15, 26.11), (119.17, 26.11), (119.16, 26.12)]]
    )
    moved = datums.to_wgs84(np.array([ring, None], dtype=object), "gcj02")
    assert moved[1] is None
    assert len(moved[0].interiors) == 1
    assert 300 * METRE < moved[0].hausdorff_distance(ring) < 900 * METRE
