"""Checking a given partition: each planted fault is found, and a good one has none."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from onegrid.county.grids.rules.checking import check
from onegrid.county.grids.rules.drawing.outlines import outlines, to_degrees
from tests.support.towns import house, laid_out, random_town, shapes

LEFT, RIGHT = shapely.box(0, 0, 500, 1000), shapely.box(500, 0, 1000, 1000)
WHOLE = shapely.box(0, 0, 1000, 1000)


def kinds(*found: object, **more: object) -> list[tuple[str, tuple[int, ...], float]]:
    return [(one.kind, one.grids, round(one.amount)) for one in check(shapes(found), **more)]  # type: ignore[arg-type]


def test_a_good_partition_has_no_fault() -> None:
    homes = shapes([house(100, 100), house(900, 100)])
    assert kinds(LEFT, RIGHT, parents=shapes([WHOLE]), homes=homes, households=np.array([3.0, 4.0]), size=4) == []


def test_a_gap_is_found_with_its_neighbours_and_its_size() -> None:
    assert kinds(LEFT, shapely.box(510, 0, 1000, 1000), parents=shapes([WHOLE])) == [("gap", (0, 1), 10_000)]


def test_without_parents_a_hole_among_the_grids_is_a_gap() -> None:
    [fault] = check(shapes([LEFT, RIGHT.difference(shapely.box(600, 600, 700, 700))]))
    assert (fault.kind, round(fault.amount)) == ("gap", 10_000)
    assert shapely.contains_xy(shapes([shapely.box(600, 600, 700, 700)])[0], *fault.where)


def test_an_overlap_names_both_grids() -> None:
    assert kinds(LEFT, shapely.box(490, 0, 1000, 1000)) == [("overlap", (0, 1), 10_000)]


def test_land_outside_its_parent_is_found() -> None:
    parents = shapes([LEFT, RIGHT])
    [(kind, grids, amount)] = kinds(LEFT, RIGHT, parents=parents, parent_of=np.array([0, 0]))
    assert (kind, grids, amount) == ("outside", (1,), pytest.approx(500_000, rel=1e-3))
    wide = shapely.box(500, 0, 1100, 1000)
    [(kind, grids, amount)] = kinds(LEFT, wide, parents=parents, parent_of=np.array([0, -1]))
    assert (kind, grids, amount) == ("outside", (1,), pytest.approx(100_000, rel=1e-3))


def test_a_grid_of_two_pieces_is_found_even_when_they_touch_in_a_corner() -> None:
    torn = shapely.MultiPolygon([shapely.box(0, 0, 500, 500), shapely.box(500, 500, 1000, 1000)])
    rest = shapely.MultiPolygon([shapely.box(500, 0, 1000, 500), shapely.box(0, 500, 500, 1000)])
    assert kinds(torn, rest) == [("several_pieces", (0,), 2), ("several_pieces", (1,), 2)]


def test_a_grid_that_touches_no_other_is_an_island() -> None:
    assert kinds(LEFT, RIGHT, shapely.box(2000, 0, 2100, 100)) == [("island", (2,), 10_000)]


def test_a_main_road_through_a_grid_is_found_and_one_along_its_border_is_not() -> None:
    roads = shapes(["LINESTRING (250 0, 250 1000)", "LINESTRING (503 0, 503 1000)", "LINESTRING (700 0, 700 1000)"])
    ranks = np.array([3, 4, 1], dtype=np.int8)
    assert kinds(LEFT, RIGHT, roads=roads, road_rank=ranks) == [("crossing_road", (0,), 970)]


def test_too_many_households_and_uncovered_homes_are_found() -> None:
    homes = shapes([house(100, 100), house(900, 100), house(1500, 100)])
    found = kinds(LEFT, RIGHT, homes=homes, households=np.array([12.0, 13.0, 2.0]), size=10, tolerance=0.2)
    assert found == [("homes_uncovered", (), 2), ("overload", (1,), 13)]


def test_shapes_that_cannot_be_read_are_named_and_the_rest_checked() -> None:
    bow = shapely.Polygon([(0, 0), (500, 1000), (500, 0), (0, 1000)])
    found = kinds(None, shapely.Point(3, 3), bow, RIGHT)
    assert [fault[:2] for fault in found] == [
        ("no_shape", (0,)), ("no_shape", (1,)), ("invalid", (2,)), ("several_pieces", (2,)),
    ]  # fmt: skip
    assert kinds() == []


@pytest.mark.parametrize("seed", range(4))
def test_drawn_grids_pass_and_a_hand_broken_one_does_not(seed: int) -> None:
    clean, _, atoms, _ = laid_out(random_town(seed, blocks=3, homes=40))
    drawn = to_degrees(outlines(atoms, atoms.area), clean.plane())
    more = {"parents": clean.areas, "homes": clean.buildings, "households": clean.households}
    assert check(drawn, **more) == []  # type: ignore[arg-type]
    moved = drawn.copy()
    moved[0] = shapely.affinity.translate(drawn[0], 1e-4, 0)
    assert {fault.kind for fault in check(moved, **more)} >= {"gap", "overlap"}  # type: ignore[arg-type]
