"""Cleaning: every fault of a real town is mended or left out, and named."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import shapely

from onegrid.county.grids.rules.drawing.ground import Finding, Ground
from tests.support.towns import house, lattice, town

SQUARE = shapely.box(0, 0, 300, 300)
BOW = shapely.Polygon([(10, 10), (30, 30), (30, 10), (10, 30)])
FAR = shapely.Point(900, 900)
STREET = "LINESTRING (0 150, 300 150)"


def cleaned(ground: Ground) -> tuple[Ground, dict[str, Finding]]:
    clean, found = ground.cleaned()
    assert max(Counter(one.kind for one in found).values(), default=0) <= 1 or any(one.what for one in found)
    return clean, {one.kind: one for one in found}


def test_a_sound_town_has_no_findings() -> None:
    ground = town([house(50, 50), house(200, 200)], [3, 4], roads=[STREET], areas=[SQUARE], names=["西村"])
    clean, found = cleaned(ground)
    assert found == {}
    assert clean.households.tolist() == [3, 4]


@pytest.mark.parametrize(
    ("shape", "kind", "lost"),
    [
        (None, "building_no_shape", True),
        (shapely.Polygon(), "building_no_shape", True),
        (shapely.Point(float("nan"), 3), "building_no_shape", True),
        (shapely.Point(1e9, 3), "building_no_shape", True),
        (FAR, "building_outside", True),
        (BOW, "building_mended", False),
        (shapely.LineString([(10, 10), (30, 10), (30, 30), (10, 10)]), "building_mended", False),
        (shapely.LineString([(10, 10), (30, 10), (30, 30)]), "building_line_as_point", False),
        (shapely.MultiPoint([(10, 10), (30, 10)]), "building_line_as_point", False),
        (shapely.Polygon([(10, 10), (30, 10), (10, 10)]), "building_line_as_point", False),
        (shapely.box(-10, 50, 10, 60), "", False),
        (shapely.box(50, 145, 60, 160), "building_astride_street", False),
    ],
)
def test_a_bad_building_is_mended_or_left_out_by_name(shape: Any, kind: str, lost: bool) -> None:
    ground = town([house(200, 200), shape], [3, 4], roads=[STREET], areas=[SQUARE])
    clean, found = cleaned(ground)
    assert set(found) == ({kind} if kind else set())
    assert clean.households.sum() == (3 if lost else 7)
    if kind:
        assert found[kind].ids == ("row 2",)
        assert found[kind].households == (4 if lost else 0)


def test_a_building_across_a_border_is_named() -> None:
    halves = [shapely.box(0, 0, 150, 300), shapely.box(150, 0, 300, 300)]
    _, found = cleaned(town([shapely.box(130, 50, 180, 60)], [3], roads=[STREET], areas=halves))
    assert set(found) == {"building_astride_border"}


def test_figures_that_cannot_be_counted_with_are_named() -> None:
    ground = town(
        [house(50 + at * 20, 50) for at in range(5)], [1, np.nan, -3, 2, np.inf], roads=[STREET], areas=[SQUARE]
    )
    ground = replace(ground, floors=np.array([1, 0, 3, -2, 1]), units=np.array([0, 1, 1, 1, 1]))
    clean, found = cleaned(ground)
    assert clean.households.sum() == 3
    assert found["households_unknown"].ids == ("row 2", "row 5")
    assert found["households_negative"].ids == ("row 3",)
    assert found["floors_unknown"].ids == ("row 2", "row 4")
    assert found["units_unknown"].ids == ("row 1",)
    assert found["weight_unknown"].count == 3


def test_parts_far_apart_are_buildings_of_their_own_and_near_ones_are_not() -> None:
    near = shapely.MultiPolygon([house(50, 50), house(65, 50)])
    apart = shapely.MultiPolygon([house(50, 200, 20), house(250, 200, 10)])
    clean, found = cleaned(town([near, apart], [4, 7], roads=[STREET], areas=[SQUARE]))
    assert set(found) == {"building_parts_apart"}
    assert sorted(clean.households.tolist()) == [1, 4, 6]
    assert Counter(clean.source) == {"row 1": 1, "row 2": 2}


def test_a_footprint_given_twice_counts_once_and_a_second_record_is_added() -> None:
    same = [house(50, 50), house(50.1, 50), house(50, 50)]
    clean, found = cleaned(town(same, [4, 4, 9], roads=[STREET], areas=[SQUARE]))
    assert len(clean.buildings) == 1
    left_out = sum(one.households for one in found.values())
    assert clean.households.sum() + left_out == 17
    assert found["building_twice"].households == 4
    assert found["building_inside_building"].count == 1


def test_parts_inside_a_building_belong_to_it_and_overlaps_are_named() -> None:
    shapes = [shapely.box(10, 10, 60, 40), house(20, 20), house(200, 200, 20), house(212, 200, 20)]
    clean, found = cleaned(town(shapes, [10, 2, 1, 1], roads=[STREET], areas=[SQUARE]))
    assert sorted(clean.households.tolist()) == [1, 1, 12]
    assert found["building_inside_building"].ids == ("row 2",)
    assert found["buildings_overlap"].count == 1


def test_areas_that_overlap_or_leave_a_crack_are_made_one_coverage() -> None:
    areas = [shapely.box(0, 0, 101, 300), shapely.box(100, 0, 200, 300), shapely.box(202, -10, 300, 310)]
    homes = [house(50, 50), house(150, 50), house(250, 50)]
    clean, found = cleaned(town(homes, roads=[STREET], areas=areas))
    assert found["areas_overlap"].count == 1
    assert shapely.coverage_is_valid(clean.areas)
    assert len(clean.areas) == 3


def test_islands_come_apart_and_empty_ones_are_left_out() -> None:
    area = shapely.MultiPolygon([SQUARE, shapely.box(400, 0, 450, 50), shapely.box(500, 0, 510, 10)])
    clean, found = cleaned(
        town([house(50, 50), house(420, 20)], roads=[STREET], areas=[area], names=["岛"], codes=["35"])
    )
    assert clean.area_names == ["岛", "岛"]
    assert clean.area_codes == ["35", "35"]
    assert found["area_islands"].count == 3
    assert found["area_island_empty"].what == "岛"


def test_a_hole_among_the_areas_and_an_area_without_homes_are_named() -> None:
    ring = SQUARE.difference(shapely.box(100, 100, 200, 200))
    _, found = cleaned(town([house(150, 150)], [5], roads=["LINESTRING (0 50, 300 50)"], areas=[ring]))
    assert found["area_hole"].where[0] == pytest.approx(119.0015, abs=1e-3)
    assert found["building_outside"].households == 5
    assert {"area_without_homes", "no_buildings"} <= set(found)


def test_areas_that_are_no_areas_are_named_and_all_homes_drawn_around() -> None:
    areas = [None, shapely.Point(3, 3), shapely.Polygon()]
    clean, found = cleaned(
        town([house(50, 50)], roads=["LINESTRING (0 50, 90 50)"], areas=areas, names=["a", "b", "c"])
    )
    assert "area_no_shape" in found
    assert "no_areas" in found
    assert len(clean.areas) == 1
    assert shapely.contains_properly(clean.areas[0], clean.buildings[0])


def test_without_borders_a_slip_of_the_pen_does_not_stretch_the_land() -> None:
    homes = [house(20 * at, 10) for at in range(20)]
    ground = town(homes, roads=["LINESTRING (0 0, 900 0)"])
    shapes = np.append(ground.buildings, shapely.Point(0, 0))
    extra = {name: np.append(getattr(ground, name), 1) for name in ("households", "weight", "units", "floors")}
    clean, found = cleaned(replace(ground, buildings=shapes, source=np.append(ground.source, "slip"), **extra))
    assert found["building_far"].ids == ("slip",)
    assert shapely.bounds(clean.areas[0])[0] > 118


def test_a_street_that_ends_short_is_joined_and_a_dead_end_named() -> None:
    roads = [STREET, "LINESTRING (100 145, 100 20)", "LINESTRING (200 150, 200 3)"]
    clean, found = cleaned(town([house(50, 50)], roads=roads, areas=[SQUARE]))
    assert found["street_dangling_joined"].count == 2
    assert found["street_dangling"].count == 1
    assert len(clean.roads) == 5


@pytest.mark.parametrize(
    "shape", [None, shapely.LineString(), shapely.Point(3, 3), shapely.LineString([(3, 3), (3, 3)])]
)
def test_a_road_without_length_is_named(shape: Any) -> None:
    clean, found = cleaned(town([house(50, 50)], roads=[STREET, shape], areas=[SQUARE]))
    assert set(found) == {"road_no_shape"}
    assert len(clean.roads) == 1


def test_a_square_among_the_roads_is_taken_by_its_edge_and_no_roads_is_said() -> None:
    clean, found = cleaned(town([house(50, 50)], roads=[STREET, shapely.box(100, 100, 130, 130)], areas=[SQUARE]))
    assert set(found) == {"road_mended"}
    assert (shapely.get_dimensions(clean.roads) == 1).all()
    assert "no_roads" in cleaned(town([house(50, 50)], areas=[SQUARE]))[1]
    assert "no_roads" in cleaned(town([house(50, 50)], roads=lattice(3), ranks=[0] * 4, areas=[SQUARE]))[1]


def test_water_is_mended_and_far_water_not_kept() -> None:
    water = [BOW, shapely.Point(3, 3), None, shapely.box(4000, 0, 5000, 10), "LINESTRING (0 20, 300 20)"]
    clean, found = cleaned(town([house(50, 50)], roads=[STREET], water=water, areas=[SQUARE]))
    assert {kind: one.count for kind, one in found.items() if kind.startswith("water")} == {
        "water_no_shape": 2, "water_mended": 1,
    }  # fmt: skip
    assert len(clean.water) == 2


def test_rows_come_in_an_order_of_position() -> None:
    clean, _ = cleaned(town([house(200, 50), house(50, 200), house(50, 50)], roads=[STREET], areas=[SQUARE]))
    assert list(clean.source) == ["row 3", "row 2", "row 1"]
