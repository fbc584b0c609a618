"""Laying out small towns: what blocks, cells and borders come of streets, rivers and odd homes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import shapely

from onegrid.county.grids.rules.drawing.cells import lay_out
from onegrid.county.grids.rules.drawing.ground import Ground, in_metres
from onegrid.county.grids.rules.drawing.shares import halved, share_land
from onegrid.county.grids.rules.drawing.sites import part_counts
from tests.support.towns import assert_lies_right, house, laid_out, lattice, town

SQUARE = shapely.box(0, 0, 300, 300)


def test_a_storey_of_a_stairwell_is_an_atom() -> None:
    ground = town([shapely.box(20, 20, 80, 32)], [48], units=[3], floors=[8], areas=[SQUARE])
    _, _, atoms, _ = assert_lies_right(ground)
    assert len(atoms) == 24
    assert (atoms.households == 2).all()
    assert np.bincount(atoms.unit).tolist() == [8, 8, 8]
    for unit in range(3):
        assert np.ptp(atoms.x[atoms.unit == unit]) < 20


def test_a_building_without_storeys_is_cut_into_runs_of_a_few_households() -> None:
    ground = town([house(50, 50, 20)], [40], areas=[SQUARE])
    assert part_counts(ground)[0].tolist() == [10]
    _, _, atoms, _ = assert_lies_right(ground)
    assert (atoms.households == 4).all()


def test_more_stairwells_and_storeys_than_households_make_no_empty_homes() -> None:
    ground = town([house(50, 50, 20)], [3], units=[4], floors=[10], areas=[SQUARE])
    _, _, atoms, _ = assert_lies_right(ground)
    assert atoms.households.tolist() == [1, 1, 1]


def test_empty_blocks_are_land_without_weight() -> None:
    _, _, atoms, edges = assert_lies_right(town([house(50, 50)], [1], roads=lattice(3), areas=[SQUARE]))
    assert len(atoms) == 1 + 8 * 4, "an empty block is four pieces, so that several grids may reach across it"
    assert (atoms.building == -1).sum() == 8 * 4
    across = atoms.block[edges.left] != atoms.block[edges.right]
    assert (edges.rank[across] == 1).all()
    assert (edges.rank[~across] == -1).all()
    pairs = np.column_stack([atoms.block[edges.left[across]], atoms.block[edges.right[across]]])
    assert len(np.unique(np.sort(pairs, axis=1), axis=0)) == 12


def test_the_highest_rank_along_a_border_is_its_rank() -> None:
    ground = town(
        [house(50, 50), house(150, 50), house(250, 50)],
        roads=["LINESTRING (100 -5, 100 305)"],
        ranks=[3],
        water=["LINESTRING (200 -5, 200 305)"],
        areas=[SQUARE],
    )
    _, _, _, edges = assert_lies_right(ground)
    assert sorted(edges.rank.tolist()) == [3, 5]


def test_paths_are_no_borders_and_lakes_are() -> None:
    lake = shapely.box(120, 120, 180, 180)
    ground = town([house(50, 50)], roads=["LINESTRING (0 60, 300 60)"], ranks=[0], water=[lake], areas=[SQUARE])
    _, _, atoms, edges = assert_lies_right(ground)
    assert sorted(shapely.area(atoms.cell).tolist()) == pytest.approx([3600, 86400], rel=1e-3)
    assert edges.rank.tolist() == [5]


def test_a_thin_strip_between_two_carriageways_is_no_block() -> None:
    roads = ["LINESTRING (0 100, 300 100)", "LINESTRING (0 106, 300 106)"]
    _, _, atoms, edges = assert_lies_right(
        town([house(50, 50), house(50, 200)], roads=roads, ranks=[4, 4], areas=[SQUARE])
    )
    assert len(atoms) == 2
    assert edges.rank.tolist() == [4]


def test_a_border_between_two_buildings_runs_between_their_walls() -> None:
    hall, kiosk = shapely.box(20, 20, 140, 60), shapely.box(144, 36, 150, 42)
    clean, _, atoms, _ = assert_lies_right(town([hall, kiosk], [1, 1], areas=[SQUARE]))
    footprints = in_metres(clean.buildings, clean.plane())
    for number, shape in enumerate(footprints):
        own = shapely.union_all(atoms.cell[atoms.building == number])
        assert shapely.intersection(own, shape).area > 0.99 * shape.area


def test_no_area_edge_crosses_a_border() -> None:
    halves = [shapely.box(0, 0, 150, 300), shapely.box(150, 0, 300, 300)]
    _, _, atoms, edges = assert_lies_right(town([house(140, 50), house(160, 50)], areas=halves))
    assert len(edges) == 0
    assert sorted(atoms.area.tolist()) == [0, 1]


ODD: dict[str, Ground] = {
    "one household": town([house(50, 50)], areas=[SQUARE]),
    "one household, no borders, no streets": town([shapely.Point(50, 50)]),
    "nobody": town(areas=[SQUARE], roads=lattice(3)),
    "points in one place": town([shapely.Point(50, 50)] * 40, areas=[SQUARE]),
    "points in one place, no borders": town([shapely.Point(50, 50)] * 40),
    "points in a row": town([shapely.Point(at * 7, 50) for at in range(1, 40)], areas=[SQUARE]),
    "points in a row, no borders": town([shapely.Point(at * 7, at * 7) for at in range(40)]),
    "points a hair apart": town([shapely.Point(50 + at * 1e-6, 50) for at in range(9)], areas=[SQUARE]),
    "a perfect lattice": town([house(x, y, 4) for x in range(5, 96, 10) for y in range(5, 96, 10)], areas=[SQUARE]),
    "a block with a hole": town(
        [house(20, 20), house(250, 250), house(150, 150)], areas=[SQUARE], water=[shapely.box(50, 50, 250, 240)]
    ),
    "an area with a hole": town(
        [house(20, 20), house(280, 280)], areas=[SQUARE.difference(shapely.box(90, 90, 200, 200))]
    ),
    "a home on a street": town([shapely.Point(100, 50), shapely.Point(50, 100)], roads=lattice(3), areas=[SQUARE]),
    "a home on the border": town([shapely.Point(0, 50), house(300, 100)], areas=[SQUARE]),
    "a home on a corner": town([shapely.Point(0, 0), shapely.Point(100, 100)], roads=lattice(3), areas=[SQUARE]),
    "a thousand in a tower": town([house(50, 50, 3)], [1000], floors=[1], areas=[SQUARE]),
    "a winding strip": town(
        [shapely.Point(5, 1), shapely.Point(295, 299), shapely.Point(150, 155)],
        areas=[shapely.LineString([(0, 0), (300, 10), (0, 150), (300, 160), (10, 290), (300, 300)]).buffer(6)],
    ),
    "a comb": town(
        [shapely.Point(10 + 20 * at, 290) for at in range(14)],
        areas=[
            shapely.union_all(
                [shapely.box(0, 0, 300, 20), *[shapely.box(20 * at, 0, 20 * at + 12, 300) for at in range(15)]]
            )
        ],
    ),
}


@pytest.mark.parametrize("name", list(ODD))
def test_odd_towns_are_covered(name: str) -> None:
    ground = ODD[name]
    _, _, atoms, _ = assert_lies_right(ground)
    assert atoms.households.sum() == ground.households.sum()


def test_no_land_at_all_is_no_atoms() -> None:
    atoms, edges = lay_out(town().cleaned()[0])
    assert len(atoms) == 0
    assert len(edges) == 0


def test_progress_names_each_step_in_turn() -> None:
    heard: list[str] = []
    lay_out(town([house(50, 50)], areas=[SQUARE]).cleaned()[0], lambda step, done: heard.append(step))
    assert list(dict.fromkeys(heard)) == ["blocks", "cells", "adjacency"]


@pytest.mark.parametrize("count", [2, 3, 17])
def test_halving_shares_any_land_among_any_points(count: int) -> None:
    comb = shapely.union_all(
        [shapely.box(0, 0, 100, 5), *[shapely.box(10 * at, 0, 10 * at + 4, 50) for at in range(10)]]
    )
    points = np.full((count, 2), 3.0) + np.arange(count)[:, None] * 1e-9
    shares = halved(points, comb)
    assert np.isclose(shapely.area(shares).sum(), comb.area)
    assert (shapely.area(shares) > 0).all()


def test_a_diagram_the_library_cannot_make_is_halved(monkeypatch: Any) -> None:
    def refuses(*_: Any, **__: Any) -> Any:
        raise shapely.errors.GEOSException("no")

    monkeypatch.setattr(shapely, "voronoi_polygons", refuses)
    x, y, block = np.array([10.0, 20.0, 90.0]), np.array([10.0, 30.0, 80.0]), np.zeros(3, dtype=np.int64)
    shares = share_land(x, y, block, np.array([shapely.box(0, 0, 100, 100)], dtype=object))
    assert shapely.contains_xy(shares, x, y).all()
    assert np.isclose(shapely.area(shares).sum(), 1e4)
    ground = town([house(50, 50), house(60, 90), house(220, 90)], roads=lattice(3), areas=[SQUARE])
    assert_lies_right(ground)
    assert len(laid_out(ground)[2]) == 3 + 7 * 4
